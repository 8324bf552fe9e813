package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// ModifyPlan plans the leaves as those of an inline rule. The API cannot change a rule: what says something else is
// another one, with an id that only the apply knows.
func (r *securityGroupRule) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.providerData == nil {
		return
	}
	resp.Diagnostics.Append(r.checkPrior(ctx, req.State)...)
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDeparture(ctx, req)...)
		return
	}
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config).Errors()...)
	var config, plan, state securityGroupRuleModel
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
	if exists {
		resp.Diagnostics.Append(r.checkMove(ctx, state, plan)...)
	}
	entry := planEntry(config.entry())
	if exists {
		entry = keepSpelling(entry, config.entry(), state.entry())
	}
	plan.ruleAttributes, plan.Pending = entry.ruleAttributes, notPending
	if exists {
		moves := !plan.GroupID.Equal(state.GroupID)
		if !state.Pending.IsNull() || moves || !entry.known() || plan.meaning().Content() != state.meaning().Content() {
			plan.ID = types.StringUnknown()
		}
		if state.Pending.IsNull() && entry.known() && len(resp.RequiresReplace) == 0 && !plan.GroupID.IsUnknown() {
			resp.Diagnostics.Append(r.reviewChange(ctx, state, plan)...)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.planOwnerOfOne(ctx, req, resp.Private, state, plan)...)
	r.judgeIngress(req, resp, plan.PublicAdminPorts, plan.ingress())
}

// checkMove looks for the group of a rule that is planned in another project or region. The rule goes from where it is before
// it is created there, which cannot succeed if the group stays: most likely the resource has lost its provider alias.
func (r *securityGroupRule) checkMove(ctx context.Context, state, plan securityGroupRuleModel) diag.Diagnostics {
	stays := plan.ProjectID.Equal(state.ProjectID) && plan.RegionID.Equal(state.RegionID)
	// A state that another provider wrote need not name the place.
	foreign := state.ProjectID.IsNull() || state.RegionID.IsNull()
	if r.service == nil || stays || foreign || !allKnown(plan.ProjectID, plan.RegionID, plan.GroupID) {
		return nil
	}
	_, diags := r.groupInPlan(ctx, plan.group())
	return diags
}

// reviewChange says what a change does beyond what the plan shows: the new rule is created before the old one is
// deleted, except where the API cannot hold both.
func (r *securityGroupRule) reviewChange(ctx context.Context, state, plan securityGroupRuleModel) diag.Diagnostics {
	was, wanted, stays := state.meaning(), plan.meaning(), plan.GroupID.Equal(state.GroupID)
	switch {
	case stays && was.Content() == wanted.Content():
		return nil
	case stays && was.Key() == wanted.Key():
		return awayForAMoment(state.subject(), "The API cannot change a rule, or hold two rules that differ only in their description.")
	}
	return r.reviewPlace(ctx, state, plan)
}

// reviewPlace looks whether the group has a place for the new rule, and warns if it has not. Terraform asks for a plan in an
// apply too, where the group is changing, so nothing else may depend on what is found.
func (r *securityGroupRule) reviewPlace(ctx context.Context, state, plan securityGroupRuleModel) diag.Diagnostics {
	if r.service == nil || r.service.Applying() {
		return nil
	}
	group, err := r.service.ReadGroup(ctx, plan.group())
	if err != nil {
		return nil // The apply has to ask again, and says what is wrong.
	}
	var diags diag.Diagnostics
	key := plan.meaning().Key()
	for _, other := range group.Rules {
		if other.ID != state.ID.ValueString() && secgroup.RuleFromAPI("", other).Key() == key && !r.service.Known(other.ID) {
			diags.AddWarning("The rule already exists", fmt.Sprintf(
				"Make sure that no other configuration manages rule %s: it already matches what %s is planned to match. "+
					"The apply takes it over unless it is deleted by then: the state then has its id, and a destroy deletes it.", other.ID, state.subject()))
			return diags
		}
	}
	if len(group.Rules) >= rule.GroupLimit && plan.GroupID.Equal(state.GroupID) {
		return awayForAMoment(state.subject(), fmt.Sprintf("Its group has %d rules, and the API takes no more.", len(group.Rules)))
	}
	return nil
}

// tookOver says that a change found its rule in the group.
func tookOver(of subject, id string, found, wanted rule.Rule) diag.Diagnostics {
	text := fmt.Sprintf("Make sure that no other configuration manages rule %s. It was in the group already, so %s did not have to be created: "+
		"the state now has its id, and a destroy deletes it. If another resource of this configuration had it, that one no longer deletes it.", id, of)
	if found.Description != wanted.Description {
		text += fmt.Sprintf(" Its description is %q. The API cannot change that, and the next plan shows how it becomes %q.", found.Description, wanted.Description)
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("A rule was taken over", text)}
}

func awayForAMoment(of subject, why string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewWarningDiagnostic("A rule is briefly missing during the apply", fmt.Sprintf(
		"%s %s is therefore deleted first and then created again: for some seconds its traffic is not allowed.", why, capitalised(of.String())))}
}

// planOwnerOfOne registers a rule that is planned by itself. In another place it is another rule, and the old one goes.
func (r *securityGroupRule) planOwnerOfOne(
	ctx context.Context, req resource.ModifyPlanRequest, planned privateWriter, state, plan securityGroupRuleModel,
) diag.Diagnostics {
	exists := !req.State.Raw.IsNull()
	if exists && (!plan.ProjectID.Equal(state.ProjectID) || !plan.RegionID.Equal(state.RegionID)) {
		return r.departs(state)
	}
	if !allKnown(plan.ProjectID, plan.RegionID, plan.GroupID) {
		return nil
	}
	mark, diags := planMark(ctx, exists, req.Private, planned)
	stays := exists && plan.GroupID.Equal(state.GroupID)
	if exists && !stays {
		diags.Append(r.departs(state)...)
	}
	by, id := secgroup.Owner{Kind: ruleType, Existed: exists, Mark: mark}, plan.GroupID.ValueString()
	if state.Pending.IsNull() {
		// After an interrupted change the rule of this id may be another resource's.
		by.ID = state.ID.ValueString()
	}
	if plan.entry().keyKnown() {
		planned := plan.entry().rule(id)
		by.Rule, by.Declares = planned.Label(), rule.Keys([]rule.Rule{planned})
		by.Unchanged = stays && by.Declares[state.entry().rule(id).Key()]
	}
	diags.Append(r.ownership(attribute("group_id"), r.owners.OwnOne(plan.group(), by))...)
	return diags
}

// planDeparture registers a rule that is planned to be destroyed.
func (r *securityGroupRule) planDeparture(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var state securityGroupRuleModel
	if diags := req.State.Get(ctx, &state); diags.HasError() {
		return diags
	}
	return r.departs(state)
}

// departs registers a rule that goes from its group, and the one that an earlier change of it has made, but none that is another
// resource's.
func (r *securityGroupRule) departs(state securityGroupRuleModel) diag.Diagnostics {
	left, diags := state.left()
	goes := func(group secgroup.Ref, id string, says rule.Rule) {
		by := secgroup.Departing{Kind: ruleType, Rules: []rule.Rule{says}, IDs: []string{id}}
		diags.Append(r.ownership(path.Empty(), r.owners.Depart(group, by))...)
	}
	if left == nil || !left.Alone {
		goes(state.group(), state.ID.ValueString(), state.meaning())
	}
	if left != nil && !left.Found {
		goes(left.Group(state.group()), left.ID, left.Rule())
	}
	return diags
}
