# A first plan: what depends on objects that do not exist yet is unknown.

terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

resource "terraform_data" "office" {
  input = "0.0.0.0/0"
}

resource "gcore_cloud_security_group" "web" {
  name = "web"

  rules = {
    https = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" }
    ssh   = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = terraform_data.office.output }
  }
}

resource "gcore_cloud_security_group" "database" {
  name = "database"

  rules = {
    postgres = { direction = "ingress", ethertype = "IPv4", protocol = "tcp", port_range_min = 5432, port_range_max = 5432, remote_group_id = gcore_cloud_security_group.web.id }
    # An unknown remote of a port that is no administrator's does not matter.
    metrics = { direction = "ingress", ethertype = "IPv4", protocol = "tcp", port_range_min = 9100, port_range_max = 9100, remote_group_id = gcore_cloud_security_group.web.id }
  }
}

# The keys of the rules depend on the CIDR.
resource "gcore_cloud_security_group" "keys" {
  name  = "keys"
  rules = provider::gcore::expand_rules({ ssh = { protocols = ["tcp"], ports = [22], cidrs = [terraform_data.office.output] } })
}

resource "gcore_cloud_security_group" "bastion" {
  name = "bastion"
}

# Whether the group keeps the API's own rules depends on an object, and the rule set beside it says that they are managed.
resource "terraform_data" "keeps" {
  input = true
}

resource "gcore_cloud_security_group" "template" {
  name               = "template"
  keep_default_rules = terraform_data.keeps.output
}

resource "gcore_cloud_security_group_rule_set" "template" {
  group_id = gcore_cloud_security_group.template.id
  rules    = {}
}

# Whose group it is does not show in the plan.
module "child" {
  source = "./child"

  group_id = gcore_cloud_security_group.bastion.id
  office   = terraform_data.office.output
}
