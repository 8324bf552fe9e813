package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

var (
	_ resource.ResourceWithConfigure      = (*securityGroup)(nil)
	_ resource.ResourceWithImportState    = (*securityGroup)(nil)
	_ resource.ResourceWithIdentity       = (*securityGroup)(nil)
	_ resource.ResourceWithModifyPlan     = (*securityGroup)(nil)
	_ resource.ResourceWithValidateConfig = (*securityGroup)(nil)
)

// securityGroup is the resource gcore_cloud_security_group.
type securityGroup struct{ *providerData }

func (r *securityGroup) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_security_group"
	// A group whose create was cut off has no id yet, and gets it at a read.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *securityGroup) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *securityGroup) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		Version:             schemaVersion,
		MarkdownDescription: "Manages a security group in Gcore Cloud and, with `rules`, all its rules.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Name of the group, 3 to 63 characters: letters, digits, spaces, `.`, `_` and `-`. It begins with a letter or digit and ends with a letter, digit, `.` or `_`. " +
					"Names need not be unique. `default` is reserved for the group that the cloud creates.",
			},
			"description": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(""),
				MarkdownDescription: "Description of the group, up to 255 characters. Removing it from the configuration clears it.",
			},
			"rules": schema.MapNestedAttribute{
				Optional: true,
				MarkdownDescription: "All rules of the group, at most 250, under keys of your choice; `{}` for none. " +
					"If left out, the rules are not managed here. Two entries must not be the same rule. Renaming a key sends no request.",
				NestedObject: ruleEntryObject(),
			},
			"keep_default_rules": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether a new group keeps the rules that the API creates with it: egress for all protocols, except TCP and UDP port 25, and, according to API documents since July 2026, ingress for ICMP, SSH and RDP. " +
					"Defaults to `false`: a new group has no rules. Takes effect only when the group is created. Conflicts with `rules`.",
			},
			"public_admin_ports": publicPortsAttribute(),
			"tags": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Tags of the group. " + tagDescription + " Read-only tags of the cloud are never included.",
			},
			"project_id": placeAttribute("Project"),
			"region_id":  placeAttribute("Region"),
			"id": schema.StringAttribute{
				Computed: true, PlanModifiers: stays,
				MarkdownDescription: "ID of the group.",
			},
			"tags_all": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "All tags except read-only and ignored ones: `tags`, merged with the provider's `default_tags`.",
			},
			"region": schema.StringAttribute{
				Computed: true, PlanModifiers: stays,
				MarkdownDescription: "Name of the region.",
			},
			"created_at": schema.StringAttribute{
				Computed: true, PlanModifiers: stays,
				MarkdownDescription: "Creation time, in RFC 3339 format.",
			},
			"pending": pendingAttribute("create"),
			"timeouts": timeoutsAttribute(ctx, "security group",
				" `delete` defaults to `5m` if that is shorter. A group in use is deleted once nothing uses it any more."),
		},
		Blocks: map[string]schema.Block{ignoreRules: ignoreRulesBlock()},
	}
}

// ValidateConfig finds the mistakes that need no look at the cloud. Terraform asks it at validate, at plan and at
// apply, each time with more known values; what is not known yet is skipped.
func (r *securityGroup) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(checkGroup(ctx, req.Config, types.StringNull())...)
}

func (r *securityGroup) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = groupIdentitySchema()
}

func (r *securityGroup) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importGroup(ctx, req, resp)
}

func (r *securityGroup) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(checkGroup(ctx, req.Config, types.StringNull()).Errors()...)
	rules, diags := decodeFinalRules(plan.Rules)
	resp.Diagnostics.Append(diags...)
	others, diags := matchers(ctx, plan.IgnoreRules, "")
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.writable(plan.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts, actionCreate, r.timeout)
	defer cancel()
	spec := plan.spec(rules, others, r.tags.ignored)
	journal := &createJournal{data: r.providerData, ctx: ctx, plan: req.Plan, resp: resp, identity: func(id types.String) any {
		plan.ID = id
		return plan.identity()
	}}
	group, err := r.service.CreateGroup(ctx, spec, journal)
	r.remember(journal.id, plan.Name)
	if rules.managed() && !journal.id.IsNull() {
		by := secgroup.Owner{Kind: groupType, Declares: rule.Keys(spec.Rules)}
		resp.Diagnostics.Append(r.ownership(attribute("rules"), r.owners.OwnAll(plan.ref(), by))...)
	}
	if err != nil {
		journal.fail(plan.subject(), err)
		return
	}
	plan.fill(group)
	ours, theirs := secgroup.Ours(group, others, spec.Rules)
	resp.Diagnostics.Append(seenIn(ours, theirs, rules.managed()).save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *securityGroup) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	state, imported, ok := beginRead[securityGroupModel](ctx, r.providerData, req, resp)
	if !ok {
		return
	}
	prior, diags := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(diags...)
	others, diags := matchers(ctx, state.IgnoreRules, state.ID.ValueString())
	resp.Diagnostics.Append(diags...)
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.ID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	// Every read of this provider sets region, so it is another's state.
	if state.Region.IsNull() && !state.ID.IsNull() {
		resp.Diagnostics.Append(markForeign(ctx, resp.Private)...)
	}
	if state.ID.IsNull() {
		if state.ID = r.readPending(ctx, state.subject(), r.findCreated(state, prior, others), resp); state.ID.IsNull() {
			return
		}
		state.Pending = notPending
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	}
	r.claim(state)
	read := r.service.RefreshGroup
	if imported || prior.managed() {
		read = r.service.RefreshRules
	}
	// What is not a date counts as unknown.
	made, _ := time.Parse(time.RFC3339, state.CreatedAt.ValueString())
	group, err := read(ctx, state.ref(), made)
	if err != nil {
		r.readFailed(ctx, state.subject(), err, imported, importForm("group_id"), resp)
		return
	}
	group, theirs := secgroup.Ours(group, others, prior.rules(group.ID))
	if imported {
		state, diags = state.imported(group, r.tags)
	} else {
		state, diags = state.refresh(prior, group, r.tags)
	}
	resp.Diagnostics.Append(diags...)
	now, more := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(more...)
	found := seenIn(group, theirs, now.managed())
	resp.Diagnostics.Append(found.with(lastSeen(ctx, req.Private), prior, now, group.ID).save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// claim makes the group of a state known before anything is asked about it: a new group that is planned at the same time
// must not take it for an orphan.
func (r *securityGroup) claim(state securityGroupModel) {
	r.remember(state.ID, state.Name)
	if r.service != nil && !state.ID.IsNull() {
		r.service.Claim(state.ID.ValueString())
	}
}

// findCreated looks for the group of a create that was cut off. The model is the state that it left behind.
func (r *securityGroup) findCreated(model securityGroupModel, rules rulesMap, others rule.Matchers) findCreated {
	return func(ctx context.Context, wait bool) (string, error) {
		known, err := recall(model.Pending)
		if err != nil {
			return "", err
		}
		return r.service.FindCreatedGroup(ctx, model.spec(rules, others, r.tags.ignored), known.Create, wait)
	}
}

func (r *securityGroup) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan, state securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkGroup(ctx, req.Config, state.ID).Errors()...)
	planned, diags := decodeFinalRules(plan.Rules)
	resp.Diagnostics.Append(diags...)
	prior, diags := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkCreated(state.subject(), state.ID)...)
	rules, diags := changeOfRules(ctx, state.ID, prior, planned, state.IgnoreRules, plan.IgnoreRules, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.writable(plan.ProjectID, &resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts, actionUpdate, r.timeout)
	defer cancel()
	rules.diff.Judge = r.judgeOthers(plan.PublicAdminPorts, planned, rules.ignored)
	if update := groupUpdate(state, plan, rules, r.tags.ignored); !update.Empty() {
		if err := r.service.UpdateGroup(ctx, plan.ref(), update); err != nil {
			resp.Diagnostics.Append(r.failed(plan.subject(), actionUpdate, err))
			return
		}
	}
	resp.Diagnostics.Append(rules.saveApplied(ctx, req.Config, state.ID, resp.Private)...)
	resp.Diagnostics.Append(unmarkForeign(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *securityGroup) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	rules, diags := decodeFinalRules(state.Rules)
	resp.Diagnostics.Append(diags...)
	others, diags := matchers(ctx, state.IgnoreRules, state.ID.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.writable(state.ProjectID, &resp.Diagnostics) {
		return
	}
	if state.isDefault() {
		resp.Diagnostics.Append(cannotDeleteDefault)
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts, actionDelete, min(r.timeout, groupDeletion))
	defer cancel()
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.ID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if state.ID.IsNull() {
		id, diags := r.deletePending(ctx, state.subject(), r.findCreated(state, rules, others))
		resp.Diagnostics.Append(diags...)
		if id == "" {
			return
		}
		state.ID = types.StringValue(id)
	}
	if err := r.service.DeleteGroup(ctx, state.ref()); err != nil {
		resp.Diagnostics.Append(r.failed(state.subject(), actionDelete, err))
	}
}
