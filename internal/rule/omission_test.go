package rule

import (
	"fmt"
	"testing"
)

// explicitRules are ingress rules that say everything.
func explicitRules() []Given {
	var rules []Given
	for _, service := range []Given{
		withPorts("tcp", 22, 23), withPorts("dccp", 5000, 5000), withPorts("icmp", 8, 0), withPorts("ipv6-icmp", 128, none), withPorts("icmp", none, none),
		withPorts("esp", none, none), withPorts("any", none, none),
	} {
		for _, remote := range []Given{
			{RemoteIPPrefix: new("10.0.0.0/8"), Ethertype: new(IPv4)}, {RemoteIPPrefix: new("2001:db8::/32"), Ethertype: new(IPv6)},
			{RemoteGroupID: new(otherGroup), Self: new(false), Ethertype: new(IPv4)}, {RemoteGroupID: new(otherGroup), Ethertype: new(IPv6)},
			{Self: new(true), Ethertype: new(IPv4)}, {Self: new(true), Ethertype: new(IPv6)},
		} {
			g := ingress(service)
			g.Ethertype, g.RemoteIPPrefix, g.RemoteGroupID, g.Self = remote.Ethertype, remote.RemoteIPPrefix, remote.RemoteGroupID, remote.Self
			g.Description = new("x")
			if len(refusedFields(g)) == 0 {
				rules = append(rules, g)
			}
		}
	}
	return rules
}

// TestNothingOpensByOmission leaves out each set of attributes of each rule: what is not refused opens to the cloud what
// the whole rule opens, or less. ICMP types and codes are the exception: without them it is all of ICMP.
func TestNothingOpensByOmission(t *testing.T) {
	t.Parallel()
	opened := func(g Given) Key {
		r := g.Rule()
		if IsICMP(r.Protocol) {
			r.PortRangeMin, r.PortRangeMax = nil, nil
		}
		return r.Key()
	}
	accepted := map[Field]int{}
	rules := explicitRules()
	for _, g := range rules {
		for set := range 1 << len(fields) {
			left := g
			left.Unknown = map[Field]bool{}
			for i, field := range fields {
				left.Unknown[field] = set&(1<<i) != 0
			}
			left = left.withoutUnknown()
			name := fmt.Sprintf("%+v without %v", g.Rule(), left.Unknown)
			unknown := left.Unknown
			left.Unknown = nil
			if len(refusedFields(left)) > 0 {
				continue
			}
			for field, is := range unknown {
				if is {
					accepted[field]++
				}
			}
			if opened(left) != opened(g) {
				t.Errorf("%s opens something else: %+v", name, left.Rule())
			}
		}
	}
	if len(rules) < 20 || accepted[FieldDescription] == 0 || accepted[FieldPortRangeMin] == 0 || accepted[FieldEthertype] == 0 || accepted[FieldDirection] > 0 {
		t.Errorf("%d rules, of which may be left out: %v", len(rules), accepted)
	}
}
