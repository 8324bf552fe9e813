provider "gcore" {}

locals {
  groups = {
    web      = { https = { cidrs = ["0.0.0.0/0", "::/0"] } }
    database = { postgresql = { cidrs = ["10.0.0.0/24"] } }
    cache    = { redis = { cidrs = ["10.0.0.0/24"] }, memcached = { cidrs = ["10.0.0.0/24"] } }
  }
}

module "security_group" {
  source   = "../../"
  for_each = local.groups

  name    = each.key
  presets = each.value
  tags    = { role = each.key }
}
