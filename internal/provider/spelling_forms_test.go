package provider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// leaves are the attributes of a rule as HCL text.
type leaves map[string]string

func (l leaves) hcl() string {
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l)) {
		fmt.Fprintf(&lines, "    %s = %s\n", name, l[name])
	}
	return lines.String()
}

// spelling is one rule in two spellings.
type spelling struct {
	// key is the rule's readable name, so that an import uses it too.
	key           string
	first, second leaves
	line          string // as the cloud stores it
}

// spellings has every pair of synonyms. Rules that are otherwise equal differ
// in port or network.
func spellings(peer string) []spelling {
	const out = `"egress"`
	return []spelling{
		{
			"egress-ipv4-tcp-1", leaves{"direction": out, "protocol": `"tcp"`, "port_range_min": "1", "port_range_max": "1", "remote_ip_prefix": `"0.0.0.0/0"`},
			leaves{"direction": out, "protocol": `"tcp"`, "port_range_min": "1", "port_range_max": "1"}, "egress IPv4 tcp 1-1",
		},
		{
			"egress-ipv6-tcp-2", leaves{"direction": out, "protocol": `"tcp"`, "port_range_min": "2", "port_range_max": "2", "remote_ip_prefix": `"::/0"`},
			leaves{"direction": out, "protocol": `"tcp"`, "port_range_min": "2", "port_range_max": "2", "ethertype": `"IPv6"`}, "egress IPv6 tcp 2-2",
		},
		{
			"egress-ipv4-all-to-198_51_100_0-24", leaves{"direction": out, "protocol": `"any"`, "remote_ip_prefix": `"198.51.100.0/24"`},
			leaves{"direction": out, "remote_ip_prefix": `"198.51.100.0/24"`}, "egress IPv4 from 198.51.100.0/24",
		},
		{
			"ingress-ipv6-all-from-2001_db8__-32", leaves{"protocol": `"any"`, "remote_ip_prefix": `"2001:DB8::/32"`},
			leaves{"protocol": `"any"`, "remote_ip_prefix": `"2001:db8:0:0::/32"`, "ethertype": `"IPv6"`}, "ingress IPv6 from 2001:db8::/32",
		},
		{
			"ingress-ipv6-all-from-__ffff_10_0_0_0-104", leaves{"protocol": `"any"`, "remote_ip_prefix": `"::ffff:10.0.0.0/104"`},
			leaves{"protocol": `"any"`, "remote_ip_prefix": `"::FFFF:A00:0/104"`}, "ingress IPv6 from ::ffff:10.0.0.0/104",
		},
		{
			"ingress-ipv4-all-from-192_0_2_1-32", leaves{"protocol": `"any"`, "remote_ip_prefix": `"192.0.2.1"`},
			leaves{"protocol": `"any"`, "remote_ip_prefix": `"192.0.2.1/32"`}, "ingress IPv4 from 192.0.2.1/32",
		},
		{
			"ingress-ipv6-all-from-2001_db8__1-128", leaves{"protocol": `"any"`, "remote_ip_prefix": `"2001:db8::1"`},
			leaves{"protocol": `"any"`, "remote_ip_prefix": `"2001:db8::1/128"`}, "ingress IPv6 from 2001:db8::1/128",
		},
		{
			"egress-ipv4-udp", leaves{"direction": out, "protocol": `"udp"`, "port_range_min": "1", "port_range_max": "65535"},
			leaves{"direction": out, "protocol": `"udp"`}, "egress IPv4 udp",
		},
		{
			"ingress-ipv6-ipv6-icmp", leaves{"protocol": `"icmp"`, "ethertype": `"IPv6"`, "remote_ip_prefix": `"::/0"`},
			leaves{"protocol": `"ipv6-icmp"`, "remote_ip_prefix": `"::/0"`}, "ingress IPv6 ipv6-icmp",
		},
		{
			"egress-ipv6-ipv6-icmp", leaves{"direction": out, "protocol": `"icmp"`, "ethertype": `"IPv6"`},
			leaves{"direction": out, "protocol": `"ipv6-icmp"`}, "egress IPv6 ipv6-icmp",
		},
		{
			"ingress-ipv4-ipip", leaves{"protocol": `"ipencap"`, "remote_ip_prefix": `"0.0.0.0/0"`},
			leaves{"protocol": `"ipip"`, "remote_ip_prefix": `"0.0.0.0/0"`, "description": `""`}, "ingress IPv4 ipip",
		},
		{
			"egress-ipv6-ipv6-frag", leaves{"direction": out, "protocol": `"ipv6-frag"`},
			leaves{"direction": out, "protocol": `"ipv6-frag"`, "ethertype": `"IPv6"`, "remote_ip_prefix": `"::/0"`}, "egress IPv6 ipv6-frag",
		},
		{
			"egress-ipv4-gre", leaves{"direction": out, "protocol": `"gre"`, "ethertype": `"IPv4"`, "self": "false", "remote_group_id": "null"},
			leaves{"direction": out, "protocol": `"gre"`, "port_range_min": "null", "description": "null"}, "egress IPv4 gre",
		},
		{
			"ingress-ipv4-all-from-" + peer, leaves{"ethertype": `"IPv4"`, "protocol": `"any"`, "remote_group_id": fmt.Sprintf("%q", peer)},
			leaves{"ethertype": `"IPv4"`, "protocol": `"any"`, "remote_group_id": fmt.Sprintf("%q", strings.ToUpper(peer))}, "ingress IPv4 from group peer",
		},
	}
}

// spelled selects the spelling of a rule.
type spelled func(spelling) leaves

func first(s spelling) leaves  { return maps.Clone(s.first) }
func second(s spelling) leaves { return maps.Clone(s.second) }

// knownLate makes attributes known only at apply, with the same values. A
// missing attribute becomes null.
func knownLate(by spelled, names ...string) spelled {
	return func(s spelling) leaves {
		entry := by(s)
		for _, name := range names {
			example := map[string]string{"port_range_min": "1", "port_range_max": "1", "self": "true"}[name]
			value := cmp.Or(entry[name], map[string]string{"direction": `"ingress"`}[name], "null")
			entry[name] = fmt.Sprintf(`terraform_data.late.id == "" ? %s : %s`, cmp.Or(example, `"x"`), value)
		}
		return entry
	}
}

// form is a way to declare rules: all in one map, or each as a resource.
// Besides the rules of the table it has one that changes from step to step.
type form struct {
	inline  bool
	declare func(rules []spelling, by spelled, own ownRule) string
	imports func(c cloud, rules []spelling, own ownRule) string
	release func(rules []spelling, own ownRule) string
}

// ownRule is the rule that changes.
type ownRule struct {
	key  string
	port int
}

func (r ownRule) leaves() leaves {
	port := fmt.Sprint(r.port)
	return leaves{"direction": `"egress"`, "protocol": `"tcp"`, "port_range_min": port, "port_range_max": port}
}

func (r ownRule) line() string { return fmt.Sprintf("egress IPv4 tcp %d-%d", r.port, r.port) }

const rulePrefix = "gcore_cloud_security_group_rule."

// released removes objects from the state and keeps them in the cloud.
func released(addresses ...string) string {
	var blocks strings.Builder
	for _, address := range addresses {
		fmt.Fprintf(&blocks, "removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", address)
	}
	return blocks.String()
}

var inlineForm = form{
	inline: true,
	declare: func(rules []spelling, by spelled, own ownRule) string {
		var entries strings.Builder
		entry := func(key string, rule leaves) {
			rule["direction"] = cmp.Or(rule["direction"], `"ingress"`)
			fmt.Fprintf(&entries, "  %q = {\n%s  }\n", key, rule.hcl())
		}
		entry(own.key, own.leaves())
		for _, s := range rules {
			entry(s.key, by(s))
		}
		return web("rules = {\n" + entries.String() + "}")
	},
	imports: func(c cloud, _ []spelling, _ ownRule) string { return importing(webGroup, c.named("web").ID) },
	release: func([]spelling, ownRule) string { return released(webGroup) },
}

var standaloneForm = form{
	declare: func(rules []spelling, by spelled, own ownRule) string {
		config := web("")
		one := func(name string, rule leaves) {
			rule["group_id"] = "gcore_cloud_security_group.web.id"
			rule["direction"] = cmp.Or(rule["direction"], `"ingress"`)
			delete(rule, "self")
			config += fmt.Sprintf("resource \"gcore_cloud_security_group_rule\" %q {\n%s}\n", name, rule.hcl())
		}
		one(own.key, own.leaves())
		for _, s := range rules {
			one(s.key, by(s))
		}
		return config
	},
	imports: func(c cloud, rules []spelling, own ownRule) string {
		web := c.named("web")
		blocks := importing(webGroup, web.ID)
		for _, r := range web.Rules {
			name := own.key
			if i := slices.IndexFunc(rules, func(s spelling) bool { return s.line == c.ruleLine(web, r) }); i >= 0 {
				name = rules[i].key
			}
			blocks += importing(rulePrefix+name, web.ID+"/"+r.ID)
		}
		return blocks
	},
	release: func(rules []spelling, own ownRule) string {
		addresses := []string{webGroup, rulePrefix + own.key}
		for _, s := range rules {
			addresses = append(addresses, rulePrefix+s.key)
		}
		return released(addresses...)
	},
}
