# A group without inline rules.
resource "gcore_cloud_security_group" "database" {
  name = "database"
}

resource "gcore_cloud_security_group_rule" "postgresql" {
  group_id         = gcore_cloud_security_group.database.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 5432
  port_range_max   = 5432
  remote_ip_prefix = "10.0.0.0/8"
  description      = "PostgreSQL from the private network"
}

# Ingress from the members of a group, here of the group itself.
resource "gcore_cloud_security_group_rule" "replication" {
  group_id        = gcore_cloud_security_group.database.id
  direction       = "ingress"
  ethertype       = "IPv4"
  protocol        = "tcp"
  port_range_min  = 5433
  port_range_max  = 5433
  remote_group_id = gcore_cloud_security_group.database.id
}

# HTTPS egress to everywhere, one rule for each IP version.
resource "gcore_cloud_security_group_rule" "https_out" {
  for_each = toset(["IPv4", "IPv6"])

  group_id       = gcore_cloud_security_group.database.id
  direction      = "egress"
  ethertype      = each.key
  protocol       = "tcp"
  port_range_min = 443
  port_range_max = 443
}
