package provider

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The guide's recipes move rules from one form to another. The plan changes
// nothing in the cloud and the apply sends no writes, so every rule keeps its
// id. After the moving blocks are removed, the plan is empty.
func TestMovingExamples(t *testing.T) {
	t.Parallel()
	before := map[string]string{"single": singleRules, "inline": inlineRules, "rule-set": ruleSet}
	recipes := exampleFiles(t, "moving/*.tf")
	if len(recipes) != len(before)*(len(before)-1) {
		t.Fatalf("not a recipe for each direction: %v", recipes)
	}
	for _, recipe := range recipes {
		name := strings.TrimSuffix(filepath.Base(recipe), ".tf")
		from, to, _ := strings.Cut(name, "-to-")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			w := c.workspace(t).reattached(c)
			w.configure(before[from])
			w.must(0, "apply", "-auto-approve")
			ids := c.ruleIDs(c.only(t).ID)

			c.ResetRequests()
			w.configure(w.read(recipe))
			w.must(0, "plan", "-out=saved")
			w.must(0, "apply", "saved")
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			if now := c.ruleIDs(c.only(t).ID); !slices.Equal(ids, now) {
				t.Errorf("the rules were %v and are %v", ids, now)
			}
			w.must(0, "plan", "-detailed-exitcode")
			w.configure(before[to])
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}
