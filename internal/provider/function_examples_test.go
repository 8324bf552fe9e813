package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// The functions' examples return what their comments state; the plan after the
// apply is empty.
func TestFunctionExamples(t *testing.T) {
	t.Parallel()
	rules := map[string]string{
		"cidrs_contain": "map[bastion:3]", "cidrs_subtract": "map[intranet:3]", "expand_rules": "map[bastion:3 web:16]",
		"merge_cidrs": "map[api:3]", "rules_from_list": "map[web:3]",
	}
	examples := exampleFiles(t, "functions/*/function.tf")
	if len(examples) != len(rules) {
		t.Fatalf("other examples than are tested: %v", examples)
	}
	for _, example := range examples {
		function := filepath.Base(filepath.Dir(example))
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			w := c.workspace(t)
			w.configure(w.read(example))
			// A check that fails is a warning.
			if output := w.must(0, "apply", "-auto-approve"); strings.Contains(output, "Check block assertion") {
				t.Error(output)
			}
			w.must(0, "plan", "-detailed-exitcode")
			counts := map[string]int{}
			for _, g := range c.Groups(testProject, testRegion) {
				counts[g.Name] = len(g.Rules)
			}
			if got := fmt.Sprint(counts); got != rules[function] {
				t.Errorf("the groups have %s rules, want %s", got, rules[function])
			}
			w.must(0, "destroy", "-auto-approve")
			if diff := c.differs(nil); diff != "" {
				t.Error(diff)
			}
		})
	}
}
