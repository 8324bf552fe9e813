// Command gcore-fake runs the fake Gcore Cloud API of package gcoretest on a loopback port. Its first line of output
// is the base URL; with -log one line per request follows. It ends on SIGINT or SIGTERM and, with -stdin, when its
// standard input ends, so that it never outlives the program that started it.
//
// The exit status is 1 if a client broke the API's contract, or if the server could not run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "gcore-fake:", err)
		os.Exit(1)
	}
}

// run serves until the context ends or, if asked for, the input does.
func run(ctx context.Context, arguments []string, input io.Reader, output, errorOutput io.Writer) error {
	settings, err := parse(arguments, errorOutput)
	if err != nil {
		return err
	}
	// Requests may come before the first line is out; their lines wait for it.
	ready := make(chan struct{})
	if settings.log {
		settings.config.Log = func(r gcoretest.Request) {
			<-ready
			fmt.Fprintln(output, line(r))
		}
	}
	server, err := gcoretest.Start(settings.config)
	if err != nil {
		return err
	}
	defer server.Close()
	if settings.defaultGroup {
		server.AddDefaultGroup(settings.projectID, settings.regionID)
	}
	_, err = fmt.Fprintln(output, server.URL())
	close(ready)
	if err != nil {
		return fmt.Errorf("printing the URL: %w", err)
	}
	wait(ctx, settings.stdin, input)
	server.Close()
	var errs []error
	for _, text := range server.Violations() {
		errs = append(errs, errors.New(text))
	}
	return errors.Join(errs...)
}

// wait blocks until the context ends or the input does, if it counts.
func wait(ctx context.Context, stdin bool, input io.Reader) {
	ended := make(chan struct{})
	if stdin {
		go func() {
			defer close(ended)
			_, _ = io.Copy(io.Discard, input) // an unreadable input has ended too
		}()
	}
	select {
	case <-ctx.Done():
	case <-ended:
	}
}

// line is a request in one line: what was asked, what came of it, how long it took.
func line(r gcoretest.Request) string {
	operation := r.Operation
	if operation == "" {
		operation = "unknown"
	}
	path := r.Path
	if query := r.Query.Encode(); query != "" {
		path += "?" + query
	}
	return fmt.Sprintf("%-14s %-6s %s %d %s", operation, r.Method, path, r.Status, r.Duration)
}
