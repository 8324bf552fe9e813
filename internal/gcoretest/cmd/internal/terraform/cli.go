// Package terraform runs the Terraform CLI with the provider's binary against the fake API, for the programs that show
// and measure the provider. It leaves nothing running.
package terraform

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

// Place is the account and the place that the provider works in. The fake knows every project and region.
type Place struct{ Project, Region int64 }

// CLI is Terraform, or OpenTofu, in one directory.
type CLI struct {
	Path        string
	Directory   string
	Environment []string
	// Started is told the id of Terraform's process; nil: nobody wants to know.
	Started func(pid int)
}

// Name is how a user would type it.
func (t *CLI) Name() string { return strings.TrimSuffix(filepath.Base(t.Path), ".exe") }

// Run starts Terraform, hands over each line of its output, and returns its exit code when it has ended. When the
// context ends it interrupts Terraform once, as Ctrl-C does, waits, and returns the context's error.
func (t *CLI) Run(ctx context.Context, line func(string), arguments ...string) (code int, err error) {
	cmd := exec.CommandContext(ctx, t.Path, arguments...) //nolint:gosec // whoever runs this names the program
	cmd.Dir, cmd.Env = t.Directory, t.Environment
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

	if err = cmd.Start(); err == nil {
		if t.Started != nil {
			t.Started(cmd.Process.Pid)
		}
		err = cmd.Wait()
	}
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
		return 0, fmt.Errorf("run %s: %w", t.Path, err)
	}
	return 0, nil
}

// Environment is Terraform's. What the caller's says about Gcore and Terraform is dropped: a real key, another CLI
// configuration, TF_VAR_..., a workspace. Names are compared in upper case, as Windows does. Settings is the path of the
// CLI configuration.
func Environment(callers []string, settings string, cloud *gcoretest.Server, place Place, colour bool) []string {
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
		"GCORE_CLOUD_PROJECT_ID="+strconv.FormatInt(place.Project, 10),
		"GCORE_CLOUD_REGION_ID="+strconv.FormatInt(place.Region, 10),
	)
	if !colour {
		result = append(result, "TF_CLI_ARGS=-no-color")
	}
	return result
}

// Override writes a CLI configuration into a directory that names the provider's binary, so that Terraform needs neither
// `init` nor a registry. It returns the configuration's path.
func Override(directory, binary string) (settings string, err error) {
	provider, err := filepath.Abs(binary)
	if err == nil {
		_, err = os.Stat(provider)
	}
	if err != nil {
		return "", fmt.Errorf("find the provider: %w", err)
	}
	if name := filepath.Base(provider); strings.TrimSuffix(name, ".exe") != "terraform-provider-gcore" {
		return "", fmt.Errorf("the provider's file is named %q, but Terraform looks for terraform-provider-gcore: set -provider", name)
	}
	settings = filepath.Join(directory, "cli.tfrc")
	text := "provider_installation {\n  dev_overrides {\n    \"gcore-community/gcore\" = " +
		strconv.Quote(filepath.ToSlash(filepath.Dir(provider))) + "\n  }\n}\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write the CLI configuration: %w", err)
	}
	return settings, nil
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
