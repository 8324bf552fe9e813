resource "gcore_cloud_security_group" "web" {
  name = "web"

  rules = {
    https = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "10.0.0.0/8"
    }
    ssh = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 22
      port_range_max   = 22
      remote_ip_prefix = "192.0.2.0/24"
      description      = "admins"
    }
  }
}

removed {
  from = gcore_cloud_security_group_rule.https

  lifecycle {
    destroy = false
  }
}

removed {
  from = gcore_cloud_security_group_rule.ssh

  lifecycle {
    destroy = false
  }
}
