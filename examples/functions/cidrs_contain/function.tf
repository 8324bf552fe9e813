locals {
  # The company's networks, and those of its administrators.
  company = ["198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"]
  admins  = ["198.51.100.7", "203.0.113.0/25", "2001:db8:1::/48"]
}

resource "gcore_cloud_security_group" "bastion" {
  name = "bastion"
  rules = provider::gcore::expand_rules({
    ssh = { protocols = ["tcp"], ports = [22], cidrs = local.admins }
  })

  # Fails the plan.
  lifecycle {
    precondition {
      condition     = provider::gcore::cidrs_contain(local.company, local.admins)
      error_message = "Not a network of the company: ${join(", ", provider::gcore::cidrs_subtract(local.admins, local.company))}."
    }
  }
}
