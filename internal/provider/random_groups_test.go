package provider

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// random creates groups as long use by people, scripts and other programs
// leaves them: everything that Neutron stores and a configuration can express,
// in all spellings.
type random struct{ *rand.Rand }

// newRandom prints its seed, which TEST_SEED overrides.
func newRandom(t *testing.T) random {
	t.Helper()
	seed := uint64(1)
	if text := os.Getenv("TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("TEST_SEED: %v", err)
		}
	}
	t.Logf("TEST_SEED=%d makes the same groups again", seed)
	return random{rand.New(rand.NewPCG(seed, 0))}
}

func pick[T any](r random, choices ...T) T { return choices[r.IntN(len(choices))] }

// groups creates n groups that name each other. The first has no rules, the
// second 3 and the third 250.
func (r random) groups(n int) []gcoretest.Group {
	groups := make([]gcoretest.Group, n)
	for i := range groups {
		groups[i] = gcoretest.Group{
			ID: r.uuid(), ProjectID: testProject, RegionID: testRegion,
			Name: r.name() + strconv.Itoa(i), Description: r.text(), Tags: r.tags(),
		}
	}
	for i := range groups {
		count := pick(r, 0, 1, 2, 5, 10, 30)
		if i < 3 {
			count = [...]int{0, 3, 250}[i]
		}
		for held := map[string]bool{}; len(groups[i].Rules) < count; {
			rule, key := r.rule(groups[i].ID, groups[r.IntN(n)].ID)
			if !held[key] {
				held[key] = true
				groups[i].Rules = append(groups[i].Rules, rule)
			}
		}
	}
	return groups
}

func (r random) uuid() string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Uint64N(1<<48))
}

// name is a name that the API accepts, or accepted before it became strict.
func (r random) name() string {
	return pick(r, "web", "Web servers", "web.prod_1-", "0", "-odd", "x"+strings.Repeat(" long", 20), "für", "防火墙", "a/b:c", `"quoted"`, "${name}", "%{if}", "null", "for", "# no comment ")
}

// text is a description. JSON with spaces is excluded, because Terraform writes
// it as jsonencode(...) without them, and before 1.10 1e3 as 1000.
func (r random) text() string {
	return pick(r, "", "", "Web servers", `{"a":1}`, "[]", "${path.module}", "$${escaped}", "%{ if true }", `a "quote" and a \ slash\n`,
		"two\nlines", "tab\there", "<<EOT\ntext\nEOT", "  padded  ", "null", "true", "1000", "// no comment", "/*", "naïve 防火墙 😀", "cafe\u0301",
		strings.Repeat("x", 255), "\u200b", "'", "`", "\r\n")
}

// tags exclude the key "for", which Terraform writes without quotes and then
// parses as an expression.
func (r random) tags() []gcoretest.Tag {
	var tags []gcoretest.Tag
	for _, key := range []string{"team", "cost:center", "k8s.io/cluster", "1st", "null", "true", "ünï", `"q"`, "${x}", "a.b-c_d", strings.Repeat("k", 255)} {
		if r.IntN(3) == 0 {
			value := pick(r, "net", "two words", "${x}", "%{y}", `"q"`, "null", "1", `{"a": 1}`, "=", strings.Repeat("v", 255))
			if r.IntN(4) == 0 {
				value = "read-only"
			}
			tags = append(tags, gcoretest.Tag{Key: key, Value: value, ReadOnly: value == "read-only"})
		}
	}
	return tags
}

// wording is a protocol in all the spellings that the cloud stores.
type wording struct {
	name      string
	ethertype string // if only one family has the protocol
	stored    []*string
}

func (r random) protocol() wording {
	words := func(name, ethertype string, stored ...string) wording {
		w := wording{name: name, ethertype: ethertype}
		for _, word := range stored {
			w.stored = append(w.stored, new(word))
		}
		return w
	}
	all := words("all", "", "any", "0")
	all.stored = append(all.stored, nil, nil)
	return pick(r, all,
		words("tcp", "", "tcp", "6", "TCP"), words("tcp", "", "tcp"), words("udp", "", "udp", "17"), words("udplite", "", "udplite", "136"),
		words("sctp", "", "sctp", "132"), words("dccp", "", "dccp", "33"), words("icmp", "IPv4", "icmp", "1"),
		words("icmp", "IPv6", "ipv6-icmp", "58", "icmpv6", "icmp"), words("gre", "", "gre", "47"), words("ah", "", "ah", "51"),
		words("esp", "", "esp", "50"), words("vrrp", "", "vrrp", "112"), words("ipip", "", "ipip", "ipencap", "4"), words("igmp", "", "igmp", "2"),
		words("egp", "", "egp", "8"), words("ospf", "", "ospf", "89"), words("pgm", "", "pgm", "113"), words("rsvp", "", "rsvp", "46"),
		words("route", "IPv6", "ipv6-route", "43"), words("frag", "IPv6", "ipv6-frag", "44"), words("nonxt", "IPv6", "ipv6-nonxt", "59"),
		words("opts", "IPv6", "ipv6-opts", "60"), words("encap", "IPv6", "ipv6-encap", "41"))
}

// rule creates a rule of a group, and a key that all rules with the same
// meaning share.
func (r random) rule(own, other string) (gcoretest.Rule, string) {
	protocol := r.protocol()
	ethertype := protocol.ethertype
	if ethertype == "" {
		ethertype = pick(r, "IPv4", "IPv6")
	}
	rule := gcoretest.Rule{
		Direction: pick(r, "ingress", "egress"), Ethertype: &ethertype, Protocol: pick(r, protocol.stored...),
		Description: pick(r, nil, new(r.text())),
	}
	ports := r.ports(&rule, protocol.name)
	remote := r.remote(&rule, ethertype, own, other)
	return rule, strings.Join([]string{rule.Direction, ethertype, protocol.name, ports, remote}, " ")
}

func (r random) ports(rule *gcoretest.Rule, protocol string) (key string) {
	between := func(first, last int) {
		rule.PortRangeMin, rule.PortRangeMax = &first, &last
		key = fmt.Sprint(first, "-", last)
	}
	switch protocol {
	case "tcp", "udp", "udplite", "sctp", "dccp":
		switch first := 1 + r.IntN(65535); r.IntN(4) {
		case 0:
		case 1:
			between(1, 65535)
			key = ""
		case 2:
			between(first, first)
		default:
			between(first, min(65534, first+r.IntN(1000)))
		}
	case "icmp":
		switch kind := r.IntN(256); r.IntN(3) {
		case 0:
		case 1:
			rule.PortRangeMin, key = &kind, fmt.Sprint(kind)
		default:
			between(kind, r.IntN(256))
		}
	}
	return key
}

func (r random) remote(rule *gcoretest.Rule, ethertype, own, other string) (key string) {
	everywhere, network, address := "0.0.0.0/0", fmt.Sprintf("10.%d.0.0/16", r.IntN(256)), "192.0.2."+strconv.Itoa(r.IntN(256))
	whole := address + "/32"
	if ethertype == "IPv6" {
		everywhere, network, address = "::/0", fmt.Sprintf("2001:DB8:%x::/48", 1+r.IntN(4096)), fmt.Sprintf("2001:db8::%x", 1+r.IntN(4096))
		whole = address + "/128"
	}
	switch r.IntN(6) {
	case 0:
	case 1:
		rule.RemoteIPPrefix = &everywhere
	case 2:
		rule.RemoteIPPrefix, key = &network, network
	case 3:
		rule.RemoteIPPrefix, key = new(pick(r, address, whole)), address
	case 4:
		rule.RemoteGroupID, key = &own, own
	default:
		rule.RemoteGroupID, key = new(pick(r, other, strings.ToUpper(other))), other
	}
	return key
}
