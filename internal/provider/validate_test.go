package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
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
	return securityGroupModel{Name: str("web"), Rules: rules, Tags: noTags, TagsAll: noTags, Timeouts: noTimeouts}
}

// Values that become known after the validation are checked before any request;
// this resource has no client that could send one.
func TestNothingInvalidIsSent(t *testing.T) {
	t.Parallel()
	bad := ruleMap(t, map[string]ruleEntry{"a": {Direction: str("ingress"), Protocol: str("TCP")}}, nil)
	want := []string{`error rules["a"].protocol: Unknown protocol`}
	group, standalone := &securityGroup{&configured{}}, &securityGroupRule{&configured{}}

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
		"a": {Direction: str("ingress"), Self: yes}, "b": {Direction: str("ingress"), RemoteGroupID: str(thisGroup)},
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

	plan = held(t, standalone, securityGroupRuleModel{GroupID: str("web"), Direction: str("ingress"), Protocol: str("TCP"), Timeouts: noTimeouts})
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
		"legacy": {Direction: str("ingress"), Ethertype: str("IPv4"), Protocol: str("99"), RemoteIPPrefix: str("10.0.0.1/8"), Self: no, Description: str("")},
	}
	config := ruleMap(t, map[string]ruleEntry{"https": onPort(443)}, nil)
	state := groupModel(ruleMap(t, prior, nil))
	state.ID = str(thisGroup)
	plan := modified(t, planRequest(t, config, state))
	if plan.Diagnostics.HasError() {
		t.Fatal(plan.Diagnostics)
	}
	got := warnOfUnrepeatable(subject{kind: "security group"}, prior, plan.PlanValue)
	if diff := cmp.Diff([]string{"warning rules: 1 rule cannot be kept"}, said(got)); diff != "" {
		t.Error(diff)
	}
	if got := warnOfUnrepeatable(subject{}, prior, types.MapNull(ruleEntryType)); len(got) > 0 {
		t.Errorf("rules that are let go are kept: %v", got)
	}
	delete(prior, "legacy")
	if got := warnOfUnrepeatable(subject{}, prior, config); len(got) > 0 {
		t.Errorf("a rule that can be said: %v", got)
	}
}

// A plan is checked with the group's own id, which the validation does not
// have.
func TestPlanKnowsOwnGroup(t *testing.T) {
	t.Parallel()
	config := ruleMap(t, map[string]ruleEntry{
		"a": {Direction: str("ingress"), Self: yes}, "b": {Direction: str("ingress"), RemoteGroupID: str(thisGroup)},
	}, nil)
	state := groupModel(types.MapNull(ruleEntryType))
	state.ID = str(otherGroup)
	if got := modified(t, planRequest(t, config, state)).Diagnostics; len(got) > 0 {
		t.Errorf("another group: %v", got)
	}
	state.ID = str(thisGroup)
	want := []string{`error rules["b"]: Two entries for one rule`}
	if diff := cmp.Diff(want, said(modified(t, planRequest(t, config, state)).Diagnostics)); diff != "" {
		t.Error(diff)
	}
}

// The rules of a rule set are checked with the group id of the configuration,
// which may differ from the state's.
func TestPlanKnowsGroupOfRuleSet(t *testing.T) {
	t.Parallel()
	config := ruleMap(t, map[string]ruleEntry{
		"a": {Direction: str("ingress"), Self: yes}, "b": {Direction: str("ingress"), RemoteGroupID: str(thisGroup)},
	}, nil)
	for configured, want := range map[string][]string{thisGroup: {`error rules["b"]: Two entries for one rule`}, otherGroup: nil} {
		model := securityGroupRuleSetModel{GroupID: str(configured), Rules: config, Timeouts: noTimeouts}
		written := held(t, &securityGroupRuleSet{}, model)
		model.GroupID = str(thisGroup)
		req := planmodifier.MapRequest{
			Path: attribute("rules"), Config: tfsdk.Config(written), ConfigValue: config, State: held(t, &securityGroupRuleSet{}, model), StateValue: config,
		}
		var resp planmodifier.MapResponse
		planRules{groupID: attribute("group_id")}.PlanModifyMap(t.Context(), req, &resp)
		if diff := cmp.Diff(want, said(resp.Diagnostics)); diff != "" {
			t.Errorf("in %s: %s", configured, diff)
		}
	}
}
