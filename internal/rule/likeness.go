package rule

import "slices"

// likeness is what two rules have in common, beside direction and family.
type likeness struct{ protocol, firstPort, lastPort, remote bool }

// likenesses are those by which an edited rule is recognized, the most telling first.
var likenesses = []likeness{
	{protocol: true, firstPort: true, lastPort: true},
	{firstPort: true, lastPort: true, remote: true},
	{protocol: true, firstPort: true, remote: true},
	{protocol: true, lastPort: true, remote: true},
	{protocol: true, remote: true},
	{firstPort: true, lastPort: true},
	{remote: true},
}

// in is the part of a content that rules of this likeness share, with or without the description. It is false if that part
// says nothing.
func (l likeness) in(c Content, described bool) (shared Content, ok bool) {
	if !l.protocol && !l.remote && c.Key.ports == (ports{}) {
		return Content{}, false
	}
	if !described {
		c.Description = ""
	}
	if !l.protocol {
		c.Key.protocol = ""
	}
	if !l.firstPort {
		c.Key.ports.min, c.Key.ports.hasMin = 0, false
	}
	if !l.lastPort {
		c.Key.ports.max, c.Key.ports.hasMax = 0, false
	}
	if !l.remote {
		c.Key.remoteIPPrefix, c.Key.remoteGroupID = "", ""
	}
	return c, true
}

// Follow finds out what rules have become: for each of before the index of a rule in now, or -1. That is its counterpart
// by Pair. A rule without one has become the rule that resembles it most: of the same direction and family, with the same
// ports or the same remote, and rather with the same description. Follow does not guess: rules whose strongest likeness
// leaves a choice stay without.
func Follow(before, now []Rule) []int {
	pairs := Pair(before, now)
	lost, found := unpaired(pairs, before, now)
	for _, l := range likenesses {
		for _, described := range []bool{true, false} {
			byShared := func(rules []unpairedRule) map[Content][]unpairedRule {
				groups := map[Content][]unpairedRule{}
				for _, r := range rules {
					if shared, ok := l.in(r.content, described); ok {
						groups[shared] = append(groups[shared], r)
					}
				}
				return groups
			}
			was, is := byShared(lost), byShared(found)
			for shared, rules := range was {
				if len(rules) == 1 && len(is[shared]) == 1 {
					pairs[rules[0].index] = is[shared][0].index
				}
			}
			like := func(others map[Content][]unpairedRule) func(unpairedRule) bool {
				return func(r unpairedRule) bool {
					shared, ok := l.in(r.content, described)
					return ok && len(others[shared]) > 0
				}
			}
			lost, found = slices.DeleteFunc(lost, like(is)), slices.DeleteFunc(found, like(was))
		}
	}
	return pairs
}

// unpairedRule is a rule for which Pair has no counterpart.
type unpairedRule struct {
	index   int
	content Content
}

func unpaired(pairs []int, before, now []Rule) (lost, found []unpairedRule) {
	for i, at := range pairs {
		if at < 0 {
			lost = append(lost, unpairedRule{i, before[i].Content()})
		}
	}
	for _, i := range leftOver(pairs, len(now)) {
		found = append(found, unpairedRule{i, now[i].Content()})
	}
	return lost, found
}
