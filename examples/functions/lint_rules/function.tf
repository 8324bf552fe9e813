variable "offices" {
  type    = map(string)
  default = { berlin = "198.51.100.0/24", vienna = "203.0.113.0/24" }
}

locals {
  rules = provider::gcore::expand_rules({
    https = { protocols = ["tcp"], ports = [443], cidrs = ["0.0.0.0/0", "::/0"] }
    ssh   = { protocols = ["tcp"], ports = [22], cidrs = var.offices }
  })

  # Empty. With { berlin = "198.51.100.0/24", guests = "198.51.100.64/26" } as offices:
  # [{ kind = "shadowed", keys = ["ingress-tcp-22-from-guests", "ingress-tcp-22-from-berlin"], text = "All that ... Remove ..." }]
  findings = provider::gcore::lint_rules(local.rules)
}

resource "gcore_cloud_security_group" "web" {
  name  = "web"
  rules = local.rules

  # Fails the plan if a rule has no effect.
  lifecycle {
    precondition {
      condition     = !contains(local.findings[*].kind, "shadowed")
      error_message = join(" ", local.findings[*].text)
    }
  }
}

# Warns if fewer rules would do.
check "rules" {
  assert {
    condition     = length(local.findings) == 0
    error_message = join(" ", local.findings[*].text)
  }
}
