package rule

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLint(t *testing.T) {
	t.Parallel()
	type rules = map[string]Given
	group := func(g Given) Given {
		return with(g, func(g *Given) { g.RemoteIPPrefix, g.RemoteGroupID = nil, new(bastionGroup) })
	}
	self := func(g Given) Given { return with(g, func(g *Given) { g.RemoteIPPrefix, g.Self = nil, new(true) }) }
	of := func(protocol string, g Given) Given { return with(g, func(g *Given) { g.Protocol = &protocol }) }
	out := func(g Given) Given { return with(g, func(g *Given) { g.Direction = new(Egress) }) }
	described := func(g Given, text string) Given { return with(g, func(g *Given) { g.Description = &text }) }
	ping := func(kind, code int64) Given {
		return with(withPorts("icmp", kind, code), func(g *Given) { g.RemoteIPPrefix = new("0.0.0.0/0") })
	}
	const removeOffice = `shadowed [office world]: All that "office" allows, "world" allows too. Remove "office", or narrow "world" if it allows too much.`
	tests := map[string]struct {
		rules rules
		want  []string
	}{
		"nothing":                  {nil, nil},
		"different services":       {rules{"http": from("0.0.0.0/0", 80, 80), "https": from("0.0.0.0/0", 443, 443), "dns": of("udp", from("0.0.0.0/0", 53, 53))}, nil},
		"a network in another":     {rules{"office": from("10.0.0.0/8", 22, 22), "world": from("0.0.0.0/0", 22, 22)}, []string{removeOffice}},
		"of all ports":             {rules{"office": from("10.0.0.0/8", 22, 22), "world": from("0.0.0.0/0", 1, 65535)}, []string{removeOffice}},
		"of all protocols":         {rules{"office": from("10.0.0.0/8", 22, 22), "world": of("any", from("0.0.0.0/0", none, none))}, []string{removeOffice}},
		"of the group's members":   {rules{"office": group(from("", 22, 22)), "world": from("0.0.0.0/0", 22, 22)}, []string{removeOffice}},
		"of the group itself":      {rules{"office": self(of("any", from("", none, none))), "world": of("any", from("0.0.0.0/0", none, none))}, []string{removeOffice}},
		"host bits":                {rules{"office": from("10.1.2.3/16", 22, 22), "world": from("10.0.0.0/8", 22, 22)}, []string{removeOffice}},
		"ICMP of a type":           {rules{"office": ping(8, 0), "world": ping(8, none)}, []string{removeOffice}},
		"ICMP of a code":           {rules{"a": ping(3, 4), "b": ping(3, 1), "c": ping(4, none)}, nil},
		"the other direction":      {rules{"office": out(from("10.0.0.0/8", 22, 22)), "world": from("0.0.0.0/0", 22, 22)}, nil},
		"the other IP version":     {rules{"office": from("2001:db8::/32", 22, 22), "world": from("0.0.0.0/0", 22, 22)}, nil},
		"another protocol":         {rules{"office": of("udp", from("10.0.0.0/8", 22, 22)), "world": from("0.0.0.0/0", 22, 22)}, nil},
		"a group and its network":  {rules{"office": group(from("", 22, 22)), "world": from("10.0.0.0/8", 22, 22)}, nil},
		"a group and itself":       {rules{"a": group(from("", 22, 22)), "b": self(from("", 22, 22))}, nil},
		"twice":                    {rules{"a": from("0.0.0.0/0", 22, 22), "b": described(from("", 22, 22), "again")}, []string{`shadowed [b a]: All that "b" allows, "a" allows too. Remove "b", or narrow "a" if it allows too much.`}},
		"three, one in another":    {rules{"a": from("10.0.0.0/16", 22, 22), "b": from("10.0.0.0/8", 22, 22), "c": from("0.0.0.0/0", 22, 22)}, []string{`shadowed [a c]`, `shadowed [b c]`}},
		"by two together":          {rules{"a": from("10.0.0.0/8", 20, 30), "b": from("0.0.0.0/0", 15, 24), "c": from("10.0.0.0/7", 25, 40)}, []string{`shadowed [a b c]: All that "a" allows, "b" and "c" allow together. Remove "a".`}},
		"neighbouring ports":       {rules{"http": from("0.0.0.0/0", 80, 80), "more": described(from("", 81, 90), "more")}, []string{`mergeable [http more]: "http" and "more" allow the same but for their ports, which join up. Write one entry with port_range_min = 80 and port_range_max = 90 in their place.`}},
		"ports with a gap":         {rules{"http": from("0.0.0.0/0", 80, 80), "more": from("0.0.0.0/0", 82, 90)}, nil},
		"ports that overlap":       {rules{"b": from("0.0.0.0/0", 80, 85), "a": from("0.0.0.0/0", 83, 90)}, []string{`mergeable [a b]: "a" and "b" allow the same but for their ports, which join up. Write one entry with port_range_min = 80 and port_range_max = 90 in their place.`}},
		"two runs of ports":        {rules{"a": self(from("", 1, 1)), "b": self(from("", 2, 2)), "c": self(from("", 4, 4)), "d": self(from("", 5, 5)), "e": self(from("", 6, 6))}, []string{"mergeable [a b]", "mergeable [c d e]"}},
		"all ports together":       {rules{"a": group(from("", 1, 24)), "b": group(from("", 25, 65535))}, []string{`mergeable [a b]: "a" and "b" allow the same but for their ports, which join up. Write one entry with port_range_min = 1 and port_range_max = 65535 in their place.`}},
		"neighbouring ICMP types":  {rules{"a": ping(8, none), "b": ping(9, none)}, nil},
		"halves of a network":      {rules{"a": from("10.0.0.0/9", 22, 22), "b": from("10.128.0.0/9", 22, 22)}, []string{`mergeable [a b]: "a" and "b" allow the same but for their remote_ip_prefix, which join up. Write one entry with remote_ip_prefix = "10.0.0.0/8" in their place.`}},
		"halves of the Internet":   {rules{"a": ping(8, none), "b": out(from("0.0.0.0/1", none, none)), "c": out(from("128.0.0.0/1", none, none))}, []string{`mergeable [b c]: "b" and "c" allow the same but for their remote_ip_prefix, which join up. Write one entry with remote_ip_prefix = "0.0.0.0/0" in their place.`}},
		"a half, and two quarters": {rules{"a": from("10.0.0.0/9", 22, 22), "b": from("10.128.0.0/10", 22, 22), "c": from("10.192.0.0/10", 22, 22)}, []string{"mergeable [a b c]"}},
		"no halves of one":         {rules{"a": from("10.0.1.0/24", 22, 22), "b": from("10.0.2.0/24", 22, 22)}, nil},
		"halves of both versions":  {rules{"a": from("0.0.0.0/0", 22, 22), "b": from("::/0", 22, 22)}, nil},
		"ports and networks": {
			rules{"a": from("10.0.0.0/9", 22, 22), "b": from("10.128.0.0/9", 22, 22), "c": from("10.0.0.0/9", 23, 23)},
			[]string{`mergeable [a c]: "a" and "c" allow the same but for their ports`, `mergeable [a b]: "a" and "b" allow the same but for their remote_ip_prefix`},
		},
		"ports of a wider remote":  {rules{"office": from("10.0.0.0/8", 20, 25), "world": from("0.0.0.0/0", 25, 25)}, []string{`overlapping [office world]: Some ports of "office" are already allowed by "world", for all of its remote. In "office" write port_range_min = 20 and port_range_max = 24.`}},
		"ports in the middle":      {rules{"office": group(from("", 20, 25)), "world": from("0.0.0.0/0", 22, 22), "more": from("", 24, 30)}, []string{`overlapping [office more world]: Some ports of "office" are already allowed by "more" and "world", for all of its remote. In its place write 2 entries, with the ports 20-21 and 23.`}},
		"all ports are meant":      {rules{"among": self(from("", 1, 65535)), "https": from("0.0.0.0/0", 443, 443)}, nil},
		"all protocols are meant":  {rules{"among": self(of("any", from("", none, none))), "https": from("0.0.0.0/0", 443, 443)}, nil},
		"ports of unlike remotes":  {rules{"a": group(from("", 20, 25)), "b": from("10.0.0.0/8", 24, 30)}, nil},
		"an unknown description":   {rules{"office": hiding(from("10.0.0.0/8", 22, 22), FieldDescription), "world": from("0.0.0.0/0", 22, 22)}, []string{removeOffice}},
		"more keys than are named": {rules{"a": self(from("", 1, 1)), "b": self(from("", 2, 2)), "c": self(from("", 3, 3)), "d": self(from("", 4, 4)), "e": self(from("", 5, 5)), "f": self(from("", 6, 6)), "g": self(from("", 7, 7))}, []string{`mergeable [a b c d e f g]: "a", "b", "c", "d", "e" and 2 more allow`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings, known := Lint(test.rules)
			if len(findings) != len(test.want) || !known {
				t.Fatalf("known %t: %v", known, findings)
			}
			for i, finding := range findings {
				if got := fmt.Sprintf("%s %s: %s", finding.Kind, finding.Keys, finding.Text); !strings.HasPrefix(got, test.want[i]) {
					t.Errorf("got  %s\nwant %s", got, test.want[i])
				}
			}
		})
	}
}

// Nothing is judged while a value that counts is unknown.
func TestLintUnknown(t *testing.T) {
	t.Parallel()
	for _, field := range fields {
		rules := map[string]Given{"office": hiding(from("10.0.0.0/8", 22, 22), field), "world": from("0.0.0.0/0", 22, 22)}
		if findings, known := Lint(rules); known != (field == FieldDescription) || !known && findings != nil {
			t.Errorf("%s is unknown: %t %v", field, known, findings)
		}
	}
}

// packet is the first one of a connection, as a firewall sees it.
type packet struct {
	direction, protocol string
	port, code          int64
	remote              netip.Addr
	member              string // the group that the remote is in
}

// passes is what a firewall does with it: the definition, for one rule.
func (p packet) passes(r Rule) bool {
	ipv6 := r.Ethertype == "IPv6" || r.Ethertype == "" && strings.Contains(r.RemoteIPPrefix, ":")
	protocol := r.Protocol
	if ipv6 && protocol == "icmp" {
		protocol = "ipv6-icmp"
	}
	switch {
	case r.Direction != p.direction, ipv6 != p.remote.Is6(), protocol != "" && protocol != "any" && protocol != p.protocol:
		return false
	case strings.Contains(protocol, "icmp") && (r.PortRangeMin != nil && p.port != *r.PortRangeMin || r.PortRangeMax != nil && p.code != *r.PortRangeMax):
		return false
	case !strings.Contains(protocol, "icmp") && r.PortRangeMin != nil && (p.port < *r.PortRangeMin || p.port > *r.PortRangeMax):
		return false
	case r.RemoteGroupID != "":
		return p.member == r.RemoteGroupID
	}
	return r.RemoteIPPrefix == "" || netip.MustParsePrefix(r.RemoteIPPrefix).Contains(p.remote)
}

// packets are all of the small world that randomLinted is of.
func packets() []packet {
	var all []packet
	for block := range 16 {
		address := eighth([]string{IPv4, IPv6}[block/8], block%8)
		for _, member := range []string{"", bastionGroup, webGroup, Self} {
			for _, direction := range []string{Ingress, Egress} {
				for _, protocol := range []string{"tcp", "udp"} {
					for _, port := range []int64{1, 19, 20, 21, 22, 23, 24, 25, 26, 65535} {
						all = append(all, packet{direction, protocol, port, 0, address, member})
					}
				}
				for kind := range int64(3) {
					for code := range int64(3) {
						all = append(all, packet{direction, []string{"icmp", "ipv6-icmp"}[block/8], kind, code, address, member})
					}
				}
				all = append(all, packet{direction, "gre", 0, 0, address, member}, packet{direction, "esp", 0, 0, address, member})
			}
		}
	}
	return all
}

// randomLinted are rules of the world of randomRules, with ICMP, with ports of UDP, and some that differ from the first one in
// their ports or their remote alone.
func randomLinted(random *rand.Rand) map[string]Given {
	rules := randomRules(random)
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		g, first := rules[key], rules["r0"]
		switch random.IntN(8) {
		case 0, 1:
			if g.PortRangeMin != nil && first.PortRangeMin != nil && HasPorts(*g.Protocol) && HasPorts(*first.Protocol) {
				first.PortRangeMin, first.PortRangeMax = g.PortRangeMin, g.PortRangeMax
				g = first
			}
		case 2, 3:
			first.RemoteIPPrefix, first.RemoteGroupID, first.Self, first.Ethertype = g.RemoteIPPrefix, g.RemoteGroupID, g.Self, g.Ethertype
			g = first
		case 4:
			g.Protocol, g.PortRangeMin, g.PortRangeMax = new("icmp"), nil, nil
			if random.IntN(3) > 0 {
				g.PortRangeMin = new(random.Int64N(2))
				if random.IntN(2) == 0 {
					g.PortRangeMax = new(random.Int64N(2))
				}
			}
		case 5:
			g.Protocol, g.PortRangeMin, g.PortRangeMax = new("udp"), new(int64(22)), new(22+random.Int64N(3))
		}
		rules[key] = g
	}
	return rules
}

// Following the advice of a finding changes no packet's fate, each one by itself; and all that one other entry
// shadows, and all pairs whose ports join up, are found.
func TestLintIsTrue(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	everyPacket := packets()
	passing := func(into []bool, r Rule) []bool {
		for i, p := range everyPacket {
			into[i] = into[i] || p.passes(r)
		}
		return into
	}
	count := map[FindingKind]int{}
	for range 6000 {
		given := randomLinted(random)
		passed := map[string][]bool{}
		for key, g := range given {
			passed[key] = passing(make([]bool, len(everyPacket)), g.Rule())
		}
		findings, _ := Lint(given)
		for _, finding := range findings {
			count[finding.Kind]++
			before, after := make([]bool, len(everyPacket)), make([]bool, len(everyPacket))
			for key, pass := range passed {
				for i := range pass {
					before[i] = before[i] || pass[i]
					after[i] = after[i] || pass[i] && !slices.Contains(finding.remove, key)
				}
			}
			for _, r := range finding.write {
				passing(after, r)
			}
			if !slices.Equal(before, after) || len(finding.remove) == 0 || len(finding.Keys) < 2 {
				t.Fatalf("%+v: another fate of some packets: %+v", given, finding)
			}
		}
		if missed := unfound(given, passed, findings); missed != "" {
			for key, g := range given {
				t.Log(key, g.Rule().Canonical().Name())
			}
			t.Fatalf("%s: %+v", missed, findings)
		}
	}
	for _, kind := range []FindingKind{Shadowed, Mergeable, Overlapping} {
		if count[kind] < 100 {
			t.Errorf("only %d are %s", count[kind], kind)
		}
	}
}

// unfound describes an entry that another one covers and that is in no finding, or two that one could replace.
func unfound(given map[string]Given, passed map[string][]bool, findings []Finding) string {
	shadowed, merged := map[string]bool{}, map[string]bool{}
	for _, finding := range findings {
		switch finding.Kind {
		case Shadowed:
			shadowed[finding.Keys[0]] = true
		case Mergeable:
			for _, key := range finding.Keys {
				merged[key] = true
			}
		}
	}
	within := func(part, whole []bool) bool {
		for i, passes := range part {
			if passes && !whole[i] {
				return false
			}
		}
		return true
	}
	for a := range given {
		for b := range given {
			ruleA, ruleB := given[a].Rule().Canonical(), given[b].Rule().Canonical()
			sameButPorts := func() bool {
				ruleA, ruleB := ruleA, ruleB
				ruleA.PortRangeMin, ruleA.PortRangeMax, ruleB.PortRangeMin, ruleB.PortRangeMax = nil, nil, nil, nil
				return ruleA == ruleB && HasPorts(ruleA.Protocol)
			}
			switch {
			case a == b, shadowed[a], shadowed[b]:
			case within(passed[a], passed[b]):
				return fmt.Sprintf("%s covers %s", b, a)
			case merged[a] && merged[b], !sameButPorts(), *ruleA.PortRangeMin > *ruleB.PortRangeMin:
			case *ruleB.PortRangeMin <= *ruleA.PortRangeMax+1:
				return fmt.Sprintf("%s and %s join up", a, b)
			}
		}
	}
	return ""
}

// Each of many findings is one finding, and names what it needs: no answer grows with the pairs.
func TestLintManyOverlaps(t *testing.T) {
	t.Parallel()
	rules := map[string]Given{}
	for i := range GroupLimit / 2 {
		rules[fmt.Sprint("narrow", i)] = from(fmt.Sprintf("10.%d.0.0/24", 2*i), 1000, 2000)
		rules[fmt.Sprint("wide", i)] = from(fmt.Sprintf("10.%d.0.0/16", 2*i), 1500, 2500)
	}
	findings, _ := Lint(rules)
	got := map[FindingKind]int{}
	for _, finding := range findings {
		got[finding.Kind]++
	}
	if diff := cmp.Diff(map[FindingKind]int{Overlapping: GroupLimit / 2}, got); diff != "" {
		t.Error(diff)
	}
}
