package rule

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestProblems: which attributes are at fault, and that one fault is one problem.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, test := range faultyRules() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, problem := range test.given.Problems() {
				mark := map[bool]string{true: "?"}[problem.Warning]
				got = append(got, string(problem.Field)+mark)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s\n%v", diff, test.given.Problems())
			}
		})
	}
}

// TestProblemTexts holds the messages as a user reads them.
func TestProblemTexts(t *testing.T) {
	t.Parallel()
	const golden = "testdata/problems.golden"
	var text strings.Builder
	for _, test := range faultyRules() {
		fmt.Fprintf(&text, "# %s\n", test.name)
		for _, problem := range test.given.Problems() {
			kind := map[bool]string{false: "Error", true: "Warning"}[problem.Warning]
			fmt.Fprintf(&text, "%s on %s: %s\n  %s\n", kind, problem.Field, problem.Title, problem.Text)
		}
		fmt.Fprintln(&text)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("messages differ; if that is meant, run this test with -update and read them (-want +got):\n%s", diff)
	}
}

// TestNoProblems: what has to be accepted, in the spellings that it has.
func TestNoProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]Given{
		"only a direction":             {Direction: new(Egress)},
		"self false beside a prefix":   egress(Given{RemoteIPPrefix: new("10.0.0.0/8"), Self: new(false)}),
		"self false beside a group":    egress(Given{RemoteGroupID: new(otherGroup), Self: new(false)}),
		"self":                         egress(Given{Self: new(true)}),
		"self on IPv6":                 egress(Given{Ethertype: new(IPv6), Self: new(true)}),
		"group id in upper case":       egress(Given{RemoteGroupID: new(strings.ToUpper(otherGroup))}),
		"255 characters of two bytes":  egress(Given{Description: new(strings.Repeat("é", 255))}),
		"255 characters of four bytes": egress(Given{Description: new(strings.Repeat("\U0001F512", 255))}),
		"description of two lines":     egress(Given{Description: new("a\nb")}),
		"empty description":            egress(Given{Description: new("")}),
		"bare address":                 egress(Given{RemoteIPPrefix: new("192.0.2.7")}),
		"0.0.0.0/32 is meant":          egress(Given{RemoteIPPrefix: new("0.0.0.0/32")}),
		"IPv6 in full":                 egress(Given{RemoteIPPrefix: new("2001:0DB8:0000:0000:0000:0000:0000:0000/32")}),
		"IPv6 with zeros":              egress(Given{RemoteIPPrefix: new("2001:db8:0:0::/64")}),
		"IPv4-mapped":                  egress(Given{RemoteIPPrefix: new("::ffff:10.0.0.0/104")}),
		"IPv4-compatible":              egress(Given{RemoteIPPrefix: new("::10.0.0.1")}),
		"one group left out by ::":     egress(Given{RemoteIPPrefix: new("1:2:3:4:5:6:7::")}),
		"icmp on IPv6":                 egress(Given{Ethertype: new(IPv6), Protocol: new("icmp")}),
		"icmp from an IPv6 network":    egress(Given{Protocol: new("icmp"), RemoteIPPrefix: new("::/0")}),
		"IPv6 protocol alone":          egress(Given{Protocol: new("ipv6-encap")}),
		"igmp on IPv6":                 egress(Given{Ethertype: new(IPv6), Protocol: new("igmp")}),
		"ipencap":                      egress(Given{Protocol: new("ipencap")}),
		"type above code":              withPorts("icmp", 8, 0),
		"type and code 0":              withPorts("icmp", 0, 0),
		"all tcp ports":                withPorts("tcp", 1, 65535),
		"all protocols":                egress(Given{Protocol: new("any")}),
		"everything, said":             ingress(Given{Protocol: new("any"), RemoteIPPrefix: new("::/0")}),
		"all ports for all, said":      with(ingress(withPorts("tcp", 1, 65535)), func(g *Given) { g.RemoteIPPrefix = new("0.0.0.0/0") }),
		"all ICMP types":               ingress(Given{Protocol: new("icmp"), Self: new(true), Ethertype: new(IPv6)}),
		"a protocol of one family":     ingress(Given{Protocol: new("ipv6-icmp"), Self: new(true)}),
		"a protocol without ports":     ingress(Given{Protocol: new("esp"), RemoteGroupID: new(otherGroup), Ethertype: new(IPv4)}),
		"the last port":                withPorts("dccp", 65535, 65535),
	}
	for name, given := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if problems := given.Problems(); problems != nil {
				t.Error(problems)
			}
		})
	}
}

// TestUnknownValueDoesNotCount: what stands in an unknown attribute is not
// looked at, be it ever so wrong.
func TestUnknownValueDoesNotCount(t *testing.T) {
	t.Parallel()
	g := Given{
		Direction: new("in"), Ethertype: new("4"), Protocol: new("6"), PortRangeMin: new(int64(9)), PortRangeMax: new(int64(-1)),
		RemoteIPPrefix: new("10/8"), RemoteGroupID: new("web"), Self: new(true), Description: new(strings.Repeat("d", 256)),
		Unknown: map[Field]bool{},
	}
	if got := len(g.Problems()); got != 7 {
		t.Errorf("%d problems, want 7", got)
	}
	for _, field := range fields {
		g.Unknown[field] = true
	}
	if problems := g.Problems(); problems != nil {
		t.Error(problems)
	}
	if diff := cmp.Diff(Rule{}, g.Rule()); diff != "" {
		t.Error(diff)
	}
}

// TestPortsOfEveryProtocol: which bounds each of the 23 protocols, and none,
// takes: the whole table, where the record holds a part.
func TestPortsOfEveryProtocol(t *testing.T) {
	t.Parallel()
	bounds := map[string][2]*int64{
		"none": {nil, nil}, "80-443": {new(int64(80)), new(int64(443))}, "443-80": {new(int64(443)), new(int64(80))},
		"1-65535": {new(int64(1)), new(int64(65535))}, "1-65534": {new(int64(1)), new(int64(65534))},
		"0-0": {new(int64(0)), new(int64(0))}, "0-80": {new(int64(0)), new(int64(80))}, "8-0": {new(int64(8)), new(int64(0))},
		"255-255": {new(int64(255)), new(int64(255))}, "256-256": {new(int64(256)), new(int64(256))},
		"80-": {new(int64(80)), nil}, "0-": {new(int64(0)), nil}, "-80": {nil, new(int64(80))}, "-0": {nil, new(int64(0))},
		"65535-65535": {new(int64(65535)), new(int64(65535))}, "65536-65536": {new(int64(65536)), new(int64(65536))},
		"neg": {new(int64(-1)), new(int64(-1))},
	}
	taken := func(protocol string) string {
		switch protocol {
		case "tcp", "udp", "udplite", "sctp", "dccp":
			return "none 80-443 1-65535 1-65534 255-255 256-256 65535-65535"
		case "icmp", "ipv6-icmp":
			return "none 0-0 0-80 8-0 255-255 80- 0-"
		}
		return "none"
	}
	for protocol := range strings.FieldsSeq("(none) any " + gcoreProtocols) {
		for name, pair := range bounds {
			g := egress(Given{PortRangeMin: pair[0], PortRangeMax: pair[1]})
			if protocol != "(none)" {
				g.Protocol = &protocol
			}
			want := strings.Contains(" "+taken(protocol)+" ", " "+name+" ")
			problems := g.Problems()
			if (problems == nil) != want || len(problems) > 1 {
				t.Errorf("%s %s: accepted should be %t: %v", protocol, name, want, problems)
			}
		}
	}
}

// TestGivenRule: what a configuration says, as a rule.
func TestGivenRule(t *testing.T) {
	t.Parallel()
	full := Given{
		Direction: new(Ingress), Ethertype: new(IPv6), Protocol: new("tcp"), PortRangeMin: new(int64(1)), PortRangeMax: new(int64(2)),
		RemoteIPPrefix: new("::/0"), Self: new(false), Description: new("web"),
	}
	want := Rule{
		Direction: Ingress, Ethertype: IPv6, Protocol: "tcp", PortRangeMin: new(int64(1)), PortRangeMax: new(int64(2)),
		RemoteIPPrefix: "::/0", Description: "web",
	}
	if diff := cmp.Diff(want, full.Rule()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Rule{Direction: Egress, RemoteGroupID: Self}, Given{Direction: new(Egress), Self: new(true)}.Rule()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Rule{RemoteGroupID: otherGroup}, Given{RemoteGroupID: new(otherGroup)}.Rule()); diff != "" {
		t.Error(diff)
	}
}
