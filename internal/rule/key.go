package rule

// Key is a rule's identity within its group: two rules with equal keys are the same rule, and Neutron refuses the
// second one (409 SecurityGroupRuleExists). The description is not part of it. Keys can be compared with == and be the
// keys of a map.
type Key struct {
	direction, ethertype, protocol string
	ports                          ports
	remoteIPPrefix, remoteGroupID  string
}

// ports holds two bounds by value, so that a key can be compared; a bound that is not given is told from 0, which is a
// real ICMP type.
type ports struct {
	min, max       int64
	hasMin, hasMax bool
}

// Key returns the rule's identity: its canonical form without the description.
func (r Rule) Key() Key {
	c := r.Canonical()
	key := Key{
		direction: c.Direction, ethertype: c.Ethertype, protocol: c.Protocol,
		remoteIPPrefix: c.RemoteIPPrefix, remoteGroupID: c.RemoteGroupID,
	}
	if c.PortRangeMin != nil {
		key.ports.min, key.ports.hasMin = *c.PortRangeMin, true
	}
	if c.PortRangeMax != nil {
		key.ports.max, key.ports.hasMax = *c.PortRangeMax, true
	}
	return key
}
