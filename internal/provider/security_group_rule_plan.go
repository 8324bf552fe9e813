package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// terraformParallelism is how many operations Terraform runs at a time unless
// it is told otherwise.
const terraformParallelism = 10

// ModifyPlan plans the leaves as those of an inline rule. The API cannot change
// a rule: what says something else is another one, with an id that only the
// apply knows.
func (r *securityGroupRule) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil || req.Plan.Raw.IsNull() {
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
	entry := planEntry(config.entry())
	if exists {
		entry = keepSpelling(entry, config.entry(), state.entry())
	}
	plan.setEntry(entry)
	if exists {
		left, diags := loadReplacement(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		if left != nil || !entry.known() || statementOf(entry.rule("")) != statementOf(state.entry().rule("")) {
			plan.ID = types.StringUnknown()
		}
		if len(resp.RequiresReplace) == 0 && plan.GroupID.Equal(state.GroupID) {
			r.reviewChange(ctx, state, entry, left, resp)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// reviewChange says what a change does beyond what the plan shows: the new rule
// comes before the old one goes, but where the API cannot hold both.
func (r *securityGroupRule) reviewChange(
	ctx context.Context, state securityGroupRuleModel, planned ruleEntry, left *replacement, resp *resource.ModifyPlanResponse,
) {
	was, wanted := state.entry().rule(""), planned.rule("")
	switch {
	case left != nil:
		resp.Diagnostics.AddWarning("An earlier change of the rule was cut off", fmt.Sprintf(
			"There may be two rules in the place of %s: the old one, and %q, which the change was making. "+
				"The apply keeps the one that the configuration describes, and deletes the other.", state.subject(), left.wanted().Name()))
	case !planned.known(), statementOf(was) == statementOf(wanted):
	case was.Key() == wanted.Key():
		resp.Diagnostics.Append(awayForAMoment(state.subject(), "The API can neither change a rule nor hold two that differ in their description only.")...)
	default:
		r.reviewPlace(ctx, state, planned, resp)
	}
}

// reviewPlace looks whether the group has a place for the new rule beside the
// old one. It looks where the rule was just read, so when Terraform plans: at
// the apply others are changing the group, and a plan that was made stays.
func (r *securityGroupRule) reviewPlace(
	ctx context.Context, state securityGroupRuleModel, planned ruleEntry, resp *resource.ModifyPlanResponse,
) {
	if r.client == nil || !r.claims.has(state.ID.ValueString()) {
		return
	}
	group, err := r.group(ctx, state.location(), state.GroupID.ValueString())
	if err != nil {
		return // A plan does not fail for a warning.
	}
	if len(group.Rules) >= ruleLimit {
		resp.Diagnostics.Append(awayForAMoment(state.subject(), fmt.Sprintf("Its group has %d rules, and the API takes no more.", len(group.Rules)))...)
	}
	for _, other := range group.Rules {
		if other.ID == state.ID.ValueString() || ruleFromAPI("", other).Key() != planned.rule("").Key() {
			continue
		}
		why := fmt.Sprintf("Rule %s of the same group already says what it shall say, and has to go first.", other.ID)
		// In place it waits for the other to go, as when a list loses its first
		// element and each rule takes the place of the next. If all that Terraform
		// runs at a time wait, those that they wait for never run. A replacement is
		// destroyed before anything is created, so that none has to wait.
		if len(group.Rules) > terraformParallelism {
			resp.RequiresReplace = append(resp.RequiresReplace, attribute("id"))
			why += " This cannot work with create_before_destroy, which a rule does not need."
		}
		resp.Diagnostics.Append(awayForAMoment(state.subject(), why)...)
		return
	}
}

func awayForAMoment(of subject, why string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewWarningDiagnostic("A rule is away for a moment", fmt.Sprintf(
		"%s So %s is deleted first and then made again: for some seconds nothing allows its traffic.", why, of))}
}
