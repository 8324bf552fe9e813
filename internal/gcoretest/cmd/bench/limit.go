package main

import (
	"fmt"
	"slices"
	"time"
)

const (
	largestBinary = 25_000_000 // bytes
	largestMemory = 100 << 10  // KiB of resident memory
	// Terraform plans ten groups at a time, here with 250 rules each.
	memoryOfTenGroups = 128 << 10
	// Memory use must hardly depend on the number of groups.
	memoryGrowth = 1.25 // from half as many groups
)

// limit is what a command on a workload may cost; zero: as much as it likes.
type limit struct {
	workload
	conditions
	command  string
	requests int
	ratio    float64       // of the time to the floor
	overBase time.Duration // beyond the base
	time     time.Duration
	growth   float64 // of the provider's processor time, from half as many groups
}

func limits() []limit {
	const slow, quick = time.Second, 200 * time.Millisecond
	usual := conditions{parallelism: usualParallelism, task: quick}
	usualSlow := conditions{parallelism: usualParallelism, task: slow}
	all := []limit{
		{workload: workload{groups: 1, rules: 250}, conditions: usual, command: "plan", requests: 2, overBase: time.Second},
		// On an idle machine: 159 and 139 requests, 1.11 and 1.15 times the floor. The limits leave room for noise.
		{workload: workload{groups: 1, rules: 100}, conditions: usualSlow, command: "create", requests: 180, ratio: 1.25},
		{workload: workload{groups: 1, rules: 100}, conditions: usual, command: "create", requests: 160, ratio: 1.3},
		{workload: workload{groups: 1, rules: 250, inline: true}, conditions: usual, command: "plan", requests: 2, time: 2500 * time.Millisecond},
		// Tasks of one second would take more than a minute, and some 100 requests more.
		{workload: workload{groups: 500}, conditions: usual, command: "create", requests: 1250},
		// Requests grow with the groups, not with their rules; this one is here for its memory too.
		{workload: workload{groups: 4, rules: 250}, conditions: usual, command: "plan", requests: 8},
	}
	// Twice as many groups are twice as much work. What is quadratic in them would be four times as much.
	for _, w := range []workload{{groups: 40, rules: 250, inline: true, own: true}, {groups: 10, rules: 200, own: true}} {
		for _, command := range []string{"create", "plan", "destroy"} {
			own := conditions{parallelism: usualParallelism}
			all = append(all,
				limit{workload: w, conditions: own, command: command, growth: 2.5},
				limit{workload: w.half(), conditions: own, command: command},
			)
		}
	}
	for _, lock := range []bool{false, true} {
		usualSlow.lock = lock
		all = append(all,
			limit{workload: workload{groups: 1, rules: 100, inline: true}, conditions: usualSlow, command: "create", requests: 7, ratio: 1.2},
			limit{workload: workload{groups: 50}, conditions: usualSlow, command: "create", requests: 170, ratio: 1.2},
		)
		for _, parallelism := range []int{1, usualParallelism, 30} {
			all = append(all,
				limit{
					workload: workload{groups: 1, rules: 250, refresh: true}, conditions: conditions{lock, parallelism, 0},
					command: "plan", requests: 1, overBase: 500 * time.Millisecond,
				},
				limit{
					workload: workload{groups: 1, rules: 30}, conditions: conditions{lock, parallelism, slow},
					command: "create", requests: 200, ratio: 1.25,
				},
			)
		}
	}
	// Tasks of one second would take nearly four times as long to check.
	for _, parallelism := range []int{1, usualParallelism, 30} {
		serial := limit{
			workload: workload{groups: 1, rules: 100}, conditions: conditions{true, parallelism, quick}, requests: 600, ratio: 1.25,
		}
		change := serial
		serial.command = "create"
		all = append(all, serial)
		serial.command = "destroy"
		all = append(all, serial)
		change.command, change.requests = "change", 1200
		all = append(all, change)
	}
	return all
}

// exceeded says which limits are exceeded, one line for each.
func (r report) exceeded() []string {
	var lines []string
	add := func(format string, arguments ...any) { lines = append(lines, fmt.Sprintf(format, arguments...)) }
	if r.BinaryBytes > largestBinary {
		add("the provider's binary has %d bytes, %d at most", r.BinaryBytes, largestBinary)
	}
	for _, row := range r.Rows {
		most := int64(largestMemory)
		if row.isOf(func(w workload) bool { return w.own && w.inline }) {
			most = memoryOfTenGroups
		}
		if row.PeakKiB > most {
			add("%s: the provider took %d KiB of memory, %d at most", row.name(), row.PeakKiB, most)
		}
		for _, l := range limits() {
			if l.name() == row.Workload && l.conditions == row.conditions() && l.command == row.Command {
				lines = append(lines, l.exceeded(row, r.find(l.half().name(), row))...)
			}
		}
	}
	return lines
}

// isOf reports whether a row is of such a workload.
func (r row) isOf(kind func(workload) bool) bool {
	return slices.ContainsFunc(workloads(), func(w workload) bool { return w.name() == r.Workload && kind(w) })
}

// find is the row of another workload under the same conditions; empty: there is none.
func (r report) find(workload string, like row) row {
	at := slices.IndexFunc(r.Rows, func(other row) bool {
		return other.Workload == workload && other.conditions() == like.conditions() && other.Command == like.Command
	})
	if at < 0 {
		return row{}
	}
	return r.Rows[at]
}

func (l limit) exceeded(r, half row) []string {
	var lines []string
	over := func(what string, got, most float64) {
		if most > 0 && got > most {
			lines = append(lines, fmt.Sprintf("%s: %s %.4g, %.4g at most", r.name(), what, got, most))
		}
	}
	if l.requests > 0 && r.AllRequests > l.requests {
		lines = append(lines, fmt.Sprintf("%s: requests %d, %d at most: %s", r.name(), r.AllRequests, l.requests, r.kinds()))
	}
	over("times the floor", r.Ratio, l.ratio)
	over("seconds over the base", r.Seconds-r.BaseSeconds, l.overBase.Seconds())
	over("seconds", r.Seconds, l.time.Seconds())
	if half.ProcessorSeconds > 0 {
		over("times the processor time of half as many groups", r.ProcessorSeconds/half.ProcessorSeconds, l.growth)
		over("times the memory of half as many groups", float64(r.PeakKiB)/float64(max(half.PeakKiB, 1)), memoryGrowth)
	}
	return lines
}
