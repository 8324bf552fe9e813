resource "gcore_cloud_security_group" "web" {
  name = "web"
  tags = { team = "web" }

  rules = {
    https   = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" }
    members = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
    dns_out = { direction = "egress", protocol = "udp", port_range_min = 53, port_range_max = 53 }

    # ICMP has a type and a code in place of ports: 8 and 0 are an echo request.
    ping = { direction = "ingress", protocol = "icmp", port_range_min = 8, port_range_max = 0, remote_ip_prefix = "0.0.0.0/0" }
  }
}

# Ingress from the members of another group, one rule for each port.
resource "gcore_cloud_security_group" "database" {
  name = "database"

  rules = { for name, port in { postgresql = 5432, metrics = 9187 } : name => {
    direction       = "ingress"
    ethertype       = "IPv4"
    protocol        = "tcp"
    port_range_min  = port
    port_range_max  = port
    remote_group_id = gcore_cloud_security_group.web.id
  } }
}

# Without inline rules: other resources, or nobody, manage them.
resource "gcore_cloud_security_group" "shared" {
  name     = "shared"
  timeouts = { create = "5m", delete = "15m" }
}
