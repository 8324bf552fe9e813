package provider

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// listed is one result of a list.
type listed struct {
	name               string
	identity, resource map[string]any
	warnings           []string
}

// list validates and runs a `list` block.
func (p protocol) list(name string, lines map[string]any, limit int64, include bool) ([]listed, error) {
	p.t.Helper()
	config := p.dynamic(p.schemas.ListResourceSchemas[name], lines)
	validated, err := p.server.ValidateListResourceConfig(p.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: config})
	if err := failure(err, validated.Diagnostics); err != nil {
		return nil, err
	}
	stream, err := p.server.ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{TypeName: name, Config: config, Limit: limit, IncludeResource: include})
	if err != nil {
		return nil, err
	}
	var results []listed
	for result := range stream.Results {
		if err := failure(nil, result.Diagnostics); err != nil {
			return results, err
		}
		one := listed{name: result.DisplayName, identity: p.identity(name, result.Identity)}
		for _, d := range result.Diagnostics {
			one.warnings = append(one.warnings, d.Summary)
		}
		if include {
			one.resource = p.object(p.schemas.ResourceSchemas[name], result.Resource)
		} else if result.Resource != nil {
			p.t.Errorf("%s comes with what was not asked for", result.DisplayName)
		}
		results = append(results, one)
	}
	return results, nil
}

// A listed group equals the imported one, whatever the group contains.
func TestListedGroupIsTheImportedOne(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	groups := append(newRandom(t).groups(20), portalGroup(), gcoretest.Group{
		ProjectID: testProject, RegionID: testRegion, Name: "odd", Tags: []gcoretest.Tag{{Key: "padded", Value: " x "}},
		Rules: []gcoretest.Rule{{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("99")}},
	})
	for _, g := range groups {
		c.AddGroup(g)
	}
	p := c.protocol(t, map[string]any{"cloud_project_id": testProject, "cloud_region_id": testRegion, "default_tags": map[string]any{"team": "net"}})
	results, err := p.list(groupType, nil, 0, true)
	if err != nil || len(results) != len(groups) {
		t.Fatalf("%d of %d groups are listed: %v", len(results), len(groups), err)
	}
	for _, got := range results {
		id := got.identity["group_id"].(string)
		want := listed{name: c.nameOf(id)}
		want.resource, want.identity, want.warnings = p.imported(groupType, id)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(listed{})); diff != "" {
			t.Error(diff)
		}
	}
}

func (c cloud) nameOf(groupID string) string {
	g, _ := c.Group(groupID)
	return g.Name
}

// The same for rules, oldest first.
func TestListedRuleIsTheImportedOne(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	var groupID string
	for _, g := range newRandom(t).groups(3) {
		groupID = c.AddGroup(g)
	}
	oldest := c.AddRule(groupID, gcoretest.Rule{
		ID: "ffffffff-ffff-4fff-bfff-ffffffffffff", CreatedAt: time.Now().AddDate(-1, 0, 0),
		Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("99"), Description: new("cannot be declared"),
	})
	p := c.protocol(t, testPlace)
	c.ResetRequests()
	results, err := p.list(ruleType, map[string]any{"group_id": groupID}, 0, true)
	if err != nil || len(results) != 251 || len(c.Requests()) != 1 {
		t.Fatalf("%d rules are listed with %d requests: %v", len(results), len(c.Requests()), err)
	}
	if first := results[0]; first.identity["rule_id"] != oldest || first.name != `ingress-ipv4-99 ("cannot be declared")` {
		t.Errorf("the first rule is %v", first)
	}
	for _, got := range results[:30] {
		want := listed{name: got.name}
		want.resource, want.identity, want.warnings = p.imported(ruleType, groupID+"/"+got.identity["rule_id"].(string))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(listed{})); diff != "" {
			t.Error(diff)
		}
	}
}

// Without a group, the rules of all groups of the place are listed: with one request for a page of groups.
func TestListRulesOfAllGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	want := map[string]int{}
	for _, g := range newRandom(t).groups(30) {
		id := c.AddGroup(g)
		want[id] = len(c.ruleIDs(id))
	}
	web := c.AddGroup(portalGroup())
	want[web] = len(c.ruleIDs(web))
	elsewhere := portalGroup()
	elsewhere.RegionID = 8
	c.AddGroup(elsewhere)
	p := c.protocol(t, testPlace)
	c.ResetRequests()
	results, err := p.list(ruleType, nil, 0, true)
	if err != nil || c.CountOperations()[gcoretest.OperationListGroups] != 1 || c.requests() != 1 {
		t.Fatalf("%d rules are listed with %v: %v", len(results), c.CountOperations(), err)
	}
	got, rules := map[string]int{}, map[any]bool{}
	for _, r := range results {
		groupID := r.identity["group_id"].(string)
		got[groupID]++
		rules[r.identity["rule_id"]] = true
		if r.resource["group_id"] != groupID || !strings.HasPrefix(r.name, c.nameOf(groupID)+": ") {
			t.Errorf("%q of group %s has the identity of %s", r.name, r.resource["group_id"], groupID)
		}
	}
	maps.DeleteFunc(want, func(_ string, rules int) bool { return rules == 0 })
	if diff := cmp.Diff(want, got); diff != "" || len(rules) != len(results) {
		t.Errorf("%d of %d are different: %s", len(rules), len(results), diff)
	}
	first := slices.IndexFunc(results, func(r listed) bool { return r.identity["group_id"] == web })
	alone, err := p.list(ruleType, map[string]any{"group_id": web}, 0, true)
	if err != nil || len(alone) == 0 {
		t.Fatal(err)
	}
	for n, alone := range alone {
		alone.name = c.nameOf(web) + ": " + alone.name
		if diff := cmp.Diff(alone, results[first+n], cmp.AllowUnexported(listed{})); diff != "" {
			t.Error(diff)
		}
	}
}

// The list of all rules reads no page that is not asked for, and the groups that the list returns without their rules.
func TestListRulesOfAllGroupsLimits(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for n := range 1500 {
		c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: fmt.Sprintf("g%04d", n), Rules: tcpRules(2)})
	}
	p := c.protocol(t, testPlace)
	for _, test := range []struct {
		limit          int64
		want, requests int
	}{{0, 3000, 2}, {3, 3, 1}, {2000, 2000, 1}, {2001, 2001, 2}} {
		c.ResetRequests()
		results, err := p.list(ruleType, nil, test.limit, false)
		if err != nil || len(results) != test.want || c.requests() != test.requests {
			t.Errorf("limit %d gives %d results with %d requests: %v", test.limit, len(results), c.requests(), err)
		}
	}
	fault := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Effect: gcoretest.Omit{Field: "security_group_rules"}})
	c.ResetRequests()
	if results, err := p.list(ruleType, nil, 5, false); err != nil || len(results) != 5 || c.requests() != 1+3 {
		t.Errorf("%d results with %d requests: %v", len(results), c.requests(), err)
	}
	fault.Clear()
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Effect: gcoretest.Answer{Status: 403}})
	if _, err := p.list(ruleType, nil, 0, false); err == nil || !strings.Contains(err.Error(), "Cannot list the rules of security groups") {
		t.Error(err)
	}
}

func TestListGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.tagged("web-2", "web-1", "db", "twin", "twin")
	c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: 8, Name: "elsewhere"})
	p := c.protocol(t, testPlace)
	for name, test := range map[string]struct {
		lines map[string]any
		want  []string
	}{
		"all":               {nil, []string{"db", "twin", "twin", "web-1", "web-2"}},
		"by name":           {map[string]any{"name": "twin"}, []string{"twin", "twin"}},
		"by a pattern":      {map[string]any{"name_regex": "^web-"}, []string{"web-1", "web-2"}},
		"by key":            {map[string]any{"tag_key": []any{"a"}, "name_regex": "1"}, []string{"web-1"}},
		"by tag":            {map[string]any{"tag_key_value": `{"a": "db"}`}, []string{"db"}},
		"of another region": {map[string]any{"region_id": 8}, []string{"elsewhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results, err := p.list(groupType, test.lines, 0, false)
			var got []string
			for _, r := range results {
				got = append(got, r.name)
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	p := c.protocol(t, testPlace)
	for name, test := range map[string]struct {
		in    protocol
		kind  string
		lines map[string]any
		want  string
	}{
		"a broken pattern":       {p, groupType, map[string]any{"name_regex": "("}, `(?s)name_regex.*Invalid regular expression`},
		"tags of another way":    {p, groupType, map[string]any{"tag_key_value": "a=b"}, `Invalid tag_key_value`},
		"no id":                  {p, ruleType, map[string]any{"group_id": "web"}, `(?s)group_id.*Not the id of a security group`},
		"project 0":              {p, groupType, map[string]any{"project_id": 0}, `(?s)project_id.*at least 1`},
		"no such group":          {p, ruleType, map[string]any{"group_id": otherGroup}, `(?s)group_id.*Security group not found.*Check group_id, project_id, region_id.*` + otherGroup},
		"no region for groups":   {c.protocol(t, map[string]any{"cloud_project_id": 1}), groupType, nil, `(?s)Missing region`},
		"no project for rules":   {c.protocol(t, map[string]any{"cloud_region_id": 76}), ruleType, map[string]any{"group_id": otherGroup}, `(?s)Missing project`},
		"an unknown key, groups": {c.protocol(t, map[string]any{"api_key": unknown{}}), groupType, nil, `The provider is not configured`},
		"an unknown key, rules":  {c.protocol(t, map[string]any{"api_key": unknown{}}), ruleType, map[string]any{"group_id": otherGroup}, `The provider is not configured`},
		"a wrong key":            {c.protocol(t, map[string]any{"api_key": "wrong", "cloud_project_id": 1, "cloud_region_id": 76}), groupType, nil, `(?s)Cannot list security groups.*did not accept the key`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if results, err := test.in.list(test.kind, test.lines, 0, true); err == nil || !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("got %v, %v", results, err)
			}
		})
	}
}

// A list reads full pages, and no more than requested. Rules missing from the
// list response are read only if resources are requested.
func TestListLimits(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for n := range 2500 {
		c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: fmt.Sprintf("g%04d", n)})
	}
	p := c.protocol(t, testPlace)
	for _, test := range []struct {
		limit          int64
		want, requests int
	}{{0, 2500, 3}, {1, 1, 1}, {1000, 1000, 1}, {1001, 1001, 2}, {5000, 2500, 3}} {
		c.ResetRequests()
		results, err := p.list(groupType, nil, test.limit, false)
		if err != nil || len(results) != test.want || len(c.Requests()) != test.requests {
			t.Errorf("limit %d gives %d results with %d requests: %v", test.limit, len(results), len(c.Requests()), err)
		}
	}
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Effect: gcoretest.Omit{Field: "security_group_rules"}})
	for include, requests := range map[bool]int{false: 1, true: 1 + 3} {
		c.ResetRequests()
		results, err := p.list(groupType, nil, 3, include)
		if err != nil || len(results) != 3 || len(c.Requests()) != requests {
			t.Errorf("%d results with %d requests: %v", len(results), len(c.Requests()), err)
		}
	}
	id := c.AddGroup(portalGroup())
	if results, err := p.list(ruleType, map[string]any{"group_id": id}, 2, false); err != nil || len(results) != 2 {
		t.Errorf("%d rules with a limit of 2: %v", len(results), err)
	}
}

// The same with `terraform query`, if this Terraform has it.
func TestQuery(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(portalGroup())
	c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "other", Rules: tcpRules(1)})
	identity := map[string]knownvalue.Check{"project_id": knownvalue.Int64Exact(1), "region_id": knownvalue.Int64Exact(76), "group_id": knownvalue.StringExact(id)}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: c.providers(),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{{
			Query: true,
			Config: c.block(place1) + fmt.Sprintf(`
				list "gcore_cloud_security_group" "all" {
					provider         = gcore
					include_resource = true
					config {
						name_regex = "^web$"
					}
				}
				list "gcore_cloud_security_group_rule" "all" {
					provider = gcore
				}
				list "gcore_cloud_security_group_rule" "web" {
					provider = gcore
					config {
						group_id = %q
					}
				}`, id),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("gcore_cloud_security_group.all", 1),
				querycheck.ExpectIdentity("gcore_cloud_security_group.all", identity),
				querycheck.ExpectResourceDisplayName("gcore_cloud_security_group.all", queryfilter.ByResourceIdentity(identity), knownvalue.StringExact("web")),
				querycheck.ExpectLength("gcore_cloud_security_group_rule.web", 3),
				querycheck.ExpectLength("gcore_cloud_security_group_rule.all", 4),
			},
		}},
	})
}

// The configuration that `terraform query` writes is valid without edits.
func TestQueryGeneratesConfiguration(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	if v := w.version(); !v.queries() {
		t.Skipf("%v has no query", v)
	}
	groups := newRandom(t).groups(30)
	for _, g := range groups {
		c.AddGroup(g)
	}
	w.configure("")
	w.write("all.tfquery.hcl", "list \"gcore_cloud_security_group\" \"all\" {\n  provider = gcore\n  include_resource = true\n}\n")
	output := w.must(0, "query", "-no-color", "-generate-config-out=generated.tf")
	for _, g := range groups {
		says(t, output, "group_id="+g.ID)
	}
	c.ResetRequests()
	says(t, w.must(0, "apply", "-no-color", "-auto-approve"), fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", len(groups)))
	w.must(0, "plan", "-detailed-exitcode")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
}
