package modeltest

import (
	"maps"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// leftOut are steps that are known to fail, by the finding that stands against each. No sequence has them. Whoever
// fixes one removes its entry.
var leftOut = map[string]func(before World, step Step) bool{
	"where no answer has a date, and the machine's clock is as wrong as another group of the same name is old, a lost create is taken " +
		"for that of the other group, unless a resource of the same process has that": func(before World, step Step) bool {
		return step.Fault == Fault{"lost, without dates", gcoretest.OperationCreateGroup} && before.createsNamesake(step)
	},
	"no finding, but a limit of the API: a guard sees only what a read shows, and a read that lags does not show what was added a " +
		"moment before": func(_ World, step Step) bool {
		return step.Fault.Scenario == "each second read lags" && len(step.Between) > 0
	},
}

// leftOut is the finding that stands against a step; "" if there is none.
func (w World) leftOut(step Step) string {
	before := w.prepared(step)
	for _, finding := range slices.Sorted(maps.Keys(leftOut)) {
		if leftOut[finding](before, step) {
			return finding
		}
	}
	return ""
}

// createsNamesake reports whether a step creates a group of the name of one that is there.
func (w World) createsNamesake(step Step) bool {
	names := map[string]bool{}
	for _, held := range w.Groups {
		names[held.Name] = true
	}
	for label, group := range step.Config.Groups {
		_, exists := w.Groups[label]
		if creates := !exists || slices.Contains(step.Replace, groupPrefix+label); creates && names[group.Name] {
			return true
		}
	}
	return false
}
