locals {
  offices = ["198.51.100.0/24", "203.0.113.0/24"]
  guests  = ["203.0.113.64/26"]
}

resource "gcore_cloud_security_group" "intranet" {
  name = "intranet"

  # Rules for 198.51.100.0/24, 203.0.113.0/26 and 203.0.113.128/25.
  rules = provider::gcore::expand_rules({
    https = { protocols = ["tcp"], ports = [443], cidrs = provider::gcore::cidrs_subtract(local.offices, local.guests) }
  })
}
