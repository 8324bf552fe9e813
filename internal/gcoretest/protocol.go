package gcoretest

import (
	"fmt"
	"strconv"
	"strings"
)

// neutronProtocols are the protocol names of Neutron 21.0.0, in the order of its error message.
func neutronProtocols() []string {
	return []string{
		"ah", "dccp", "egp", "esp", "gre", "hopopt", "icmp", "igmp", "ip", "ipip", "ipv6-encap", "ipv6-frag",
		"ipv6-icmp", "icmpv6", "ipv6-nonxt", "ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "tcp", "udp",
		"udplite", "vrrp",
	}
}

// protocolNumber returns the IANA number of a protocol name, also of "ipencap", which only Gcore's list has, and of
// a number in text form. Anything else is -1.
func protocolNumber(protocol string) int {
	for _, known := range [...]struct {
		name   string
		number int
	}{
		{"hopopt", 0}, {"ip", 0}, {"icmp", 1}, {"igmp", 2}, {"ipip", 4}, {"ipencap", 4}, {"tcp", 6}, {"egp", 8},
		{"udp", 17}, {"dccp", 33}, {"ipv6-encap", 41}, {"ipv6-route", 43}, {"ipv6-frag", 44}, {"rsvp", 46}, {"gre", 47},
		{"esp", 50}, {"ah", 51}, {"ipv6-icmp", 58}, {"icmpv6", 58}, {"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"ospf", 89},
		{"vrrp", 112}, {"pgm", 113}, {"sctp", 132}, {"udplite", 136},
	} {
		if protocol == known.name {
			return known.number
		}
	}
	if number, err := strconv.Atoi(protocol); err == nil && number >= 0 && number <= 255 {
		return number
	}
	return -1
}

// hasPorts tells whether a protocol takes port ranges: tcp, udp, dccp, sctp and udplite.
func hasPorts(number int) bool {
	switch number {
	case 6, 17, 33, 132, 136:
		return true
	}
	return false
}

// isICMP tells whether a protocol takes an ICMP type and code in place of ports.
func isICMP(number int) bool { return number == 1 || number == 58 }

// onlyIPv6 tells whether a protocol is refused with ethertype IPv4.
func onlyIPv6(number int) bool {
	switch number {
	case 41, 43, 44, 58, 59, 60:
		return true
	}
	return false
}

// neutronProtocol is Neutron's reading of a protocol in a request: names in any case, numbers 0 to 255 kept as
// text. `"06"`, `"+6"` and `" 6"` pass its range check but not its look-up, and end in a 500.
func neutronProtocol(text string) (string, *refusal) {
	name := strings.ToLower(text)
	for _, known := range neutronProtocols() {
		if name == known {
			return name, nil
		}
	}
	if number, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && number >= 0 && number <= 255 {
		if strconv.Itoa(number) == text {
			return text, nil
		}
		return "", serverError()
	}
	known := "[None, '" + strings.Join(neutronProtocols(), "', '") + "']"
	return "", badRequest("SecurityGroupRuleInvalidProtocol", fmt.Sprintf("Security group rule protocol %s not supported."+
		" Only protocol values %s and integer representations [0 to 255] are supported.", text, known))
}
