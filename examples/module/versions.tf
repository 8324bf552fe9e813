terraform {
  # The provider needs Terraform 1.8 or later, or OpenTofu 1.12 or later.
  required_version = ">= 1.8.0"

  required_providers {
    gcore = {
      source  = "gcore-community/gcore"
      version = ">= 0.1.0"
    }
  }
}
