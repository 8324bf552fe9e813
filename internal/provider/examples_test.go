package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// The examples in the documentation do what they say: applied as they stand,
// they leave nothing to plan.
func TestExamples(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Glob("../../examples/resources/*/resource.tf")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, example := range examples {
		t.Run(filepath.Base(filepath.Dir(example)), func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t)
			w.configure(w.read(example))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			// The import block of the page, with the id of what is there.
			_, block, _ := strings.Cut(w.read(filepath.Join(filepath.Dir(example), "import-by-string-id.tf")), "to = ")
			name, _, _ := strings.Cut(block, "\n")
			w.must(0, "state", "show", strings.TrimSpace(name))
			w.must(0, "destroy", "-auto-approve")
			if diff := c.differs(nil); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func (w workspace) read(path string) string {
	w.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(content)
}
