package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithConfigure      = (*securityGroup)(nil)
	_ resource.ResourceWithImportState    = (*securityGroup)(nil)
	_ resource.ResourceWithIdentity       = (*securityGroup)(nil)
	_ resource.ResourceWithModifyPlan     = (*securityGroup)(nil)
	_ resource.ResourceWithValidateConfig = (*securityGroup)(nil)
)

// securityGroup is the resource gcore_cloud_security_group.
type securityGroup struct{ *configured }

func (r *securityGroup) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_group"
	// A group whose create was cut off has no id yet, and gets it at a read.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *securityGroup) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.configured = clientFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *securityGroup) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importGroup(ctx, req, resp)
}

// importGroup imports what the id of a group names: the group, or all its
// rules. The id goes to more attributes than `id`.
func (c *configured) importGroup(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, more ...string,
) {
	id, diags := c.importID(ctx, req, "group_id")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	identity := securityGroupIdentity{ProjectID: id.projectID, RegionID: id.regionID, GroupID: types.StringValue(id.ids[0])}
	resp.Diagnostics.Append(identity.begin(ctx, &resp.State)...)
	for _, name := range more {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute(name), identity.GroupID)...)
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	resp.Diagnostics.Append(setMark(ctx, resp.Private, importedMark)...)
}

// importLocation fills what an import leaves out with the provider's project
// and region.
func (c *configured) importLocation(projectID, regionID types.Int64, diags *diag.Diagnostics) (types.Int64, types.Int64) {
	for _, missing := range c.fillLocation(&projectID, &regionID) {
		diags.AddError("Missing "+missing.word, "The import names no "+missing.word+" and the provider has none. "+
			"Import <project_id>/<region_id>/... or set "+missing.providerAttribute+" or "+missing.variable+".")
	}
	return projectID, regionID
}

// ready tells whether the API can be reached at all; it adds an error if the
// provider's configuration is still unknown when something is to be written.
func (c *configured) ready(diags *diag.Diagnostics) bool {
	if c.client == nil {
		diags.AddError("The provider is not configured", "api_key or base_url of the provider is not known yet, so nothing can be looked up or written. "+
			"Apply first what makes its value, with -target, then the rest.")
		return false
	}
	return true
}
