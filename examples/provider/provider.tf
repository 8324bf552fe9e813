terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

# The API key comes from the environment variable GCORE_API_KEY.
provider "gcore" {
  cloud_project_id = 1
  cloud_region_id  = 76

  default_tags = {
    managed_by = "terraform"
  }

  # No plan opens ssh, a database or the like to everybody, unless the resource says so itself.
  public_admin_ports = "deny"
}
