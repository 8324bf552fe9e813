resource "gcore_cloud_security_group" "web" {
  name = "web"

  rules = provider::gcore::expand_rules({
    # Two rules, one for each IP version.
    https = { protocols = ["tcp"], ports = [443], cidrs = ["0.0.0.0/0", "::/0"] }

    # Egress to every port except 25, which the API refuses in some accounts. 2 protocols x 2 port ranges x 2 CIDRs = 8 rules.
    out = {
      direction = "egress"
      protocols = ["tcp", "udp"]
      ports     = ["1-24", "26-65535"]
      cidrs     = ["0.0.0.0/0", "::/0"]
    }

    # A port and a port range.
    media = {
      protocols   = ["udp"]
      ports       = [5004, "16384-32767"]
      cidrs       = ["198.51.100.0/24"]
      description = "Conferences"
    }

    # Named remotes. The names become part of the keys, so the values may be known only after apply.
    ssh = {
      protocols        = ["tcp"]
      ports            = [22]
      cidrs            = { office = "203.0.113.0/24" }
      remote_group_ids = { bastion = gcore_cloud_security_group.bastion.id }
    }

    ping  = { protocols = ["icmp"], icmp_types = [8], cidrs = ["0.0.0.0/0"] }
    among = { protocols = ["any"], self = true }
  })
}

resource "gcore_cloud_security_group" "bastion" {
  name = "bastion"

  # Compact entries and ordinary rules.
  rules = merge(
    provider::gcore::expand_rules([
      { protocols = ["tcp"], ports = [22], cidrs = ["203.0.113.0/24"] },
      { direction = "egress", protocols = ["tcp"], ports = [22], cidrs = ["10.0.0.0/8"] },
    ]),
    {
      vrrp = {
        direction = "ingress"
        ethertype = "IPv4"
        protocol  = "vrrp"
        self      = true
      }
    },
  )
}
