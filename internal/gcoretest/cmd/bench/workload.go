package main

import (
	"fmt"
	"time"
)

// workload is what a configuration holds.
type workload struct {
	groups int
	rules  int // of each group
	inline bool
	// refresh: only reading the rules is measured. They are made by the provider that does not wait.
	refresh bool
	// own: only Terraform's and the provider's own work is measured. Nothing waits, and the API answers at once.
	own bool
}

func workloads() []workload {
	var all []workload
	for _, rules := range []int{1, 10, 30, 100, 250} {
		all = append(all, workload{groups: 1, rules: rules})
	}
	all = append(all, workload{groups: 4, rules: 250}, workload{groups: 1, rules: 250, refresh: true})
	for _, groups := range []int{1, 50, 500} {
		all = append(all, workload{groups: groups})
	}
	for _, rules := range []int{10, 100, 250} {
		all = append(all, workload{groups: 1, rules: rules, inline: true})
	}
	// Each beside half as many groups, to see how the work grows.
	for _, groups := range []int{20, 40} {
		all = append(all, workload{groups: groups, rules: 250, inline: true, own: true})
	}
	for _, groups := range []int{5, 10} {
		all = append(all, workload{groups: groups, rules: 200, own: true})
	}
	return all
}

// half is the workload with half as many groups.
func (w workload) half() workload {
	w.groups /= 2
	return w
}

// name is what the workload is called in the table, and by -only.
func (w workload) name() string {
	if w.rules == 0 {
		return counted(w.groups, "group")
	}
	kind := "rule"
	if w.inline {
		kind = "inline rule"
	}
	name := counted(w.groups*w.rules, kind)
	if w.groups > 1 {
		name += " of " + counted(w.groups, "group")
	}
	switch {
	case w.refresh:
		name += " (refresh)"
	case w.own:
		name += " (own work)"
	}
	return name
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// changed is by how much the ports of a changed rule differ, so that no rule takes the place of another.
const changed = 1000

// configuration makes the groups, each with rules for as many ports. Its variable changed moves the ports of standalone
// rules.
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
    remote_ip_prefix = "0.0.0.0/0"
  } }
}
`, w.rules+1)
	}
	return text + fmt.Sprintf(`}
variable "changed" {
  default = 0
}
resource "gcore_cloud_security_group_rule" "all" {
  count          = %d
  group_id       = gcore_cloud_security_group.all[count.index %% %d].id
  direction      = "ingress"
  protocol       = "tcp"
  port_range_min = floor(count.index / %[2]d) + 1 + var.changed
  port_range_max = floor(count.index / %[2]d) + 1 + var.changed
  remote_ip_prefix = "0.0.0.0/0"
}
`, w.groups*w.rules, w.groups)
}

// command is one of Terraform's, and what the API cannot but cost it.
type command struct {
	name      string
	arguments []string
	exit      int
	// floor is the time that answers and tasks take at the least.
	floor func(w workload, c conditions, latency time.Duration) time.Duration
}

func commands() []command {
	return []command{
		{"create", []string{"apply", "-auto-approve"}, 0, workload.createFloor},
		{"plan", []string{"plan", "-detailed-exitcode"}, 0, workload.readFloor},
		{"change", []string{"apply", "-auto-approve", fmt.Sprintf("-var=changed=%d", changed)}, 0, workload.changeFloor},
		{"destroy", []string{"apply", "-destroy", "-auto-approve"}, 0, workload.destroyFloor},
	}
}

// rulesFloor is the time of one write for each standalone rule: a request, its task and one look at it. Under the lock the
// writes of one group are serial, and only those of different groups run side by side.
func (w workload) rulesFloor(c conditions, latency time.Duration) time.Duration {
	if w.inline {
		return 0
	}
	if c.lock {
		c.parallelism = min(c.parallelism, w.groups)
	}
	return c.inWaves(w.groups*w.rules, 2*latency+c.task)
}

// createFloor is a request, its task and one look at it for each group, then for each rule.
func (w workload) createFloor(c conditions, latency time.Duration) time.Duration {
	return c.inWaves(w.groups, 2*latency+c.task) + w.rulesFloor(c, latency)
}

// readFloor is one request for each group.
func (w workload) readFloor(c conditions, latency time.Duration) time.Duration {
	return c.inWaves(w.groups, latency)
}

// changeFloor is a refresh, then two writes for each rule: the new rule is created before the old one is deleted.
func (w workload) changeFloor(c conditions, latency time.Duration) time.Duration {
	return w.readFloor(c, latency) + 2*w.rulesFloor(c, latency)
}

// destroyFloor is a refresh, then a write for each rule and a request for each group: the deletion of a group makes no
// task.
func (w workload) destroyFloor(c conditions, latency time.Duration) time.Duration {
	return w.readFloor(c, latency) + w.rulesFloor(c, latency) + c.inWaves(w.groups, latency)
}
