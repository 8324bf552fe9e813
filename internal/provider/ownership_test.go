package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const (
	sshEntry = `ssh = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "192.0.2.0/24", description = "admins" }`
	sshLine  = `ingress IPv4 tcp 22-22 from 192.0.2.0/24 "admins"`
	allRules = "rules = {\n" + httpsEntry + "\n" + sshEntry + "\n}"
)

// single is the configuration of one standalone rule in the group `web`, with
// the given name and lines.
func single(name, lines string) string {
	return fmt.Sprintf("resource \"gcore_cloud_security_group_rule\" %q {\n  group_id  = %s.id\n  direction = \"ingress\"\n  %s\n}\n", name, webGroup, lines)
}

// The same two rules in three forms.
var (
	inlineRules = web(allRules)
	ruleSet     = set(allRules)
	singleRules = web("") + single("https", "protocol = \"tcp\"\nport_range_min = 443\nport_range_max = 443\nremote_ip_prefix = \"10.0.0.0/8\"") + single("ssh", sshLines)
)

// If the group is known, two owners of its rules fail the plan; otherwise they
// fail the apply, before the second owner sends a request.
func TestTwoOwners(t *testing.T) {
	t.Parallel()
	const inline, own, one = "a gcore_cloud_security_group: all rules", "a " + ruleSetType + ": all rules", "a " + ruleType + ": ingress-ipv4-udp"
	second := strings.ReplaceAll(setOf(webGroup+".id", "rules = {}"), `"web"`, `"second"`)
	tests := map[string]struct {
		before, both string
		types        [2]string
	}{
		"group and single rule":    {inlineRules, inlineRules + single("dns", udpLines), [2]string{inline, one}},
		"rule set and single rule": {ruleSet, ruleSet + single("dns", udpLines), [2]string{own, one}},
		"group and rule set":       {inlineRules, inlineRules + setOf(webGroup+".id", allRules), [2]string{inline, own}},
		"two rule sets":            {ruleSet, ruleSet + second, [2]string{"this resource, " + own, "another one, " + own}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			refused := func(command ...string) {
				t.Helper()
				output := w.must(1, append(command, "-no-color")...)
				says(t, output, "The rules of a security group have two owners", test.types[0], test.types[1], `Security group "web" (`+c.only(t).ID+")", "Keep one of the two")
			}
			// The group is new.
			w.configure(test.both)
			w.must(0, "plan")
			refused("apply", "-auto-approve")
			if n := c.Count(func(r gcoretest.Request) bool { return r.Operation == gcoretest.OperationCreateRule }); n > 0 && test.types[0] == inline {
				t.Errorf("%d single rules were made", n)
			}
			// One owner is removed again.
			w.configure(test.before)
			w.must(0, "apply", "-auto-approve")
			want := []group{{name: "web", rules: []string{httpsLine, sshLine}}}
			if diff := c.differs(want); diff != "" {
				t.Error(diff)
			}
			// The group is known.
			c.ResetRequests()
			w.configure(test.both)
			refused("plan")
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			// A complete destroy has no owners.
			w.configure(test.before)
			w.must(0, "destroy", "-auto-approve")
		})
	}
}

// Rules move between owners in one apply, in every direction, without warnings.
// If nothing changes, no write is sent.
func TestRulesChangeHands(t *testing.T) {
	t.Parallel()
	// The imported resource adopts the rules.
	imports := func(c cloud) string {
		held := c.only(t)
		ids := c.idsOf("web")
		return importing(rulePrefix+"https", held.ID+"/"+ids[httpsLine]) + importing(sshRule, held.ID+"/"+ids[sshLine])
	}
	none := func(cloud) string { return "" }
	tests := map[string]struct {
		before, after string
		imports       func(cloud) string
		silent        bool
	}{
		"single to inline":   {singleRules, inlineRules, none, false},
		"inline to single":   {inlineRules, singleRules, imports, true},
		"single to rule set": {singleRules, ruleSet, none, false},
		"rule set to single": {ruleSet, singleRules, imports, true},
		"inline to rule set": {inlineRules, ruleSet, none, true},
		"rule set to inline": {ruleSet, inlineRules, none, true},
		"one rule set to another": {
			set(allRules + "\non_destroy = \"remove\""), strings.ReplaceAll(ruleSet, `rule_set" "web"`, `rule_set" "other"`), none, false,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{TaskDuration: 20 * time.Millisecond})
			w := c.workspace(t).reattached(c)
			w.configure(test.before)
			w.must(0, "apply", "-auto-approve")
			blocks := test.imports(c)
			c.ResetRequests()
			w.configure(test.after + blocks)
			w.must(0, "apply", "-auto-approve", "-no-color")
			if n := c.writes(); test.silent && n != 0 {
				t.Errorf("%d writes", n)
			}
			w.must(0, "plan", "-detailed-exitcode", "-no-color")
			if diff := c.differs([]group{{name: "web", rules: []string{httpsLine, sshLine}}}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Terraform plans a replacement twice, and plans again during the apply. The
// rule set still counts as one owner, even in one process.
func TestReplacedRuleSetHasOneOwner(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{
		"destroyed first": "", "created first": "\nlifecycle {\n  create_before_destroy = true\n}",
		"removes its rules": "\non_destroy = \"remove\"", "removes them last": "\non_destroy = \"remove\"\nlifecycle {\n  create_before_destroy = true\n}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(set(allRules + lines))
			for _, command := range [][]string{{"apply"}, {"apply", "-replace=" + webSet}} {
				w.must(0, append(command, "-auto-approve", "-no-color")...)
				w.must(0, "plan", "-detailed-exitcode")
				if diff := c.differs([]group{{name: "web", rules: []string{httpsLine, sshLine}}}); diff != "" {
					t.Errorf("after %v: %s", command, diff)
				}
			}
		})
	}
}

// An owner without changes takes no part in the apply. A plan that destroys one
// of its rules therefore fails and explains how to remove the rule from the
// state.
func TestDestroyOfARuleThatAnOwnerDeclares(t *testing.T) {
	t.Parallel()
	for name, declared := range map[string]string{"group": inlineRules, "rule set": ruleSet} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(declared)
			w.must(0, "apply", "-auto-approve")
			// The import command makes no plan, which would fail.
			w.configure(declared + single("ssh", sshLines))
			w.must(0, "import", sshRule, c.only(t).ID+"/"+c.idsOf("web")[sshLine])
			c.ResetRequests()

			w.configure(declared)
			says(t, w.must(1, "plan", "-no-color"), "Rules would be lost", "the block of the "+ruleType, "- ingress-ipv4-tcp-22-from-192_0_2_0-24", "removed {", "from = "+ruleType+".<name>")
			peer := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "peer"})
			w.configure(declared + strings.Replace(single("ssh", sshLines), webGroup+".id", fmt.Sprintf("%q", peer), 1))
			says(t, w.must(1, "plan", "-no-color"), "Rules would be lost")
			c.DeleteGroup(peer)
			w.configure(declared + released(sshRule))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			w.must(0, "destroy", "-auto-approve")
		})
	}
}

// Destroying a rule set with its rules, while the group declares the same rules
// without changes, would delete the group's rules.
func TestDestroyOfARuleSetThatAGroupDeclares(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	both := inlineRules + setOf(webGroup+".id", allRules+"\non_destroy = \"remove\"")
	w.configure(set(allRules + "\non_destroy = \"remove\""))
	w.must(0, "apply", "-auto-approve")
	// The import stores the rules in the group's state.
	w.must(0, "state", "rm", webGroup)
	w.configure(both)
	w.must(0, "import", webGroup, c.only(t).ID)
	w.configure(web("rules = {" + readableRules + "}"))
	says(t, w.must(1, "plan", "-no-color"), "Rules would be lost", "the block of the "+ruleSetType, "from = "+ruleSetType+".<name>")
}

// readableRules are the rules under the names that an import uses.
var readableRules = strings.NewReplacer("https =", "ingress-ipv4-tcp-443-from-10_0_0_0-8 =", "ssh =", "ingress-ipv4-tcp-22-from-192_0_2_0-24 =").
	Replace(httpsEntry + "\n" + sshEntry)

// What a cut-off change has sent goes with the rule set, or when the rule set does not move after all. A standalone rule that is
// imported for it by the same plan would be lost.
func TestSentRulesThatARuleHasByNow(t *testing.T) {
	t.Parallel()
	for name, moves := range map[string]bool{"cut-off create": false, "cut-off move": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			for _, name := range []string{"old", "web"} {
				c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: name})
			}
			config := func(name string) string {
				return setOf(fmt.Sprintf("%q", c.named(name).ID), "rules = {\n"+sshEntry+"\n}\ntimeouts = { create = \"30m\", update = \"30m\" }")
			}
			after := ""
			if moves {
				after = config("old")
				w.configure(after)
				w.must(0, "apply", "-auto-approve")
			}
			w.configure(config("web"))
			c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
			w.fails()
			c.EndTasks()
			id, ruleID := c.named("web").ID, c.named("web").Rules[0].ID
			after += strings.Replace(single("ssh", sshLines), webGroup+".id", fmt.Sprintf("%q", id), 1)
			w.configure(after + fmt.Sprintf("import {\n  to = %s\n  id = \"%d/%d/%s/%s\"\n}\n", sshRule, testProject, testRegion, id, ruleID))
			says(t, w.must(1, "plan", "-no-color"), "Rules would be lost", "- ingress-ipv4-tcp-22-from-192_0_2_0-24")
		})
	}
}

// A rule set whose create was cut off takes nothing along but what that has sent, whatever on_destroy says.
func TestIncompleteRuleSetTakesNothingElse(t *testing.T) {
	t.Parallel()
	for _, onDestroy := range []string{onDestroyRemove, onDestroyRevert} {
		t.Run(onDestroy, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "default"})
			one := func(name, lines string) string {
				return strings.Replace(single(name, lines), webGroup+".id", fmt.Sprintf("%q", id), 1)
			}
			w.configure(one("ssh", sshLines))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "state", "rm", sshRule)
			w.configure(setOf(fmt.Sprintf("%q", id), allRules+fmt.Sprintf("\non_destroy = %q\ntimeouts = { create = \"30m\" }", onDestroy)))
			c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
			w.fails()
			c.EndTasks()
			stored := c.named("default")
			var ruleID string
			for _, r := range stored.Rules {
				if *r.PortRangeMin == 22 {
					ruleID = r.ID
				}
			}
			w.configure(one("ssh", sshLines) + fmt.Sprintf("import {\n  to = %s\n  id = \"%d/%d/%s/%s\"\n}\n", sshRule, testProject, testRegion, id, ruleID))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			if rules := c.named("default").Rules; len(rules) != 1 || rules[0].ID != ruleID {
				t.Errorf("the group has the rules %v", rules)
			}
		})
	}
}

// An update whose undo of a cut-off move fails says so, and names the group that still has the rules.
func TestFailedUndoNamesItsGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	for _, name := range []string{"old", "new"} {
		c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: name})
	}
	config := func(name string) string {
		return setOf(fmt.Sprintf("%q", c.named(name).ID), "rules = {\n"+sshEntry+"\n}\ntimeouts = { create = \"30m\", update = \"30m\" }")
	}
	w.configure(config("old"))
	w.must(0, "apply", "-auto-approve")
	w.configure(config("new"))
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
	w.fails()
	c.EndTasks()
	w.configure(config("old"))
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.Answer{Status: 403}})
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "Cannot update security group rule set", c.named("new").ID)
}

// One more instance of a block, or a second call of a module with the same arguments, is a second owner: it is not the
// resource that is there, planned once more.
func TestSecondOwnerLikeTheFirst(t *testing.T) {
	t.Parallel()
	counted := func(block string) func(int) string {
		return func(n int) string {
			return web("") + strings.Replace(block, "group_id", fmt.Sprintf("count = %d\n  group_id", n), 1)
		}
	}
	for name, test := range map[string]struct {
		config    func(int) string
		want      string
		addresses string
	}{
		"rule set":         {counted(setOf(webGroup+".id", "rules = {"+httpsEntry+"}\non_destroy = \"remove\"")), "two owners", webSet},
		"standalone rules": {counted(httpsIn(webGroup)), "The same rule twice", "gcore_cloud_security_group_rule.https"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(test.config(1))
			w.must(0, "apply", "-auto-approve")
			c.ResetRequests()
			// The replacement of the first one is no second owner, with a second one beside it or without.
			w.must(0, "plan", "-no-color", "-replace="+test.addresses+"[0]")
			w.configure(test.config(2))
			for _, arguments := range [][]string{{}, {"-refresh=false"}, {"-replace=" + test.addresses + "[0]"}} {
				says(t, w.must(1, append([]string{"plan", "-no-color"}, arguments...)...), test.want)
			}
			w.must(1, "apply", "-auto-approve", "-no-color")
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			w.configure(test.config(1))
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}
