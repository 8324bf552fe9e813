# Two groups whose rules refer to each other: create the groups first, then their rules.
resource "gcore_cloud_security_group" "web" {
  name = "web"
}

resource "gcore_cloud_security_group" "cache" {
  name = "cache"
}

resource "gcore_cloud_security_group_rule_set" "web" {
  group_id = gcore_cloud_security_group.web.id

  rules = {
    https = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" }
    redis_out = {
      direction       = "egress"
      protocol        = "tcp"
      port_range_min  = 6379
      port_range_max  = 6379
      remote_group_id = gcore_cloud_security_group.cache.id
    }
  }

  # On destroy, delete the rules before the groups that they refer to.
  on_destroy = "remove"
}

resource "gcore_cloud_security_group_rule_set" "cache" {
  group_id = gcore_cloud_security_group.cache.id

  rules = {
    redis = {
      direction       = "ingress"
      ethertype       = "IPv4"
      protocol        = "tcp"
      port_range_min  = 6379
      port_range_max  = 6379
      remote_group_id = gcore_cloud_security_group.web.id
    }
    members = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
  }

  on_destroy = "remove"
}
