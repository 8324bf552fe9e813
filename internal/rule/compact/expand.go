package compact

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// combinationLimit bounds the work of one Expand. It is far above what any group takes, as the same rule may come many
// times.
const combinationLimit = 10_000

// Expand returns the rules that the entries stand for, under names made from what they are: those that an import gives
// too, [rule.Rule.Name], or with a named remote [rule.Rule.NameWithRemote]. A rule that several values or entries give
// comes once. So a value more never changes another rule or its name.
//
// Of several spellings of a rule the first stays. The result is nil if the names cannot all be told yet: a value that
// is in them is unknown. What is known is checked all the same.
//
// An error says each fault with its entry and value: rules that are not valid, one rule with two descriptions or two
// names, one name for two rules, and more rules than the limit, which is what a group takes.
func Expand(entries []Entry, limit int) (map[string]rule.Given, error) {
	x := expansion{byName: map[string]made{}, byKey: map[rule.Key]made{}, complete: true}
	for _, entry := range entries {
		x.complete = x.complete && !entry.Incomplete
		if faults := entry.faults(); len(faults) > 0 {
			for _, fault := range faults {
				x.faults.Add(fault)
			}
			continue
		}
		if x.combinations += entry.combinations(); x.combinations > combinationLimit {
			x.faults.Add(fmt.Sprintf("%s stands for too many rules: all entries together have more than %d combinations. %s",
				entry.Where, combinationLimit, limitAdvice(limit)))
			break
		}
		for m := range entry.rules() {
			x.add(m)
		}
	}
	if len(x.byName) > limit && x.faults.Err() == nil {
		x.tooMany(limit)
	}
	if err := x.faults.Err(); err != nil || !x.complete {
		return nil, err
	}
	rules := make(map[string]rule.Given, len(x.byName))
	for name, m := range x.byName {
		rules[name] = m.given
	}
	return rules, nil
}

// expansion is what came out of the entries so far.
type expansion struct {
	byName       map[string]made
	byKey        map[rule.Key]made // of those whose identity is known
	faults       rule.Faults
	combinations int
	complete     bool
}

// add takes a rule, unless it is not valid or contradicts another.
func (x *expansion) add(m made) {
	problems := m.problems()
	for _, problem := range problems {
		x.faults.Add(problem)
	}
	if len(problems) > 0 {
		return
	}
	if m.name == "" {
		x.complete = false
		return
	}
	if holder, taken := x.byName[m.name]; taken {
		x.compare(holder, m)
		return
	}
	x.byName[m.name] = m
	if !m.keyKnown() {
		return
	}
	key := m.given.Rule().Key()
	if holder, taken := x.byKey[key]; taken {
		x.faults.Add(fmt.Sprintf("%s and %s give one rule two names, %q and %q. Write the same remote in the same way in both, or in one of them only.",
			holder.entry, m.entry, holder.name, m.name))
		return
	}
	x.byKey[key] = m
}

// compare says whether a rule may stand for another of the same name. What is not known yet is taken to be the same,
// and compared when it is known.
func (x *expansion) compare(holder, m made) {
	if holder.keyKnown() && m.keyKnown() && holder.given.Rule().Key() != m.given.Rule().Key() {
		x.faults.Add(fmt.Sprintf("%s and %s give two rules the name %q: their remotes %s and %s are called the same. Name one of them otherwise.",
			holder.entry, m.entry, m.name, holder.where[m.remote], m.where[m.remote]))
		return
	}
	if holder.given.Unknown[rule.FieldDescription] || m.given.Unknown[rule.FieldDescription] {
		return
	}
	if a, b := holder.given.Rule().Description, m.given.Rule().Description; a != b {
		x.faults.Add(fmt.Sprintf("%s and %s both give the rule %s, with the descriptions %.80q and %.80q. Write it in one of them only, or the same description in both.",
			holder.entry, m.entry, m.name, a, b))
	}
}

// tooMany says how many rules there are, and which entries give the most.
func (x *expansion) tooMany(limit int) {
	counts := map[string]int{}
	for _, m := range x.byName {
		counts[m.entry]++
	}
	entries := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, entry := range entries {
		parts = append(parts, fmt.Sprintf("%d from %s", counts[entry], entry))
	}
	if len(parts) > 3 {
		parts = append(parts[:3], "...")
	}
	x.faults.Add(fmt.Sprintf("The entries stand for %d rules: %s. %s", len(x.byName), strings.Join(parts, ", "), limitAdvice(limit)))
}

func limitAdvice(limit int) string {
	return fmt.Sprintf("A security group takes %d at most. provider::gcore::merge_cidrs gives the fewest CIDRs that cover the same addresses; "+
		"wider port ranges are fewer rules too, and an instance can be in several groups.", limit)
}
