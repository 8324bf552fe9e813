package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// What becomes of the rules when the rule set is destroyed.
const (
	onDestroyKeep   = "keep"
	onDestroyRemove = "remove"
	onDestroyRevert = "revert"
)

// securityGroupRuleSetModel is a rule set as Terraform holds it.
type securityGroupRuleSetModel struct {
	ID               types.String   `tfsdk:"id"`
	ProjectID        types.Int64    `tfsdk:"project_id"`
	RegionID         types.Int64    `tfsdk:"region_id"`
	GroupID          types.String   `tfsdk:"group_id"`
	Rules            types.Map      `tfsdk:"rules"`
	IgnoreRules      types.List     `tfsdk:"ignore_rules"`
	PublicAdminPorts types.String   `tfsdk:"public_admin_ports"`
	OnDestroy        types.String   `tfsdk:"on_destroy"`
	Pending          types.String   `tfsdk:"pending"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

func (m securityGroupRuleSetModel) location() client.Location {
	return location(m.ProjectID, m.RegionID)
}

// subject names the rule set by the id of its group.
func (m securityGroupRuleSetModel) subject() subject {
	return subject{kind: "security group rule set", id: m.GroupID.ValueString(), location: m.location()}
}

func (m securityGroupRuleSetModel) group() secgroup.Ref {
	return secgroup.Ref{Location: m.location(), ID: m.GroupID.ValueString()}
}

func (m securityGroupRuleSetModel) isImported() bool { return m.Rules.IsNull() }

func (m securityGroupRuleSetModel) identity() any {
	return securityGroupIdentity{ProjectID: m.ProjectID, RegionID: m.RegionID, GroupID: m.GroupID}
}

func (m securityGroupRuleSetModel) reverts() bool {
	return m.OnDestroy.ValueString() == onDestroyRevert
}

// left are the rules that a change which was cut off may have added; nil: none.
func (m securityGroupRuleSetModel) left() (*secgroup.SentRules, diag.Diagnostics) {
	known, err := recall(m.Pending)
	if err != nil {
		return nil, diag.Diagnostics{m.subject().failed("determine the result of an earlier change of", err)}
	}
	return known.Sent, nil
}

// isIncomplete reports whether the rule set was never completed: its create was cut off.
func (m securityGroupRuleSetModel) isIncomplete() bool { return m.ID.IsNull() && !m.Pending.IsNull() }

// undoes reports whether what a cut-off change has sent goes when the rule set leaves its group. The rules of a group that it
// has had before stay if on_destroy says so.
func (m securityGroupRuleSetModel) undoes(left *secgroup.SentRules) bool {
	return left != nil && (m.isIncomplete() || !left.In(m.GroupID.ValueString()) || m.OnDestroy.ValueString() != onDestroyKeep)
}
