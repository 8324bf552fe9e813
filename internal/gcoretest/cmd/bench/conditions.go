package main

import (
	"fmt"
	"slices"
	"time"
)

// usualParallelism is Terraform's default.
const usualParallelism = 10

// conditions are what the commands of a workload run under.
type conditions struct {
	lock        bool // the API takes one task of a group at a time
	parallelism int  // Terraform's -parallelism
	task        time.Duration
}

func (c conditions) String() string {
	lock := "no lock"
	if c.lock {
		lock = "lock"
	}
	return fmt.Sprintf("%s, parallelism %d, tasks of %s", lock, c.parallelism, c.task)
}

// inWaves is the time of operations that run side by side, as far as Terraform runs them so.
func (c conditions) inWaves(operations int, each time.Duration) time.Duration {
	return time.Duration((operations+c.parallelism-1)/c.parallelism) * each
}

// trial is a workload under conditions, and the commands to measure.
type trial struct {
	workload
	conditions
	commands []command
}

// name is what -only looks at. The workload's name comes first.
func (t trial) name() string { return t.workload.name() + ", " + t.String() }

// trials are the trials of a workload, those of one parallelism next to each other. For a check these are the conditions
// that a limit names, each with the commands up to the last limited one. Otherwise the workload also runs in full without
// the lock, with tasks of each duration.
func trials(w workload, tasks []time.Duration, check bool) []trial {
	var all []conditions
	for _, l := range limits() {
		if l.workload == w {
			all = append(all, l.conditions)
		}
	}
	if !check && !w.refresh && !w.own {
		for _, task := range tasks {
			all = append(all, conditions{parallelism: usualParallelism, task: task})
		}
	}
	slices.SortStableFunc(all, func(a, b conditions) int { return a.parallelism - b.parallelism })
	var result []trial
	for i, c := range all {
		if !slices.Contains(all[:i], c) {
			result = append(result, trial{w, c, commandsOf(w, c, check)})
		}
	}
	return result
}

// commandsOf are the commands of a trial. Rules are changed only if a limit is about it, and a check plans only then.
func commandsOf(w workload, c conditions, check bool) []command {
	var result []command
	last := 0
	for _, candidate := range commands() {
		limited := slices.ContainsFunc(limits(), func(l limit) bool {
			return l.workload == w && l.conditions == c && l.command == candidate.name
		})
		if !limited && (candidate.name == "change" || w.refresh || w.own || check && candidate.name == "plan") {
			continue
		}
		result = append(result, candidate)
		if limited {
			last = len(result)
		}
	}
	if check {
		result = result[:last]
	}
	return result
}

// baseCommands are the commands that any of the trials needs a base for, in their order.
func baseCommands(trials []trial) []command {
	var result []command
	for _, c := range commands() {
		sameName := func(other command) bool { return other.name == c.name }
		if slices.ContainsFunc(trials, func(t trial) bool { return slices.ContainsFunc(t.commands, sameName) }) {
			result = append(result, c)
		}
	}
	return result
}
