package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// grace is how long an interrupted Terraform may take to end in good order.
const grace = 20 * time.Second

// terraform runs the Terraform CLI in one directory.
type terraform struct {
	path        string
	directory   string
	environment []string
}

// name is how a user would type it.
func (t *terraform) name() string { return strings.TrimSuffix(filepath.Base(t.path), ".exe") }

// run starts Terraform, hands over each line of its output, and returns its exit code when it has ended. When the
// context ends it interrupts Terraform once, as Ctrl-C does, waits, and returns the context's error.
func (t *terraform) run(ctx context.Context, line func(string), arguments ...string) (code int, err error) {
	cmd := exec.CommandContext(ctx, t.path, arguments...) //nolint:gosec // whoever runs the demo names the program
	cmd.Dir, cmd.Env = t.directory, t.environment
	output := &lines{emit: line}
	cmd.Stdout, cmd.Stderr = output, output
	apart(cmd)
	var force *time.Timer
	cmd.Cancel = func() error {
		force = time.AfterFunc(grace, func() { kill(cmd) })
		return cmd.Process.Signal(os.Interrupt)
	}
	// Also for a system that cannot send an interrupt: there the console does.
	cmd.WaitDelay = grace + 5*time.Second

	err = cmd.Run()
	if force != nil {
		force.Stop()
	}
	output.flush()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", t.path, err)
	}
	return 0, nil
}

// environment is Terraform's. What the caller's says about Gcore and Terraform is dropped: a real key, another CLI
// configuration, TF_VAR_..., a workspace. Names are compared in upper case, as Windows does.
func environment(callers []string, settings string, cloud *gcoretest.Server, colour bool) []string {
	var result []string
	for _, entry := range callers {
		if upper := strings.ToUpper(entry); !strings.HasPrefix(upper, "GCORE_") && !strings.HasPrefix(upper, "TF_") {
			result = append(result, entry)
		}
	}
	result = append(result,
		"CHECKPOINT_DISABLE=1", // asks no server for news of Terraform
		"TF_CLI_CONFIG_FILE="+settings,
		"TF_IN_AUTOMATION=1", // gives no advice on which command to type next
		"GCORE_BASE_URL="+cloud.URL(),
		"GCORE_API_KEY="+cloud.APIKey(),
		"GCORE_CLOUD_PROJECT_ID="+strconv.Itoa(project),
		"GCORE_CLOUD_REGION_ID="+strconv.Itoa(region),
	)
	if !colour {
		result = append(result, "TF_CLI_ARGS=-no-color")
	}
	return result
}

// lines is a writer that hands over what is written to it line by line.
type lines struct {
	emit    func(string)
	pending []byte
}

func (l *lines) Write(data []byte) (int, error) {
	l.pending = append(l.pending, data...)
	for {
		line, rest, found := bytes.Cut(l.pending, []byte("\n"))
		if !found {
			return len(data), nil
		}
		l.emit(strings.TrimSuffix(string(line), "\r"))
		l.pending = rest
	}
}

// flush hands over a last line that has no end.
func (l *lines) flush() {
	if len(l.pending) > 0 {
		l.emit(string(l.pending))
		l.pending = nil
	}
}
