package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// ignoreRules is the name of the block.
const ignoreRules = "ignore_rules"

// ignoreRule is one block as written.
type ignoreRule struct {
	Direction         types.String `tfsdk:"direction"`
	Protocol          types.String `tfsdk:"protocol"`
	PortRangeMin      types.Int64  `tfsdk:"port_range_min"`
	PortRangeMax      types.Int64  `tfsdk:"port_range_max"`
	RemoteIPPrefix    types.String `tfsdk:"remote_ip_prefix"`
	RemoteGroupID     types.String `tfsdk:"remote_group_id"`
	DescriptionPrefix types.String `tfsdk:"description_prefix"`
}

// ignoreRulesBlock is the schema of the blocks. They are blocks, since Terraform refuses a misspelt name in them, and drops
// one in an attribute such as `rules` without a word.
func ignoreRulesBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "Rules that are managed elsewhere, such as by a Kubernetes controller. A rule that a block matches and that `rules` does not contain " +
			"appears in no plan and no state, and updates of `rules` keep it. It counts towards the limit of 250 rules. " +
			"A block matches a rule that has all of its values. Each block sets `description_prefix`, `remote_group_id`, or a `remote_ip_prefix` other than everybody. " +
			"Changing only the blocks sends no request. See the [guide](../guides/kubernetes.md).",
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"direction": schema.StringAttribute{Optional: true, MarkdownDescription: "`ingress` or `egress`. Defaults to both."},
			"protocol": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Protocol, as in `rules`. Defaults to every protocol.",
			},
			"port_range_min": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "First port or ICMP type; the rule must have exactly this one. Requires `protocol`.",
			},
			"port_range_max": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "Last port or ICMP code; the rule must have exactly this one. Requires `protocol`.",
			},
			"remote_ip_prefix": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Remote CIDR; the rule must have exactly this one. `0.0.0.0/0` and `::/0` also match rules without a remote, and require `description_prefix`.",
			},
			"remote_group_id": schema.StringAttribute{Optional: true, MarkdownDescription: "ID of the remote security group."},
			"description_prefix": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Prefix of the rule's description, case-sensitive.",
			},
		}},
	}
}

var ignoreRuleType = func() types.ObjectType {
	attributes := map[string]attr.Type{}
	for name, attribute := range ignoreRulesBlock().GetNestedObject().GetAttributes() {
		attributes[name] = attribute.GetType()
	}
	return types.ObjectType{AttrTypes: attributes}
}()

// matcher is what a block says. The group's own id is "" before it has one; a block that names it means itself.
func (r ignoreRule) matcher(groupID string) rule.Matcher {
	m := rule.Matcher{
		Direction: r.Direction.ValueStringPointer(), Protocol: r.Protocol.ValueStringPointer(),
		PortRangeMin: r.PortRangeMin.ValueInt64Pointer(), PortRangeMax: r.PortRangeMax.ValueInt64Pointer(),
		RemoteIPPrefix: r.RemoteIPPrefix.ValueStringPointer(), RemoteGroupID: r.RemoteGroupID.ValueStringPointer(),
		DescriptionPrefix: r.DescriptionPrefix.ValueStringPointer(),
	}
	for field, value := range map[rule.Field]attr.Value{
		rule.FieldDirection: r.Direction, rule.FieldProtocol: r.Protocol,
		rule.FieldPortRangeMin: r.PortRangeMin, rule.FieldPortRangeMax: r.PortRangeMax,
		rule.FieldRemoteIPPrefix: r.RemoteIPPrefix, rule.FieldRemoteGroupID: r.RemoteGroupID,
		rule.FieldDescriptionPrefix: r.DescriptionPrefix,
	} {
		if value.IsUnknown() {
			if m.Unknown == nil {
				m.Unknown = map[rule.Field]bool{}
			}
			m.Unknown[field] = true
		}
	}
	if id := r.RemoteGroupID.ValueString(); groupID != "" && strings.EqualFold(id, groupID) {
		m.RemoteGroupID = new(rule.Self)
	}
	return m
}

// matchers are the blocks of a resource. Those that are not known yet match nothing.
func matchers(ctx context.Context, blocks types.List, groupID string) (rule.Matchers, diag.Diagnostics) {
	if blocks.IsNull() || blocks.IsUnknown() {
		return nil, nil
	}
	var written []ignoreRule
	diags := blocks.ElementsAs(ctx, &written, false)
	all := make(rule.Matchers, len(written))
	for i, block := range written {
		all[i] = block.matcher(groupID)
	}
	return all, diags
}

// checkIgnoreRules lists the mistakes in the blocks as they are configured. What is not known yet is skipped.
func checkIgnoreRules(ctx context.Context, blocks types.List) diag.Diagnostics {
	all, diags := matchers(ctx, blocks, "")
	for i, m := range all {
		at := attribute(ignoreRules).AtListIndex(i)
		for _, problem := range m.Problems() {
			leaf, text := at.AtName(string(problem.Field)), fmt.Sprintf("In %s: %s", at, problem.Text)
			if problem.Warning {
				diags.AddAttributeWarning(leaf, problem.Title, text)
			} else {
				diags.AddAttributeError(leaf, problem.Title, text)
			}
		}
	}
	return diags
}

// checkRevert refuses to ignore rules in a group that is to be reverted: that replaces all of them.
func (m securityGroupRuleSetModel) checkRevert() diag.Diagnostics {
	var diags diag.Diagnostics
	if m.reverts() && len(m.IgnoreRules.Elements()) > 0 {
		diags.AddAttributeError(attribute("on_destroy"), "revert contradicts ignore_rules",
			`on_destroy = "revert" replaces all rules of the group, also those that ignore_rules leaves to others. Write "keep" or "remove", or leave ignore_rules out.`)
	}
	return diags
}
