package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// testOperation is one Terraform operation on one resource: the configuration
// before and after it, and the expected content of the cloud.
type testOperation struct {
	before, after string
	want          []group
	// request is the API operation that the fault applies to.
	request string
	// verb and object identify the operation in an error.
	verb, object string
}

// ruleSetName identifies a rule set in an error.
const ruleSetName = "security group rule set"

// allOperations are {create, update, delete} x {group with rules, group, rule,
// rule set}, each with the given timeout.
func allOperations(limit time.Duration) map[string]testOperation {
	short := fmt.Sprintf("\ntimeouts = { create = %[1]q, update = %[1]q, delete = %[1]q }", limit)
	withRules := web("tags = { a = \"1\" }\nrules = {" + httpsEntry + "\nself = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", self = true } }" + short)
	fewer := web("tags = { b = \"2\" }\nrules = {" + httpsEntry + "\nout = { direction = \"egress\", protocol = \"esp\" } }" + short)
	setOfThree := set("rules = {" + httpsEntry + "\n" + sshEntry + "\nself = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", self = true } }\non_destroy = \"remove\"" + short)
	setOfTwo := set("rules = {" + httpsEntry + "\nout = { direction = \"egress\", protocol = \"esp\" } }" + short)
	bare, renamed := web("description = \"x\""+short), strings.Replace(web("description = \"y\""+short), `name = "web"`, `name = "www"`, 1)
	one, other := ssh(sshLines+short), ssh(udpLines+short)
	described := ssh(strings.Replace(sshLines, "admins", "all", 1) + short)
	const theGroup, theRule = `security group "web"`, "security group rule"
	return map[string]testOperation{
		"create group with rules": {
			"", withRules, []group{{"web", "", []string{"a=1"}, []string{httpsLine, "ingress IPv4 from group self"}}},
			gcoretest.OperationCreateGroup, "create", theGroup,
		},
		"update group with rules": {
			withRules, fewer, []group{{"web", "", []string{"b=2"}, []string{httpsLine, "egress IPv4 esp"}}},
			gcoretest.OperationUpdateGroup, "update", theGroup,
		},
		"create rule set": {
			before: web(""), after: setOfThree, want: []group{{name: "web", rules: []string{httpsLine, sshLine, "ingress IPv4 from group self"}}},
			request: gcoretest.OperationUpdateGroup, verb: "create", object: ruleSetName,
		},
		"update rule set": {
			before: setOfThree, after: setOfTwo, want: []group{{name: "web", rules: []string{httpsLine, "egress IPv4 esp"}}},
			request: gcoretest.OperationUpdateGroup, verb: "update", object: ruleSetName,
		},
		"delete rule set": {
			before: setOfThree, after: web(""), want: []group{{name: "web"}},
			request: gcoretest.OperationUpdateGroup, verb: "delete", object: ruleSetName,
		},
		"delete group with rules": {withRules, "", nil, gcoretest.OperationDeleteGroup, "delete", theGroup},
		"create group":            {"", bare, []group{{name: "web", description: "x"}}, gcoretest.OperationCreateGroup, "create", theGroup},
		"update group":            {bare, renamed, []group{{name: "www", description: "y"}}, gcoretest.OperationUpdateGroup, "update", `security group "www"`},
		"delete group":            {bare, "", nil, gcoretest.OperationDeleteGroup, "delete", theGroup},
		"create rule":             {web(""), one, []group{sshGroup}, gcoretest.OperationCreateRule, "create", theRule},
		// An update creates the new rule, then deletes the old one; either
		// request may fail. If both rules have the same key, the order is
		// reversed.
		"update rule":           {one, other, []group{{name: "web", rules: []string{"ingress IPv4 udp"}}}, gcoretest.OperationCreateRule, "update", theRule},
		"update rule, second":   {one, other, []group{{name: "web", rules: []string{"ingress IPv4 udp"}}}, gcoretest.OperationDeleteRule, "update", theRule},
		"describe rule":         {one, described, []group{{name: "web", rules: []string{`ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`}}}, gcoretest.OperationDeleteRule, "update", theRule},
		"describe rule, second": {one, described, []group{{name: "web", rules: []string{`ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`}}}, gcoretest.OperationCreateRule, "update", theRule},
		"delete rule":           {one, web(""), []group{{name: "web"}}, gcoretest.OperationDeleteRule, "delete", theRule},
	}
}

// TestFaults runs every operation with every fault, then applies until the plan is empty. However the first apply ends, no
// object is lost: cloud, state and configuration agree.
//
// The engine's own test has them without Terraform, in each reading of the API. So here each operation meets each
// fault in one reading, taken in turn, so that it meets each reading with many faults. In `make test` only those faults run
// that end the operation with an error, since what they leave in the state is what only Terraform can show, each with a
// fifth of the operations.
func TestFaults(t *testing.T) {
	t.Parallel()
	all := os.Getenv("TEST_FAULTS") == "all"
	var report faultReport
	t.Cleanup(report.print)
	faults := gcoretest.Scenarios()
	maps.DeleteFunc(faults, func(_ string, fault gcoretest.Scenario) bool { return !all && (!fault.Core || fault.Passes) })
	readings := gcoretest.Readings()
	names := slices.Sorted(maps.Keys(readings))
	for i, faultName := range slices.Sorted(maps.Keys(faults)) {
		fault, limit := faults[faultName], 30*time.Minute // of the fast clock
		if fault.Passes {
			limit = 3 * time.Hour
		}
		operations := allOperations(limit)
		for j, name := range slices.Sorted(maps.Keys(operations)) {
			if !all && (i+j)%5 != 0 {
				continue
			}
			reading := names[(i+j)%len(names)]
			t.Run(name+"/"+faultName+"/"+reading, func(t *testing.T) {
				t.Parallel()
				report.add(faultName, name, runCase(t, operations[name], fault, fault.In(readings[reading]))+" ("+reading+")")
			})
		}
	}
}

// runCase runs one operation with one fault on a server of the given
// configuration. It returns the outcome.
func runCase(t *testing.T, operation testOperation, fault gcoretest.Scenario, config gcoretest.Config) (outcome string) {
	c := newCloud(t, config)
	w := c.workspace(t).reattached(c)
	w.configure(operation.before)
	if operation.before != "" {
		w.must(0, "apply", "-auto-approve", "-no-color")
	}
	w.configure(operation.after)
	end := fault.Apply(c.Server, operation.request)
	output, code := w.run("apply", "-auto-approve", "-no-color")
	end()
	outcome = "ok"
	if code != 0 {
		outcome = "error"
		says(t, output, "Cannot ", "in project 1, region 76")
		if !fault.Elsewhere {
			says(t, output, "Cannot "+operation.verb, operation.object)
		}
		if !whatToDo.MatchString(plain(output)) {
			t.Errorf("the error does not say what to do next:\n%s", output)
		}
		for _, words := range []string{"context deadline exceeded", "context canceled"} {
			if strings.Contains(plain(output), words) {
				t.Errorf("%q is Go's, not a user's:\n%s", words, output)
			}
		}
		if fault.OfTask && !anyTask.MatchString(plain(output)) {
			t.Errorf("the error does not name the task:\n%s", output)
		}
	}
	if fault.MustPass(operation.request) && code != 0 {
		t.Errorf("the first apply fails:\n%s", output)
	}
	return outcome + w.converge(t, c, operation.want)
}

// converge applies until the plan is empty. Then the cloud must hold the wanted
// groups, and the state exactly these. It returns the problems found and the
// number of applies.
func (w workspace) converge(t *testing.T, c cloud, want []group) (outcome string) {
	t.Helper()
	applies, code, output := 0, 0, ""
	for ; applies < 3; applies++ {
		if output, code = w.run("plan", "-detailed-exitcode", "-no-color"); code == 0 {
			break
		}
		output, _ = w.run("apply", "-auto-approve", "-no-color")
	}
	if code != 0 {
		t.Errorf("%d more applies do not converge:\n%s", applies, output)
		return ", never converges"
	}
	if diff := c.differs(want); diff != "" {
		t.Errorf("the cloud does not hold what is configured (-want +got):\n%s", diff)
		outcome += ", differs"
	}
	w.must(0, "apply", "-refresh-only", "-auto-approve", "-no-color")
	if diff := gocmp.Diff(c.ids(), w.ids()); diff != "" {
		t.Errorf("the cloud and the state know different objects (-cloud +state):\n%s", diff)
		outcome += ", lost"
	}
	if applies > 0 {
		outcome += fmt.Sprintf(", converges in %d", applies)
	}
	return outcome
}

var (
	whatToDo = regexp.MustCompile(`(?i)apply again|the next plan|plan again|check `)
	anyTask  = regexp.MustCompile(`(?:(?i)task [0-9a-f]{8}-)|/tasks/[0-9a-f-]{36}`)
)

// ids lists the ids of the cloud's groups.
func (c cloud) ids() []string {
	var ids []string
	for _, g := range c.Groups(testProject, testRegion) {
		ids = append(ids, g.ID)
	}
	return slices.Sorted(slices.Values(ids))
}

type faultReport struct {
	mu       sync.Mutex
	outcomes map[string]map[string]string // fault, operation
}

func (r *faultReport) add(fault, operation, outcome string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outcomes == nil {
		r.outcomes = map[string]map[string]string{}
	}
	if r.outcomes[fault] == nil {
		r.outcomes[fault] = map[string]string{}
	}
	r.outcomes[fault][operation] = outcome
}

// print writes the table of `make fault-report` to the file that
// TEST_FAULTS_REPORT names.
func (r *faultReport) print() {
	path := os.Getenv("TEST_FAULTS_REPORT")
	if path == "" {
		return
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	operations := slices.Sorted(maps.Keys(allOperations(0)))
	lines := []string{"fault\t" + strings.Join(operations, "\t")}
	for _, fault := range slices.Sorted(maps.Keys(r.outcomes)) {
		row := []string{fault}
		for _, operation := range operations {
			row = append(row, cmp.Or(r.outcomes[fault][operation], "-"))
		}
		lines = append(lines, strings.Join(row, "\t"))
	}
	_, err := table.Write([]byte(strings.Join(lines, "\n") + "\n"))
	must(errors.Join(err, table.Flush()))
	must(os.WriteFile(path, []byte(text.String()), 0o600))
}
