package rule

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stricter lists where rules that Neutron accepts are refused here. The
// predicates know nothing of what they test.
var stricter = []struct {
	name    string
	because string
	applies func(Given) bool
	// cases is how many of the recorded cases this refuses.
	cases int
}{
	{
		name: "host bits", because: "the API reads a CIDR as Python's ip_network does, which refuses them", cases: 2,
		applies: func(g Given) bool {
			prefix, err := netip.ParsePrefix(value(g.RemoteIPPrefix))
			return err == nil && prefix.Masked().Addr() != prefix.Addr()
		},
	},
	{
		name: "address forms", because: "parsers do not agree on them", cases: 3,
		applies: func(g Given) bool {
			text := value(g.RemoteIPPrefix)
			return text != "" && !strings.Contains(text, ":") && !plainIPv4.MatchString(text) ||
				strings.Contains(text, ":") && strings.TrimSpace(text) != text
		},
	},
	{
		name: "protocol names", because: "Gcore's enum", cases: 0,
		applies: func(g Given) bool {
			return g.Protocol != nil && *g.Protocol != "any" && !slices.Contains(strings.Fields(gcoreProtocols), *g.Protocol)
		},
	},
	{
		name: "1-65535 without ports", because: "Neutron drops them and opens everything", cases: 23,
		applies: func(g Given) bool {
			hasPorts := slices.Contains([]string{"tcp", "udp", "udplite", "sctp", "dccp"}, value(g.Protocol))
			return value(g.PortRangeMin) == 1 && value(g.PortRangeMax) == 65535 && !hasPorts
		},
	},
}

var plainIPv4 = regexp.MustCompile(`^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}(/(0|[1-9][0-9]?))?$`)

// gcoreProtocols is the enum of the request's schema in the API's document.
const gcoreProtocols = "ah dccp egp esp gre icmp igmp ipencap ipip ipv6-encap ipv6-frag ipv6-icmp ipv6-nonxt ipv6-opts " +
	"ipv6-route ospf pgm rsvp sctp tcp udp udplite vrrp"

// stricterThanNeutron names the entry of the list that refuses a rule.
func stricterThanNeutron(g Given) string {
	for _, entry := range stricter {
		if entry.applies(g) {
			return entry.name
		}
	}
	return ""
}

func refusedFields(g Given) []Field {
	var refused []Field
	for _, problem := range g.Problems() {
		if !problem.Warning {
			refused = append(refused, problem.Field)
		}
	}
	return refused
}

// said adds what an ingress rule has to say here and the server takes for said.
func said(g Given) Given {
	if value(g.Direction) != Ingress {
		return g
	}
	whole := givenOf(g.Rule().WrittenOut())
	if g.PortRangeMin == nil && g.PortRangeMax == nil {
		g.PortRangeMin, g.PortRangeMax = whole.PortRangeMin, whole.PortRangeMax
		if g.Protocol == nil {
			g.Protocol = whole.Protocol
		}
	}
	if g.RemoteIPPrefix == nil && g.RemoteGroupID == nil && g.Self == nil {
		g.RemoteIPPrefix = whole.RemoteIPPrefix
	}
	if g.RemoteIPPrefix == nil && g.Ethertype == nil && Family("", value(g.Protocol)) == IPv4 {
		g.Ethertype = whole.Ethertype
	}
	return g
}

// TestRecordedValidity: what the server refused is refused, what it accepted
// is accepted, but for the stricter list, whose cases are refused, and once
// it says what it leaves out.
func TestRecordedValidity(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for _, c := range recordedCases(t) {
		recorded := c.Rule.given()
		g := said(recorded)
		if omits := len(recorded.Omissions()) > 0; omits {
			counts["leave something out"]++
		} else if !cmp.Equal(recorded, g) {
			t.Errorf("%s: more is to be said than is missed", c.ID)
		}
		refused := refusedFields(g)
		// A 409 is about the rule that is there already, not about this one.
		accepted := c.Status == 201 || c.Status == 409
		because := stricterThanNeutron(g)
		switch {
		case accepted && because != "":
			counts[because]++
			if len(refused) != 1 {
				t.Errorf("%s: %s: refused for %v, want one problem", c.ID, because, refused)
			}
		case accepted:
			counts["accepted alike"]++
			if len(refused) > 0 {
				t.Errorf("%s: accepted by the server, refused here: %v", c.ID, g.Problems())
			}
		default:
			counts["refused alike"]++
			if len(refused) == 0 {
				t.Errorf("%s: refused by the server (%s), accepted here", c.ID, c.Message)
			}
		}
	}
	if counts["leave something out"] == 0 {
		t.Error("no case leaves anything out")
	}
	for _, entry := range stricter {
		if counts[entry.name] != entry.cases {
			t.Errorf("%s (%s): %d cases, want %d", entry.name, entry.because, counts[entry.name], entry.cases)
		}
	}
	t.Logf("%d cases, none left out: %v", len(recordedCases(t)), counts)
}

// TestRecordedFault: a refusal names the attribute that the server complained
// about, among others if the rule has more faults than the first.
func TestRecordedFault(t *testing.T) {
	t.Parallel()
	ports := []Field{FieldPortRangeMin, FieldPortRangeMax}
	about := map[string][]Field{
		"SecurityGroupProtocolRequiredWithPorts":     ports,
		"SecurityGroupInvalidProtocolForPort":        ports,
		"SecurityGroupInvalidPortValue":              ports,
		"SecurityGroupInvalidPortRange":              ports,
		"SecurityGroupInvalidIcmpValue":              ports,
		"SecurityGroupMissingIcmpType":               ports,
		"SecurityGroupEthertypeConflictWithProtocol": {FieldProtocol},
		"InvalidCIDR":                        {FieldRemoteIPPrefix},
		"SecurityGroupRuleParameterConflict": {FieldRemoteIPPrefix},
		"SecurityGroupMultipleRemoteEntites": {FieldRemoteIPPrefix},
		"SecurityGroupNotFound":              {FieldRemoteGroupID},
		"HTTPBadRequest":                     {FieldDescription},
	}
	for _, c := range recordedCases(t) {
		if c.Status == 201 || c.Status == 409 {
			continue
		}
		want, known := about[c.Error]
		if !known {
			t.Errorf("%s: nothing says what %s is about", c.ID, c.Error)
		}
		refused := refusedFields(c.Rule.given())
		if !slices.ContainsFunc(refused, func(field Field) bool { return slices.Contains(want, field) }) {
			t.Errorf("%s: %s, refused here for %v", c.ID, c.Error, refused)
		}
	}
}

// TestRecordedStoredForm: the canonical form is what the server stored, and
// both have one key and one written-out form.
func TestRecordedStoredForm(t *testing.T) {
	t.Parallel()
	compared, notUnderstood := 0, 0
	for _, c := range recordedCases(t) {
		if c.Stored == nil {
			continue
		}
		g := c.Rule.given()
		if stricterThanNeutron(g) == "address forms" {
			notUnderstood++
			continue
		}
		compared++
		sent, stored := g.Rule(), c.Stored.given().Rule()
		if diff := cmp.Diff(canonicalPrefix(stored), sent.Canonical()); diff != "" {
			t.Errorf("%s (-stored +canonical):\n%s", c.ID, diff)
		}
		if diff := cmp.Diff(stored.WrittenOut(), sent.WrittenOut()); diff != "" {
			t.Errorf("%s: written out (-stored +sent):\n%s", c.ID, diff)
		}
		if sent.Key() != stored.Key() {
			t.Errorf("%s: the stored rule has another key", c.ID)
		}
	}
	if compared != 115 || notUnderstood != 2 {
		t.Errorf("%d stored forms compared and %d not understood, want 115 and 2", compared, notUnderstood)
	}
}

// canonicalPrefix takes the two liberties with the server's text that the
// canonical form takes: the whole address space, which the server stores as
// sent and still takes for no prefix, and ::/96, whose end glibc writes dotted.
func canonicalPrefix(stored Rule) Rule {
	switch stored.RemoteIPPrefix {
	case "0.0.0.0/0", "::/0":
		stored.RemoteIPPrefix = ""
	case "::10.0.0.1/128":
		stored.RemoteIPPrefix = "::a00:1/128"
	}
	return stored
}

// TestRecordedDuplicates: the server takes a rule for one that the group has
// exactly when the keys are equal.
func TestRecordedDuplicates(t *testing.T) {
	t.Parallel()
	compared, duplicates := 0, 0
	for _, c := range recordedCases(t) {
		g := c.Rule.given()
		if c.Status != 201 && c.Status != 409 || stricterThanNeutron(g) == "address forms" {
			continue
		}
		compared++
		var holder string
		for _, ethertype := range []string{IPv4, IPv6} {
			if g.Rule().Key() == (Rule{Direction: Egress, Ethertype: ethertype}).Key() {
				holder = "$UUID"
			}
		}
		if c.Existing != nil && g.Rule().Key() == c.Existing.given().Rule().Key() {
			holder = "$FIRST_RULE"
		}
		if (holder != "") != (c.Status == 409) {
			t.Errorf("%s: status %d, the key here is that of %q", c.ID, c.Status, holder)
		}
		if holder != "" {
			duplicates++
			if !strings.HasSuffix(c.Message, "Rule id is "+holder+".") {
				t.Errorf("%s: the key is that of %s, and the server said: %s", c.ID, holder, c.Message)
			}
		}
	}
	if compared != 120 || duplicates != 5 {
		t.Errorf("%d rules compared, %d duplicates, want 120 and 5", compared, duplicates)
	}
}

// TestStricterThanNeutron: more rules that the same server accepted, by the
// record of its semantics, and that Gcore's contract or this package refuses.
func TestStricterThanNeutron(t *testing.T) {
	t.Parallel()
	tests := map[string][]Given{"host bits": nil, "address forms": nil, "protocol names": nil, "1-65535 without ports": nil}
	for _, text := range []string{"10.0.0.1/0", "10.0.0.1/31", "2001:db8::1/127", "::1/0", "::ffff:10.0.0.1/104"} {
		tests["host bits"] = append(tests["host bits"], Given{RemoteIPPrefix: &text})
	}
	for _, text := range []string{
		"10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "10/8", "10.1", " 10.0.0.0/8", "10.0.0.0/8 ", "10.0.0.0/08",
		"010.0.0.0/8", "010.0.0.1/8", " ::/0", "0/0", "10.0.0.0/8\n",
	} {
		tests["address forms"] = append(tests["address forms"], Given{RemoteIPPrefix: &text})
	}
	for _, text := range []string{"TCP", "Udp", "6", "17", "0", "99", "255", "icmpv6", "hopopt", "ip"} {
		tests["protocol names"] = append(tests["protocol names"], Given{Protocol: &text})
	}
	for name := range strings.FieldsSeq(gcoreProtocols) {
		if !HasPorts(name) {
			tests["1-65535 without ports"] = append(tests["1-65535 without ports"], withPorts(name, 1, 65535))
		}
	}
	tests["1-65535 without ports"] = append(tests["1-65535 without ports"], withPorts("", 1, 65535))
	for name, rules := range tests {
		for _, g := range rules {
			g.Direction = new(Egress)
			if refused := refusedFields(g); len(refused) != 1 || stricterThanNeutron(g) != name {
				t.Errorf("%s: %q %q: refused for %v by %q, want one problem",
					name, value(g.Protocol), value(g.RemoteIPPrefix), refused, stricterThanNeutron(g))
			}
		}
	}
}
