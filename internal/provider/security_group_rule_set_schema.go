package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// What becomes of the rules when the rule set is destroyed.
const (
	onDestroyKeep   = "keep"
	onDestroyRemove = "remove"
	onDestroyRevert = "revert"
)

func (r *securityGroupRuleSet) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "All rules of a security group that lives elsewhere: the project's `default` group, a group of another " +
			"configuration, or one of two groups that name each other in their rules.\n\n" +
			"The group has exactly the rules of the map, and whatever anybody adds elsewhere is removed, after a plan has shown it. " +
			"Never use it for a group that is given `rules`, or beside `gcore_cloud_security_group_rule`.",
		Attributes: map[string]schema.Attribute{
			"group_id": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       []planmodifier.String{sameID{}},
				MarkdownDescription: "Id of the security group that has the rules. A change makes the rule set anew.",
			},
			"rules": schema.MapNestedAttribute{
				Required:      true,
				PlanModifiers: []planmodifier.Map{planRules{groupID: attribute("group_id")}},
				MarkdownDescription: "Exactly the rules that the group has, at most 250, each under a name of your own; `{}` is none. " +
					"No two entries may be the same rule. Renaming a key sends nothing.",
				NestedObject: schema.NestedAttributeObject{Attributes: ruleEntryAttributes()},
			},
			"on_destroy": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(onDestroyKeep),
				Validators: []validator.String{stringvalidator.OneOf(onDestroyKeep, onDestroyRemove, onDestroyRevert)},
				MarkdownDescription: "What becomes of the rules when the rule set is destroyed: `keep` (the default) leaves them as they are, " +
					"`remove` removes those of the map and no others, `revert` gives the group named `default`, and no other group, " +
					"the rules that the cloud gives such a group. A change counts once it is applied.",
			},
			"project_id": placeAttribute("Project", "rule set"),
			"region_id":  placeAttribute("Region", "rule set"),
			"id": schema.StringAttribute{
				Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				MarkdownDescription: "Id of the group.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: timeoutDescription,
				Update: true, UpdateDescription: timeoutDescription,
				Delete: true, DeleteDescription: timeoutDescription,
			}),
		},
	}
}

func (r *securityGroupRuleSet) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = groupIdentitySchema()
}

// sameID replaces a resource where an id changes, and keeps the spelling in
// state where only its case does.
type sameID struct{}

var _ planmodifier.String = sameID{}

func (sameID) Description(context.Context) string { return "A change makes the resource anew." }

func (m sameID) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameID) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	switch {
	case req.State.Raw.IsNull(), req.Plan.Raw.IsNull():
	case !req.PlanValue.IsUnknown() && strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString()):
		resp.PlanValue = req.StateValue
	default:
		resp.RequiresReplace = true
	}
}
