package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each test file of the example module passes in its own cloud and leaves no
// orphans.
func TestModule(t *testing.T) {
	t.Parallel()
	module := filepath.Dir(exampleFiles(t, "module/*.tf")[0])
	for _, file := range exampleFiles(t, "module/tests/*.tftest.hcl") {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".tftest.hcl"), func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			w := c.workspace(t)
			if err := os.CopyFS(w.directory, os.DirFS(module)); err != nil {
				t.Fatal(err)
			}
			// For the module that creates the test fixtures; Terraform must not
			// look for providers.
			w.must(0, "get")
			output := w.must(0, "test", "-no-color", "-filter=tests/"+name)
			runs := regexp.MustCompile(`(?m)^run "`).FindAllString(w.read(file), -1)
			if passed := regexp.MustCompile(`run ".*"\.\.\. pass`).FindAllString(output, -1); len(passed) == 0 || len(passed) != len(runs) {
				t.Errorf("%d of %d runs passed:\n%s", len(passed), len(runs), output)
			}
			if diff := c.differs(nil); diff != "" {
				t.Errorf("something is left: %s", diff)
			}
		})
	}
}

// The module's README lists its inputs, outputs and requirements.
func TestModuleReadme(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		content, err := os.ReadFile("../../examples/module/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	readme := read("README.md")
	for file, pattern := range map[string]string{
		"variables.tf": `(?m)^variable "(\w+)"`, "outputs.tf": `(?m)^output "(\w+)"`, "presets.tf": `(?m)^    (\w+) += \{ protocols`,
	} {
		names := regexp.MustCompile(pattern).FindAllStringSubmatch(read(file), -1)
		if len(names) < 2 {
			t.Errorf("%s has only %d names", file, len(names))
		}
		for _, name := range names {
			if !regexp.MustCompile(`(?m)^\|.*\x60` + name[1] + `\x60.*\|.*\|`).MatchString(readme) {
				t.Errorf("the README has no line for %s of %s", name[1], file)
			}
		}
	}
}
