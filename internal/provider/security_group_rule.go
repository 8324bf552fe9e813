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
	id, diags := r.importID(ctx, req, "group_id", "rule_id")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	identity := securityGroupRuleIdentity{
		ProjectID: id.projectID, RegionID: id.regionID,
		GroupID: types.StringValue(id.ids[0]), RuleID: types.StringValue(id.ids[1]),
	}
	resp.Diagnostics.Append(identity.begin(ctx, &resp.State)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	resp.Diagnostics.Append(setMark(ctx, resp.Private, importedMark)...)
}
