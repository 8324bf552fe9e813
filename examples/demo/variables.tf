variable "office" {
  description = "CIDR that may use SSH."
  type        = string
  default     = "203.0.113.0/24"
}

variable "stage" {
  description = "Value of the tag `stage` of the web group."
  type        = string
  default     = "test"
}
