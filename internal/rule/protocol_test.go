package rule

import "testing"

func TestSameProtocol(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		a, b string
		same bool
	}{
		"itself":                    {"tcp", "tcp", true},
		"case":                      {"TCP", "tcp", true},
		"number":                    {"6", "tcp", true},
		"two words for protocol 4":  {"ipencap", "ipip", true},
		"all protocols":             {"any", "", true},
		"alias":                     {"icmpv6", "58", true},
		"others":                    {"tcp", "udp", false},
		"icmp depends on ethertype": {"icmp", "ipv6-icmp", false},
		"numbers without a name":    {"99", "100", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := SameProtocol(test.a, test.b); got != test.same {
				t.Errorf("%q and %q: same is %t", test.a, test.b, got)
			}
		})
	}
}

// TestNumbersHaveNames: each number that stands for a name stands for one that
// the API takes, so that a message never offers another.
func TestNumbersHaveNames(t *testing.T) {
	t.Parallel()
	for alias, name := range protocolNames {
		if name != "" && !IsProtocolName(name) {
			t.Errorf("%s is called %s, which the API does not take", alias, name)
		}
	}
}
