terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore" # was G-Core/gcore
    }
  }
}

provider "gcore" {}

# resource "gcore_securitygroup" "web" {
#   name         = "web"
#   project_name = "production"
#   region_id    = 76
#   metadata_map = { team = "web" }
#
#   security_group_rules {
#     direction      = "ingress"
#     ethertype      = "IPv4"
#     protocol       = "tcp"
#     port_range_min = 443
#     port_range_max = 443
#   }
#   security_group_rules {
#     direction      = "egress"
#     ethertype      = "IPv4"
#     protocol       = "tcp"
#     port_range_min = 443
#     port_range_max = 443
#   }
# }

resource "gcore_cloud_security_group" "web" {
  name       = "web"
  project_id = 1 # the ID of the project: see terraform state show gcore_securitygroup.web
  region_id  = 76

  rules = {
    ingress-ipv4-tcp-443 = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    }
    egress-ipv4-tcp-443 = {
      direction      = "egress"
      protocol       = "tcp"
      port_range_min = 443
      port_range_max = 443
    }
  }

  tags = { team = "web" }
}

moved {
  from = gcore_securitygroup.web
  to   = gcore_cloud_security_group.web
}
