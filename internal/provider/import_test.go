package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// portalGroup is a group with rules created outside Terraform.
func portalGroup() gcoretest.Group {
	return gcoretest.Group{
		ProjectID: testProject, RegionID: testRegion, Name: "web", Description: "by hand",
		Tags: []gcoretest.Tag{{Key: "team", Value: "net"}, {Key: "cost", Value: "x", ReadOnly: true}},
		Rules: []gcoretest.Rule{
			{Direction: "egress", Ethertype: new("IPv4")},
			{Direction: "egress", Ethertype: new("IPv6"), Protocol: new("any")},
			{
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(443), PortRangeMax: new(443),
				RemoteIPPrefix: new("0.0.0.0/0"), Description: new("web"),
			},
		},
	}
}

func importing(address, id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
}

const adopted = `
	description = "by hand"
	tags        = { team = "net" }
	rules = {
		%s  = { direction = "egress" }
		%s  = { direction = "egress", ethertype = "IPv6" }
		%s  = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0", description = "web" }
	}`

var adoptedGroup = group{"web", "by hand", []string{"cost=x (read-only)", "team=net"}, []string{
	"egress IPv4", "egress IPv6 any", `ingress IPv4 tcp 443-443 from 0.0.0.0/0 "web"`,
}}

func TestImportGroup(t *testing.T) {
	t.Parallel()
	readable := fmt.Sprintf(adopted, "egress-ipv4-all", "egress-ipv6-all", "ingress-ipv4-tcp-443")
	tests := map[string]struct {
		form   string // of the import id; %s is the group id
		config string
		check  plancheck.PlanCheck
	}{
		"readable keys plan empty":           {"1/76/%s", readable, action(webGroup, plancheck.ResourceActionNoop)},
		"short id":                           {"%s", readable, action(webGroup, plancheck.ResourceActionNoop)},
		"with colons":                        {"1:76:%s", readable, action(webGroup, plancheck.ResourceActionNoop)},
		"own keys are an update of names":    {"1/76/%s", fmt.Sprintf(adopted, "v4", "v6", "https"), action(webGroup, plancheck.ResourceActionUpdate)},
		"rules left out are not managed":     {"1/76/%s", "description = \"by hand\"\ntags = { team = \"net\" }", action(webGroup, plancheck.ResourceActionUpdate)},
		"keep_default_rules matters to none": {"1/76/%s", "description = \"by hand\"\ntags = { team = \"net\" }\nkeep_default_rules = true", action(webGroup, plancheck.ResourceActionUpdate)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			id := c.AddGroup(portalGroup())
			step := planned(c.apply(importing(webGroup, fmt.Sprintf(test.form, id))+web(test.config), adoptedGroup), test.check)
			step.ConfigPlanChecks.PostApplyPreRefresh = []plancheck.PlanCheck{onPlan(func() {
				if n := c.writes(); n != 0 {
					t.Errorf("the import sent %d writes", n)
				}
			})}
			c.run(t, step)
		})
	}
}

func TestImportRule(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	groupID := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	ruleID := c.AddRule(groupID, gcoretest.Rule{
		Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22),
		RemoteIPPrefix: new("192.0.2.0/24"), Description: new("admins"),
	})
	c.run(t, planned(
		c.apply(importing(webGroup, groupID)+importing(sshRule, "1/76/"+groupID+"/"+ruleID)+ssh(sshLines), sshGroup),
		// The import cannot know that the rules are managed as standalone
		// rules.
		action(webGroup, plancheck.ResourceActionUpdate), action(sshRule, plancheck.ResourceActionNoop),
	))
	if n := c.Count(func(r gcoretest.Request) bool { return r.Method == "POST" || r.Method == "PATCH" }); n != 0 {
		t.Errorf("the import sent %d writes", n)
	}
}

// The import command writes the same state as the apply.
func TestImportCommand(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := ssh(sshLines)
	importStep := func(address string, id func() string) resource.TestStep {
		return resource.TestStep{
			Config: c.block(place1) + config, ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateIdFunc: func(*terraform.State) (string, error) { return id(), nil },
			// The import cannot know that the rules are managed as standalone
			// rules.
			ImportStateVerifyIgnore: []string{"rules", "rules.%"},
		}
	}
	c.run(t,
		c.apply(config, sshGroup),
		importStep(webGroup, func() string { return c.only(t).ID }),
		importStep(sshRule, func() string { return c.only(t).ID + "/" + c.only(t).Rules[0].ID }),
	)
}

func TestImportErrors(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for name, test := range map[string]struct{ id, block, want string }{
		"malformed":      {"web", place1, `(?s)Invalid import id.*"web".*<project_id>/<region_id>/<group_id>`},
		"does not exist": {"1/76/" + otherGroup, place1, `(?s)Cannot import security group.*Check the project.*<project_id>/<region_id>/<group_id>.*could not be found`},
		"no region":      {otherGroup, "cloud_project_id = 1", `(?s)Missing region.*GCORE_CLOUD_REGION_ID`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.run(t, resource.TestStep{
				Config: c.block(test.block) + importing(webGroup, test.id) + web(""), ExpectError: regexp.MustCompile(test.want),
			})
		})
	}
}

// A failed import explains what is wrong with the id, and the expected form.
// Terraform's own message does not contain either.
func TestImportErrorsOfEachForm(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	groupID := c.AddGroup(portalGroup())
	forbidden := c.AddGroup(gcoretest.Group{ProjectID: 2, RegionID: testRegion, Name: "theirs"})
	c.Fail(gcoretest.Fault{
		Match:  func(r gcoretest.Request) bool { return strings.HasSuffix(r.Path, forbidden) },
		Effect: gcoretest.Answer{Status: 403, Body: `{"exception_class": "ForbiddenError", "message": "Not your project."}`},
	})
	identity := func(pairs ...any) map[string]any {
		attributes := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			attributes[pairs[i].(string)] = pairs[i+1]
		}
		return attributes
	}
	const groupForm, ruleForm = "<project_id>/<region_id>/<group_id>, or <group_id> with", "<project_id>/<region_id>/<group_id>/<rule_id>, or <group_id>/<rule_id> with"
	p := c.protocol(t, testPlace)
	for name, test := range map[string]struct {
		kind string
		by   any
		want []string
	}{
		"a group's name":              {groupType, "web", []string{"Invalid import id", `"web"`, groupForm}},
		"a project's name":            {groupType, "prod/76/" + groupID, []string{"Invalid import id", groupForm}},
		"a rule's id for a group's":   {groupType, groupID + "/" + otherGroup, []string{"Invalid import id", groupForm}},
		"a rule without its group":    {ruleType, otherGroup, []string{"Invalid import id", ruleForm}},
		"no such group":               {groupType, otherGroup, []string{"Cannot import security group", otherGroup, "project 1, region 76", "Check the project", groupForm}},
		"of another project":          {groupType, "3/76/" + groupID, []string{"Cannot import security group", "project 3", groupForm}},
		"of a forbidden project":      {groupType, "2/76/" + forbidden, []string{"Cannot import security group", "Not your project", "role of the key's user", groupForm}},
		"no such rule":                {ruleType, groupID + "/" + otherGroup, []string{"Cannot import security group rule", "Rule " + otherGroup + " is not in its group", ruleForm}},
		"a rule of no group":          {ruleType, otherGroup + "/" + c.ruleIDs(groupID)[0], []string{"Cannot import security group rule", otherGroup, ruleForm}},
		"a group by a wrong identity": {groupType, identity("group_id", "web"), []string{"group_id", "Invalid import identity", `"web"`, exampleID}},
		"a rule by a wrong identity":  {ruleType, identity("group_id", groupID, "rule_id", "ssh"), []string{"rule_id", "Invalid import identity", `"ssh"`}},
		"an identity of project 0":    {groupType, identity("project_id", 0, "group_id", groupID), []string{"project_id", "Invalid import identity", "above 0"}},
		"an identity of region -1":    {groupType, identity("region_id", -1, "group_id", groupID), []string{"region_id", "Invalid import identity", "above 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := p.importing(test.kind, test.by)
			if err == nil {
				t.Fatal("it is imported")
			}
			for _, words := range test.want {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q is not in: %v", words, err)
				}
			}
		})
	}
}

// An import by identity (Terraform 1.12 and later) is the same as one by id.
func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	groupID := c.AddGroup(portalGroup())
	ruleID := c.ruleIDs(groupID)[0]
	p := c.protocol(t, testPlace)
	for name, test := range map[string]struct {
		kind, id string
		identity map[string]any
	}{
		"group":                   {groupType, groupID, map[string]any{"project_id": 1, "region_id": 76, "group_id": groupID}},
		"group of the provider's": {groupType, groupID, map[string]any{"group_id": groupID}},
		"rule":                    {ruleType, groupID + "/" + ruleID, map[string]any{"project_id": 1, "region_id": 76, "group_id": groupID, "rule_id": ruleID}},
		"rule of the provider's":  {ruleType, groupID + "/" + ruleID, map[string]any{"group_id": groupID, "rule_id": ruleID}},
		"rule in capitals": {
			ruleType, groupID + "/" + ruleID, map[string]any{"group_id": strings.ToUpper(groupID), "rule_id": strings.ToUpper(ruleID)},
		},
		"rule of the provider's own ": {ruleType, groupID + "/" + ruleID, map[string]any{"region_id": 76, "group_id": groupID, "rule_id": ruleID}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var byID, byIdentity listed
			byID.resource, byID.identity, byID.warnings = p.imported(test.kind, test.id)
			byIdentity.resource, byIdentity.identity, byIdentity.warnings = p.imported(test.kind, test.identity)
			if diff := cmp.Diff(byID, byIdentity, cmp.AllowUnexported(listed{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The same with an import block.
func TestImportBlockByIdentity(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	if v := w.version(); v.terraformBelow(12, 0) {
		t.Skipf("%v has no identity in an import block", v)
	}
	block := func(address, identity string) string {
		return fmt.Sprintf("import {\n  to = %s\n  identity = { %s }\n}\n", address, identity)
	}
	groupID, otherID := c.AddGroup(portalGroup()), c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "other"})
	ruleID := c.AddRule(otherID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4")})
	w.generates(t, c, []string{
		block(webGroup, fmt.Sprintf("group_id = %q", groupID)),
		block(sshRule, fmt.Sprintf("project_id = 1, region_id = 76, group_id = %q, rule_id = %q", otherID, ruleID)),
	})
	w.must(0, "plan", "-detailed-exitcode")
}

// An expression that uses a rule's key fails in the import command, which
// evaluates it with the imported keys. An import block is planned with the
// configuration's keys.
func TestImportWithKeysInExpressions(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	id := c.AddGroup(portalGroup())
	config := web(fmt.Sprintf(adopted, "v4", "v6", "https")) + "output \"port\" {\n  value = " + webGroup + ".rules[\"https\"].port_range_min\n}\n"
	w.configure(config)
	says(t, w.must(1, "import", webGroup, id), "Invalid index")
	w.configure(config + importing(webGroup, id))
	says(t, w.must(0, "apply", "-auto-approve"), "1 imported")
	w.must(0, "plan", "-detailed-exitcode")
}

// After an import, the provider's default location must not replace an object
// in another one.
func TestImportFromAnotherRegion(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: 1, RegionID: 8, Name: "web"})
	elsewhere := importing(webGroup, "1/8/"+id)
	c.run(t,
		resource.TestStep{
			Config: c.block(place1) + elsewhere + web(""), ExpectError: regexp.MustCompile(`(?s)The configuration implies another region.*region_id = 8`),
		},
		planned(resource.TestStep{Config: c.block(place1) + elsewhere + web("region_id = 8")}, action(webGroup, plancheck.ResourceActionNoop)),
	)
	if _, stays := c.Group(id); stays {
		t.Error("the destroy did not reach the other region")
	}
}

// Of a rule that a group holds several times an import keeps one.
func TestImportOfOneRuleSeveralTimes(t *testing.T) {
	t.Parallel()
	group := client.SecurityGroup{ID: thisGroup}
	for i := range 4 {
		group.Rules = append(group.Rules, client.SecurityGroupRule{ID: fmt.Sprint(i), Direction: "egress", Protocol: new("tcp")})
	}
	rules, diags := importedRules(sampleGroup, group, "")
	if n := len(rules.Elements()); n != 1 || diags.HasError() || len(diags) != 1 || diags[0].Summary() != "3 rules cannot be imported" {
		t.Errorf("%d entries, %v", n, diags)
	}
}
