provider "gcore" {}

module "monitoring" {
  source = "../../"

  name    = "monitoring"
  presets = { https = { cidrs = ["203.0.113.0/24"] } }
}

module "web" {
  source = "../../"

  name        = "web"
  description = "Web servers"
  tags        = { team = "web" }

  presets = {
    # Everybody, over IPv4 and IPv6.
    https = { cidrs = ["0.0.0.0/0", "::/0"] }
    # The same preset again, under another name and with another port.
    admin = { service = "https", ports = ["8443"], cidrs = ["203.0.113.0/24"], description = "Admin console" }
    ssh   = { cidrs = ["203.0.113.0/24"] }
    # Egress to one server. `egress` below allows no other.
    database      = { service = "postgresql", direction = "egress", cidrs = ["10.0.0.5"] }
    node_exporter = { remote_group_ids = { monitoring = module.monitoring.security_group_id } }
  }

  entries = {
    gossip = { protocols = ["tcp", "udp"], ports = [7946], self = true }
    ping   = { protocols = ["icmp"], icmp_types = [8], cidrs = ["0.0.0.0/0"] }
  }

  rules = {
    vrrp = { direction = "ingress", ethertype = "IPv4", protocol = "vrrp", self = true }
  }

  egress = "none"

  # The load balancer controller adds and removes these.
  ignore_rules = [{ direction = "ingress", protocol = "tcp", description_prefix = "lb-" }]

  public_admin_ports = "deny"
  timeouts           = { create = "10m", update = "10m", delete = "10m" }
}
