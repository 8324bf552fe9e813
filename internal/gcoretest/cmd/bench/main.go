// Command bench measures what the provider costs: its binary, under real Terraform, against a fake of the Gcore Cloud
// API in this process that is some way off and takes its time for tasks. `make bench` builds what it needs and runs it.
//
// It measures with and without the lock of the live API, which takes one task of a group at a time, and at several values
// of Terraform's -parallelism.
//
// Each workload is first run with a provider that never waits, against a fake that answers at once: that is Terraform's
// and the provider's own work, on this machine at this time. The floor of each command is that base and the time that
// the API's answers and tasks cannot but take: what a provider could reach that sends no request too many and learns of
// the end of each task at once. So what is compared was measured side by side.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	o := options{latency: 50 * time.Millisecond, out: os.Stdout}
	var only, tasks string
	flag.StringVar(&o.provider, "provider", "", "path of the provider's `binary`, named terraform-provider-gcore")
	flag.StringVar(&o.base, "base", "", "path of the `binary` of the provider that does not wait, named alike")
	flag.StringVar(&o.terraform, "terraform", "terraform", "path of Terraform or OpenTofu, or its name on PATH")
	flag.StringVar(&only, "only", "", "`regexp` of the workloads to run, or of a workload with its conditions: '^30 rules, lock, parallelism 1,'")
	flag.StringVar(&tasks, "tasks", "200ms,1s", "`durations` of a task, separated by commas")
	flag.BoolVar(&o.check, "check", false, "run what the limits are about alone, and fail where one is exceeded")
	flag.StringVar(&o.json, "json", "", "`file` to write the results to, as JSON")
	flag.StringVar(&o.table, "table", "", "`file` to write the table to")
	limit := flag.Duration("timeout", time.Hour, "how long all of it may take")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithTimeout(ctx, *limit)
	err := o.choose(only, tasks)
	if err == nil {
		err = run(ctx, o)
	}
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	provider, base, terraform string
	json, table               string
	only                      *regexp.Regexp
	latency                   time.Duration
	tasks                     []time.Duration
	check                     bool
	out                       io.Writer
	// temporary is where the directories are made, "" the system's usual place.
	temporary string
}

func (o *options) choose(only, tasks string) (err error) {
	if o.only, err = regexp.Compile(only); err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	for text := range strings.SplitSeq(tasks, ",") {
		task, err := time.ParseDuration(text)
		if err != nil || task < 0 {
			return fmt.Errorf("-tasks: %q is not a duration such as 200ms", text)
		}
		o.tasks = append(o.tasks, task)
	}
	return nil
}

// chosen are the trials that -only names: by the workload alone, or with its conditions.
func (o *options) chosen(all []trial) []trial {
	return slices.DeleteFunc(all, func(t trial) bool {
		return !o.only.MatchString(t.workload.name()) && !o.only.MatchString(t.name())
	})
}

// run measures, prints and checks. Whatever happens, when it returns all that it started is gone.
func run(ctx context.Context, o options) error {
	report := report{LatencyMS: o.latency.Milliseconds()}
	binary, err := os.Stat(o.provider)
	if err != nil {
		return fmt.Errorf("find the provider: %w", err)
	}
	report.BinaryBytes = binary.Size()
	for _, w := range workloads() {
		rows, err := measure(ctx, o, o.chosen(trials(w, o.tasks, o.check)))
		report.Rows = append(report.Rows, rows...)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name(), err)
		}
	}
	if len(report.Rows) == 0 {
		return fmt.Errorf("no workload is named like %q", o.only)
	}
	if err := report.write(o); err != nil {
		return err
	}
	if exceeded := report.exceeded(); o.check && len(exceeded) > 0 {
		return errors.New("limits exceeded:\n" + strings.Join(exceeded, "\n"))
	}
	return nil
}
