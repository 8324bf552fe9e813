package rule

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	bastionGroup = "5a8a2f58-2f4a-4b6e-9a7e-6f1f5c0f7e11"
	webGroup     = "0d5f3c1e-8a51-4b80-8f0c-0c8d5f6f3a22"
)

// from is an ingress rule of tcp for a port range and a CIDR, for everybody if that is empty.
func from(cidr string, first, last int64) Given {
	g := ingress(withPorts("tcp", first, last))
	if cidr != "" {
		g.RemoteIPPrefix = &cidr
	}
	return g
}

// with changes a rule.
func with(g Given, change func(*Given)) Given {
	change(&g)
	return g
}

// hiding makes attributes of a rule unknown.
func hiding(g Given, hidden ...Field) Given {
	g.Unknown = map[Field]bool{}
	for _, field := range hidden {
		g.Unknown[field] = true
	}
	return g
}

func TestWhoCanReach(t *testing.T) {
	t.Parallel()
	group := with(ingress(withPorts("tcp", 22, 22)), func(g *Given) { g.RemoteGroupID = new(bastionGroup) })
	self := with(ingress(withPorts("any", none, none)), func(g *Given) { g.Self = new(true) })
	type rules = map[string]Given
	tests := map[string]struct {
		rules rules
		want  Reach
	}{
		"nobody":               {nil, Reach{}},
		"the port":             {rules{"ssh": from("10.0.0.0/8", 22, 22)}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"ssh"}}},
		"another port":         {rules{"ssh": from("10.0.0.0/8", 23, 23)}, Reach{}},
		"the first of a range": {rules{"ssh": from("10.0.0.0/8", 22, 80)}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"ssh"}}},
		"the last of a range":  {rules{"ssh": from("10.0.0.0/8", 1, 22)}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"ssh"}}},
		"no ports are all":     {rules{"tcp": from("10.0.0.0/8", none, none)}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"tcp"}}},
		"another protocol":     {rules{"dns": with(from("10.0.0.0/8", 22, 22), func(g *Given) { g.Protocol = new("udp") })}, Reach{}},
		"all protocols":        {rules{"all": with(from("10.0.0.0/8", none, none), func(g *Given) { g.Protocol = new("any") })}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"all"}}},
		"egress":               {rules{"out": with(from("10.0.0.0/8", 22, 22), func(g *Given) { g.Direction = new(Egress) })}, Reach{}},
		"ICMP":                 {rules{"ping": ingress(withPorts("icmp", 22, none))}, Reach{}},
		"no remote is everybody": {
			rules{"ssh": from("", 22, 22)}, Reach{Addresses: addresses(t, "0.0.0.0/0"), Keys: []string{"ssh"}},
		},
		"of IPv6": {
			rules{"ssh": with(from("", 22, 22), func(g *Given) { g.Ethertype = new(IPv6) })}, Reach{Addresses: addresses(t, "::/0"), Keys: []string{"ssh"}},
		},
		"merged": {
			rules{"a": from("10.0.0.0/9", 1, 100), "b": from("10.128.0.0/9", 22, 22), "c": from("2001:db8::1", 22, 22), "d": from("11.0.0.0/8", 80, 80)},
			Reach{Addresses: addresses(t, "10.0.0.0/8", "2001:db8::1"), Keys: []string{"a", "b", "c"}},
		},
		"host bits say nothing":       {rules{"ssh": from("10.1.2.3/8", 22, 22)}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"ssh"}}},
		"groups, sorted, once":        {rules{"b": group, "a": with(group, func(g *Given) { g.PortRangeMax = new(int64(23)) }), "c": with(group, func(g *Given) { g.RemoteGroupID = new(webGroup) })}, Reach{RemoteGroupIDs: []string{webGroup, bastionGroup}, Keys: []string{"a", "b", "c"}}},
		"a group in upper case":       {rules{"a": with(group, func(g *Given) { g.RemoteGroupID = new("5A8A2F58-2F4A-4B6E-9A7E-6F1F5C0F7E11") })}, Reach{RemoteGroupIDs: []string{bastionGroup}, Keys: []string{"a"}}},
		"the group itself":            {rules{"among": self}, Reach{Self: true, Keys: []string{"among"}}},
		"self that is false":          {rules{"ssh": with(from("10.0.0.0/8", 22, 22), func(g *Given) { g.Self = new(false) })}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"ssh"}}},
		"all remotes in written form": {rules{"ssh": from("0.0.0.0/0", 1, 65535)}, Reach{Addresses: addresses(t, "0.0.0.0/0"), Keys: []string{"ssh"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certain, possible := WhoCanReach(test.rules, "tcp", 22)
			if diff := cmp.Diff(test.want, certain, reachOptions()...); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(certain, possible, reachOptions()...); diff != "" {
				t.Errorf("not all of it is certain: %s", diff)
			}
		})
	}
}

func reachOptions() []cmp.Option {
	return []cmp.Option{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })}
}

// An unknown value makes unknown what depends on it.
func TestWhoCanReachUnknown(t *testing.T) {
	t.Parallel()
	ssh := from("10.0.0.0/8", 22, 22)
	everywhere := addresses(t, "0.0.0.0/0", "::/0")
	type rules = map[string]Given
	tests := map[string]struct {
		rules    rules
		surely   []string // parts that are certain
		possible Reach
	}{
		"direction":              {rules{"a": hiding(ssh, FieldDirection)}, []string{"groups", "self"}, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"a"}}},
		"direction, other port":  {rules{"a": hiding(from("10.0.0.0/8", 80, 80), FieldDirection)}, all, Reach{}},
		"protocol, other port":   {rules{"a": hiding(from("10.0.0.0/8", 80, 80), FieldProtocol)}, all, Reach{}},
		"first port, beyond":     {rules{"a": hiding(from("10.0.0.0/8", 1, 21), FieldPortRangeMin)}, all, Reach{}},
		"last port, before":      {rules{"a": hiding(from("10.0.0.0/8", 23, 80), FieldPortRangeMax)}, all, Reach{}},
		"ports, in another rule": {rules{"a": hiding(ssh, FieldPortRangeMin, FieldPortRangeMax), "b": from("10.0.0.0/7", 22, 22)}, []string{"addresses", "groups", "self"}, Reach{Addresses: addresses(t, "10.0.0.0/7"), Keys: []string{"a", "b"}}},
		"prefix":                 {rules{"a": hiding(ssh, FieldRemoteIPPrefix, FieldEthertype)}, []string{"groups", "self", "keys"}, Reach{Addresses: everywhere, Keys: []string{"a"}}},
		"prefix, of IPv4":        {rules{"a": hiding(with(ssh, func(g *Given) { g.Ethertype = new(IPv4) }), FieldRemoteIPPrefix)}, []string{"groups", "self", "keys"}, Reach{Addresses: addresses(t, "0.0.0.0/0"), Keys: []string{"a"}}},
		"prefix, all are in":     {rules{"a": hiding(ssh, FieldRemoteIPPrefix), "b": from("0.0.0.0/0", 22, 22), "c": from("::/0", 22, 22)}, all, Reach{Addresses: everywhere, Keys: []string{"a", "b", "c"}}},
		"group":                  {rules{"a": hiding(from("", 22, 22), FieldRemoteGroupID)}, []string{"addresses", "self", "keys"}, Reach{RemoteGroupIDs: []string{unknownGroup}, Keys: []string{"a"}}},
		"group, a prefix given":  {rules{"a": hiding(ssh, FieldRemoteGroupID, FieldSelf, FieldEthertype, FieldDescription)}, all, Reach{Addresses: addresses(t, "10.0.0.0/8"), Keys: []string{"a"}}},
		"prefix, a group given":  {rules{"a": hiding(with(ssh, func(g *Given) { g.RemoteGroupID = new(webGroup) }), FieldRemoteIPPrefix, FieldEthertype)}, all, Reach{RemoteGroupIDs: []string{webGroup}, Keys: []string{"a"}}},
		"prefix, self given":     {rules{"a": hiding(with(ssh, func(g *Given) { g.Self = new(true) }), FieldRemoteIPPrefix, FieldRemoteGroupID)}, all, Reach{Self: true, Keys: []string{"a"}}},
		"self":                   {rules{"a": hiding(from("", 22, 22), FieldSelf)}, []string{"addresses", "groups", "keys"}, Reach{Self: true, Keys: []string{"a"}}},
		"all of it":              {rules{"a": hiding(Given{}, fields...)}, nil, Reach{Addresses: everywhere, RemoteGroupIDs: []string{unknownGroup}, Self: true, Keys: []string{"a"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certain, possible := WhoCanReach(test.rules, "tcp", 22)
			if diff := cmp.Diff(test.possible, possible, reachOptions()...); diff != "" {
				t.Error(diff)
			}
			var surely []string
			for part, same := range map[string]bool{
				"addresses": slices.Equal(certain.Addresses, possible.Addresses), "groups": slices.Equal(certain.RemoteGroupIDs, possible.RemoteGroupIDs),
				"self": certain.Self == possible.Self, "keys": slices.Equal(certain.Keys, possible.Keys),
			} {
				if same {
					surely = append(surely, part)
				}
			}
			slices.Sort(surely)
			slices.Sort(test.surely)
			if diff := cmp.Diff(test.surely, surely); diff != "" {
				t.Errorf("other parts are certain: %s", diff)
			}
		})
	}
}

var all = []string{"addresses", "groups", "keys", "self"}

// randomRules are valid rules of a small world: the eighths of both address spaces, ports near 22, few groups.
func randomRules(random *rand.Rand) map[string]Given {
	rules := map[string]Given{}
	for i := range random.IntN(7) {
		g := Given{Direction: new(Ingress), Protocol: new("tcp")}
		if random.IntN(6) == 0 {
			g.Direction = new(Egress)
		}
		switch random.IntN(8) {
		case 0:
			g.Protocol = new("any")
		case 1:
			g.Protocol = new("udp")
		case 2:
			g.Protocol = new("gre")
		case 3:
			g.PortRangeMin, g.PortRangeMax = new(int64(1)), new(int64(65535))
		default:
			first := 20 + random.Int64N(4)
			g.PortRangeMin, g.PortRangeMax = &first, new(first+random.Int64N(3))
		}
		family := []string{IPv4, IPv6}[random.IntN(2)]
		switch random.IntN(8) {
		case 0:
			g.RemoteGroupID = new([]string{bastionGroup, webGroup}[random.IntN(2)])
		case 1:
			g.Self = new(true)
		case 2:
			g.RemoteIPPrefix = new(map[string]string{IPv4: "0.0.0.0/0", IPv6: "::/0"}[family])
		default:
			block := netip.PrefixFrom(eighth(family, random.IntN(8)), random.IntN(4)).Masked().String()
			g.RemoteIPPrefix = &block
			if random.IntN(2) == 0 {
				g.Ethertype = &family
			}
		}
		rules[fmt.Sprint("r", i)] = g
	}
	return rules
}

// eighth is the first address of a block.
func eighth(family string, block int) netip.Addr {
	if family == IPv4 {
		return netip.AddrFrom4([4]byte{byte(block << 5)})
	}
	return netip.AddrFrom16([16]byte{byte(block << 5)})
}

// lets is what a firewall does with a connection from an address: the definition, for one rule.
func lets(g Given, address netip.Addr, protocol string, port int64) bool {
	if *g.Direction != "ingress" || g.RemoteGroupID != nil || g.Self != nil {
		return false
	}
	if *g.Protocol != "any" && *g.Protocol != protocol || g.PortRangeMin != nil && (port < *g.PortRangeMin || port > *g.PortRangeMax) {
		return false
	}
	return netip.MustParsePrefix(*g.RemoteIPPrefix).Contains(address)
}

// The answer is the definition's at every address; and an answer in spite of unknown values is true whatever these are.
func TestWhoCanReachIsTrue(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	certainParts := 0
	for range 20_000 {
		rules, port := randomRules(random), 19+random.Int64N(8)
		truth, same := WhoCanReach(rules, "tcp", port)
		if diff := cmp.Diff(truth, same, reachOptions()...); diff != "" {
			t.Fatalf("%v: nothing is unknown: %s", rules, diff)
		}
		for block := range 16 {
			address := eighth([]string{IPv4, IPv6}[block/8], block%8)
			want := false
			for _, g := range rules {
				want = want || lets(g, address, "tcp", port)
			}
			if got := slices.ContainsFunc(truth.Addresses, func(p netip.Prefix) bool { return p.Contains(address) }); got != want {
				t.Fatalf("%+v: %s reaches %d: %t", rules, address, port, got)
			}
		}
		hidden := maps.Clone(rules)
		for key, g := range hidden {
			var unknown []Field
			for _, field := range fields {
				if random.IntN(6) == 0 {
					unknown = append(unknown, field)
				}
			}
			hidden[key] = hiding(g, unknown...)
		}
		certain, possible := WhoCanReach(hidden, "tcp", port)
		if fault := outside(certain, truth); fault != "" {
			t.Fatalf("%+v: certain, but not so: %s", hidden, fault)
		}
		if fault := outside(truth, possible); fault != "" {
			t.Fatalf("%+v: so, but not possible: %s", hidden, fault)
		}
		if len(certain.Addresses) > 0 && slices.Equal(certain.Addresses, possible.Addresses) {
			certainParts++
		}
	}
	if certainParts < 1000 {
		t.Errorf("only %d answers in spite of unknown values", certainParts)
	}
}

// outside names what is in one and not in the other.
func outside(one, other Reach) string {
	switch {
	case !other.Addresses.Contain(one.Addresses):
		return fmt.Sprint(one.Addresses, other.Addresses)
	case one.Self && !other.Self:
		return "self"
	}
	for _, id := range one.RemoteGroupIDs {
		if !slices.Contains(other.RemoteGroupIDs, id) && !slices.Contains(other.RemoteGroupIDs, unknownGroup) {
			return id
		}
	}
	for _, key := range one.Keys {
		if !slices.Contains(other.Keys, key) {
			return key
		}
	}
	return ""
}
