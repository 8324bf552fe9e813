# Gcore's own provider for everything except security groups.

terraform {
  required_providers {
    gcore = {
      source  = "G-Core/gcore"
      version = "2.0.0-alpha.11"
    }
    gcore-community = {
      source = "gcore-community/gcore"
    }
  }
}

# Both read GCORE_API_KEY, GCORE_CLOUD_PROJECT_ID and GCORE_CLOUD_REGION_ID.
provider "gcore" {}

provider "gcore-community" {}

# Types that begin with gcore_ use the provider named gcore unless `provider` names another.
resource "gcore_cloud_security_group" "web" {
  provider = gcore-community

  name = "web"
  rules = {
    https = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    }
  }
}
