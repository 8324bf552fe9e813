package rule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Name builds a readable name from what a rule is, for a rule that nobody has named:
// `ingress-ipv4-tcp-443-from-10_0_0_0-8`, `egress-ipv6-all`, `ingress-ipv4-icmp-type-8-from-self`. Spellings of one
// rule share a name.
//
// A name is an HCL identifier, since OpenTofu writes the keys of a generated configuration without quotes.
func (r Rule) Name() string {
	c := r.Canonical()
	return c.nameFor(c.Ethertype, strings.ReplaceAll(c.RemoteIPPrefix+c.RemoteGroupID, "/", "-"))
}

// NameWithRemote is Name with the remote called by a name of the user's: `ingress-tcp-22-from-office`. The rule's own
// remote is not looked at, so that the name is there before the remote is known. A rule that gives no ethertype has
// none in its name.
func (r Rule) NameWithRemote(remote string) string {
	ethertype := r.Ethertype
	r.RemoteIPPrefix, r.RemoteGroupID = "", ""
	return r.Canonical().nameFor(ethertype, remote)
}

// nameFor joins the words of a canonical rule with those of its remote.
func (r Rule) nameFor(ethertype, remote string) string {
	parts := []string{r.Direction}
	if ethertype != "" {
		parts = append(parts, strings.ToLower(ethertype))
	}
	parts = append(parts, cmp.Or(r.Protocol, "all"))
	parts = append(parts, r.portWords()...)
	if remote != "" {
		preposition := "from"
		if r.Direction == Egress {
			preposition = "to"
		}
		parts = append(parts, preposition, remote)
	}
	return identifier(strings.Join(parts, "-"))
}

// portWords says the port range, or the type and code of ICMP.
func (r Rule) portWords() []string {
	number := func(n *int64) string { return strconv.FormatInt(*n, 10) }
	first, last := r.PortRangeMin, r.PortRangeMax
	var words []string
	switch {
	case IsICMP(r.Protocol):
		if first != nil {
			words = append(words, "type", number(first))
		}
		if last != nil {
			words = append(words, "code", number(last))
		}
	case first != nil && last != nil && *first == *last:
		words = append(words, number(first))
	default:
		if first != nil {
			words = append(words, number(first))
		}
		if last != nil {
			words = append(words, number(last))
		}
	}
	return words
}

// identifier replaces what may not stand in an HCL identifier.
func identifier(text string) string {
	clean := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			return c
		}
		return '_'
	}, text)
	if first := clean[0]; first == '-' || first >= '0' && first <= '9' {
		return "_" + clean
	}
	return clean
}

// UniqueName is Name, or Name with the first of -2, -3, ... that is not taken.
func (r Rule) UniqueName(taken func(string) bool) string {
	name := r.Name()
	candidate := name
	for n := 2; taken(candidate); n++ {
		candidate = name + "-" + strconv.Itoa(n)
	}
	return candidate
}

// Named gives each rule of a list without names the key by which it is known: its name. The order of the list means
// nothing, so that a set and a list of the same rules get the same keys. A rule that is there twice, whatever its
// spelling and description, is taken once, the first of the list; of different rules that share a name the later ones
// get -2, -3, ....
func Named(rules []Rule) map[string]Rule {
	distinct := make(map[Key]Rule, len(rules))
	for _, r := range rules {
		if _, twice := distinct[r.Key()]; !twice {
			distinct[r.Key()] = r
		}
	}
	named := make(map[string]Rule, len(distinct))
	taken := func(name string) bool { _, is := named[name]; return is }
	byContent := func(a, b Key) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	for _, key := range slices.SortedFunc(maps.Keys(distinct), byContent) {
		named[distinct[key].UniqueName(taken)] = distinct[key]
	}
	return named
}

// Label is the readable name of a rule with its description.
func (r Rule) Label() string {
	if r.Description == "" {
		return r.Name()
	}
	return fmt.Sprintf("%s (%q)", r.Name(), r.Description)
}

// Bullets lists rules by their labels, one a line.
func Bullets(rules []Rule) string {
	lines := make([]string, len(rules))
	for i, r := range rules {
		lines[i] = "  - " + r.Label()
	}
	return strings.Join(lines, "\n")
}
