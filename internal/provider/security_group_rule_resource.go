package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

var (
	_ resource.ResourceWithConfigure      = (*securityGroupRule)(nil)
	_ resource.ResourceWithImportState    = (*securityGroupRule)(nil)
	_ resource.ResourceWithIdentity       = (*securityGroupRule)(nil)
	_ resource.ResourceWithModifyPlan     = (*securityGroupRule)(nil)
	_ resource.ResourceWithValidateConfig = (*securityGroupRule)(nil)
)

// securityGroupRule is the resource gcore_cloud_security_group_rule.
type securityGroupRule struct{ *providerData }

func (r *securityGroupRule) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_group_rule"
	// A rule whose create was cut off has no id yet, and gets it at a read.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *securityGroupRule) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *securityGroupRule) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := ruleEntryAttributes()
	// A rule names its group by id, so it has no need of `self`.
	delete(attributes, "self")
	attributes["remote_group_id"] = schema.StringAttribute{Optional: true, MarkdownDescription: remoteGroupDescription + " Conflicts with `remote_ip_prefix`."}
	attributes["direction"] = schema.StringAttribute{Required: true, MarkdownDescription: directionDescription}
	attributes["id"] = schema.StringAttribute{
		Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		MarkdownDescription: "ID of the rule. An update of the rule changes it, since the API cannot change a rule in place.",
	}
	attributes["group_id"] = schema.StringAttribute{
		Required:            true,
		PlanModifiers:       []planmodifier.String{sameID{}},
		MarkdownDescription: "ID of the security group. Changing this creates the rule in the new group, then deletes it from the old one.",
	}
	attributes["project_id"] = placeAttribute("Project")
	attributes["region_id"] = placeAttribute("Region")
	attributes["public_admin_ports"] = publicPortsAttribute()
	attributes["pending"] = pendingAttribute("create or update")
	attributes["timeouts"] = timeoutsAttribute(ctx, "rule", "")
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "Manages one rule (a *standalone rule*) of a security group in Gcore Cloud and ignores the group's other rules. " +
			"Use it for a group whose rules are not managed as a whole, for example because several configurations add to it.",
		Attributes: attributes,
	}
}

// ValidateConfig is that of the group, for one rule.
func (r *securityGroupRule) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config)...)
}

func (r *securityGroupRule) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = ruleIdentitySchema()
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
	resp.Diagnostics.Append(markForeign(ctx, resp.Private)...)
}

func (r *securityGroupRule) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config).Errors()...)
	if resp.Diagnostics.HasError() || !r.writable(plan.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts, actionCreate, r.timeout)
	defer cancel()
	journal := &createJournal{data: r.providerData, ctx: ctx, plan: req.Plan, resp: resp, identity: func(id types.String) any {
		plan.ID = id
		return plan.identity()
	}}
	if _, err := r.service.CreateRule(ctx, plan.group(), plan.meaning(), journal); err != nil {
		journal.fail(plan.subject(), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *securityGroupRule) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	state, imported, ok := beginRead[securityGroupRuleModel](ctx, r.providerData, req, resp)
	if !ok {
		return
	}
	left, diags := state.left()
	resp.Diagnostics.Append(diags...)
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.GroupID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if state.ID.IsNull() {
		if state.ID = r.readPending(ctx, state.subject(), r.findCreated(state), resp); state.ID.IsNull() {
			return
		}
	}
	if left, ok = r.readReplacement(ctx, state, left, resp); !ok {
		return
	}
	// An import comes before the state has the rule.
	found, left, err := r.service.ReadRule(ctx, state.group(), state.ID.ValueString(), left, !imported)
	switch {
	case errors.Is(err, secgroup.ErrTaken):
		resp.Diagnostics.Append(hasAnotherOwner(state.subject()))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		r.readFailed(ctx, state.subject(), err, imported, importForm("group_id", "rule_id"), resp)
		return
	}
	if left != nil {
		resp.Diagnostics.Append(cutOff(state, left))
	}
	state = state.refresh(found)
	state.Pending = memory{Replacement: left}.pending()
	if imported {
		resp.Diagnostics.Append(state.warnOfImport()...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// findCreated looks for the rule of a create that was cut off. The model is the state that it left behind.
func (r *securityGroupRule) findCreated(model securityGroupRuleModel) findCreated {
	return func(ctx context.Context, wait bool) (string, error) {
		known, err := recall(model.Pending)
		if err != nil {
			return "", err
		}
		return r.service.FindCreatedRule(ctx, model.group(), model.meaning(), known.Create, wait)
	}
}

// readReplacement is a read's part: it finds out what became of a change that was cut off before the id of the new rule
// was known, and lets a rule show that was created a moment ago. It returns nil if there is no change or it came to
// nothing, and ok false if the read ends here.
func (r *securityGroupRule) readReplacement(
	ctx context.Context, state securityGroupRuleModel, left *secgroup.Replacement, resp *resource.ReadResponse,
) (_ *secgroup.Replacement, ok bool) {
	ctx, cancel := context.WithTimeoutCause(ctx, readLimit, timeLimit{readLimit, "the limit of a read"})
	defer cancel()
	found, err := r.service.FindReplacement(ctx, state.group(), left, false)
	switch outcome := secgroup.OutcomeOf(err); {
	case secgroup.IsNothing(err):
		resp.Diagnostics.Append(cameToNothing(state.subject(), err))
		return nil, true
	case outcome == secgroup.StillRunning, errors.Is(err, context.DeadlineExceeded):
		resp.Diagnostics.Append(stillChanged(state.subject(), err))
		if left.ID != "" {
			return left, true
		}
		if !left.Alone && !r.service.Hold(state.ID.ValueString()) {
			alone := *left
			alone.Alone = true
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("pending"), memory{Replacement: &alone}.pending())...)
		}
		return left, false
	case err != nil:
		resp.Diagnostics.Append(r.failed(state.subject(), "read", err))
		return left, false
	}
	return found, true
}

// stillChanged warns of an update that was interrupted and whose result is not known.
func stillChanged(of subject, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is still being changed", capitalised(of.title())), fmt.Sprintf(
		"An earlier run was interrupted while creating the new rule, and the result is not certain yet. %s\n\n%s", keepInState, explain(err)))
}

// hasAnotherOwner is about a rule that two resources have by their states.
func hasAnotherOwner(of subject) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s belongs to another resource", capitalised(of.title())), fmt.Sprintf(
		"Another resource of this configuration also has %s: an earlier update took it over, and the apply was interrupted before this resource was updated. "+
			"The rule is removed from the state of this resource and stays in the cloud. The plan creates the rule that this resource describes.", of))
}

// cutOff warns that two rules are in one's place.
func cutOff(state securityGroupRuleModel, left *secgroup.Replacement) diag.Diagnostic {
	origin, outcome := "which the update created or took over", "keeps the one that matches the configuration and deletes the other; a destroy deletes both"
	if left.Found {
		origin, outcome = "which the update takes over", "deletes the old one unless the configuration describes it, and a destroy deletes the old one only"
	}
	return diag.NewWarningDiagnostic("The update of a rule was interrupted", fmt.Sprintf(
		"Two rules exist for %s: the old one, and %q (%s), %s. The next apply %s. %s",
		state.subject(), left.Rule().Name(), left.ID, origin, outcome, keepInState))
}

func (r *securityGroupRule) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan, state securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config).Errors()...)
	left, diags := state.left()
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkCreated(state.subject(), state.ID)...)
	if resp.Diagnostics.HasError() || !r.writable(plan.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts, actionUpdate, r.timeout)
	defer cancel()
	// A state that another provider wrote need not name the place; the plan does.
	state.ProjectID, state.RegionID = plan.ProjectID, plan.RegionID
	journal := &replacementJournal{ctx: ctx, state: state, resp: resp}
	result, err := r.service.ReplaceRule(ctx, secgroup.RuleReplacement{
		Group: state.group(), ID: state.ID.ValueString(), Old: state.meaning(), To: plan.group(), Wanted: plan.meaning(), Left: left,
	}, journal)
	if result.Found != nil && err == nil {
		resp.Diagnostics.Append(tookOver(plan.subject(), result.ID, *result.Found, plan.meaning())...)
	}
	if result.Owner != "" {
		resp.Diagnostics.Append(handedOver(state.subject(), result.Owner))
	}
	if err != nil {
		resp.Diagnostics.Append(r.failed(state.subject(), actionUpdate, err))
		return
	}
	plan.ID = types.StringValue(result.ID)
	resp.Diagnostics.Append(unmarkForeign(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *securityGroupRule) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := state.left()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.writable(state.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts, actionDelete, r.timeout)
	defer cancel()
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.GroupID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if state.ID.IsNull() {
		id, diags := r.deletePending(ctx, state.subject(), r.findCreated(state))
		resp.Diagnostics.Append(diags...)
		if id == "" {
			return
		}
		state.ID = types.StringValue(id)
	}
	owner, nothing, err := r.service.DeleteRule(ctx, state.group(), state.ID.ValueString(), state.meaning(), left)
	if nothing != nil {
		resp.Diagnostics.Append(cameToNothing(state.subject(), nothing))
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(r.failed(state.subject(), actionDelete, err))
	case owner != "":
		resp.Diagnostics.Append(handedOver(state.subject(), owner))
	}
}
