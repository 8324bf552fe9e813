resource "gcore_cloud_security_group" "web" {
  name = "web"
}

resource "gcore_cloud_security_group_rule" "https" {
  group_id         = gcore_cloud_security_group.web.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 443
  port_range_max   = 443
  remote_ip_prefix = "10.0.0.0/8"
}

resource "gcore_cloud_security_group_rule" "ssh" {
  group_id         = gcore_cloud_security_group.web.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 22
  port_range_max   = 22
  remote_ip_prefix = "192.0.2.0/24"
  description      = "admins"
}

# The IDs of the rules, by their content.
data "gcore_cloud_security_group" "web" {
  find_one_by = { name = "web" }
}

locals {
  rule_ids = {
    for rule in data.gcore_cloud_security_group.web.security_group_rules :
    join(" ", compact([rule.direction, rule.protocol, rule.port_range_min, rule.remote_ip_prefix])) => "${rule.security_group_id}/${rule.id}"...
  }
}

import {
  to = gcore_cloud_security_group_rule.https
  id = local.rule_ids["ingress tcp 443 10.0.0.0/8"][0]
}

import {
  to = gcore_cloud_security_group_rule.ssh
  id = local.rule_ids["ingress tcp 22 192.0.2.0/24"][0]
}
