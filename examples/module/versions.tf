terraform {
  # Functions of providers came with Terraform 1.8 and OpenTofu 1.7.
  required_version = ">= 1.7"

  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}
