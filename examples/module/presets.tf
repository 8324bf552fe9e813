locals {
  services = {
    cassandra      = { protocols = ["tcp"], ports = [9042], description = "Cassandra" }
    clickhouse     = { protocols = ["tcp"], ports = [8123, 9000], description = "ClickHouse" }
    consul         = { protocols = ["tcp"], ports = ["8300-8302", "8500-8503"], description = "Consul" }
    couchdb        = { protocols = ["tcp"], ports = [5984], description = "CouchDB" }
    dns            = { protocols = ["tcp", "udp"], ports = [53], description = "DNS" }
    dns_over_tls   = { protocols = ["tcp"], ports = [853], description = "DNS over TLS" }
    docker         = { protocols = ["tcp"], ports = [2375, 2376], description = "Docker" }
    elasticsearch  = { protocols = ["tcp"], ports = [9200, 9300], description = "Elasticsearch" }
    etcd           = { protocols = ["tcp"], ports = ["2379-2380"], description = "etcd" }
    grafana        = { protocols = ["tcp"], ports = [3000], description = "Grafana" }
    http           = { protocols = ["tcp"], ports = [80], description = "HTTP" }
    https          = { protocols = ["tcp"], ports = [443], description = "HTTPS" }
    http3          = { protocols = ["udp"], ports = [443], description = "HTTP/3" }
    icmp           = { protocols = ["icmp"], ports = null, description = "ICMP" }
    imaps          = { protocols = ["tcp"], ports = [993], description = "IMAP over TLS" }
    influxdb       = { protocols = ["tcp"], ports = [8086], description = "InfluxDB" }
    kafka          = { protocols = ["tcp"], ports = [9092], description = "Kafka" }
    kubelet        = { protocols = ["tcp"], ports = [10250], description = "kubelet" }
    kubernetes_api = { protocols = ["tcp"], ports = [6443], description = "Kubernetes API" }
    ldap           = { protocols = ["tcp"], ports = [389], description = "LDAP" }
    ldaps          = { protocols = ["tcp"], ports = [636], description = "LDAP over TLS" }
    memcached      = { protocols = ["tcp", "udp"], ports = [11211], description = "memcached" }
    mongodb        = { protocols = ["tcp"], ports = ["27017-27019"], description = "MongoDB" }
    mqtts          = { protocols = ["tcp"], ports = [8883], description = "MQTT over TLS" }
    mssql          = { protocols = ["tcp"], ports = [1433], description = "SQL Server" }
    mysql          = { protocols = ["tcp"], ports = [3306], description = "MySQL" }
    nats           = { protocols = ["tcp"], ports = [4222], description = "NATS" }
    nfs            = { protocols = ["tcp"], ports = [2049], description = "NFS" }
    node_exporter  = { protocols = ["tcp"], ports = [9100], description = "Prometheus node exporter" }
    ntp            = { protocols = ["udp"], ports = [123], description = "NTP" }
    openvpn        = { protocols = ["udp"], ports = [1194], description = "OpenVPN" }
    oracle         = { protocols = ["tcp"], ports = [1521], description = "Oracle Database" }
    pop3s          = { protocols = ["tcp"], ports = [995], description = "POP3 over TLS" }
    postgresql     = { protocols = ["tcp"], ports = [5432], description = "PostgreSQL" }
    prometheus     = { protocols = ["tcp"], ports = [9090], description = "Prometheus" }
    rabbitmq       = { protocols = ["tcp"], ports = ["5671-5672"], description = "RabbitMQ" }
    rdp            = { protocols = ["tcp", "udp"], ports = [3389], description = "Remote Desktop" }
    redis          = { protocols = ["tcp"], ports = [6379], description = "Redis" }
    smb            = { protocols = ["tcp"], ports = [445], description = "SMB" }
    smtp           = { protocols = ["tcp"], ports = [25], description = "SMTP" }
    ssh            = { protocols = ["tcp"], ports = [22], description = "SSH" }
    submission     = { protocols = ["tcp"], ports = [465, 587], description = "Mail submission" }
    syslog         = { protocols = ["tcp", "udp"], ports = [514], description = "Syslog" }
    vault          = { protocols = ["tcp"], ports = ["8200-8201"], description = "Vault" }
    vnc            = { protocols = ["tcp"], ports = ["5900-5909"], description = "VNC" }
    winrm          = { protocols = ["tcp"], ports = [5985, 5986], description = "Windows Remote Management" }
    wireguard      = { protocols = ["udp"], ports = [51820], description = "WireGuard" }
  }

  # Services for administration and databases. A preset never opens one to everybody; `entries` and `rules` can.
  guarded = [
    "cassandra", "clickhouse", "consul", "couchdb", "docker", "elasticsearch", "etcd", "influxdb", "kafka", "kubelet",
    "kubernetes_api", "ldap", "ldaps", "memcached", "mongodb", "mssql", "mysql", "nats", "nfs", "node_exporter", "oracle", "postgresql",
    "prometheus", "rabbitmq", "rdp", "redis", "smb", "ssh", "syslog", "vault", "vnc", "winrm",
  ]
}
