package modeltest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// World is what the cloud has to hold of ours once a configuration is applied, and which configuration that was.
type World struct {
	Config Config
	Groups map[string]Held // by label
}

// Held is a group of the cloud.
type Held struct {
	Name, Description string
	Tags              map[string]string
	Rules             []HeldRule
}

// HeldRule is a rule of the cloud, and the label of the single rule that it belongs to; "" if that is none.
type HeldRule struct {
	Rule   rule.Rule
	Single string
}

func (w World) clone() World {
	copied := World{Config: w.Config.clone(), Groups: map[string]Held{}}
	for label, held := range w.Groups {
		held.Tags, held.Rules = maps.Clone(held.Tags), slices.Clone(held.Rules)
		copied.Groups[label] = held
	}
	return copied
}

func (h Held) find(key rule.Key) int {
	return slices.IndexFunc(h.Rules, func(r HeldRule) bool { return r.Rule.Key() == key })
}

func (h Held) ownedBy(single string) int {
	return slices.IndexFunc(h.Rules, func(r HeldRule) bool { return r.Single == single })
}

// After is the world once a step has converged.
func (w World) After(step Step) World {
	w = w.prepared(step)
	for _, change := range step.Between {
		w.disturb(change)
	}
	for _, label := range slices.Sorted(maps.Keys(w.Groups)) {
		_, stays := step.Config.Groups[label]
		if !stays || slices.Contains(step.Replace, groupPrefix+label) {
			w.removeGroup(label)
		}
	}
	w.removeRules(step)
	for label, group := range step.Config.Groups {
		held := w.Groups[label]
		held.Name, held.Description, held.Tags = group.Name, group.Description, step.Config.Tags(label)
		w.Groups[label] = held
	}
	w.addRules(step.Config)
	w.Config = step.Config
	return w
}

// prepared is the world that the plan of a step finds, once imports and moves are made.
func (w World) prepared(step Step) World {
	w = w.clone()
	for _, change := range step.Before {
		w.disturb(change)
	}
	for _, address := range step.Forget {
		w.relabel(address, "")
		delete(w.Config.Sets, strings.TrimPrefix(address, setPrefix))
	}
	for _, from := range slices.Sorted(maps.Keys(step.Moved)) {
		w.relabel(from, "moving "+step.Moved[from])
	}
	for _, to := range step.Moved {
		w.relabel(rulePrefix+"moving "+to, strings.TrimPrefix(to, rulePrefix))
	}
	for _, address := range step.Import {
		label, isRule := strings.CutPrefix(address, rulePrefix)
		single := step.Config.Rules[label]
		held := w.Groups[single.Group]
		if i := held.find(single.Rule.Key()); isRule && i >= 0 && held.Rules[i].Single == "" {
			held.Rules[i].Single = label
		}
	}
	return w
}

// relabel gives the rule of a single rule to another one. Other addresses are left alone.
func (w World) relabel(address, label string) {
	from, isRule := strings.CutPrefix(address, rulePrefix)
	for _, held := range w.Groups {
		if i := held.ownedBy(from); isRule && i >= 0 {
			held.Rules[i].Single = label
		}
	}
}

// removeGroup removes a group, and the rules that name it, as the cloud does.
func (w World) removeGroup(label string) {
	delete(w.Groups, label)
	for other, held := range w.Groups {
		held.Rules = slices.DeleteFunc(held.Rules, func(r HeldRule) bool { return r.Rule.RemoteGroupID == label })
		w.Groups[other] = held
	}
}

// removeRules removes what the step no longer has, or has elsewhere, or says otherwise.
func (w World) removeRules(step Step) {
	for label, held := range w.Groups {
		held.Rules = slices.DeleteFunc(held.Rules, func(r HeldRule) bool {
			single, stays := step.Config.Rules[r.Single]
			return r.Single != "" && (!stays || single.Group != label || single.Rule.Content() != r.Rule.Content())
		})
		set := w.Config.setOf(label)
		if _, stays := step.Config.Sets[set]; set != "" && !stays && w.Config.Sets[set].Remove {
			held.Rules = nil
		}
		w.Groups[label] = held
	}
}

func (w World) addRules(c Config) {
	for label, held := range w.Groups {
		if declared, all := c.declared(label); all {
			held.Rules = nil
			for _, key := range slices.Sorted(maps.Keys(declared)) {
				held.Rules = append(held.Rules, HeldRule{Rule: declared[key]})
			}
		}
		for _, single := range c.singlesOf(label) {
			if i := held.find(c.Rules[single].Rule.Key()); i >= 0 {
				held.Rules[i] = HeldRule{c.Rules[single].Rule, single} // an update takes over what is there
			} else {
				held.Rules = append(held.Rules, HeldRule{c.Rules[single].Rule, single})
			}
		}
		w.Groups[label] = held
	}
}

// disturb makes a change of somebody else's. It does nothing where there is nothing to change.
func (w World) disturb(change Change) {
	held, ok := w.Groups[change.Group]
	if !ok {
		return
	}
	held.Rules, held.Tags = slices.Clone(held.Rules), maps.Clone(held.Tags)
	at := held.find(change.Rule.Key())
	switch change.Kind {
	case AddRule:
		if at < 0 {
			held.Rules = append(held.Rules, HeldRule{Rule: change.Rule})
		}
	case ChangeRule:
		if at >= 0 && (held.find(change.To.Key()) < 0 || change.To.Key() == change.Rule.Key()) {
			held.Rules[at].Rule = change.To
		}
	case DeleteRule:
		if at >= 0 {
			held.Rules = slices.Delete(held.Rules, at, at+1)
		}
	case DeleteGroup:
		w.removeGroup(change.Group)
		return
	case SetTag:
		if held.Tags == nil {
			held.Tags = map[string]string{}
		}
		held.Tags[change.Key] = change.Value
	case DeleteTag:
		delete(held.Tags, change.Key)
	case Rename:
		held.Name = change.Value
	case Describe:
		held.Description = change.Value
	}
	w.Groups[change.Group] = held
}

// Invalid says why a step cannot be expected to work after what was before; "" if it can. It is what the guides tell
// users to keep to: what is there already is imported, and two resources never have the same rule.
func (w World) Invalid(step Step) string {
	if why := step.Config.invalid(); why != "" {
		return why
	}
	for from, to := range step.Moved {
		_, had := w.Config.Rules[strings.TrimPrefix(from, rulePrefix)]
		_, taken := w.Config.Rules[strings.TrimPrefix(to, rulePrefix)]
		_, stays := step.Config.Rules[strings.TrimPrefix(from, rulePrefix)]
		_, moves := step.Config.Rules[strings.TrimPrefix(to, rulePrefix)]
		if !had || taken || stays || !moves || slices.Contains(step.Import, to) {
			return from + " cannot move to " + to
		}
	}
	before := w.prepared(step)
	for _, address := range step.Import {
		if why := before.invalidImport(w, step, address); why != "" {
			return why
		}
	}
	for _, address := range step.Replace {
		if !slices.Contains(w.Config.Addresses(), address) || slices.Contains(step.Import, address) {
			return address + " is not there to be replaced"
		}
	}
	if why := before.loses(step); why != "" {
		return why
	}
	if why := w.invalidTwin(step); why != "" {
		return why
	}
	for _, address := range step.Forget {
		if strings.HasPrefix(address, groupPrefix) && !slices.Contains(step.Import, address) {
			return address + " would be nobody's"
		}
	}
	return before.collides(step)
}

// collides is Invalid for what would be created in the place of what stays. The world is that which the plan finds.
func (w World) collides(step Step) string {
	for label, single := range step.Config.Rules {
		held := w.Groups[single.Group]
		comesBetween := slices.ContainsFunc(step.Between, func(c Change) bool {
			return c.Group == single.Group && c.Kind == AddRule && c.Rule.Key() == single.Rule.Key()
		})
		creates := held.ownedBy(label) < 0 || slices.Contains(step.Replace, rulePrefix+label)
		if held.blocks(label, single, step.Config, creates) || comesBetween && creates {
			return rulePrefix + label + " meets a rule that is there and stays"
		}
	}
	for label, set := range step.Config.Sets {
		held, exists := w.Groups[set.Group]
		if was, had := w.Config.Sets[label]; exists && (!had || was.Group != set.Group) &&
			!slices.Contains(step.Import, setPrefix+label) && held.hasMore(set) {
			return setPrefix + label + " meets rules that nothing shows"
		}
	}
	return ""
}

// invalidImport is Invalid for one import. The world is that which the import finds.
func (w World) invalidImport(last World, step Step, address string) string {
	kind, label, _ := strings.Cut(address, ".")
	inState := slices.Contains(last.Config.Addresses(), address) && !slices.Contains(step.Forget, address)
	group := label
	switch kind + "." {
	case rulePrefix:
		group = step.Config.Rules[label].Group
		at := w.Groups[group].ownedBy(label)
		if at < 0 {
			return address + " has no rule to import"
		}
		isGone := func(c Change) bool {
			return c.Group == group && c.Kind == ChangeRule && c.Rule.Key() == w.Groups[group].Rules[at].Rule.Key()
		}
		if slices.ContainsFunc(step.Between, isGone) {
			return address + " changes before it is imported"
		}
	case setPrefix:
		group = step.Config.Sets[label].Group
	}
	if _, exists := w.Groups[group]; inState || !exists || !slices.Contains(step.Config.Addresses(), address) {
		return address + " cannot be imported"
	}
	return ""
}

// loses says where something that goes would take rules along which another resource has unchanged: the plan refuses
// that. The world is that which the plan finds.
func (w World) loses(step Step) string {
	for label, held := range w.Groups {
		set := w.Config.setOf(label)
		_, stays := step.Config.Sets[set]
		goes := set != "" && w.Config.Sets[set].Remove && (!stays || slices.Contains(step.Replace, setPrefix+set))
		keeps := slices.Contains(step.Import, groupPrefix+label) || slices.Contains(step.Import, setPrefix+step.Config.setOf(label))
		for _, change := range step.unseen() {
			if goes && change.Group == label {
				return "rules that no plan has seen stay when set " + set + " goes"
			}
		}
		for _, r := range held.Rules {
			single, stays := step.Config.Rules[r.Single]
			imported := slices.Contains(step.Import, rulePrefix+r.Single)
			if goes && imported || keeps && r.Single != "" && (!stays || single.Group != label) {
				return "rules of group " + label + " would be lost"
			}
		}
		if goes && keeps {
			return "rules of group " + label + " would be lost"
		}
	}
	return ""
}

// unseen are the changes that the plan of a step does not see.
func (s Step) unseen() []Change {
	if s.NoRefresh {
		return slices.Concat(s.Before, s.Between)
	}
	return s.Between
}

// invalidTwin is Invalid for the mistake of a step. It has to be the only thing that goes wrong.
func (w World) invalidTwin(step Step) string {
	label, of := step.Twin.Label, step.Twin.Of
	was, existed := w.Config.Rules[label]
	is, stays := step.Config.Rules[label]
	_, there := step.Config.Rules[of]
	switch {
	case step.Twin == (Twin{}):
		return ""
	case label == of, !there, existed != stays, existed && !reflect.DeepEqual(was, is), stays && is.Group != step.Config.Rules[of].Group:
		return "rule " + label + " cannot be a twin of rule " + of
	case len(step.Before) > 0, len(step.Between) > 0, step.Fault != Fault{}:
		return "somebody else has a part in the mistake"
	}
	return ""
}

// blocks reports whether the group holds a rule that stays and that a single rule cannot be beside.
func (h Held) blocks(label string, single Single, next Config, creates bool) bool {
	i := h.find(single.Rule.Key())
	if i < 0 || h.Rules[i].Single == label {
		return false
	}
	holder := h.Rules[i]
	other, stays := next.Rules[holder.Single]
	if holder.Single == "" {
		return creates // an update takes it over
	}
	return stays && other.Group == single.Group && other.Rule.Key() == holder.Rule.Key()
}

// hasMore reports whether the group holds a rule that a new rule set would have to remove unseen.
func (h Held) hasMore(set Set) bool {
	declared := rule.Keys(slices.Collect(maps.Values(set.Rules)))
	return slices.ContainsFunc(h.Rules, func(r HeldRule) bool { return r.Single == "" && !declared[r.Rule.Key()] })
}

// invalid says what is wrong with a configuration by itself.
func (c Config) invalid() string {
	for label := range c.Groups {
		declared, all := c.declared(label)
		singles := c.singlesOf(label)
		rules := slices.Collect(maps.Values(declared))
		for _, single := range singles {
			rules = append(rules, c.Rules[single].Rule)
		}
		owners := 0
		for _, set := range c.Sets {
			if set.Group == label {
				owners++
			}
		}
		switch {
		case all && len(singles) > 0, owners > 1, owners > 0 && c.Groups[label].Rules != nil:
			return fmt.Sprintf("group %s has two owners", label)
		case len(rule.Keys(rules)) < len(rules):
			return fmt.Sprintf("group %s has a rule twice", label)
		}
		for _, r := range rules {
			_, exists := c.Groups[r.RemoteGroupID]
			if named := r.RemoteGroupID; named != "" && named != rule.Self && !exists {
				return "no group " + named
			}
			if r.RemoteGroupID == label {
				return "a group that names itself is called self"
			}
			// An inline rule that names a later group could be part of a circle.
			if c.Groups[label].Rules != nil && r.RemoteGroupID != rule.Self && r.RemoteGroupID >= label {
				return "a circle of groups"
			}
		}
	}
	for _, single := range c.Rules {
		if _, exists := c.Groups[single.Group]; !exists {
			return "no group " + single.Group
		}
	}
	for _, set := range c.Sets {
		if _, exists := c.Groups[set.Group]; !exists {
			return "no group " + set.Group
		}
	}
	return ""
}

// mostApplies is how often a step may be applied until the plan is empty.
func (w World) mostApplies(step Step) int {
	createsFirst := slices.ContainsFunc(step.Replace, func(address string) bool {
		return step.Config.Rules[strings.TrimPrefix(address, rulePrefix)].CreateFirst
	})
	if w.meets(step) || createsFirst || len(step.unseen()) > 0 || step.Fault != (Fault{}) || step.Twin != (Twin{}) {
		return 3
	}
	return 1
}

// meets reports whether a new single rule, or a new rule set, takes the place of single rules that go or change in the
// same step. It may need one more apply: nothing tells it whether they still go. An update, as of rules that exchange or
// shift what they say, may only if the rule that it takes over has another description: the next plan shows that.
func (w World) meets(step Step) bool {
	before := w.prepared(step)
	for label, single := range step.Config.Rules {
		held := before.Groups[single.Group]
		i := held.find(single.Rule.Key())
		if i < 0 || held.Rules[i].Single == label {
			continue
		}
		if held.ownedBy(label) < 0 || slices.Contains(step.Replace, rulePrefix+label) || held.Rules[i].Rule.Description != single.Rule.Description {
			return true
		}
	}
	for _, set := range step.Config.Sets {
		if slices.ContainsFunc(before.Groups[set.Group].Rules, func(r HeldRule) bool { return r.Single != "" }) {
			return true
		}
	}
	return false
}
