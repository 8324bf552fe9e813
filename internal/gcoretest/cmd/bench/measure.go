package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest/cmd/internal/terraform"
)

var place = terraform.Place{Project: 1, Region: 76}

// measure runs trials of one workload. The base of all that have a parallelism in common, the workload without waits,
// comes before them.
func measure(ctx context.Context, o options, trials []trial) (rows []row, err error) {
	for len(trials) > 0 {
		first := trials[0]
		n := slices.IndexFunc(trials, func(t trial) bool { return t.parallelism != first.parallelism })
		if n < 0 {
			n = len(trials)
		}
		measured, err := measureBeside(ctx, o, trials[:n])
		rows = append(rows, measured...)
		if err != nil {
			return rows, err
		}
		trials = trials[n:]
	}
	return rows, nil
}

// measureBeside runs the base of some trials, and then each of them.
func measureBeside(ctx context.Context, o options, trials []trial) (rows []row, err error) {
	base := trial{trials[0].workload, conditions{parallelism: trials[0].parallelism}, baseCommands(trials)}
	fmt.Fprintf(os.Stderr, "%s, parallelism %d: base\n", base.workload.name(), base.parallelism)
	measured, err := measureOnce(ctx, o, base, o.base, 0)
	if err != nil {
		return nil, fmt.Errorf("the base: %w", err)
	}
	if base.own {
		for i := range measured {
			measured[i].compare(measured[i].Seconds, 0)
		}
		return measured, nil
	}
	seconds := map[string]float64{}
	for _, r := range measured {
		seconds[r.Command] = r.Seconds
	}
	for _, t := range trials {
		fmt.Fprintln(os.Stderr, t.name())
		measured, err := measureOnce(ctx, o, t, o.provider, o.latency)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", t.conditions, err)
		}
		for i, r := range measured {
			r.compare(seconds[r.Command], t.commands[i].floor(t.workload, t.conditions, o.latency))
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// measureOnce runs the commands of a trial, one row for each.
func measureOnce(ctx context.Context, o options, t trial, provider string, latency time.Duration) (rows []row, err error) {
	var atOnce atomic.Bool // answers take no time
	cloud, err := gcoretest.Start(gcoretest.Config{
		Reading: gcoretest.Live, NoLock: !t.lock, Latency: latency, TaskDuration: t.task,
		Sleep: func(ctx context.Context, duration time.Duration) error {
			if atOnce.Load() {
				return ctx.Err()
			}
			return sleep(ctx, duration)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("start the fake API: %w", err)
	}
	defer cloud.Close()
	directory, err := os.MkdirTemp(o.temporary, "gcore-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	if err := os.WriteFile(filepath.Join(directory, "main.tf"), []byte(t.configuration()), 0o600); err != nil {
		return nil, fmt.Errorf("prepare the directory: %w", err)
	}
	run := func(provider string, parallelism int, c command) error {
		settings, err := terraform.Override(directory, provider)
		if err != nil {
			return fmt.Errorf("prepare the directory: %w", err)
		}
		cli := &terraform.CLI{
			Path: o.terraform, Directory: directory, Environment: terraform.Environment(os.Environ(), settings, cloud, place, false),
		}
		r, err := measureCommand(ctx, cli, cloud, parallelism, c)
		if err == nil {
			err = holds(cloud, t.workload, c)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		r.Workload, r.Lock, r.Parallelism, r.TaskMS = t.workload.name(), t.lock, t.parallelism, t.task.Milliseconds()
		rows = append(rows, r)
		return nil
	}
	if t.refresh {
		atOnce.Store(true)
		if err := run(o.base, usualParallelism, commands()[0]); err != nil {
			return nil, err
		}
		atOnce.Store(false)
		rows = nil
	}
	for _, c := range t.commands {
		if err := run(provider, t.parallelism, c); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func sleep(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// measureCommand runs one command.
func measureCommand(ctx context.Context, cli *terraform.CLI, cloud *gcoretest.Server, parallelism int, c command) (row, error) {
	cloud.ResetRequests()
	var memory usage
	cli.Started = memory.watch
	defer memory.stop()
	var said []string
	arguments := append(slices.Clone(c.arguments), "-input=false", fmt.Sprintf("-parallelism=%d", parallelism))
	began := time.Now()
	code, err := cli.Run(ctx, func(line string) { said = append(said, line) }, arguments...)
	took := time.Since(began)
	if err != nil {
		return row{}, err
	}
	if code != c.exit {
		return row{}, fmt.Errorf("%s ended with code %d, not %d:\n%s", cli.Name(), code, c.exit, strings.Join(said, "\n"))
	}
	memory.stop()
	r := row{
		Command: c.name, Seconds: took.Seconds(), Requests: cloud.CountOperations(), PeakKiB: memory.kib, ProcessorSeconds: memory.processor().Seconds(),
	}
	for _, request := range cloud.Requests() {
		r.Bytes += request.ResponseBytes
	}
	for _, count := range r.Requests {
		r.AllRequests += count
	}
	return r, nil
}

// holds tells whether the cloud is as the command has to leave it: what was not done would be fast.
func holds(cloud *gcoretest.Server, w workload, c command) error {
	if violations := cloud.Violations(); len(violations) > 0 {
		return fmt.Errorf("requests that the API's contract forbids:\n%s", strings.Join(violations, "\n"))
	}
	wanted := w
	if c.name == "destroy" {
		wanted = workload{}
	}
	groups := cloud.Groups(place.Project, place.Region)
	for _, group := range groups {
		if unchanged := func(r gcoretest.Rule) bool { return *r.PortRangeMin <= changed }; c.name == "change" &&
			slices.ContainsFunc(group.Rules, unchanged) {
			return fmt.Errorf("group %s holds rules that have not changed", group.Name)
		}
		if len(group.Rules) != wanted.rules {
			return fmt.Errorf("group %s holds %d rules, not %d", group.Name, len(group.Rules), wanted.rules)
		}
	}
	if len(groups) != wanted.groups {
		return fmt.Errorf("the cloud holds %d groups, not %d", len(groups), wanted.groups)
	}
	return nil
}

// kinds lists the requests of a row by their number.
func (r row) kinds() string {
	var words []string
	for _, operation := range slices.Sorted(maps.Keys(r.Requests)) {
		words = append(words, fmt.Sprintf("%d %s", r.Requests[operation], operation))
	}
	return strings.Join(words, ", ")
}
