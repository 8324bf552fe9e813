package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

var (
	_ resource.ResourceWithConfigure      = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithImportState    = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithIdentity       = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithModifyPlan     = (*securityGroupRuleSet)(nil)
	_ resource.ResourceWithValidateConfig = (*securityGroupRuleSet)(nil)
)

// securityGroupRuleSet is the resource gcore_cloud_security_group_rule_set: all rules of a group that lives elsewhere.
// The API knows no such object, so it has the id of the group, from the beginning.
type securityGroupRuleSet struct{ *providerData }

func (r *securityGroupRuleSet) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_group_rule_set"
}

func (r *securityGroupRuleSet) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

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
				MarkdownDescription: "Id of the security group that has the rules. A change gives the rules to the new group, then treats the old one as `on_destroy` says.",
			},
			"rules": schema.MapNestedAttribute{
				Required: true,
				MarkdownDescription: "Exactly the rules that the group has, at most 250, each under a name of your own; `{}` is none. " +
					"No two entries may be the same rule. Renaming a key sends nothing.",
				NestedObject: schema.NestedAttributeObject{Attributes: ruleEntryAttributes()},
			},
			"public_admin_ports": publicPortsAttribute(),
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
			"timeouts": timeouts.Attributes(ctx, timeoutOptions),
		},
	}
}

func (r *securityGroupRuleSet) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = groupIdentitySchema()
}

func (r *securityGroupRuleSet) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importGroup(ctx, req, resp, "group_id")
}

// ValidateConfig is that of the group, for rules alone.
func (r *securityGroupRuleSet) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(checkRuleSet(ctx, req.Config)...)
}

// Create gives the group the rules of the map. It removes none: those that the group has and the map has not were in no
// plan.
//
// A create that fails leaves no state, although some of its rules may be there: the next one finds them, and goes on. A
// state would be tainted, and what is tainted is destroyed first, which with on_destroy = "remove" would take away also
// the rules that were there before.
func (r *securityGroupRuleSet) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupRuleSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(checkRuleSet(ctx, req.Config).Errors()...)
	rules, diags := decodeFinalRules(plan.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	err := r.checkRevert(ctx, plan)
	if err == nil {
		diff := secgroup.RulesDiff{Wanted: rules.rules(plan.GroupID.ValueString()), Creating: true}
		err = r.service.SetRules(ctx, plan.group(), diff)
	}
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", &resumableError{err}))
		return
	}
	plan.ID = plan.GroupID
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// checkRevert refuses what could not be reverted later.
func (r *securityGroupRuleSet) checkRevert(ctx context.Context, plan securityGroupRuleSetModel) error {
	if !plan.reverts() {
		return nil
	}
	return r.service.CheckRevert(ctx, plan.group())
}

func (r *securityGroupRuleSet) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	state, imported, ok := beginRead[securityGroupRuleSetModel](ctx, r.providerData, req, resp)
	if !ok {
		return
	}
	prior, diags := decodeFinalRules(state.Rules)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	group, err := r.service.RefreshRules(ctx, state.group(), time.Time{})
	if err != nil {
		readFailed(ctx, state.subject(), err, imported, importForm("group_id"), resp)
		return
	}
	if imported {
		// An import cannot tell, and destroys nothing.
		state.OnDestroy = types.StringValue(onDestroyKeep)
	}
	if imported && len(group.Rules) <= rule.GroupLimit {
		state.Rules, diags = importedRules(state.subject(), group, "")
	} else {
		state.Rules, diags = encodeRules(entriesFromAPI(prior.entries, group.ID, group.Rules))
	}
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update sends something only if the rules say something else.
func (r *securityGroupRuleSet) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan, state securityGroupRuleSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkRuleSet(ctx, req.Config).Errors()...)
	planned, diags := decodeFinalRules(plan.Rules)
	resp.Diagnostics.Append(diags...)
	prior, diags := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	id, moves := plan.GroupID.ValueString(), !plan.GroupID.Equal(state.GroupID)
	diff := secgroup.RulesDiff{Wanted: planned.rules(id), Known: prior.rules(id)}
	if moves {
		diff = secgroup.RulesDiff{Wanted: planned.rules(id), Creating: true}
	}
	var err error
	if moves || !state.reverts() {
		err = r.checkRevert(ctx, plan)
	}
	if err == nil && (moves || !diff.Empty()) {
		err = r.service.SetRules(ctx, plan.group(), diff)
	}
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("update", err))
		return
	}
	if moves {
		state.ProjectID, state.RegionID = plan.ProjectID, plan.RegionID
		if resp.Diagnostics.Append(r.leave(ctx, state, prior)...); resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(unmarkForeign(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *securityGroupRuleSet) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupRuleSetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	rules, diags := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || state.OnDestroy.ValueString() == onDestroyKeep || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	resp.Diagnostics.Append(r.leave(ctx, state, rules)...)
}

// leave does with the rules of a group what on_destroy says.
func (r *securityGroupRuleSet) leave(ctx context.Context, state securityGroupRuleSetModel, rules rulesMap) (diags diag.Diagnostics) {
	var owner string
	var err error
	switch state.OnDestroy.ValueString() {
	case onDestroyRemove:
		owner, err = r.service.RemoveRules(ctx, state.group(), rules.rules(state.GroupID.ValueString()))
	case onDestroyRevert:
		owner, err = r.service.RevertRules(ctx, state.group())
	}
	switch {
	case err != nil:
		diags.Append(state.subject().failed("delete", err))
	case owner != "":
		diags.Append(handedOver(state.subject(), owner))
	}
	return diags
}
