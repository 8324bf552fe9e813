package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// An import needs the group as the configuration writes it. With readable names
// the plan is then empty; with other names an update sends no writes.
func TestImportRuleSet(t *testing.T) {
	t.Parallel()
	const entries = "rules = {\n%q = { direction = \"egress\" }\n%q = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", self = true }\n}\n"
	readable := fmt.Sprintf(entries, "egress-ipv4-all", "ingress-ipv4-all-from-self")
	tests := map[string]struct {
		form, lines string // of the import id; %s is the group id
		upper       bool   // the configuration has the group's id in capitals
		check       plancheck.PlanCheck
	}{
		"readable keys":       {"1/76/%s", readable, false, action(webSet, plancheck.ResourceActionNoop)},
		"short id":            {"%s", readable, false, action(webSet, plancheck.ResourceActionNoop)},
		"with colons":         {"1:76:%s", readable, false, action(webSet, plancheck.ResourceActionNoop)},
		"capitals":            {"%s", readable, true, action(webSet, plancheck.ResourceActionNoop)},
		"keep is the default": {"%s", readable + `on_destroy = "keep"`, false, action(webSet, plancheck.ResourceActionNoop)},
		"own keys":            {"%s", fmt.Sprintf(entries, "out", "peers"), false, action(webSet, plancheck.ResourceActionUpdate)},
		"revert":              {"%s", readable + `on_destroy = "revert"`, false, action(webSet, plancheck.ResourceActionUpdate)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{DefaultRules: []gcoretest.Rule{{Direction: "egress", Ethertype: new("IPv4")}}})
			id := c.AddDefaultGroup(testProject, testRegion)
			c.AddRule(id, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), RemoteGroupID: &id})
			written := id
			if test.upper {
				written = strings.ToUpper(id)
			}
			config := importing(webSet, fmt.Sprintf(test.form, id)) + setOf(fmt.Sprintf("%q", written), test.lines)
			step := planned(c.apply(config, group{name: "default", description: "Default security group", rules: []string{"egress IPv4", "ingress IPv4 from group self"}}), test.check)
			step.ConfigPlanChecks.PostApplyPreRefresh = []plancheck.PlanCheck{onPlan(func() {
				if n := c.writes(); n != 0 {
					t.Errorf("the import sent %d writes", n)
				}
			})}
			c.run(t, step)
		})
	}
}

// A rule set has the identity of its group.
func TestImportRuleSetByIdentity(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	step := c.apply(fmt.Sprintf("import {\n  to = %s\n  identity = { group_id = %q }\n}\n", webSet, id)+setOf(fmt.Sprintf("%q", id), "rules = {}"), group{name: "web"})
	step = with(planned(step, action(webSet, plancheck.ResourceActionNoop)),
		statecheck.ExpectIdentity(webSet, map[string]knownvalue.Check{
			"project_id": knownvalue.Int64Exact(1), "region_id": knownvalue.Int64Exact(76), "group_id": knownvalue.StringExact(id),
		}),
		statecheck.ExpectIdentityValueMatchesState(webSet, tfjsonpath.New("group_id")))
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: c.providers(), Steps: []resource.TestStep{step},
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
	})
}

// The provider's default must not move an imported rule set to another
// location. Importing a missing group fails.
func TestImportRuleSetErrors(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: 1, RegionID: 8, Name: "web"})
	for name, test := range map[string]struct{ id, want string }{
		"another region": {"1/8/" + id, `(?s)The configuration implies another region.*region_id = 8`},
		"malformed":      {"web", `(?s)Invalid import id.*<project_id>/<region_id>/<group_id>`},
		"does not exist": {otherGroup, `(?s)Cannot import security group rule set.*The import id is`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.run(t, resource.TestStep{
				Config:      c.block(place1) + importing(webSet, test.id) + setOf(fmt.Sprintf("%q", id), "rules = {}"),
				ExpectError: regexp.MustCompile(test.want),
			})
		})
	}
}

// A create does not remove rules that no plan showed. The error explains how to
// import the rule set; the plan then shows the removals.
func TestRuleSetOnAGroupWithRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddDefaultGroup(testProject, testRegion)
	before := c.ruleIDs(id)
	w := c.workspace(t).reattached(c)
	config := setOf(fmt.Sprintf("%q", id), "rules = {\n"+httpsEntry+"\nout = { direction = \"egress\" }\n}")
	w.configure(config)
	says(t, w.must(0, "plan", "-no-color"), "Warning: The group has rules that are not in the rule set", "- ingress-ipv4-tcp-22", "import {", "1/76/"+id)
	output := w.must(1, "apply", "-auto-approve", "-no-color")
	says(t, output, "Cannot create security group rule set", "- ingress-ipv4-tcp-22", "Nothing was sent", "import {", "1/76/"+id)
	if strings.Contains(plain(output), "- egress-ipv4-all") {
		t.Error("a rule that is declared is said to be in the way")
	}
	if n := c.writes(); n != 0 || !slices.Equal(before, c.ruleIDs(id)) {
		t.Errorf("%d writes, and the rules were %v and are %v", n, before, c.ruleIDs(id))
	}
	// The advice works.
	w.configure(importing(webSet, "1/76/"+id) + config)
	says(t, w.must(0, "plan", "-no-color"), `- "ingress-ipv4-tcp-22" = {`)
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if diff := c.differs([]group{{name: "default", description: "Default security group", rules: []string{httpsLine, "egress IPv4"}}}); diff != "" {
		t.Error(diff)
	}
}

// A group with all the rules stays unchanged; a group with some of them gets
// the others.
func TestRuleSetOnAGroupWithItsRules(t *testing.T) {
	t.Parallel()
	https := gcoretest.Rule{
		Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(443), PortRangeMax: new(443), RemoteIPPrefix: new("10.0.0.0/8"),
	}
	for lines, writes := range map[string]int{httpsEntry: 0, httpsEntry + "\nout = { direction = \"egress\" }": 1} {
		c := newCloud(t, gcoretest.Config{})
		id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web", Rules: []gcoretest.Rule{https}})
		before := c.idsOf("web")[httpsLine]
		w := c.workspace(t).reattached(c)
		w.configure(setOf(fmt.Sprintf("%q", id), "rules = {\n"+lines+"\n}"))
		if output := w.must(0, "apply", "-auto-approve", "-no-color"); strings.Contains(output, "Warning: The group") {
			t.Errorf("rules that are declared are warned of:\n%s", output)
		}
		w.must(0, "plan", "-detailed-exitcode")
		if n := c.writes(); n != writes || c.idsOf("web")[httpsLine] != before {
			t.Errorf("%d writes, want %d", n, writes)
		}
	}
}

// A group from before the API's limit may have more rules than a configuration
// can declare. The plan shows all removals.
func TestImportRuleSetOfAFullGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	old := gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"}
	for port := range rule.GroupLimit + 1 {
		old.Rules = append(old.Rules, gcoretest.Rule{
			Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(port + 1), PortRangeMax: new(port + 1),
		})
	}
	id := c.AddGroup(old)
	w := c.workspace(t).reattached(c)
	w.configure(importing(webSet, id) + setOf(fmt.Sprintf("%q", id), "rules = {\n"+httpsEntry+"\n}"))
	says(t, w.must(0, "plan", "-no-color"), `- "ingress-ipv4-tcp-1" = {`, `- "ingress-ipv4-tcp-251" = {`)
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if diff := c.differs([]group{{name: "web", rules: []string{httpsLine}}}); diff != "" {
		t.Error(diff)
	}
}
