package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ resource.ResourceWithConfigure      = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithImportState    = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithIdentity       = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithModifyPlan     = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithValidateConfig = (*securityGroupRuleSet)(nil)
)

// securityGroupRuleSet is the resource gcore_cloud_security_group_rule_set: all
// rules of a group that lives elsewhere. The API knows no such object, so it
// has the id of the group, from the beginning.
type securityGroupRuleSet struct{ *configured }

func (r *securityGroupRuleSet) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_group_rule_set"
}

func (r *securityGroupRuleSet) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.configured = clientFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *securityGroupRuleSet) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importGroup(ctx, req, resp, "group_id")
}

// ValidateConfig is that of the group, for rules alone.
func (r *securityGroupRuleSet) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(checkRuleSet(ctx, req.Config)...)
}
