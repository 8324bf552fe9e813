package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// groupNamePattern is the API's own.
var groupNamePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$`)

// ModifyPlan plans what depends on the provider or on other attributes. What
// the plan says follows from configuration and state alone, since it runs
// again at the apply; what the API is asked for becomes warnings.
func (r *securityGroup) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil || req.Plan.Raw.IsNull() {
		return
	}
	r.planLocation(ctx, req, resp)
	var plan, state securityGroupModel
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkTagsOverDefaults(plan.Tags, r.defaultTags)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, attribute("tags_all"), allTags(plan.Tags, r.defaultTags))...)
	if !plan.Name.Equal(state.Name) {
		resp.Diagnostics.Append(checkGroupName(plan.Name)...)
	}
	if !plan.Rules.IsNull() && !plan.Rules.IsUnknown() {
		resp.Diagnostics.Append(r.planOwner(ctx, req, plannedRules{
			resourceType: groupType, projectID: plan.ProjectID, regionID: plan.RegionID, groupID: plan.ID,
			prior: state.Rules, planned: plan.Rules, replaced: len(resp.RequiresReplace) > 0,
		})...)
	}
	switch {
	case req.State.Raw.IsNull() && !resp.Diagnostics.HasError():
		resp.Diagnostics.Append(r.warnOfLeftovers(ctx, plan)...)
	case !req.State.Raw.IsNull() && len(resp.RequiresReplace) == 0:
		resp.Diagnostics.Append(r.warnOfRules(ctx, state, plan)...)
	}
}

// checkGroupName refuses what the API would. It is asked only when a plan
// creates or renames, so that an existing group with an odd name is left alone.
func checkGroupName(name types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if name.IsNull() || name.IsUnknown() {
		return nil
	}
	switch text := name.ValueString(); {
	case strings.EqualFold(text, defaultGroup):
		diags.AddAttributeError(attribute("name"), "Reserved security group name",
			`The name "default" belongs to the group that the cloud makes in each project. Choose another name, or import that group.`)
	case !groupNamePattern.MatchString(text):
		diags.AddAttributeError(attribute("name"), "Invalid security group name", fmt.Sprintf(
			"%q is not a name that the API takes. Use 3 to 63 letters, digits, spaces, dots, underscores or hyphens; "+
				"begin with a letter or digit, and end with a letter, digit, dot or underscore.", text))
	}
	return diags
}

// warnOfRules says what a change of `rules` does beyond what the plan shows.
func (r *securityGroup) warnOfRules(ctx context.Context, state, plan securityGroupModel) diag.Diagnostics {
	switch {
	case plan.Rules.Equal(state.Rules), plan.Rules.IsUnknown() && !state.Rules.IsNull():
		return nil
	case plan.Rules.IsNull():
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(attribute("rules"), "The rules are no longer managed here", fmt.Sprintf(
			"rules is no longer given for %s. The rules stay as they are in the cloud, and nothing is sent. To remove them, write rules = {}.",
			state.subject()))}
	case state.Rules.IsNull():
		return r.warnOfTakeover(ctx, state, plan)
	}
	return warnOfRuleChanges(ctx, state.subject(), state.Rules, plan.Rules)
}

// warnOfTakeover names the rules that go when `rules` is given for a group
// whose rules were not managed: the state does not know them, so the plan
// itself cannot show them.
func (r *securityGroup) warnOfTakeover(ctx context.Context, state, plan securityGroupModel) diag.Diagnostics {
	planned, known, diags := knownEntries(ctx, plan.Rules)
	if diags.HasError() || state.ID.IsNull() {
		return diags
	}
	if !known || r.client == nil {
		diags.AddAttributeWarning(attribute("rules"), "Some rules may be removed", fmt.Sprintf(
			"rules is new for %s, and which rules it removes is not known before the apply. The apply removes, and names, each rule of the group that is not in it.",
			state.subject()))
		return diags
	}
	group, err := r.recentGroup(ctx, state.location(), state.ID.ValueString())
	if errors.Is(err, client.ErrNotFound) {
		return diags
	}
	if err != nil {
		diags.AddAttributeWarning(attribute("rules"), "The rules that will go are not known", fmt.Sprintf(
			"rules is new for %s, and which rules it removes could not be read: %s", state.subject(), sentence(err.Error())))
		return diags
	}
	diags.Append(removalWarning(state.subject(), "The apply will remove", undeclared(rulesFromAPI(group), rulesOf(planned, group.ID)))...)
	return diags
}
