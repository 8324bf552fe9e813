package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// binaryDirectory is where the provider is built, once for all tests that run
// it as a separate process.
var binaryDirectory = filepath.Join(os.TempDir(), fmt.Sprintf("terraform-provider-gcore-test-%d", os.Getpid()))

var buildProvider = sync.OnceValue(func() error {
	build := exec.Command("go", "build", "-o", filepath.Join(binaryDirectory, "terraform-provider-gcore"), "github.com/gcore-community/terraform-provider-gcore")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
})

// workspace is a directory in which real Terraform runs with the provider's
// binary. Each command starts a new process.
type workspace struct {
	t         *testing.T
	directory string
	terraform string
	env       []string
}

func (c cloud) workspace(t *testing.T) workspace {
	t.Helper()
	if err := buildProvider(); err != nil {
		t.Fatal(err)
	}
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		terraform = "terraform"
	}
	w := workspace{t: t, directory: t.TempDir(), terraform: terraform}
	w.write("cli.tfrc", fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n    \"gcore-community/gcore\" = %q\n  }\n  direct {}\n}\n", binaryDirectory))
	w.env = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(w.directory, "cli.tfrc"), "TF_IN_AUTOMATION=1",
		"GCORE_API_KEY="+c.APIKey(), "GCORE_BASE_URL="+c.URL(), "GCORE_CLOUD_PROJECT_ID=1", "GCORE_CLOUD_REGION_ID=76",
	)
	return w
}

func (w workspace) write(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.directory, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w workspace) configure(config string) {
	w.t.Helper()
	w.write("main.tf", "terraform {\n  required_providers {\n    gcore = {\n      source = \"gcore-community/gcore\"\n    }\n  }\n}\n"+config)
}

// command is Terraform with some arguments, and what it prints.
func (w workspace) command(arguments ...string) (command *exec.Cmd, printed *bytes.Buffer) {
	command = exec.CommandContext(w.t.Context(), w.terraform, arguments...)
	command.Dir, command.Env = w.directory, w.env
	printed = &bytes.Buffer{}
	command.Stdout, command.Stderr = printed, printed
	return command, printed
}

// run runs Terraform and returns its output and exit code.
func (w workspace) run(arguments ...string) (output string, code int) {
	w.t.Helper()
	command, printed := w.command(arguments...)
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return printed.String(), command.ProcessState.ExitCode()
}

// must runs Terraform and fails the test unless it exits with the given code.
func (w workspace) must(code int, arguments ...string) string {
	w.t.Helper()
	output, got := w.run(arguments...)
	if got != code {
		w.t.Fatalf("terraform %s ended with %d, want %d:\n%s", strings.Join(arguments, " "), got, code, output)
	}
	return output
}

// One process plans and another applies: a create, an update and a destroy.
func TestSavedPlan(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	planAndApply := func(config string, arguments ...string) {
		t.Helper()
		w.configure(config)
		w.must(2, append([]string{"plan", "-out=saved", "-detailed-exitcode", "-input=false"}, arguments...)...)
		w.must(0, "apply", "-input=false", "saved")
	}
	check := func(want ...group) {
		t.Helper()
		if diff := c.differs(want); diff != "" {
			t.Fatal(diff)
		}
		w.must(0, "plan", "-detailed-exitcode")
		// Terraform has no exit code for an empty refresh-only plan:
		// https://github.com/hashicorp/terraform/issues/36403
		if output := w.must(0, "plan", "-refresh-only", "-no-color"); !strings.Contains(output, "No changes.") {
			t.Fatalf("a refresh finds changes:\n%s", output)
		}
	}
	planAndApply(web("tags = { a = \"1\" }\nrules = {"+httpsEntry+"}") + peerOfWeb)
	check(group{"web", "", []string{"a=1"}, []string{httpsLine}}, group{name: "peer", rules: []string{"ingress IPv4 from group web"}})
	planAndApply(web("rules = {"+httpsEntry+"\n self = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", self = true } }") + peerOfWeb)
	check(group{name: "web", rules: []string{httpsLine, "ingress IPv4 from group self"}}, group{name: "peer", rules: []string{"ingress IPv4 from group web"}})
	planAndApply(web("rules = {}")+peerOfWeb, "-destroy")
	if diff := c.differs(nil); diff != "" {
		t.Error(diff)
	}
}

const peerOfWeb = `
resource "gcore_cloud_security_group" "peer" {
  name = "peer"
}
resource "gcore_cloud_security_group_rule" "web" {
  group_id        = gcore_cloud_security_group.peer.id
  direction       = "ingress"
  ethertype       = "IPv4"
  protocol        = "any"
  remote_group_id = gcore_cloud_security_group.web.id
}
`

// The TRACE log contains the requests, and never the key.
func TestKeyIsNotLogged(t *testing.T) {
	t.Parallel()
	const key = "4242$not-to-be-seen"
	c := newCloud(t, gcoretest.Config{APIKey: key})
	w := c.workspace(t)
	w.env = append(w.env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(w.directory, "trace.log"))
	w.configure(web("rules = {" + httpsEntry + "}"))
	printed := w.must(0, "apply", "-auto-approve", "-input=false")
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Effect: gcoretest.Answer{Status: 403, Body: `{"exception_class": "ForbiddenError", "message": "key ` + key + ` may not"}`}})
	printed += w.must(1, "plan")
	state, err := os.ReadFile(filepath.Join(w.directory, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(w.directory, "trace.log"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "/cloud/v2/security_groups/1/76"; !bytes.Contains(log, []byte(want)) {
		t.Errorf("the log does not have the request %s", want)
	}
	for name, text := range map[string]string{"log": string(log), "output": printed, "state": string(state)} {
		if at := strings.Index(text, key); at >= 0 {
			t.Errorf("the %s has the key in it: %s", name, text[max(0, at-200):min(len(text), at+200)])
		}
	}
}

// ids lists the ids of the groups in the state.
func (w workspace) ids() []string {
	w.t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Type   string
					Values struct{ ID string }
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(w.must(0, "show", "-json")), &state); err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, r := range state.Values.RootModule.Resources {
		if r.Type == groupType {
			ids = append(ids, r.Values.ID)
		}
	}
	return slices.Sorted(slices.Values(ids))
}
