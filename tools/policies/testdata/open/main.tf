# Every way to open an administrator's port.

terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

resource "gcore_cloud_security_group" "web" {
  name = "web"

  rules = {
    ssh   = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "0.0.0.0/0" }
    among = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
  }
}

# Everything, to everybody.
resource "gcore_cloud_security_group" "database" {
  name = "database"
}

resource "gcore_cloud_security_group_rule_set" "database" {
  group_id = gcore_cloud_security_group.database.id

  rules = {
    all = { direction = "ingress", ethertype = "IPv6", protocol = "any", remote_ip_prefix = "::/0" }
  }
}

# The Internet in two halves.
resource "gcore_cloud_security_group" "bastion" {
  name = "bastion"
}

resource "gcore_cloud_security_group_rule" "half" {
  for_each = toset(["0.0.0.0/1", "128.0.0.0/1"])

  group_id         = gcore_cloud_security_group.bastion.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 3389
  port_range_max   = 3390
  remote_ip_prefix = each.key
}

# The API's own rules.
resource "gcore_cloud_security_group" "template" {
  name               = "template"
  keep_default_rules = true
}

module "child" {
  source   = "./child"
  for_each = toset(["a", "b"])

  name = each.key
}
