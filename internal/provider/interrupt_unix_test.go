//go:build unix

package provider

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// start runs Terraform in its own process group and returns immediately.
func (w workspace) start(arguments ...string) (command *exec.Cmd, printed *bytes.Buffer) {
	w.t.Helper()
	command, printed = w.command(arguments...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	return command, printed
}

// providerOf finds the provider's process in Terraform's process group.
func (w workspace) providerOf(terraform int) int {
	w.t.Helper()
	output, err := exec.CommandContext(w.t.Context(), "ps", "-eo", "pid=,pgid=,args=").Output()
	if err != nil {
		w.t.Fatal(err)
	}
	for line := range strings.Lines(string(output)) {
		var pid, group int
		fields := strings.Fields(line)
		if len(fields) > 2 && strings.HasPrefix(fields[2], binaryDirectory) {
			pid, group = number(fields[0]), number(fields[1])
		}
		if pid != 0 && group == terraform {
			return pid
		}
	}
	w.t.Fatal("the provider's process was not found")
	return 0
}

// An interruption while a group or a rule is being created.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	stall := gcoretest.StallTask{}
	tests := map[string]struct {
		rule   bool
		effect gcoretest.Effect
		signal func(w workspace, terraform int) error
		// ends completes the stalled task before the process ends.
		ends bool
		// passes requires the object to be created and stored in the state.
		passes bool
		killed bool
	}{
		"SIGINT while a group's task runs":          {effect: stall, signal: interrupt},
		"SIGINT while a rule's task runs":           {rule: true, effect: stall, signal: interrupt},
		"SIGINT and the task ends within the grace": {effect: stall, signal: interrupt, ends: true, passes: true},
		"SIGINT during a slow POST of a group":      {effect: gcoretest.Slow{Before: 2 * time.Second}, signal: interrupt, passes: true},
		"SIGINT during a slow POST of a rule":       {rule: true, effect: gcoretest.Slow{Before: 2 * time.Second}, signal: interrupt, passes: true},
		"SIGTERM to the whole group":                {effect: stall, signal: terminate},
		"SIGTERM to the whole group, making a rule": {rule: true, effect: stall, signal: terminate},
		"SIGKILL of the provider, making a group":   {effect: stall, signal: kill, killed: true},
		"SIGKILL of the provider, making a rule":    {rule: true, effect: stall, signal: kill, killed: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t)
			operation, config, want := gcoretest.OperationCreateGroup, web("rules = {"+httpsEntry+"}"), group{name: "web", rules: []string{httpsLine}}
			if test.rule {
				operation, config, want = gcoretest.OperationCreateRule, ssh(sshLines), sshGroup
				w.configure(web(""))
				w.must(0, "apply", "-auto-approve")
			}
			w.configure(config)
			fault := c.Fail(gcoretest.Fault{Operation: operation, Times: 1, Effect: test.effect})
			terraform, printed := w.start("apply", "-auto-approve", "-no-color")
			<-fault.FirstHit()
			if _, slow := test.effect.(gcoretest.Slow); !slow {
				c.awaitPoll(t)
			}
			if err := test.signal(w, terraform.Process.Pid); err != nil {
				t.Fatal(err)
			}
			if test.ends {
				c.EndTasks()
			}
			// Terraform itself exits with an error after every interruption.
			if err := terraform.Wait(); err == nil {
				t.Errorf("the apply was not interrupted:\n%s", printed)
			}
			if test.passes {
				says(t, printed.String(), "Creation complete")
				w.must(0, "plan", "-detailed-exitcode")
			}
			c.EndTasks()
			if test.killed {
				w.followAdvice(t, test.rule)
			}
			w.converge(t, c, []group{want})
		})
	}
}

// Every operation with every signal, with the binary: all in `make
// test-faults`, that of a rule and that of a rule set with SIGTERM in `make
// test`.
func TestInterruptedOperations(t *testing.T) {
	t.Parallel()
	all := os.Getenv("TEST_FAULTS") == "all"
	signals := map[string]func(workspace, int) error{"SIGINT": interrupt, "SIGTERM": terminate, "SIGKILL of the provider": kill}
	sample := []string{"update rule", "update rule set"}
	for name, operation := range allOperations(3 * time.Minute) {
		for signal, send := range signals {
			if !all && (signal != "SIGTERM" || !slices.Contains(sample, name)) {
				continue
			}
			t.Run(name+"/"+signal, func(t *testing.T) {
				t.Parallel()
				creates := operation.request == gcoretest.OperationCreateGroup || operation.request == gcoretest.OperationCreateRule
				// An update that is applied again takes over the rule that the killed one has made.
				orphaned := creates && name != "update rule" || name == "update rule, second"
				interrupted(t, operation, send, orphaned && signal == "SIGKILL of the provider")
			})
		}
	}
}

// interrupted runs one operation and sends a signal while its task runs or, if
// it has no task, during its request.
func interrupted(t *testing.T, operation testOperation, send func(workspace, int) error, advised bool) {
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(operation.before)
	if operation.before != "" {
		w.must(0, "apply", "-auto-approve", "-no-color")
	}
	w.configure(operation.after)
	var effect gcoretest.Effect = gcoretest.StallTask{}
	if operation.request == gcoretest.OperationDeleteGroup {
		effect = gcoretest.Slow{Before: time.Second}
	}
	fault := c.Fail(gcoretest.Fault{Operation: operation.request, Times: 1, Effect: effect})
	terraform, printed := w.start("apply", "-auto-approve", "-no-color")
	<-fault.FirstHit()
	if operation.request != gcoretest.OperationDeleteGroup {
		c.awaitPoll(t)
	}
	if err := send(w, terraform.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := terraform.Wait(); err == nil {
		t.Errorf("the apply was not interrupted:\n%s", printed)
	}
	c.EndTasks()
	if advised {
		w.followAdvice(t, strings.HasSuffix(operation.object, "rule"))
	}
	w.converge(t, c, operation.want)
}

// interruptedWithin is how long Terraform may take to end after an interruption. The provider is held to 6 s; the rest is
// for a machine that runs many tests.
const interruptedWithin = 8 * time.Second

// A state of the API that no operation gets past, and an operation that is interrupted in it: Terraform ends in time and
// has saved the state, and nothing more was sent.
func TestInterruptEndsTheProcess(t *testing.T) {
	t.Parallel()
	unavailable := gcoretest.Answer{Status: 503}
	tests := map[string]struct {
		operation string
		effect    func(c cloud, end *func()) gcoretest.Effect
	}{
		"no answer": {"create group with rules", func(cloud, *func()) gcoretest.Effect { return gcoretest.Hang{} }},
		"an outage": {"update rule", func(c cloud, end *func()) gcoretest.Effect {
			return gcoretest.Meanwhile{Before: func() { *end = c.Fail(gcoretest.Fault{Effect: unavailable}).Clear }, Then: unavailable}
		}},
		"no connection": {"update group with rules", func(c cloud, end *func()) gcoretest.Effect {
			return gcoretest.Meanwhile{Before: func() { *end = c.Refuse() }, Then: unavailable}
		}},
		"somebody else's lock": {"create rule", func(cloud, *func()) gcoretest.Effect {
			return gcoretest.Answer{Status: 409, Class: "ConflictError", Message: "Resource `g` is already locked by another task."}
		}},
		"429 for an hour":          {"delete rule", func(cloud, *func()) gcoretest.Effect { return gcoretest.TooManyRequests("3600") }},
		"a task that does not end": {"update rule set", func(cloud, *func()) gcoretest.Effect { return gcoretest.StallTask{} }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			operation := allOperations(3 * time.Hour)[test.operation]
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t)
			w.configure(operation.before)
			if operation.before != "" {
				w.must(0, "apply", "-auto-approve", "-no-color")
			}
			w.configure(operation.after)
			var interrupted atomic.Bool
			late := c.Fail(gcoretest.Fault{Match: func(r gcoretest.Request) bool { return r.Method != "GET" && interrupted.Load() }})
			end := func() {}
			fault := c.Fail(gcoretest.Fault{Operation: operation.request, Effect: test.effect(c, &end)})
			terraform, printed := w.start("apply", "-auto-approve", "-no-color")
			<-fault.FirstHit()
			interrupted.Store(true)
			began := time.Now()
			if err := interrupt(w, terraform.Process.Pid); err != nil {
				t.Fatal(err)
			}
			if err := terraform.Wait(); err == nil {
				t.Errorf("the apply was not interrupted:\n%s", printed)
			}
			if took := time.Since(began); took > interruptedWithin {
				t.Errorf("Terraform took %s:\n%s", took, printed)
			}
			if n := late.Hits(); n > 0 {
				t.Errorf("%d writes were sent after the interruption:\n%s", n, printed)
			}
			late.Clear()
			fault.Clear()
			end()
			c.EndTasks()
			w.reattached(c).converge(t, c, operation.want)
		})
	}
}

// An interrupted destroy contains what uses the group.
func TestInterruptedDeleteOfGroupInUse(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve")
	c.UseGroup(c.only(t).ID, gcoretest.Instance{ID: otherGroup, Name: "db-1"})
	refused := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteGroup, Skip: 1})
	terraform, printed := w.start("destroy", "-auto-approve", "-no-color")
	<-refused.FirstHit()
	if err := interrupt(w, terraform.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := terraform.Wait(); err == nil {
		t.Errorf("the destroy was not interrupted:\n%s", printed)
	}
	says(t, printed.String(), "The run was interrupted. Detach the group", `in use by instance "db-1" (`+otherGroup+`)`, "The object stays in the state")
}

// followAdvice follows the advice in the plan or apply after a killed provider:
// it removes the address from the state and adds the printed import block.
func (w workspace) followAdvice(t *testing.T, rule bool) {
	t.Helper()
	arguments, address := []string{"plan", "-no-color"}, webGroup
	if rule {
		arguments, address = []string{"apply", "-auto-approve", "-no-color"}, sshRule
	}
	output, _ := w.run(arguments...)
	says(t, output, "import {")
	_, block, found := strings.Cut(output, "import {")
	_, quoted, written := strings.Cut(block, "id = \"")
	if !found || !written {
		t.Fatalf("no import block:\n%s", output)
	}
	id, _, _ := strings.Cut(quoted, `"`)
	config, err := os.ReadFile(w.directory + "/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.must(0, "state", "list"), address) {
		says(t, output, "terraform state rm")
		w.must(0, "state", "rm", address)
	}
	w.write("main.tf", string(config)+importing(address, id))
	w.must(0, "apply", "-auto-approve", "-no-color")
}

func interrupt(_ workspace, terraform int) error { return syscall.Kill(terraform, syscall.SIGINT) }

func terminate(_ workspace, terraform int) error { return syscall.Kill(-terraform, syscall.SIGTERM) }

func kill(w workspace, terraform int) error {
	return syscall.Kill(w.providerOf(terraform), syscall.SIGKILL)
}
