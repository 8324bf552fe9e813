//go:build unix

package provider

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// start runs Terraform in a process group of its own and returns at once.
func (w workspace) start(arguments ...string) (command *exec.Cmd, printed *bytes.Buffer) {
	w.t.Helper()
	command = exec.CommandContext(w.t.Context(), w.terraform, arguments...)
	command.Dir, command.Env = w.directory, w.env
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	printed = &bytes.Buffer{}
	command.Stdout, command.Stderr = printed, printed
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	return command, printed
}

// providerOf finds the provider's process among Terraform's group.
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

// What an interruption does while a group or a rule is being made.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	stall := gcoretest.StallTask{}
	tests := map[string]struct {
		rule   bool
		effect gcoretest.Effect
		signal func(w workspace, terraform int) error
		// ends lets what was stalled come to its end before the process does.
		ends bool
		// passes tells that the object is made and known nevertheless.
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
			// Terraform itself calls every interrupted run halted.
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
			w.heal(t, c, []group{want})
		})
	}
}

// Every operation meets every signal, with the binary: in `make test-faults`,
// and one of them in `make test`.
func TestInterruptedOperations(t *testing.T) {
	t.Parallel()
	all := os.Getenv("TEST_FAULTS") == "all"
	signals := map[string]func(workspace, int) error{"SIGINT": interrupt, "SIGTERM": terminate, "SIGKILL of the provider": kill}
	for name, deed := range deeds(3 * time.Minute) {
		for signal, send := range signals {
			if !all && (signal != "SIGTERM" || deed.verb != "update") {
				continue
			}
			t.Run(name+"/"+signal, func(t *testing.T) {
				t.Parallel()
				orphan := deed.request == gcoretest.OperationCreateGroup || deed.request == gcoretest.OperationCreateRule || name == "update rule, second"
				interrupted(t, deed, send, orphan && signal == "SIGKILL of the provider")
			})
		}
	}
}

// interrupted is one operation that is cut off by a signal, in the middle of
// its task; or, where there is none, of its request.
func interrupted(t *testing.T, deed deed, send func(workspace, int) error, advised bool) {
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(deed.before)
	if deed.before != "" {
		w.must(0, "apply", "-auto-approve", "-no-color")
	}
	w.configure(deed.after)
	var effect gcoretest.Effect = gcoretest.StallTask{}
	if deed.request == gcoretest.OperationDeleteGroup {
		effect = gcoretest.Slow{Before: time.Second}
	}
	fault := c.Fail(gcoretest.Fault{Operation: deed.request, Times: 1, Effect: effect})
	terraform, printed := w.start("apply", "-auto-approve", "-no-color")
	<-fault.FirstHit()
	if deed.request != gcoretest.OperationDeleteGroup {
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
		w.followAdvice(t, strings.HasSuffix(deed.object, "rule"))
	}
	w.heal(t, c, deed.want)
}

// followAdvice does what a plan or an apply after a killed provider says: it
// lets what it has go from the state, and adds the import block that is printed.
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
