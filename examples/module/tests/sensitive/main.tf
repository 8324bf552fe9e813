# The module with sensitive remotes in each input, in both forms.

terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

variable "offices" {
  type      = list(string)
  default   = ["203.0.113.0/24", "198.51.100.7", "2001:db8::/32"]
  sensitive = true
}

variable "sites" {
  type      = map(string)
  default   = { main = "203.0.113.0/24" }
  sensitive = true
}

locals {
  presets = {
    https = { cidrs = ["10.0.0.0/8"] }
    ssh   = { cidrs = var.offices }
  }
  entries = {
    whole_map    = { protocols = ["tcp"], ports = [7001], cidrs = var.sites }
    named        = { protocols = ["tcp"], ports = [7002], cidrs = { main = var.sites["main"] } }
    one_of_list  = { protocols = ["tcp"], ports = [7003], cidrs = ["10.0.0.0/8", var.offices[0]] }
    single_value = { protocols = ["tcp"], ports = [7004], cidrs = var.offices[0] }
  }
  rules = {
    full = { direction = "ingress", protocol = "tcp", port_range_min = 7005, port_range_max = 7005, remote_ip_prefix = var.offices[0] }
  }
}

module "own" {
  source = "../../"

  name    = "tftest-sensitive"
  presets = local.presets
  entries = local.entries
  rules   = local.rules
  egress  = "none"
}

resource "gcore_cloud_security_group" "shared" {
  name = "tftest-sensitive-shared"
}

module "existing" {
  source = "../../"

  create_group      = false
  security_group_id = gcore_cloud_security_group.shared.id
  presets           = local.presets
  entries           = local.entries
  rules             = local.rules
}

# A sensitive port is in the key of its rule. A group of the module hides the rules then.
module "port" {
  source = "../../"

  name    = "tftest-sensitive-port"
  entries = { port = { protocols = ["tcp"], ports = [sensitive(7006)], self = true } }
}

# Each of these is an error if the module makes it sensitive.
output "own" {
  value = {
    id   = module.own.security_group_id
    name = module.own.security_group_name
    keys = keys(module.own.rules)
  }
}

output "existing" {
  value = {
    id       = module.existing.security_group_id
    keys     = keys(module.existing.rules)
    rule_ids = module.existing.rule_ids
  }
}

output "visible" {
  value = [module.own.rules["ingress-ipv4-tcp-443-from-10_0_0_0-8"], module.existing.rules["ingress-ipv4-tcp-443-from-10_0_0_0-8"]]
}

output "sensitive" {
  value = {
    own      = issensitive(module.own.rules["ingress-tcp-22-from-preset-ssh-1"].remote_ip_prefix)
    existing = issensitive(module.existing.rules["ingress-tcp-22-from-preset-ssh-1"].remote_ip_prefix)
    port     = issensitive(module.port.rules)
  }
}

output "remotes" {
  value     = { for name, rules in { own = module.own.rules, existing = module.existing.rules } : name => { for key, rule in rules : key => rule.remote_ip_prefix } }
  sensitive = true
}
