package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// allowing is a provider block with allowed_project_ids.
func allowing(projects string, lines ...string) string {
	return "provider \"gcore\" {\n  allowed_project_ids = " + projects + "\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// untouched runs Terraform, which must fail because of a project, without a request.
func (c cloud) untouched(t *testing.T, w workspace, project int, arguments ...string) {
	t.Helper()
	c.ResetRequests()
	output := w.must(1, append(arguments, "-no-color")...)
	says(t, output, fmt.Sprintf("Project %d is not allowed", project), "allowed_project_ids, which is [")
	c.atMost(t, 0, strings.Join(arguments, " "))
}

// Whatever names a project that is not allowed fails the plan, before a request.
func TestProjectNotAllowed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	quoted := fmt.Sprintf("%q", otherGroup)
	const elsewhere = "project_id = 2\n"
	rule := func(lines string) string {
		return "resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = " + quoted + "\n  direction = \"ingress\"\n" + sshLines + "\n" + lines + "}\n"
	}
	data := func(kind, lines string) string {
		return "data \"" + kind + "\" \"web\" {\n" + elsewhere + lines + "\n}\n"
	}
	for name, config := range map[string]string{
		"group":                   allowing("[1, 3]") + web(elsewhere),
		"rule":                    allowing("[1, 3]") + rule(elsewhere),
		"rule set":                allowing("[1, 3]") + setOf(quoted, elsewhere+"rules = {}"),
		"provider's default":      allowing("[1, 3]", "cloud_project_id = 2") + web(""),
		"group by id":             allowing("[1, 3]") + data(groupData, "group_id = "+quoted),
		"group by name":           allowing("[1, 3]") + data(groupData, "find_one_by = { name = \"web\" }"),
		"groups":                  allowing("[1, 3]") + data(groupsData, ""),
		"import of a group":       allowing("[1, 3]") + web("") + importing(webGroup, "2/76/"+otherGroup),
		"import of a rule":        allowing("[1, 3]") + rule("") + importing(sshRule, "2/76/"+otherGroup+"/"+thisGroup),
		"import of a rule set":    allowing("[1, 3]") + setOf(quoted, "rules = {}") + importing("gcore_cloud_security_group_rule_set.web", "2/76/"+otherGroup),
		"import with the default": allowing("[1, 3]", "cloud_project_id = 2") + web("") + importing(webGroup, otherGroup),
	} {
		t.Run(name, func(t *testing.T) {
			w.configure(config)
			c.untouched(t, w, 2, "plan")
		})
	}
	w.configure(allowing("[1, 3]") + web("rules = {"+httpsEntry+"}") + `data "gcore_cloud_security_groups" "web" {}`)
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
}

// Neither is an object read, changed, replaced or deleted whose state names such a project.
func TestProjectNoLongerAllowed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	for kind, config := range map[string]string{
		"group": web("rules = {" + httpsEntry + "}"),
		"rule": web("") + "resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = " + webGroup + ".id\n  direction = \"ingress\"\n" +
			sshLines + "\n}\n",
		"rule set": set("on_destroy = \"remove\"\nrules = {" + httpsEntry + "}"),
	} {
		w.configure(allowing("[1]") + config)
		w.must(0, "apply", "-auto-approve")
		for _, arguments := range [][]string{
			{"plan"}, {"plan", "-refresh=false"}, {"plan", "-refresh-only"}, {"apply", "-auto-approve"},
			{"plan", "-destroy"}, {"plan", "-destroy", "-refresh=false"}, {"destroy", "-auto-approve", "-refresh=false"},
		} {
			t.Run(kind+" "+strings.Join(arguments, " "), func(t *testing.T) {
				w.configure(allowing("[2]") + config)
				c.untouched(t, w, 1, arguments...)
			})
		}
		t.Run(kind+" moves", func(t *testing.T) {
			w.configure(allowing("[2]", "cloud_project_id = 2") + config)
			c.untouched(t, w, 1, "plan", "-refresh=false")
		})
		w.configure(allowing("[1]") + config)
		w.must(0, "destroy", "-auto-approve")
	}
}

// A state of Gcore's provider need not name its project, which is then the provider's.
func TestProjectOfAnotherStateNotAllowed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.add("web", "")
	w := c.migration(t)
	w.inherit(stored{webGroup, fmt.Sprintf(`{"id": %q, "name": "web", "description": ""}`, id)})
	w.configure(allowing("[2]") + web(""))
	for _, arguments := range [][]string{{"plan"}, {"plan", "-refresh=false"}, {"destroy", "-auto-approve"}, {"destroy", "-auto-approve", "-refresh=false"}} {
		c.untouched(t, w, 1, arguments...)
	}
	w.configure(allowing("[1]") + web(""))
	w.must(0, "plan", "-detailed-exitcode")
}

// A project that only the apply knows is judged there, and while a value of the list is unknown nothing is sent.
func TestProjectAllowedUnknown(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	known := func(value int, trigger string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"number\" {\n  input = %d\n  triggers_replace = [%q]\n}\n", value, trigger)
	}
	const number = "terraform_data.number.output"
	for name, config := range map[string]string{
		"project":         allowing("[1]") + known(2, "a") + web("project_id = "+number),
		"default project": allowing("[1]", "cloud_project_id = "+number) + known(2, "b") + web(""),
	} {
		w.configure(config)
		w.must(0, "plan")
		t.Run(name, func(t *testing.T) { c.untouched(t, w, 2, "apply", "-auto-approve") })
	}
	list := allowing("[3, " + number + "]")
	w.configure(list + known(2, "c") + web(""))
	c.untouched(t, w, 1, "apply", "-auto-approve")
	w.configure(list + known(1, "d") + web(""))
	w.must(0, "apply", "-auto-approve")

	w.configure(list + known(1, "e") + web("description = \"x\""))
	c.ResetRequests()
	says(t, w.must(0, "plan"), `Security group "web" was not refreshed`, "base_url or allowed_project_ids", "1 to change")
	w.configure(list + known(1, "e") + web("") + `data "gcore_cloud_security_groups" "all" {}`)
	says(t, w.must(1, "plan"), "The provider is not configured", "base_url or allowed_project_ids")
	c.atMost(t, 0, "the plans with an unknown list")
	// The plan of a destroy cannot judge, but the apply can.
	w.configure(list + known(2, "f"))
	c.untouched(t, w, 1, "apply", "-auto-approve")
	w.configure(list + known(2, "g") + web("description = \"x\""))
	c.untouched(t, w, 1, "apply", "-auto-approve")
	if diff := c.differs([]group{{name: "web"}}); diff != "" {
		t.Error(diff)
	}
}

func TestListOfAProjectNotAllowed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	p := c.protocol(t, map[string]any{"cloud_project_id": 2, "cloud_region_id": 76, "allowed_project_ids": []any{1}})
	id := c.AddGroup(portalGroup())
	for _, test := range []struct {
		kind  string
		lines map[string]any
		ok    bool
	}{
		{groupType, nil, false},
		{groupType, map[string]any{"project_id": 3}, false},
		{groupType, map[string]any{"project_id": 1}, true},
		{ruleType, map[string]any{"group_id": id}, false},
		{ruleType, map[string]any{"group_id": id, "project_id": 1}, true},
	} {
		c.ResetRequests()
		_, err := p.list(test.kind, test.lines, 0, true)
		refused := err != nil && regexp.MustCompile(`project_id.*Project [23] is not allowed`).MatchString(err.Error())
		if refused == test.ok || test.ok && err != nil || (c.requests() > 0) != test.ok {
			t.Errorf("%s %v: %v, %d requests", test.kind, test.lines, err, c.requests())
		}
	}
}

func TestAllowedProjectIDs(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for value, want := range map[string]string{
		"[]":       `allowed_project_ids set must contain at least 1 elements`,
		"[0]":      `(?s)allowed_project_ids.*must be at\s+least 1`,
		"[null]":   `(?s)allowed_project_ids.*[Nn]ull`,
		`["prod"]`: `(?s)allowed_project_ids.*number`,
	} {
		c.run(t, resource.TestStep{Config: c.block(place1, "allowed_project_ids = "+value) + web(""), PlanOnly: true, ExpectError: regexp.MustCompile(want)})
	}
}

func TestCheckProject(t *testing.T) {
	t.Parallel()
	set := func(elements ...attr.Value) types.Set { return types.SetValueMust(types.Int64Type, elements) }
	for name, test := range map[string]struct {
		allowed types.Set
		project types.Int64
		refused bool
	}{
		"no list":              {types.SetNull(types.Int64Type), num(1), false},
		"in it":                {set(num(2), num(1)), num(1), false},
		"not in it":            {set(num(2)), num(1), true},
		"not in an empty list": {set(), num(1), true},
		"no project":           {set(num(2)), types.Int64Null(), false},
		"unknown project":      {set(num(2)), types.Int64Unknown(), false},
		"unknown list":         {types.SetUnknown(types.Int64Type), num(1), false},
		"unknown element":      {set(num(2), types.Int64Unknown()), num(1), false},
	} {
		if diags := (&providerData{allowedProjects: test.allowed}).checkProject(test.project); diags.HasError() != test.refused {
			t.Errorf("%s: %v", name, diags)
		}
	}
}
