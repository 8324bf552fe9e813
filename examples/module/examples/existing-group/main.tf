provider "gcore" {}

# The owner of the group manages no rules here: `rules` is left out.
resource "gcore_cloud_security_group" "shared" {
  name = "shared"
}

variable "office_cidrs" {
  description = "Addresses of the offices. They appear in no plan."
  type        = list(string)
  default     = ["203.0.113.0/24", "2001:db8::/48"]
  sensitive   = true
}

module "office_access" {
  source = "../../"

  create_group      = false
  security_group_id = gcore_cloud_security_group.shared.id

  presets = {
    ssh        = { cidrs = var.office_cidrs }
    postgresql = { remote_group_ids = { web = gcore_cloud_security_group.web.id } }
  }
}

resource "gcore_cloud_security_group" "web" {
  name = "web"
}
