output "rule_ids" {
  description = "IDs of the rules that were added, by key."
  value       = module.office_access.rule_ids
}
