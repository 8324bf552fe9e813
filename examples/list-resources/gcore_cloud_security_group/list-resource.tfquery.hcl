# All groups of the provider's project and region.
list "gcore_cloud_security_group" "all" {
  provider = gcore
  limit    = 1000
}

# Groups that match every filter, with all attributes that an import would read.
list "gcore_cloud_security_group" "web" {
  provider         = gcore
  include_resource = true

  config {
    name_regex    = "^web"
    tag_key       = ["stage"]
    tag_key_value = jsonencode({ team = "web" })
  }
}

list "gcore_cloud_security_group" "elsewhere" {
  provider = gcore

  config {
    name       = "default"
    project_id = 1
    region_id  = 76
  }
}
