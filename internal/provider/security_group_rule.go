package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithConfigure      = (*securityGroupRule)(nil)
	_ resource.ResourceWithImportState    = (*securityGroupRule)(nil)
	_ resource.ResourceWithIdentity       = (*securityGroupRule)(nil)
	_ resource.ResourceWithModifyPlan     = (*securityGroupRule)(nil)
	_ resource.ResourceWithValidateConfig = (*securityGroupRule)(nil)
)

// securityGroupRule is the resource gcore_cloud_security_group_rule.
type securityGroupRule struct{ *configured }

func (r *securityGroupRule) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_group_rule"
	// A rule whose create was cut off has no id yet, and gets it at a read.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *securityGroupRule) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.configured = clientFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *securityGroupRule) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	identity := securityGroupRuleIdentity{}
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
	} else {
		id, err := parseImportID(req.ID, "group_id", "rule_id")
		if err != nil {
			resp.Diagnostics.AddError("Invalid import id", sentence(err.Error()))
			return
		}
		identity = securityGroupRuleIdentity{
			ProjectID: id.projectID, RegionID: id.regionID,
			GroupID: types.StringValue(id.ids[0]), RuleID: types.StringValue(id.ids[1]),
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	identity.ProjectID, identity.RegionID = r.importLocation(identity.ProjectID, identity.RegionID, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("id"), identity.RuleID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("group_id"), identity.GroupID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("project_id"), identity.ProjectID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("region_id"), identity.RegionID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	resp.Diagnostics.Append(setMark(ctx, resp.Private, importedMark)...)
}

// ModifyPlan plans the leaves as those of an inline rule. A rule cannot be
// changed in the cloud: one that says something else is another rule.
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
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if exists {
		resp.RequiresReplace = append(resp.RequiresReplace, changedLeaves(state.entry(), entry)...)
	}
}

// Update has nothing to send: whatever the cloud would see makes the rule anew.
func (r *securityGroupRule) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(forget(ctx, resp.Private, importedMark)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}
