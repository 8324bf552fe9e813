package compact

import (
	"fmt"
	"strings"
	"testing"
)

func TestExpandFaults(t *testing.T) {
	t.Parallel()
	tcp := func(e Entry) Entry {
		e.Protocols = protocols("tcp")
		return e
	}
	other := strings.Replace(groupID, "0b", "1b", 1)
	many := func(prefix string, n int) (texts []string) {
		for i := range n {
			texts = append(texts, fmt.Sprintf("%s.%d.%d", prefix, i/256, i%256))
		}
		return texts
	}
	giant := protocols(many("10.0", 65536)...)
	tests := map[string]struct {
		entries []Entry
		want    []string // parts
	}{
		"no remote": {
			named(tcp(Entry{Ports: ports("22")})),
			[]string{`entries["a"] does not say who is on the other side. Write cidrs, remote_group_ids or self = true.`, `cidrs = ["0.0.0.0/0", "::/0"]`, "cidrs = []"},
		},
		"host bits": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs("::/0", "10.0.0.1/8")}),
			[]string{`entries["a"].cidrs[1]: remote_ip_prefix is "10.0.0.1/8"`, `Write "10.0.0.0/8" for the network`},
		},
		"host bits of a named one": {named(Entry{Protocols: protocols("any"), CIDRs: cidrs("office=10.0.0.1/8")}), []string{`entries["a"].cidrs["office"]: remote_ip_prefix is "10.0.0.1/8"`}},
		"a fault said once": {
			named(Entry{Protocols: protocols("tpc"), CIDRs: both()}),
			[]string{`entries["a"].protocols[0]: protocol is "tpc". Write "any" for all protocols`},
		},
		"a fault beside an unknown": {named(Entry{Protocols: protocols("tpc"), CIDRs: cidrs("?")}), []string{`entries["a"].protocols[0]: protocol is "tpc"`}},
		"ports without a protocol": {
			named(Entry{Ports: ports("443"), Self: true}),
			[]string{`entries["a"] has ports and does not name its protocols. Write those that the ports belong to, such as protocols = ["tcp"]`},
		},
		"ports of all protocols": {
			named(Entry{Protocols: protocols("any"), Ports: ports("443"), Self: true}),
			[]string{`entries["a"].ports[0]: port_range_min and port_range_max are 443, but protocol "any" has no ports`},
		},
		"no protocols": {
			named(Entry{Self: true}),
			[]string{`entries["a"] does not name its protocols, which ingress must. For all protocols write protocols = ["any"], else those that are meant, such as ["tcp"]`},
		},
		"no protocols of both directions, beside an unknown": {
			named(Entry{Directions: list("direction", "egress", "ingress"), CIDRs: cidrs("?"), Incomplete: true}),
			[]string{`entries["a"] does not name its protocols`},
		},
		"no ports": {
			named(Entry{Protocols: protocols("icmp", "udp"), Self: true}),
			[]string{`entries["a"] does not name its ports, which ingress by "udp" must. For all ports write ports = ["1-65535"], else those that are meant, such as [443]`},
		},
		"ports upside down":             {named(tcp(Entry{Ports: ports("90-80"), Self: true})), []string{`entries["a"].ports[0]: port_range_min is 90 and port_range_max is 80. Write the lower port first`}},
		"port 0":                        {named(tcp(Entry{Ports: ports("1", "0"), Self: true})), []string{`entries["a"].ports[1]: port_range_min and port_range_max are 0`}},
		"a port by name":                {named(tcp(Entry{Ports: ports("https"), Self: true})), []string{`entries["a"].ports[0] is "https". Write a port such as 443, or a range such as "8000-8010"`}},
		"a range without an end":        {named(tcp(Entry{Ports: ports("8000-"), Self: true})), []string{`ports[0] is "8000-"`}},
		"a range with a colon":          {named(tcp(Entry{Ports: ports("8000:8010"), Self: true})), []string{`ports[0] is "8000:8010"`}},
		"a range with spaces":           {named(tcp(Entry{Ports: ports("8000 - 8010"), Self: true})), []string{`ports[0] is "8000 - 8010"`}},
		"a negative port":               {named(tcp(Entry{Ports: ports("-1"), Self: true})), []string{`ports[0] is "-1"`}},
		"a port with a sign":            {named(tcp(Entry{Ports: ports("+1"), Self: true})), []string{`ports[0] is "+1"`}},
		"a port that is no whole one":   {named(tcp(Entry{Ports: ports("1.5"), Self: true})), []string{`ports[0] is "1.5"`}},
		"a giant port":                  {named(tcp(Entry{Ports: ports("99999999999999999999"), Self: true})), []string{`ports[0] is "99999999999999999999"`}},
		"a text without an end":         {named(tcp(Entry{Ports: ports(strings.Repeat("9", 1e6)), Self: true})), []string{`999". Write a port`}},
		"an ICMP type that is no type":  {named(Entry{Protocols: protocols("icmp"), ICMPTypes: list("icmp_types", "8-0"), Self: true}), []string{`icmp_types[0] is "8-0". Write an ICMP type such as 8, or a type and a code such as "3/4"`}},
		"an ICMP type beyond all types": {named(Entry{Protocols: protocols("icmp"), ICMPTypes: list("icmp_types", "256"), Self: true}), []string{`entries["a"].icmp_types[0]: port_range_min is 256`}},
		"an ICMP code beyond all codes": {named(Entry{Protocols: protocols("icmp"), ICMPTypes: list("icmp_types", "3/256"), Self: true}), []string{`entries["a"].icmp_types[0]: port_range_max is 256`}},
		"ports of ICMP": {
			named(Entry{Protocols: protocols("tcp", "icmp"), Ports: ports("8"), Self: true}),
			[]string{`entries["a"].protocols[1] is "icmp", which has no ports. Write an entry of its own for it`},
		},
		"ICMP types of TCP":          {named(Entry{Protocols: protocols("icmp", "tcp"), ICMPTypes: list("icmp_types", "8"), Self: true}), []string{`entries["a"] has icmp_types, and protocols are not ICMP alone`}},
		"ICMP types of all":          {named(Entry{Protocols: protocols("any"), ICMPTypes: list("icmp_types", "8"), Self: true}), []string{`entries["a"] has icmp_types, and protocols are not ICMP alone`}},
		"ports and ICMP types":       {named(Entry{Protocols: protocols("icmp"), Ports: ports(), ICMPTypes: list("icmp_types", "8"), Self: true}), []string{`entries["a"] has ports and icmp_types`}},
		"a direction of another way": {named(Entry{Protocols: protocols("any"), Directions: list("direction", "outbound"), Self: true}), []string{`entries["a"].direction[0]: direction is "outbound". Write "egress"`}},
		"an IP version in lower case": {
			named(Entry{Protocols: protocols("any"), Ethertypes: list("ethertypes", "ipv6"), Self: true, CIDRs: cidrs("::/0")}),
			[]string{`entries["a"].ethertypes[0]: ethertype is "ipv6". Write "IPv6"`},
		},
		"a CIDR of another IP version": {
			named(Entry{Protocols: protocols("any"), Ethertypes: list("ethertypes", "IPv4"), CIDRs: cidrs("10.0.0.0/8", "2001:db8::/32")}),
			[]string{`entries["a"].cidrs[1]: remote_ip_prefix is "2001:db8::/32", an IPv6 network, and ethertype is "IPv4"`},
		},
		"a protocol of another IP version": {named(Entry{Protocols: protocols("ipv6-icmp"), CIDRs: both()}), []string{`entries["a"].protocols[0]: protocol is "ipv6-icmp", which the cloud takes with IPv6 only`}},
		"no CIDR, and an IPv6 protocol":    {named(Entry{Protocols: protocols("ipv6-icmp"), CIDRs: cidrs("any")}), []string{`entries["a"].cidrs[0]: remote_ip_prefix is "any". For all addresses`}},
		"no id of a group":                 {named(Entry{Protocols: protocols("any"), RemoteGroupIDs: groups("web")}), []string{`entries["a"].remote_group_ids[0]: remote_group_id is "web"`}},
		"a long description":               {named(Entry{Protocols: protocols("any"), Self: true, Description: &Value{Where: "description", Text: strings.Repeat("x", 256)}}), []string{`entries["a"].description: description has 256 characters`}},
		"an empty value":                   {named(Entry{CIDRs: cidrs(""), Protocols: protocols("")}), []string{"there are 2 mistakes:", `- entries["a"].protocols[0] is "". Write a value or leave it out.`, `- entries["a"].cidrs[0] is ""`}},
		"two entries with faults":          {named(Entry{Protocols: protocols("any"), CIDRs: cidrs("x")}, Entry{Protocols: protocols("any")}), []string{"there are 2 mistakes", `entries["a"].cidrs[0]`, `entries["b"] does not say`}},
		"one rule with two descriptions": {
			named(Entry{Protocols: protocols("any"), Self: true, Description: &Value{Text: "one"}}, Entry{Protocols: protocols("any"), Self: true}),
			[]string{`entries["a"] and entries["b"] both give the rule ingress-ipv4-all-from-self, with the descriptions "one" and "".`},
		},
		"one rule under two names": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs("office=10.0.0.0/8")}, Entry{Protocols: protocols("any"), CIDRs: cidrs("10.0.0.0/8")}),
			[]string{`entries["a"] and entries["b"] give one rule two names, "ingress-all-from-office" and "ingress-ipv4-all-from-10_0_0_0-8"`},
		},
		"one rule under two names, with a description to come": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs("office=10.0.0.0/8"), Description: &Value{Unknown: true}}, Entry{Protocols: protocols("any"), CIDRs: cidrs("10.0.0.0/8"), Description: &Value{Unknown: true}}),
			[]string{`entries["a"] and entries["b"] give one rule two names`},
		},
		"a rule that is none is not compared": {
			named(Entry{Protocols: protocols("tpc"), Self: true}, Entry{Protocols: protocols("tpc"), Self: true, Description: &Value{Text: "b"}}),
			[]string{"there are 2 mistakes", `entries["a"].protocols[0]: protocol is "tpc"`, `entries["b"].protocols[0]: protocol is "tpc"`},
		},
		"two rules under one name": {
			named(Entry{Protocols: protocols("any"), RemoteGroupIDs: groups("web=" + groupID)}, Entry{Protocols: protocols("any"), RemoteGroupIDs: groups("web=" + other)}),
			[]string{`entries["a"] and entries["b"] give two rules the name "ingress-ipv4-all-from-web": their remotes remote_group_ids["web"] and remote_group_ids["web"] are called the same`},
		},
		"two names that are one identifier": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs("a.b=10.0.0.0/8", "a b=11.0.0.0/8")}),
			[]string{`give two rules the name "ingress-all-from-a_b": their remotes cidrs["a.b"] and cidrs["a b"]`},
		},
		"more rules than a group takes": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs(many("10.0", 240)...)}, Entry{Protocols: protocols("any"), CIDRs: cidrs(many("10.1", 11)...)}),
			[]string{`The entries stand for 251 rules: 240 from entries["a"], 11 from entries["b"]. A security group takes 250 at most. provider::gcore::merge_cidrs`},
		},
		"many entries with more": {
			named(Entry{Protocols: protocols("any"), Self: true}, Entry{Protocols: protocols("any"), CIDRs: cidrs(many("10.0", 240)...)}, Entry{Protocols: protocols("any"), CIDRs: cidrs(many("10.1", 11)...)}, Entry{Protocols: protocols("any"), CIDRs: cidrs(many("10.2", 12)...)}),
			[]string{`264 rules: 240 from entries["b"], 12 from entries["d"], 11 from entries["c"], ...`},
		},
		"too many to count": {
			named(Entry{Directions: giant, Ethertypes: giant, Protocols: giant, CIDRs: giant, RemoteGroupIDs: giant}),
			[]string{`entries["a"] stands for too many rules: all entries together have more than 10000 combinations.`},
		},
		"too many to make": {
			named(Entry{Protocols: protocols("any"), CIDRs: cidrs(many("10.0", 6000)...)}, Entry{Protocols: protocols("any"), CIDRs: cidrs(many("10.0", 6000)...)}),
			[]string{`entries["b"] stands for too many rules: all entries together have more than 10000 combinations. A security group takes 250 at most.`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Expand(test.entries, limit)
			if err == nil {
				t.Fatalf("no error, but %v", lines(got))
			}
			text := err.Error()
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("got  %s\nwant %s", text, want)
				}
			}
			if wantOne := !strings.Contains(test.want[0], "mistakes"); wantOne == strings.Contains(text, "mistakes") {
				t.Errorf("another number of faults: %s", text)
			}
			if strings.HasSuffix(text, ".") || len(text) > 4000 {
				t.Errorf("ends with a full stop or is too long (%d): %s", len(text), text)
			}
		})
	}
}
