variable "create" {
  description = "Whether to make anything at all. Outputs are null or empty without it."
  type        = bool
  default     = true
  nullable    = false
}

# The group.

variable "create_group" {
  description = "Whether to make a group. With false the rules are added to the group of `group_id`, whose other rules stay as they are."
  type        = bool
  default     = true
  nullable    = false
}

variable "group_id" {
  description = "Id of the group to add the rules to, with `create_group = false`. It may be known only after the apply."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the group that is made."
  type        = string
  default     = null
}

variable "description" {
  description = "What the group that is made is for."
  type        = string
  default     = ""
  nullable    = false
}

variable "tags" {
  description = "Tags of the group that is made."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for value in values(var.tags) : value != null])
    error_message = "A tag is null. Leave its key out instead."
  }
}

variable "project_id" {
  description = "Project of the group. By default the provider's."
  type        = number
  default     = null
}

variable "region_id" {
  description = "Region of the group. By default the provider's."
  type        = number
  default     = null
}

variable "timeouts" {
  description = "How long an operation may take, such as `10m`. By default the provider's time."
  type = object({
    create = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = null
}

# Its rules: all four of these together.

variable "presets" {
  description = <<-EOT
    Common services, by the names in the README, each with who may reach it:
    `{ https = { cidrs = ["0.0.0.0/0", "::/0"] }, ssh = { remote_group_ids = { bastion = module.bastion.group_id } } }`.
    Nothing is open by default. Services for administrators and databases are never opened to everywhere.
  EOT
  type = map(object({
    cidrs            = optional(list(string))
    remote_group_ids = optional(map(string))
    self             = optional(bool)
    description      = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for preset in values(var.presets) : preset.cidrs != null || preset.remote_group_ids != null || coalesce(preset.self, false)
    ])
    error_message = "A preset does not say who may reach the service. Give it cidrs, remote_group_ids or self = true."
  }
}

variable "entries" {
  description = <<-EOT
    Rules in short, as the provider's function expand_rules takes them: a map from names to objects with `direction`, `protocols`, `ports`,
    `icmp_types`, `cidrs`, `remote_group_ids`, `self`, `ethertypes` and `description`.
  EOT
  # Entries leave out what they do not need, and have lists or maps: no type says that. The function checks it.
  type     = any
  default  = {}
  nullable = false

  validation {
    condition     = can(keys(var.entries))
    error_message = "entries is not a map. Write { https = { protocols = [\"tcp\"], ports = [443], cidrs = [\"10.0.0.0/8\"] } }."
  }
}

variable "rules" {
  description = "Rules written out, as `rules` of gcore_cloud_security_group takes them, each under a name of your own. Ingress names its remote, protocol and ports, and from a group its ethertype."
  type = map(object({
    direction        = string
    ethertype        = optional(string)
    protocol         = optional(string)
    port_range_min   = optional(number)
    port_range_max   = optional(number)
    remote_ip_prefix = optional(string)
    remote_group_id  = optional(string)
    self             = optional(bool)
    description      = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "public_admin_ports" {
  description = "What to do if the rules let everybody reach a port for administration or a database: `warn`, `deny` or `allow`. By default as the provider says."
  type        = string
  default     = null
}

variable "egress" {
  description = <<-EOT
    Which traffic to let out, over IPv4 and IPv6, beside what `entries` and `rules` allow: `"all_but_port_25"` (TCP and UDP ports 1-24 and
    26-65535, and ICMP), `"all"` (every protocol and port), or `"none"`. Defaults to `"all_but_port_25"` for a new group and to `"none"` for
    an existing one. In some accounts the API refuses `"all"`, because it includes port 25.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.egress == null ? true : contains(["all_but_port_25", "all", "none"], var.egress)
    error_message = "egress is not \"all_but_port_25\", \"all\" or \"none\"."
  }
}
