package rule

import (
	"slices"
	"strings"
)

// AllProtocols is the word for all protocols in a configuration and in a state. The API has no name for them: the field is
// left out.
const AllProtocols = "any"

// protocolNames maps every other way to say a protocol to the name that Gcore's API takes for it. The numbers are
// IANA's, which Neutron stores as text when it is given one; ipencap is Gcore's second word for protocol 4.
var protocolNames = map[string]string{
	AllProtocols: "", "0": "",
	"1":      "icmp",
	"2":      "igmp",
	"4":      "ipip",
	"6":      "tcp",
	"8":      "egp",
	"17":     "udp",
	"33":     "dccp",
	"41":     "ipv6-encap",
	"43":     "ipv6-route",
	"44":     "ipv6-frag",
	"46":     "rsvp",
	"47":     "gre",
	"50":     "esp",
	"51":     "ah",
	"58":     "ipv6-icmp",
	"59":     "ipv6-nonxt",
	"60":     "ipv6-opts",
	"89":     "ospf",
	"112":    "vrrp",
	"113":    "pgm",
	"132":    "sctp",
	"136":    "udplite",
	"icmpv6": "ipv6-icmp", "ipencap": "ipip",
}

// protocols are the names that Gcore's API takes in a request, in its order.
var protocols = []string{
	"ah", "dccp", "egp", "esp", "gre", "icmp", "igmp", "ipencap", "ipip",
	"ipv6-encap", "ipv6-frag", "ipv6-icmp", "ipv6-nonxt", "ipv6-opts", "ipv6-route",
	"ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp",
}

// IsProtocolName reports whether the API takes a protocol in a request just as it is written.
func IsProtocolName(protocol string) bool {
	return slices.Contains(protocols, protocol)
}

// protocolName is the canonical name of a protocol, empty for all protocols. What it does not know stays, in lower
// case.
func protocolName(protocol string) string {
	protocol = strings.ToLower(protocol)
	if name, known := protocolNames[protocol]; known {
		return name
	}
	return protocol
}

// SameProtocol reports whether two spellings are one protocol whatever the ethertype is, as ipip and ipencap are.
func SameProtocol(a, b string) bool {
	return protocolName(a) == protocolName(b)
}

// IsICMP reports whether a protocol is ICMP of either family. On IPv6, icmp and ipv6-icmp are one.
func IsICMP(protocol string) bool {
	name := protocolName(protocol)
	return name == "icmp" || name == "ipv6-icmp"
}

// HasPorts reports whether a protocol has ports: the five that Neutron takes them for.
func HasPorts(protocol string) bool {
	switch protocolName(protocol) {
	case "tcp", "udp", "udplite", "sctp", "dccp":
		return true
	}
	return false
}
