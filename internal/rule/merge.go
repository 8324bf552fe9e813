package rule

import (
	"fmt"
	"net/netip"
	"slices"
)

// mergeLimit bounds the work of one MergeCIDRs.
const mergeLimit = 100_000

// MergeCIDRs returns the fewest CIDRs that cover exactly the addresses that the given ones cover: IPv4 first, each
// family in the order of its addresses. A bare address stands for itself, and the families are never mixed: an
// IPv4-mapped IPv6 network is an IPv6 one. What is no CIDR is an error that names the element and says what to write
// instead, and so is one that a rule would only be warned of: an address that nothing has.
func MergeCIDRs(cidrs []string) ([]string, error) {
	if len(cidrs) > mergeLimit {
		return nil, fmt.Errorf("cidrs has %d elements, and %d at most can be merged at once", len(cidrs), mergeLimit)
	}
	prefixes := make([]netip.Prefix, 0, len(cidrs))
	var faults Faults
	for i, cidr := range cidrs {
		for _, problem := range cidrProblems(fmt.Sprintf("cidrs[%d]", i), cidr) {
			faults.Add(problem.Text)
		}
		prefix, _ := parsePrefix(cidr)
		prefixes = append(prefixes, prefix)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	merged := []string{}
	for _, prefix := range mergePrefixes(prefixes) {
		merged = append(merged, prefix.String())
	}
	return merged, nil
}

// mergePrefixes sorts the prefixes in place. Sorted, a prefix comes right behind the one that holds it, and two halves
// of one prefix, once what they hold is gone, come together: a stack of what is merged so far is enough. The set that
// is left is the only smallest one, as each of its prefixes is as wide as the addresses allow.
func mergePrefixes(prefixes []netip.Prefix) []netip.Prefix {
	slices.SortFunc(prefixes, netip.Prefix.Compare)
	var merged []netip.Prefix
	for _, prefix := range prefixes {
		if last := len(merged) - 1; last >= 0 && merged[last].Contains(prefix.Addr()) {
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

// joined is the prefix whose two halves are given, the lower one first.
func joined(lower, upper netip.Prefix) (whole netip.Prefix, ok bool) {
	// Of 0.0.0.0/0 and ::/0 it is no valid prefix, and contains nothing.
	whole = netip.PrefixFrom(lower.Addr(), lower.Bits()-1)
	return whole, lower.Bits() == upper.Bits() && whole.Contains(upper.Addr())
}
