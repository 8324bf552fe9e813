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
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDeparture(ctx, req)...)
		return
	}
	r.planLocation(ctx, req, resp)
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config).Errors()...)
	var config, plan, state securityGroupRuleModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	exists := !req.State.Raw.IsNull()
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
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
		if !state.Pending.IsNull() || !entry.known() || plan.meaning().Content() != state.meaning().Content() {
			plan.ID = types.StringUnknown()
		}
		if state.Pending.IsNull() && entry.known() && len(resp.RequiresReplace) == 0 && plan.GroupID.Equal(state.GroupID) {
			r.reviewChange(ctx, state, plan.meaning(), resp)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.planOwnerOfOne(exists, state, plan)...)
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
func (r *securityGroupRule) reviewChange(
	ctx context.Context, state securityGroupRuleModel, wanted rule.Rule, resp *resource.ModifyPlanResponse,
) {
	switch was := state.meaning(); {
	case was.Content() == wanted.Content():
	case was.Key() == wanted.Key():
		resp.Diagnostics.Append(awayForAMoment(state.subject(), "The API can neither change a rule nor hold two that differ in their description only.")...)
	default:
		r.reviewPlace(ctx, state, wanted.Key(), resp)
	}
}

// reviewPlace looks whether the group has a place for the new rule beside the old one. It does so only when Terraform
// plans: at the apply others are changing the group, and a plan that was made has to stay. The two are told apart by
// what this process has read: Terraform configures the provider again for the apply, which begins without a refresh.
func (r *securityGroupRule) reviewPlace(
	ctx context.Context, state securityGroupRuleModel, key rule.Key, resp *resource.ModifyPlanResponse,
) {
	if r.service == nil || !r.service.Known(state.ID.ValueString()) {
		return
	}
	group, err := r.service.ReadGroup(ctx, state.group())
	if err != nil {
		return // The apply has to ask again, and says what is wrong.
	}
	if len(group.Rules) >= rule.GroupLimit {
		resp.Diagnostics.Append(awayForAMoment(state.subject(), fmt.Sprintf("Its group has %d rules, and the API takes no more.", len(group.Rules)))...)
	}
	for _, other := range group.Rules {
		if other.ID == state.ID.ValueString() || secgroup.RuleFromAPI("", other).Key() != key {
			continue
		}
		why := fmt.Sprintf("Rule %s of the same group already says what it shall say, and has to go first.", other.ID)
		if r.waiting.Add(1) > mostWaiting {
			resp.RequiresReplace = append(resp.RequiresReplace, attribute("id"))
			why += " With create_before_destroy, also that of a resource that depends on the rule, this cannot work for more than a few rules at a time."
		}
		resp.Diagnostics.Append(awayForAMoment(state.subject(), why)...)
		return
	}
}

// mostWaiting is how many rules of a plan may change in place although another rule has to go first, as when two
// exchange what they say. Each of them waits at the apply, and Terraform does ten things at a time: if a list loses its
// first element and each rule takes the place of the next, all ten may wait for rules whose turn never comes. So the
// others are replaced: Terraform destroys before it creates, and then none has to wait.
const mostWaiting = 4

func awayForAMoment(of subject, why string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewWarningDiagnostic("A rule is away for a moment", fmt.Sprintf(
		"%s So %s is deleted first and then made again: for some seconds nothing allows its traffic.", why, of))}
}

// planOwnerOfOne registers a rule that is planned by itself. In another place it is another rule, and the old one goes.
func (r *securityGroupRule) planOwnerOfOne(exists bool, state, plan securityGroupRuleModel) diag.Diagnostics {
	stays := plan.ProjectID.Equal(state.ProjectID) && plan.RegionID.Equal(state.RegionID) && plan.GroupID.Equal(state.GroupID)
	if exists && !stays {
		return r.departs(state)
	}
	if !allKnown(plan.ProjectID, plan.RegionID, plan.GroupID) {
		return nil
	}
	by, id := secgroup.Owner{Kind: ruleType}, plan.GroupID.ValueString()
	if plan.entry().keyKnown() {
		planned := plan.entry().rule(id)
		by.Rule, by.Declares = planned.Name(), rule.Keys([]rule.Rule{planned})
		by.Unchanged = exists && by.Declares[state.entry().rule(id).Key()]
	}
	return ownership(attribute("group_id"), r.owners.OwnOne(plan.group(), by))
}

// planDeparture registers a rule that is planned to be destroyed, and with it what a change has left half-way.
func (r *securityGroupRule) planDeparture(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var state securityGroupRuleModel
	diags := req.State.Get(ctx, &state)
	left, more := state.left()
	diags.Append(more...)
	if diags.HasError() {
		return diags
	}
	if left == nil {
		return r.departs(state)
	}
	return r.departs(state, left.Rule())
}

func (r *securityGroupRule) departs(state securityGroupRuleModel, others ...rule.Rule) diag.Diagnostics {
	by := secgroup.Departing{Kind: ruleType, Rules: append(others, state.meaning())}
	return ownership(path.Empty(), r.owners.Depart(state.group(), by))
}
