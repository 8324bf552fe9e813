locals {
  # A list of rules, as in Gcore's own provider.
  rules = [
    {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    },
    {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 22
      port_range_max   = 22
      remote_ip_prefix = "203.0.113.0/24"
    },
    {
      direction      = "egress"
      protocol       = "tcp"
      port_range_min = 443
      port_range_max = 443
    },
  ]
}

# The keys are ingress-ipv4-tcp-443, ingress-ipv4-tcp-22-from-203_0_113_0-24 and egress-ipv4-tcp-443.
resource "gcore_cloud_security_group" "web" {
  name  = "web"
  rules = provider::gcore::rules_from_list(local.rules)
}
