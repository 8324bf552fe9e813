package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// The documented examples can be applied as they are; the plan after that is
// empty.
func TestExamples(t *testing.T) {
	t.Parallel()
	blocks, commands := exampleFiles(t, "resources/*/import-by-string-id.tf"), exampleFiles(t, "resources/*/import.sh")
	for i, example := range exampleFiles(t, "resources/*/resource.tf") {
		t.Run(filepath.Base(filepath.Dir(example)), func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			w := c.workspace(t)
			w.configure(w.read(example))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			c.importAgain(w, w.read(blocks[i]), func(block string) {
				w.write("import.tf", block)
				says(t, w.must(0, "apply", "-auto-approve", "-no-color"), "1 imported, 0 added")
			})
			c.importAgain(w, w.read(commands[i]), func(command string) {
				must(os.Remove(filepath.Join(w.directory, "import.tf")))
				_, arguments, _ := strings.Cut(command, "\nterraform ")
				w.must(0, strings.Fields(arguments)...)
			})
			w.must(0, "destroy", "-auto-approve")
			if diff := c.differs(nil); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// importAgain takes what an example imports out of the state and imports it with its own id in place of the example's.
// Nothing is sent for that, whatever the keys of its rules are.
func (c cloud) importAgain(w workspace, example string, with func(example string)) {
	w.t.Helper()
	name, id := resourceName.FindString(example), documentedID.FindString(example)
	shown := w.must(0, "state", "show", "-no-color", name)
	actual := "1/76"
	for _, attribute := range []string{"group_id", "id"} {
		found := regexp.MustCompile(`(?m)^    ` + attribute + ` += "(.*)"`).FindStringSubmatch(shown)
		if found != nil && !strings.HasSuffix(actual, found[1]) { // a rule set has its group's id
			actual += "/" + found[1]
		}
	}
	if name == "" || strings.Count(id, "/") != strings.Count(actual, "/") {
		w.t.Fatalf("the example imports %q as %q, which is %q", name, id, actual)
	}
	w.must(0, "state", "rm", name)
	c.ResetRequests()
	with(strings.ReplaceAll(example, id, actual))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if n := c.writes(); n != 0 {
		w.t.Errorf("%d writes", n)
	}
}

var (
	resourceName = regexp.MustCompile(`gcore_cloud_\w+\.\w+`)
	documentedID = regexp.MustCompile(`1/76/[0-9a-f/-]+`)
)

// documented adds the groups that the examples look up.
func (c cloud) documented() (ids []string) {
	web := portalGroup()
	web.ID, web.Tags = "2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40", []gcoretest.Tag{{Key: "team", Value: "web"}, {Key: "stage", Value: "prod"}}
	database := gcoretest.Group{
		ProjectID: testProject, RegionID: testRegion, Name: "database", Tags: []gcoretest.Tag{{Key: "team", Value: "data"}, {Key: "stage", Value: "prod"}},
	}
	return []string{c.AddGroup(web), c.AddGroup(database), c.AddDefaultGroup(testProject, testRegion)}
}

func TestDataSourceExamples(t *testing.T) {
	t.Parallel()
	outputs := map[string][]string{
		"gcore_cloud_security_group":  {`open_to_the_world = [ "ingress-ipv4-tcp-443", ]`},
		"gcore_cloud_security_groups": {`"database" = [`, `"web" = [`, "without_rules = ["},
		"gcore_cloud_projects":        {`default_project = "production"`},
		"gcore_cloud_regions":         {`regions_in_use = [ "Luxembourg-2", ]`},
	}
	examples := exampleFiles(t, "data-sources/*/data-source.tf")
	if len(examples) != len(outputs) {
		t.Fatalf("other examples than are tested: %v", examples)
	}
	for _, example := range examples {
		name := filepath.Base(filepath.Dir(example))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			c.documented()
			w := c.workspace(t)
			w.configure(w.read(example))
			says(t, w.must(0, "apply", "-auto-approve", "-no-color"), outputs[name]...)
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}

// Terraform versions without `terraform query` cannot run the examples; they
// are parsed and checked against the schema.
func TestListResourceExamples(t *testing.T) {
	t.Parallel()
	found := map[string]string{groupType: "web", ruleType: "ingress-ipv4-tcp-443"}
	examples := exampleFiles(t, "list-resources/*/list-resource.tfquery.hcl")
	if len(examples) != len(found) {
		t.Fatalf("other examples than are tested: %v", examples)
	}
	for _, example := range examples {
		name := filepath.Base(filepath.Dir(example))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			c.documented()
			w := c.workspace(t)
			w.configure("")
			w.write("example.tf", w.read(example))
			w.must(0, "fmt", "-check", "-diff", "example.tf")
			p := c.protocol(t, testPlace)
			for _, block := range regexp.MustCompile(`(?s)config \{(.*?)\n  \}`).FindAllStringSubmatch(w.read(example), -1) {
				for _, line := range regexp.MustCompile(`(?m)^    (\w+) +=`).FindAllStringSubmatch(block[1], -1) {
					if !p.has(name, line[1]) {
						t.Errorf("the list has no attribute %s", line[1])
					}
				}
			}
			if !w.version().queries() {
				return
			}
			must(os.Rename(filepath.Join(w.directory, "example.tf"), filepath.Join(w.directory, "example.tfquery.hcl")))
			says(t, w.must(0, "query", "-no-color"), found[name])
		})
	}
}

// has reports whether a list resource has an attribute.
func (p protocol) has(list, attribute string) bool {
	return slices.ContainsFunc(p.schemas.ListResourceSchemas[list].Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == attribute })
}

// The guide's method: a data source writes the import blocks, and Terraform the
// configuration.
func TestAdoptingExample(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	c.documented()
	for _, g := range newRandom(t).groups(10) {
		c.AddGroup(g)
	}
	count := len(c.Groups(testProject, testRegion))
	w := c.workspace(t)
	w.needsGeneration()
	w.write("main.tf", w.read(exampleFile(t, "adopting/main.tf")))
	c.ResetRequests()
	w.must(0, "apply", "-auto-approve")
	w.write("imports.tf", w.must(0, "output", "-raw", "import_blocks"))
	says(t, w.must(0, "plan", "-no-color", "-generate-config-out=groups.tf"), fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", count))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	w.cleanUp()
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// cleanUp is the guide's last step.
func (w workspace) cleanUp() {
	w.t.Helper()
	must(os.Remove(filepath.Join(w.directory, "imports.tf")))
	main, _, _ := strings.Cut(w.read(filepath.Join(w.directory, "main.tf")), "\ndata ")
	w.write("main.tf", main)
	groups := filepath.Join(w.directory, "groups.tf")
	w.write("groups.tf", regexp.MustCompile(`(?m)^(#.*|.* = null|  (project|region)_id +=.*)\n`).ReplaceAllString(w.read(groups), ""))
}

// The guide's blocks do what the guide describes.
func TestAdoptingGuide(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t)
	w.needsGeneration()
	var blocks []string
	for _, match := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(w.read("../../templates/guides/adopting.md.tmpl"), -1) {
		w.write("block.tf", match[1])
		w.must(0, "fmt", "-check", "-diff", "block.tf")
		blocks = append(blocks, match[1])
	}
	must(os.Remove(filepath.Join(w.directory, "block.tf")))
	if len(blocks) != 5 {
		t.Fatalf("the guide has %d blocks, not a query, an import, imports of many, one by identity, and a removal", len(blocks))
	}
	for _, id := range regexp.MustCompile(`"([0-9a-f-]{36})"`).FindAllStringSubmatch(blocks[2], -1) {
		g := portalGroup()
		g.ID, g.Description, g.Tags = id[1], "", nil
		if id[1] != "2a4d1b0c-5b7e-4f0e-9f33-6c8a1d2e3f40" {
			g.Name = "database"
		}
		c.AddGroup(g)
	}
	w.configure(blocks[2])
	says(t, w.must(0, "apply", "-auto-approve", "-no-color"), "2 imported, 0 added, 2 changed", "The group no longer manages its rules")
	w.configure(blocks[1])
	must(os.Remove(filepath.Join(w.directory, "terraform.tfstate")))
	says(t, w.must(0, "plan", "-no-color", "-generate-config-out=groups.tf"), "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.")

	must(os.Remove(filepath.Join(w.directory, "groups.tf")))
	w.configure(importing("gcore_cloud_security_group.default", c.AddDefaultGroup(testProject, testRegion)))
	w.must(0, "plan", "-generate-config-out=groups.tf")
	w.must(0, "apply", "-auto-approve")
	must(os.Remove(filepath.Join(w.directory, "groups.tf")))
	w.configure(blocks[4])
	w.must(0, "apply", "-auto-approve")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
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
