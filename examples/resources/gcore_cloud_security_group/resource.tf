# Exactly these rules: what anybody adds elsewhere shows in the next plan, and goes with its apply.
resource "gcore_cloud_security_group" "web" {
  name        = "web"
  description = "Web servers"

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
      description      = "From the office"
    }
    # For icmp the first port is the type, the second the code: 8 is an echo request.
    ping = {
      direction        = "ingress"
      protocol         = "icmp"
      port_range_min   = 8
      port_range_max   = 0
      remote_ip_prefix = "0.0.0.0/0"
    }
    among_themselves = {
      direction = "ingress"
      ethertype = "IPv4"
      protocol  = "any"
      self      = true
    }
    # Only what is named gets out: here HTTPS and DNS.
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

  tags = {
    team = "web"
  }
}

# A map can be computed as well.
locals {
  ports = {
    postgresql = 5432
    metrics    = 9187
  }
}

resource "gcore_cloud_security_group" "database" {
  name = "database"

  rules = {
    for name, port in local.ports : name => {
      direction       = "ingress"
      ethertype       = "IPv4"
      protocol        = "tcp"
      port_range_min  = port
      port_range_max  = port
      remote_group_id = gcore_cloud_security_group.web.id
    }
  }
}

# No rules at all: nothing gets in or out.
resource "gcore_cloud_security_group" "closed" {
  name  = "closed"
  rules = {}
}

# Rules that are not managed here: single ones come from gcore_cloud_security_group_rule.
resource "gcore_cloud_security_group" "shared" {
  name = "shared"

  timeouts = {
    create = "5m"
    delete = "15m"
  }
}
