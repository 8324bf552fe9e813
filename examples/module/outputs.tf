output "group_id" {
  description = "Id of the group that has the rules, or null."
  value       = !var.create ? null : var.create_group ? one(gcore_cloud_security_group.this[*].id) : var.group_id

  precondition {
    condition     = !var.create || var.create_group || var.group_id != null
    error_message = "create_group is false and group_id is missing. Give the id of the group to add the rules to."
  }
}

output "rule_keys" {
  description = "The names of the rules, sorted: those of `rules`, and readable ones for the others."
  value       = var.create ? keys(local.rules) : []

  precondition {
    condition     = length(local.unknown_presets) == 0
    error_message = "No preset is called ${join(", ", local.unknown_presets)}. There are ${join(", ", keys(local.services))}."
  }
  precondition {
    condition     = length(local.open_presets) == 0
    error_message = "The presets ${join(", ", local.open_presets)} would be open to everywhere. Give narrower cidrs; if it has to be, write the rule in entries or rules."
  }
}
