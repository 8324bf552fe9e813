package provider

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// held is a model as Terraform passes it to a resource.
func held(t testing.TB, r resource.Resource, model any) tfsdk.State {
	t.Helper()
	var answer resource.SchemaResponse
	r.Schema(t.Context(), resource.SchemaRequest{}, &answer)
	state := tfsdk.State{Schema: answer.Schema, Raw: tftypes.NewValue(answer.Schema.Type().TerraformType(t.Context()), nil)}
	if model == nil {
		return state
	}
	if diags := state.Set(t.Context(), model); diags.HasError() {
		t.Fatal(diags)
	}
	return state
}

// groupModel is a group whose configuration has only the given rules.
func groupModel(rules types.Map) securityGroupModel {
	return securityGroupModel{Name: str("web"), Rules: rules, IgnoreRules: types.ListNull(ignoreRuleType), Tags: noTags, TagsAll: noTags, Timeouts: noTimeouts}
}

// Values that become known after the validation are checked before any request;
// this resource has no client that could send one.
func TestNothingInvalidIsSent(t *testing.T) {
	t.Parallel()
	bad := ruleMap(t, map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("egress"), Protocol: str("TCP")}}}, nil)
	want := []string{`error rules["a"].protocol: Unknown protocol`}
	group, standalone := &securityGroup{&providerData{}}, &securityGroupRule{&providerData{}}

	model := groupModel(bad)
	model.ID = types.StringUnknown()
	plan := held(t, group, model)
	created := resource.CreateResponse{State: held(t, group, nil)}
	group.Create(t.Context(), resource.CreateRequest{Config: tfsdk.Config(plan), Plan: tfsdk.Plan(plan)}, &created)
	if diff := cmp.Diff(want, said(created.Diagnostics)); diff != "" {
		t.Errorf("create of a group: %s", diff)
	}

	// The group's id, which one of its rules names, is known only now.
	model = groupModel(ruleMap(t, map[string]ruleEntry{
		"a": {ruleAttributes: ruleAttributes{Direction: str("egress")}, Self: yes}, "b": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteGroupID: str(thisGroup)}},
	}, nil))
	model.ID = str(thisGroup)
	plan = held(t, group, model)
	model.Rules = types.MapNull(ruleEntryType)
	state := held(t, group, model)
	updated := resource.UpdateResponse{State: state}
	group.Update(t.Context(), resource.UpdateRequest{Config: tfsdk.Config(plan), Plan: tfsdk.Plan(plan), State: state}, &updated)
	if diff := cmp.Diff([]string{`error rules["b"]: Two entries for one rule`}, said(updated.Diagnostics)); diff != "" {
		t.Errorf("update of a group: %s", diff)
	}

	plan = held(t, standalone, securityGroupRuleModel{GroupID: str("web"), ruleAttributes: ruleAttributes{Direction: str("egress"), Protocol: str("TCP")}, Timeouts: noTimeouts})
	created = resource.CreateResponse{State: held(t, standalone, nil)}
	standalone.Create(t.Context(), resource.CreateRequest{Config: tfsdk.Config(plan), Plan: tfsdk.Plan(plan)}, &created)
	want = []string{"error group_id: Not the id of a security group", "error protocol: Unknown protocol"}
	if diff := cmp.Diff(want, said(created.Diagnostics)); diff != "" {
		t.Errorf("create of a rule: %s", diff)
	}
}

// Only the configuration is checked: a rule in the state that no configuration
// can declare does not fail the plan.
func TestOldDataIsNotRefused(t *testing.T) {
	t.Parallel()
	prior := map[string]ruleEntry{
		"https":  entryFromRule(onPort(443).rule("")),
		"legacy": {ruleAttributes: ruleAttributes{Direction: str("ingress"), Ethertype: str("IPv4"), Protocol: str("99"), RemoteIPPrefix: str("10.0.0.1/8"), Description: str("")}, Self: no},
	}
	config := ruleMap(t, map[string]ruleEntry{"https": onPort(443)}, nil)
	_, decoded, diags := planRules(config, ruleMap(t, prior, nil), str(thisGroup))
	if diags.HasError() {
		t.Fatal(diags)
	}
	got := warnOfUnrepeatable(subject{kind: "security group"}, decoded)
	if diff := cmp.Diff([]string{"warning rules: 1 rule cannot be kept"}, said(got)); diff != "" {
		t.Error(diff)
	}
	delete(decoded.entries, "legacy")
	if got := warnOfUnrepeatable(subject{}, decoded); len(got) > 0 {
		t.Errorf("a rule that can be said: %v", got)
	}
}

// A plan is checked with the group's own id, which the validation does not
// have.
func TestPlanKnowsOwnGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	ids := map[string]string{}
	for _, name := range []string{"web", "peer"} {
		ids[name] = c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: name})
	}
	configure := func(remote string) {
		w.configure(importing(webGroup, ids["web"]) + web(fmt.Sprintf(`rules = {
    self = { direction = "egress", protocol = "any", self = true }
    peer = { direction = "egress", protocol = "any", remote_group_id = %q }
  }`, remote)))
	}
	configure(ids["peer"])
	w.must(0, "plan")
	configure(ids["web"])
	w.must(0, "validate")
	says(t, w.must(1, "plan"), "Two entries for one rule")
}

// The rules of a rule set are checked with the group id of the configuration,
// which may differ from the state's.
func TestPlanKnowsGroupOfRuleSet(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	ids := map[string]string{}
	for _, name := range []string{"web", "peer", "other"} {
		ids[name] = c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: name})
	}
	w.configure("variable \"group\" {}\n" + setOf("var.group", fmt.Sprintf(`rules = {
    self = { direction = "egress", protocol = "any", self = true }
    peer = { direction = "egress", protocol = "any", remote_group_id = %q }
  }`, ids["peer"])))
	w.must(0, "apply", "-auto-approve", "-var=group="+ids["web"])
	w.must(0, "plan", "-var=group="+ids["other"])
	says(t, w.must(1, "plan", "-var=group="+ids["peer"]), "Two entries for one rule")
}
