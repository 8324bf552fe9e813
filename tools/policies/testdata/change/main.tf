# Rules and groups that go, and a port that a change opens.

terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}

resource "gcore_cloud_security_group" "web" {
  name = "web"

  rules = {
    # No change but of its key and its description.
    tls   = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0", description = "web" }
    ssh   = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "198.51.100.0/24" }
    again = { direction = "ingress", protocol = "tcp", port_range_min = 8443, port_range_max = 8443, remote_ip_prefix = terraform_data.network.output }
  }
}

resource "terraform_data" "network" {
  input = "10.0.0.0/8"
}

resource "gcore_cloud_security_group" "unmanaged" {
  name = "unmanaged"
}

resource "gcore_cloud_security_group" "bastion" {
  name = "bastion"
}

resource "gcore_cloud_security_group_rule" "ssh" {
  group_id         = gcore_cloud_security_group.bastion.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 22
  port_range_max   = 22
  remote_ip_prefix = "0.0.0.0/1"
}

resource "gcore_cloud_security_group_rule" "other_half" {
  group_id         = gcore_cloud_security_group.bastion.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 22
  port_range_max   = 22
  remote_ip_prefix = "128.0.0.0/1"
}
