package provider

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// checkGroup lists the mistakes in the configuration of a group. The id is the group's own, null or unknown before it
// has one: with it, self and the group's literal id are known to be one remote.
func checkGroup(ctx context.Context, config tfsdk.Config, id types.String) diag.Diagnostics {
	var group securityGroupModel
	diags := config.Get(ctx, &group)
	if diags.HasError() {
		return diags
	}
	diags.Append(checkDescription(group.Description)...)
	diags.Append(checkTags(attribute("tags"), group.Tags)...)
	diags.Append(checkRules(group.Rules, id)...)
	diags.Append(checkIgnoreRules(ctx, group.IgnoreRules)...)
	if group.KeepDefaultRules.ValueBool() && !group.Rules.IsNull() && !group.Rules.IsUnknown() {
		diags.AddAttributeError(attribute("keep_default_rules"), "keep_default_rules contradicts rules",
			"rules lists all rules of the group, so no default rules can be kept. Remove one of the two.")
	}
	return diags
}

// checkStandaloneRule lists the mistakes in the configuration of a rule.
func checkStandaloneRule(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var r securityGroupRuleModel
	diags := config.Get(ctx, &r)
	if diags.HasError() {
		return diags
	}
	diags.Append(checkGroupID(r.GroupID)...)
	diags.Append(checkEntry(path.Empty(), ruleEntry{ruleAttributes: r.ruleAttributes})...)
	return diags
}

// checkRuleSet lists the mistakes in the configuration of a rule set.
func checkRuleSet(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var set securityGroupRuleSetModel
	diags := config.Get(ctx, &set)
	if diags.HasError() {
		return diags
	}
	diags.Append(checkGroupID(set.GroupID)...)
	diags.Append(checkRules(set.Rules, set.GroupID)...)
	diags.Append(checkIgnoreRules(ctx, set.IgnoreRules)...)
	diags.Append(set.checkRevert()...)
	return diags
}

func checkRules(rules types.Map, groupID types.String) diag.Diagnostics {
	decoded, diags := decodeRules(rules)
	diags.Append(decoded.check(attribute("rules"), groupID)...)
	return diags
}

// groupDescriptionLimit is Neutron's, in characters. The API's contract has none for groups, and passes Neutron's
// refusal on.
const groupDescriptionLimit = 255

func checkDescription(description types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if length := utf8.RuneCountInString(description.ValueString()); length > groupDescriptionLimit {
		diags.AddAttributeError(attribute("description"), "Description too long",
			fmt.Sprintf("description has %d characters. Write %d at most.", length, groupDescriptionLimit))
	}
	return diags
}

func checkGroupID(id types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if !id.IsNull() && !id.IsUnknown() && !rule.IsUUID(id.ValueString()) {
		diags.AddAttributeError(attribute("group_id"), "Not the id of a security group", fmt.Sprintf(
			"group_id is %s. Write the id of a security group, such as gcore_cloud_security_group.web.id or %q.", rule.Quote(id.ValueString()), exampleID))
	}
	return diags
}
