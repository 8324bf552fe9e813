package main

import (
	"fmt"
	"slices"
	"time"
)

const (
	largestBinary = 25_000_000 // bytes
	largestMemory = 100 << 10  // KiB of resident memory
)

// limit is what a command on a workload may cost; zero: as much as it likes.
type limit struct {
	workload workload
	task     time.Duration
	command  string
	requests int
	ratio    float64       // of the time to the floor
	overBase time.Duration // beyond the base
	time     time.Duration
}

func limits() []limit {
	const slow, quick = time.Second, 200 * time.Millisecond
	return []limit{
		{workload: workload{groups: 1, rules: 250}, task: quick, command: "plan", requests: 2, overBase: time.Second},
		{workload: workload{groups: 1, rules: 100}, task: slow, command: "create", requests: 350, ratio: 1.25},
		{workload: workload{groups: 1, rules: 100}, task: quick, command: "create", requests: 300, ratio: 1.5},
		{workload: workload{groups: 1, rules: 100, inline: true}, task: slow, command: "create", requests: 8, ratio: 1.5},
		{workload: workload{groups: 1, rules: 250, inline: true}, task: quick, command: "plan", requests: 2, time: 2500 * time.Millisecond},
		{workload: workload{groups: 50}, task: slow, command: "create", ratio: 1.3},
		// Requests grow with the groups, not with their rules; this one is here for its memory too.
		{workload: workload{groups: 4, rules: 250}, task: quick, command: "plan", requests: 8},
	}
}

// limitedTasks are the durations of tasks that a limit of the workload is about.
func limitedTasks(w workload) []time.Duration {
	var tasks []time.Duration
	for _, l := range limits() {
		if l.workload == w {
			tasks = append(tasks, l.task)
		}
	}
	slices.Sort(tasks)
	return slices.Compact(tasks)
}

// exceeded says which limits are exceeded, one line for each.
func (r report) exceeded() []string {
	var lines []string
	add := func(format string, arguments ...any) { lines = append(lines, fmt.Sprintf(format, arguments...)) }
	if r.BinaryBytes > largestBinary {
		add("the provider's binary has %d bytes, %d at most", r.BinaryBytes, largestBinary)
	}
	for _, row := range r.Rows {
		if row.PeakKiB > largestMemory {
			add("%s of %s: the provider took %d KiB of memory, %d at most", row.Command, row.Workload, row.PeakKiB, largestMemory)
		}
		for _, l := range limits() {
			if l.workload.name() == row.Workload && l.task.Milliseconds() == row.TaskMS && l.command == row.Command {
				lines = append(lines, l.exceeded(row)...)
			}
		}
	}
	return lines
}

func (l limit) exceeded(r row) []string {
	var lines []string
	over := func(what string, got, most float64) {
		if most > 0 && got > most {
			lines = append(lines, fmt.Sprintf("%s of %s, tasks of %s: %s %.4g, %.4g at most", r.Command, r.Workload, l.task, what, got, most))
		}
	}
	over("requests", float64(r.AllRequests), float64(l.requests))
	over("times the floor", r.Ratio, l.ratio)
	over("seconds over the base", r.Seconds-r.BaseSeconds, l.overBase.Seconds())
	over("seconds", r.Seconds, l.time.Seconds())
	return lines
}
