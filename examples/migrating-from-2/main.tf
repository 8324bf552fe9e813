terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore" # was G-Core/gcore
    }
  }
}

provider "gcore" {}

resource "gcore_cloud_security_group" "web" {
  name        = "web"
  description = "front end"

  # The list is a map now. Under these keys the first plan is empty. An ingress rule for everybody names 0.0.0.0/0.
  rules = {
    ingress-ipv4-tcp-443 = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    }
    ingress-ipv4-tcp-22-from-203_0_113_0-24 = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 22
      port_range_max   = 22
      remote_ip_prefix = "203.0.113.0/24"
    }
    egress-ipv4-tcp-443 = {
      direction      = "egress"
      protocol       = "tcp"
      port_range_min = 443
      port_range_max = 443
    }
  }
}

# A long list can stay a list.
resource "gcore_cloud_security_group" "workers" {
  name = "workers"

  rules = provider::gcore::rules_from_list([
    for port in range(8000, 8010) : {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = port
      port_range_max   = port
      remote_ip_prefix = "10.0.0.0/8"
    }
  ])
}

# A group whose rules are resources of their own stays as it is. So do they, but for one line in ingress rules that had no remote.
resource "gcore_cloud_security_group" "database" {
  name = "database"
}

resource "gcore_cloud_security_group_rule" "postgresql" {
  group_id         = gcore_cloud_security_group.database.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 5432
  port_range_max   = 5432
  remote_ip_prefix = "0.0.0.0/0" # new: 2.x treats a missing remote as everybody
}
