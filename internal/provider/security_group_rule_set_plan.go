package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// ModifyPlan plans what depends on the provider or on other attributes, and
// says what the plan cannot show.
func (r *securityGroupRuleSet) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planLeaver(ctx, req.State)...)
		return
	}
	r.planLocation(ctx, req, resp)
	var plan, state securityGroupRuleSetModel
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	exists := !req.State.Raw.IsNull()
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, attribute("id"), plan.GroupID)...)
	replaced := exists && (len(resp.RequiresReplace) > 0 || !plan.GroupID.Equal(state.GroupID))
	resp.Diagnostics.Append(r.planOwner(ctx, req, plannedRules{
		resourceType: ruleSetType, projectID: plan.ProjectID, regionID: plan.RegionID, groupID: plan.GroupID,
		prior: state.Rules, planned: plan.Rules, replaced: replaced,
	})...)
	if resp.Diagnostics.HasError() || replaced {
		return // Terraform plans a replacement once more, as a create.
	}
	if exists && !plan.Rules.Equal(state.Rules) {
		resp.Diagnostics.Append(warnOfRuleChanges(ctx, state.subject(), state.Rules, plan.Rules)...)
	}
	if !exists || plan.reverts() && !state.reverts() {
		resp.Diagnostics.Append(r.warnOfGroup(ctx, plan, exists)...)
	}
}

// planLeaver registers a rule set that is planned to go and takes rules along.
func (r *securityGroupRuleSet) planLeaver(ctx context.Context, last tfsdk.State) diag.Diagnostics {
	var state securityGroupRuleSetModel
	diags := last.Get(ctx, &state)
	entries, more := decodeRules(ctx, state.Rules)
	diags.Append(more...)
	by := leaver{resourceType: ruleSetType, everything: state.reverts()}
	if state.OnDestroy.ValueString() == onDestroyRemove {
		by.rules = rulesOf(entries, state.GroupID.ValueString())
	}
	if diags.HasError() {
		return diags
	}
	diags.Append(ownership(path.Empty(), r.owners.leave(state.location(), state.GroupID.ValueString(), by))...)
	return diags
}

// warnOfGroup looks at the group and says what would make the apply stop. The
// apply looks again, so a group that cannot be read is no reason to stop here.
func (r *securityGroupRuleSet) warnOfGroup(ctx context.Context, plan securityGroupRuleSetModel, exists bool) diag.Diagnostics {
	entries, known, diags := knownEntries(ctx, plan.Rules)
	if diags.HasError() || r.client == nil || !allKnown(plan.ProjectID, plan.RegionID, plan.GroupID) {
		return diags
	}
	group, err := r.recentGroup(ctx, plan.location(), plan.GroupID.ValueString())
	if err != nil {
		what := "The group could not be looked at"
		if errors.Is(err, client.ErrNotFound) {
			what = "The group is not there"
		}
		diags.AddAttributeWarning(attribute("group_id"), what, sentence(err.Error())+" The apply looks again before it sends anything.")
		return diags
	}
	if err := plan.mayRevert(group); err != nil {
		diags.AddAttributeWarning(attribute("on_destroy"), "The group cannot be reverted", sentence(err.Error())+" The apply will stop here.")
	}
	if foreign := undeclared(rulesFromAPI(group), rulesOf(entries, group.ID)); !exists && known && len(foreign) > 0 {
		diags.AddAttributeWarning(attribute("rules"), "The group has rules that the rule set does not hold", fmt.Sprintf(
			"%s\n\nA create removes no rule that a plan has not shown. Unless these go before it, the apply will stop, and nothing is sent. %s",
			bullets(foreign), adoptRules(plan.location(), group.ID)))
	}
	return diags
}

// adoptRules says how a group with rules gets its rule set.
func adoptRules(at client.Location, groupID string) string {
	return "Either add them to rules; or import the rule set by this block: the plan then shows what it removes.\n\n" +
		importBlock(ruleSetType, groupImportID(at, groupID))
}
