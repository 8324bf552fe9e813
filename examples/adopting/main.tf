terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

# API key, project and region come from the environment: GCORE_API_KEY, GCORE_CLOUD_PROJECT_ID, GCORE_CLOUD_REGION_ID.
provider "gcore" {}

data "gcore_cloud_security_groups" "portal" {}

# One import block for each group. The ID makes the resource names unique.
output "import_blocks" {
  value = join("", [
    for group in data.gcore_cloud_security_groups.portal.items : <<-EOT
      import {
        to = gcore_cloud_security_group.${replace("sg_${group.name}_${substr(group.id, 0, 8)}", "/[^a-zA-Z0-9_]+/", "_")}
        id = "${group.project_id}/${group.region_id}/${group.id}"
      }
    EOT
  ])
}
