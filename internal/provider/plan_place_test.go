package provider

import (
	"fmt"
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
