package provider

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const exampleDirectory = "../../examples"

// exampleTests are the tests that apply the example files, by pattern.
func exampleTests() map[string]string {
	return map[string]string{
		"adopting/main.tf":                           "TestAdoptingExample",
		"beside-the-vendor-provider/main.tf":         "TestMigrateBesideVendor",
		"data-sources/*/data-source.tf":              "TestDataSourceExamples",
		"demo/*.tf":                                  "TestDemo",
		"functions/*/function.tf":                    "TestFunctionExamples",
		"kubernetes/main.tf":                         "TestKubernetesExample",
		"list-resources/*/list-resource.tfquery.hcl": "TestListResourceExamples",
		"migrating-from-0/main.tf":                   "TestMoveFromLegacy",
		"migrating-from-2/main.tf":                   "TestMigrateFromVendor",
		"module/*.tf":                                "TestModule",
		"module/tests/*.tftest.hcl":                  "TestModule",
		"module/tests/setup/*.tf":                    "TestModule",
		"moving/*.tf":                                "TestMovingExamples",
		"provider/provider.tf":                       "TestProviderExample",
		"resources/*/import-by-string-id.tf":         "TestExamples",
		"resources/*/import.sh":                      "TestExamples",
		"resources/*/resource.tf":                    "TestExamples",
	}
}

// strictCloud is the API at its strictest: what the documentation shows has to work in every account.
func strictCloud(t *testing.T) cloud {
	t.Helper()
	return newCloud(t, gcoretest.Config{
		RefusePort25: true, Projects: []gcoretest.Place{{ID: 1, Name: "production"}}, Regions: []gcoretest.Place{{ID: 76, Name: "Luxembourg-2"}},
	})
}

// exampleFiles are the files of a pattern, of which there is at least one.
func exampleFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(exampleDirectory, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no example is named %s: %v", pattern, err)
	}
	if test, _, _ := strings.Cut(t.Name(), "/"); exampleTests()[pattern] != test {
		t.Errorf("%s is to be applied by %s", pattern, exampleTests()[pattern])
	}
	return files
}

// exampleFile is the file of a pattern that has no wildcard.
func exampleFile(t *testing.T, name string) string {
	t.Helper()
	return exampleFiles(t, name)[0]
}

// Each example is applied by a test, against an API that refuses egress to port 25.
func TestEveryExampleIsApplied(t *testing.T) {
	t.Parallel()
	tests := exampleTests()
	err := fs.WalkDir(os.DirFS(exampleDirectory), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == ".md" || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		applied := 0
		for pattern := range tests {
			if ok, _ := path.Match(pattern, name); ok {
				applied++
			}
		}
		if applied != 1 {
			t.Errorf("%s is applied by %d tests", name, applied)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	for _, pattern := range []string{"*_test.go", "../gcoretest/cmd/demo/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files are named %s: %v", pattern, err)
		}
		for _, file := range files {
			sources.WriteString(readPage(t, file) + "\n")
		}
	}
	functions := strings.Split(sources.String(), "\nfunc ")
	// The demo starts the fake itself.
	starts := map[string]string{"TestDemo": "perform"}
	for pattern, test := range tests {
		name := test
		if started, ok := starts[test]; ok {
			name = started
		}
		strict := slices.ContainsFunc(functions, func(text string) bool {
			return strings.HasPrefix(text, name+"(") && (strings.Contains(text, "strictCloud(t)") || strings.Contains(text, "RefusePort25: true"))
		})
		if !strict {
			t.Errorf("%s: no %s applies it with egress to port 25 refused", pattern, name)
		}
	}
}

// The provider block of the documentation sets what it says: a place for the group that names none, and a default tag.
func TestProviderExample(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t)
	w.env = slices.DeleteFunc(w.env, func(variable string) bool { return strings.HasPrefix(variable, "GCORE_CLOUD_") })
	w.write("provider.tf", w.read(exampleFile(t, "provider/provider.tf")))
	w.write("main.tf", web("tags = { team = \"web\" }\nrules = {"+httpsEntry+"}"))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if diff := c.differs([]group{{"web", "", []string{"managed_by=terraform", "team=web"}, []string{httpsLine}}}); diff != "" {
		t.Error(diff)
	}
}

// README's first configuration can be applied as it is.
func TestReadmeConfiguration(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t)
	_, text, _ := strings.Cut(w.read("../../README.md"), "## First configuration\n")
	_, text, _ = strings.Cut(text, "```terraform\n")
	block, _, _ := strings.Cut(text, "```")
	w.write("main.tf", block)
	w.must(0, "fmt", "-check", "-diff", "main.tf")
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if made := c.only(t); len(made.Rules) != 5 {
		t.Errorf("the group has %d rules", len(made.Rules))
	}
}

// What the guide on rules shows can be applied where egress to port 25 is refused: each map of rules in a group of its
// own, and the default group's rule set, whose destroy reverts the group.
func TestRulesGuide(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	id := c.AddDefaultGroup(testProject, testRegion)
	w := c.workspace(t)
	var config strings.Builder
	maps, sets := 0, 0
	for _, match := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(w.read("../../templates/guides/rules.md.tmpl"), -1) {
		w.write("block.tf", match[1])
		w.must(0, "fmt", "-check", "-diff", "block.tf")
		switch {
		case strings.HasPrefix(match[1], "rules = "):
			maps++
			fmt.Fprintf(&config, "resource \"gcore_cloud_security_group\" \"g%[1]d\" {\n  name = \"group-%[1]d\"\n%[2]s}\n", maps, match[1])
		case strings.Contains(match[1], `name = "default"`):
			sets++
			config.WriteString(match[1])
		}
	}
	if maps != 3 || sets != 1 {
		t.Fatalf("the guide has %d maps of rules and %d rule sets of the default group", maps, sets)
	}
	must(os.Remove(filepath.Join(w.directory, "block.tf")))
	w.configure(config.String())
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if held, _ := c.Group(id); len(held.Rules) != 1 {
		t.Errorf("the default group has %d rules", len(held.Rules))
	}
	w.must(0, "destroy", "-auto-approve")
	if held := c.only(t); len(held.Rules) != len(gcoretest.DefaultRules()) {
		t.Errorf("the reverted group has %d rules", len(held.Rules))
	}
}
