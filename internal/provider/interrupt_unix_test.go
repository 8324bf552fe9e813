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

	gocmp "github.com/google/go-cmp/cmp"

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
				w.followAdvice(t, c, test.rule)
			}
			for range 2 {
				if _, code := w.run("plan", "-detailed-exitcode"); code == 0 {
					break
				}
				w.run("apply", "-auto-approve", "-no-color")
			}
			w.must(0, "plan", "-detailed-exitcode")
			if diff := c.differs([]group{want}); diff != "" {
				t.Error(diff)
			}
			if diff := gocmp.Diff(c.ids(), w.ids()); diff != "" {
				t.Errorf("the cloud and the state know different objects (-cloud +state):\n%s", diff)
			}
		})
	}
}

// followAdvice does what a plan or an apply after a killed provider says: it
// adds the import block that is printed.
func (w workspace) followAdvice(t *testing.T, c cloud, rule bool) {
	t.Helper()
	arguments, address := []string{"plan", "-no-color"}, webGroup
	if rule {
		arguments, address = []string{"apply", "-auto-approve", "-no-color"}, sshRule
	}
	output, _ := w.run(arguments...)
	says(t, output, "import {")
	at := strings.Index(output, "id = ")
	if at < 0 {
		t.Fatalf("no import block:\n%s", output)
	}
	id := strings.Split(output[at:], `"`)[1]
	config, err := os.ReadFile(w.directory + "/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	w.write("main.tf", string(config)+importing(address, id))
	w.must(0, "apply", "-auto-approve", "-no-color")
}

func interrupt(_ workspace, terraform int) error { return syscall.Kill(terraform, syscall.SIGINT) }

func terminate(_ workspace, terraform int) error { return syscall.Kill(-terraform, syscall.SIGTERM) }

func kill(w workspace, terraform int) error {
	return syscall.Kill(w.providerOf(terraform), syscall.SIGKILL)
}
