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

// String names a service and its port: "ssh (22)", "memcached (udp 11211)".
func (s Service) String() string {
	if s.Protocol == "tcp" {
		return fmt.Sprintf("%s (%d)", s.Name, s.Port)
	}
	return fmt.Sprintf("%s (%s %d)", s.Name, s.Protocol, s.Port)
}

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
var everybody = []Addresses{
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

// isEverybody reports whether a CIDR leaves no public address of its family out.
func isEverybody(cidr string) bool {
	prefix, ok := parsePrefix(cidr)
	return ok && slices.ContainsFunc(everybody, Addresses{prefix.Masked()}.Contain)
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
	var all []opening
	for key, given := range rules {
		reachable := given.reachable()
		if reachable.none || !reachable.certain {
			continue
		}
		remote, _ := given.remote()
		for _, prefix := range remote.Addresses {
			all = append(all, opening{key, prefix, reachable})
		}
	}
	if !slices.ContainsFunc(everybody, addressesOf(prefixesOf(all)).Contain) {
		return nil // as in nearly every group
	}
	slices.SortFunc(all, func(a, b opening) int { return a.prefix.Compare(b.prefix) })
	var open []OpenPort
	for _, service := range adminServices {
		closed := func(one opening) bool { return !one.includes(service.Protocol, service.Port) }
		if keys := openers(slices.DeleteFunc(slices.Clone(all), closed)); len(keys) > 0 {
			open = append(open, OpenPort{service, keys})
		}
	}
	return open
}

// opening is what one rule opens, and for whom.
type opening struct {
	key    string
	prefix netip.Prefix
	reachable
}

// openers are the keys of the rules that let everybody of a family in: those that let in most, then those that would
// still do so without them, and so on. The others are not at fault, such as one for an office beside one for everybody.
// The openings are sorted by prefix, so that each comes behind those that hold it.
func openers(openings []opening) []string {
	keys := map[string]bool{}
	for _, public := range everybody {
		rest := openings
		for addressesOf(prefixesOf(rest)).Contain(public) {
			var within []opening
			var widest netip.Prefix
			for _, one := range rest {
				if one.prefix != widest && covers(widest, one.prefix) {
					within = append(within, one)
					continue
				}
				widest = one.prefix
				if slices.ContainsFunc(public, one.prefix.Overlaps) {
					keys[one.key] = true
				}
			}
			rest = within
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

func prefixesOf(openings []opening) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(openings))
	for i, one := range openings {
		prefixes[i] = one.prefix
	}
	return prefixes
}
