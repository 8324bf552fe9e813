package modeltest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// unseenRemoval says which rule went that the plan has not seen, though its group stayed. An import has seen all rules of
// its group. One that the configuration wants too may get the configuration's description, and with it another id.
func (r *run) unseenRemoval(step Step, shown, before map[string]held) string {
	now := r.snapshot()
	for label, group := range before {
		if step.NoRefresh && (slices.Contains(step.Import, groupPrefix+label) || slices.Contains(step.Import, setPrefix+step.Config.setOf(label))) {
			continue
		}
		for _, added := range group.rules {
			is := now[label]
			if is.id == group.id && !shown[label].has(added.id) && !is.has(added.id) && is.find(added.rule.Key()) < 0 {
				return fmt.Sprintf("the apply removed a rule that no plan has shown: %s of group %s", added.rule.Label(), label)
			}
		}
	}
	return ""
}

// compare compares the cloud and the state with the world.
func (r *run) compare() error {
	var problems []error
	problem := func(format string, values ...any) { problems = append(problems, fmt.Errorf(format, values...)) }
	ids, groups := r.subject.IDs(), r.snapshot()
	for _, was := range r.others {
		if is, _ := r.cloud.Group(was.ID); !reflect.DeepEqual(was, is) {
			problem("somebody else's group %q is not what it was: %v, was %v", was.Name, is, was)
		}
	}
	for label, want := range r.world.Groups {
		got, exists := groups[label]
		if !exists || ids[groupPrefix+label] != got.id {
			problem("group %s is not there; the state has the id %q", label, ids[groupPrefix+label])
			continue
		}
		for _, difference := range want.differences(got) {
			problem("group %s: %s", label, difference)
		}
	}
	for _, group := range r.cloud.Groups(Project, Region) {
		ours := slices.ContainsFunc(slices.Collect(maps.Keys(r.world.Groups)), func(label string) bool { return r.ids[label] == group.ID })
		if !ours && !slices.ContainsFunc(r.others, func(other gcoretest.Group) bool { return other.ID == group.ID }) {
			problem("an orphan: group %q (%s)", group.Name, group.ID)
		}
	}
	if got, want := slices.Sorted(maps.Keys(ids)), r.world.Config.Addresses(); !slices.Equal(got, want) {
		problem("the state has %v, the configuration %v", got, want)
	}
	for label, single := range r.world.Config.Rules {
		group := groups[single.Group]
		if at := group.find(single.Rule.Key()); at >= 0 && group.rules[at].id != ids[rulePrefix+label] {
			problem("rule %s has the id %s in the cloud and %q in the state", label, group.rules[at].id, ids[rulePrefix+label])
		}
	}
	return errors.Join(problems...)
}

// differences says how a group is not as it has to be.
func (h Held) differences(got held) []string {
	var found []string
	differs := func(what string, want, got any) {
		found = append(found, fmt.Sprintf("%s is %v, want %v", what, got, want))
	}
	tags := map[string]string{}
	for _, tag := range got.group.Tags {
		tags[tag.Key] = tag.Value
	}
	if !maps.Equal(tags, h.Tags) {
		differs("tags", h.Tags, tags)
	}
	if h.Name != got.group.Name {
		differs("name", h.Name, got.group.Name)
	}
	if h.Description != got.group.Description {
		differs("description", h.Description, got.group.Description)
	}
	var rules []rule.Rule
	for _, r := range h.Rules {
		rules = append(rules, r.Rule)
	}
	if missing := rule.Missing(got.meanings(), rules); len(missing) > 0 {
		found = append(found, "rules are missing:\n"+rule.Bullets(missing))
	}
	if more := rule.Missing(rules, got.meanings()); len(more) > 0 {
		found = append(found, "rules too many:\n"+rule.Bullets(more))
	}
	return found
}

// keptIDs says which rules have another id although nothing was to become of them.
func (r *run) keptIDs(step Step, prepared, next World, before map[string]held) error {
	now := r.snapshot()
	for label, was := range before {
		is, stays := now[label]
		if !stays || is.id != was.id {
			continue
		}
		set := prepared.Config.setOf(label)
		_, setStays := next.Config.Sets[set]
		if prepared.Config.Sets[set].Remove && (!setStays || slices.Contains(step.Replace, setPrefix+set)) {
			continue // it deletes them
		}
		for _, old := range was.rules {
			owner, nextOwner := prepared.Groups[label].owner(old.rule), next.Groups[label].owner(old.rule)
			at := slices.IndexFunc(is.rules, func(r heldRule) bool { return r.rule.Content() == old.rule.Content() })
			// A rule that one resource gives up is deleted, and the resource that takes it creates it again.
			handed := owner != "" && owner != nextOwner
			remote := old.rule.RemoteGroupID
			_, existed := prepared.Config.Rules[step.Twin.Of]
			twinRemote := next.Config.Rules[step.Twin.Of].Rule.RemoteGroupID
			// If the other rule of the pair, or its remote group, is new, only the apply can tell that the two are equal, and
			// this one changes.
			changed := owner != "" && owner == step.Twin.Label && (!existed || before[twinRemote].id != now[twinRemote].id)
			if at < 0 || handed || changed || before[remote].id != now[remote].id || slices.Contains(step.Replace, rulePrefix+owner) || is.rules[at].id == old.id {
				continue
			}
			return fmt.Errorf("rule %s of group %s has got another id", old.rule.Label(), label)
		}
	}
	return nil
}

// owner is the label of the single rule that a rule of the group belongs to.
func (h Held) owner(r rule.Rule) string {
	if i := h.find(r.Key()); i >= 0 {
		return h.Rules[i].Single
	}
	return ""
}
