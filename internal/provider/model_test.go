package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/modeltest"
)

// TestModel runs random sequences of configurations with real Terraform. The
// engine's own test of that name runs many more of them without it; here it
// shows what becomes of state and plan. One that fails is shrunk.
func TestModel(t *testing.T) {
	t.Parallel()
	count := uint64(2)
	if os.Getenv("TEST_FAULTS") == "all" {
		count = 50
	}
	for seed := range modeltest.Seeds(t, count) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := modeltest.Generate(seed, modeltest.Options{Steps: 8, Readings: modeltest.Readings(), Faults: modeltest.Faults()})
			if err := runModel(t, s); err != nil {
				s = modeltest.Shrink(s, 60, func(s modeltest.Sequence) bool { return runModel(t, s) != nil })
				t.Errorf("%v\n\nThe shortest sequence that fails: %v\n%s", err, runModel(t, s), s)
			}
		})
	}
}

func runModel(t *testing.T, s modeltest.Sequence) error {
	t.Helper()
	return modeltest.Run(t, s, func(server *gcoretest.Server) modeltest.Subject {
		c := cloud{Server: server}
		return &terraformed{workspace: c.workspace(t).reattached(c)}
	})
}

// terraformed is a workspace as the subject of the model.
type terraformed struct {
	workspace
	running atomic.Pointer[os.Process]
}

// Interrupt is a Ctrl-C.
func (s *terraformed) Interrupt() {
	if process := s.running.Load(); process != nil {
		_ = process.Signal(os.Interrupt) // it may have ended by now
	}
}

func (s *terraformed) Apply(step modeltest.Step, imports map[string]string, between func()) error {
	for _, address := range step.Forget {
		s.run("state", "rm", modeltest.TerraformAddress(address))
	}
	var provider []string
	if step.Fault.Scenario != "" && !gcoretest.Scenarios()[step.Fault.Scenario].Passes {
		provider = []string{"polling_timeout_seconds = 2"}
	}
	config := step.Config.HCL(provider...)
	for _, address := range slices.Sorted(maps.Keys(imports)) {
		config += fmt.Sprintf("import {\n  to = %s\n  id = \"%d/%d/%s\"\n}\n", modeltest.TerraformAddress(address), testProject, testRegion, imports[address])
	}
	for _, from := range slices.Sorted(maps.Keys(step.Moved)) {
		config += fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", modeltest.TerraformAddress(from), modeltest.TerraformAddress(step.Moved[from]))
	}
	s.configure(config)
	arguments := []string{"-no-color", "-input=false", fmt.Sprintf("-parallelism=%d", max(step.Parallelism, 1))}
	for _, address := range step.Replace {
		arguments = append(arguments, "-replace="+modeltest.TerraformAddress(address))
	}
	if step.NoRefresh {
		arguments = append(arguments, "-refresh=false")
	}
	if len(step.Between) == 0 && !step.Later {
		between()
		return s.ends(append([]string{"apply", "-auto-approve"}, arguments...)...)
	}
	if err := s.ends(append([]string{"plan", "-out=saved"}, arguments...)...); err != nil {
		return err
	}
	between()
	return s.ends("apply", "-no-color", "-input=false", arguments[2], "saved")
}

// ends runs Terraform, which has to succeed.
func (s *terraformed) ends(arguments ...string) error {
	command, printed := s.command(arguments...)
	must(command.Start())
	s.running.Store(command.Process)
	defer s.running.Store(nil)
	if command.Wait() != nil {
		return errors.New(plain(printed.String()))
	}
	return nil
}

// Plan is a plan that has to be empty, and to find no drift: Terraform then
// says other words.
func (s *terraformed) Plan(config modeltest.Config) (string, error) {
	s.configure(config.HCL())
	switch output, code := s.run("plan", "-no-color", "-input=false", "-detailed-exitcode"); {
	case code == 1:
		return "", errors.New(plain(output))
	case code != 0, !strings.Contains(output, "Your infrastructure matches the configuration."):
		return output, nil
	}
	return "", nil
}

// IDs reads the state's file, which costs no run of Terraform.
func (s *terraformed) IDs() map[string]string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.directory, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	must(err)
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Deposed    string
				Attributes struct{ ID string }
			}
		}
	}
	must(json.Unmarshal(text, &state))
	kinds := map[string]string{groupType: "group.", ruleType: "rule.", ruleSetType: "set."}
	ids := map[string]string{}
	for _, r := range state.Resources {
		for _, instance := range r.Instances {
			if instance.Deposed == "" {
				ids[kinds[r.Type]+r.Name] = instance.Attributes.ID
			}
		}
	}
	return ids
}
