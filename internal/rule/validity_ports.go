package rule

import "fmt"

// ICMP types and codes are one byte each (RFC 792, RFC 4443).
const lastICMPValue = 255

func (g Given) portProblems() []Problem {
	switch {
	case g.PortRangeMin == nil && g.PortRangeMax == nil:
		return nil
	case g.Unknown[FieldProtocol]:
		return g.problemsWithAnyProtocol()
	case g.Protocol == nil:
		return g.portless("Ports without a protocol", "no protocol is given", "every protocol", portsAdvice)
	case *g.Protocol == AllProtocols:
		return g.portless("Ports of all protocols", `protocol "any" has no ports`, "every protocol", portsAdvice)
	case !IsProtocolName(*g.Protocol):
		return nil
	case HasPorts(*g.Protocol):
		return g.portRangeProblems()
	case IsICMP(*g.Protocol):
		return g.icmpProblems()
	}
	protocol := "protocol " + Quote(*g.Protocol)
	return g.portless("Protocol without ports", protocol+" has no ports", "all of "+protocol,
		"Leave the ports out: only tcp, udp, udplite, sctp and dccp have them.")
}

const portsAdvice = "Write the protocol that the ports belong to (tcp, udp, udplite, sctp or dccp), " +
	`or protocol = "any" without ports for all protocols.`

// problemsWithAnyProtocol are those that remain whatever the protocol turns out to be: what can be neither a port range
// nor the type and code of ICMP. What is no type and code has to be a port range, whose problems then count.
func (g Given) problemsWithAnyProtocol() []Problem {
	if len(g.icmpProblems()) == 0 {
		return nil
	}
	return g.portRangeProblems()
}

// portless is the problem of ports that belong to nothing. Neutron refuses them all but for 1 to 65535, which it drops:
// a rule that was meant for some ports would then be open for everything.
func (g Given) portless(title, reason, everything, advice string) []Problem {
	field := FieldPortRangeMin
	if g.PortRangeMin == nil {
		field = FieldPortRangeMax
	}
	if g.wholeRange() {
		advice = fmt.Sprintf("The cloud would drop ports 1 to 65535 and allow %s. %s", everything, advice)
	}
	return refuse(field, title, "%s, but %s. %s", g.portsAsGiven(), reason, advice)
}

func (g Given) wholeRange() bool {
	return value(g.PortRangeMin) == firstPort && value(g.PortRangeMax) == lastPort
}

// portsAsGiven says the ports in the words of the configuration.
func (g Given) portsAsGiven() string {
	first, last := g.PortRangeMin, g.PortRangeMax
	switch {
	case last == nil:
		return fmt.Sprintf("port_range_min is %d", *first)
	case first == nil:
		return fmt.Sprintf("port_range_max is %d", *last)
	case *first == *last:
		return fmt.Sprintf("port_range_min and port_range_max are %d", *first)
	}
	return fmt.Sprintf("port_range_min is %d and port_range_max is %d", *first, *last)
}

// portRangeProblems are those of a protocol that has ports: both bounds, 1 to 65535, the lower one first. Its texts do
// not name the protocol, which need not be known.
func (g Given) portRangeProblems() []Problem {
	if problems := g.portsOutOfRange(); len(problems) > 0 {
		return problems
	}
	first, last := g.PortRangeMin, g.PortRangeMax
	const title = "Incomplete port range"
	switch {
	case first == nil && !g.Unknown[FieldPortRangeMin]:
		return refuse(FieldPortRangeMax, title, "port_range_max is %[1]d, and port_range_min is left out, null or misspelt. "+
			"Write the first port of the range there, or port_range_min = %[1]d for this one port.", *last)
	case last == nil && !g.Unknown[FieldPortRangeMax]:
		return refuse(FieldPortRangeMin, title, "port_range_min is %[1]d, and port_range_max is left out, null or misspelt. "+
			"Write the last port of the range there, or port_range_max = %[1]d for this one port.", *first)
	case first != nil && last != nil && *first > *last:
		return refuse(FieldPortRangeMin, "Port range reversed", "%s. "+
			"Write the lower port first: port_range_min = %d and port_range_max = %d.", g.portsAsGiven(), *last, *first)
	}
	return nil
}

// portsOutOfRange lists the bounds that are no ports; two that are the same are one fault.
func (g Given) portsOutOfRange() []Problem {
	first, last := g.PortRangeMin, g.PortRangeMax
	const title = "Port out of range"
	advice := func(port int64) string {
		if port < firstPort {
			return "Ports are 1 to 65535. For all ports write port_range_min = 1 and port_range_max = 65535."
		}
		return "Ports are 1 to 65535."
	}
	var problems []Problem
	if first != nil && !between(firstPort, *first, lastPort) {
		words := fmt.Sprintf("port_range_min is %d", *first)
		if last != nil && *first == *last {
			words, last = g.portsAsGiven(), nil
		}
		problems = refuse(FieldPortRangeMin, title, "%s. %s", words, advice(*first))
	}
	if last != nil && !between(firstPort, *last, lastPort) {
		problems = append(problems, refuse(FieldPortRangeMax, title, "port_range_max is %d. %s", *last, advice(*last))...)
	}
	return problems
}

// icmpProblems are those of icmp and ipv6-icmp, where the bounds are type and code. 0 is a real type and a real code,
// and a type may be above its code.
func (g Given) icmpProblems() []Problem {
	icmpType, code := g.PortRangeMin, g.PortRangeMax
	badType := icmpType != nil && !between(0, *icmpType, lastICMPValue)
	badCode := code != nil && !between(0, *code, lastICMPValue)
	protocol := Quote(value(g.Protocol))
	switch {
	case badType && badCode:
		return refuse(FieldPortRangeMin, "ICMP type and code out of range", "%s. With protocol %s, which has no ports, "+
			"they are the ICMP type and code, 0 to 255 each. Leave both out for all types.", g.portsAsGiven(), protocol)
	case badType:
		return refuse(FieldPortRangeMin, "ICMP type out of range", "port_range_min is %d. With protocol %s, "+
			"which has no ports, it is the ICMP type, 0 to 255. Leave it out for all types.", *icmpType, protocol)
	case g.wholeRange():
		return refuse(FieldPortRangeMax, "ICMP code out of range", "%[1]s. With protocol %[2]s, which has no ports, "+
			"they are the ICMP type and code, 0 to 255 each. The cloud would drop 1 to 65535 and allow all of protocol %[2]s. "+
			"Leave both out if that is meant.", g.portsAsGiven(), protocol)
	case badCode:
		return refuse(FieldPortRangeMax, "ICMP code out of range", "port_range_max is %d. With protocol %s, "+
			"which has no ports, it is the ICMP code, 0 to 255. Leave it out for all codes of the type.", *code, protocol)
	case code != nil && icmpType == nil && !g.Unknown[FieldPortRangeMin]:
		return refuse(FieldPortRangeMax, "ICMP code without a type", "port_range_max is %d, which with protocol %s is "+
			"the ICMP code, and port_range_min, the type, is left out. Write the type too, or leave both out for all types.",
			*code, protocol)
	}
	return nil
}

func between(low, number, high int64) bool {
	return low <= number && number <= high
}
