locals {
  preset_entries = {
    for name, preset in var.presets : "preset ${name}" => {
      protocols        = local.services[name].protocols
      ports            = local.services[name].ports
      cidrs            = preset.cidrs
      remote_group_ids = preset.remote_group_ids
      self             = preset.self
      description      = preset.description == null ? local.services[name].description : preset.description
    } if !contains(local.unknown_presets, name)
  }

  # In some accounts the API refuses every egress rule that covers TCP or UDP port 25.
  egress_entries = {
    all_but_port_25 = {
      "tcp and udp egress" = {
        direction   = "egress"
        protocols   = ["tcp", "udp"]
        ports       = ["1-24", "26-65535"]
        cidrs       = ["0.0.0.0/0", "::/0"]
        description = "Everything out but port 25"
      }
      "icmp egress" = {
        direction   = "egress"
        protocols   = ["icmp"]
        cidrs       = ["0.0.0.0/0", "::/0"]
        description = "ICMP out"
      }
    }
    all = {
      "all egress" = {
        direction   = "egress"
        cidrs       = ["0.0.0.0/0", "::/0"]
        description = "Everything out"
      }
    }
    none = {}
  }
  egress = coalesce(var.egress, var.create_group ? "all_but_port_25" : "none")

  rules = merge(
    provider::gcore::expand_rules(merge(local.preset_entries, local.egress_entries[local.egress], var.entries)),
    var.rules,
  )
}

# The group of this module has its rules inline: exactly these.
resource "gcore_cloud_security_group" "this" {
  count = var.create && var.create_group ? 1 : 0

  project_id  = var.project_id
  region_id   = var.region_id
  name        = var.name
  description = var.description
  tags        = var.tags
  rules       = local.rules
  timeouts    = var.timeouts

  public_admin_ports = var.public_admin_ports

  lifecycle {
    precondition {
      condition     = var.group_id == null
      error_message = "group_id is given, and so a group that exists, but create_group is true. Set create_group = false, or leave group_id out."
    }
    precondition {
      condition     = var.name != null
      error_message = "name is missing. A group that is made needs one."
    }
  }
}

# The group of somebody else gets them one by one: what others put there is theirs.
resource "gcore_cloud_security_group_rule" "this" {
  for_each = var.create && !var.create_group ? local.rules : {}

  project_id       = var.project_id
  region_id        = var.region_id
  group_id         = var.group_id
  direction        = each.value.direction
  ethertype        = each.value.ethertype
  protocol         = each.value.protocol
  port_range_min   = each.value.port_range_min
  port_range_max   = each.value.port_range_max
  remote_ip_prefix = each.value.remote_ip_prefix
  remote_group_id  = coalesce(each.value.self, false) ? var.group_id : each.value.remote_group_id
  description      = each.value.description
  timeouts         = var.timeouts

  public_admin_ports = var.public_admin_ports
}
