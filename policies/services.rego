# Written by `go test ./internal/rule -run TestPolicyServices -update`.
package gcore

import rego.v1

admin_services := {
	{"name": "ssh (22)", "protocol": "tcp", "port": 22},
	{"name": "telnet (23)", "protocol": "tcp", "port": 23},
	{"name": "Oracle (1521)", "protocol": "tcp", "port": 1521},
	{"name": "SQL Server (1433)", "protocol": "tcp", "port": 1433},
	{"name": "SQL Server browser (udp 1434)", "protocol": "udp", "port": 1434},
	{"name": "Docker (2375)", "protocol": "tcp", "port": 2375},
	{"name": "Docker (2376)", "protocol": "tcp", "port": 2376},
	{"name": "etcd (2379)", "protocol": "tcp", "port": 2379},
	{"name": "etcd (2380)", "protocol": "tcp", "port": 2380},
	{"name": "MySQL (3306)", "protocol": "tcp", "port": 3306},
	{"name": "rdp (3389)", "protocol": "tcp", "port": 3389},
	{"name": "rdp (udp 3389)", "protocol": "udp", "port": 3389},
	{"name": "PostgreSQL (5432)", "protocol": "tcp", "port": 5432},
	{"name": "CouchDB (5984)", "protocol": "tcp", "port": 5984},
	{"name": "WinRM (5985)", "protocol": "tcp", "port": 5985},
	{"name": "WinRM (5986)", "protocol": "tcp", "port": 5986},
	{"name": "Redis (6379)", "protocol": "tcp", "port": 6379},
	{"name": "Kubernetes API (6443)", "protocol": "tcp", "port": 6443},
	{"name": "InfluxDB (8086)", "protocol": "tcp", "port": 8086},
	{"name": "ClickHouse (8123)", "protocol": "tcp", "port": 8123},
	{"name": "Cassandra (9042)", "protocol": "tcp", "port": 9042},
	{"name": "Elasticsearch (9200)", "protocol": "tcp", "port": 9200},
	{"name": "Elasticsearch (9300)", "protocol": "tcp", "port": 9300},
	{"name": "kubelet (10250)", "protocol": "tcp", "port": 10250},
	{"name": "kubelet (10255)", "protocol": "tcp", "port": 10255},
	{"name": "memcached (11211)", "protocol": "tcp", "port": 11211},
	{"name": "memcached (udp 11211)", "protocol": "udp", "port": 11211},
	{"name": "MongoDB (27017)", "protocol": "tcp", "port": 27017},
	{"name": "MongoDB (27018)", "protocol": "tcp", "port": 27018},
	{"name": "MongoDB (27019)", "protocol": "tcp", "port": 27019},
	{"name": "MySQL X (33060)", "protocol": "tcp", "port": 33060},
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
