package gcoretest

import (
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// HostBits says what happens to a CIDR in which bits behind the prefix length are set, such as 10.0.0.1/8.
type HostBits int

// The readings of a CIDR with host bits.
const (
	HostBitsRefuse HostBits = iota // 400, as Python's ipaddress module does it by default
	HostBitsKeep                   // stored as sent, as Neutron does it
	HostBitsMask                   // stored without them: 10.0.0.0/8
)

// prefix is an address with a prefix length; host bits may be set.
type prefix struct {
	address netip.Addr
	bits    int
}

// String writes the prefix as Neutron does: glibc's form of the address, always with a length.
func (p prefix) String() string {
	return addressText(p.address) + "/" + strconv.Itoa(p.bits)
}

func (p prefix) masked() prefix {
	network, err := p.address.Prefix(p.bits)
	if err != nil {
		return p
	}
	return prefix{network.Addr(), p.bits}
}

func (p prefix) ethertype() string {
	if p.address.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

// addressText is the address in glibc's inet_ntop form, which is Go's but for ::/96: there glibc writes the last 32
// bits dotted, if the first 16 of them are not zero.
func addressText(address netip.Addr) string {
	bytes := address.As16()
	if address.Is4() || address.Is4In6() || (bytes[12] == 0 && bytes[13] == 0) {
		return address.String()
	}
	for _, b := range bytes[:12] {
		if b != 0 {
			return address.String()
		}
	}
	return "::" + netip.AddrFrom4([4]byte(bytes[12:])).String()
}

var errNoNetwork = errors.New("value is not a valid IPv4 or IPv6 network")

// parseNetwork reads a CIDR as pydantic's IPvAnyNetwork does, which is Python's ipaddress.ip_network: a full address,
// optionally with a length or, for IPv4, a netmask or hostmask. Host bits are treated as told.
func parseNetwork(text string, hostBits HostBits) (prefix, error) {
	address, length, slash := strings.Cut(text, "/")
	parsed, err := netip.ParseAddr(address)
	if err != nil || parsed.Zone() != "" {
		return prefix{}, errNoNetwork
	}
	result := prefix{parsed, parsed.BitLen()}
	if slash {
		bits, ok := prefixLength(length, parsed.Is4())
		if !ok || bits > parsed.BitLen() {
			return prefix{}, errNoNetwork
		}
		result.bits = bits
	}
	if result.masked() != result {
		switch hostBits {
		case HostBitsRefuse:
			return prefix{}, errNoNetwork
		case HostBitsMask:
			return result.masked(), nil
		}
	}
	return result, nil
}

// prefixLength reads what stands behind the slash: decimal digits (leading zeros are fine in Python) or an IPv4
// netmask or hostmask.
func prefixLength(text string, ipv4 bool) (int, bool) {
	if text != "" && strings.Trim(text, "0123456789") == "" {
		bits, err := strconv.Atoi(text)
		return bits, err == nil
	}
	if !ipv4 {
		return 0, false
	}
	mask, err := netip.ParseAddr(text)
	if err != nil || !mask.Is4() {
		return 0, false
	}
	return maskLength(mask)
}

// maskLength is the number of leading ones of a netmask or of leading zeros of a hostmask.
func maskLength(mask netip.Addr) (int, bool) {
	var value uint32
	for _, b := range mask.As4() {
		value = value<<8 | uint32(b)
	}
	// Python tries the netmask first: 0.0.0.0 is /0 and 255.255.255.255 is /32.
	for _, candidate := range []uint32{value, ^value} {
		if ones := bits.LeadingZeros32(^candidate); ones+bits.TrailingZeros32(candidate) >= 32 {
			return ones, true
		}
	}
	return 0, false
}

// neutronPrefix reads a CIDR as Neutron does (netaddr.IPNetwork): spaces around it, leading zeros, missing trailing
// octets and masks are accepted, host bits are kept.
func neutronPrefix(text string) (prefix, *refusal) {
	address, length, slash := strings.Cut(strings.TrimSpace(text), "/")
	if !strings.Contains(address, ":") {
		address = fullIPv4(address)
	}
	if slash {
		address += "/" + length
	}
	parsed, err := parseNetwork(address, HostBitsKeep)
	if err != nil {
		return prefix{}, &refusal{status: 400, class: "InvalidCIDR",
			message: fmt.Sprintf("Invalid CIDR %s given as IP prefix.", text)}
	}
	return parsed, nil
}

// fullIPv4 completes an abbreviated IPv4 address ("10.1" is 10.1.0.0) and drops leading zeros. What is no list of
// decimal numbers is returned as it is.
func fullIPv4(address string) string {
	octets := strings.Split(address, ".")
	for i, octet := range octets {
		number, err := strconv.ParseUint(octet, 10, 16)
		if err != nil {
			return address
		}
		octets[i] = strconv.FormatUint(number, 10)
	}
	for len(octets) < 4 {
		octets = append(octets, "0")
	}
	return strings.Join(octets, ".")
}
