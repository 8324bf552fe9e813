variable "office" {
  description = "Addresses that may use SSH, as a CIDR."
  type        = string
  default     = "203.0.113.0/24"
}

variable "stage" {
  description = "Value of the web group's tag `stage`."
  type        = string
  default     = "test"
}
