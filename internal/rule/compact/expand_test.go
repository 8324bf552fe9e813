package compact

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const limit = 250

const groupID = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"

func TestExpand(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		entries []Entry
		want    []string // sorted
	}{
		"no entries": {nil, nil},
		"a product": {
			named(Entry{Protocols: protocols("tcp", "udp"), Ports: ports("53", "8000-8010"), CIDRs: cidrs("10.0.0.0/8", "2001:db8::/32")}),
			[]string{
				"ingress-ipv4-tcp-53-from-10_0_0_0-8: ingress IPv4 tcp min 53 max 53 from 10.0.0.0/8",
				"ingress-ipv4-tcp-8000-8010-from-10_0_0_0-8: ingress IPv4 tcp min 8000 max 8010 from 10.0.0.0/8",
				"ingress-ipv4-udp-53-from-10_0_0_0-8: ingress IPv4 udp min 53 max 53 from 10.0.0.0/8",
				"ingress-ipv4-udp-8000-8010-from-10_0_0_0-8: ingress IPv4 udp min 8000 max 8010 from 10.0.0.0/8",
				"ingress-ipv6-tcp-53-from-2001_db8__-32: ingress IPv6 tcp min 53 max 53 from 2001:db8::/32",
				"ingress-ipv6-tcp-8000-8010-from-2001_db8__-32: ingress IPv6 tcp min 8000 max 8010 from 2001:db8::/32",
				"ingress-ipv6-udp-53-from-2001_db8__-32: ingress IPv6 udp min 53 max 53 from 2001:db8::/32",
				"ingress-ipv6-udp-8000-8010-from-2001_db8__-32: ingress IPv6 udp min 8000 max 8010 from 2001:db8::/32",
			},
		},
		"both directions": {
			named(Entry{Protocols: protocols("any"), Directions: list("direction", "ingress", "egress"), Self: true}),
			[]string{"egress-ipv4-all-to-self: egress IPv4 any self true", "ingress-ipv4-all-from-self: ingress IPv4 any self true"},
		},
		"everywhere, every protocol": {
			named(Entry{Directions: list("direction", "egress"), CIDRs: both()}),
			[]string{"egress-ipv4-all: egress IPv4 any from 0.0.0.0/0", "egress-ipv6-all: egress IPv6 any from ::/0"},
		},
		"a protocol with all ports": {
			named(Entry{Directions: list("direction", "egress"), Protocols: protocols("tcp", "gre"), CIDRs: cidrs("10.0.0.0/8")}),
			[]string{"egress-ipv4-gre-to-10_0_0_0-8: egress IPv4 gre from 10.0.0.0/8", "egress-ipv4-tcp-to-10_0_0_0-8: egress IPv4 tcp min 1 max 65535 from 10.0.0.0/8"},
		},
		"every kind of remote": {
			named(Entry{Protocols: protocols("tcp"), Ports: ports("22"), CIDRs: cidrs("10.0.0.0/8"), RemoteGroupIDs: groups(groupID), Self: true}),
			[]string{
				"ingress-ipv4-tcp-22-from-" + groupID + ": ingress IPv4 tcp min 22 max 22 from group " + groupID,
				"ingress-ipv4-tcp-22-from-10_0_0_0-8: ingress IPv4 tcp min 22 max 22 from 10.0.0.0/8",
				"ingress-ipv4-tcp-22-from-self: ingress IPv4 tcp min 22 max 22 self true",
			},
		},
		"IP versions for groups and self": {
			named(Entry{Protocols: protocols("any"), Ethertypes: list("ethertypes", "IPv4", "IPv6"), CIDRs: cidrs("10.0.0.0/8"), RemoteGroupIDs: groups("web=" + groupID), Self: true}),
			[]string{
				"ingress-ipv4-all-from-10_0_0_0-8: ingress IPv4 any from 10.0.0.0/8",
				"ingress-ipv4-all-from-self: ingress IPv4 any self true",
				"ingress-ipv4-all-from-web: ingress IPv4 any from group " + groupID,
				"ingress-ipv6-all-from-self: ingress IPv6 any self true",
				"ingress-ipv6-all-from-web: ingress IPv6 any from group " + groupID,
			},
		},
		"a protocol of IPv6 alone": {
			named(Entry{Protocols: protocols("ipv6-icmp"), Self: true}),
			[]string{"ingress-ipv6-ipv6-icmp-from-self: ingress IPv6 ipv6-icmp self true"},
		},
		"ICMP": {
			named(Entry{Protocols: protocols("icmp"), ICMPTypes: list("icmp_types", "8", "3/4"), CIDRs: cidrs("0.0.0.0/0")}),
			[]string{
				"ingress-ipv4-icmp-type-3-code-4: ingress IPv4 icmp min 3 max 4 from 0.0.0.0/0",
				"ingress-ipv4-icmp-type-8: ingress IPv4 icmp min 8 from 0.0.0.0/0",
			},
		},
		"ICMP of both versions": {
			named(Entry{Protocols: protocols("icmp"), CIDRs: both()}),
			[]string{"ingress-ipv4-icmp: ingress IPv4 icmp from 0.0.0.0/0", "ingress-ipv6-ipv6-icmp: ingress IPv6 icmp from ::/0"},
		},
		"names instead of what they stand for": {
			named(Entry{Protocols: protocols("tcp"), Ports: ports("22"), CIDRs: cidrs("office=203.0.113.0/24", "home=2001:db8::7"), RemoteGroupIDs: groups("bastion=" + groupID)}),
			[]string{
				"ingress-ipv4-tcp-22-from-bastion: ingress IPv4 tcp min 22 max 22 from group " + groupID,
				"ingress-tcp-22-from-home: ingress IPv6 tcp min 22 max 22 from 2001:db8::7",
				"ingress-tcp-22-from-office: ingress IPv4 tcp min 22 max 22 from 203.0.113.0/24",
			},
		},
		"named and unknown": {
			named(
				Entry{Protocols: protocols("icmp"), CIDRs: cidrs("office=?"), RemoteGroupIDs: groups("bastion=?"), Description: &Value{Unknown: true}},
				Entry{Protocols: protocols("any"), Ethertypes: list("ethertypes", "IPv6"), CIDRs: cidrs("home=?"), Description: &Value{Text: ""}},
				Entry{Protocols: protocols("any"), Ethertypes: list("ethertypes", "IPv4", "IPv6"), CIDRs: cidrs("road=?")},
			),
			[]string{
				"ingress-all-from-home: ingress IPv6 any from ? for ",
				"ingress-all-from-road: ingress ? any from ?",
				"ingress-icmp-from-office: ingress ? icmp from ? for ?",
				"ingress-ipv4-icmp-from-bastion: ingress IPv4 icmp from group ? for ?",
			},
		},
		"one rule, twice in an entry": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs("192.0.2.7", "192.0.2.7/32", "2001:DB8::/32", "2001:db8::/32")}),
			[]string{"ingress-ipv4-all-from-192_0_2_7-32: ingress IPv4 any from 192.0.2.7", "ingress-ipv6-all-from-2001_db8__-32: ingress IPv6 any from 2001:DB8::/32"},
		},
		"one rule in two entries": {
			named(
				Entry{Protocols: protocols("tcp"), Ports: ports("80", "443"), CIDRs: cidrs("0.0.0.0/0"), Description: &Value{Text: "web"}},
				Entry{Protocols: protocols("tcp"), Ports: ports("443", "8443"), CIDRs: cidrs("0.0.0.0/0"), Description: &Value{Text: "web"}},
			),
			[]string{
				"ingress-ipv4-tcp-443: ingress IPv4 tcp min 443 max 443 from 0.0.0.0/0 for web",
				"ingress-ipv4-tcp-80: ingress IPv4 tcp min 80 max 80 from 0.0.0.0/0 for web",
				"ingress-ipv4-tcp-8443: ingress IPv4 tcp min 8443 max 8443 from 0.0.0.0/0 for web",
			},
		},
		"all ports, written out and not": {
			named(
				Entry{Directions: list("direction", "ingress", "egress"), Protocols: protocols("tcp"), Ports: ports("1-65535"), Self: true},
				Entry{Directions: list("direction", "egress"), Protocols: protocols("tcp"), Self: true},
			),
			[]string{"egress-ipv4-tcp-to-self: egress IPv4 tcp min 1 max 65535 self true", "ingress-ipv4-tcp-from-self: ingress IPv4 tcp min 1 max 65535 self true"},
		},
		"one name, not known yet whether for one rule": {
			named(Entry{Protocols: protocols("any"), RemoteGroupIDs: groups("web=?"), Description: &Value{Text: "a"}}, Entry{Protocols: protocols("any"), RemoteGroupIDs: groups("web=" + groupID), Description: &Value{Unknown: true}}),
			[]string{"ingress-ipv4-all-from-web: ingress IPv4 any from group ? for a"},
		},
		"a description": {
			named(Entry{Protocols: protocols("any"), Self: true, Description: &Value{Text: "among themselves"}}),
			[]string{"ingress-ipv4-all-from-self: ingress IPv4 any self true for among themselves"},
		},
		// For the rule's own validity to warn of.
		"an address that nothing has": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs("0.0.0.0")}),
			[]string{"ingress-ipv4-all-from-0_0_0_0-32: ingress IPv4 any from 0.0.0.0"},
		},
		// A list that turns out empty must not open anything.
		"no CIDR":      {named(Entry{Protocols: protocols("any"), CIDRs: cidrs()}), nil},
		"no group":     {named(Entry{Protocols: protocols("any"), RemoteGroupIDs: groups()}), nil},
		"no port":      {named(Entry{Protocols: protocols("tcp"), Ports: ports(), Self: true}), nil},
		"no protocol":  {named(Entry{Protocols: protocols(), Self: true}), nil},
		"no direction": {named(Entry{Protocols: protocols("any"), Directions: list("direction"), Self: true}), nil},
		"no ICMP type": {named(Entry{Protocols: protocols("icmp"), ICMPTypes: list("icmp_types"), Self: true}), nil},
		"no IP version": {
			named(Entry{Protocols: protocols("any"), Ethertypes: list("ethertypes"), CIDRs: cidrs("10.0.0.0/8", "a=?"), Self: true}), nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Expand(test.entries, limit)
			if err != nil {
				t.Fatal(err)
			}
			if got == nil {
				t.Fatal("the names are not known")
			}
			if diff := cmp.Diff(test.want, lines(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// While a value that stands in a name is unknown there are no names. What is
// known is checked nevertheless.
func TestExpandUnknown(t *testing.T) {
	t.Parallel()
	good := Entry{Protocols: protocols("any"), Self: true}
	tests := map[string]Entry{
		"a CIDR":                  {Protocols: protocols("any"), CIDRs: cidrs("10.0.0.0/8", "?")},
		"all CIDRs":               {Protocols: protocols("any"), CIDRs: []Value{{Where: "cidrs", Unknown: true}}},
		"a group":                 {Protocols: protocols("any"), RemoteGroupIDs: groups("?")},
		"a port":                  {Protocols: protocols("tcp"), Ports: ports("?"), Self: true},
		"an ICMP type":            {Protocols: protocols("icmp"), ICMPTypes: list("icmp_types", "?"), Self: true},
		"a protocol":              {Protocols: protocols("?"), Self: true},
		"a protocol, named":       {Protocols: protocols("?"), CIDRs: cidrs("office=10.0.0.0/8")},
		"ICMP types of which":     {Protocols: protocols("?"), ICMPTypes: list("icmp_types", "8"), Self: true},
		"ports of what protocol":  {Protocols: protocols("?"), Ports: ports("443"), Self: true},
		"a direction":             {Directions: list("direction", "?"), Self: true},
		"a group's IP version":    {Protocols: protocols("any"), Ethertypes: list("ethertypes", "?"), Self: true},
		"whether there is a self": {Incomplete: true},
	}
	for name, entry := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Expand(named(good, entry), limit)
			if got != nil || err != nil {
				t.Errorf("%v, %v", lines(got), err)
			}
			bad := Entry{Protocols: protocols("tpc"), Self: true}
			if _, err := Expand(named(entry, bad), limit); err == nil || !strings.Contains(err.Error(), `"tpc"`) {
				t.Errorf("the other entry is not checked: %v", err)
			}
		})
	}
	// A CIDR has its IP version, whether it is allowed or not.
	got, err := Expand(named(Entry{Protocols: protocols("any"), Ethertypes: list("ethertypes", "?"), CIDRs: cidrs("10.0.0.0/8")}), limit)
	if diff := cmp.Diff([]string{"ingress-ipv4-all-from-10_0_0_0-8: ingress IPv4 any from 10.0.0.0/8"}, lines(got)); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// As many as a group takes are not too many.
func TestExpandToTheLimit(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"just as many": 2, "one too many": 1} {
		got, err := Expand(named(Entry{Protocols: protocols("any"), CIDRs: both()}), most)
		if fits := most == 2; len(got) == 2 != fits || (err == nil) != fits {
			t.Errorf("%s: %v, %v", name, lines(got), err)
		}
	}
}
