# All groups of the project and region.
data "gcore_cloud_security_groups" "all" {}

# Groups that match every filter.
data "gcore_cloud_security_groups" "web" {
  name_regex    = "^web"
  tag_key_value = jsonencode({ team = "web" })
}

output "ids_by_name" {
  # Names need not be unique: each maps to a list of IDs.
  value = { for group in data.gcore_cloud_security_groups.all.items : group.name => group.id... }
}

output "without_rules" {
  value = [for group in data.gcore_cloud_security_groups.all.items : group.id if length(group.rules) == 0]
}
