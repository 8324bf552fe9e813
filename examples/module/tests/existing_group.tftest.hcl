# Rules for a group of somebody else, whose own rule stays.

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "added" {
  variables {
    create_group       = false
    group_id           = run.setup.group_id
    public_admin_ports = "deny"

    presets = { postgresql = { remote_group_ids = { shared = run.setup.group_id } } }
    entries = { among = { protocols = ["udp"], ports = [7946], self = true } }
    rules   = { ssh = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "203.0.113.0/24" } }
  }

  assert {
    condition     = output.group_id == run.setup.group_id && length(gcore_cloud_security_group.this) == 0
    error_message = "The group is another one."
  }
  # Nothing is let out: that is for the group's owner to say.
  assert {
    condition     = output.rule_keys == tolist(["ingress-ipv4-tcp-5432-from-shared", "ingress-ipv4-udp-7946-from-self", "ssh"])
    error_message = "Other rules than wanted: ${jsonencode(output.rule_keys)}"
  }
  assert {
    condition     = gcore_cloud_security_group_rule.this["ingress-ipv4-udp-7946-from-self"].remote_group_id == run.setup.group_id
    error_message = "self is another group."
  }
  assert {
    condition     = gcore_cloud_security_group_rule.this["ssh"].public_admin_ports == "deny"
    error_message = "The rules do not have the value."
  }
}

# Were their rule gone, the plan would have to make it, and its id would be unknown.
run "theirs_is_there" {
  command = plan

  module {
    source = "./tests/setup"
  }

  assert {
    condition     = output.rule_id == run.setup.rule_id
    error_message = "The rule of the group's owner is another one."
  }
}

run "nothing_of_ours" {
  variables {
    create       = false
    create_group = false
    group_id     = run.setup.group_id
    rules        = { ssh = { direction = "ingress", protocol = "any", remote_ip_prefix = "0.0.0.0/0" } }
  }

  assert {
    condition     = length(gcore_cloud_security_group_rule.this) == 0 && output.group_id == null
    error_message = "Rules are left, or a group that has none."
  }
}
