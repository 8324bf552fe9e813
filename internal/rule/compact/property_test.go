package compact

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// hclIdentifier is what HCL takes for an object key without quotes:
// https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#identifiers
var hclIdentifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// randomEntry is a valid one whose CIDRs begin with the given number.
func randomEntry(random *rand.Rand, network int) Entry {
	some := func(from func(...string) []Value, texts ...string) []Value {
		random.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		if n := random.IntN(len(texts) + 1); n > 0 {
			return from(texts[:n]...)
		}
		return nil
	}
	e := Entry{
		Directions: some(func(t ...string) []Value { return list("direction", t...) }, "ingress", "egress"),
		Protocols:  protocols("tcp", "udp")[:1+random.IntN(2)],
		Ports:      append(some(ports, "22", "443", "8000-8010"), ports("53")...),
		CIDRs: some(cidrs, fmt.Sprintf("%d.0.0.0/8", network), fmt.Sprintf("%d.1.0.0/16", network), fmt.Sprintf("%x00:db8::/32", network),
			fmt.Sprintf("here%d=%d.2.0.0/16", network, network)),
		Self: true,
	}
	return e
}

// One CIDR more is one rule more for each direction, protocol and port range.
// Every other rule stays under its name, whatever the order of the lists.
func TestOneMore(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		entries := named(randomEntry(random, 10), randomEntry(random, 11))
		before := expanded(t, entries)
		e := &entries[random.IntN(2)]
		extra := cidrs("2001:db8:7::/48", "there=192.0.2.0/24")[random.IntN(2)]
		e.CIDRs = append(e.CIDRs, extra)
		random.Shuffle(len(e.CIDRs), func(i, j int) { e.CIDRs[i], e.CIDRs[j] = e.CIDRs[j], e.CIDRs[i] })
		random.Shuffle(len(e.Ports), func(i, j int) { e.Ports[i], e.Ports[j] = e.Ports[j], e.Ports[i] })
		after := expanded(t, entries)

		want := max(1, len(e.Directions)) * len(e.Protocols) * len(e.Ports)
		if got := len(after) - len(before); got != want {
			t.Errorf("%d rules more, want %d", got, want)
		}
		maps.DeleteFunc(after, func(_ string, g rule.Given) bool { return deref(g.RemoteIPPrefix) == extra.Text })
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("other rules changed: %s", diff)
		}
	}
}

func expanded(t *testing.T, entries []Entry) map[string]rule.Given {
	t.Helper()
	rules, err := Expand(entries, limit)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// FuzzExpand: what comes out of two entries of any text is valid, each rule
// once, under a name that is an HCL identifier; and else there is an error of
// a decent length.
func FuzzExpand(f *testing.F) {
	f.Add("ingress", "tcp", "443", "10.0.0.0/8", "2001:db8::/32", groupID, "", "text", uint8(0))
	f.Add("egress", "icmp", "3/4", "0.0.0.0/0", "::/0", groupID, "IPv6", "", uint8(255))
	f.Add("egress", "ipip", "8000-8010", "0.0.0.0", "10.0.0.1/8", "web", "IPv4", "é", uint8(64))
	f.Fuzz(func(t *testing.T, direction, protocol, port, cidr, named, group, ethertype, description string, bits uint8) {
		has := func(bit int) bool { return bits&(1<<bit) != 0 }
		a := Entry{Where: "a", CIDRs: []Value{{Where: "cidrs[0]", Text: cidr}, {Where: "named", Text: named, Name: direction + group}}}
		b := Entry{Where: "b", RemoteGroupIDs: []Value{{Text: group}, {Text: group, Name: description, Unknown: has(0)}}, Self: has(1), CIDRs: a.CIDRs[:1]}
		for i, e := range []*Entry{&a, &b} {
			if has(2 + i) {
				e.Protocols = []Value{{Text: protocol, Unknown: has(1)}}
			}
			if has(3 + i) {
				e.Directions = []Value{{Text: direction}, {Text: rule.Egress}}
			}
			if has(4 + i) {
				e.Ports = []Value{{Text: port}}
			} else if has(5 + i) {
				e.ICMPTypes = []Value{{Text: port}}
			}
			if ethertype != "" {
				e.Ethertypes = []Value{{Text: ethertype}}
			}
			e.Description = &Value{Text: description}
		}
		rules, err := Expand([]Entry{a, b}, limit)
		if err != nil && len(err.Error()) > 20_000 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
		keys := map[rule.Key]bool{}
		for name, given := range rules {
			if refused := slices.ContainsFunc(given.Problems(), func(p rule.Problem) bool { return !p.Warning }); refused || !hclIdentifier.MatchString(name) {
				t.Errorf("%s: %s: %v", name, line(given), given.Problems())
			}
			if key := given.Rule().Key(); len(given.Unknown) == 0 {
				if keys[key] {
					t.Errorf("%s is there twice: %v", name, lines(rules))
				}
				keys[key] = true
			}
		}
	})
}
