package rule

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// matched are rules of a group, of all kinds that a block of ignore_rules can tell apart: a sample of all combinations.
func matched() []Rule {
	rules := []Rule{}
	for _, direction := range []string{Ingress, Egress} {
		for _, protocol := range []string{"", "any", "tcp", "6", "udp", "icmp", "ipv6-icmp", "gre", "99"} {
			for _, ports := range [][2]*int64{{}, {new(int64(1)), new(int64(65535))}, {new(int64(8)), nil}, {new(int64(22)), new(int64(22))}} {
				for _, remote := range []Rule{
					{}, {Ethertype: IPv6}, {RemoteIPPrefix: "0.0.0.0/0"}, {RemoteIPPrefix: "::/0"}, {RemoteIPPrefix: "10.0.0.0/8"}, {RemoteIPPrefix: "10.0.0.1/8"},
					{RemoteIPPrefix: "2001:DB8::/32"}, {RemoteIPPrefix: "2000::/3"}, {RemoteGroupID: otherGroup}, {RemoteGroupID: strings.ToUpper(otherGroup)}, {RemoteGroupID: Self},
				} {
					for _, description := range []string{"", "k8s-web", "K8s-web", " k8s-"} {
						r := remote
						r.Direction, r.Protocol, r.PortRangeMin, r.PortRangeMax, r.Description = direction, protocol, ports[0], ports[1], description
						rules = append(rules, r)
					}
				}
			}
		}
	}
	var sample []Rule
	for i := 0; i < len(rules); i += 23 { // shares no divisor with the numbers above
		sample = append(sample, rules[i])
	}
	return sample
}

// says reports whether each attribute that a matcher gives is what the rule has, by the documentation alone: its own
// reading of a rule, apart from the code under test.
func (m Matcher) says(r Rule) bool {
	family := r.Ethertype
	if family == "" {
		family = IPv4
		if strings.Contains(r.RemoteIPPrefix, ":") || r.RemoteIPPrefix == "" && strings.HasPrefix(r.Protocol, "ipv6-") {
			family = IPv6
		}
	}
	protocol := map[string]string{"any": "", "6": "tcp"}
	named := func(p string) string {
		if name, is := protocol[p]; is {
			p = name
		}
		if p == "icmp" && family == IPv6 {
			p = "ipv6-icmp"
		}
		return p
	}
	first, last := r.PortRangeMin, r.PortRangeMax
	if named(r.Protocol) == "tcp" || named(r.Protocol) == "udp" {
		if first == nil && last == nil {
			first, last = new(int64(1)), new(int64(65535))
		}
	} else if first != nil && *first == 1 {
		first, last = nil, nil
	}
	// To write ::/0 out makes no other remote of it.
	lower := func(prefix string) string { return strings.Replace(strings.ToLower(prefix), "0:0::/0", "::/0", 1) }
	prefix := lower(r.RemoteIPPrefix)
	if prefix == "" && r.RemoteGroupID == "" {
		prefix = map[string]string{IPv4: "0.0.0.0/0", IPv6: "::/0"}[family]
	}
	return (m.Direction == nil || *m.Direction == r.Direction) &&
		(m.Protocol == nil || named(*m.Protocol) == named(r.Protocol)) &&
		(m.PortRangeMin == nil || first != nil && *first == *m.PortRangeMin) &&
		(m.PortRangeMax == nil || last != nil && *last == *m.PortRangeMax) &&
		(m.RemoteIPPrefix == nil || lower(*m.RemoteIPPrefix) == prefix) &&
		(m.RemoteGroupID == nil || strings.EqualFold(*m.RemoteGroupID, r.RemoteGroupID)) &&
		(m.DescriptionPrefix == nil || strings.HasPrefix(r.Description, *m.DescriptionPrefix))
}

// spoiled are blocks of ignore_rules in which any two attributes have any value that they may get by mistake: none, an empty
// one, another spelling, an unknown one.
func spoiled(yield func(Matcher) bool) {
	texts := map[Field][]string{
		FieldDirection:         {"", Ingress, Egress, "INGRESS", "any"},
		FieldProtocol:          {"", "tcp", "icmp", "any", "all", "TCP", "6", "gre"},
		FieldRemoteIPPrefix:    {"", "0.0.0.0/0", "::/0", "0:0::/0", "2000::/3", "10.0.0.0/8", "10.0.0.1/8", "2001:db8::/32", "any", "0.0.0.0"},
		FieldRemoteGroupID:     {"", otherGroup, strings.ToUpper(otherGroup), Self},
		FieldDescriptionPrefix: {"", "k8s-", " "},
	}
	ports := [][2]*int64{
		{}, {new(int64(0)), new(int64(0))}, {new(int64(8)), nil}, {nil, new(int64(22))}, {new(int64(22)), new(int64(22))}, {new(int64(1)), new(int64(65535))},
	}
	// with is the matcher with each value of an attribute, and without it.
	with := func(m Matcher, field Field) []Matcher {
		all := []Matcher{m}
		for _, text := range texts[field] {
			*m.texts()[field] = &text
			all = append(all, m)
		}
		all[0].Unknown = nil
		*all[0].texts()[field] = nil
		m.Unknown = map[Field]bool{field: true}
		return append(all, m)
	}
	for _, right := range []Matcher{{}, {DescriptionPrefix: new("k8s-")}, {RemoteIPPrefix: new("10.0.0.0/8"), Protocol: new("tcp")}} {
		for one := range texts {
			for other := range texts {
				for _, m := range with(right, one) {
					for _, m := range with(m, other) {
						for _, bounds := range ports {
							m.PortRangeMin, m.PortRangeMax = bounds[0], bounds[1]
							if !yield(m) {
								return
							}
						}
					}
				}
			}
		}
	}
}

// No mistake in a block of ignore_rules makes it match more than it says: it is refused, or it matches exactly the rules that
// have every value that it gives; and one that gives neither the beginning of the description nor a remote that is not
// everybody is refused, since these are all that is left of a block whose other values have turned out null.
func TestMatcherMatchesNoMoreThanItSays(t *testing.T) {
	t.Parallel()
	rules := matched()
	everybody := []string{"", "0.0.0.0/0", "::/0", "0:0::/0", "2000::/3"}
	refused, accepted, matching := 0, 0, 0
	for m := range spoiled {
		if slices.ContainsFunc(m.Problems(), func(p Problem) bool { return !p.Warning }) {
			refused++
			continue
		}
		accepted++
		for _, r := range rules {
			switch does := m.Matches(r); {
			case does && m.DescriptionPrefix == nil && m.RemoteGroupID == nil && slices.Contains(everybody, value(m.RemoteIPPrefix)):
				t.Fatalf("%s matches %s and says nothing of whose it is", shown(m), r.Label())
			case does && len(m.Unknown) > 0:
				t.Fatalf("%s matches %s before it is known", shown(m), r.Label())
			case does && !m.says(r):
				t.Fatalf("%s matches %+v", shown(m), r)
			case !does && len(m.Unknown) == 0 && m.says(r):
				t.Fatalf("%s does not match %+v", shown(m), r)
			case does:
				matching++
			}
		}
	}
	if refused == 0 || accepted == 0 || matching == 0 {
		t.Errorf("%d matchers are refused, %d accepted, %d rules match", refused, accepted, matching)
	}
}

func shown(m Matcher) string {
	var words []string
	for _, field := range fields {
		if text, is := m.texts()[field]; is && *text != nil {
			words = append(words, fmt.Sprintf("%s=%q", field, **text))
		}
	}
	return fmt.Sprint(words, value(m.PortRangeMin), value(m.PortRangeMax), m.Unknown)
}

// The messages of a block, each with what to write.
func TestMatcherProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		matcher Matcher
		want    []string
	}{
		"nothing":                    {Matcher{}, []string{"description_prefix: ignore_rules block without conditions"}},
		"direction alone":            {Matcher{Direction: new(Ingress)}, []string{"description_prefix: ignore_rules block without conditions"}},
		"empty prefix":               {Matcher{DescriptionPrefix: new("")}, []string{"description_prefix: Empty description_prefix"}},
		"empty direction":            {Matcher{DescriptionPrefix: new("k"), Direction: new("")}, []string{"direction: Empty direction"}},
		"another direction":          {Matcher{DescriptionPrefix: new("k"), Direction: new("in")}, []string{"direction: Unknown direction"}},
		"another protocol":           {Matcher{DescriptionPrefix: new("k"), Protocol: new("TCP")}, []string{"protocol: Unknown protocol"}},
		"host bits":                  {Matcher{RemoteIPPrefix: new("10.0.0.1/8")}, []string{"remote_ip_prefix: CIDR with host bits"}},
		"the group itself, by words": {Matcher{RemoteGroupID: new(Self)}, []string{"remote_group_id: Not the id of a security group"}},
		"two remotes": {
			Matcher{RemoteIPPrefix: new("10.0.0.0/8"), RemoteGroupID: new(otherGroup)}, []string{"remote_ip_prefix: More than one remote"},
		},
		"a port alone": {
			Matcher{DescriptionPrefix: new("k"), Protocol: new("tcp"), PortRangeMin: new(int64(1))}, []string{"port_range_min: Incomplete port range"},
		},
		"ports of nothing": {
			Matcher{DescriptionPrefix: new("k"), PortRangeMin: new(int64(1)), PortRangeMax: new(int64(9))}, []string{"port_range_min: Ports without a protocol"},
		},
		"unknown": {Matcher{Unknown: map[Field]bool{FieldDescriptionPrefix: true}}, nil},
		"prefix":  {Matcher{DescriptionPrefix: new("k8s-")}, nil},
		"unknown protocol": {
			Matcher{Unknown: map[Field]bool{FieldProtocol: true}}, []string{"description_prefix: ignore_rules block without conditions"},
		},
		"everybody":              {Matcher{RemoteIPPrefix: new("::/0")}, []string{"description_prefix: ignore_rules block without conditions"}},
		"everybody, written out": {Matcher{RemoteIPPrefix: new("0:0:0:0:0:0:0:0/0")}, []string{"description_prefix: ignore_rules block without conditions"}},
		"all that is public":     {Matcher{RemoteIPPrefix: new("2000::/3")}, []string{"description_prefix: ignore_rules block without conditions"}},
		"everybody, by tcp":      {Matcher{RemoteIPPrefix: new("0.0.0.0/0"), Protocol: new("tcp")}, []string{"description_prefix: ignore_rules block without conditions"}},
		"everybody, unknown protocol": {
			Matcher{RemoteIPPrefix: new("0.0.0.0/0"), Unknown: map[Field]bool{FieldProtocol: true}}, []string{"description_prefix: ignore_rules block without conditions"},
		},
		"everybody, empty prefix":   {Matcher{RemoteIPPrefix: new("0.0.0.0/0"), DescriptionPrefix: new("")}, []string{"description_prefix: Empty description_prefix"}},
		"everybody, unknown prefix": {Matcher{RemoteIPPrefix: new("0.0.0.0/0"), Unknown: map[Field]bool{FieldDescriptionPrefix: true}}, nil},
		"everybody, by a prefix":    {Matcher{RemoteIPPrefix: new("0.0.0.0/0"), DescriptionPrefix: new("k")}, nil},
		"half of them":              {Matcher{RemoteIPPrefix: new("128.0.0.0/1")}, nil},
		"type of icmp":              {Matcher{DescriptionPrefix: new("k"), Protocol: new("icmp"), PortRangeMin: new(int64(8))}, nil},
		"egress to anyone": {
			Matcher{Direction: new(Egress), RemoteIPPrefix: new("0.0.0.0/0")}, []string{"description_prefix: ignore_rules block without conditions"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, problem := range test.matcher.Problems() {
				got = append(got, fmt.Sprintf("%s: %s", problem.Field, problem.Title))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A rule that is declared is nobody else's, whatever its spelling and description.
func TestOthers(t *testing.T) {
	t.Parallel()
	matchers := Matchers{{DescriptionPrefix: new("k8s-")}, {RemoteIPPrefix: new("10.0.0.0/8")}}
	have := []Rule{
		{Direction: Ingress, Protocol: "tcp", Description: "k8s-a"},
		{Direction: Ingress, Protocol: "udp", Description: "k8s-b"},
		{Direction: Ingress, Protocol: "udp", RemoteIPPrefix: "10.0.0.0/8"},
		{Direction: Ingress, Protocol: "esp"},
	}
	declared := []Rule{{Direction: Ingress, Protocol: "tcp", PortRangeMin: new(int64(1)), PortRangeMax: new(int64(65535)), RemoteIPPrefix: "0.0.0.0/0"}}
	if diff := cmp.Diff(map[int]bool{1: true, 2: true}, matchers.Others(have, declared)); diff != "" {
		t.Error(diff)
	}
	if others := (Matchers)(nil).Others(have, nil); len(others) > 0 {
		t.Errorf("no matcher matches %v", others)
	}
}
