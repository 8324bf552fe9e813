package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *securityGroupRule) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := ruleEntryAttributes()
	// A rule names its group by id, so it has no need of `self`.
	delete(attributes, "self")
	attributes["remote_group_id"] = schema.StringAttribute{Optional: true, MarkdownDescription: remoteGroupDescription + " Not beside `remote_ip_prefix`."}
	attributes["direction"] = schema.StringAttribute{Required: true, MarkdownDescription: directionDescription}
	attributes["id"] = schema.StringAttribute{
		Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		MarkdownDescription: "Id of the rule. Another one after a change, since the API cannot change a rule.",
	}
	attributes["group_id"] = schema.StringAttribute{
		Required:            true,
		PlanModifiers:       []planmodifier.String{sameID{}},
		MarkdownDescription: "Id of the security group that gets the rule. A change makes the rule anew.",
	}
	attributes["project_id"] = placeAttribute("Project", "rule")
	attributes["region_id"] = placeAttribute("Region", "rule")
	attributes["timeouts"] = timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: timeoutDescription,
		Update: true, UpdateDescription: timeoutDescription,
		Delete: true, DeleteDescription: timeoutDescription,
	})
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "One rule of a security group on Gcore Cloud. It has no opinion about the group's other rules: " +
			"use it for groups whose `rules` are not managed as a whole, such as one that several configurations add to. " +
			"Never use it for a group that is given `rules`.",
		Attributes: attributes,
	}
}

// securityGroupRuleIdentity names a rule for imports; rule_id is null while it
// is not known.
type securityGroupRuleIdentity struct {
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
	GroupID   types.String `tfsdk:"group_id"`
	RuleID    types.String `tfsdk:"rule_id"`
}

func (r *securityGroupRule) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project_id": placeIdentity("Project"),
		"region_id":  placeIdentity("Region"),
		"group_id":   identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the group."},
		"rule_id":    identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the rule."},
	}}
}
