package secgroup

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Ours returns a group without the rules that belong to somebody else, and these, the oldest first: one of others matches
// them, and none of declared is the same rule.
func Ours(
	group client.SecurityGroup, others rule.Matchers, declared []rule.Rule,
) (ours client.SecurityGroup, theirs []client.SecurityGroupRule) {
	if len(others) == 0 || group.Rules == nil {
		return group, nil
	}
	matched := others.Others(RulesFromAPI(group), declared)
	held := OldestFirst(group.Rules)
	group.Rules = make([]client.SecurityGroupRule, 0, len(held))
	for i, r := range held {
		if matched[i] {
			theirs = append(theirs, r)
		} else {
			group.Rules = append(group.Rules, r)
		}
	}
	return group, theirs
}

// IgnoredTags are the tags of groups that belong to somebody else: those with one of the keys, or a key that begins with one
// of the prefixes.
type IgnoredTags struct{ Keys, Prefixes []string }

// Has reports whether a tag of that key belongs to somebody else.
func (i IgnoredTags) Has(key string) bool {
	key = FoldTag(key)
	return slices.ContainsFunc(i.Keys, func(ignored string) bool { return FoldTag(ignored) == key }) ||
		slices.ContainsFunc(i.Prefixes, func(prefix string) bool { return prefix != "" && strings.HasPrefix(key, FoldTag(prefix)) })
}

// Without returns the other tags: of a group that was read, and of a state before a change of its tags.
func (i IgnoredTags) Without(tags map[string]string) map[string]string {
	others := maps.Clone(tags)
	maps.DeleteFunc(others, func(key, _ string) bool { return i.Has(key) })
	return others
}

// FoldTag is a tag's key as Neutron's database compares it: without regard to case.
func FoldTag(key string) string { return strings.ToLower(key) }

// KeepError is a change of rules that cannot keep those of others: a PATCH replaces all rules of a group. Nothing was sent.
type KeepError struct {
	// Wanted is how many rules the group is to have beside those of others.
	Wanted int
	// Rules are those of others: the ones that the API would not take in a request, or all of them if the group would have
	// too many.
	Rules   []rule.Rule
	TooMany bool
}

func (e *KeepError) Error() string {
	if e.TooMany {
		return fmt.Sprintf("the group would have %d rules, and the API takes %d at most: %d that are declared and %d that ignore_rules leaves to others. Nothing was sent",
			e.Wanted+len(e.Rules), rule.GroupLimit, e.Wanted, len(e.Rules))
	}
	return fmt.Sprintf("ignore_rules leaves these rules to others, but the API would reject them in a request, and a request contains all rules of the group:\n\n%s\n\nNothing was sent",
		rule.Bullets(e.Rules))
}

// keepable is the *KeepError of rules of others that a PATCH cannot keep beside that number of wanted ones.
func keepable(group client.SecurityGroup, wanted int, theirs []client.SecurityGroupRule) error {
	if len(theirs) == 0 {
		return nil
	}
	all, refused := []rule.Rule{}, []rule.Rule{}
	for _, r := range theirs {
		said := RuleFromAPI(group.ID, r)
		all = append(all, said)
		if !said.Repeatable() {
			refused = append(refused, said)
		}
	}
	switch {
	case len(refused) > 0:
		return &KeepError{Wanted: wanted, Rules: refused}
	case wanted+len(all) > rule.GroupLimit:
		return &KeepError{Wanted: wanted, Rules: all, TooMany: true}
	}
	return nil
}
