package rule

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ rule, want Rule }{
		"nothing but a direction is IPv4, all protocols": {
			Rule{Direction: Ingress},
			Rule{Direction: Ingress, Ethertype: IPv4},
		},
		"family from the prefix": {
			Rule{RemoteIPPrefix: "2001:db8::/32"},
			Rule{Ethertype: IPv6, RemoteIPPrefix: "2001:db8::/32"},
		},
		"family from the protocol": {
			Rule{Protocol: "ipv6-frag"},
			Rule{Ethertype: IPv6, Protocol: "ipv6-frag"},
		},
		"a given family stays, even a wrong one": {
			Rule{Ethertype: IPv4, RemoteIPPrefix: "::/0"},
			Rule{Ethertype: IPv4, RemoteIPPrefix: "::/0"},
		},
		"icmp on IPv6":                {Rule{Ethertype: IPv6, Protocol: "icmp"}, Rule{Ethertype: IPv6, Protocol: "ipv6-icmp"}},
		"icmp by an IPv6 prefix":      {Rule{Protocol: "icmp", RemoteIPPrefix: "::/0"}, Rule{Ethertype: IPv6, Protocol: "ipv6-icmp"}},
		"number 1 on IPv6":            {Rule{Ethertype: IPv6, Protocol: "1"}, Rule{Ethertype: IPv6, Protocol: "ipv6-icmp"}},
		"icmp on IPv4":                {Rule{Protocol: "icmp"}, Rule{Ethertype: IPv4, Protocol: "icmp"}},
		"any":                         {Rule{Protocol: "any"}, Rule{Ethertype: IPv4}},
		"protocol 0":                  {Rule{Protocol: "0"}, Rule{Ethertype: IPv4}},
		"an unknown protocol stays":   {Rule{Protocol: "99"}, Rule{Ethertype: IPv4, Protocol: "99"}},
		"ipencap is ipip":             {Rule{Protocol: "ipencap"}, Rule{Ethertype: IPv4, Protocol: "ipip"}},
		"icmpv6 is an IPv6 protocol":  {Rule{Protocol: "icmpv6"}, Rule{Ethertype: IPv6, Protocol: "ipv6-icmp"}},
		"all ports are no ports":      {Rule{Protocol: "tcp", PortRangeMin: new(int64(1)), PortRangeMax: new(int64(65535))}, Rule{Ethertype: IPv4, Protocol: "tcp"}},
		"the whole IPv4 space":        {Rule{RemoteIPPrefix: "0.0.0.0/0"}, Rule{Ethertype: IPv4}},
		"a bare IPv4 address":         {Rule{RemoteIPPrefix: "192.0.2.7"}, Rule{Ethertype: IPv4, RemoteIPPrefix: "192.0.2.7/32"}},
		"0.0.0.0 is one address":      {Rule{RemoteIPPrefix: "0.0.0.0"}, Rule{Ethertype: IPv4, RemoteIPPrefix: "0.0.0.0/32"}},
		"host bits stay":              {Rule{RemoteIPPrefix: "10.0.0.1/8"}, Rule{Ethertype: IPv4, RemoteIPPrefix: "10.0.0.1/8"}},
		"host bits of the whole stay": {Rule{RemoteIPPrefix: "10.0.0.1/0"}, Rule{Ethertype: IPv4, RemoteIPPrefix: "10.0.0.1/0"}},
		"IPv6 is compressed":          {Rule{RemoteIPPrefix: "2001:0DB8:0:0:0:0:0:1"}, Rule{Ethertype: IPv6, RemoteIPPrefix: "2001:db8::1/128"}},
		"an IPv4-mapped address":      {Rule{RemoteIPPrefix: "::FFFF:10.0.0.1"}, Rule{Ethertype: IPv6, RemoteIPPrefix: "::ffff:10.0.0.1/128"}},
		"a zone is no prefix":         {Rule{RemoteIPPrefix: "fe80::1%eth0"}, Rule{Ethertype: IPv4, RemoteIPPrefix: "fe80::1%eth0"}},
		"a group's id in lower case":  {Rule{RemoteGroupID: "ABC"}, Rule{Ethertype: IPv4, RemoteGroupID: "abc"}},
		"the description is the user's": {
			Rule{Description: " Web "},
			Rule{Ethertype: IPv4, Description: " Web "},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.rule.Canonical()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(got, got.Canonical()); diff != "" {
				t.Errorf("not a fixed point: %s", diff)
			}
			if got.Key() != test.rule.Key() {
				t.Error("the canonical form has another key")
			}
		})
	}
}

func TestWrittenOut(t *testing.T) {
	t.Parallel()
	all, last := new(int64(1)), new(int64(65535))
	tests := map[string]struct{ rule, want Rule }{
		"no remote on IPv4": {Rule{Direction: Egress}, Rule{Direction: Egress, Ethertype: IPv4, Protocol: "any", RemoteIPPrefix: "0.0.0.0/0"}},
		"no remote on IPv6": {Rule{Ethertype: IPv6}, Rule{Ethertype: IPv6, Protocol: "any", RemoteIPPrefix: "::/0"}},
		"a remote group":    {Rule{RemoteGroupID: Self}, Rule{Ethertype: IPv4, Protocol: "any", RemoteGroupID: Self}},
		"protocol 0":        {Rule{Protocol: "0"}, Rule{Ethertype: IPv4, Protocol: "any", RemoteIPPrefix: "0.0.0.0/0"}},
		"tcp without ports": {
			Rule{Protocol: "tcp"},
			Rule{Ethertype: IPv4, Protocol: "tcp", RemoteIPPrefix: "0.0.0.0/0", PortRangeMin: all, PortRangeMax: last},
		},
		"gre has no ports":             {Rule{Protocol: "gre"}, Rule{Ethertype: IPv4, Protocol: "gre", RemoteIPPrefix: "0.0.0.0/0"}},
		"icmp has a type, not a range": {Rule{Protocol: "icmp"}, Rule{Ethertype: IPv4, Protocol: "icmp", RemoteIPPrefix: "0.0.0.0/0"}},
		"a lone bound is left alone": {
			Rule{Protocol: "tcp", PortRangeMin: new(int64(80))},
			Rule{Ethertype: IPv4, Protocol: "tcp", RemoteIPPrefix: "0.0.0.0/0", PortRangeMin: new(int64(80))},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.rule.WrittenOut()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if got.Key() != test.rule.Key() {
				t.Error("the written-out form has another key")
			}
		})
	}
}

// Neutron's duplicates, from measurements on a real server.
func TestKey(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		a, b Rule
		same bool
	}{
		"description":            {Rule{Description: "a"}, Rule{Description: "b"}, true},
		"whole space and none":   {Rule{RemoteIPPrefix: "0.0.0.0/0"}, Rule{}, true},
		"whole space and bits":   {Rule{RemoteIPPrefix: "10.0.0.1/0"}, Rule{}, false},
		"host bits":              {Rule{RemoteIPPrefix: "10.0.0.0/8"}, Rule{RemoteIPPrefix: "10.0.0.1/8"}, false},
		"bare address":           {Rule{RemoteIPPrefix: "10.0.0.1"}, Rule{RemoteIPPrefix: "10.0.0.1/32"}, true},
		"number and name":        {Rule{Protocol: "6"}, Rule{Protocol: "tcp"}, true},
		"case":                   {Rule{Protocol: "TCP"}, Rule{Protocol: "tcp"}, true},
		"ipip and 4":             {Rule{Protocol: "ipip"}, Rule{Protocol: "4"}, true},
		"icmp any and type 0":    {Rule{Protocol: "icmp"}, Rule{Protocol: "icmp", PortRangeMin: new(int64(0))}, false},
		"type 8 and code 0":      {Rule{Protocol: "icmp", PortRangeMin: new(int64(8))}, Rule{Protocol: "icmp", PortRangeMin: new(int64(8)), PortRangeMax: new(int64(0))}, false},
		"all ports but the last": {Rule{Protocol: "tcp", PortRangeMin: new(int64(1)), PortRangeMax: new(int64(65534))}, Rule{Protocol: "tcp"}, false},
		"direction":              {Rule{Direction: Ingress}, Rule{Direction: Egress}, false},
		"family":                 {Rule{Ethertype: IPv4}, Rule{Ethertype: IPv6}, false},
		"group and prefix":       {Rule{RemoteGroupID: "10.0.0.0/8"}, Rule{RemoteIPPrefix: "10.0.0.0/8"}, false},
		"group and none":         {Rule{RemoteGroupID: Self}, Rule{}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.a.Key() == test.b.Key(); got != test.same {
				t.Errorf("same rule: %t, want %t", got, test.same)
			}
		})
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	tests := map[string]Rule{
		"ingress-ipv4-all":                         {Direction: Ingress, RemoteIPPrefix: "0.0.0.0/0"},
		"egress-ipv6-all":                          {Direction: Egress, Ethertype: IPv6},
		"egress-ipv4-all-to-10_0_0_0-8":            {Direction: Egress, RemoteIPPrefix: "10.0.0.0/8"},
		"ingress-ipv4-tcp":                         {Direction: Ingress, Protocol: "6", PortRangeMin: new(int64(1)), PortRangeMax: new(int64(65535))},
		"ingress-ipv4-tcp-443-from-10_0_0_0-8":     {Direction: Ingress, Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443)), RemoteIPPrefix: "10.0.0.0/8"},
		"ingress-ipv6-udp-1-9-from-2001_db8__-32":  {Direction: Ingress, Protocol: "udp", PortRangeMin: new(int64(1)), PortRangeMax: new(int64(9)), RemoteIPPrefix: "2001:DB8::/32"},
		"ingress-ipv4-icmp-type-8-code-0":          {Direction: Ingress, Protocol: "icmp", PortRangeMin: new(int64(8)), PortRangeMax: new(int64(0))},
		"ingress-ipv6-ipv6-icmp-type-8-from-self":  {Direction: Ingress, Ethertype: IPv6, Protocol: "icmp", PortRangeMin: new(int64(8)), RemoteGroupID: Self},
		"ingress-ipv4-___99_":                      {Direction: Ingress, Protocol: `"$}99é`},
		"_-ipv4-all":                               {},
		"ingress-ipv4-all-from-0d1e3c2a-aaaa-4bbb": {Direction: Ingress, RemoteGroupID: "0D1E3C2A-AAAA-4BBB"},
	}
	for want, rule := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			if got := rule.Name(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestNameWithRemote(t *testing.T) {
	t.Parallel()
	tests := map[string]Rule{
		"ingress-tcp-22-from-office":      {Direction: Ingress, Protocol: "tcp", PortRangeMin: new(int64(22)), PortRangeMax: new(int64(22))},
		"egress-ipv6-all-to-office":       {Direction: Egress, Ethertype: IPv6},
		"ingress-ipv4-all-from-office":    {Direction: Ingress, Ethertype: IPv4, RemoteGroupID: Self},
		"ingress-all-from-office":         {Direction: Ingress, RemoteIPPrefix: "2001:db8::/32"},
		"ingress-icmp-type-8-from-office": {Direction: Ingress, Protocol: "icmp", PortRangeMin: new(int64(8)), RemoteIPPrefix: "::/0"},
		// The same rule by its ethertype.
		"ingress-ipv6-ipv6-icmp-type-8-from-office": {Direction: Ingress, Ethertype: IPv6, Protocol: "icmp", PortRangeMin: new(int64(8))},
	}
	for want, rule := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			if got := rule.NameWithRemote("office"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	if got, want := (Rule{Direction: Ingress}).NameWithRemote("Büro 1/2"), "ingress-all-from-B_ro_1_2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUniqueName(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{"ingress-ipv4-all": true, "ingress-ipv4-all-2": true}
	got := Rule{Direction: Ingress}.UniqueName(func(name string) bool { return taken[name] })
	if got != "ingress-ipv4-all-3" {
		t.Error(got)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	port := func(n int64) *int64 { return &n }
	one := Rule{Direction: Ingress, Protocol: "tcp", PortRangeMin: port(443), PortRangeMax: port(443), Description: "a"}
	// An open range is no rule that the API takes, but has the same name.
	lone := Rule{Direction: Ingress, Protocol: "tcp", PortRangeMin: port(443)}
	twin := Rule{Direction: Ingress, Protocol: "TCP", PortRangeMin: port(443), PortRangeMax: port(443), RemoteIPPrefix: "0.0.0.0/0", Description: "b"}
	tests := map[string]struct {
		rules []Rule
		want  map[string]Rule
	}{
		"none": {nil, map[string]Rule{}},
		"each by its name": {
			[]Rule{one, {Direction: Egress}},
			map[string]Rule{"ingress-ipv4-tcp-443": one, "egress-ipv4-all": {Direction: Egress}},
		},
		"one rule in two spellings is one":      {[]Rule{one, twin}, map[string]Rule{"ingress-ipv4-tcp-443": one}},
		"of one rule the first counts":          {[]Rule{twin, one}, map[string]Rule{"ingress-ipv4-tcp-443": twin}},
		"two rules of one name":                 {[]Rule{one, lone}, map[string]Rule{"ingress-ipv4-tcp-443": lone, "ingress-ipv4-tcp-443-2": one}},
		"the order of the list is of no import": {[]Rule{lone, one}, map[string]Rule{"ingress-ipv4-tcp-443": lone, "ingress-ipv4-tcp-443-2": one}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Named(test.rules)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
