package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// securityGroupRuleModel is a standalone rule as Terraform holds it. Its leaves are planned and written out as those of
// an inline rule.
type securityGroupRuleModel struct {
	ID        types.String `tfsdk:"id"`
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
	GroupID   types.String `tfsdk:"group_id"`
	ruleAttributes
	PublicAdminPorts types.String   `tfsdk:"public_admin_ports"`
	Pending          types.String   `tfsdk:"pending"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

func (m securityGroupRuleModel) location() client.Location { return location(m.ProjectID, m.RegionID) }

func (m securityGroupRuleModel) subject() subject {
	s := subject{kind: "security group rule", id: m.ID.ValueString(), location: m.location()}
	if e := m.entry(); e.known() && !m.Direction.IsNull() {
		s.name = e.rule("").Name()
	}
	return s
}

// group is the group that holds the rule.
func (m securityGroupRuleModel) group() secgroup.Ref {
	return secgroup.Ref{Location: m.location(), ID: m.GroupID.ValueString()}
}

func (m securityGroupRuleModel) identity() any {
	return securityGroupRuleIdentity{ProjectID: m.ProjectID, RegionID: m.RegionID, GroupID: m.GroupID, RuleID: knownOrNull(m.ID)}
}

func (m securityGroupRuleModel) isImported() bool { return m.Direction.IsNull() }

// entry is the rule's attributes as those of an inline one.
func (m securityGroupRuleModel) entry() ruleEntry {
	return ruleEntry{ruleAttributes: m.ruleAttributes, Self: types.BoolValue(false)}
}

// meaning is what a known rule says.
func (m securityGroupRuleModel) meaning() rule.Rule { return m.entry().rule("") }

// left is the replacement that was cut off; nil: none.
func (m securityGroupRuleModel) left() (*secgroup.Replacement, diag.Diagnostics) {
	known, err := recall(m.Pending)
	if err != nil {
		return nil, diag.Diagnostics{m.subject().failed("determine the result of an earlier update of", err)}
	}
	return known.Replacement, nil
}

// refresh is the state of a rule as it was read: the prior spelling where it means the same, else what the server says,
// written out.
func (m securityGroupRuleModel) refresh(server client.SecurityGroupRule) securityGroupRuleModel {
	m.ID = types.StringValue(server.ID)
	if server.SecurityGroupID != "" && !strings.EqualFold(server.SecurityGroupID, m.GroupID.ValueString()) {
		m.GroupID = types.StringValue(server.SecurityGroupID)
	}
	meaning := secgroup.RuleFromAPI("", server)
	entry := m.entry()
	if m.Direction.IsNull() || entry.rule("").Key() != meaning.Key() {
		entry = entryFromRule(meaning)
	}
	entry.Description = types.StringValue(meaning.Description)
	m.ruleAttributes = entry.ruleAttributes
	return m
}
