package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

func TestFloors(t *testing.T) {
	t.Parallel()
	const latency, slow, quick = 50 * time.Millisecond, time.Second, 200 * time.Millisecond
	const free, lock = false, true
	for _, test := range []struct {
		workload                     workload
		conditions                   conditions
		create, plan, change, remove time.Duration // milliseconds
	}{
		{workload{groups: 1, rules: 100}, conditions{free, 10, slow}, 12100, 50, 22050, 11100},
		{workload{groups: 1, rules: 100}, conditions{free, 10, quick}, 3300, 50, 6050, 3100},
		{workload{groups: 1, rules: 1}, conditions{free, 10, slow}, 2200, 50, 2250, 1200},
		{workload{groups: 1, rules: 11}, conditions{free, 10, slow}, 3300, 50, 4450, 2300},
		{workload{groups: 1, rules: 100, inline: true}, conditions{free, 10, slow}, 1100, 50, 50, 100},
		{workload{groups: 50}, conditions{free, 10, slow}, 5500, 250, 250, 500},
		{workload{groups: 4, rules: 250}, conditions{free, 10, quick}, 30300, 50, 60050, 30100},
		// Under the lock the rules of a group are serial whatever the parallelism.
		{workload{groups: 1, rules: 30}, conditions{lock, 1, slow}, 34100, 50, 66050, 33100},
		{workload{groups: 1, rules: 30}, conditions{lock, 10, slow}, 34100, 50, 66050, 33100},
		{workload{groups: 1, rules: 30}, conditions{lock, 30, slow}, 34100, 50, 66050, 33100},
		{workload{groups: 1, rules: 100}, conditions{lock, 10, quick}, 30300, 50, 60050, 30100},
		{workload{groups: 1, rules: 30}, conditions{free, 1, slow}, 34100, 50, 66050, 33100},
		{workload{groups: 1, rules: 30}, conditions{free, 30, slow}, 2200, 50, 2250, 1200},
		// Groups do not wait for each other, as far as the parallelism lets them run side by side.
		{workload{groups: 4, rules: 250}, conditions{lock, 10, quick}, 75300, 50, 150050, 75100},
		{workload{groups: 4, rules: 250}, conditions{lock, 1, quick}, 301200, 200, 600200, 300400},
		{workload{groups: 1, rules: 100, inline: true}, conditions{lock, 10, slow}, 1100, 50, 50, 100},
		{workload{groups: 50}, conditions{lock, 10, slow}, 5500, 250, 250, 500},
	} {
		got := []time.Duration{}
		for _, c := range commands() {
			got = append(got, c.floor(test.workload, test.conditions, latency)/time.Millisecond)
		}
		if diff := gocmp.Diff([]time.Duration{test.create, test.plan, test.change, test.remove}, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", test.workload.name(), test.conditions, diff)
		}
	}
}

func TestTrials(t *testing.T) {
	t.Parallel()
	tasks := []time.Duration{200 * time.Millisecond, time.Second}
	for _, test := range []struct {
		workload workload
		check    bool
		want     []string
	}{
		{workload{groups: 1, rules: 1}, true, nil},
		{workload{groups: 1, rules: 1}, false, []string{
			"1 rule, no lock, parallelism 10, tasks of 200ms: create plan destroy",
			"1 rule, no lock, parallelism 10, tasks of 1s: create plan destroy",
		}},
		{workload{groups: 1, rules: 100}, true, []string{
			"100 rules, lock, parallelism 1, tasks of 200ms: create change destroy",
			"100 rules, no lock, parallelism 10, tasks of 1s: create",
			"100 rules, no lock, parallelism 10, tasks of 200ms: create",
			"100 rules, lock, parallelism 10, tasks of 200ms: create change destroy",
			"100 rules, lock, parallelism 30, tasks of 200ms: create change destroy",
		}},
		{workload{groups: 50}, false, []string{
			"50 groups, no lock, parallelism 10, tasks of 1s: create plan destroy",
			"50 groups, lock, parallelism 10, tasks of 1s: create plan destroy",
			"50 groups, no lock, parallelism 10, tasks of 200ms: create plan destroy",
		}},
		{workload{groups: 10, rules: 200, own: true}, false, []string{
			"2000 rules of 10 groups (own work), no lock, parallelism 10, tasks of 0s: create plan destroy",
		}},
		{workload{groups: 1, rules: 250, refresh: true}, false, []string{
			"250 rules (refresh), no lock, parallelism 1, tasks of 0s: plan",
			"250 rules (refresh), lock, parallelism 1, tasks of 0s: plan",
			"250 rules (refresh), no lock, parallelism 10, tasks of 0s: plan",
			"250 rules (refresh), lock, parallelism 10, tasks of 0s: plan",
			"250 rules (refresh), no lock, parallelism 30, tasks of 0s: plan",
			"250 rules (refresh), lock, parallelism 30, tasks of 0s: plan",
		}},
	} {
		var got []string
		for _, trial := range trials(test.workload, tasks, test.check) {
			line := trial.name() + ":"
			for _, c := range trial.commands {
				line += " " + c.name
			}
			got = append(got, line)
		}
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, check %t (-want +got):\n%s", test.workload.name(), test.check, diff)
		}
	}
}

func TestExceeded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		row  row
		want string // "": nothing is exceeded
	}{
		"within":             {row{Workload: "100 rules", Parallelism: 10, TaskMS: 1000, Command: "create", AllRequests: 180, Ratio: 1.25}, ""},
		"requests":           {row{Workload: "100 rules", Parallelism: 10, TaskMS: 1000, Command: "create", AllRequests: 181}, "requests 181, 180 at most"},
		"ratio":              {row{Workload: "100 rules", Parallelism: 10, TaskMS: 1000, Command: "create", Ratio: 1.26}, "times the floor 1.26, 1.25 at most"},
		"of quick tasks":     {row{Workload: "100 rules", Parallelism: 10, TaskMS: 200, Command: "create", AllRequests: 161}, "requests 161, 160 at most"},
		"of other tasks":     {row{Workload: "100 rules", Parallelism: 10, TaskMS: 500, Command: "create", Ratio: 1.5}, ""},
		"of another command": {row{Workload: "100 rules", Parallelism: 10, TaskMS: 1000, Command: "destroy", AllRequests: 351}, ""},
		"of another parallelism": {
			row{Workload: "100 rules", Parallelism: 1, TaskMS: 1000, Command: "create", AllRequests: 181}, "",
		},
		"create under the lock": {
			row{Workload: "100 rules", Lock: true, Parallelism: 10, TaskMS: 200, Command: "create", AllRequests: 601, Requests: map[string]int{"create rule": 600, "poll task": 1}},
			"create of 100 rules, lock, parallelism 10, tasks of 200ms: requests 601, 600 at most: 600 create rule, 1 poll task",
		},
		"change under the lock": {
			row{Workload: "100 rules", Lock: true, Parallelism: 1, TaskMS: 200, Command: "change", AllRequests: 1201}, "requests 1201, 1200 at most",
		},
		"few changes under the lock": {
			row{Workload: "100 rules", Lock: true, Parallelism: 30, TaskMS: 200, Command: "change", AllRequests: 1200, Ratio: 1.25}, "",
		},
		"destroy under the lock": {
			row{Workload: "100 rules", Lock: true, Parallelism: 30, TaskMS: 200, Command: "destroy", AllRequests: 601, Ratio: 1.251},
			"requests 601, 600 at most: \ndestroy of 100 rules, lock, parallelism 30, tasks of 200ms: times the floor 1.251, 1.25 at most",
		},
		"30 rules":            {row{Workload: "30 rules", Lock: true, Parallelism: 30, TaskMS: 1000, Command: "create", AllRequests: 201}, "requests 201, 200 at most"},
		"30 rules, no lock":   {row{Workload: "30 rules", Parallelism: 1, TaskMS: 1000, Command: "create", Ratio: 1.3}, "times the floor 1.3, 1.25 at most"},
		"50 groups":           {row{Workload: "50 groups", Lock: true, Parallelism: 10, TaskMS: 1000, Command: "create", AllRequests: 171, Ratio: 1.2}, "requests 171, 170 at most"},
		"500 groups":          {row{Workload: "500 groups", Parallelism: 10, TaskMS: 200, Command: "create", AllRequests: 1251}, "requests 1251, 1250 at most"},
		"inline":              {row{Workload: "100 inline rules", Lock: true, Parallelism: 10, TaskMS: 1000, Command: "create", AllRequests: 7, Ratio: 1.21}, "times the floor 1.21, 1.2 at most"},
		"requests of refresh": {row{Workload: "250 rules (refresh)", Lock: true, Parallelism: 30, Command: "plan", AllRequests: 2}, "requests 2, 1 at most"},
		"refresh over the base": {
			row{Workload: "250 rules (refresh)", Parallelism: 1, Command: "plan", AllRequests: 1, Seconds: 2.6, BaseSeconds: 2}, "seconds over the base 0.6, 0.5 at most",
		},
		"over the base": {
			row{Workload: "250 rules", Parallelism: 10, TaskMS: 200, Command: "plan", Seconds: 3.1, BaseSeconds: 2}, "seconds over the base 1.1, 1 at most",
		},
		"growth":               {row{Workload: "10000 inline rules of 40 groups (own work)", Parallelism: 10, Command: "plan", ProcessorSeconds: 5.1}, "half as many groups 2.55, 2.5 at most"},
		"memory of ten groups": {row{Workload: "5000 inline rules of 20 groups (own work)", Parallelism: 10, Command: "create", PeakKiB: 128<<10 + 1}, "131073 KiB"},
		"growth of memory":     {row{Workload: "10000 inline rules of 40 groups (own work)", Parallelism: 10, Command: "plan", PeakKiB: 126 << 10}, "times the memory of half as many groups 1.26, 1.25 at most"},
		"time":                 {row{Workload: "250 inline rules", Parallelism: 10, TaskMS: 200, Command: "plan", Seconds: 2.6}, "seconds 2.6, 2.5 at most"},
		"memory":               {row{Workload: "1 group", Command: "plan", PeakKiB: 100<<10 + 1}, "102401 KiB"},
	} {
		half := row{Workload: "5000 inline rules of 20 groups (own work)", Parallelism: 10, Command: "plan", ProcessorSeconds: 2, PeakKiB: 100 << 10}
		got := strings.Join(report{Rows: []row{half, test.row}}.exceeded(), "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	if got := (report{BinaryBytes: 25_000_001}).exceeded(); len(got) != 1 || !strings.Contains(got[0], "25000001 bytes") {
		t.Errorf("a large binary: got %q", got)
	}
}

// A limit of a command that is not run would never be exceeded.
func TestEachLimitIsMeasured(t *testing.T) {
	t.Parallel()
	for _, check := range []bool{false, true} {
		ran := map[string]bool{}
		for _, w := range workloads() {
			for _, trial := range trials(w, nil, check) {
				for _, c := range trial.commands {
					ran[c.name+" of "+trial.name()] = true
				}
			}
		}
		for _, l := range limits() {
			if name := (row{Command: l.command, Workload: l.workload.name(), Lock: l.lock, Parallelism: l.parallelism, TaskMS: l.task.Milliseconds()}).name(); !ran[name] {
				t.Errorf("check %t: nothing runs %s", check, name)
			}
		}
	}
}

// The smallest workloads with real Terraform. One binary stands for both providers: what differs is only the base.
func TestBench(t *testing.T) {
	t.Parallel()
	o, out := smallBench(t)
	t.Run("report", func(t *testing.T) {
		t.Parallel()
		reports(t, o, out)
	})
	t.Run("lock", func(t *testing.T) {
		t.Parallel()
		measuresUnderTheLock(t, o)
	})
}

// smallBench builds the provider. The buffer gets what the options have printed.
func smallBench(t *testing.T) (options, *bytes.Buffer) {
	t.Helper()
	directory := t.TempDir()
	binary := filepath.Join(directory, "terraform-provider-gcore")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-trimpath", "-o", binary, "../../../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, output)
	}
	out := &bytes.Buffer{}
	return options{
		provider: binary, base: binary, terraform: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"),
		json: filepath.Join(directory, "bench.json"), table: filepath.Join(directory, "bench.txt"), out: out,
		latency: 5 * time.Millisecond,
	}, out
}

func reports(t *testing.T, o options, out *bytes.Buffer) {
	o.temporary = t.TempDir()
	if err := o.choose("^1 rule$", "5ms"); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	var got report
	content, err := os.ReadFile(o.json)
	if err == nil {
		err = json.Unmarshal(content, &got)
	}
	table, _ := os.ReadFile(o.table)
	if err != nil || string(table) != out.String() || len(got.Rows) != 3 || got.BinaryBytes < 1_000_000 {
		t.Fatalf("error %v, %d rows, table:\n%s", err, len(got.Rows), table)
	}
	for i, command := range []string{"create", "plan", "destroy"} {
		r := got.Rows[i]
		if r.Command != command || r.Seconds <= 0 || r.FloorSeconds <= r.BaseSeconds || r.AllRequests == 0 || r.Bytes == 0 ||
			!strings.Contains(string(table), r.kinds()) {
			t.Errorf("row %+v in\n%s", r, table)
		}
	}
	if left, err := os.ReadDir(o.temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Three rules at once meet the lock; a refresh sees neither the lock nor how its rules were made.
func measuresUnderTheLock(t *testing.T, o options) {
	o.temporary = t.TempDir()
	const task = 300 * time.Millisecond
	rules := workload{groups: 1, rules: 3}
	refresh := workload{groups: 1, rules: 3, refresh: true}
	own := workload{groups: 2, rules: 1, own: true}
	rows, err := measure(t.Context(), o, []trial{
		{rules, conditions{true, 3, task}, commands()},
		{rules, conditions{false, 1, task}, commands()[:1]},
	})
	if err != nil {
		t.Fatal(err)
	}
	more, err := measure(t.Context(), o, []trial{{refresh, conditions{true, 2, 0}, commands()[1:2]}})
	if err != nil {
		t.Fatal(err)
	}
	rows = append(rows, more...)
	more, err = measure(t.Context(), o, []trial{{own, conditions{parallelism: 2}, commands()[:1]}})
	if err != nil {
		t.Fatal(err)
	}
	rows = append(rows, more...)
	var names []string
	for _, r := range rows {
		names = append(names, r.name())
		if r.Seconds <= 0 || r.BaseSeconds <= 0 {
			t.Errorf("row %+v", r)
		}
	}
	want := []string{
		"create of 3 rules, lock, parallelism 3, tasks of 300ms",
		"plan of 3 rules, lock, parallelism 3, tasks of 300ms",
		"change of 3 rules, lock, parallelism 3, tasks of 300ms",
		"destroy of 3 rules, lock, parallelism 3, tasks of 300ms",
		"create of 3 rules, no lock, parallelism 1, tasks of 300ms",
		"plan of 3 rules (refresh), lock, parallelism 2, tasks of 0s",
		"create of 2 rules of 2 groups (own work), no lock, parallelism 2, tasks of 0s",
	}
	if diff := gocmp.Diff(want, names); diff != "" {
		t.Fatalf("rows (-want +got):\n%s", diff)
	}
	refused, alone := rows[0].Requests[gcoretest.OperationCreateRule], rows[4].Requests[gcoretest.OperationCreateRule]
	if refused <= 3 || alone != 3 || rows[5].AllRequests != 1 {
		t.Errorf("%d requests for three rules under the lock, %d for one at a time; refresh: %s", refused, alone, rows[5].kinds())
	}
}
