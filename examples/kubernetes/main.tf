# Load balancers in front of the cluster.
resource "gcore_cloud_security_group" "load_balancers" {
  name = "load-balancers"

  rules = {
    https = {
      direction        = "ingress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    }
  }
}

# The nodes. These rules are managed here; a controller in the cluster adds its own.
resource "gcore_cloud_security_group" "nodes" {
  name = "nodes"

  rules = {
    kubelet = {
      direction      = "ingress"
      ethertype      = "IPv4"
      protocol       = "tcp"
      port_range_min = 10250
      port_range_max = 10250
      self           = true
    }
    https_out = {
      direction        = "egress"
      protocol         = "tcp"
      port_range_min   = 443
      port_range_max   = 443
      remote_ip_prefix = "0.0.0.0/0"
    }
  }

  # Rules whose description begins like this belong to the controller.
  ignore_rules {
    description_prefix = "k8s-"
  }

  # So do rules that let the load balancers in, whatever their ports and descriptions.
  ignore_rules {
    direction       = "ingress"
    protocol        = "tcp"
    remote_group_id = gcore_cloud_security_group.load_balancers.id
  }
}
