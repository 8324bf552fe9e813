package rule

import (
	"maps"
	"slices"
	"testing"
)

// dimension is an attribute with what it can be: left out, or one of the
// values that make a difference to other attributes.
type dimension struct {
	field   Field
	choices []func(*Given)
}

func choices[T any](field Field, at func(*Given) **T, values ...T) dimension {
	d := dimension{field, []func(*Given){func(*Given) {}}}
	for _, value := range values {
		d.choices = append(d.choices, func(g *Given) { *at(g) = &value })
	}
	return d
}

func dimensions() []dimension {
	return []dimension{
		// Left out it is refused whatever the others are.
		{FieldDirection, choices(FieldDirection, func(g *Given) **string { return &g.Direction }, Ingress, Egress).choices[1:]},
		choices(FieldEthertype, func(g *Given) **string { return &g.Ethertype }, IPv4, IPv6),
		choices(FieldProtocol, func(g *Given) **string { return &g.Protocol }, "any", "tcp", "icmp", "ipv6-icmp", "ipv6-frag", "gre"),
		choices(FieldPortRangeMin, func(g *Given) **int64 { return &g.PortRangeMin }, 0, 1, 300, 70000),
		choices(FieldPortRangeMax, func(g *Given) **int64 { return &g.PortRangeMax }, 0, 2, 300, 65535, 70000),
		choices(FieldRemoteIPPrefix, func(g *Given) **string { return &g.RemoteIPPrefix }, "10.0.0.0/8", "::/0"),
		choices(FieldRemoteGroupID, func(g *Given) **string { return &g.RemoteGroupID }, otherGroup),
		choices(FieldSelf, func(g *Given) **bool { return &g.Self }, true),
	}
}

// TestUnknownIsNeitherGuessedNorWasted goes through all rules of the
// dimensions, with each attribute also unknown: a rule is refused exactly when
// every rule that it may turn out to be is refused.
func TestUnknownIsNeitherGuessedNorWasted(t *testing.T) {
	t.Parallel()
	space := dimensions()
	hopeless := map[string]bool{}
	rules, refusals := 0, 0
	// index[d] is the choice of dimension d. The number behind the last choice
	// is unknown, so what it may turn out to be has been visited before.
	var visit func(index []byte)
	visit = func(index []byte) {
		if len(index) < len(space) {
			for i := range len(space[len(index)].choices) + 1 {
				visit(append(slices.Clone(index), byte(i)))
			}
			return
		}
		g := Given{Unknown: map[Field]bool{}}
		firstUnknown := -1
		for d, i := range index {
			if int(i) < len(space[d].choices) {
				space[d].choices[i](&g)
				continue
			}
			g.Unknown[space[d].field] = true
			if firstUnknown < 0 {
				firstUnknown = d
			}
		}
		refused := len(refusedFields(g)) > 0
		want := refused
		if firstUnknown >= 0 {
			want = true
			for i := range space[firstUnknown].choices {
				completed := slices.Clone(index)
				completed[firstUnknown] = byte(i)
				want = want && hopeless[string(completed)]
			}
		}
		hopeless[string(index)] = want
		rules++
		if want {
			refusals++
		}
		if refused != want && !t.Failed() {
			t.Errorf("unknown %v: refused is %t, want %t: %q, ethertype %q, protocol %q, ports %v %v, prefix %q, problems %v",
				slices.Collect(maps.Keys(g.Unknown)), refused, want, value(g.Direction), value(g.Ethertype), value(g.Protocol),
				value(g.PortRangeMin), value(g.PortRangeMax), value(g.RemoteIPPrefix), g.Problems())
		}
	}
	visit(nil)
	t.Logf("%d rules, %d of them refused", rules, refusals)
	if refusals == 0 || refusals == rules {
		t.Errorf("%d of %d rules are refused", refusals, rules)
	}
}
