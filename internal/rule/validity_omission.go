package rule

import "slices"

// remoteChoice says what to write for the other side of a rule.
func (g Given) remoteChoice() string {
	const choice = `For everybody write remote_ip_prefix = "0.0.0.0/0" (over IPv6 "::/0"). For fewer write a network such as "10.0.0.0/8", `
	if g.Standalone {
		return choice + "or the remote_group_id of a security group, which may be the group of the rule itself."
	}
	return choice + "the remote_group_id of a security group, or self = true for the group itself."
}

// Omissions are the problems of an ingress rule that leaves out what the API would take for everybody, for all protocols,
// for all ports or for IPv4. Terraform drops a misspelt name inside `rules` without a word, and a reference may turn out to be
// null: neither must open anything.
func (g Given) Omissions() []Problem {
	g = g.withoutUnknown()
	if value(g.Direction) != Ingress {
		return nil
	}
	return slices.Concat(g.missingProtocol(), g.missingPorts(), g.missingRemote(), g.missingEthertype())
}

// missingProtocol leaves ports without a protocol to portProblems.
func (g Given) missingProtocol() []Problem {
	if g.Protocol != nil || g.Unknown[FieldProtocol] || g.PortRangeMin != nil || g.PortRangeMax != nil {
		return nil
	}
	return refuse(FieldProtocol, "Missing protocol", "An ingress rule must name its protocol, but protocol is left out, null or misspelt. "+
		`For all protocols write protocol = "any", else the one that is meant, such as "tcp".`)
}

// missingPorts leaves one bound without the other to portProblems.
func (g Given) missingPorts() []Problem {
	open := g.Unknown[FieldPortRangeMin] && g.Unknown[FieldPortRangeMax]
	if open || g.PortRangeMin != nil || g.PortRangeMax != nil || g.Protocol == nil || !IsProtocolName(*g.Protocol) || !HasPorts(*g.Protocol) {
		return nil
	}
	return refuse(FieldPortRangeMin, "Missing ports", "An ingress rule of protocol %q must name its ports, but port_range_min or port_range_max "+
		"is left out, null or misspelt. For all ports write port_range_min = 1 and port_range_max = 65535, else the first and last port that you want.",
		*g.Protocol)
}

func (g Given) missingRemote() []Problem {
	if g.RemoteIPPrefix != nil || g.RemoteGroupID != nil || value(g.Self) ||
		g.Unknown[FieldRemoteIPPrefix] || g.Unknown[FieldRemoteGroupID] || g.Unknown[FieldSelf] {
		return nil
	}
	missing := "remote_ip_prefix, remote_group_id and self = true are all left out, null or misspelt"
	if g.Standalone {
		missing = "remote_ip_prefix and remote_group_id are both left out or null"
	}
	return refuse(FieldRemoteIPPrefix, "Missing remote", "An ingress rule must name its remote, but %s. %s", missing, g.remoteChoice())
}

// missingEthertype leaves to remoteProblems a group beside a network, and is silent on a protocol that is no name.
func (g Given) missingEthertype() []Problem {
	group := g.RemoteGroupID != nil || value(g.Self)
	if g.Unknown[FieldRemoteGroupID] || g.Unknown[FieldSelf] {
		group = group || !g.Unknown[FieldRemoteIPPrefix]
	}
	if !group || g.Ethertype != nil || g.Unknown[FieldEthertype] || g.RemoteIPPrefix != nil || g.protocolMaySayFamily() {
		return nil
	}
	return refuse(FieldEthertype, "Missing ethertype", "An ingress rule from a security group must name its IP version, but ethertype is left out, "+
		`null or misspelt. Write ethertype = "IPv4" or ethertype = "IPv6". For both write a rule for each.`)
}

// protocolMaySayFamily reports whether the protocol exists over IPv6 only, or may turn out to. Of those only ipv6-icmp takes
// port_range_min and port_range_max.
func (g Given) protocolMaySayFamily() bool {
	switch {
	case g.Unknown[FieldProtocol]:
		return len(g.icmpProblems()) == 0
	case g.Protocol == nil, *g.Protocol == AllProtocols:
		return false
	}
	return !IsProtocolName(*g.Protocol) || Family("", *g.Protocol) == IPv6
}
