package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// ModifyPlan plans what depends on the provider or on other attributes, and says what the plan cannot show.
func (r *securityGroupRuleSet) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.providerData == nil {
		return
	}
	resp.Diagnostics.Append(r.checkPrior(ctx, req.State)...)
	if req.Plan.Raw.IsNull() {
		var state securityGroupRuleSetModel
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		resp.Diagnostics.Append(r.planDeparture(ctx, req.Private, state, types.StringNull())...)
		return
	}
	var config, plan, state securityGroupRuleSetModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	exists := !req.State.Raw.IsNull()
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	plan.ProjectID, plan.RegionID = r.planLocation(
		ctx, req, resp, [...]types.Int64{config.ProjectID, config.RegionID}, [...]types.Int64{state.ProjectID, state.RegionID})
	if resp.Diagnostics.HasError() {
		return
	}
	planned, prior, diags := planRules(config.Rules, state.Rules, config.GroupID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	plan.Rules, plan.ID, plan.Pending = planned.value, plan.GroupID, notPending
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	rules, diags := changeOfRules(ctx, plan.GroupID, prior, planned, state.IgnoreRules, plan.IgnoreRules, req.Private)
	resp.Diagnostics.Append(diags...)
	replaced, moves := len(resp.RequiresReplace) > 0, exists && !plan.GroupID.Equal(state.GroupID)
	if moves {
		rules = rules.moved()
	}
	owned := plannedOwner{
		kind: ruleSetType, projectID: plan.ProjectID, regionID: plan.RegionID, groupID: plan.GroupID,
		rules: rules, replaced: replaced,
	}
	if exists && !replaced && !plan.GroupID.IsUnknown() {
		resp.Diagnostics.Append(r.planDeparture(ctx, req.Private, state, plan.GroupID)...)
	}
	r.planOwner(ctx, req, resp, owned)
	if resp.Diagnostics.HasError() || replaced {
		return // Terraform plans a replacement once more, as a create.
	}
	if !exists && !plan.GroupID.IsUnknown() {
		resp.Diagnostics.Append(markReplaced(ctx, plan.group(), resp.Private)...)
	}
	if exists && !moves {
		resp.Diagnostics.Append(rules.warn(state.subject())...)
	}
	var theirs []rule.Rule
	if (!exists || moves || plan.reverts() && !state.reverts()) && !r.isReplacing(plan.group()) {
		theirs, diags = r.reviewGroup(ctx, state, plan, planned, rules.ignored, exists && !moves)
		resp.Diagnostics.Append(diags...)
	}
	r.judgeIngress(req, resp, plan.PublicAdminPorts, rules.ingress(), theirs...)
}

// planDeparture registers the rules that go with a rule set that is planned for another group, null for none: those of the group
// that it leaves, and those of a change that was cut off. It names those that stay.
func (r *securityGroupRuleSet) planDeparture(
	ctx context.Context, private privateReader, state securityGroupRuleSetModel, to types.String,
) diag.Diagnostics {
	rules, diags := decodeFinalRules(state.Rules)
	left, more := state.left()
	if diags.Append(more...); diags.HasError() {
		return diags
	}
	if !state.isIncomplete() && !to.Equal(state.GroupID) {
		by := secgroup.Departing{Kind: ruleSetType, Everything: state.reverts()}
		if state.OnDestroy.ValueString() == onDestroyRemove {
			var found []rule.Rule
			by.Rules, found = lastSeen(ctx, private).split(rules, state.GroupID.ValueString())
			diags.Append(state.warnOfFound(found)...)
		}
		diags.Append(r.ownership(path.Empty(), r.owners.Depart(state.group(), by))...)
	}
	if state.undoes(left) && !left.In(to.ValueString()) {
		by := secgroup.Departing{Kind: ruleSetType, Rules: left.Known()}
		diags.Append(r.ownership(path.Empty(), r.owners.Depart(secgroup.Ref{Location: state.location(), ID: left.GroupID}, by))...)
	}
	return diags
}

// warnOfFound names the rules that stay though the state has them.
func (m securityGroupRuleSetModel) warnOfFound(found []rule.Rule) diag.Diagnostics {
	if len(found) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(attribute("on_destroy"), count(len(found), "rule")+" left in the group", fmt.Sprintf(
		"%s removes the rules that an apply has declared. A refresh has found these, and no apply has declared them, so they stay in the cloud:\n\n%s",
		capitalised(m.subject().String()), rule.Bullets(found)))}
}

// reviewGroup looks at the group and says what would make the apply stop. Of a group that the rule set is new in it returns
// the rules of others.
func (r *securityGroupRuleSet) reviewGroup(
	ctx context.Context, state, plan securityGroupRuleSetModel, planned rulesMap, others rule.Matchers, exists bool,
) ([]rule.Rule, diag.Diagnostics) {
	if r.service == nil || !allKnown(plan.ProjectID, plan.RegionID, plan.GroupID) {
		return nil, nil
	}
	group, diags := r.groupInPlan(ctx, plan.group())
	if len(diags) > 0 {
		return nil, diags
	}
	if err := secgroup.Revertible(group); plan.reverts() && err != nil {
		diags.AddAttributeWarning(attribute("on_destroy"), "The group cannot be reverted", fmt.Sprintf(
			"Set on_destroy to %q or %q, or the apply will stop: only the group named %q can be reverted, and this one is named %q.",
			onDestroyKeep, onDestroyRemove, secgroup.DefaultGroup, group.Name))
	}
	if exists || !planned.known() {
		return nil, diags
	}
	known := planned.rules(group.ID)
	left, more := state.left()
	if diags.Append(more...); left.In(group.ID) {
		known = slices.Concat(known, left.Known())
	}
	ours, theirs := secgroup.Ours(group, others, known)
	if unplanned := rule.Unplanned(secgroup.RulesFromAPI(ours), known); len(unplanned) > 0 {
		diags.AddAttributeWarning(attribute("rules"), "The group has rules that are not in the rule set", fmt.Sprintf(
			"%s\n\nOtherwise the apply will stop before it sends anything, unless the rules are deleted before, or a rule set that is replaced has them in its state: "+
				"a create removes no rule that a plan has not shown.\n\n%s",
			capitalised(adoptRules(secgroup.Ref{Location: plan.location(), ID: group.ID})), rule.Bullets(unplanned)))
	}
	return secgroup.RulesFromAPI(client.SecurityGroup{ID: group.ID, Rules: theirs}), diags
}
