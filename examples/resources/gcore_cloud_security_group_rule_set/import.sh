# <project_id>/<region_id>/<group_id>, or <group_id> for the provider's project and region.
terraform import gcore_cloud_security_group_rule_set.web 1/76/2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40
