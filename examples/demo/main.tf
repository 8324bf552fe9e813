# Two groups: the first has inline rules, the second has standalone rules.
# `make demo` applies this to a fake of the API, changes it and destroys it.

terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

# API key, project and region come from the environment: GCORE_API_KEY, GCORE_CLOUD_PROJECT_ID, GCORE_CLOUD_REGION_ID.
provider "gcore" {}

# The group has exactly these rules, under keys of your choice.
resource "gcore_cloud_security_group" "web" {
  name        = "demo-web"
  description = "Web servers"

  rules = {
    https = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
      description      = "HTTPS from anywhere"
    }
    ssh = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 22
      port_range_max   = 22
      remote_ip_prefix = var.office
      description      = "SSH from the office"
    }
    among_themselves = {
      direction   = "ingress"
      ethertype   = "IPv4"
      protocol    = "any"
      self        = true
      description = "Web servers reach each other"
    }
    https_out = {
      direction      = "egress"
      protocol       = "tcp"
      port_range_min = 443
      port_range_max = 443
      description    = "HTTPS to anywhere"
    }
    dns_out = {
      direction      = "egress"
      protocol       = "udp"
      port_range_min = 53
      port_range_max = 53
      description    = "DNS"
    }
  }

  tags = {
    team  = "web"
    stage = var.stage
  }
}

# Without `rules` the group's rules are not managed here. A new group starts without rules.
resource "gcore_cloud_security_group" "database" {
  name        = "demo-database"
  description = "Database servers"
}

resource "gcore_cloud_security_group_rule" "postgresql_from_web" {
  group_id        = gcore_cloud_security_group.database.id
  direction       = "ingress"
  ethertype       = "IPv4"
  protocol        = "tcp"
  port_range_min  = 5432
  port_range_max  = 5432
  remote_group_id = gcore_cloud_security_group.web.id
  description     = "PostgreSQL from the web servers"
}

resource "gcore_cloud_security_group_rule" "database_ping" {
  group_id         = gcore_cloud_security_group.database.id
  direction        = "ingress"
  protocol         = "icmp"
  remote_ip_prefix = "0.0.0.0/0"
  description      = "Ping"
}
