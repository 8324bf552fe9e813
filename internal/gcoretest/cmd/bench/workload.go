package main

import (
	"fmt"
	"time"
)

// parallelism is how many operations Terraform runs at once by default.
const parallelism = 10

// workload is what a configuration holds.
type workload struct {
	groups int
	rules  int // of each group
	inline bool
}

func workloads() []workload {
	var all []workload
	for _, rules := range []int{1, 10, 100, 250} {
		all = append(all, workload{groups: 1, rules: rules})
	}
	all = append(all, workload{groups: 4, rules: 250})
	for _, groups := range []int{1, 50, 500} {
		all = append(all, workload{groups: groups})
	}
	for _, rules := range []int{10, 100, 250} {
		all = append(all, workload{groups: 1, rules: rules, inline: true})
	}
	return all
}

// name is what the workload is called in the table, and by -only.
func (w workload) name() string {
	switch {
	case w.rules == 0:
		return counted(w.groups, "group")
	case w.inline:
		return counted(w.rules, "inline rule")
	case w.groups == 1:
		return counted(w.rules, "rule")
	}
	return fmt.Sprintf("%s of %s", counted(w.groups*w.rules, "rule"), counted(w.groups, "group"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// configuration makes the groups, each with rules for as many ports.
func (w workload) configuration() string {
	text := `terraform {
  required_providers {
    gcore = {
      source = "gcore-community/gcore"
    }
  }
}
resource "gcore_cloud_security_group" "all" {
  count = ` + fmt.Sprint(w.groups) + `
  name  = "bench-${count.index}"
`
	switch {
	case w.rules == 0:
		return text + "  rules = {}\n}\n"
	case w.inline:
		return text + fmt.Sprintf(`  rules = { for port in range(1, %d) : "port-${port}" => {
    direction      = "ingress"
    protocol       = "tcp"
    port_range_min = port
    port_range_max = port
  } }
}
`, w.rules+1)
	}
	return text + fmt.Sprintf(`}
resource "gcore_cloud_security_group_rule" "all" {
  count          = %d
  group_id       = gcore_cloud_security_group.all[count.index %% %d].id
  direction      = "ingress"
  protocol       = "tcp"
  port_range_min = floor(count.index / %[2]d) + 1
  port_range_max = floor(count.index / %[2]d) + 1
}
`, w.groups*w.rules, w.groups)
}

// command is one of Terraform's, and what the API cannot but cost it.
type command struct {
	name      string
	arguments []string
	exit      int
	// floor is the time that answers and tasks take at the least.
	floor func(w workload, latency, task time.Duration) time.Duration
}

func commands() []command {
	return []command{
		{"create", []string{"apply", "-auto-approve"}, 0, workload.createFloor},
		{"plan", []string{"plan", "-detailed-exitcode"}, 0, workload.readFloor},
		{"destroy", []string{"apply", "-destroy", "-auto-approve"}, 0, workload.destroyFloor},
	}
}

// inWaves is the time of so many operations, of which Terraform runs some at once.
func inWaves(operations int, each time.Duration) time.Duration {
	return time.Duration((operations+parallelism-1)/parallelism) * each
}

// createFloor is a request, its task and one look at it for each group, then for each rule.
func (w workload) createFloor(latency, task time.Duration) time.Duration {
	floor := inWaves(w.groups, 2*latency+task)
	if !w.inline {
		floor += inWaves(w.groups*w.rules, 2*latency+task)
	}
	return floor
}

// readFloor is one request for each group.
func (w workload) readFloor(latency, _ time.Duration) time.Duration {
	return inWaves(w.groups, latency)
}

// destroyFloor is a refresh; then for each rule a request, its task and one look at it, and for each group a request:
// the deletion of a group makes no task.
func (w workload) destroyFloor(latency, task time.Duration) time.Duration {
	floor := w.readFloor(latency, task) + inWaves(w.groups, latency)
	if !w.inline {
		floor += inWaves(w.groups*w.rules, 2*latency+task)
	}
	return floor
}
