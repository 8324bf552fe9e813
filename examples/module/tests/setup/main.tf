# A group of another owner, with a rule.

terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

resource "gcore_cloud_security_group" "shared" {
  name = "tftest-shared"
}

resource "gcore_cloud_security_group_rule" "owner" {
  group_id         = gcore_cloud_security_group.shared.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 25
  port_range_max   = 25
  remote_ip_prefix = "192.0.2.0/24"
}

output "security_group_id" {
  value = gcore_cloud_security_group.shared.id
}

output "rule_id" {
  value = gcore_cloud_security_group_rule.owner.id
}
