output "security_group_id" {
  description = "ID of the group of the web servers, for the ports of the instances."
  value       = module.web.security_group_id
}

output "rules" {
  description = "The rules of the web servers, by key."
  value       = module.web.rules
}
