output "security_group_id" {
  description = "ID of the security group that has the rules. Null with `create = false`."
  value       = !var.create ? null : var.create_group ? one(gcore_cloud_security_group.this[*].id) : var.security_group_id
}

output "security_group_name" {
  description = "Name of the security group that the module created, else null."
  value       = one(gcore_cloud_security_group.this[*].name)
}

output "security_group_project_id" {
  description = "Project ID of the security group. Null if the module created nothing."
  value       = one(distinct(concat(gcore_cloud_security_group.this[*].project_id, values(gcore_cloud_security_group_rule.this)[*].project_id)))
}

output "security_group_region_id" {
  description = "Region ID of the security group. Null if the module created nothing."
  value       = one(distinct(concat(gcore_cloud_security_group.this[*].region_id, values(gcore_cloud_security_group_rule.this)[*].region_id)))
}

output "rules" {
  description = "The rules, by key, with the attributes of `rules`. Those of sensitive inputs are sensitive."
  value = tomap(merge({
    for key, rule in gcore_cloud_security_group_rule.this : key => {
      direction        = rule.direction
      ethertype        = rule.ethertype
      protocol         = rule.protocol
      port_range_min   = rule.port_range_min
      port_range_max   = rule.port_range_max
      remote_ip_prefix = rule.remote_ip_prefix
      remote_group_id  = rule.remote_group_id
      self             = false
      description      = rule.description
    }
  }, gcore_cloud_security_group.this[*].rules...))
}

output "rule_ids" {
  description = "IDs of the rules in an existing security group, by key. Empty with `create_group = true`, since the rules belong to the group there."
  value       = tomap({ for key, rule in gcore_cloud_security_group_rule.this : key => rule.id })
}
