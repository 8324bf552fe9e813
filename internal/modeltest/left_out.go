package modeltest

import (
	"maps"
	"slices"
	"strings"
)

// leftOut are steps that are known to fail, by the finding that stands against each. No sequence has them. Whoever
// fixes one removes its entry.
var leftOut = map[string]func(before World, step Step) bool{
	"the replacement of a rule set, by -replace or taint, deletes nothing and then meets the rules that its map does not hold: " +
		"it leaves the state, and only an import brings it back": func(before World, step Step) bool {
		for _, address := range step.Replace {
			label, isSet := strings.CutPrefix(address, setPrefix)
			set, stays := step.Config.Sets[label]
			if isSet && stays && before.Groups[set.Group].hasMore(set) {
				return true
			}
		}
		return false
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
