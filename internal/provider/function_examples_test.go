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
		"lint_rules": "map[web:4]", "merge_cidrs": "map[api:3]", "rules_from_list": "map[web:3]", "who_can_reach": "map[web:5]",
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

// The check of the example warns as soon as the rules let somebody else in, with the keys at fault; unknown values only
// put it off to the apply.
func TestWhoCanReachInACheck(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t)
	example := w.read(exampleDirectory + "/functions/who_can_reach/function.tf")
	config := strings.Replace(example, `"203.0.113.128/25"`, "terraform_data.office.output", 1) + `
		resource "terraform_data" "office" {
			input = "198.51.100.0/24"
		}`
	w.configure(config)
	const warning = "Port 22 is open to more than the offices, by"
	if output := w.must(0, "plan"); strings.Contains(output, warning) {
		t.Errorf("the plan guesses: %s", output)
	}
	output := w.must(0, "apply", "-auto-approve")
	if key := "ingress-ipv4-tcp-20-22-from-198_51_100_0-24"; !strings.Contains(output, warning) || !strings.Contains(strings.Join(strings.Fields(output), ""), key) {
		t.Errorf("no warning: %s", output)
	}
	w.configure(example)
	if output := w.must(0, "apply", "-auto-approve"); strings.Contains(output, warning) {
		t.Errorf("still a warning: %s", output)
	}
}

// The precondition of the example stops the plan at a rule without effect, and its check warns of rules that can be merged.
func TestLintRulesInAPlan(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t)
	w.configure(w.read(exampleDirectory + "/functions/lint_rules/function.tf"))
	says(t, w.must(1, "plan", "-no-color", `-var=offices={ berlin = "198.51.100.0/24", guests = "198.51.100.64/26" }`),
		"Resource precondition failed", `Remove "ingress-tcp-22-from-guests"`)
	says(t, w.must(0, "plan", "-no-color", `-var=offices={ berlin = "198.51.100.0/25", guests = "198.51.100.128/25" }`),
		"Check block assertion failed", `remote_ip_prefix = "198.51.100.0/24"`)
}
