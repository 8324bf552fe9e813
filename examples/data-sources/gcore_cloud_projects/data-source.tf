# All projects that the API key may see.
data "gcore_cloud_projects" "all" {}

# A name in place of a number.
resource "gcore_cloud_security_group" "web" {
  project_id = data.gcore_cloud_projects.all.ids["production"]
  region_id  = 76
  name       = "web"
}

output "default_project" {
  value = one([for project in data.gcore_cloud_projects.all.items : project.name if project.is_default])
}
