package provider

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const exampleDirectory = "../../examples"

// exampleTests are the tests that apply the example files, by pattern.
func exampleTests() map[string]string {
	return map[string]string{
		"adopting/main.tf":                           "TestAdoptingExample",
		"beside-the-vendor-provider/main.tf":         "TestMigrateBesideVendor",
		"ci/github-actions.yml":                      "TestPipelineExample",
		"data-sources/*/data-source.tf":              "TestDataSourceExamples",
		"demo/*.tf":                                  "TestDemo",
		"functions/*/function.tf":                    "TestFunctionExamples",
		"kubernetes/main.tf":                         "TestKubernetesExample",
		"list-resources/*/list-resource.tfquery.hcl": "TestListResourceExamples",
		"migrating-from-0/main.tf":                   "TestMoveFromLegacy",
		"migrating-from-2/main.tf":                   "TestMigrateFromVendor",
		"module/*.tf":                                "TestModule",
		"module/tests/*.tftest.hcl":                  "TestModule",
		"module/examples/*/*.tf":                     "TestModuleExamples",
		"module/tests/*/*.tf":                        "TestModule",
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
		if err != nil || entry.IsDir() || path.Ext(name) == ".md" || entry.Name() == "LICENSE" || strings.HasPrefix(entry.Name(), ".") {
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

// The first example of the documentation can be applied as it is: its provider block sets the group's place and a tag.
func TestProviderExample(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t)
	w.env = slices.DeleteFunc(w.env, func(variable string) bool { return strings.HasPrefix(variable, "GCORE_CLOUD_") })
	w.write("main.tf", w.read(exampleFile(t, "provider/provider.tf")))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	made := c.only(t)
	if made.ProjectID != 1 || made.RegionID != 76 || len(made.Rules) != 4 || len(made.Tags) != 1 || made.Tags[0].Value != "terraform" {
		t.Errorf("the example made %+v", made)
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
// own, the copy of a group, and the default group's rule set, whose destroy reverts the group.
func TestRulesGuide(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	id := c.AddDefaultGroup(testProject, testRegion)
	const sourceID = "2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40"
	c.AddGroup(gcoretest.Group{ID: sourceID, ProjectID: testProject, RegionID: testRegion, Name: "source", Rules: []gcoretest.Rule{
		{Direction: "ingress", Ethertype: new("IPv4"), RemoteGroupID: new(sourceID)},
		{Direction: "egress", Ethertype: new("IPv6"), Protocol: new("tcp"), PortRangeMin: new(443), PortRangeMax: new(443)},
	}})
	w := c.workspace(t)
	var config strings.Builder
	config.WriteString("resource \"gcore_cloud_security_group\" \"web\" {\n  name = \"web\"\n}\n")
	groups, sets, copies := 0, 0, 0
	for _, match := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(w.read("../../templates/guides/rules.md.tmpl"), -1) {
		w.write("block.tf", match[1])
		w.must(0, "fmt", "-check", "-diff", "block.tf")
		switch {
		case strings.HasPrefix(match[1], "rules = "):
			groups++
			fmt.Fprintf(&config, "resource \"gcore_cloud_security_group\" \"g%[1]d\" {\n  name = \"group-%[1]d\"\n%[2]s}\n", groups, match[1])
		case strings.Contains(match[1], `name = "default"`):
			sets++
			config.WriteString(match[1])
		case strings.Contains(match[1], `name = "source"`):
			copies++
			config.WriteString(match[1])
		}
	}
	if groups != 5 || sets != 1 || copies != 1 {
		t.Fatalf("the guide has %d maps of rules, %d rule sets of the default group and %d copies", groups, sets, copies)
	}
	must(os.Remove(filepath.Join(w.directory, "block.tf")))
	w.configure(config.String())
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if held, _ := c.Group(id); len(held.Rules) != 1 {
		t.Errorf("the default group has %d rules", len(held.Rules))
	}
	lines := func(name string) []string { return slices.Sorted(maps.Keys(c.idsOf(name))) }
	if diff := cmp.Diff(lines("source"), lines("copy")); diff != "" || len(lines("copy")) != 2 {
		t.Errorf("the copy has other rules (-source +copy):\n%s", diff)
	}
	w.must(0, "destroy", "-auto-approve")
	if held, _ := c.Group(id); len(held.Rules) != len(gcoretest.DefaultRules()) {
		t.Errorf("the reverted group has %d rules", len(held.Rules))
	}
}

// The test with mocks that the CI guide shows passes without a key.
func TestCIGuide(t *testing.T) {
	t.Parallel()
	w := strictCloud(t).workspace(t)
	w.env = slices.DeleteFunc(w.env, func(variable string) bool { return strings.HasPrefix(variable, "GCORE_API_KEY=") })
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(w.read("../../templates/guides/ci.md.tmpl"), -1)
	if len(blocks) != 1 {
		t.Fatalf("the guide has %d blocks", len(blocks))
	}
	w.configure(`
resource "gcore_cloud_security_group" "web" {
  name = "web"
}
resource "gcore_cloud_security_group" "database" {
  name  = "database"
  rules = {
    postgresql = { direction = "ingress", ethertype = "IPv4", protocol = "tcp", port_range_min = 5432, port_range_max = 5432, remote_group_id = gcore_cloud_security_group.web.id }
  }
}
`)
	w.write("web.tftest.hcl", blocks[0][1])
	w.must(0, "fmt", "-check", "-diff", "web.tftest.hcl")
	says(t, w.must(0, "test", "-no-color"), "1 passed, 0 failed")
}
