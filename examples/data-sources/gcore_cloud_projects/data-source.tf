# All projects that the API key can access.
data "gcore_cloud_projects" "all" {}

# Look up the ID by name.
resource "gcore_cloud_security_group" "web" {
  project_id = data.gcore_cloud_projects.all.ids["production"]
  region_id  = 76
  name       = "web"
}

output "default_project" {
  value = one([for project in data.gcore_cloud_projects.all.items : project.name if project.is_default])
}
