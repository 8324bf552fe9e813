package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// groupNamePattern is the API's own.
var groupNamePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$`)

// ModifyPlan plans what depends on the provider or on other attributes. What the plan says follows from configuration
// and state alone, since it runs again at the apply; what the API is asked for becomes warnings.
func (r *securityGroup) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.providerData == nil {
		return
	}
	var config, plan, state securityGroupModel
	exists := !req.State.Raw.IsNull()
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		r.claim(state)
	}
	resp.Diagnostics.Append(r.checkPrior(ctx, req.State)...)
	if req.Plan.Raw.IsNull() {
		if state.isDefault() {
			resp.Diagnostics.Append(cannotDeleteDefault)
		}
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	plan.ProjectID, plan.RegionID = r.planLocation(
		ctx, req, resp, [...]types.Int64{config.ProjectID, config.RegionID}, [...]types.Int64{state.ProjectID, state.RegionID})
	if resp.Diagnostics.HasError() {
		return
	}
	planned, prior, diags := planRules(config.Rules, state.Rules, state.ID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.tags.check(plan.Tags)...)
	plan.Rules, plan.TagsAll, plan.Pending = planned.value, allTags(plan.Tags, r.tags.defaults), notPending
	if !state.Pending.IsNull() {
		plan.ID = types.StringUnknown()
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if !plan.Name.Equal(state.Name) {
		resp.Diagnostics.Append(checkGroupName(plan.Name)...)
		if state.isDefault() && !plan.Name.IsUnknown() {
			resp.Diagnostics.Append(cannotRenameDefault)
		}
	}
	rules, diags := changeOfRules(ctx, state.ID, prior, planned, state.IgnoreRules, plan.IgnoreRules, req.Private)
	resp.Diagnostics.Append(diags...)
	replaced := len(resp.RequiresReplace) > 0
	if planned.managed() && !planned.value.IsUnknown() {
		r.planOwner(ctx, req, resp, plannedOwner{
			kind: groupType, projectID: plan.ProjectID, regionID: plan.RegionID, groupID: plan.ID,
			rules: rules, replaced: replaced,
		})
	}
	switch {
	case !exists && !resp.Diagnostics.HasError():
		resp.Diagnostics.Append(r.warnOfOrphans(ctx, plan)...)
	case exists && replaced:
		resp.Diagnostics.Append(rules.warnOfReplacement(state.subject())...)
	case exists:
		resp.Diagnostics.Append(rules.found.warnOfTags(state.subject(), plan.TagsAll)...)
		resp.Diagnostics.Append(rules.warn(state.subject())...)
	}
	r.judgeIngress(req, resp, plan.PublicAdminPorts, plan.ingress(rules, exists))
}

// checkGroupName refuses what the API would. It is asked only when a plan creates or renames, so that an existing group
// with an odd name is left alone.
func checkGroupName(name types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if name.IsNull() || name.IsUnknown() {
		return nil
	}
	switch text := name.ValueString(); {
	case strings.EqualFold(text, secgroup.DefaultGroup):
		diags.AddAttributeError(attribute("name"), "Reserved security group name",
			`The name "default" belongs to the group that the cloud creates in each project. Choose another name, or import that group.`)
	case !groupNamePattern.MatchString(text):
		diags.AddAttributeError(attribute("name"), "Invalid security group name", fmt.Sprintf(
			"%q is not a name that the API takes. Use 3 to 63 letters, digits, spaces, dots, underscores or hyphens; "+
				"begin with a letter or digit, and end with a letter, digit, dot or underscore.", text))
	}
	return diags
}

// warn says what a change of the rules of a group does beyond what the plan shows.
func (c rulesChange) warn(of subject) diag.Diagnostics {
	diags := c.warnOfOthers(of)
	switch {
	case c.planned.value.Equal(c.prior.value), c.planned.value.IsUnknown() && c.prior.managed():
	case !c.planned.managed():
		diags.Append(diag.NewAttributeWarningDiagnostic(attribute("rules"), "The group no longer manages its rules", fmt.Sprintf(
			"If a rule set or standalone rules manage them from now on, nothing is left to do. To remove the rules, write rules = {}. "+
				"Without rules, those of %s stay as they are in the cloud, and nothing is sent.", of)))
	case !c.prior.managed():
		diags.Append(c.found.warnOfTakeover(of, c.planned, c.diff.Removable())...)
	default:
		diags.Append(warnOfRuleChanges(of, c.ours(of.id), c.planned)...)
	}
	return diags
}

// warnOfOrphans looks, before a group is planned, for what a provider that was killed may have left of it: it could not
// save what it was making.
func (r *securityGroup) warnOfOrphans(ctx context.Context, plan securityGroupModel) diag.Diagnostics {
	if r.service == nil || !allKnown(plan.Name, plan.ProjectID, plan.RegionID) {
		return nil
	}
	var diags diag.Diagnostics
	name := plan.Name.ValueString()
	ids, err := r.service.Orphans(ctx, plan.location(), name)
	if err != nil {
		diags.Append(r.failedInPlan(subject{kind: "security groups", location: plan.location()}, "list", err))
	}
	for _, id := range ids {
		diags.AddWarning(fmt.Sprintf("A security group named %q was created less than an hour ago", name), fmt.Sprintf(
			"If an earlier run was killed, it may have left this group. Unless your configuration already manages it, import it with this block and apply:\n\n%s\n\n"+
				"This run has not found group %s in the state so far, and the plan creates another one of that name.",
			importBlock(groupType, groupImportID(secgroup.Ref{Location: plan.location(), ID: id})), id))
	}
	return diags
}
