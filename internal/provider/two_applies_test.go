package provider

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// portRules is the configuration of a standalone rule for each port of a group
// that another state has.
func portRules(groupID string, ports ...int) string {
	var config strings.Builder
	for _, port := range ports {
		fmt.Fprintf(&config, "resource \"gcore_cloud_security_group_rule\" \"r%d\" {\n  group_id = %q\n  direction = \"ingress\"\n"+
			"  protocol = \"tcp\"\n  port_range_min = %d\n  port_range_max = %d\n  remote_ip_prefix = \"0.0.0.0/0\"\n}\n", port, groupID, port, port)
	}
	return config.String()
}

// Two processes with a state each make rules in one group at the same time, of
// which the API takes one at a time: each rule is made, and both end.
func TestTwoApplies(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{TaskDuration: 20 * time.Millisecond})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	want := group{name: "web"}
	var running sync.WaitGroup
	for part := range 2 {
		w := c.workspace(t)
		var ports []int
		for n := range 6 {
			port := 1 + part*100 + n
			ports, want.rules = append(ports, port), append(want.rules, portLine(port))
		}
		w.configure(portRules(id, ports...))
		running.Go(func() {
			if output, code := w.run("apply", "-auto-approve", "-no-color"); code != 0 {
				t.Errorf("the apply of part %d fails:\n%s", part, output)
			}
			if output, code := w.run("plan", "-detailed-exitcode", "-no-color"); code != 0 {
				t.Errorf("the plan of part %d is not empty:\n%s", part, output)
			}
		})
	}
	running.Wait()
	if diff := c.differs([]group{want}); diff != "" {
		t.Error(diff)
	}
}

// One process owns all rules of a group, inline or as a rule set, and another
// makes a single rule in it at the same time. Whichever holds the API's lock,
// the other waits. The rule is made, and goes only after a plan of the owner
// has shown it: an owner that planned before it was there stops.
func TestOwnerAndSingleRule(t *testing.T) {
	t.Parallel()
	owners := map[string]func(id, rules string) string{
		"inline": func(_, rules string) string { return web(rules) },
		"rule set": func(id, rules string) string {
			return "resource \"gcore_cloud_security_group_rule_set\" \"web\" {\n  group_id = \"" + id + "\"\n" + rules + "\n}\n"
		},
	}
	for name, owner := range owners {
		for _, ownerFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, the owner first: %t", name, ownerFirst), func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, gcoretest.Config{})
				owning, single := c.workspace(t), c.workspace(t)
				id := ""
				if name == "rule set" {
					id = c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
				}
				owning.configure(owner(id, "rules = {"+httpsEntry+"}"))
				owning.must(0, "apply", "-auto-approve")
				id = c.only(t).ID
				owning.configure(owner(id, allRules))
				single.configure(portRules(id, 8080))

				first, second, operations := owning, single, []string{gcoretest.OperationUpdateGroup, gcoretest.OperationCreateRule}
				if !ownerFirst {
					first, second, operations = single, owning, []string{gcoretest.OperationCreateRule, gcoretest.OperationUpdateGroup}
				}
				codes, outputs := c.inTurn(t, first, second, operations)
				if codes[0] != 0 || (codes[1] == 0) != ownerFirst {
					t.Fatalf("they end with %v:\n%s\n%s", codes, outputs[0], outputs[1])
				}
				want := group{name: "web", rules: []string{httpsLine, sshLine, portLine(8080)}}
				if !ownerFirst {
					want.rules = []string{httpsLine, portLine(8080)}
					says(t, outputs[1], "rules that the plan did not show", "ingress-ipv4-tcp-8080")
				}
				if diff := c.differs([]group{want}); diff != "" {
					t.Error(diff)
				}
				single.must(0, "plan", "-detailed-exitcode")
				says(t, owning.must(2, "plan", "-detailed-exitcode", "-no-color"), `- "ingress-ipv4-tcp-8080"`)
			})
		}
	}
}

// inTurn applies the first workspace and, while the task of its operation holds
// the group's lock, the second. The task ends once the lock has refused the
// second workspace's operation.
func (c cloud) inTurn(t *testing.T, first, second workspace, operations []string) (codes [2]int, outputs [2]string) {
	t.Helper()
	held := c.Fail(gcoretest.Fault{Operation: operations[0], Times: 1, Effect: gcoretest.StallTask{}})
	c.Fail(gcoretest.Fault{Operation: operations[1], Times: 1, Effect: gcoretest.Meanwhile{After: c.EndTasks}})
	var running sync.WaitGroup
	running.Go(func() { outputs[0], codes[0] = first.run("apply", "-auto-approve", "-no-color") })
	select {
	case <-held.FirstHit():
	case <-time.After(time.Minute):
		t.Fatal("the first apply does not begin")
	}
	outputs[1], codes[1] = second.run("apply", "-auto-approve", "-no-color")
	running.Wait()
	if c.Count(func(r gcoretest.Request) bool { return r.Operation == operations[1] && r.Status == http.StatusConflict }) == 0 {
		t.Error("nothing was locked")
	}
	return codes, outputs
}
