// Package rule knows what a security group rule means: which rules are valid, which spellings say the same, when two
// rules are one, and what to call a rule that nobody has named.
//
// Gcore Cloud stands in front of OpenStack Neutron, and Neutron rewrites what it is given: ports 1-65535 become none, a
// bare address gets its mask, icmp on IPv6 becomes ipv6-icmp. Everything here is pure and follows Neutron's identity of
// rules as measured on a Neutron 21.0.0 server, within the names that Gcore's API takes.
package rule

import (
	"cmp"
	"strings"
)

// The values that the API takes for a direction and an ethertype.
const (
	Ingress = "ingress"
	Egress  = "egress"
	IPv4    = "IPv4"
	IPv6    = "IPv6"
)

// Self stands in RemoteGroupID for the group that holds the rule. A rule can then be compared before its group has an
// id.
const Self = "self"

// Rule is one security group rule in the API's terms. An empty string and a nil port mean "not given", which the API
// sends as null or leaves out.
type Rule struct {
	Direction string
	// Ethertype is IPv4 or IPv6; empty means that it follows from the prefix or the protocol.
	Ethertype string
	// Protocol is empty, or AllProtocols, for all protocols.
	Protocol string
	// PortRangeMin and PortRangeMax are the bounds of a port range. For icmp and ipv6-icmp they are type and code,
	// where 0 is a value of its own.
	PortRangeMin, PortRangeMax *int64
	RemoteIPPrefix             string
	// RemoteGroupID is a security group's id, or Self.
	RemoteGroupID string
	Description   string
}

// The whole port range: Neutron rewrites it to "no ports".
const (
	firstPort = 1
	lastPort  = 65535
)

// Canonical returns the one form that all spellings of a rule share: the family written out, the protocol by its name
// in lower case, no ports for all ports, no prefix for the whole address space, and each other prefix as [Prefix]
// prints it. Text that cannot be understood is kept as it is. The description is not touched.
func (r Rule) Canonical() Rule {
	r.Protocol = protocolName(r.Protocol)
	r.Ethertype = r.family()
	if r.Ethertype == IPv6 && r.Protocol == "icmp" {
		r.Protocol = "ipv6-icmp"
	}
	if r.PortRangeMin != nil && r.PortRangeMax != nil && *r.PortRangeMin == firstPort && *r.PortRangeMax == lastPort {
		r.PortRangeMin, r.PortRangeMax = nil, nil
	}
	r.RemoteIPPrefix = Prefix(r.RemoteIPPrefix)
	// Only of its own family: the other's is refused, and must not turn into "open to the world" on its way.
	if r.RemoteIPPrefix == anywhere(r.Ethertype) {
		r.RemoteIPPrefix = ""
	}
	r.RemoteGroupID = strings.ToLower(r.RemoteGroupID)
	return r
}

// family is the rule's ethertype, derived where it is not given: from the prefix, else IPv6 for the ipv6-* protocols,
// else IPv4, the API's default.
func (r Rule) family() string {
	if r.Ethertype != "" {
		return r.Ethertype
	}
	return Family(r.RemoteIPPrefix, r.Protocol)
}

// Family is the ethertype of a rule that gives none: the prefix's family, else IPv6 for a protocol that exists there
// only, else IPv4.
func Family(prefix, protocol string) string {
	if family := prefixFamily(prefix); family != "" {
		return family
	}
	if strings.HasPrefix(protocolName(protocol), "ipv6-") {
		return IPv6
	}
	return IPv4
}

// WrittenOut returns the canonical form with every default said aloud, so that "open to the world" can be seen:
// 0.0.0.0/0 or ::/0 where no remote is given, the word for all protocols, and 1 to 65535 for a protocol that has ports.
func (r Rule) WrittenOut() Rule {
	r = r.Canonical()
	if r.RemoteIPPrefix == "" && r.RemoteGroupID == "" {
		r.RemoteIPPrefix = anywhere(r.Ethertype)
	}
	if HasPorts(r.Protocol) && r.PortRangeMin == nil && r.PortRangeMax == nil {
		r.PortRangeMin, r.PortRangeMax = new(int64(firstPort)), new(int64(lastPort))
	}
	r.Protocol = cmp.Or(r.Protocol, AllProtocols)
	return r
}
