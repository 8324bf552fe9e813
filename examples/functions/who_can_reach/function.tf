locals {
  offices = ["203.0.113.0/24", "2001:db8::/32"]

  rules = provider::gcore::expand_rules({
    https = { protocols = ["tcp"], ports = [443], cidrs = ["0.0.0.0/0", "::/0"] }
    ssh   = { protocols = ["tcp"], ports = ["20-22"], cidrs = ["203.0.113.0/25", "203.0.113.128/25"] }
    among = { protocols = ["any"], self = true }
  })

  # { cidrs = ["203.0.113.0/24"], keys = ["ingress-ipv4-all-from-self", ...], remote_group_ids = [], self = true }
  ssh = provider::gcore::who_can_reach(local.rules, { protocol = "tcp", port = 22 })
}

resource "gcore_cloud_security_group" "web" {
  name  = "web"
  rules = local.rules
}

# Warns in every plan and apply. To fail instead, use a precondition in the lifecycle block of the group.
check "ssh_from_offices" {
  assert {
    condition     = provider::gcore::cidrs_contain(local.offices, local.ssh.cidrs) && length(local.ssh.remote_group_ids) == 0
    error_message = "Port 22 is open to more than the offices, by ${join(", ", local.ssh.keys)}."
  }
}

# Policies can read outputs. In Rego, with the plan from `terraform show -json`:
# deny contains "ssh is open" if "0.0.0.0/0" in input.planned_values.outputs.ssh.value.cidrs
output "ssh" {
  value = local.ssh
}
