package modeltest

import (
	"maps"
	"slices"
)

// leftOut are steps that are known to fail, by the finding that stands against each. No sequence has them. Whoever
// fixes one removes its entry.
var leftOut = map[string]func(before World, step Step) bool{
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
