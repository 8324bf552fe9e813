# The group of the module has exactly these rules.
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

  dynamic "ignore_rules" {
    for_each = var.ignore_rules

    content {
      direction          = ignore_rules.value.direction
      protocol           = ignore_rules.value.protocol
      port_range_min     = ignore_rules.value.port_range_min
      port_range_max     = ignore_rules.value.port_range_max
      remote_ip_prefix   = ignore_rules.value.remote_ip_prefix
      remote_group_id    = ignore_rules.value.remote_group_id
      description_prefix = ignore_rules.value.description_prefix
    }
  }

  lifecycle {
    precondition {
      condition     = var.name != null
      error_message = "name is missing. A group that the module creates needs one."
    }
    precondition {
      condition     = { ok = var.security_group_id == null, group = local.group }.ok
      error_message = "security_group_id is given, but create_group is true. Set create_group = false to add the rules to that group, or leave security_group_id out."
    }
    precondition {
      condition     = { ok = length(local.mistakes) == 0, group = local.group }.ok
      error_message = join("\n", values(local.mistakes))
    }
  }
}

# An existing group gets them one by one and keeps its other rules.
resource "gcore_cloud_security_group_rule" "this" {
  # A mistake takes the place of the rules, so that it is reported once.
  for_each = {
    true = merge(
      { for key in keys(local.mistakes) : key => null },
      { for key, rule in local.rules : key => rule if length(local.mistakes) == 0 },
    )
    false = {}
  }[var.create && !var.create_group]

  project_id       = var.project_id
  region_id        = var.region_id
  group_id         = var.security_group_id
  direction        = each.value.direction
  ethertype        = each.value.ethertype
  protocol         = each.value.protocol
  port_range_min   = each.value.port_range_min
  port_range_max   = each.value.port_range_max
  remote_ip_prefix = each.value.remote_ip_prefix
  remote_group_id  = coalesce(each.value.self, false) ? var.security_group_id : each.value.remote_group_id
  description      = each.value.description
  timeouts         = var.timeouts

  public_admin_ports = var.public_admin_ports

  lifecycle {
    precondition {
      condition     = var.security_group_id != null
      error_message = "security_group_id is missing. With create_group = false the module needs the id of the group to add the rules to."
    }
    precondition {
      condition     = { ok = !contains(keys(local.mistakes), each.key), group = local.group }.ok
      error_message = lookup(local.mistakes, each.key, "")
    }
  }
}
