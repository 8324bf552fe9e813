# <project_id>/<region_id>/<group_id>/<rule_id>, or <group_id>/<rule_id> for the provider's project and region.
import {
  to = gcore_cloud_security_group_rule.postgresql
  id = "1/76/2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40/7c1e0a52-93d4-4c86-b1fa-0e5d6f7a8b91"
}
