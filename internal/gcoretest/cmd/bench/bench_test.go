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
)

func TestFloors(t *testing.T) {
	t.Parallel()
	const latency, slow, quick = 50 * time.Millisecond, time.Second, 200 * time.Millisecond
	for _, test := range []struct {
		workload             workload
		task                 time.Duration
		create, plan, remove time.Duration // milliseconds
	}{
		{workload{groups: 1, rules: 100}, slow, 12100, 50, 11100},
		{workload{groups: 1, rules: 100}, quick, 3300, 50, 3100},
		{workload{groups: 1, rules: 1}, slow, 2200, 50, 1200},
		{workload{groups: 1, rules: 11}, slow, 3300, 50, 2300},
		{workload{groups: 1, rules: 100, inline: true}, slow, 1100, 50, 100},
		{workload{groups: 50}, slow, 5500, 250, 500},
		{workload{groups: 4, rules: 250}, quick, 30300, 50, 30100},
	} {
		got := []time.Duration{}
		for _, c := range commands() {
			got = append(got, c.floor(test.workload, latency, test.task)/time.Millisecond)
		}
		if diff := gocmp.Diff([]time.Duration{test.create, test.plan, test.remove}, got); diff != "" {
			t.Errorf("%s, tasks of %s (-want +got):\n%s", test.workload.name(), test.task, diff)
		}
	}
}

func TestExceeded(t *testing.T) {
	t.Parallel()
	const rules, inline = "100 rules", "250 inline rules"
	for name, test := range map[string]struct {
		report report
		want   string // "": nothing is exceeded
	}{
		"within":             {report{Rows: []row{{Workload: rules, TaskMS: 1000, Command: "create", AllRequests: 350, Ratio: 1.25}}}, ""},
		"requests":           {report{Rows: []row{{Workload: rules, TaskMS: 1000, Command: "create", AllRequests: 351}}}, "requests 351, 350 at most"},
		"ratio":              {report{Rows: []row{{Workload: rules, TaskMS: 1000, Command: "create", Ratio: 1.26}}}, "times the floor 1.26, 1.25 at most"},
		"of other tasks":     {report{Rows: []row{{Workload: rules, TaskMS: 200, Command: "create", Ratio: 1.5}}}, ""},
		"of another command": {report{Rows: []row{{Workload: rules, TaskMS: 1000, Command: "destroy", AllRequests: 351}}}, ""},
		"over the base": {
			report{Rows: []row{{Workload: "250 rules", TaskMS: 200, Command: "plan", Seconds: 3.1, BaseSeconds: 2}}},
			"seconds over the base 1.1, 1 at most",
		},
		"time":   {report{Rows: []row{{Workload: inline, TaskMS: 200, Command: "plan", Seconds: 2.6}}}, "seconds 2.6, 2.5 at most"},
		"memory": {report{Rows: []row{{Workload: "1 group", Command: "plan", PeakKiB: 100<<10 + 1}}}, "102401 KiB"},
		"binary": {report{BinaryBytes: 25_000_001}, "25000001 bytes"},
	} {
		got := strings.Join(test.report.exceeded(), "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	// A limit of a workload that is not run would never be exceeded.
	for _, l := range limits() {
		known := false
		for _, w := range workloads() {
			known = known || w == l.workload
		}
		if !known {
			t.Errorf("nothing runs %+v", l.workload)
		}
	}
}

// The smallest workload with real Terraform. One binary stands for both providers: what differs is only the base.
func TestBench(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	binary := filepath.Join(directory, "terraform-provider-gcore")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-trimpath", "-o", binary, "../../../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, output)
	}
	var out bytes.Buffer
	o := options{
		provider: binary, base: binary, terraform: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"),
		json: filepath.Join(directory, "bench.json"), table: filepath.Join(directory, "bench.txt"), out: &out, temporary: t.TempDir(),
		latency: 5 * time.Millisecond,
	}
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
	for i, c := range commands() {
		r := got.Rows[i]
		if r.Command != c.name || r.Seconds <= 0 || r.FloorSeconds <= r.BaseSeconds || r.AllRequests == 0 || r.Bytes == 0 ||
			!strings.Contains(string(table), r.kinds()) {
			t.Errorf("row %+v in\n%s", r, table)
		}
	}
	if left, err := os.ReadDir(o.temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
