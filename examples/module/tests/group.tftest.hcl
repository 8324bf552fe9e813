# A group of the module's own: presets, entries and rules together.

variables {
  name        = "tftest-web"
  description = "Web servers"
  tags        = { team = "web" }

  presets = {
    https = { cidrs = ["0.0.0.0/0", "::/0"] }
    ssh   = { cidrs = ["203.0.113.0/24"], description = "Office" }
  }

  entries = {
    metrics = { protocols = ["tcp"], ports = ["9100-9110"], cidrs = { prometheus = "10.0.0.7" } }
    among   = { protocols = ["any"], self = true }
  }

  rules = {
    vrrp = { direction = "ingress", ethertype = "IPv4", protocol = "vrrp", self = true }
  }
}

run "all_of_it" {
  assert {
    condition = output.rule_keys == tolist([
      "egress-ipv4-icmp",
      "egress-ipv4-tcp-1-24",
      "egress-ipv4-tcp-26-65535",
      "egress-ipv4-udp-1-24",
      "egress-ipv4-udp-26-65535",
      "egress-ipv6-ipv6-icmp",
      "egress-ipv6-tcp-1-24",
      "egress-ipv6-tcp-26-65535",
      "egress-ipv6-udp-1-24",
      "egress-ipv6-udp-26-65535",
      "ingress-ipv4-all-from-self",
      "ingress-ipv4-tcp-22-from-203_0_113_0-24",
      "ingress-ipv4-tcp-443",
      "ingress-ipv6-tcp-443",
      "ingress-tcp-9100-9110-from-prometheus",
      "vrrp",
    ])
    error_message = "Other rules than wanted: ${jsonencode(output.rule_keys)}"
  }
  assert {
    condition     = output.group_id == gcore_cloud_security_group.this[0].id && length(gcore_cloud_security_group_rule.this) == 0
    error_message = "The group is not the module's own, or has single rules."
  }
  assert {
    condition     = gcore_cloud_security_group.this[0].tags == tomap({ team = "web" }) && gcore_cloud_security_group.this[0].description == "Web servers"
    error_message = "The group has other tags or another description."
  }
  assert {
    condition     = gcore_cloud_security_group.this[0].rules["ingress-ipv4-tcp-22-from-203_0_113_0-24"].description == "Office"
    error_message = "The preset's own description does not win."
  }
  assert {
    condition     = gcore_cloud_security_group.this[0].rules["ingress-ipv4-tcp-443"].description == "HTTPS"
    error_message = "The preset has no description."
  }
  assert {
    condition     = gcore_cloud_security_group.this[0].rules["ingress-tcp-9100-9110-from-prometheus"].remote_ip_prefix == "10.0.0.7"
    error_message = "The entry has another remote."
  }
}

run "one_cidr_more" {
  variables {
    presets = {
      https = { cidrs = ["0.0.0.0/0", "::/0"] }
      ssh   = { cidrs = ["198.51.100.0/24", "203.0.113.0/24"], description = "Office" }
    }
  }

  assert {
    condition = (
      length(output.rule_keys) == length(run.all_of_it.rule_keys) + 1 &&
      length(setsubtract(run.all_of_it.rule_keys, output.rule_keys)) == 0
    )
    error_message = "More than one rule changed: ${jsonencode(output.rule_keys)}"
  }
  assert {
    condition     = output.group_id == run.all_of_it.group_id
    error_message = "The group was made anew."
  }
}

run "nothing_out" {
  variables {
    egress  = "none"
    presets = {}
    entries = {}
    rules   = {}
  }

  assert {
    condition     = length(output.rule_keys) == 0 && length(gcore_cloud_security_group.this[0].rules) == 0
    error_message = "There are rules: ${jsonencode(output.rule_keys)}"
  }
}

# Only planned: in some accounts the API refuses these rules, since they cover port 25.
run "everything_out" {
  command = plan

  variables {
    egress  = "all"
    presets = {}
    entries = {}
    rules   = {}
  }

  assert {
    condition     = output.rule_keys == tolist(["egress-ipv4-all", "egress-ipv6-all"])
    error_message = "Other rules than wanted: ${jsonencode(output.rule_keys)}"
  }
}

run "everybody_may" {
  command = plan

  variables {
    public_admin_ports = "allow"
    presets            = {}
    entries            = {}
    rules = {
      ssh = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "0.0.0.0/0" }
    }
  }

  assert {
    condition     = gcore_cloud_security_group.this[0].public_admin_ports == "allow"
    error_message = "The group does not have the value."
  }
}

run "every_preset" {
  variables {
    presets = {
      for name in [
        "dns", "http", "https", "http3", "icmp", "imaps", "kubernetes_api", "mongodb", "mysql", "nfs", "node_exporter", "ntp",
        "postgresql", "rdp", "redis", "smtp", "ssh", "submission", "winrm", "wireguard",
      ] : name => { cidrs = ["10.0.0.0/8", "2001:db8::/32"] }
    }
    entries = {}
    rules   = {}
  }

  # Each for both IP versions; dns, rdp, submission and winrm are two rules, and the way out is ten.
  assert {
    condition     = length(output.rule_keys) == 2 * 24 + 10
    error_message = "${length(output.rule_keys)} rules: ${jsonencode(output.rule_keys)}"
  }
  assert {
    condition     = contains(output.rule_keys, "ingress-ipv6-ipv6-icmp-from-2001_db8__-32")
    error_message = "ICMP is not there for IPv6."
  }
}

run "not_at_all" {
  variables {
    create = false
  }

  assert {
    condition     = output.group_id == null && length(output.rule_keys) == 0 && length(gcore_cloud_security_group.this) == 0
    error_message = "Something was made."
  }
}
