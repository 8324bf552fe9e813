package rule

import (
	"slices"
	"strconv"
	"strings"
)

func (g Given) directionProblems() []Problem {
	const choice = `Write "ingress" for traffic to the instances of the group, or "egress" for traffic from them.`
	switch {
	case g.Unknown[FieldDirection]:
		return nil
	case g.Direction == nil:
		return refuse(FieldDirection, "Missing direction", "direction is left out, null or misspelt. %s", choice)
	case *g.Direction == "":
		return refuse(FieldDirection, "Empty direction", `direction is "". %s`, choice)
	case *g.Direction == Ingress, *g.Direction == Egress:
		return nil
	}
	advice := choice
	switch strings.ToLower(strings.TrimSpace(*g.Direction)) {
	case "ingress", "in", "inbound", "incoming", "input":
		advice = `Write "ingress".`
	case "egress", "out", "outbound", "outgoing", "output":
		advice = `Write "egress".`
	}
	return refuse(FieldDirection, "Unknown direction", "direction is %s. %s", Quote(*g.Direction), advice)
}

func (g Given) ethertypeProblems() []Problem {
	const said = "where remote_ip_prefix or protocol says it"
	switch {
	case g.Ethertype == nil, *g.Ethertype == IPv4, *g.Ethertype == IPv6:
		return nil
	case *g.Ethertype == "":
		return refuse(FieldEthertype, "Empty ethertype",
			`ethertype is "". Leave it out %s, or write "IPv4" or "IPv6".`, said)
	}
	advice := `Write "IPv4" or "IPv6", or leave it out ` + said + "."
	switch strings.ToLower(strings.TrimSpace(*g.Ethertype)) {
	case "ipv4", "ip4", "v4", "4":
		advice = `Write "IPv4".`
	case "ipv6", "ip6", "v6", "6":
		advice = `Write "IPv6".`
	}
	return refuse(FieldEthertype, "Unknown ethertype", "ethertype is %s. %s", Quote(*g.Ethertype), advice)
}

func (g Given) protocolProblems() []Problem {
	switch {
	case g.Protocol == nil, *g.Protocol == AllProtocols, IsProtocolName(*g.Protocol):
		return nil
	case *g.Protocol == "":
		return refuse(FieldProtocol, "Empty protocol", `protocol is "". %s`, g.allProtocolsAdvice())
	}
	return refuse(FieldProtocol, "Unknown protocol", "protocol is %s. %s", Quote(*g.Protocol), g.protocolAdvice())
}

// protocolAdvice says what to write for a protocol that the API does not take.
func (g Given) protocolAdvice() string {
	word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(*g.Protocol)), "_", "-")
	number, err := strconv.Atoi(word)
	isNumber := err == nil
	if isNumber {
		word = strconv.Itoa(number)
	}
	switch word {
	// Other clouds write -1; 0 and ip are how iptables says all protocols.
	case AllProtocols, "all", "*", "-1", "0", "ip":
		return g.allProtocolsAdvice()
	}
	name := similarProtocol(word)
	switch {
	case isNumber && name != "":
		return "The API takes names, not numbers. Write " + Quote(name) + "."
	case isNumber:
		return "The API takes names, not numbers, and has none for this one. " + protocolChoice()
	case name != "":
		return "Write " + Quote(name) + "."
	}
	return protocolChoice()
}

// allProtocolsAdvice is for those who look for a word that means all protocols. A rule for all of them has no ports
// either.
func (g Given) allProtocolsAdvice() string {
	if g.PortRangeMin == nil && g.PortRangeMax == nil {
		return `For all protocols write "any".`
	}
	return `For all protocols write "any", and leave the ports out. ` +
		`For these ports write the protocol that they belong to, such as "tcp".`
}

func protocolChoice() string {
	return `Write "any" for all protocols, or one of ` + strings.Join(protocols, ", ") + "."
}

// similarProtocol finds the name that the API takes for a protocol's number or alias, or for its name with other
// hyphens. It is empty if there is none.
func similarProtocol(word string) string {
	if name := protocolName(word); IsProtocolName(name) {
		return name
	}
	compact := strings.ReplaceAll(word, "-", "")
	if compact == "icmp6" {
		return "ipv6-icmp"
	}
	found := slices.IndexFunc(protocols, func(name string) bool { return strings.ReplaceAll(name, "-", "") == compact })
	if found < 0 {
		return ""
	}
	return protocols[found]
}
