terraform {
  required_version = ">= 1.8.0"

  required_providers {
    gcore = {
      source  = "gcore-community/gcore"
      version = ">= 0.1.0"
    }
  }
}
