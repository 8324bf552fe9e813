# Two groups that name each other in their rules. Neither could be made together with its rules before the other is there.
resource "gcore_cloud_security_group" "web" {
  name = "web"
}

resource "gcore_cloud_security_group" "cache" {
  name = "cache"
}

resource "gcore_cloud_security_group_rule_set" "web" {
  group_id = gcore_cloud_security_group.web.id

  rules = {
    https = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    }
    purge = {
      direction       = "ingress"
      ethertype       = "IPv4"
      protocol        = "tcp"
      port_range_min  = 8443
      port_range_max  = 8443
      remote_group_id = gcore_cloud_security_group.cache.id
      description     = "From the cache"
    }
    redis_out = {
      direction       = "egress"
      protocol        = "tcp"
      port_range_min  = 6379
      port_range_max  = 6379
      remote_group_id = gcore_cloud_security_group.cache.id
    }
  }

  # So that neither group is named in a rule when it is destroyed.
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
    among_themselves = {
      direction = "ingress"
      ethertype = "IPv4"
      protocol  = "any"
      self      = true
    }
    purge_out = {
      direction       = "egress"
      protocol        = "tcp"
      port_range_min  = 8443
      port_range_max  = 8443
      remote_group_id = gcore_cloud_security_group.web.id
    }
  }

  on_destroy = "remove"
}
