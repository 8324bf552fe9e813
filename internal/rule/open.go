package rule

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// Service is what listens on a port by common usage.
type Service struct {
	Name, Protocol string
	Port           int64
}

func (s Service) String() string { return fmt.Sprintf("%s (%s %d)", s.Name, s.Protocol, s.Port) }

// adminServices are the administrator's and database services that hardly anybody means to offer to the whole Internet.
var adminServices = []Service{
	{"ssh", "tcp", 22},
	{"telnet", "tcp", 23},
	{"Oracle", "tcp", 1521},
	{"SQL Server", "tcp", 1433},
	{"SQL Server browser", "udp", 1434},
	{"Docker", "tcp", 2375},
	{"Docker", "tcp", 2376},
	{"etcd", "tcp", 2379},
	{"etcd", "tcp", 2380},
	{"MySQL", "tcp", 3306},
	{"rdp", "tcp", 3389},
	{"rdp", "udp", 3389},
	{"PostgreSQL", "tcp", 5432},
	{"CouchDB", "tcp", 5984},
	{"WinRM", "tcp", 5985},
	{"WinRM", "tcp", 5986},
	{"Redis", "tcp", 6379},
	{"Kubernetes API", "tcp", 6443},
	{"InfluxDB", "tcp", 8086},
	{"ClickHouse", "tcp", 8123},
	{"Cassandra", "tcp", 9042},
	{"Elasticsearch", "tcp", 9200},
	{"Elasticsearch", "tcp", 9300},
	{"kubelet", "tcp", 10250},
	{"kubelet", "tcp", 10255},
	{"memcached", "tcp", 11211},
	{"memcached", "udp", 11211},
	{"MongoDB", "tcp", 27017},
	{"MongoDB", "tcp", 27018},
	{"MongoDB", "tcp", 27019},
	{"MySQL X", "tcp", 33060},
}

// everybody is the public part of each family's address space: who may be reached from there is open to the world, even
// if a private network is left out.
var everybody = [...]Addresses{
	publicAddresses("0.0.0.0/0",
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
	publicAddresses("2000::/3", "2001:db8::/32", "3fff::/20"),
}

func publicAddresses(space string, reserved ...string) Addresses {
	var others Addresses
	for _, cidr := range reserved {
		others = append(others, netip.MustParsePrefix(cidr))
	}
	// Only the length of the result can be a fault.
	public, _ := Addresses{netip.MustParsePrefix(space)}.Subtract(addressesOf(others))
	return public
}

// OpenPort is an administrator's or database port that everybody may reach.
type OpenPort struct {
	Service
	// Keys are those of the rules that open it, alone or together.
	Keys []string
}

// OpenAdminPorts lists the administrator's and database ports that the ingress rules together open to everybody: as one
// port, in a range or with all protocols, for one CIDR or for several that together leave no public address out. The
// rules are without faults. What depends on an unknown value does not count.
func OpenAdminPorts(rules map[string]Given) []OpenPort {
	// In the order of the addresses, which spares each service most of the sorting.
	var all []admittedPrefix
	for key, given := range rules {
		remote, _ := given.remote()
		for _, prefix := range remote.Addresses {
			all = append(all, admittedPrefix{key, prefix})
		}
	}
	slices.SortFunc(all, func(a, b admittedPrefix) int { return a.prefix.Compare(b.prefix) })
	var open []OpenPort
	for _, service := range adminServices {
		closed := func(one admittedPrefix) bool {
			does, _ := rules[one.key].admits(service.Protocol, service.Port)
			return !does
		}
		if keys := openers(slices.DeleteFunc(slices.Clone(all), closed)); len(keys) > 0 {
			open = append(open, OpenPort{service, keys})
		}
	}
	return open
}

// admittedPrefix is what one rule lets in.
type admittedPrefix struct {
	key    string
	prefix netip.Prefix
}

// openers are the keys of the rules that let everybody of a family in: those that let in most, then those that would
// still do so without them, and so on. The others are not at fault, such as one for an office beside one for everybody.
func openers(admitted []admittedPrefix) []string {
	keys := map[string]bool{}
	for _, public := range everybody {
		rest := admitted
		for addressesOf(prefixesOf(rest)).Contain(public) {
			var within []admittedPrefix
			all := prefixesOf(rest)
			for _, one := range rest {
				switch {
				case slices.ContainsFunc(all, func(other netip.Prefix) bool { return other != one.prefix && covers(other, one.prefix) }):
					within = append(within, one)
				case slices.ContainsFunc(public, one.prefix.Overlaps):
					keys[one.key] = true
				}
			}
			rest = within
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

func prefixesOf(admitted []admittedPrefix) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(admitted))
	for i, one := range admitted {
		prefixes[i] = one.prefix
	}
	return prefixes
}
