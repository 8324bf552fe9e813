package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// securityGroupIdentity names a group for imports; group_id is null while it is not known.
type securityGroupIdentity struct {
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
	GroupID   types.String `tfsdk:"group_id"`
}

// securityGroupRuleIdentity names a rule for imports; rule_id is null while it is not known.
type securityGroupRuleIdentity struct {
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
	GroupID   types.String `tfsdk:"group_id"`
	RuleID    types.String `tfsdk:"rule_id"`
}

func groupIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project_id": placeIdentity("Project"),
		"region_id":  placeIdentity("Region"),
		"group_id":   identityschema.StringAttribute{RequiredForImport: true, Description: "ID of the group."},
	}}
}

func ruleIdentitySchema() identityschema.Schema {
	schema := groupIdentitySchema()
	schema.Attributes["rule_id"] = identityschema.StringAttribute{RequiredForImport: true, Description: "ID of the rule."}
	return schema
}

// placeIdentity is a project or region in an identity.
func placeIdentity(place string) identityschema.Attribute {
	return identityschema.Int64Attribute{OptionalForImport: true, Description: placeDescription(place)}
}

// knownOrNull is an id for an identity, which cannot hold an unknown one.
func knownOrNull(id types.String) types.String {
	if id.IsUnknown() {
		return types.StringNull()
	}
	return id
}

// settable is a state, or a listed resource, of which nothing is known yet.
type settable interface {
	SetAttribute(ctx context.Context, at path.Path, value any) diag.Diagnostics
}

// begin sets what an identity says of a group: what an import and a list have before the group itself is read.
func (i securityGroupIdentity) begin(ctx context.Context, state settable) diag.Diagnostics {
	diags := state.SetAttribute(ctx, attribute("id"), i.GroupID)
	diags.Append(state.SetAttribute(ctx, attribute("project_id"), i.ProjectID)...)
	diags.Append(state.SetAttribute(ctx, attribute("region_id"), i.RegionID)...)
	return diags
}

func (i securityGroupRuleIdentity) begin(ctx context.Context, state settable) diag.Diagnostics {
	diags := securityGroupIdentity{ProjectID: i.ProjectID, RegionID: i.RegionID, GroupID: i.RuleID}.begin(ctx, state)
	diags.Append(state.SetAttribute(ctx, attribute("group_id"), i.GroupID)...)
	return diags
}
