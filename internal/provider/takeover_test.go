package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const (
	udpLine, udpName = "egress IPv4 udp", "egress-ipv4-udp"
	espLine, espName = "egress IPv4 esp", "egress-ipv4-esp"
)

// egress adds a rule to the only group, as somebody else would.
func (c cloud) egress(t *testing.T, protocol string) {
	t.Helper()
	c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: &protocol})
}

// holding fails the test unless the only group has exactly these rules.
func (c cloud) holding(t *testing.T, rules ...string) {
	t.Helper()
	if diff := c.differs([]group{{name: "web", rules: rules}}); diff != "" {
		t.Error(diff)
	}
}

// takeover is a group whose rules are not managed, with one rule of somebody's, and a configuration that gives it rules.
func takeover(t *testing.T, w func(c cloud) workspace) (cloud, workspace) {
	t.Helper()
	c := newCloud(t, gcoretest.Config{})
	there := w(c)
	there.configure(web(""))
	there.must(0, "apply", "-auto-approve")
	c.egress(t, "udp")
	there.configure(web("rules = {" + httpsEntry + "}"))
	return c, there
}

// An apply that begins to manage the rules of a group removes those that its plan named, and stops at any other. The plan
// and the apply are processes of their own.
func TestTakeoverBySavedPlan(t *testing.T) {
	t.Parallel()
	c, w := takeover(t, func(c cloud) workspace { return c.workspace(t) })
	says(t, w.must(0, "plan", "-out=saved"), `The apply will remove 1 rule of security group "web"`, udpName)
	c.egress(t, "esp")
	c.ResetRequests()
	output := w.must(1, "apply", "saved")
	says(t, output, `Cannot update security group "web"`, "rules that the plan did not show", espName, "Nothing was sent")
	_, refusal, _ := strings.Cut(plain(output), "Error:")
	if refusal, _, _ = strings.Cut(refusal, "Nothing was sent"); strings.Contains(refusal, udpName) {
		t.Errorf("the error names a rule that the plan named:\n%s", output)
	}
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	c.holding(t, udpLine, espLine)
	says(t, w.must(0, "plan", "-out=saved"), `The apply will remove 2 rules of security group "web"`, udpName, espName)
	w.must(0, "apply", "saved")
	c.holding(t, httpsLine)
	w.must(0, "plan", "-detailed-exitcode")
}

// The same for an apply that plans itself.
func TestTakeoverByApply(t *testing.T) {
	t.Parallel()
	c, w := takeover(t, func(c cloud) workspace { return c.workspace(t).reattached(c) })
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: 1, Skip: 1, Effect: gcoretest.Meanwhile{Before: func() { c.egress(t, "esp") }}})
	says(t, w.must(1, "apply", "-auto-approve"), "The apply will remove 1 rule", "rules that the plan did not show", espName)
	c.holding(t, udpLine, espLine)
	w.must(0, "apply", "-auto-approve")
	c.holding(t, httpsLine)
	w.must(0, "plan", "-detailed-exitcode")
}

// Without a refresh the last one counts, or the create.
func TestTakeoverWithoutRefresh(t *testing.T) {
	t.Parallel()
	c, w := takeover(t, func(c cloud) workspace { return c.workspace(t).reattached(c) })
	says(t, w.must(1, "apply", "-auto-approve", "-refresh=false"), "rules that the plan did not show", udpName)
	w.must(0, "apply", "-auto-approve", "-refresh-only")
	c.egress(t, "esp")
	says(t, w.must(1, "apply", "-auto-approve", "-refresh=false"), "The apply will remove 1 rule", udpName, "rules that the plan did not show", espName)
	c.holding(t, udpLine, espLine)
	c.DeleteRule(c.idsOf("web")[espLine])
	w.must(0, "apply", "-auto-approve", "-refresh=false")
	c.holding(t, httpsLine)

	// What was seen before the rules were managed does not count once they no longer are.
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve", "-refresh=false")
	c.egress(t, "udp")
	w.configure(web("rules = {" + httpsEntry + "}"))
	says(t, w.must(1, "apply", "-auto-approve", "-refresh=false"), "The rules of security group \"web\" are not known", "rules that the plan did not show", udpName)
	c.holding(t, httpsLine, udpLine)
}

// A state that another version wrote says nothing about the rules. Nothing is removed then before a refresh.
func TestTakeoverOfAnOlderState(t *testing.T) {
	t.Parallel()
	c, w := takeover(t, func(c cloud) workspace { return c.workspace(t).reattached(c) })
	w.forgetPrivate()
	says(t, w.must(1, "apply", "-auto-approve", "-refresh=false"), `The rules of security group "web" are not known`, "Plan with a refresh", udpName)
	c.holding(t, udpLine)
	w.must(0, "apply", "-auto-approve")
	c.holding(t, httpsLine)
}

// forgetPrivate removes the private data from the state.
func (w workspace) forgetPrivate() {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.directory, "terraform.tfstate"))
	must(err)
	var state map[string]any
	must(json.Unmarshal(text, &state))
	for _, r := range state["resources"].([]any) {
		for _, instance := range r.(map[string]any)["instances"].([]any) {
			delete(instance.(map[string]any), "private")
		}
	}
	text, err = json.Marshal(state)
	must(err)
	w.write("terraform.tfstate", string(text))
}

// The plan names the rules that an import finds too many of, or that a moved state does not have.
func TestTakeoverAfterImport(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	w.configure(web("") + importing(webGroup, "1/76/"+id))
	w.must(0, "apply", "-auto-approve")
	c.egress(t, "udp")
	w.configure(web("rules = {" + httpsEntry + "}"))
	says(t, w.must(0, "plan", "-out=saved"), "The apply will remove 1 rule", udpName)
	w.must(0, "apply", "saved")
	c.holding(t, httpsLine)
}

// A plan that sets a tag which only the cloud can set says that its apply will fail.
func TestReadOnlyTag(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web(`tags = { team = "net" }`))
	w.must(0, "apply", "-auto-approve")
	c.SetTag(c.only(t).ID, "Owner", "platform", true)
	w.must(0, "plan", "-detailed-exitcode")
	w.configure(web(`tags = { team = "net", Owner = "me" }`))
	says(t, w.must(0, "plan"), "Read-only tag", `security group "web"`, `has the read-only tag "Owner"`, `Remove "Owner" from tags`)
	says(t, w.must(1, "apply", "-auto-approve"), "Tag Owner is read-only")
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Effect: gcoretest.Answer{Status: 200, Body: `{"tasks": []}`}})
	says(t, w.must(1, "apply", "-auto-approve"), "tag Owner, which is a read-only tag of the cloud")
	// In lower case it is the same tag.
	w.configure(web(`tags = { team = "net", owner = "me" }`))
	says(t, w.must(0, "plan"), "Read-only tag", `Remove "owner" from tags`)
	w.must(0, "destroy", "-auto-approve")
}

// A rule set that is created removes no rule, whenever it came.
func TestRuleAddedBeforeARuleSet(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(set("rules = {" + httpsEntry + "}"))
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: 1, Skip: 1, Effect: gcoretest.Meanwhile{Before: func() { c.egress(t, "udp") }}})
	says(t, w.must(1, "apply", "-auto-approve"), "rules that are not in the rule set", udpName, "import {")
	c.holding(t, udpLine)
	if ids := c.ruleIDs(c.only(t).ID); len(ids) != 1 || slices.Contains(ids, "") {
		t.Errorf("the group has the rules %v", ids)
	}
}
