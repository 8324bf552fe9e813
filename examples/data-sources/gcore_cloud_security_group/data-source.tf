data "gcore_cloud_security_group" "web" {
  group_id = "2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40"
}

# By name and tags. Exactly one group must match all filters.
data "gcore_cloud_security_group" "database" {
  find_one_by = {
    name          = "database"
    tag_key       = ["stage"]
    tag_key_value = jsonencode({ team = "data" })
  }
}

# The instances that use a group, with one more request.
data "gcore_cloud_security_group" "default" {
  find_one_by    = { name = "default" }
  with_instances = true
}

output "in_default_group" {
  value = data.gcore_cloud_security_group.default.instances[*].name
}

# Refer to groups that are managed elsewhere.
resource "gcore_cloud_security_group_rule" "postgresql" {
  group_id        = data.gcore_cloud_security_group.database.id
  direction       = "ingress"
  ethertype       = "IPv4"
  protocol        = "tcp"
  port_range_min  = 5432
  port_range_max  = 5432
  remote_group_id = data.gcore_cloud_security_group.web.id
}

# `rules` contains all defaults, so conditions need no special cases.
output "open_to_the_world" {
  value = [
    for key, rule in data.gcore_cloud_security_group.web.rules : key
    if rule.direction == "ingress" && contains(["0.0.0.0/0", "::/0"], coalesce(rule.remote_ip_prefix, "none"))
  ]
}
