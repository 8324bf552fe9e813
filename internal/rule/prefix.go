package rule

import "net/netip"

// Prefix is the canonical text of a CIDR: a bare address gets its full mask, IPv6 is lower case and compressed. Host
// bits stay, since Neutron takes 10.0.0.1/8 and 10.0.0.0/8 for two rules. Text that is no CIDR is returned as it is.
func Prefix(text string) string {
	prefix, ok := parsePrefix(text)
	if !ok {
		return text
	}
	if canonical := prefix.AppendTo(make([]byte, 0, len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128"))); string(canonical) != text {
		return string(canonical)
	}
	return text // as it mostly is, without a copy
}

// SamePrefix reports whether two texts are one CIDR.
func SamePrefix(a, b string) bool {
	return Prefix(a) == Prefix(b)
}

// parsePrefix reads a CIDR or a bare address, which stands for itself alone.
func parsePrefix(text string) (netip.Prefix, bool) {
	if text == "" { // as in most rules; an error would cost more than all the rest of a key
		return netip.Prefix{}, false
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix, true
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(address, address.BitLen()), true
}

// prefixFamily is the ethertype of a CIDR, empty if the text is none.
func prefixFamily(text string) string {
	prefix, ok := parsePrefix(text)
	switch {
	case !ok:
		return ""
	case prefix.Addr().Is4():
		return IPv4
	default:
		return IPv6
	}
}

// anywhere is the prefix that covers all addresses of a family.
func anywhere(ethertype string) string {
	if ethertype == IPv6 {
		return "::/0"
	}
	return "0.0.0.0/0"
}
