terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

variable "group_id" {
  type = string
}

variable "office" {
  type = string
}

resource "gcore_cloud_security_group_rule" "ssh" {
  group_id         = var.group_id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 22
  port_range_max   = 22
  remote_ip_prefix = var.office
}

resource "gcore_cloud_security_group_rule" "rdp" {
  group_id         = var.group_id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 3389
  port_range_max   = 3389
  remote_ip_prefix = "::/0"
}
