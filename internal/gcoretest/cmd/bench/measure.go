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
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest/cmd/internal/terraform"
)

var place = terraform.Place{Project: 1, Region: 76}

// measure runs a workload without waits, which is its base, and then with tasks of each duration.
func measure(ctx context.Context, o options, w workload, tasks []time.Duration) (rows []row, err error) {
	fmt.Fprintf(os.Stderr, "%s: base\n", w.name())
	base, err := measureOnce(ctx, o, w, o.base, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("the base: %w", err)
	}
	for _, task := range tasks {
		fmt.Fprintf(os.Stderr, "%s: tasks of %s\n", w.name(), task)
		measured, err := measureOnce(ctx, o, w, o.provider, o.latency, task)
		if err != nil {
			return rows, err
		}
		for i, r := range measured {
			r.TaskMS = task.Milliseconds()
			r.BaseSeconds = base[i].Seconds
			r.FloorSeconds = r.BaseSeconds + commands()[i].floor(w, o.latency, task).Seconds()
			r.Ratio = r.Seconds / r.FloorSeconds
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// measureOnce runs the commands on a workload, one row for each.
func measureOnce(ctx context.Context, o options, w workload, provider string, latency, task time.Duration) (rows []row, err error) {
	cloud, err := gcoretest.Start(gcoretest.Config{Latency: latency, TaskDuration: task})
	if err != nil {
		return nil, fmt.Errorf("start the fake API: %w", err)
	}
	defer cloud.Close()
	directory, err := os.MkdirTemp(o.temporary, "gcore-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	settings, err := terraform.Override(directory, provider)
	if err == nil {
		err = os.WriteFile(filepath.Join(directory, "main.tf"), []byte(w.configuration()), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the directory: %w", err)
	}
	cli := &terraform.CLI{
		Path: o.terraform, Directory: directory, Environment: terraform.Environment(os.Environ(), settings, cloud, place, false),
	}
	for _, c := range commands() {
		r, err := measureCommand(ctx, cli, cloud, c)
		if err == nil {
			err = holds(cloud, w, c)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		r.Workload = w.name()
		rows = append(rows, r)
	}
	return rows, nil
}

// measureCommand runs one command.
func measureCommand(ctx context.Context, cli *terraform.CLI, cloud *gcoretest.Server, c command) (row, error) {
	cloud.ResetRequests()
	var memory peak
	cli.Started = memory.watch
	defer memory.stop()
	var said []string
	began := time.Now()
	code, err := cli.Run(ctx, func(line string) { said = append(said, line) }, append(c.arguments, "-input=false")...)
	took := time.Since(began)
	if err != nil {
		return row{}, err
	}
	if code != c.exit {
		return row{}, fmt.Errorf("%s ended with code %d, not %d:\n%s", cli.Name(), code, c.exit, strings.Join(said, "\n"))
	}
	r := row{Command: c.name, Seconds: took.Seconds(), Requests: cloud.CountOperations(), PeakKiB: memory.stop()}
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
