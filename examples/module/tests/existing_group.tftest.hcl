# Rules in an existing group, which keeps its other rules.

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "added" {
  variables {
    create_group       = false
    security_group_id  = run.setup.security_group_id
    public_admin_ports = "deny"

    presets = { postgresql = { remote_group_ids = { shared = run.setup.security_group_id } } }
    entries = { gossip = { protocols = ["udp"], ports = [7946], self = true } }
    rules   = { ssh = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "203.0.113.0/24" } }
  }

  assert {
    condition     = output.security_group_id == var.security_group_id && length(gcore_cloud_security_group.this) == 0
    error_message = "The module does not use the existing group."
  }
  # Egress is up to the owner of the group.
  assert {
    condition     = keys(output.rules) == tolist(["ingress-ipv4-tcp-5432-from-shared", "ingress-ipv4-udp-7946-from-self", "ssh"])
    error_message = "Unexpected rules: ${jsonencode(keys(output.rules))}"
  }
  assert {
    condition     = keys(output.rule_ids) == keys(output.rules) && length(distinct(values(output.rule_ids))) == 3
    error_message = "rule_ids does not hold the id of each rule."
  }
  assert {
    condition = jsonencode(output.rules["ssh"]) == jsonencode({
      direction        = "ingress"
      ethertype        = "IPv4"
      protocol         = "tcp"
      port_range_min   = 22
      port_range_max   = 22
      remote_ip_prefix = "203.0.113.0/24"
      remote_group_id  = null
      self             = false
      description      = ""
    })
    error_message = "Unexpected attributes: ${jsonencode(output.rules["ssh"])}"
  }
  assert {
    condition     = output.rules["ingress-ipv4-udp-7946-from-self"].remote_group_id == var.security_group_id
    error_message = "The remote of a rule with self = true is not the group."
  }
  assert {
    condition     = gcore_cloud_security_group_rule.this["ssh"].public_admin_ports == "deny"
    error_message = "The rules do not have public_admin_ports."
  }
  assert {
    condition     = output.security_group_name == null && output.security_group_project_id != null && output.security_group_region_id != null
    error_message = "Unexpected outputs: ${jsonencode([output.security_group_name, output.security_group_project_id, output.security_group_region_id])}"
  }
}

# If the rule of the owner were gone, the plan would create it, and its id would be unknown: an error.
run "owner_keeps_its_rule" {
  command = plan

  module {
    source = "./tests/setup"
  }

  assert {
    condition     = length(output.rule_id) > 0
    error_message = "The rule of the owner has no id."
  }
}

run "rules_removed" {
  variables {
    create_group      = false
    security_group_id = run.setup.security_group_id
    rules             = { https = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" } }
  }

  assert {
    condition     = keys(output.rule_ids) == tolist(["https"])
    error_message = "Unexpected rules: ${jsonencode(keys(output.rule_ids))}"
  }
}

run "create_is_false" {
  variables {
    create            = false
    create_group      = false
    security_group_id = run.setup.security_group_id
    rules             = { https = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" } }
  }

  assert {
    condition     = length(gcore_cloud_security_group_rule.this) == 0 && length(output.rules) == 0 && length(output.rule_ids) == 0
    error_message = "There are rules."
  }
  assert {
    condition     = output.security_group_id == null && output.security_group_project_id == null && output.security_group_region_id == null
    error_message = "There is a group."
  }
}
