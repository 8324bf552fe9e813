package provider

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// The effect of a destroy on the rule set's rules and on unplanned rules.
func TestDestroyOfRuleSet(t *testing.T) {
	t.Parallel()
	unplanned := gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp")}
	const unplannedLine = "egress IPv4 udp"
	const patch, remove, revert = gcoretest.OperationUpdateGroup, gcoretest.OperationDeleteRule, gcoretest.OperationRevertGroup
	tests := map[string]struct {
		onDestroy string
		interfere func(c cloud, id string)
		writes    map[string]int
		left      []string
	}{
		"keep":                     {"keep", nil, map[string]int{}, []string{httpsLine, sshLine}},
		"remove":                   {"remove", nil, map[string]int{patch: 1}, nil},
		"remove, but others' rule": {"remove", func(c cloud, id string) { c.AddRule(id, unplanned) }, map[string]int{remove: 2}, []string{unplannedLine}},
		"remove, one is gone":      {"remove", func(c cloud, id string) { c.DeleteRule(c.idsOf("default")[httpsLine]) }, map[string]int{patch: 1}, nil},
		"remove, all are gone": {"remove", func(c cloud, id string) {
			c.ChangeGroup(id, func(g *gcoretest.Group) { g.Rules = nil })
		}, map[string]int{}, nil},
		"revert": {"revert", func(c cloud, id string) { c.AddRule(id, unplanned) }, map[string]int{revert: 1}, []string{"egress IPv4"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Without the lock: what it refuses at first would count among the requests.
			c := newCloud(t, gcoretest.Config{NoLock: true, DefaultRules: []gcoretest.Rule{{Direction: "egress", Ethertype: new("IPv4")}}})
			id := c.AddDefaultGroup(testProject, testRegion)
			w := c.workspace(t).reattached(c)
			w.configure(importing(webSet, id) + setOf(fmt.Sprintf("%q", id), fmt.Sprintf("%s\non_destroy = %q", allRules, test.onDestroy)))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-destroy", "-out=saved")
			if test.interfere != nil {
				test.interfere(c, id)
			}
			c.ResetRequests()
			w.must(0, "apply", "saved")
			sent := map[string]int{}
			for _, operation := range []string{patch, remove, revert} {
				if n := c.CountOperations()[operation]; n > 0 {
					sent[operation] = n
				}
			}
			if diff := cmp.Diff(test.writes, sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if diff := c.differs([]group{{name: "default", description: "Default security group", rules: test.left}}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Destroying a rule set whose group is gone succeeds, whatever on_destroy is
// and however the group was deleted.
func TestDestroyOfRuleSetWithoutItsGroup(t *testing.T) {
	t.Parallel()
	for _, onDestroy := range []string{"keep", "remove", "revert"} {
		c := newCloud(t, gcoretest.Config{})
		id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "default"})
		w := c.workspace(t).reattached(c)
		w.configure(setOf(fmt.Sprintf("%q", id), allRules+fmt.Sprintf("\non_destroy = %q", onDestroy)))
		w.must(0, "apply", "-auto-approve")
		c.DeleteGroup(id)
		w.must(0, "destroy", "-refresh=false", "-auto-approve")
	}
}

// A revert would delete standalone rules that the same apply creates, unless it happened to come first: the plan refuses it, and its
// advice keeps all rules, also if the rule set moves to another group.
func TestRevertBesideNewRules(t *testing.T) {
	t.Parallel()
	for _, moves := range []bool{false, true} {
		t.Run(fmt.Sprintf("moves %t", moves), func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "default"})
			next := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
			lines := func(onDestroy string) string {
				return "rules = {\n" + sshEntry + "\n}\non_destroy = " + strconv.Quote(onDestroy)
			}
			w := c.workspace(t).reattached(c)
			w.configure(setOf(fmt.Sprintf("%q", id), lines("revert")))
			w.must(0, "apply", "-auto-approve")
			c.ResetRequests()
			moved, rule := "", portRules(id, 8443)
			if moves {
				moved = setOf(fmt.Sprintf("%q", next), lines("keep"))
			}
			w.configure(moved + rule)
			output := w.must(1, "plan", "-no-color")
			says(t, output, "Rules would be lost", "The plan reverts security group", "replace the block")
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			w.configure("removed {\n  from = " + webSet + "\n  lifecycle {\n    destroy = false\n  }\n}\n" + rule)
			w.must(0, "apply", "-auto-approve", "-no-color")
			w.configure(moved + rule)
			w.must(0, "apply", "-auto-approve", "-no-color")
			w.must(0, "plan", "-detailed-exitcode", "-no-color")
			if held, _ := c.Group(id); len(held.Rules) != 2 {
				t.Errorf("the group has the rules %v", held.Rules)
			}
		})
	}
}

// Only the default group can be reverted: the plan warns, and the apply fails
// before it sends a request.
func TestRevertOfAnotherGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	w := c.workspace(t).reattached(c)
	refused := func(verb string) {
		t.Helper()
		c.ResetRequests()
		says(t, w.must(0, "plan", "-no-color"), "Warning: The group cannot be reverted", `only the group named "default" can be reverted, and this one is named "web"`)
		says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "Cannot "+verb+" security group rule set", `Only the group named "default"`, "Nothing was sent", `Set on_destroy to "keep"`)
		if n := c.writes(); n != 0 {
			t.Errorf("%d writes", n)
		}
	}
	w.configure(setOf(fmt.Sprintf("%q", id), allRules+"\non_destroy = \"revert\""))
	refused("create")
	w.configure(setOf(fmt.Sprintf("%q", id), allRules))
	w.must(0, "apply", "-auto-approve")
	w.configure(setOf(fmt.Sprintf("%q", id), "rules = {}\non_destroy = \"revert\""))
	refused("update")
}

// A missing task does not mean a deleted group: the rule set stays in the state
// until its rules are known to be deleted.
func TestDestroyOfRuleSetWhoseTaskIsLost(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(set(allRules + "\non_destroy = \"remove\"\ntimeouts = { delete = \"1s\" }"))
	w.must(0, "apply", "-auto-approve")
	fault := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Effect: gcoretest.ForgetTask{Lost: true}})
	w.configure(web(""))
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "Cannot delete security group rule set")
	fault.Clear()
	w.must(0, "apply", "-auto-approve")
	if diff := c.differs([]group{{name: "web"}}); diff != "" {
		t.Error(diff)
	}
}
