package rule

import "testing"

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
