# Written by `go test ./internal/rule -run TestPolicyServices -update`.
package gcore

import rego.v1

admin_services := {
	{"name": "ssh", "protocol": "tcp", "port": 22},
	{"name": "telnet", "protocol": "tcp", "port": 23},
	{"name": "Oracle", "protocol": "tcp", "port": 1521},
	{"name": "SQL Server", "protocol": "tcp", "port": 1433},
	{"name": "SQL Server browser", "protocol": "udp", "port": 1434},
	{"name": "Docker", "protocol": "tcp", "port": 2375},
	{"name": "Docker", "protocol": "tcp", "port": 2376},
	{"name": "etcd", "protocol": "tcp", "port": 2379},
	{"name": "etcd", "protocol": "tcp", "port": 2380},
	{"name": "MySQL", "protocol": "tcp", "port": 3306},
	{"name": "rdp", "protocol": "tcp", "port": 3389},
	{"name": "rdp", "protocol": "udp", "port": 3389},
	{"name": "PostgreSQL", "protocol": "tcp", "port": 5432},
	{"name": "CouchDB", "protocol": "tcp", "port": 5984},
	{"name": "WinRM", "protocol": "tcp", "port": 5985},
	{"name": "WinRM", "protocol": "tcp", "port": 5986},
	{"name": "Redis", "protocol": "tcp", "port": 6379},
	{"name": "Kubernetes API", "protocol": "tcp", "port": 6443},
	{"name": "InfluxDB", "protocol": "tcp", "port": 8086},
	{"name": "ClickHouse", "protocol": "tcp", "port": 8123},
	{"name": "Cassandra", "protocol": "tcp", "port": 9042},
	{"name": "Elasticsearch", "protocol": "tcp", "port": 9200},
	{"name": "Elasticsearch", "protocol": "tcp", "port": 9300},
	{"name": "kubelet", "protocol": "tcp", "port": 10250},
	{"name": "kubelet", "protocol": "tcp", "port": 10255},
	{"name": "memcached", "protocol": "tcp", "port": 11211},
	{"name": "memcached", "protocol": "udp", "port": 11211},
	{"name": "MongoDB", "protocol": "tcp", "port": 27017},
	{"name": "MongoDB", "protocol": "tcp", "port": 27018},
	{"name": "MongoDB", "protocol": "tcp", "port": 27019},
	{"name": "MySQL X", "protocol": "tcp", "port": 33060},
}

# Whoever lets in all other addresses lets in everybody.
not_public := {
	"0.0.0.0/0": {
		"0.0.0.0/8",
		"10.0.0.0/8",
		"100.64.0.0/10",
		"127.0.0.0/8",
		"169.254.0.0/16",
		"172.16.0.0/12",
		"192.0.0.0/24",
		"192.0.2.0/24",
		"192.168.0.0/16",
		"198.18.0.0/15",
		"198.51.100.0/24",
		"203.0.113.0/24",
		"224.0.0.0/3",
	},
	"::/0": {
		"::/3",
		"2001:db8::/32",
		"3fff::/20",
		"4000::/2",
		"8000::/1",
	},
}
