# The inputs as one map of rules, by key.
locals {
  # The expressions below that can fail contain this name: Terraform prints its value, and with it which module failed.
  group = var.create_group ? var.name : var.security_group_id

  preset_entries = {
    for name in local.preset_names : "preset ${name}" => {
      direction        = var.presets[name].direction
      protocols        = local.services[local.preset_services[name]].protocols
      ports            = var.presets[name].ports == null ? local.services[local.preset_services[name]].ports : var.presets[name].ports
      cidrs            = var.presets[name].cidrs
      remote_group_ids = var.presets[name].remote_group_ids
      self             = var.presets[name].self
      description      = var.presets[name].description == null ? local.services[local.preset_services[name]].description : var.presets[name].description
    } if contains(keys(local.services), local.preset_services[name]) && local.preset_has_remote[name]
  }

  # In some accounts the API refuses every egress rule that covers TCP or UDP port 25.
  egress_entries = {
    all_but_port_25 = {
      "tcp and udp egress" = {
        direction   = "egress"
        protocols   = ["tcp", "udp"]
        ports       = ["1-24", "26-65535"]
        cidrs       = ["0.0.0.0/0", "::/0"]
        description = "All egress but port 25"
      }
      "icmp egress" = {
        direction   = "egress"
        protocols   = ["icmp"]
        cidrs       = ["0.0.0.0/0", "::/0"]
        description = "ICMP egress"
      }
    }
    all = {
      "all egress" = {
        direction   = "egress"
        cidrs       = ["0.0.0.0/0", "::/0"]
        description = "All egress"
      }
    }
    none = {}
  }
  egress = coalesce(var.egress, var.create_group ? "all_but_port_25" : "none")

  entries = {
    for name, entry in merge(local.preset_entries, try(local.egress_entries[local.egress], {}), var.entries) : name => entry if var.create
  }

  rules = merge(local.visible_rules, local.sensitive_rules, { for key, rule in var.rules : key => rule if var.create })
}

# Terraform takes no sensitive keys, and a function with one sensitive value in its argument returns a sensitive result. So the entries with
# sensitive values are expanded apart from the others, with keys that contain none of these values.
locals {
  # A comparison with null is sensitive if any part of the value is, and known even if parts are unknown.
  sensitive_entries = { for name, entry in local.entries : name => entry if issensitive([entry] == null) }
  visible_rules = provider::gcore::expand_rules({
    entries = { for name, entry in local.entries : name => entry if !contains(keys(local.sensitive_entries), name) }
    group   = local.group
  }.entries)

  # The keys of the rules contain the remotes of a list. Sensitive ones get a number instead, since Terraform prints keys.
  numbered_entries = {
    for name, entry in local.sensitive_entries : name => merge(entry, {
      for attribute, remotes in entry : attribute => {
        for number, remote in distinct(try(values(remotes), flatten([remotes]))) : "${replace(name, " ", "-")}-${number + 1}" => remote
      }
      if contains(["cidrs", "remote_group_ids"], attribute) && nonsensitive(remotes != null) &&
      (issensitive(remotes) || issensitive([remotes] == null) && !can(keys(remotes)))
    })
  }
  numbered_rules = provider::gcore::expand_rules({ entries = local.numbered_entries, group = local.group }.entries)

  # Other sensitive values, such as ports, are in the keys. Then the keys stay sensitive, as the result of the function is.
  # This is an index because a conditional expression is sensitive if either result is.
  numbered_keys = { true = keys(local.numbered_rules), false = nonsensitive(keys(local.numbered_rules)) }[issensitive([
    for entry in values(local.numbered_entries) : {
      for attribute, value in entry : attribute => value if !contains(["cidrs", "remote_group_ids", "description"], attribute)
    }
  ] == null)]

  # A plan shows of these rules what their keys contain.
  sensitive_rules = {
    for key in local.numbered_keys : key => merge(nonsensitive(local.numbered_rules)[key], {
      ethertype        = sensitive(nonsensitive(local.numbered_rules)[key].ethertype)
      remote_ip_prefix = sensitive(nonsensitive(local.numbered_rules)[key].remote_ip_prefix)
      remote_group_id  = sensitive(nonsensitive(local.numbered_rules)[key].remote_group_id)
      description      = sensitive(join("", compact([nonsensitive(local.numbered_rules)[key].description])))
    })
  }
}
