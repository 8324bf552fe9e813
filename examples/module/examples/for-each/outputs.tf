output "security_group_ids" {
  description = "IDs of the groups, by name."
  value       = { for name, group in module.security_group : name => group.security_group_id }
}
