package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
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
	// Another group_id is an update.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *securityGroupRuleSet) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *securityGroupRuleSet) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "Manages all rules of a security group in Gcore Cloud that is defined elsewhere: the project's `default` group, a group of another " +
			"configuration, or one of two groups whose rules refer to each other.",
		Attributes: map[string]schema.Attribute{
			"group_id": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       []planmodifier.String{sameID{}},
				MarkdownDescription: "ID of the security group. Changing this creates the rules in the new group, then handles the rules of the old one according to `on_destroy`.",
			},
			"rules": schema.MapNestedAttribute{
				Required: true,
				MarkdownDescription: "All rules of the group, at most 250, under keys of your choice; `{}` for none. " +
					"Two entries must not be the same rule. Renaming a key sends no request.",
				NestedObject: ruleEntryObject(),
			},
			"public_admin_ports": publicPortsAttribute(),
			"on_destroy": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(onDestroyKeep),
				Validators: []validator.String{stringvalidator.OneOf(onDestroyKeep, onDestroyRemove, onDestroyRevert)},
				MarkdownDescription: "What happens to the rules when the rule set is destroyed: `keep` leaves them as they are; " +
					"`remove` deletes those that an apply has declared, and no others; `revert` restores the rules that the cloud gives the group named `default`, and works for no other group. " +
					"Defaults to `keep`. A changed value takes effect once it is applied. After an interrupted create, a destroy deletes only what the create added.",
			},
			"project_id": placeAttribute("Project"),
			"region_id":  placeAttribute("Region"),
			"id": schema.StringAttribute{
				Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				MarkdownDescription: "ID of the group.",
			},
			"pending":  pendingAttribute("create or update"),
			"timeouts": timeoutsAttribute(ctx, "rule set", ""),
		},
		Blocks: map[string]schema.Block{ignoreRules: ignoreRulesBlock()},
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

// Create gives the group the rules of the map. It removes none but those of a rule set that it replaces: other rules that the
// group has and the map has not were in no plan.
//
// A create that fails leaves a state only if rules may have been sent. That is tainted, and what is tainted is destroyed first:
// then these rules go, whatever on_destroy says, but not those that were there before. If it replaces a rule set that has left
// its rules, it leaves the state of that one, which is tainted too and leaves its rules once more.
func (r *securityGroupRuleSet) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupRuleSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var diff secgroup.RulesDiff
	begun := plan
	begun.ID = types.StringNull()
	replaces := r.leftByLast(plan.group())
	diff.Remember = func(sent *secgroup.SentRules) {
		begun.Pending = memory{Sent: sent}.pending()
		resp.Diagnostics.Append(resp.State.Set(ctx, begun)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
		if sent == nil && replaces == nil {
			resp.State.RemoveResource(ctx)
		}
	}
	if replaces != nil {
		begun, diff.Known, diff.Found, diff.Sent = replaces.state, replaces.diff.Known, replaces.diff.Found, replaces.diff.Sent
		diff.Remember(diff.Sent)
	}
	resp.Diagnostics.Append(checkRuleSet(ctx, req.Config).Errors()...)
	rules, diags := decodeFinalRules(plan.Rules)
	resp.Diagnostics.Append(diags...)
	diff.Wanted, diff.Creating = rules.rules(plan.GroupID.ValueString()), true
	diff.Others, diags = matchers(ctx, plan.IgnoreRules, plan.GroupID.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.writable(plan.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts, actionCreate, r.timeout)
	defer cancel()
	diff.Judge = r.judgeOthers(plan.PublicAdminPorts, rules, diff.Others)
	if err := r.setRules(ctx, plan, diff, true); err != nil {
		resp.Diagnostics.Append(r.failed(plan.subject(), actionCreate, unsent(resp.State, err)))
		return
	}
	plan.ID = plan.GroupID
	resp.Diagnostics.Append(seen{}.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// setRules gives the group its rules. It refuses first what could not be reverted later, if the group is to be reverted from now on.
func (r *securityGroupRuleSet) setRules(ctx context.Context, plan securityGroupRuleSetModel, diff secgroup.RulesDiff, begins bool) error {
	if begins && plan.reverts() {
		if err := r.service.CheckRevert(ctx, plan.group()); err != nil {
			return err
		}
	}
	if diff.Empty() {
		return nil
	}
	return r.service.SetRules(ctx, plan.group(), diff)
}

func (r *securityGroupRuleSet) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	state, imported, ok := beginRead[securityGroupRuleSetModel](ctx, r.providerData, req, resp)
	if !ok {
		return
	}
	prior, diags := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(diags...)
	others, diags := matchers(ctx, state.IgnoreRules, state.GroupID.ValueString())
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	left, diags := state.left()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	group, err := r.service.RefreshRules(ctx, state.group(), time.Time{})
	if errors.Is(err, client.ErrNotFound) && left != nil && !left.In(state.GroupID.ValueString()) {
		// Only the group that it was moving to may have rules of it.
		state.ID, state.GroupID = types.StringNull(), types.StringValue(left.GroupID)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
		group, err = r.service.RefreshRules(ctx, state.group(), time.Time{})
	}
	if err != nil {
		r.readFailed(ctx, state.subject(), err, imported, importForm("group_id"), resp)
		return
	}
	group, theirs := secgroup.Ours(group, others, prior.rules(group.ID))
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
	if left != nil {
		resp.Diagnostics.Append(setCutOff(state, left))
	}
	now, diags := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(diags...)
	found := seenIn(client.SecurityGroup{ID: group.ID}, theirs, true)
	resp.Diagnostics.Append(found.with(lastSeen(ctx, req.Private), prior, now, group.ID).save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// setCutOff warns that a group may have rules of a change that did not get through.
func setCutOff(state securityGroupRuleSetModel, left *secgroup.SentRules) diag.Diagnostic {
	return diag.NewWarningDiagnostic("A change of a rule set was interrupted", fmt.Sprintf(
		"Security group %s may have, or get, rules of %s that the state does not show. The next apply completes the change, or removes what "+
			"it has added if the configuration no longer asks for it. %s", left.GroupID, state.subject(), keepInState))
}

// Update sends something only if the rules say something else, or may.
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
	left, diags := state.left()
	resp.Diagnostics.Append(diags...)
	rules, diags := changeOfRules(ctx, plan.GroupID, prior, planned, state.IgnoreRules, plan.IgnoreRules, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.writable(plan.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts, actionUpdate, r.timeout)
	defer cancel()
	state.ProjectID, state.RegionID = plan.ProjectID, plan.RegionID
	id, moves := plan.GroupID.ValueString(), !plan.GroupID.Equal(state.GroupID)
	if left != nil && !left.In(id) {
		if resp.Diagnostics.Append(r.undo(ctx, actionUpdate, state, left)...); resp.Diagnostics.HasError() {
			return
		}
		left = nil
	}
	if moves {
		rules = rules.moved()
	}
	diff := rules.diff
	diff.Judge = r.judgeOthers(plan.PublicAdminPorts, planned, rules.ignored)
	diff.Sent, diff.Remember = left, func(sent *secgroup.SentRules) {
		begun := state
		begun.Pending = memory{Sent: sent}.pending()
		resp.Diagnostics.Append(resp.State.Set(ctx, begun)...)
	}
	if err := r.setRules(ctx, plan, diff, moves || !state.reverts()); err != nil {
		resp.Diagnostics.Append(r.failed(plan.subject(), actionUpdate, err))
		return
	}
	if moves && !state.isIncomplete() {
		declared, _ := lastSeen(ctx, req.Private).split(prior, state.GroupID.ValueString())
		if resp.Diagnostics.Append(r.leave(ctx, actionUpdate, state, declared)...); resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(rules.saveApplied(ctx, req.Config, plan.GroupID, resp.Private)...)
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
	left, diags := state.left()
	resp.Diagnostics.Append(diags...)
	declared, found := lastSeen(ctx, req.Private).split(rules, state.GroupID.ValueString())
	stays := state.OnDestroy.ValueString() == onDestroyKeep
	if isReplaced(ctx, state.group(), req.Private) {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, replacedKey, nil)...)
		if !hasSeen(ctx, req.Private) {
			// Nothing tells which are declared. The plan has shown that all of them go, but not those that the new one's blocks match.
			declared, found = nil, append(found, declared...)
		}
		if !state.isIncomplete() {
			next := leftRules{state, secgroup.RulesDiff{Known: declared, Found: found}}
			if stays = state.OnDestroy.ValueString() != onDestroyRemove; stays && left.In(state.GroupID.ValueString()) {
				next.diff.Sent, left = left, nil
			}
			r.leaveToNext(state.group(), next)
		}
	}
	if resp.Diagnostics.HasError() || stays && !state.undoes(left) || !r.writable(state.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts, actionDelete, r.timeout)
	defer cancel()
	if resp.Diagnostics.Append(r.undo(ctx, actionDelete, state, left)...); resp.Diagnostics.HasError() || state.isIncomplete() || stays {
		return
	}
	resp.Diagnostics.Append(r.leave(ctx, actionDelete, state, declared)...)
}

// undo removes what a change that was cut off has sent, if that goes. The operation is the one that does so.
func (r *securityGroupRuleSet) undo(
	ctx context.Context, operation string, state securityGroupRuleSetModel, left *secgroup.SentRules,
) diag.Diagnostics {
	if !state.undoes(left) {
		return nil
	}
	owner, err := r.service.UndoRules(ctx, state.location(), left)
	state.GroupID = types.StringValue(left.GroupID)
	return r.removed(operation, state.subject(), owner, err)
}

// leave does with the rules of a group what on_destroy says. Rules that no apply has declared are not removed one by one.
func (r *securityGroupRuleSet) leave(
	ctx context.Context, operation string, state securityGroupRuleSetModel, declared []rule.Rule,
) diag.Diagnostics {
	var owner string
	var err error
	switch state.OnDestroy.ValueString() {
	case onDestroyRemove:
		owner, err = r.service.RemoveRules(ctx, state.group(), declared)
	case onDestroyRevert:
		owner, err = r.service.RevertRules(ctx, state.group())
	}
	return r.removed(operation, state.subject(), owner, err)
}

// removed says how the removal of rules has ended. The subject names their group.
func (d *providerData) removed(operation string, of subject, owner string, err error) (diags diag.Diagnostics) {
	switch {
	case err != nil:
		diags.Append(d.failed(of, operation, err))
	case owner != "":
		diags.Append(handedOver(of, owner))
	}
	return diags
}
