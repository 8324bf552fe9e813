package rule

import (
	"fmt"
	"slices"
	"strings"
)

// FieldDescriptionPrefix is an attribute of a Matcher and of no rule.
const FieldDescriptionPrefix Field = "description_prefix"

// Matcher says which rules of a group belong to somebody else, such as a Kubernetes controller. All that is given has to
// match. A nil attribute is one that is left out.
type Matcher struct {
	Direction, Protocol *string
	// PortRangeMin and PortRangeMax are the very bounds of a rule, not a range that covers it.
	PortRangeMin, PortRangeMax *int64
	// RemoteIPPrefix is the very CIDR of a rule, not one that covers it.
	RemoteIPPrefix, RemoteGroupID *string
	DescriptionPrefix             *string
	// Unknown names the attributes whose value will only be known later.
	Unknown map[Field]bool
}

// texts are the attributes that are texts.
func (m *Matcher) texts() map[Field]**string {
	return map[Field]**string{
		FieldDirection: &m.Direction, FieldProtocol: &m.Protocol, FieldRemoteIPPrefix: &m.RemoteIPPrefix,
		FieldRemoteGroupID: &m.RemoteGroupID, FieldDescriptionPrefix: &m.DescriptionPrefix,
	}
}

// Problems lists the faults of a matcher, in the order of its attributes. A matcher that does not select is one: it would match
// rules that anybody may add.
func (m Matcher) Problems() []Problem {
	var problems []Problem
	for field, text := range m.texts() {
		if *text != nil && **text == "" && !m.Unknown[field] {
			problems = append(problems, refuse(field, "Empty "+string(field),
				`%[1]s is "". Write a value, or leave %[1]s out.`, field)...)
			*text = nil
		}
	}
	if len(problems) == 0 {
		problems = m.selectionProblems()
	}
	given := Given{
		Direction: m.Direction, Protocol: m.Protocol, PortRangeMin: m.PortRangeMin, PortRangeMax: m.PortRangeMax,
		RemoteIPPrefix: m.RemoteIPPrefix, RemoteGroupID: m.RemoteGroupID, Unknown: m.Unknown,
	}.withoutUnknown()
	if given.Direction != nil {
		problems = append(problems, given.directionProblems()...)
	}
	problems = slices.Concat(problems, given.protocolProblems(), given.familyProblems(), given.portProblems(),
		given.prefixProblems(), given.groupProblems(), given.remoteProblems())
	return inOrder(problems)
}

// selectors are the attributes of which a matcher needs one.
var selectors = []Field{FieldDescriptionPrefix, FieldRemoteIPPrefix, FieldRemoteGroupID}

// selects reports whether the matcher says whose rules it is about. Everybody is the remote of rules that anybody adds: a
// description_prefix beside it that turns out null must not leave these to others.
func (m Matcher) selects() bool {
	prefix := value(m.RemoteIPPrefix)
	return value(m.DescriptionPrefix) != "" || prefix != "" && !isEverybody(prefix) || value(m.RemoteGroupID) != ""
}

func (m Matcher) selectionProblems() []Problem {
	unknown := func(field Field) bool { return m.Unknown[field] }
	if m.selects() || slices.ContainsFunc(selectors, unknown) {
		return nil
	}
	what := "description_prefix, remote_ip_prefix and remote_group_id are all left out, or null. Write one of them at least"
	if prefix := value(m.RemoteIPPrefix); prefix != "" {
		what = fmt.Sprintf("remote_ip_prefix is %q, which is everybody, and description_prefix is left out, or null. Write description_prefix too", prefix)
	}
	return refuse(FieldDescriptionPrefix, "ignore_rules block without conditions",
		`%s, such as description_prefix = "k8s-": otherwise it would match rules that anybody adds.`, what)
}

// Matches reports whether a rule is as the matcher says, whatever the spelling of the two. With an empty or unknown attribute
// it matches nothing.
func (m Matcher) Matches(r Rule) bool {
	if len(m.Unknown) > 0 || !m.selects() {
		return false
	}
	is, full := r.Canonical(), r.WrittenOut()
	text := func(given *string, matches func(string) bool) bool {
		return given == nil || *given != "" && matches(*given)
	}
	bound := func(given, has *int64) bool { return given == nil || has != nil && *given == *has }
	return text(m.Direction, func(given string) bool { return given == is.Direction }) &&
		text(m.Protocol, func(given string) bool {
			return Rule{Ethertype: is.Ethertype, Protocol: given}.Canonical().Protocol == is.Protocol
		}) &&
		bound(m.PortRangeMin, full.PortRangeMin) && bound(m.PortRangeMax, full.PortRangeMax) &&
		text(m.RemoteIPPrefix, func(given string) bool { return SamePrefix(given, full.RemoteIPPrefix) }) &&
		text(m.RemoteGroupID, func(given string) bool { return strings.EqualFold(given, is.RemoteGroupID) }) &&
		text(m.DescriptionPrefix, func(given string) bool {
			return strings.HasPrefix(Composed(r.Description), Composed(given))
		})
}

// Matchers match what one of them matches.
type Matchers []Matcher

// Match reports whether one of them matches a rule.
func (all Matchers) Match(r Rule) bool {
	return slices.ContainsFunc(all, func(m Matcher) bool { return m.Matches(r) })
}

// Others are the indexes of the rules that belong to somebody else: one of the matchers matches, and none of declared is the
// same rule.
func (all Matchers) Others(have, declared []Rule) map[int]bool {
	own, others := Keys(declared), map[int]bool{}
	for i, r := range have {
		if all.Match(r) && !own[r.Key()] {
			others[i] = true
		}
	}
	return others
}
