package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Update sends something only if the rules say something else.
func (r *securityGroupRuleSet) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan, state securityGroupRuleSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkRuleSet(ctx, req.Config).Errors()...)
	planned, diags := decodeRules(ctx, plan.Rules)
	resp.Diagnostics.Append(diags...)
	prior, diags := decodeRules(ctx, state.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()

	id := plan.GroupID.ValueString()
	rules := rulesChange{wanted: rulesOf(planned, id), known: rulesOf(prior, id)}
	var err error
	if !state.reverts() {
		err = r.checkRevert(ctx, plan)
	}
	if err == nil && rules.changes() {
		err = r.changeRules(ctx, plan.location(), id, rules)
	}
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("update", err))
		return
	}
	resp.Diagnostics.Append(forget(ctx, resp.Private, importedMark)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}
