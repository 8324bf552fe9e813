package modeltest

import (
	"maps"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Shrink drops steps and parts of configurations for as long as the sequence fails without them, and tries at most so
// many sequences. What it returns fails, unless the failure was one of chance.
func Shrink(s Sequence, tries int, fails func(Sequence) bool) Sequence {
	for smaller := true; smaller; {
		smaller = false
		for candidate := range s.smaller {
			if tries == 0 {
				return s
			}
			if candidate.String() == s.String() || !candidate.valid() {
				continue
			}
			tries--
			if fails(candidate) {
				s, smaller = candidate, true
				break
			}
		}
	}
	return s
}

// valid reports whether each step can be expected to work.
func (s Sequence) valid() bool {
	var world World
	for _, step := range s.Steps {
		if world.Invalid(step) != "" || world.leftOut(step) != "" {
			return false
		}
		world = world.After(step)
	}
	return len(s.Steps) > 0
}

// smaller yields sequences with less in them, those first that have lost most.
func (s Sequence) smaller(yield func(Sequence) bool) {
	n := len(s.Steps)
	for size := n / 2; size > 0; size /= 2 {
		for at := n - size; at >= 0; at -= size {
			if !yield(s.with(slices.Delete(slices.Clone(s.Steps), at, at+size))) {
				return
			}
		}
	}
	// A part of the configuration goes from all steps at once, or from one.
	for _, edit := range s.edits() {
		if !yield(s.edited(0, n, edit)) {
			return
		}
	}
	for i, step := range s.Steps {
		for _, lighter := range step.lighter() {
			steps := slices.Clone(s.Steps)
			steps[i] = lighter
			if !yield(s.with(steps)) {
				return
			}
		}
		for _, edit := range s.edits() {
			if !yield(s.edited(i, i+1, edit)) {
				return
			}
		}
	}
}

func (s Sequence) with(steps []Step) Sequence {
	s.Steps = steps
	return s
}

// lighter are the step without one of the things that go on around its configuration.
func (s Step) lighter() []Step {
	var all []Step
	add := func(edit func(*Step)) {
		lighter := s
		edit(&lighter)
		all = append(all, lighter)
	}
	for i := range s.Before {
		add(func(l *Step) { l.Before = slices.Delete(slices.Clone(s.Before), i, i+1) })
	}
	for i := range s.Between {
		add(func(l *Step) { l.Between = slices.Delete(slices.Clone(s.Between), i, i+1) })
	}
	for _, address := range slices.Concat(s.Forget, s.Import, s.Replace) {
		add(func(l *Step) { *l = l.withoutAddress(address) })
	}
	for from := range s.Moved {
		add(func(l *Step) { l.Moved = maps.Clone(s.Moved); delete(l.Moved, from) })
	}
	if s.Fault != (Fault{}) {
		add(func(l *Step) { l.Fault = Fault{} })
	}
	if s.Twin != (Twin{}) {
		add(func(l *Step) { l.Twin = Twin{} })
	}
	if s.NoRefresh {
		add(func(l *Step) { l.NoRefresh = false })
	}
	if s.Later {
		add(func(l *Step) { l.Later = false })
	}
	if s.Parallelism > 1 {
		add(func(l *Step) { l.Parallelism = 1 })
	}
	return all
}

func (s Step) withoutAddress(address string) Step {
	keep := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(other string) bool { return other == address })
	}
	s.Forget, s.Import, s.Replace = keep(s.Forget), keep(s.Import), keep(s.Replace)
	s.Moved = maps.Clone(s.Moved)
	maps.DeleteFunc(s.Moved, func(from, to string) bool { return from == address || to == address })
	return s
}

// edits are ways to make a configuration smaller, each of one part of it.
func (s Sequence) edits() []func(*Step) {
	var edits []func(*Step)
	seen := map[string]bool{}
	add := func(name string, edit func(*Step)) {
		if !seen[name] {
			seen[name] = true
			edits = append(edits, edit)
		}
	}
	for _, step := range s.Steps {
		for label := range step.Config.Groups {
			add("group "+label, func(step *Step) { step.Config = step.Config.without(label) })
		}
		for label := range step.Config.Rules {
			add("rule "+label, func(step *Step) { delete(step.Config.Rules, label) })
		}
		for label := range step.Config.Sets {
			add("set "+label, func(step *Step) { delete(step.Config.Sets, label) })
		}
	}
	for _, step := range s.Steps {
		for label, group := range step.Config.Groups {
			for key := range group.Rules {
				add("entry "+label+" "+key, func(step *Step) { delete(step.Config.Groups[label].Rules, key) })
			}
			for key := range group.Tags {
				add("tag "+label+" "+key, func(step *Step) { delete(step.Config.Groups[label].Tags, key) })
			}
		}
		for label, set := range step.Config.Sets {
			for key := range set.Rules {
				add("entry of "+label+" "+key, func(step *Step) { delete(step.Config.Sets[label].Rules, key) })
			}
		}
	}
	add("default tags", func(step *Step) { step.Config.DefaultTags = nil })
	add("create_before_destroy", func(step *Step) {
		step.Config = step.Config.createLast()
		for label, group := range step.Config.Groups {
			group.CreateFirst = false
			step.Config.Groups[label] = group
		}
	})
	add("descriptions", func(step *Step) { step.Config.undescribe() })
	return edits
}

// undescribe drops all descriptions of rules.
func (c Config) undescribe() {
	plain := func(rules map[string]rule.Rule) {
		for key, r := range rules {
			r.Description = ""
			rules[key] = r
		}
	}
	for _, group := range c.Groups {
		plain(group.Rules)
	}
	for _, set := range c.Sets {
		plain(set.Rules)
	}
	for label, single := range c.Rules {
		single.Rule.Description = ""
		c.Rules[label] = single
	}
}

// edited applies an edit to some steps. What the other lists of a step say of resources that it no longer has goes too.
func (s Sequence) edited(from, to int, edit func(*Step)) Sequence {
	steps := slices.Clone(s.Steps)
	for i := from; i < to; i++ {
		step := steps[i]
		step.Config = step.Config.clone()
		edit(&step)
		for _, address := range slices.Concat(step.Import, step.Replace) {
			if !slices.Contains(step.Config.Addresses(), address) {
				step = step.withoutAddress(address)
			}
		}
		steps[i] = step
	}
	return s.with(steps)
}
