package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// planParts is what the policies read of a plan. All else differs between versions of Terraform, or is the fake's.
var planParts = []string{
	"resource_changes", "address", "module_address", "mode", "type", "change", "actions", "before", "after", "after_unknown",
	"configuration", "root_module", "module_calls", "module", "resources", "expressions", "references",
	"id", "group_id", "keep_default_rules", "on_destroy", "rules",
	"direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "self",
}

// The plans that the policies are tested with are those that Terraform makes of the configurations beside them.
func TestPolicyPlans(t *testing.T) {
	t.Parallel()
	const directory = "../../tools/policies/testdata"
	configurations, err := filepath.Glob(directory + "/*/main.tf")
	if err != nil || len(configurations) == 0 {
		t.Fatal("no configurations", err)
	}
	for _, configuration := range configurations {
		source := filepath.Dir(configuration)
		t.Run(filepath.Base(source), func(t *testing.T) {
			t.Parallel()
			w := strictCloud(t).workspace(t)
			copyInto := func(source string) {
				must(os.RemoveAll(filepath.Join(w.directory, "main.tf")))
				must(os.CopyFS(w.directory, os.DirFS(source)))
			}
			if _, err := os.Stat(source + "/before"); err == nil {
				copyInto(source + "/before")
				w.must(0, "apply", "-auto-approve")
				must(os.Remove(filepath.Join(w.directory, "main.tf")))
			}
			copyInto(source)
			w.must(0, "get")
			w.must(0, "plan", "-out=saved")
			golden(t, source+"/plan.json", readParts(t, w.must(0, "show", "-json", "saved")))
		})
	}
}

// readParts keeps what planParts names, with ids that do not change from run to run.
func readParts(t *testing.T, shown string) string {
	t.Helper()
	var plan any
	if err := json.Unmarshal([]byte(shown), &plan); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(parts(plan, ""), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	return regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllStringFunc(string(text), func(id string) string {
		if known[id] == "" {
			known[id] = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(known)+1)
		}
		return known[id]
	}) + "\n"
}

// parts keeps what is named. The names of modules are the user's, and rules are kept whole.
func parts(value any, under string) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = parts(value[i], under)
		}
	case map[string]any:
		for name, inner := range value {
			switch {
			case under == "module_calls":
				value[name] = parts(inner, "")
			case under == "expressions" && name != "group_id", !slices.Contains(planParts, name):
				delete(value, name)
			case name != "rules":
				value[name] = parts(inner, name)
			}
		}
	}
	return value
}
