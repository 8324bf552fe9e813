locals {
  # As published by a partner: some are adjacent, one contains another.
  partner = [
    "198.51.100.0/25", "198.51.100.128/25",
    "203.0.113.7", "203.0.113.0/24",
    "2001:db8:8000::/33", "2001:db8::/33",
  ]
}

resource "gcore_cloud_security_group" "api" {
  name = "api"

  # Three rules instead of six, for 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32.
  rules = provider::gcore::expand_rules({
    partner = { protocols = ["tcp"], ports = [443], cidrs = provider::gcore::merge_cidrs(local.partner) }
  })
}
