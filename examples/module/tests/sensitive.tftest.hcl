# Sensitive remotes are allowed in each input, and are in no key.

run "both_forms" {
  module {
    source = "./tests/sensitive"
  }

  assert {
    condition = output.own.keys == tolist([
      "full",
      "ingress-ipv4-tcp-443-from-10_0_0_0-8",
      "ingress-tcp-22-from-preset-ssh-1",
      "ingress-tcp-22-from-preset-ssh-2",
      "ingress-tcp-22-from-preset-ssh-3",
      "ingress-tcp-7001-from-whole_map-1",
      "ingress-tcp-7002-from-main",
      "ingress-tcp-7003-from-one_of_list-1",
      "ingress-tcp-7003-from-one_of_list-2",
      "ingress-tcp-7004-from-single_value-1",
    ])
    error_message = "Unexpected keys: ${jsonencode(output.own.keys)}"
  }
  assert {
    condition     = output.existing.keys == output.own.keys && keys(output.existing.rule_ids) == output.own.keys
    error_message = "The existing group has other rules: ${jsonencode(output.existing)}"
  }
  assert {
    condition     = output.sensitive == { own = true, existing = true, port = true }
    error_message = "A sensitive value is no longer sensitive: ${jsonencode(output.sensitive)}"
  }
  assert {
    condition     = alltrue([for rule in output.visible : rule.remote_ip_prefix == "10.0.0.0/8"])
    error_message = "A rule without sensitive values differs."
  }
  assert {
    condition = alltrue([for remotes in values(output.remotes) : [
      remotes["ingress-tcp-22-from-preset-ssh-2"],
      remotes["ingress-tcp-22-from-preset-ssh-3"],
      remotes["ingress-tcp-7001-from-whole_map-1"],
      remotes["ingress-tcp-7003-from-one_of_list-1"],
      remotes["full"],
    ] == ["198.51.100.7", "2001:db8::/32", "203.0.113.0/24", "10.0.0.0/8", "203.0.113.0/24"]])
    error_message = "A rule has another remote."
  }
}
