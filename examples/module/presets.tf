locals {
  services = {
    dns            = { protocols = ["tcp", "udp"], ports = [53], description = "DNS" }
    http           = { protocols = ["tcp"], ports = [80], description = "HTTP" }
    https          = { protocols = ["tcp"], ports = [443], description = "HTTPS" }
    http3          = { protocols = ["udp"], ports = [443], description = "HTTP/3" }
    icmp           = { protocols = ["icmp"], ports = null, description = "ICMP" }
    imaps          = { protocols = ["tcp"], ports = [993], description = "IMAP over TLS" }
    kubernetes_api = { protocols = ["tcp"], ports = [6443], description = "Kubernetes API" }
    mongodb        = { protocols = ["tcp"], ports = [27017], description = "MongoDB" }
    mysql          = { protocols = ["tcp"], ports = [3306], description = "MySQL" }
    nfs            = { protocols = ["tcp"], ports = [2049], description = "NFS" }
    node_exporter  = { protocols = ["tcp"], ports = [9100], description = "Prometheus node exporter" }
    ntp            = { protocols = ["udp"], ports = [123], description = "NTP" }
    postgresql     = { protocols = ["tcp"], ports = [5432], description = "PostgreSQL" }
    rdp            = { protocols = ["tcp", "udp"], ports = [3389], description = "Remote Desktop" }
    redis          = { protocols = ["tcp"], ports = [6379], description = "Redis" }
    smtp           = { protocols = ["tcp"], ports = [25], description = "SMTP" }
    ssh            = { protocols = ["tcp"], ports = [22], description = "SSH" }
    submission     = { protocols = ["tcp"], ports = [465, 587], description = "Mail submission" }
    winrm          = { protocols = ["tcp"], ports = [5985, 5986], description = "Windows Remote Management" }
    wireguard      = { protocols = ["udp"], ports = [51820], description = "WireGuard" }
  }

  # Who opens one of these to everywhere has nearly always made a mistake. Who has not writes it in `entries` or `rules`.
  guarded = ["kubernetes_api", "mongodb", "mysql", "nfs", "node_exporter", "postgresql", "rdp", "redis", "ssh", "winrm"]

  unknown_presets = setsubtract(keys(var.presets), keys(local.services))

  # Merged, two halves of the address space are everywhere too.
  open_presets = [
    for name, preset in var.presets : name if contains(local.guarded, name) && length(setintersection(
      ["0.0.0.0/0", "::/0"], provider::gcore::merge_cidrs(coalesce(preset.cidrs, []))
    )) > 0
  ]
}
