# What is there before the plan.

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
    http  = { direction = "ingress", protocol = "tcp", port_range_min = 80, port_range_max = 80, remote_ip_prefix = "0.0.0.0/0" }
    https = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0", description = "" }
    ssh   = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "203.0.113.0/24" }
    again = { direction = "ingress", protocol = "tcp", port_range_min = 8443, port_range_max = 8443, remote_ip_prefix = "10.0.0.0/8" }
  }
}

resource "gcore_cloud_security_group" "gone" {
  name = "gone"

  rules = {
    rdp = { direction = "ingress", protocol = "tcp", port_range_min = 3389, port_range_max = 3389, remote_ip_prefix = "0.0.0.0/0" }
  }
}

resource "gcore_cloud_security_group" "unmanaged" {
  name = "unmanaged"

  rules = {
    ssh = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "0.0.0.0/0" }
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
  remote_ip_prefix = "0.0.0.0/1"
}

resource "gcore_cloud_security_group_rule" "metrics" {
  group_id         = gcore_cloud_security_group.bastion.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 9100
  port_range_max   = 9100
  remote_ip_prefix = "10.0.0.0/8"
}
