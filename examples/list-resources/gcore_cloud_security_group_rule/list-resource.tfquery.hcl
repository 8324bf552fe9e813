# The rules of one group. A group has 250 at most, and Terraform lists 100 if nothing else is said.
list "gcore_cloud_security_group_rule" "web" {
  provider = gcore
  limit    = 250

  config {
    group_id = "2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40"
  }
}
