output "groups" {
  description = "ID of each group."
  value = {
    database = gcore_cloud_security_group.database.id
    web      = gcore_cloud_security_group.web.id
  }
}

output "open_to_the_world" {
  description = "Ingress rules of the web group that are open to everybody."
  value = [
    for name, rule in gcore_cloud_security_group.web.rules : name
    if rule.direction == "ingress" && contains(["0.0.0.0/0", "::/0"], coalesce(rule.remote_ip_prefix, "none"))
  ]
}
