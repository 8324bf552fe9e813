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

# Nodes. A controller in the cluster adds rules to those below.
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

  # Rules of the controller, by the prefix of their descriptions.
  ignore_rules {
    description_prefix = "k8s-"
  }

  # Rules of the controller that allow the load balancers, with any ports and description.
  ignore_rules {
    direction       = "ingress"
    protocol        = "tcp"
    remote_group_id = gcore_cloud_security_group.load_balancers.id
  }
}
