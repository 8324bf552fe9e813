package modeltest

import (
	"maps"
	"reflect"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Readings are the names of gcoretest.Readings, in order.
func Readings() []string { return slices.Sorted(maps.Keys(gcoretest.Readings())) }

// What a Fault may be beside gcoretest.Scenarios. The run is interrupted as soon as the operation is sent; the task of that
// operation may then outlast the run. Or the task of a create names what somebody else has made.
const (
	Interrupted           = "interrupted"
	InterruptedAtLongTask = "interrupted, the task goes on"
	NamesAnother          = "task names somebody else's"
)

// Faults are those that may hit any step: what needs no cloud of its own.
func Faults() []string {
	scenarios := gcoretest.Scenarios()
	faults := slices.DeleteFunc(slices.Sorted(maps.Keys(scenarios)), func(name string) bool {
		return name == "none" || !reflect.ValueOf(scenarios[name].Config).IsZero()
	})
	return append(faults, Interrupted, InterruptedAtLongTask, NamesAnother)
}

// writes are the operations of the API that a step is likely to need.
func (w World) writes(step Step) []string {
	var writes []string
	before, next := w.prepared(step), step.Config
	for label, held := range before.Groups {
		group, stays := next.Groups[label]
		declared, all := next.declared(label)
		switch {
		case !stays:
			writes = append(writes, gcoretest.OperationDeleteGroup)
		case all && !held.holds(declared), group.Name != held.Name, group.Description != held.Description, !maps.Equal(next.Tags(label), held.Tags):
			writes = append(writes, gcoretest.OperationUpdateGroup)
		}
		for _, r := range held.Rules {
			if single := next.Rules[r.Single]; r.Single != "" && single.Rule.Content() != r.Rule.Content() {
				writes = append(writes, gcoretest.OperationDeleteRule)
			}
		}
	}
	for label := range next.Groups {
		if _, exists := before.Groups[label]; !exists || slices.Contains(step.Replace, groupPrefix+label) {
			writes = append(writes, gcoretest.OperationCreateGroup)
		}
	}
	for label, single := range next.Rules {
		held := before.Groups[single.Group]
		if i := held.ownedBy(label); i < 0 || held.Rules[i].Rule.Content() != single.Rule.Content() {
			writes = append(writes, gcoretest.OperationCreateRule)
		}
	}
	slices.Sort(writes)
	return slices.Compact(writes)
}

// holds reports whether the group has exactly these rules.
func (h Held) holds(rules map[string]rule.Rule) bool {
	var have []rule.Rule
	for _, r := range h.Rules {
		have = append(have, r.Rule)
	}
	return rule.Same(have, slices.Collect(maps.Values(rules)))
}
