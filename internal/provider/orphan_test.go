package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// orphanWarning is in the title of each warning of an orphan.
const orphanWarning = "was created less than an hour ago"

// A group of the state is no orphan, whether it was refreshed or not. Terraform may plan a new group before it reads
// those of the state, but it begins with ten resources at a time, and the list takes some time.
func TestGroupsOfTheStateAreNoOrphans(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{Latency: 50 * time.Millisecond})
	w := c.workspace(t).reattached(c)
	const first = "lifecycle {\n    create_before_destroy = true\n  }"
	w.configure(web(first))
	w.must(0, "apply", "-auto-approve")
	twin := strings.Replace(web(""), `"web"`, `"twin"`, 1)
	w.configure(web(first) + twin)
	for _, arguments := range [][]string{
		{"-replace=" + webGroup}, {"-replace=" + webGroup, "-refresh=false"}, {}, {"-refresh=false"},
	} {
		if output := w.must(0, append([]string{"plan"}, arguments...)...); strings.Contains(output, orphanWarning) {
			t.Errorf("plan %v:\n%s", arguments, output)
		}
	}
	w.must(0, "apply", "-auto-approve", "-replace="+webGroup)
	if diff := c.differs([]group{{name: "web"}, {name: "web"}}); diff != "" {
		t.Error(diff)
	}
}

// The plan warns of each orphan. The apply cannot know the groups of the state, and stops looking with its first create.
func TestOrphansInAnApply(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for _, name := range []string{"web-0", "web-1", "web-2"} {
		c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: name})
	}
	w := c.workspace(t).reattached(c)
	w.configure("resource \"gcore_cloud_security_group\" \"web\" {\n  count = 3\n  name  = \"web-${count.index}\"\n}\n")
	output := w.must(0, "plan", "-out=saved")
	says(t, output, "Unless your configuration already manages it", "import {")
	if n := strings.Count(output, orphanWarning); n != 3 {
		t.Errorf("the plan warns of %d orphans", n)
	}
	if n := strings.Count(w.must(0, "apply", "-parallelism=1", "saved"), orphanWarning); n > 1 {
		t.Errorf("the apply warns of %d orphans", n)
	}
}

// Groups of another state, or of another provider configuration, which is a process of its own, are not known to the plan. Its
// warning says so.
func TestOrphansOfOthers(t *testing.T) {
	t.Parallel()
	const other = "provider \"gcore\" {}\nprovider \"gcore\" {\n  alias = \"other\"\n}\n"
	twin := strings.Replace(web(""), `"web"`, `"twin"`, 1)
	for name, test := range map[string]struct {
		first, then string
		isNew       bool // the second configuration is one of another state
	}{
		"another state": {first: web(""), then: web(""), isNew: true},
		"an alias":      {first: other + web("provider = gcore.other"), then: other + web("provider = gcore.other") + twin},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t)
			w.configure(test.first)
			w.must(0, "apply", "-auto-approve")
			id := c.only(t).ID
			if test.isNew {
				w = c.workspace(t)
			}
			w.configure(test.then)
			output := w.must(0, "plan", "-no-color")
			says(t, output, id, "Unless your configuration already manages it", "1 to add, 0 to change, 0 to destroy")
			if n := strings.Count(output, orphanWarning); n != 1 {
				t.Errorf("the plan warns of %d orphans", n)
			}
			if w.must(0, "apply", "-auto-approve"); len(c.Groups(testProject, testRegion)) != 2 {
				t.Error("the apply has not made the second group")
			}
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}
