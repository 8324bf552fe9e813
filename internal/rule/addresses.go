package rule

import (
	"fmt"
	"net/netip"
	"slices"
)

// mostCIDRs bounds the work and the result of one operation on addresses.
const mostCIDRs = 100_000

// Addresses is a set of addresses of both families, as the fewest CIDRs that cover exactly these: disjoint, IPv4 first,
// each family in the order of its addresses. The families are never mixed: an IPv4-mapped IPv6 network is an IPv6 one.
type Addresses []netip.Prefix

// ReadAddresses returns the addresses that the CIDRs cover together. A bare address stands for itself. What is no CIDR
// is an error that names the element of the given list and says what to write instead, and so is one that a rule would
// only be warned of: an address that nothing has.
func ReadAddresses(list string, cidrs []string) (Addresses, error) {
	if len(cidrs) > mostCIDRs {
		return nil, fmt.Errorf("%s has %d elements, and %d at most can be taken at once", list, len(cidrs), mostCIDRs)
	}
	prefixes := make([]netip.Prefix, 0, len(cidrs))
	var faults Faults
	for i, cidr := range cidrs {
		for _, problem := range cidrProblems(fmt.Sprintf("%s[%d]", list, i), cidr) {
			faults.Add(problem.Text)
		}
		prefix, _ := parsePrefix(cidr)
		prefixes = append(prefixes, prefix)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return addressesOf(prefixes), nil
}

// CIDRs returns the addresses as texts.
func (a Addresses) CIDRs() []string {
	cidrs := make([]string, 0, len(a))
	for _, prefix := range a {
		cidrs = append(cidrs, prefix.String())
	}
	return cidrs
}

// Contain reports whether all of the others are among the addresses. A network that is, is so as part of one prefix, as
// each of them is as wide as the addresses allow.
func (a Addresses) Contain(others Addresses) bool {
	for _, other := range others {
		at, found := slices.BinarySearchFunc(a, other, netip.Prefix.Compare)
		if !found && (at == 0 || !covers(a[at-1], other)) {
			return false
		}
	}
	return true
}

// Subtract returns the addresses without the others.
func (a Addresses) Subtract(others Addresses) (Addresses, error) {
	var rest Addresses
	for _, prefix := range a {
		if rest = appendWithout(rest, prefix, others); len(rest) > mostCIDRs {
			return nil, fmt.Errorf("the result has more than %d CIDRs", mostCIDRs)
		}
	}
	return rest, nil
}

// appendWithout appends a prefix without the others to the rest, halved as often as it takes. It stops once the rest is
// too long.
func appendWithout(rest Addresses, prefix netip.Prefix, others Addresses) Addresses {
	// Sorted and disjoint, the others that overlap are neighbours.
	first, found := slices.BinarySearchFunc(others, prefix, func(other, prefix netip.Prefix) int {
		if other.Overlaps(prefix) {
			return 0
		}
		return other.Compare(prefix)
	})
	switch {
	case !found:
		return append(rest, prefix)
	case covers(others[first], prefix) || len(rest) > mostCIDRs:
		return rest
	}
	others = others[first:]
	if end := slices.IndexFunc(others, func(other netip.Prefix) bool { return !other.Overlaps(prefix) }); end >= 0 {
		others = others[:end]
	}
	lower, upper := halves(prefix)
	return appendWithout(appendWithout(rest, lower, others), upper, others)
}

// addressesOf sorts the prefixes in place. Sorted, a prefix comes right behind the one that holds it, and two halves of
// one prefix, once what they hold is gone, come together: a stack of what is merged so far is enough. The set that is
// left is the only smallest one, as each of its prefixes is as wide as the addresses allow.
func addressesOf(prefixes []netip.Prefix) Addresses {
	slices.SortFunc(prefixes, netip.Prefix.Compare)
	var merged Addresses
	for _, prefix := range prefixes {
		if last := len(merged) - 1; last >= 0 && covers(merged[last], prefix) {
			continue
		}
		merged = append(merged, prefix)
		for n := len(merged); n > 1; n-- {
			whole, ok := joined(merged[n-2], merged[n-1])
			if !ok {
				break
			}
			merged = append(merged[:n-2], whole)
		}
	}
	return merged
}

// covers reports whether all addresses of the part are the whole's.
func covers(whole, part netip.Prefix) bool {
	return whole.Bits() <= part.Bits() && whole.Contains(part.Addr())
}

// joined is the prefix whose two halves are given, the lower one first.
func joined(lower, upper netip.Prefix) (whole netip.Prefix, ok bool) {
	// Of 0.0.0.0/0 and ::/0 it is no valid prefix, and contains nothing.
	whole = netip.PrefixFrom(lower.Addr(), lower.Bits()-1)
	return whole, lower.Bits() == upper.Bits() && whole.Contains(upper.Addr())
}

// halves is the inverse of joined.
func halves(whole netip.Prefix) (lower, upper netip.Prefix) {
	bits := whole.Bits()
	octets := whole.Addr().AsSlice()
	octets[bits/8] |= 1 << (7 - bits%8)
	middle, _ := netip.AddrFromSlice(octets)
	return netip.PrefixFrom(whole.Addr(), bits+1), netip.PrefixFrom(middle, bits+1)
}
