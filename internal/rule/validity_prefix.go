package rule

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// familyProblems say where ethertype, prefix and protocol do not agree on the IP version. If two of them agree, the
// third is at fault.
func (g Given) familyProblems() []Problem {
	ethertype, prefix := value(g.Ethertype), prefixFamily(value(g.RemoteIPPrefix))
	if ethertype != IPv4 && ethertype != IPv6 {
		ethertype = ""
	}
	needsIPv6 := IsProtocolName(value(g.Protocol)) && Family("", *g.Protocol) == IPv6
	switch {
	case ethertype == IPv4 && prefix == IPv6 && needsIPv6:
		return refuse(FieldEthertype, "IPv4 for an IPv6 network and protocol",
			`ethertype is "IPv4", and both remote_ip_prefix %s and protocol %s are IPv6. `+
				`Write "IPv6" or leave ethertype out.`, Quote(*g.RemoteIPPrefix), Quote(*g.Protocol))
	case ethertype != "" && prefix != "" && ethertype != prefix:
		return refuse(FieldRemoteIPPrefix, fmt.Sprintf("%s network in an %s rule", prefix, ethertype),
			"remote_ip_prefix is %s, an %s network, and ethertype is %q. %s",
			Quote(*g.RemoteIPPrefix), prefix, ethertype, networkAdvice(*g.RemoteIPPrefix, ethertype, needsIPv6))
	case needsIPv6 && prefix == IPv4:
		return refuse(FieldProtocol, "IPv6 protocol with an IPv4 network",
			"protocol is %s, which the cloud takes with IPv6 only, and remote_ip_prefix is %s, an IPv4 network. "+
				"Write an IPv6 network%s, or a protocol for IPv4%s.", Quote(*g.Protocol), Quote(*g.RemoteIPPrefix),
			map[bool]string{true: ` and ethertype = "IPv6"`}[ethertype == IPv4], icmpExample(*g.Protocol))
	case needsIPv6 && ethertype == IPv4:
		return refuse(FieldProtocol, "IPv6 protocol in an IPv4 rule",
			`protocol is %s, which the cloud takes with IPv6 only, and ethertype is "IPv4". `+
				`Write ethertype = "IPv6" or leave ethertype out, or write a protocol for IPv4%s.`,
			Quote(*g.Protocol), icmpExample(*g.Protocol))
	}
	return nil
}

// icmpExample names the protocol of IPv4 that stands for one of IPv6, of which there is just one pair.
func icmpExample(protocol string) string {
	if IsICMP(protocol) {
		return `, here "icmp"`
	}
	return ""
}

// networkAdvice says what to write for a network that is of the other family than the ethertype.
func networkAdvice(prefix, ethertype string, needsIPv6 bool) string {
	network := map[string]string{IPv4: "10.0.0.0/8", IPv6: "2001:db8::/32"}[ethertype]
	advice := fmt.Sprintf("Write an %s network such as %q", ethertype, network)
	if parsed, _ := parsePrefix(prefix); parsed.Bits() == 0 || parsed.IsSingleIP() && parsed.Addr().IsUnspecified() {
		advice = fmt.Sprintf("Write %q for all %s addresses", anywhere(ethertype), ethertype)
	}
	if needsIPv6 {
		return advice + "."
	}
	return advice + ", or leave ethertype out to have it follow from the network."
}

// prefixProblems are those of the CIDR alone.
func (g Given) prefixProblems() []Problem {
	switch {
	case g.RemoteIPPrefix == nil:
		return nil
	case *g.RemoteIPPrefix == "":
		return refuse(FieldRemoteIPPrefix, "Empty remote_ip_prefix", `remote_ip_prefix is "". %s`, g.remoteChoice())
	}
	return cidrProblems("remote_ip_prefix", *g.RemoteIPPrefix)
}

// cidrProblems are those of a CIDR that the texts call by the given name. Netmasks, short forms, leading zeros and
// spaces are refused, since its readers do not agree on them: Neutron takes 010.0.0.1 for 10.0.0.1, others for 8.0.0.1
// or for nothing.
func cidrProblems(name, text string) []Problem {
	prefix, ok := parsePrefix(text)
	switch {
	case !ok:
		return refuse(FieldRemoteIPPrefix, "Malformed CIDR", "%s is %s. %s", name, Quote(text), cidrAdvice(text))
	case prefix.Masked() != prefix:
		network := "for the network"
		if prefix.Bits() == 0 {
			network = "for all addresses"
		}
		return refuse(FieldRemoteIPPrefix, "CIDR with host bits",
			"%s is %s: the address has bits set beyond the mask. Write %q %s, or %q for the one address.",
			name, Quote(text), prefix.Masked(), network, netip.PrefixFrom(prefix.Addr(), prefix.Addr().BitLen()))
	case prefix.Addr().IsUnspecified() && !strings.Contains(text, "/"):
		return []Problem{{
			Field: FieldRemoteIPPrefix, Title: "CIDR without a mask is one address", Warning: true,
			Text: fmt.Sprintf("%s is %s, which means %q, an address that nothing has. For all addresses write %q.",
				name, Quote(text), prefix, anywhere(prefixFamily(text))),
		}}
	}
	return nil
}

// cidrAdvice says what to write for a text that is no CIDR.
func cidrAdvice(text string) string {
	const choice = `Write an IPv4 network such as "10.0.0.0/8", or an IPv6 network such as "2001:db8::/32".`
	word := strings.ToLower(strings.TrimSpace(text))
	address, _, _ := strings.Cut(word, "/")
	parsed, err := netip.ParseAddr(address)
	switch corrected, ok := correctedPrefix(word); {
	case slices.Contains([]string{"any", "all", "*", "everywhere", "anywhere", "0", "0/0", "0.0.0.0", "::"}, word):
		return `For all addresses write "0.0.0.0/0" (IPv4) or "::/0" (IPv6).`
	case ok:
		return fmt.Sprintf("Write %q.", corrected)
	case isList(word):
		return "A rule has one network. Write a rule for each network, or one network that covers them."
	case err == nil:
		return fmt.Sprintf("The mask behind the slash is a number from 0 to %d.", parsed.BitLen())
	case !strings.Contains(word, ":"):
		return "An IPv4 address has four numbers from 0 to 255, without leading zeros. " + choice
	}
	return choice
}

// isList reports whether a text names several networks, as a list or a range.
func isList(word string) bool {
	parts := strings.FieldsFunc(word, func(c rune) bool { return strings.ContainsRune(",;- \t\n", c) })
	return len(parts) > 1 && !slices.ContainsFunc(parts, func(part string) bool { return prefixFamily(part) == "" })
}

// correctedPrefix reads a CIDR that can only mean one thing: with brackets or a zone around an IPv6 address, spaces or
// leading zeros around the mask, or a netmask. Host bits are dropped, but never all of them: an address is not
// corrected to everywhere.
func correctedPrefix(word string) (netip.Prefix, bool) {
	address, mask, hasMask := strings.Cut(word, "/")
	address = strings.TrimSpace(strings.NewReplacer("[", "", "]", "").Replace(address))
	address, _, _ = strings.Cut(address, "%")
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, false
	}
	bits := parsed.BitLen()
	if hasMask {
		bits = maskBits(strings.TrimSpace(mask), parsed.Is4())
	}
	prefix, err := parsed.Prefix(bits)
	return prefix, err == nil && (bits > 0 || parsed.IsUnspecified())
}

// maskBits reads a mask as a number, with leading zeros allowed, or as an IPv4 netmask. It is -1 if the mask is
// neither.
func maskBits(mask string, isIPv4 bool) int {
	if netmask, err := netip.ParseAddr(mask); err == nil && netmask.Is4() && isIPv4 {
		octets := netmask.As4()
		ones, size := net.IPMask(octets[:]).Size()
		if size == 0 {
			return -1
		}
		return ones
	}
	bits, err := strconv.ParseUint(mask, 10, 8)
	if err != nil {
		return -1
	}
	return int(bits)
}
