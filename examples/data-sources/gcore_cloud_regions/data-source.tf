# All regions that the API key can access.
data "gcore_cloud_regions" "all" {}

# Look up the ID by name.
resource "gcore_cloud_security_group" "web" {
  region_id = data.gcore_cloud_regions.all.ids["Luxembourg-2"]
  name      = "web"
}

output "regions_in_use" {
  value = [for region in data.gcore_cloud_regions.all.items : region.display_name if region.state == "ACTIVE"]
}
