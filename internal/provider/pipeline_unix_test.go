//go:build unix

package provider

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// pipeline is what a workflow of GitHub Actions has that a test can run.
type pipeline struct {
	Env  map[string]string `yaml:"env"`
	Jobs map[string]struct {
		Steps []struct {
			Run string `yaml:"run"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

// The commands of the guide's pipeline do what the guide says, with a provider that comes from a mirror.
func TestPipelineExample(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t).mirrored()
	var p pipeline
	if err := yaml.Unmarshal([]byte(w.read(exampleFile(t, "ci/github-actions.yml"))), &p); err != nil {
		t.Fatal(err)
	}
	for name, value := range p.Env {
		if w.getenv(name) == "" {
			w.env = append(w.env, name+"="+value)
		}
	}
	job := func(name string, code int) {
		t.Helper()
		output, ran, got := "", 0, 0
		for _, step := range p.Jobs[name].Steps {
			if step.Run == "" || got != 0 {
				continue
			}
			output, got = w.shell(step.Run)
			ran++
		}
		if got != code || ran < 2 {
			t.Fatalf("%s: %d commands end with %d, want %d:\n%s", name, ran, got, code, output)
		}
	}
	w.configure(web("rules = {" + httpsEntry + "}"))
	w.must(0, "fmt")
	job("drift", 2)
	job("plan", 0)
	job("apply", 0)
	job("drift", 0)
	want := []group{{name: "web", rules: []string{httpsLine}}}
	if diff := c.differs(want); diff != "" {
		t.Error(diff)
	}
	c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4")})
	job("drift", 2)
	job("plan", 0)
	job("apply", 0)
	if diff := c.differs(want); diff != "" {
		t.Error(diff)
	}
}

// mirrored has terraform on PATH, and takes the provider from a filesystem mirror, so that init works.
func (w workspace) mirrored() workspace {
	w.t.Helper()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		mirror := filepath.Join(w.directory, "mirror", host, "gcore-community/gcore/0.1.0", runtime.GOOS+"_"+runtime.GOARCH)
		must(os.MkdirAll(mirror, 0o700))
		must(os.Symlink(filepath.Join(binaryDirectory, "terraform-provider-gcore"), filepath.Join(mirror, "terraform-provider-gcore_v0.1.0")))
	}
	w.write("cli.tfrc", fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(w.directory, "mirror")))
	path, err := exec.LookPath(w.terraform)
	must(err)
	path, err = filepath.Abs(path)
	must(err)
	programs := w.t.TempDir()
	must(os.Symlink(path, filepath.Join(programs, "terraform")))
	w.env = append(w.env, "PATH="+programs+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return w
}

// shell runs a command as GitHub Actions does, and returns its output and exit code.
func (w workspace) shell(script string) (output string, code int) {
	w.t.Helper()
	command := exec.CommandContext(w.t.Context(), "sh", "-e", "-c", script)
	command.Dir, command.Env = w.directory, w.env
	printed, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return string(printed), command.ProcessState.ExitCode()
}
