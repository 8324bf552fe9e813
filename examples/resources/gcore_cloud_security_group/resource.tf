resource "gcore_cloud_security_group" "web" {
  name = "web"
  tags = { team = "web" }

  rules = {
    https   = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" }
    members = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
    dns_out = { direction = "egress", protocol = "udp", port_range_min = 53, port_range_max = 53 }
  }
}
