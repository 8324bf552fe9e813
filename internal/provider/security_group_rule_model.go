package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// securityGroupRuleModel is a standalone rule as Terraform holds it. Its
// leaves are planned and written out as those of an inline rule.
type securityGroupRuleModel struct {
	ID             types.String   `tfsdk:"id"`
	ProjectID      types.Int64    `tfsdk:"project_id"`
	RegionID       types.Int64    `tfsdk:"region_id"`
	GroupID        types.String   `tfsdk:"group_id"`
	Direction      types.String   `tfsdk:"direction"`
	Ethertype      types.String   `tfsdk:"ethertype"`
	Protocol       types.String   `tfsdk:"protocol"`
	PortRangeMin   types.Int64    `tfsdk:"port_range_min"`
	PortRangeMax   types.Int64    `tfsdk:"port_range_max"`
	RemoteIPPrefix types.String   `tfsdk:"remote_ip_prefix"`
	RemoteGroupID  types.String   `tfsdk:"remote_group_id"`
	Description    types.String   `tfsdk:"description"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

func (m securityGroupRuleModel) location() client.Location { return location(m.ProjectID, m.RegionID) }

func (m securityGroupRuleModel) subject() subject {
	s := subject{kind: "security group rule", id: m.ID.ValueString(), location: m.location()}
	if e := m.entry(); e.known() && !m.Direction.IsNull() {
		s.name = e.rule("").Name()
	}
	return s
}

func (m securityGroupRuleModel) identity() securityGroupRuleIdentity {
	id := m.ID
	if id.IsUnknown() {
		id = types.StringNull()
	}
	return securityGroupRuleIdentity{ProjectID: m.ProjectID, RegionID: m.RegionID, GroupID: m.GroupID, RuleID: id}
}

// entry is the rule's leaves as those of an inline one.
func (m securityGroupRuleModel) entry() ruleEntry {
	return ruleEntry{
		Direction:      m.Direction,
		Ethertype:      m.Ethertype,
		Protocol:       m.Protocol,
		PortRangeMin:   m.PortRangeMin,
		PortRangeMax:   m.PortRangeMax,
		RemoteIPPrefix: m.RemoteIPPrefix,
		RemoteGroupID:  m.RemoteGroupID,
		Self:           types.BoolValue(false),
		Description:    m.Description,
	}
}

func (m *securityGroupRuleModel) setEntry(e ruleEntry) {
	m.Direction = e.Direction
	m.Ethertype = e.Ethertype
	m.Protocol = e.Protocol
	m.PortRangeMin, m.PortRangeMax = e.PortRangeMin, e.PortRangeMax
	m.RemoteIPPrefix = e.RemoteIPPrefix
	m.RemoteGroupID = e.RemoteGroupID
	m.Description = e.Description
}

// refresh is the state of a rule as it was read: the prior spelling where it
// means the same, else what the server says, written out.
func (m securityGroupRuleModel) refresh(server client.SecurityGroupRule) securityGroupRuleModel {
	m.ID = types.StringValue(server.ID)
	meaning := ruleFromAPI("", server)
	entry := m.entry()
	if m.Direction.IsNull() || entry.rule("").Key() != meaning.Key() {
		entry = entryFromRule(meaning)
	}
	entry.Description = types.StringValue(meaning.Description)
	m.setEntry(entry)
	return m
}

// findRule looks a rule up in its group. There is no request for a single one.
func findRule(group client.SecurityGroup, ruleID string) (client.SecurityGroupRule, bool) {
	for _, r := range group.Rules {
		if r.ID == ruleID {
			return r, true
		}
	}
	return client.SecurityGroupRule{}, false
}
