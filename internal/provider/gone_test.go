package provider

import (
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// madeOfAllKinds applies what the tests of missing objects need: a group with inline rules, one with a rule set, one with a rule.
func (c cloud) madeOfAllKinds(t *testing.T) workspace {
	t.Helper()
	w := c.workspace(t).reattached(c)
	named := func(block, name string) string { return strings.ReplaceAll(block, `"web"`, `"`+name+`"`) }
	w.configure(named(web("rules = {"+httpsEntry+"}"), "inline") + ssh(sshLines) +
		strings.ReplaceAll(named(set("rules = {"+httpsEntry+"}"), "set"), "security_group.web", "security_group.set"))
	w.must(0, "apply", "-auto-approve")
	return w
}

// A 404 about the project, the region or the user of the key, or in other words, empties no state.
func TestOther404sKeepTheState(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.madeOfAllKinds(t)
	resources := w.must(0, "state", "list")
	for name, answer := range map[string]gcoretest.Answer{
		"project": gcoretest.NotFound("Project", "1"), "region": gcoretest.NotFound("Region", "76"), "user": gcoretest.NotFound("User", "5"),
		"class": {Status: 404, Class: "HTTPNotFound"}, "page": gcoretest.HTMLPage(404, false),
	} {
		fault := c.Fail(gcoretest.Fault{Match: func(r gcoretest.Request) bool { return r.Method == "GET" }, Effect: answer})
		want := "terraform state rm"
		if name == "page" {
			want = "Check base_url"
		}
		says(t, w.must(1, "apply", "-refresh-only", "-auto-approve"), "Cannot read security group", want)
		fault.Clear()
		if got := w.must(0, "state", "list"); got != resources {
			t.Errorf("%s: the state has\n%s", name, got)
		}
	}
	w.must(0, "plan", "-detailed-exitcode")
}

// What was made a moment ago stays in the state if a read lags behind its create.
func TestYoungObjectsAreReadAgain(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.madeOfAllKinds(t)
	var groups []string
	for _, g := range c.Groups(testProject, testRegion) {
		groups = append(groups, g.ID)
	}
	// Inline rules have no ids in the state: of the rules only the standalone one is looked for again.
	web := c.named("web").ID
	ofWeb := func(r gcoretest.Request) bool { return strings.HasSuffix(r.Path, web) }
	rule := c.ruleIDs(web)
	for name, fault := range map[string]gcoretest.Fault{
		"groups, once": {Times: 1, Effect: gcoretest.StaleRead{Without: groups}},
		"groups, half": {Every: 2, Effect: gcoretest.StaleRead{Without: groups}},
		"rule, once":   {Times: 1, Effect: gcoretest.StaleRead{Without: rule}, Match: ofWeb},
		"rule, half":   {Every: 2, Effect: gcoretest.StaleRead{Without: rule}, Match: ofWeb},
	} {
		fault.Operation = gcoretest.OperationReadGroup
		handle := c.Fail(fault)
		if output, code := w.run("plan", "-detailed-exitcode"); code != 0 || handle.Hits() == 0 {
			t.Errorf("%s: %d\n%s", name, code, output)
		}
		handle.Clear()
	}
}
