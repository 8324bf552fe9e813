resource "gcore_cloud_security_group" "web" {
  name = "web"

  rules = provider::gcore::expand_rules({
    # Two rules: a CIDR says its IP version.
    https = { protocols = ["tcp"], ports = [443], cidrs = ["0.0.0.0/0", "::/0"] }

    # Everything out but port 25, which the API refuses in some accounts. Protocols times ports times remotes: 2 x 2 x 2 rules.
    out = {
      direction = "egress"
      protocols = ["tcp", "udp"]
      ports     = ["1-24", "26-65535"]
      cidrs     = ["0.0.0.0/0", "::/0"]
    }

    # A port and a range.
    media = {
      protocols   = ["udp"]
      ports       = [5004, "16384-32767"]
      cidrs       = ["198.51.100.0/24"]
      description = "Conferences"
    }

    # With names of your own. The names are in the keys, so the values may change, or be known only after the apply.
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

  # Some rules in short, others written out.
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
