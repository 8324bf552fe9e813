// Command probe checks against a real Gcore Cloud API what the fake of package gcoretest assumes of it: each name in
// that package's comment, and some facts that the vendor publishes and the client relies on. It prints a line for each:
//
//	patch-match          holds
//	host-bits            differs: 10.0.0.1/8 is accepted and stored as 10.0.0.0/8
//	in-use               not checked: needs an instance
//
// It acts on the project and region that GCORE_API_KEY, GCORE_BASE_URL, GCORE_CLOUD_PROJECT_ID and
// GCORE_CLOUD_REGION_ID name, in a few groups of its own, tf-acc-probe-<random>-..., which it deletes at the end, also
// after a failure and Ctrl-C. It changes nothing else. Number and time of its requests are bounded (see bounds).
//
// The exit status is 0 if nothing differs, 1 if anything does, and 2 if the probe could not do its work: an
// assumption could not be checked because something failed, or a group could not be deleted. "holds" means that one
// try showed nothing else, which for races and orders is no proof.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The exit statuses.
const (
	exitHolds = iota
	exitDiffers
	exitFailed
)

func main() {
	// A closed terminal or a pipe that nobody reads any more ends the probe like Ctrl-C does: in good order.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	// From then on a second Ctrl-C ends it at once.
	context.AfterFunc(ctx, stop)
	os.Exit(program{os.Getenv, os.Stdout, os.Stderr, defaultBounds(), wait, table()}.run(ctx))
}

// program is what the probe has to do with the world.
type program struct {
	getenv func(string) string
	out    io.Writer // the lines of the assumptions
	log    io.Writer // what is about the run itself
	limits bounds
	sleep  sleeper
	table  []assumption
}

// run probes and cleans up. It returns the exit status.
func (pr program) run(ctx context.Context) (code int) {
	s, err := readSettings(pr.getenv)
	if err != nil {
		fmt.Fprintln(pr.log, "probe:", err)
		return exitFailed
	}
	start := time.Now()
	a := newAPI(s, pr.limits.requests, pr.sleep)
	p := newProbe(s, a, pr.sleep)
	fmt.Fprintf(pr.log, "Probing %s, project %d, region %d, with groups named %s-...\n", s.base.Host, s.projectID, s.regionID, p.name)
	defer func() {
		if err := p.cleanUp(ctx, pr.limits); err != nil {
			fmt.Fprintf(pr.log, "probe: cleaning up: %s\n", s.clean(err.Error()))
			fmt.Fprintf(pr.log, "Something named %s-... may be left: delete it, or run `make sweep` in an hour.\n", p.name)
			code = max(code, exitFailed)
		}
		fmt.Fprintf(pr.log, "%d requests in %s.\n", a.sent(), time.Since(start).Round(time.Second))
	}()
	probing, cancel := context.WithTimeoutCause(ctx, pr.limits.time, fmt.Errorf("the probe ends after %s", pr.limits.time))
	defer cancel()
	if err := p.setUp(probing); err != nil {
		fmt.Fprintf(pr.log, "probe: %s\n", s.clean(err.Error()))
		return exitFailed
	}
	return p.checkAll(probing, pr.table, pr.out)
}

// checkAll checks one assumption after the other and prints each as it is known.
func (p *probe) checkAll(ctx context.Context, all []assumption, out io.Writer) (code int) {
	differing, failed := false, false
	for _, a := range all {
		v := a.verdict(ctx, p)
		fmt.Fprintf(out, "%-20s %s\n", a.name, p.settings.clean(v.String()))
		differing = differing || v.kind == differ
		failed = failed || v.kind == failure
	}
	switch {
	case differing:
		return exitDiffers
	case failed:
		return exitFailed
	}
	return exitHolds
}

// bounds keep the probe from becoming a burden or a bill.
type bounds struct {
	requests        int           // for the checks
	time            time.Duration // for the checks
	cleanUpRequests int           // more, for deleting the groups
	cleanUpTime     time.Duration // more
}

// defaultBounds come to 300 requests and ten minutes.
func defaultBounds() bounds {
	return bounds{requests: 260, time: 510 * time.Second, cleanUpRequests: 40, cleanUpTime: 90 * time.Second}
}

// sleeper waits for a duration, or returns the context's error as soon as that ends.
type sleeper func(ctx context.Context, d time.Duration) error

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
