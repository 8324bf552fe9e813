# Mistakes in the input. The preconditions of the resources report them.
locals {
  mistakes = merge(
    {
      for name, service in local.preset_services : "preset ${name}" =>
      "presets[\"${name}\"]: there is no preset \"${service}\". The presets are ${join(", ", keys(local.services))}."
      if !contains(keys(local.services), service)
    },
    {
      for name, has_remote in local.preset_has_remote : "preset ${name}" =>
      "presets[\"${name}\"] has no remote. Give it cidrs, remote_group_ids or self = true."
      if !has_remote
    },
    {
      for name, opens in local.preset_opens_guarded : "preset ${name}" =>
      "presets[\"${name}\"] would open a service for administration or a database to everybody. Give it narrower cidrs, or write the rule in entries or rules."
      if opens
    },
    {
      for egress in [local.egress] : "egress" =>
      "egress is \"${egress}\". Write \"all_but_port_25\", \"all\" or \"none\"."
      if !contains(keys(local.egress_entries), egress)
    },
  )

  # Whether a preset has a mistake is no secret, even if a part of it is sensitive.
  preset_names    = nonsensitive([for name in keys(var.presets) : name if var.presets[name] != null])
  preset_services = { for name in local.preset_names : name => nonsensitive(coalesce(var.presets[name].service, name)) }
  preset_has_remote = {
    for name in local.preset_names : name => nonsensitive(
      var.presets[name].cidrs != null || var.presets[name].remote_group_ids != null || coalesce(var.presets[name].self, false)
    )
  }

  # Merged, two halves of the address space are everybody too. CIDRs that cannot be merged are reported where they are used.
  preset_opens_guarded = {
    for name in local.preset_names : name => nonsensitive(
      var.presets[name].direction == "ingress" && local.preset_is_guarded[name] &&
      length(setintersection(["0.0.0.0/0", "::/0"], try(provider::gcore::merge_cidrs(coalesce(var.presets[name].cidrs, [])), []))) > 0
    )
  }

  # With `ports` a preset may cover a port of another service.
  preset_is_guarded = {
    for name in local.preset_names : name => contains(local.guarded, local.preset_services[name]) || anytrue(flatten([
      for own in [for range in coalesce(var.presets[name].ports, []) : split("-", range)] : [
        for guarded in [for port in flatten([for service in local.guarded : local.services[service].ports]) : split("-", port)] :
        try(tonumber(own[0]) <= tonumber(guarded[length(guarded) - 1]) && tonumber(own[length(own) - 1]) >= tonumber(guarded[0]), false)
      ]
    ]))
  }

  ignored = [
    for name, given in {
      name         = var.name != null
      description  = var.description != null
      tags         = length(var.tags) > 0
      ignore_rules = length(var.ignore_rules) > 0
    } : name if given && var.create && !var.create_group
  ]
}

check "ignored_inputs" {
  assert {
    condition     = { ok = length(local.ignored) == 0, group = local.group }.ok
    error_message = "${join(", ", local.ignored)}: no effect, since create_group is false. The module adds rules to an existing group and does not change the group itself."
  }
}
