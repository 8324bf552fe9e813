package rule

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// FindingKind is a way in which rules say more than they have to.
type FindingKind string

// The kinds of findings.
const (
	// Shadowed is an entry without effect: others allow all that it allows.
	Shadowed FindingKind = "shadowed"
	// Mergeable are entries that one entry can replace.
	Mergeable FindingKind = "mergeable"
	// Overlapping is an entry some of whose ports others allow already, to all of its remote.
	Overlapping FindingKind = "overlapping"
)

// Finding is something that could be written in fewer words, or smaller, and would allow the same.
type Finding struct {
	Kind FindingKind
	// Keys are the entries concerned: of a shadowed or overlapping one its own comes first.
	Keys []string
	// Text says what to write instead.
	Text string
	// remove and write are what Text says: the entries that go, and the rules that come in their place.
	remove []string
	write  []Rule
}

// Lint judges the rules of one group, whose faults are those that [Given.Problems] lists: none. A description counts for
// nothing. known is false, and there are no findings, while any other value is unknown.
//
// An entry for all ports or all protocols is never said to overlap with another one: it is meant as it is.
func Lint(rules map[string]Given) (findings []Finding, known bool) {
	entries := make([]*lintEntry, 0, len(rules))
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		for field, unknown := range rules[key].Unknown {
			if unknown && field != FieldDescription {
				return nil, false
			}
		}
		r := rules[key].WithoutHostBits().Rule().Canonical()
		entries = append(entries, &lintEntry{key, r, extentOf(r)})
	}
	shadowed, entries := shadowedEntries(entries)
	together, entries := shadowedTogether(entries)
	return slices.Concat(shadowed, together, mergeablePorts(entries), mergeableRemotes(entries), overlapping(entries)), true
}

// lintEntry is an entry of the map.
type lintEntry struct {
	key    string
	rule   Rule // canonical
	extent extent
}

// shadowedEntries finds the entries that another one covers. Of two that allow the same, the later one is shadowed.
func shadowedEntries(entries []*lintEntry) (findings []Finding, rest []*lintEntry) {
	var shadowed []*lintEntry
	for i, entry := range entries {
		covered := false
		for j, other := range entries {
			covered = covered || i != j && other.extent.covers(&entry.extent) && (j < i || !entry.extent.covers(&other.extent))
		}
		if covered {
			shadowed = append(shadowed, entry)
		} else {
			rest = append(rest, entry)
		}
	}
	for _, entry := range shadowed {
		// Among those that stay, as what covers a shadow covers what is behind it.
		by := slices.IndexFunc(rest, func(other *lintEntry) bool { return other.extent.covers(&entry.extent) })
		findings = append(findings, shadowedBy(entry, rest[by:by+1]))
	}
	return findings, rest
}

// shadowedTogether finds the entries whose ports several others cover together, each to all of their remote.
func shadowedTogether(entries []*lintEntry) (findings []Finding, rest []*lintEntry) {
	for _, entry := range entries {
		if others, left := alreadyAllowed(entry, entries); len(others) > 0 && len(left) == 0 {
			findings = append(findings, shadowedBy(entry, others))
		} else {
			rest = append(rest, entry)
		}
	}
	return findings, rest
}

// overlapping finds the entries some of whose ports others allow already.
func overlapping(entries []*lintEntry) []Finding {
	var findings []Finding
	for _, entry := range entries {
		others, left := alreadyAllowed(entry, entries)
		if len(others) == 0 {
			continue
		}
		finding := Finding{Kind: Overlapping, Keys: append([]string{entry.key}, keysOf(others)...), remove: []string{entry.key}}
		for _, ports := range left {
			finding.write = append(finding.write, entry.withPorts(ports))
		}
		advice := fmt.Sprintf("In %s write %s.", quoted(entry.key), left[0].attributes())
		if len(left) > 1 {
			advice = fmt.Sprintf("In its place write %d entries, with the ports %s.", len(left), spanWords(left))
		}
		finding.Text = fmt.Sprintf("Some ports of %s are already allowed by %s, for all of its remote. %s", quoted(entry.key), quoted(keysOf(others)...), advice)
		findings = append(findings, finding)
	}
	return findings
}

// alreadyAllowed are the others that allow some ports of an entry, to a remote that is wider than the entry's, and the ports
// that are left without them.
func alreadyAllowed(entry *lintEntry, entries []*lintEntry) (others []*lintEntry, left []span) {
	e := &entry.extent
	if !HasPorts(e.protocol) || e.ports == every {
		return nil, nil
	}
	left = []span{e.ports}
	for _, other := range entries {
		o := &other.extent
		if o.direction != e.direction || o.ethertype != e.ethertype || o.protocol != e.protocol || !o.coversRemote(e) || e.coversRemote(o) ||
			o.ports.last < e.ports.first || o.ports.first > e.ports.last {
			continue
		}
		others = append(others, other)
		var rest []span
		for _, ports := range left {
			rest = append(rest, ports.without(o.ports)...)
		}
		left = rest
	}
	return others, left
}

// mergeablePorts finds entries that allow the same but for their ports, which join up.
func mergeablePorts(entries []*lintEntry) []Finding {
	var findings []Finding
	for _, alike := range alikeBut(entries, func(e *extent) { e.ports = span{} }) {
		slices.SortFunc(alike, func(a, b *lintEntry) int { return cmp.Compare(a.extent.ports.first, b.extent.ports.first) })
		for len(alike) > 0 && HasPorts(alike[0].extent.protocol) {
			ports, n := alike[0].extent.ports, 1
			for ; n < len(alike) && alike[n].extent.ports.first <= ports.last+1; n++ {
				ports.last = max(ports.last, alike[n].extent.ports.last)
			}
			if n > 1 {
				findings = append(findings, merging(alike[:n], "their ports", ports.attributes(), alike[0].withPorts(ports)))
			}
			alike = alike[n:]
		}
	}
	return findings
}

// mergeableRemotes finds entries that allow the same but for their networks, which are one together.
func mergeableRemotes(entries []*lintEntry) []Finding {
	var findings []Finding
	for _, alike := range alikeBut(entries, func(e *extent) { e.remote = netip.Prefix{} }) {
		if alike[0].extent.group != "" {
			continue
		}
		// In the order of the addresses, which is that of the merged networks too.
		slices.SortFunc(alike, func(a, b *lintEntry) int { return a.extent.remote.Compare(b.extent.remote) })
		networks := make([]netip.Prefix, len(alike))
		for i, entry := range alike {
			networks[i] = entry.extent.remote
		}
		for _, whole := range addressesOf(networks) {
			n := 0
			for n < len(alike) && covers(whole, alike[n].extent.remote) {
				n++
			}
			if n > 1 {
				merged := alike[0].rule
				merged.RemoteIPPrefix = whole.String()
				findings = append(findings, merging(alike[:n], "their remote_ip_prefix", fmt.Sprintf("remote_ip_prefix = %q", whole), merged))
			}
			alike = alike[n:]
		}
	}
	return findings
}

// alikeBut groups the entries that are the same once a part of their extent is left out, in the order of their keys.
func alikeBut(entries []*lintEntry, leaveOut func(*extent)) [][]*lintEntry {
	at := map[extent]int{}
	var groups [][]*lintEntry
	for _, entry := range entries {
		common := entry.extent
		leaveOut(&common)
		group, known := at[common]
		if !known {
			group = len(groups)
			at[common] = group
			groups = append(groups, nil)
		}
		groups[group] = append(groups[group], entry)
	}
	return groups
}

func shadowedBy(entry *lintEntry, others []*lintEntry) Finding {
	keys := keysOf(others)
	text := fmt.Sprintf("All that %s allows, %s allows too. Remove %[1]s, or narrow %[2]s if it allows too much.", quoted(entry.key), quoted(keys...))
	if len(keys) > 1 {
		text = fmt.Sprintf("All that %s allows, %s allow together. Remove %[1]s.", quoted(entry.key), quoted(keys...))
	}
	return Finding{Kind: Shadowed, Keys: append([]string{entry.key}, keys...), Text: text, remove: []string{entry.key}}
}

func merging(parts []*lintEntry, differing, attributes string, merged Rule) Finding {
	keys := slices.Sorted(slices.Values(keysOf(parts)))
	return Finding{
		Kind: Mergeable, Keys: keys, remove: keys, write: []Rule{merged},
		Text: fmt.Sprintf("%s allow the same but for %s, which join up. Write one entry with %s in their place.", quoted(keys...), differing, attributes),
	}
}

// withPorts is the rule of an entry for other ports.
func (e *lintEntry) withPorts(ports span) Rule {
	r := e.rule
	r.PortRangeMin, r.PortRangeMax = &ports.first, &ports.last
	return r
}

func keysOf(entries []*lintEntry) []string {
	keys := make([]string, len(entries))
	for i, entry := range entries {
		keys[i] = entry.key
	}
	return keys
}

// mostQuoted is how many keys a text names; the finding has them all.
const mostQuoted = 5

func quoted(keys ...string) string {
	words := make([]string, 0, mostQuoted+1)
	for i, key := range keys {
		if i == mostQuoted {
			words = append(words, fmt.Sprintf("%d more", len(keys)-i))
			break
		}
		words = append(words, Quote(key))
	}
	return enumeration(words)
}
