package rule

import (
	"slices"

	"golang.org/x/text/unicode/norm"
)

// GroupLimit is how many rules the API lets a group have.
const GroupLimit = 250

// Content is a rule as it is compared when rules are sent or counted: its identity and its description.
type Content struct {
	Key         Key
	Description string
}

// Content returns what a rule says, whatever its spelling.
func (r Rule) Content() Content { return Content{r.Key(), Composed(r.Description)} }

// Composed is a text in Unicode's normalization form C, as it is compared: Terraform holds every text in that form, and the API
// keeps what it was sent.
func Composed(text string) string { return norm.NFC.String(text) }

// Pair finds for each rule of wanted its counterpart in have: an index of have, or -1. Each rule of have is the counterpart
// of one rule at most. One of the same content is taken before one of the same identity, and of several the first.
func Pair(wanted, have []Rule) []int {
	pairs := slices.Repeat([]int{-1}, len(wanted))
	paired := make([]bool, len(have))
	pairBy(Rule.Content, pairs, paired, wanted, have)
	pairBy(Rule.Key, pairs, paired, wanted, have)
	return pairs
}

// pairBy pairs the rules that are not paired yet and of which the same is said.
func pairBy[K comparable](said func(Rule) K, pairs []int, paired []bool, wanted, have []Rule) {
	free := make(map[K][]int, len(have))
	for i, r := range have {
		if !paired[i] {
			free[said(r)] = append(free[said(r)], i)
		}
	}
	for i, r := range wanted {
		if same := free[said(r)]; pairs[i] < 0 && len(same) > 0 {
			pairs[i], paired[same[0]] = same[0], true
			free[said(r)] = same[1:]
		}
	}
}

// Missing lists the rules of wanted that have no counterpart of the same content in have, with repetitions counted.
func Missing(have, wanted []Rule) []Rule {
	count := make(map[Content]int, len(have))
	for _, r := range have {
		count[r.Content()]++
	}
	var missing []Rule
	for _, r := range wanted {
		content := r.Content()
		if count[content] == 0 {
			missing = append(missing, r)
			continue
		}
		count[content]--
	}
	return missing
}

// Same reports whether both lists have the same contents, in any order.
func Same(a, b []Rule) bool { return len(a) == len(b) && len(Missing(a, b)) == 0 }

// Unplanned lists the rules of have that are none of planned, with repetitions counted. Another description does not make a
// rule another one.
func Unplanned(have, planned []Rule) []Rule {
	var unplanned []Rule
	for _, at := range Surplus(have, planned) {
		unplanned = append(unplanned, have[at])
	}
	return unplanned
}

// Surplus lists the indexes of the rules that Unplanned lists.
func Surplus(have, planned []Rule) []int { return leftOver(Pair(planned, have), len(have)) }

// leftOver lists the indexes of a list of that length that are in no pair.
func leftOver(pairs []int, length int) []int {
	paired := make(map[int]bool, len(pairs))
	for _, at := range pairs {
		paired[at] = true
	}
	var left []int
	for i := range length {
		if !paired[i] {
			left = append(left, i)
		}
	}
	return left
}

// Keys returns the identities of rules.
func Keys(rules []Rule) map[Key]bool {
	keys := make(map[Key]bool, len(rules))
	for _, r := range rules {
		keys[r.Key()] = true
	}
	return keys
}

// smtp is the port that mail servers talk to each other on, which Gcore may close for egress.
const smtp = 25

// AllowsMail reports whether a rule lets TCP or UDP out to port 25.
func (r Rule) AllowsMail() bool {
	c := r.Canonical()
	if c.Direction != Egress || c.Protocol != "" && c.Protocol != "tcp" && c.Protocol != "udp" {
		return false
	}
	return c.PortRangeMin == nil || c.PortRangeMax == nil || *c.PortRangeMin <= smtp && smtp <= *c.PortRangeMax
}
