# The rules of one group. A group has at most 250 rules; Terraform lists 100 results unless limit is set.
list "gcore_cloud_security_group_rule" "web" {
  provider = gcore
  limit    = 250

  config {
    group_id = "2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40"
  }
}

# The rules of all groups of the provider's project and region.
list "gcore_cloud_security_group_rule" "all" {
  provider = gcore
  limit    = 10000
}
