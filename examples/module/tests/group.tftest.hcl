# A group that the module creates: presets, entries and rules together.

variables {
  name        = "tftest-web"
  description = "Web servers"
  tags        = { team = "web" }

  presets = {
    https    = { cidrs = ["0.0.0.0/0", "::/0"] }
    ssh      = { cidrs = ["203.0.113.0/24"], description = "Office" }
    admin    = { service = "https", ports = [8443, "9443-9445"], cidrs = ["203.0.113.0/24"] }
    database = { service = "postgresql", direction = "egress", cidrs = ["10.0.0.5"] }
    rdp      = null
  }

  entries = {
    metrics = { protocols = ["tcp"], ports = ["9100-9110"], cidrs = { prometheus = "10.0.0.7" } }
    members = { protocols = ["any"], self = true }
  }

  rules = {
    vrrp = { direction = "ingress", ethertype = "IPv4", protocol = "vrrp", self = true }
  }

  ignore_rules = [{ direction = "ingress", description_prefix = "lb-" }]
}

run "all_inputs" {
  assert {
    condition = keys(output.rules) == tolist([
      "egress-ipv4-icmp",
      "egress-ipv4-tcp-1-24",
      "egress-ipv4-tcp-26-65535",
      "egress-ipv4-tcp-5432-to-10_0_0_5-32",
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
      "ingress-ipv4-tcp-8443-from-203_0_113_0-24",
      "ingress-ipv4-tcp-9443-9445-from-203_0_113_0-24",
      "ingress-ipv6-tcp-443",
      "ingress-tcp-9100-9110-from-prometheus",
      "vrrp",
    ])
    error_message = "Unexpected rules: ${jsonencode(keys(output.rules))}"
  }
  assert {
    condition     = output.security_group_id == gcore_cloud_security_group.this[0].id && output.security_group_name == "tftest-web"
    error_message = "The outputs are not those of the group."
  }
  assert {
    condition = (
      output.security_group_project_id == gcore_cloud_security_group.this[0].project_id &&
      output.security_group_region_id == gcore_cloud_security_group.this[0].region_id
    )
    error_message = "The outputs do not have the place of the group."
  }
  assert {
    condition     = length(gcore_cloud_security_group_rule.this) == 0 && length(output.rule_ids) == 0
    error_message = "There are standalone rules."
  }
  assert {
    condition     = gcore_cloud_security_group.this[0].tags == tomap({ team = "web" }) && gcore_cloud_security_group.this[0].description == "Web servers"
    error_message = "The group has other tags or another description."
  }
  assert {
    condition     = output.rules["ingress-ipv4-tcp-22-from-203_0_113_0-24"].description == "Office" && output.rules["ingress-ipv4-tcp-443"].description == "HTTPS"
    error_message = "A preset has another description."
  }
  assert {
    condition     = output.rules["ingress-tcp-9100-9110-from-prometheus"].remote_ip_prefix == "10.0.0.7" && output.rules["vrrp"].self
    error_message = "A rule has another remote."
  }
  assert {
    condition     = length(gcore_cloud_security_group.this[0].ignore_rules) == 1 && gcore_cloud_security_group.this[0].ignore_rules[0].description_prefix == "lb-"
    error_message = "The group does not have ignore_rules."
  }
}

# A group that is replaced has an unknown id in the plan: an error.
run "one_cidr_more" {
  command = plan

  variables {
    presets = {
      https    = { cidrs = ["0.0.0.0/0", "::/0"] }
      ssh      = { cidrs = ["198.51.100.0/24", "203.0.113.0/24"], description = "Office" }
      admin    = { service = "https", ports = [8443, "9443-9445"], cidrs = ["203.0.113.0/24"] }
      database = { service = "postgresql", direction = "egress", cidrs = ["10.0.0.5"] }
    }
  }

  assert {
    condition     = length(output.security_group_id) > 0
    error_message = "The group has no id."
  }
  assert {
    condition     = length(output.rules) == 20 && contains(keys(output.rules), "ingress-ipv4-tcp-22-from-198_51_100_0-24")
    error_message = "Not one rule more: ${jsonencode(keys(output.rules))}"
  }
}

run "no_rules" {
  variables {
    description  = null
    tags         = {}
    egress       = "none"
    presets      = {}
    entries      = {}
    rules        = {}
    ignore_rules = []
  }

  assert {
    condition     = length(output.rules) == 0 && length(gcore_cloud_security_group.this[0].rules) == 0
    error_message = "There are rules: ${jsonencode(keys(output.rules))}"
  }
  assert {
    condition     = gcore_cloud_security_group.this[0].description == "" && length(gcore_cloud_security_group.this[0].tags) == 0
    error_message = "The group has a description or tags."
  }
}

# Only planned: in some accounts the API refuses these rules, since they cover port 25.
run "all_egress" {
  command = plan

  variables {
    egress  = "all"
    presets = {}
    entries = {}
    rules   = {}
  }

  assert {
    condition     = keys(output.rules) == tolist(["egress-ipv4-all", "egress-ipv6-all"])
    error_message = "Unexpected rules: ${jsonencode(keys(output.rules))}"
  }
}

run "public_admin_ports" {
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
    error_message = "The group does not have public_admin_ports."
  }
}

run "every_preset" {
  variables {
    presets = {
      for name in [
        "cassandra", "clickhouse", "consul", "couchdb", "dns", "dns_over_tls", "docker", "elasticsearch", "etcd", "grafana", "http", "http3",
        "https", "icmp", "imaps", "influxdb", "kafka", "kubelet", "kubernetes_api", "ldap", "ldaps", "memcached", "mongodb", "mqtts", "mssql",
        "mysql", "nats", "nfs", "node_exporter", "ntp", "openvpn", "oracle", "pop3s", "postgresql", "prometheus", "rabbitmq", "rdp", "redis",
        "smb", "smtp", "ssh", "submission", "syslog", "vault", "vnc", "winrm", "wireguard",
      ] : name => { cidrs = ["10.0.0.0/8", "2001:db8::/32"] }
    }
    egress  = "none"
    entries = {}
    rules   = {}
  }

  # 47 presets, of which 10 are two rules, over both IP versions.
  assert {
    condition     = length(output.rules) == 2 * 57
    error_message = "${length(output.rules)} rules: ${jsonencode(keys(output.rules))}"
  }
  assert {
    condition     = contains(keys(output.rules), "ingress-ipv6-ipv6-icmp-from-2001_db8__-32")
    error_message = "ICMP is missing for IPv6."
  }
}

# The provider refuses ports for administration and databases here.
run "every_preset_that_may_be_public" {
  command = plan

  variables {
    presets = {
      for name in [
        "dns", "dns_over_tls", "grafana", "http", "http3", "https", "icmp", "imaps", "mqtts", "ntp", "openvpn", "pop3s", "smtp", "submission", "wireguard",
      ] : name => { cidrs = ["0.0.0.0/0", "::/0"] }
    }
    public_admin_ports = "deny"
  }
}

run "create_is_false" {
  variables {
    create = false
  }

  assert {
    condition     = output.security_group_id == null && output.security_group_name == null && length(output.rules) == 0 && length(gcore_cloud_security_group.this) == 0
    error_message = "The module created something."
  }
}
