// Command demo shows the provider at work: real Terraform applies, changes and destroys examples/demo against a fake of
// the Gcore Cloud API in this process. It needs no account and no network, leaves nothing behind, and fails if anything
// is not as it must be. `make demo` builds the provider and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest/cmd/internal/terraform"
)

func main() {
	var o options
	flag.StringVar(&o.provider, "provider", "", "path of the provider's `binary`, named terraform-provider-gcore")
	flag.StringVar(&o.archive, "archive", "", "`path` of a release's archive to install with init, instead of -provider")
	flag.StringVar(&o.terraform, "terraform", "terraform", "path of Terraform or OpenTofu, or its name on PATH")
	flag.StringVar(&o.configuration, "configuration", filepath.Join("examples", "demo"), "`directory` of the configuration to apply")
	flag.StringVar(&o.picture, "picture", "", "`file` for a picture (SVG) of the steps that show drift and its repair")
	flag.Parse()

	// A closed terminal or a pipe that nobody reads any more ends the demo like Ctrl-C does: in good order.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, o, newPrinter(os.Stdout))
	stop()
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(os.Stderr, "\nThe demo was interrupted: %v\n", err)
		os.Exit(1)
	case err != nil:
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}

// options are the demo's flags.
type options struct {
	provider, archive, terraform, configuration, picture string
	// temporary is where the demo makes its directory, "" the system's usual place.
	temporary string
}

// The cloud is some 20 ms away and works on a task for 0.3 s. Terraform takes the rest of the time.
const (
	latency      = 20 * time.Millisecond
	taskDuration = 300 * time.Millisecond
)

// run goes through the steps. Whatever happens, when it returns the fake, Terraform and the directory are gone.
func run(ctx context.Context, o options, out *printer) error {
	start := time.Now()
	requests, err := perform(ctx, o, out)
	if err != nil {
		return err
	}
	out.heading("Done", fmt.Sprintf("%d requests in %.0f s, and none that the API's contract forbids. Nothing was left behind.",
		requests, time.Since(start).Seconds()))
	return nil
}

// perform returns how many requests the steps took.
func perform(ctx context.Context, o options, out *printer) (requests int, err error) {
	// Terraform colours its output only if asked to, and a picture needs the colours.
	out.colour = out.colour || o.picture != ""
	cloud, err := gcoretest.Start(gcoretest.Config{Latency: latency, TaskDuration: taskDuration, RefusePort25: true})
	if err != nil {
		return 0, fmt.Errorf("start the fake API: %w", err)
	}
	defer cloud.Close()
	directory, err := os.MkdirTemp(o.temporary, "gcore-demo-")
	if err != nil {
		return 0, fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	if err := copyConfiguration(directory, o.configuration); err != nil {
		return 0, err
	}
	settings, steps, err := install(directory, o)
	if err != nil {
		return 0, err
	}
	place := terraform.Place{Project: project, Region: region}
	d := &demo{cloud: cloud, out: out, terraform: &terraform.CLI{
		Path: o.terraform, Directory: directory, Environment: terraform.Environment(os.Environ(), settings, cloud, place, out.colour),
	}}
	out.text("The provider works on a fake of the Gcore Cloud API on " + cloud.URL() + ", in this process. " +
		"What it applies is " + filepath.ToSlash(o.configuration) + ".")
	for i, s := range steps {
		out.heading(fmt.Sprintf("%d/%d  %s", i+1, len(steps), s.title), s.why)
		if err := d.do(ctx, s); err != nil {
			return 0, fmt.Errorf("step %d, %q: %w", i+1, s.title, err)
		}
	}
	if o.picture != "" {
		if err := os.WriteFile(o.picture, draw(d.recorded), 0o644); err != nil { //nolint:gosec // a picture for everybody
			return 0, fmt.Errorf("write the picture: %w", err)
		}
	}
	return d.requests, nil
}

// install writes the CLI configuration that leads Terraform to the provider, and returns the steps to go through.
func install(directory string, o options) (settings string, steps []step, err error) {
	if o.archive == "" {
		settings, err = terraform.Override(directory, o.provider)
		return settings, tour(), err
	}
	settings, err = terraform.Mirror(directory, o.archive)
	return settings, append([]step{initialize}, tour()...), err
}

// copyConfiguration copies the *.tf files alone: a state that somebody's own run left beside them is not the demo's.
func copyConfiguration(directory, configuration string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return fmt.Errorf("copy the configuration: %w", err)
	}
	defer func() { _ = root.Close() }() // nothing is written through the directory itself
	source := os.DirFS(configuration)
	files, err := fs.Glob(source, "*.tf")
	if err == nil && len(files) == 0 {
		err = errors.New("no *.tf files there (the demo runs in the repository's root directory)")
	}
	if err != nil {
		return fmt.Errorf("copy the configuration %s: %w", configuration, err)
	}
	for _, file := range files {
		content, err := fs.ReadFile(source, file)
		if err == nil {
			err = root.WriteFile(file, content, 0o600)
		}
		if err != nil {
			return fmt.Errorf("copy the configuration: %w", err)
		}
	}
	return nil
}
