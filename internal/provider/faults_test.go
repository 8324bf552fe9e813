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

// deed is one operation of Terraform on one resource: the configuration before
// it and after it, and what the cloud holds then.
type deed struct {
	before, after string
	want          []group
	// request is the operation of the API that the fault hits.
	request string
	// verb and object are how an error names the operation.
	verb, object string
}

// theSet is how an error names a rule set.
const theSet = "security group rule set"

// isAkin tells that the request is made like another deed's. In `make test` it
// meets only the faults that end the operation, since what is left differs.
func (d deed) isAkin() bool { return d.object == theSet }

// deeds are {create, update, delete} x {group with rules, group, rule, rule
// set}, each with the given time.
func deeds(limit time.Duration) map[string]deed {
	short := fmt.Sprintf("\ntimeouts = { create = %[1]q, update = %[1]q, delete = %[1]q }", limit)
	withRules := web("tags = { a = \"1\" }\nrules = {" + httpsEntry + "\nself = { direction = \"ingress\", self = true } }" + short)
	fewer := web("tags = { b = \"2\" }\nrules = {" + httpsEntry + "\nout = { direction = \"egress\" } }" + short)
	setOfThree := set("rules = {" + httpsEntry + "\n" + sshEntry + "\nself = { direction = \"ingress\", self = true } }\non_destroy = \"remove\"" + short)
	setOfTwo := set("rules = {" + httpsEntry + "\nout = { direction = \"egress\" } }" + short)
	bare, renamed := web("description = \"x\""+short), strings.Replace(web("description = \"y\""+short), `name = "web"`, `name = "www"`, 1)
	one, other := ssh(sshLines+short), ssh("protocol = \"udp\""+short)
	described := ssh(strings.Replace(sshLines, "admins", "all", 1) + short)
	const theGroup, theRule = `security group "web"`, "security group rule"
	return map[string]deed{
		"create group with rules": {
			"", withRules, []group{{"web", "", []string{"a=1"}, []string{httpsLine, "ingress IPv4 from group self"}}},
			gcoretest.OperationCreateGroup, "create", theGroup,
		},
		"update group with rules": {
			withRules, fewer, []group{{"web", "", []string{"b=2"}, []string{httpsLine, "egress IPv4"}}},
			gcoretest.OperationUpdateGroup, "update", theGroup,
		},
		"create rule set": {
			before: web(""), after: setOfThree, want: []group{{name: "web", rules: []string{httpsLine, sshLine, "ingress IPv4 from group self"}}},
			request: gcoretest.OperationUpdateGroup, verb: "create", object: theSet,
		},
		"update rule set": {
			before: setOfThree, after: setOfTwo, want: []group{{name: "web", rules: []string{httpsLine, "egress IPv4"}}},
			request: gcoretest.OperationUpdateGroup, verb: "update", object: theSet,
		},
		"delete rule set": {
			before: setOfThree, after: web(""), want: []group{{name: "web"}},
			request: gcoretest.OperationUpdateGroup, verb: "delete", object: theSet,
		},
		"delete group with rules": {withRules, "", nil, gcoretest.OperationDeleteGroup, "delete", theGroup},
		"create group":            {"", bare, []group{{name: "web", description: "x"}}, gcoretest.OperationCreateGroup, "create", theGroup},
		"update group":            {bare, renamed, []group{{name: "www", description: "y"}}, gcoretest.OperationUpdateGroup, "update", `security group "www"`},
		"delete group":            {bare, "", nil, gcoretest.OperationDeleteGroup, "delete", theGroup},
		"create rule":             {web(""), one, []group{sshGroup}, gcoretest.OperationCreateRule, "create", theRule},
		// A new rule takes the place of the old one: either half may fail, and with
		// the same key in the other order.
		"update rule":           {one, other, []group{{name: "web", rules: []string{"ingress IPv4 udp"}}}, gcoretest.OperationCreateRule, "update", theRule},
		"update rule, second":   {one, other, []group{{name: "web", rules: []string{"ingress IPv4 udp"}}}, gcoretest.OperationDeleteRule, "update", theRule},
		"describe rule":         {one, described, []group{{name: "web", rules: []string{`ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`}}}, gcoretest.OperationDeleteRule, "update", theRule},
		"describe rule, second": {one, described, []group{{name: "web", rules: []string{`ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`}}}, gcoretest.OperationCreateRule, "update", theRule},
		"delete rule":           {one, web(""), []group{{name: "web"}}, gcoretest.OperationDeleteRule, "delete", theRule},
	}
}

// strike is a fault.
type strike struct {
	config gcoretest.Config
	// core tells that the fault stands for its class in `make test`; the others
	// run in `make test-faults`.
	core bool
	// passes tells that the first apply has to succeed all the same, however
	// long it takes; any other has little time.
	passes bool
	// elsewhere tells that something else may fail first, such as the refresh.
	elsewhere bool
	// ofTask tells that an error has to name the task.
	ofTask bool
	hit    func(c cloud, request string) (end func())
}

// TestFaults runs every operation against every fault, and then applies again
// until the plan is empty. However the first apply ended, nothing is lost: what
// the cloud holds is what the state knows and what the configuration says.
func TestFaults(t *testing.T) {
	t.Parallel()
	all := os.Getenv("TEST_FAULTS") == "all"
	var report faultReport
	t.Cleanup(report.print)
	for fault, strike := range faults() {
		if !all && !strike.core {
			continue
		}
		limit := 2 * time.Second
		if strike.passes {
			limit = 3 * time.Minute
		}
		for name, deed := range deeds(limit) {
			if !all && deed.isAkin() && strike.passes {
				continue
			}
			t.Run(name+"/"+fault, func(t *testing.T) {
				t.Parallel()
				report.add(fault, name, cell(t, deed, strike, !all))
			})
		}
	}
}

// cell is one operation against one fault, with the provider in this process
// or as a binary. It returns how it went.
func cell(t *testing.T, deed deed, strike strike, inProcess bool) (outcome string) {
	c := newCloud(t, strike.config)
	w := c.workspace(t)
	if inProcess {
		w = w.reattached(c)
	}
	w.configure(deed.before)
	if deed.before != "" {
		w.must(0, "apply", "-auto-approve", "-no-color")
	}
	w.configure(deed.after)
	end := strike.hit(c, deed.request)
	output, code := w.run("apply", "-auto-approve", "-no-color")
	end()
	outcome = "ok"
	if code != 0 {
		outcome = "error"
		says(t, output, "Cannot ", "in project 1, region 76")
		if !strike.elsewhere {
			says(t, output, "Cannot "+deed.verb, deed.object)
		}
		if !whatToDo.MatchString(plain(output)) {
			t.Errorf("the error does not say what to do next:\n%s", output)
		}
		if strike.ofTask && !anyTask.MatchString(plain(output)) {
			t.Errorf("the error does not name the task:\n%s", output)
		}
	}
	if strike.passes && code != 0 {
		t.Errorf("the first apply fails:\n%s", output)
	}
	return outcome + w.heal(t, c, deed.want)
}

// heal applies until the plan is empty. Then the cloud has to hold what is
// wanted, and the state to know just that. It returns what was amiss, and how
// many applies it took.
func (w workspace) heal(t *testing.T, c cloud, want []group) (outcome string) {
	t.Helper()
	applies, code, output := 0, 0, ""
	for ; applies < 3; applies++ {
		if output, code = w.run("plan", "-detailed-exitcode", "-no-color"); code == 0 {
			break
		}
		output, _ = w.run("apply", "-auto-approve", "-no-color")
	}
	if code != 0 {
		t.Errorf("%d more applies do not heal it:\n%s", applies, output)
		return ", never heals"
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
		outcome += fmt.Sprintf(", heals in %d", applies)
	}
	return outcome
}

var (
	whatToDo = regexp.MustCompile(`(?i)apply again|the next plan|plan again|check `)
	anyTask  = regexp.MustCompile(`(?i)task [0-9a-f]{8}-`)
)

// ids lists the ids of the groups of the cloud.
func (c cloud) ids() []string {
	var ids []string
	for _, g := range c.Groups(testProject, testRegion) {
		ids = append(ids, g.ID)
	}
	return slices.Sorted(slices.Values(ids))
}

// faultReport is the table of `make fault-report`.
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

// print writes the table to the file that TEST_FAULTS_REPORT names.
func (r *faultReport) print() {
	path := os.Getenv("TEST_FAULTS_REPORT")
	if path == "" {
		return
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	operations := slices.Sorted(maps.Keys(deeds(0)))
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

// faults are what can go wrong with the request that does the operation, with
// its task, or with what comes after.
func faults() map[string]strike {
	nothing := func(cloud, string) func() { return func() {} }
	on := func(operation string, times int, effect gcoretest.Effect) func(cloud, string) func() {
		return func(c cloud, request string) func() {
			return c.Fail(gcoretest.Fault{Operation: cmp.Or(operation, request), Times: times, Effect: effect}).Clear
		}
	}
	request := func(effect gcoretest.Effect) func(cloud, string) func() { return on("", 1, effect) }
	status := func(status int, processed bool) gcoretest.Answer {
		return gcoretest.Answer{Status: status, Processed: processed}
	}
	return map[string]strike{
		"none": {passes: true, hit: nothing},
		// The refresh, which meets it first, does not wait as long as a write does.
		"connection refused for a while": {elsewhere: true, hit: func(c cloud, _ string) func() {
			restore := c.Refuse()
			time.AfterFunc(400*time.Millisecond, restore)
			return restore
		}},
		"reset before processing":     {passes: true, hit: request(gcoretest.Reset{})},
		"reset after processing":      {core: true, passes: true, hit: request(gcoretest.Reset{Processed: true})},
		"429":                         {passes: true, hit: request(gcoretest.TooManyRequests(""))},
		"429 with Retry-After":        {core: true, passes: true, hit: request(gcoretest.TooManyRequests("1"))},
		"500 before processing":       {passes: true, hit: request(status(500, false))},
		"500 after processing":        {passes: true, hit: request(status(500, true))},
		"502 in HTML before":          {passes: true, hit: request(gcoretest.HTMLPage(502, false))},
		"502 in HTML after":           {core: true, passes: true, hit: request(gcoretest.HTMLPage(502, true))},
		"503 before processing":       {passes: true, hit: request(status(503, false))},
		"503 after processing":        {passes: true, hit: request(status(503, true))},
		"404 in HTML":                 {hit: request(gcoretest.HTMLPage(404, false))},
		"outage":                      {core: true, hit: on("", 0, status(503, false))},
		"hung before processing":      {passes: true, hit: request(gcoretest.Hang{})},
		"hung after processing":       {core: true, passes: true, hit: request(gcoretest.Hang{Processed: true})},
		"slow":                        {passes: true, hit: request(gcoretest.Slow{Before: 200 * time.Millisecond})},
		"truncated after processing":  {core: true, passes: true, hit: request(gcoretest.Truncate{})},
		"garbage after processing":    {passes: true, hit: request(gcoretest.GarbageJSON(true))},
		"empty object after":          {passes: true, hit: request(gcoretest.WrongShape("{}", true))},
		"task fails":                  {ofTask: true, hit: request(gcoretest.FailTask{Text: "no capacity"})},
		"task fails with effect":      {core: true, hit: request(gcoretest.FailTask{Text: "no capacity", Effect: true})},
		"task never ends":             {ofTask: true, hit: stalled(false)},
		"task outlasts the timeout":   {ofTask: true, core: true, hit: stalled(true)},
		"task unreadable":             {ofTask: true, hit: on(gcoretest.OperationPollTask, 0, status(403, false))},
		"task forgotten at once":      {core: true, passes: true, hit: request(gcoretest.ForgetTask{})},
		"task forgotten when done":    {passes: true, hit: request(gcoretest.ForgetTask{WhenDone: true})},
		"task forgotten and lost":     {ofTask: true, hit: request(gcoretest.ForgetTask{Lost: true})},
		"polls fail for a while":      {passes: true, hit: on(gcoretest.OperationPollTask, 3, status(503, false))},
		"task list unavailable":       {core: true, elsewhere: true, hit: lostAnd(gcoretest.OperationListTasks, status(403, false))},
		"look-up of groups forbidden": {elsewhere: true, hit: lostAnd(gcoretest.OperationListGroups, status(403, false))},
		"effect visible late":         {core: true, passes: true, hit: request(gcoretest.LateEffect{Reads: 3})},
		"read forbidden":              {elsewhere: true, hit: on(gcoretest.OperationReadGroup, 0, status(403, false))},
		"read without rules":          {core: true, elsewhere: true, hit: on(gcoretest.OperationReadGroup, 0, gcoretest.Omit{Field: "security_group_rules"})},
		"one task at a time":          {passes: true, config: gcoretest.Config{LockGroups: true, TaskDuration: 50 * time.Millisecond}, hit: nothing},
	}
}

// stalled is a task that does not end before the operation's time does; it ends
// thereafter, with its effect or without.
func stalled(effect bool) func(cloud, string) func() {
	return func(c cloud, request string) func() {
		handle := c.Fail(gcoretest.Fault{Operation: request, Times: 1, Effect: gcoretest.StallTask{Effect: effect}})
		return func() { handle.Clear(); c.EndTasks() }
	}
}

// lostAnd loses the answer, and what would help to find out what came of it.
func lostAnd(operation string, effect gcoretest.Effect) func(cloud, string) func() {
	return func(c cloud, request string) func() {
		help := c.Fail(gcoretest.Fault{Operation: operation, Effect: effect})
		lost := c.Fail(gcoretest.Fault{Operation: request, Times: 1, Effect: gcoretest.Reset{Processed: true}})
		return func() { help.Clear(); lost.Clear() }
	}
}
