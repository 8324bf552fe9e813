terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

# The API key comes from the environment variable GCORE_API_KEY.
provider "gcore" {
  cloud_project_id = 1
  cloud_region_id  = 76

  # A plan for another project fails before a request is sent.
  allowed_project_ids = [1]

  default_tags = {
    managed_by = "terraform"
  }
}

# The group allows only the traffic that its rules name.
resource "gcore_cloud_security_group" "web" {
  name = "web"

  rules = {
    https = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    }
    ssh = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 22
      port_range_max   = 22
      remote_ip_prefix = "203.0.113.0/24"
    }
    https_out = {
      direction      = "egress"
      protocol       = "tcp"
      port_range_min = 443
      port_range_max = 443
    }
    dns_out = {
      direction      = "egress"
      protocol       = "udp"
      port_range_min = 53
      port_range_max = 53
    }
  }
}
