package rule

import (
	"slices"
	"testing"
)

func tcpRule(port int64, description string) Rule {
	return Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: &port, PortRangeMax: &port, Description: description}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	a, b := tcpRule(1, ""), tcpRule(2, "")
	tests := map[string]struct {
		have, wanted []Rule
		missing      int
		same         bool
	}{
		"equal in another order":     {[]Rule{a, b}, []Rule{b, a}, 0, true},
		"one more":                   {[]Rule{a, b}, []Rule{a}, 0, false},
		"one less":                   {[]Rule{a}, []Rule{a, b}, 1, false},
		"twins count":                {[]Rule{a, b}, []Rule{a, a}, 1, false},
		"a description is a change":  {[]Rule{tcpRule(1, "x")}, []Rule{a}, 1, false},
		"a spelling is not":          {[]Rule{{Protocol: "icmp", Ethertype: "IPv6"}}, []Rule{{Protocol: "ipv6-icmp"}}, 0, true},
		"nothing wanted, none there": {nil, nil, 0, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := len(Missing(test.have, test.wanted)); got != test.missing {
				t.Errorf("%d missing, want %d", got, test.missing)
			}
			if got := Same(test.have, test.wanted); got != test.same {
				t.Errorf("same: %t, want %t", got, test.same)
			}
		})
	}
}

// Of twins the one of the same content is the counterpart, and each rule is a counterpart once.
func TestPair(t *testing.T) {
	t.Parallel()
	a, x, b := tcpRule(1, ""), tcpRule(1, "x"), tcpRule(2, "")
	for name, test := range map[string]struct {
		wanted, have []Rule
		pairs        []int
		unplanned    []int // of have
	}{
		"each its own":              {[]Rule{a, b}, []Rule{b, a}, []int{1, 0}, nil},
		"missing and unplanned":     {[]Rule{a}, []Rule{b}, []int{-1}, []int{0}},
		"another description":       {[]Rule{a}, []Rule{x}, []int{0}, nil},
		"the same content first":    {[]Rule{a, x}, []Rule{x, a}, []int{1, 0}, nil},
		"the twin as described":     {[]Rule{x}, []Rule{a, x}, []int{1}, []int{0}},
		"of equal twins the first":  {[]Rule{a}, []Rule{a, a}, []int{0}, []int{1}},
		"twins that are known":      {[]Rule{a, a}, []Rule{a, a}, []int{0, 1}, nil},
		"more are known than there": {[]Rule{a, a}, []Rule{x}, []int{0, -1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Pair(test.wanted, test.have); !slices.Equal(got, test.pairs) {
				t.Errorf("pairs %v, want %v", got, test.pairs)
			}
			var unplanned []Rule
			for _, i := range test.unplanned {
				unplanned = append(unplanned, test.have[i])
			}
			if got := Unplanned(test.have, test.wanted); !slices.Equal(got, unplanned) {
				t.Errorf("unplanned %v, want %v", got, unplanned)
			}
		})
	}
}

// A description that somebody typed on a system which decomposes accents is the same description.
func TestDescriptionsInTwoForms(t *testing.T) {
	t.Parallel()
	if one, other := tcpRule(1, "caf\u00e9"), tcpRule(1, "cafe\u0301"); one.Content() != other.Content() || !Same([]Rule{one}, []Rule{other}) {
		t.Errorf("%q and %q differ", one.Description, other.Description)
	}
}
