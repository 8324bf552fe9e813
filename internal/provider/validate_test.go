package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
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
	config := ruleMap(t, map[string]ruleEntry{
		"a": {ruleAttributes: ruleAttributes{Direction: str("egress")}, Self: yes}, "b": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteGroupID: str(thisGroup)}},
	}, nil)
	state := groupModel(types.MapNull(ruleEntryType))
	written := state
	written.Rules = config
	for id, want := range map[string][]string{otherGroup: nil, thisGroup: {`error rules["b"]: Two entries for one rule`}} {
		state.ID = str(id)
		if diff := cmp.Diff(want, planErrors(t, &securityGroup{plannedData()}, written, state)); diff != "" {
			t.Errorf("group %s: %s", id, diff)
		}
	}
}

// The rules of a rule set are checked with the group id of the configuration,
// which may differ from the state's.
func TestPlanKnowsGroupOfRuleSet(t *testing.T) {
	t.Parallel()
	config := ruleMap(t, map[string]ruleEntry{
		"a": {ruleAttributes: ruleAttributes{Direction: str("egress")}, Self: yes}, "b": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteGroupID: str(thisGroup)}},
	}, nil)
	for configured, want := range map[string][]string{thisGroup: {`error rules["b"]: Two entries for one rule`}, otherGroup: nil} {
		state := securityGroupRuleSetModel{GroupID: str(thisGroup), Rules: config, IgnoreRules: types.ListNull(ignoreRuleType), Timeouts: noTimeouts}
		written := state
		written.GroupID = str(configured)
		if diff := cmp.Diff(want, planErrors(t, &securityGroupRuleSet{plannedData()}, written, state)); diff != "" {
			t.Errorf("in %s: %s", configured, diff)
		}
	}
}

// plannedData is what a resource gets from a provider with a project and a region.
func plannedData() *providerData {
	return &providerData{projectID: num(testProject), regionID: num(testRegion)}
}

// planErrors plans a change and returns the errors.
func planErrors(t *testing.T, r resource.ResourceWithModifyPlan, config, state any) []string {
	t.Helper()
	written := held(t, r, config)
	req := resource.ModifyPlanRequest{Config: tfsdk.Config(written), Plan: tfsdk.Plan(written), State: held(t, r, state)}
	resp := resource.ModifyPlanResponse{Plan: req.Plan}
	r.ModifyPlan(t.Context(), req, &resp)
	return said(resp.Diagnostics.Errors())
}
