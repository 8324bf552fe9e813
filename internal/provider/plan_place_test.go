package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// A plan that the API refuses to answer for the key or the place is an error with the advice for it; that the API is not
// well is a warning. A destroy asks for nothing.
func TestRefusedReadsOfAPlan(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "other"})
	w := c.workspace(t).reattached(c)
	resources := map[string]string{
		"group":    web(""),
		"rule set": setOf(fmt.Sprintf("%q", id), "rules = {}"),
	}
	for name, test := range map[string]struct {
		answer gcoretest.Answer
		code   int
		words  string
	}{
		"401":     {gcoretest.Answer{Status: 401}, 1, "Check api_key or GCORE_API_KEY"},
		"403":     {gcoretest.Answer{Status: 403}, 1, "Check the role of the key's user"},
		"project": {gcoretest.NotFound("Project", "1"), 1, "Check project_id and region_id"},
		"region":  {gcoretest.NotFound("Region", "76"), 1, "provider = gcore.<alias>"},
		"page":    {gcoretest.HTMLPage(404, false), 1, "the answer did not come from the Gcore API"},
		"outage":  {gcoretest.ServiceUnavailable(""), 0, "The plan continues without it"},
	} {
		for kind, config := range resources {
			w.configure(config)
			fault := c.Fail(gcoretest.Fault{Effect: test.answer})
			output, code := w.run("plan", "-no-color")
			fault.Clear()
			if code != test.code {
				t.Errorf("%s of a %s: %d\n%s", name, kind, code, output)
			}
			says(t, output, test.words)
		}
	}
	w.configure(web("rules = {" + httpsEntry + "}"))
	w.must(0, "apply", "-auto-approve")
	c.Fail(gcoretest.Fault{Match: func(r gcoretest.Request) bool { return r.Method == "GET" }, Effect: gcoretest.Answer{Status: 401}})
	w.must(0, "plan", "-destroy", "-refresh=false")
}

// A rule or a rule set that loses its provider alias is planned where its group is not: the plan fails before anything is
// deleted.
func TestLostAlias(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	const alias = "provider = gcore.r3\n"
	blocks := "provider \"gcore\" {}\nprovider \"gcore\" {\n  alias = \"r3\"\n  cloud_region_id = 3\n}\n"
	config := func(lines string) string {
		return blocks + web(alias) + "resource \"gcore_cloud_security_group\" \"all\" {\n  name = \"all\"\n" + alias + "}\n" +
			"resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = gcore_cloud_security_group.web.id\n  direction = \"ingress\"\n" + sshLines + "\n" + lines + "}\n" +
			setOf("gcore_cloud_security_group.all.id", "rules = {"+httpsEntry+"}\n"+lines)
	}
	w := c.workspace(t) // a process for each provider block
	w.configure(config(alias))
	w.must(0, "apply", "-auto-approve")
	c.ResetRequests()
	w.configure(config(""))
	for _, arguments := range [][]string{{"plan"}, {"plan", "-refresh=false"}, {"apply", "-auto-approve"}} {
		says(t, w.must(1, append(arguments, "-no-color")...), "Security group not found", "gcore_cloud_security_group_rule.ssh",
			"gcore_cloud_security_group_rule_set", "in project 1, region 76", "provider = gcore.<alias>")
	}
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	w.configure(config(alias))
	w.must(0, "plan", "-detailed-exitcode")
}

// A plan that replaces objects only because of the provider's default says so once, with the line that keeps them. What a
// resource itself says needs no explanation.
func TestReplacedByTheDefault(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	other := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "other"})
	const title = "forces a replacement"
	keeps := func(attribute string, prior int) string {
		return fmt.Sprintf("in %s %d, write %s = %[2]d into this resource", strings.TrimSuffix(attribute, "_id"), prior, attribute)
	}
	for name, config := range map[string]func(lines string) string{
		"group": web,
		"rule": func(lines string) string {
			return web(lines) + "resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = gcore_cloud_security_group.web.id\n  direction = \"ingress\"\n" + sshLines + "\n" + lines + "}\n"
		},
		"rule set": func(lines string) string {
			return web(lines) + setOf("gcore_cloud_security_group.web.id", "rules = {"+httpsEntry+"}\n"+lines)
		},
		"rule set of a group": func(lines string) string { return setOf(fmt.Sprintf("%q", other), "rules = {}\n"+lines) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := c.workspace(t)
			w.configure(config(""))
			w.must(0, "apply", "-auto-approve")
			plan := func(lines string, environment ...string) string {
				w := w
				w.env = append(slices.Clone(w.env), environment...)
				w.configure(config(lines))
				output, _ := w.run("plan", "-no-color")
				return plain(output)
			}
			for environment, want := range map[string]string{
				"GCORE_CLOUD_REGION_ID=8": keeps("region_id", testRegion), "GCORE_CLOUD_PROJECT_ID=3": keeps("project_id", testProject),
			} {
				output := plan("", environment)
				says(t, output, want)
				if n := strings.Count(output, title); n != 1 {
					t.Errorf("%s: said %d times:\n%s", environment, n, output)
				}
				if output := plan("region_id = 76\nproject_id = 1\n", environment); strings.Contains(output, title) || strings.Contains(output, "must be replaced") {
					t.Errorf("%s, but both are written:\n%s", environment, output)
				}
			}
			if output := plan("region_id = 8\n"); strings.Contains(output, title) {
				t.Errorf("the resource itself names another region:\n%s", output)
			}
		})
	}
}
