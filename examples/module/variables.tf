variable "create" {
  description = "Whether to create any resources. With `false` the input is not checked, and all outputs are null or empty."
  type        = bool
  default     = true
  nullable    = false
}

variable "create_group" {
  description = "Whether to create a security group. With `false` the rules are added to the group of `security_group_id`, and its other rules are left as they are. Has to be known at plan time."
  type        = bool
  default     = true
  nullable    = false
}

variable "security_group_id" {
  description = "ID of an existing security group to add the rules to. Required with `create_group = false`, and an error otherwise. May be known only after apply."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the security group. Required with `create_group = true`."
  type        = string
  default     = null
}

variable "description" {
  description = "Description of the security group."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the security group. The provider adds its `default_tags`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "project_id" {
  description = "Project ID. Defaults to the provider's `cloud_project_id`."
  type        = number
  default     = null
}

variable "region_id" {
  description = "Region ID. Defaults to the provider's `cloud_region_id`."
  type        = number
  default     = null
}

variable "timeouts" {
  description = "Time limits for one operation, such as `10m`. Default to the provider's `polling_timeout_seconds`."
  type = object({
    create = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = null
}

variable "presets" {
  description = "Rules for common services, by preset. Each needs a remote: `cidrs`, `remote_group_ids` (with a name for each) or `self`. `ports` replaces the ports of the preset. `service` names the preset if the key is another name. A null preset stands for no rules."
  type = map(object({
    service          = optional(string)
    direction        = optional(string, "ingress")
    ports            = optional(list(string))
    cidrs            = optional(list(string))
    remote_group_ids = optional(map(string))
    self             = optional(bool)
    description      = optional(string)
  }))
  default  = {}
  nullable = false
}

# Entries leave out what they do not need, and have lists or maps, which no type allows. The function checks them.
variable "entries" {
  description = "Rules in short form, by a name of your choice: objects as the provider's function `expand_rules` takes them."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.entries))
    error_message = "entries is not a map. Write { https = { protocols = [\"tcp\"], ports = [443], cidrs = [\"10.0.0.0/8\"] } }."
  }
}

variable "rules" {
  description = "Rules in full, by a key of your choice: objects as `rules` of `gcore_cloud_security_group` takes them."
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

variable "egress" {
  description = "Egress to allow over IPv4 and IPv6, in addition to `presets`, `entries` and `rules`: `all_but_port_25`, `all` or `none`. Defaults to `all_but_port_25` with `create_group = true`, and to `none` otherwise."
  type        = string
  default     = null
}

variable "ignore_rules" {
  description = "Rules of the security group that belong to others, such as a Kubernetes controller: `ignore_rules` blocks of `gcore_cloud_security_group`. A rule that matches all attributes of an object is left as it is."
  type = list(object({
    direction          = optional(string)
    protocol           = optional(string)
    port_range_min     = optional(number)
    port_range_max     = optional(number)
    remote_ip_prefix   = optional(string)
    remote_group_id    = optional(string)
    description_prefix = optional(string)
  }))
  default  = []
  nullable = false
}

variable "public_admin_ports" {
  description = "What a plan does if the rules let everybody reach a port for administration or a database: `warn`, `deny` or `allow`. Defaults to the provider's `public_admin_ports`."
  type        = string
  default     = null
}
