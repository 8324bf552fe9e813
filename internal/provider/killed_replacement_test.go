//go:build unix

package provider

import (
	"fmt"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// The provider is killed after the first half of the replacement of a rule set that keeps its rules: the state no longer has the rule
// set. The cloud has lost nothing, and the next plan prints the import that continues the replacement. Where its request was
// sent, the next apply does without.
func TestRuleSetKilledWhileItIsReplaced(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		effect gcoretest.Effect
		left   []string
	}{
		"before the request": {gcoretest.Hang{}, []string{httpsLine, sshLine}},
		"after the request":  {gcoretest.StallTask{Effect: true}, []string{httpsLine}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t)
			w.configure(set("rules = {\n" + httpsEntry + "\n" + sshEntry + "\n}"))
			w.must(0, "apply", "-auto-approve", "-no-color")
			config := set("rules = {\n" + httpsEntry + "\n}")
			w.configure(config)
			fault := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: test.effect})
			terraform, printed := w.start("apply", "-auto-approve", "-no-color", "-replace="+webSet)
			<-fault.FirstHit()
			if err := kill(w, terraform.Process.Pid); err != nil {
				t.Fatal(err)
			}
			if err := terraform.Wait(); err == nil {
				t.Errorf("the apply was not interrupted:\n%s", printed)
			}
			c.EndTasks()
			if diff := c.differs([]group{{name: "web", rules: test.left}}); diff != "" {
				t.Error(diff)
			}
			if len(test.left) > 1 {
				id := fmt.Sprintf("%d/%d/%s", testProject, testRegion, c.only(t).ID)
				says(t, w.must(0, "plan", "-no-color"), "killed while it was replacing the rule set", "import {", id, "ingress-ipv4-tcp-22-from-192_0_2_0-24")
				w.configure(importing(webSet, id) + config)
				says(t, w.must(0, "plan", "-no-color"), `- "ingress-ipv4-tcp-22-from-192_0_2_0-24"`, "1 to import, 0 to add, 1 to change, 0 to destroy")
			}
			w.must(0, "apply", "-auto-approve", "-no-color")
			w.converge(t, c, []group{{name: "web", rules: []string{httpsLine}}})
		})
	}
}
