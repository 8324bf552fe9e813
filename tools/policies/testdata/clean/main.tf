# Nothing to deny, nothing to warn of.

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
    https    = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" }
    https_v6 = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "::/0" }
    ssh      = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "203.0.113.0/24" }
    half     = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "0.0.0.0/1" }
    among    = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
    out      = { direction = "egress", protocol = "tcp", port_range_min = 26, port_range_max = 65535, remote_ip_prefix = "0.0.0.0/0" }
  }
}

resource "gcore_cloud_security_group" "database" {
  name = "database"
}

resource "gcore_cloud_security_group_rule_set" "database" {
  group_id = gcore_cloud_security_group.database.id

  rules = {
    postgres = { direction = "ingress", protocol = "tcp", port_range_min = 5432, port_range_max = 5432, remote_ip_prefix = "10.0.0.0/8" }
  }
}

resource "gcore_cloud_security_group" "bastion" {
  name = "bastion"
}

resource "gcore_cloud_security_group_rule" "ssh" {
  group_id         = gcore_cloud_security_group.bastion.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 22
  port_range_max   = 22
  remote_ip_prefix = "128.0.0.0/1"
}
