package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// ruleEntry is one entry of a `rules` map. In state it is written out: where
// null has a synonym the synonym stands there, so that both spellings plan
// empty and "open to the world" can be read in a plan.
type ruleEntry struct {
	Direction      types.String `tfsdk:"direction"`
	Ethertype      types.String `tfsdk:"ethertype"`
	Protocol       types.String `tfsdk:"protocol"`
	PortRangeMin   types.Int64  `tfsdk:"port_range_min"`
	PortRangeMax   types.Int64  `tfsdk:"port_range_max"`
	RemoteIPPrefix types.String `tfsdk:"remote_ip_prefix"`
	RemoteGroupID  types.String `tfsdk:"remote_group_id"`
	Self           types.Bool   `tfsdk:"self"`
	Description    types.String `tfsdk:"description"`
}

var ruleEntryType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"direction":        types.StringType,
	"ethertype":        types.StringType,
	"protocol":         types.StringType,
	"port_range_min":   types.Int64Type,
	"port_range_max":   types.Int64Type,
	"remote_ip_prefix": types.StringType,
	"remote_group_id":  types.StringType,
	"self":             types.BoolType,
	"description":      types.StringType,
}}

// rule is what a known entry says. groupID is the group that holds it, or
// empty before it has an id: an entry that names its own group means itself.
func (e ruleEntry) rule(groupID string) rule.Rule {
	r := rule.Rule{
		Direction:      e.Direction.ValueString(),
		Ethertype:      e.Ethertype.ValueString(),
		Protocol:       e.Protocol.ValueString(),
		PortRangeMin:   e.PortRangeMin.ValueInt64Pointer(),
		PortRangeMax:   e.PortRangeMax.ValueInt64Pointer(),
		RemoteIPPrefix: e.RemoteIPPrefix.ValueString(),
		RemoteGroupID:  e.RemoteGroupID.ValueString(),
		Description:    e.Description.ValueString(),
	}
	if e.Self.ValueBool() || groupID != "" && strings.EqualFold(r.RemoteGroupID, groupID) {
		r.RemoteGroupID = rule.Self
	}
	return r
}

// given is what the configuration says, for its faults to be found.
func (e ruleEntry) given() rule.Given {
	given := rule.Given{
		Direction:      e.Direction.ValueStringPointer(),
		Ethertype:      e.Ethertype.ValueStringPointer(),
		Protocol:       e.Protocol.ValueStringPointer(),
		PortRangeMin:   e.PortRangeMin.ValueInt64Pointer(),
		PortRangeMax:   e.PortRangeMax.ValueInt64Pointer(),
		RemoteIPPrefix: e.RemoteIPPrefix.ValueStringPointer(),
		RemoteGroupID:  e.RemoteGroupID.ValueStringPointer(),
		Self:           e.Self.ValueBoolPointer(),
		Description:    e.Description.ValueStringPointer(),
	}
	if e.known() {
		return given
	}
	given.Unknown = map[rule.Field]bool{
		rule.FieldDirection:      e.Direction.IsUnknown(),
		rule.FieldEthertype:      e.Ethertype.IsUnknown(),
		rule.FieldProtocol:       e.Protocol.IsUnknown(),
		rule.FieldPortRangeMin:   e.PortRangeMin.IsUnknown(),
		rule.FieldPortRangeMax:   e.PortRangeMax.IsUnknown(),
		rule.FieldRemoteIPPrefix: e.RemoteIPPrefix.IsUnknown(),
		rule.FieldRemoteGroupID:  e.RemoteGroupID.IsUnknown(),
		rule.FieldSelf:           e.Self.IsUnknown(),
		rule.FieldDescription:    e.Description.IsUnknown(),
	}
	return given
}

// known tells whether every leaf has its value.
func (e ruleEntry) known() bool {
	for _, leaf := range []attr.Value{
		e.Direction, e.Ethertype, e.Protocol, e.PortRangeMin, e.PortRangeMax, e.RemoteIPPrefix, e.RemoteGroupID, e.Self, e.Description,
	} {
		if leaf.IsUnknown() {
			return false
		}
	}
	return true
}

// keyKnown tells whether the leaves that make the rule's identity have their
// values.
func (e ruleEntry) keyKnown() bool {
	e.Description = types.StringNull()
	return e.known()
}

// entryFromRule writes a rule out as state holds it.
func entryFromRule(r rule.Rule) ruleEntry {
	r = r.WrittenOut()
	entry := ruleEntry{
		Direction:      types.StringValue(r.Direction),
		Ethertype:      types.StringValue(r.Ethertype),
		Protocol:       textOrNull(r.Protocol),
		PortRangeMin:   types.Int64PointerValue(r.PortRangeMin),
		PortRangeMax:   types.Int64PointerValue(r.PortRangeMax),
		RemoteIPPrefix: textOrNull(r.RemoteIPPrefix),
		RemoteGroupID:  textOrNull(r.RemoteGroupID),
		Self:           types.BoolValue(r.RemoteGroupID == rule.Self),
		Description:    types.StringValue(r.Description),
	}
	if entry.Self.ValueBool() {
		entry.RemoteGroupID = types.StringNull()
	}
	return entry
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// ruleFromAPI is what a rule of the given group says.
func ruleFromAPI(groupID string, r client.SecurityGroupRule) rule.Rule {
	result := rule.Rule{
		Direction:      r.Direction,
		Ethertype:      text(r.Ethertype),
		Protocol:       text(r.Protocol),
		PortRangeMin:   r.PortRangeMin,
		PortRangeMax:   r.PortRangeMax,
		RemoteIPPrefix: text(r.RemoteIPPrefix),
		RemoteGroupID:  text(r.RemoteGroupID),
		Description:    text(r.Description),
	}
	if groupID != "" && strings.EqualFold(result.RemoteGroupID, groupID) {
		result.RemoteGroupID = rule.Self
	}
	return result
}

// text reads null as empty, which means the same for every text of a rule.
func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// ruleRequest asks the API for a rule in the one spelling that it takes under
// both forms of its contract: what is not given is left out.
func ruleRequest(r rule.Rule, groupID string) client.RuleRequest {
	r = r.Canonical()
	request := client.RuleRequest{
		Direction:      r.Direction,
		Ethertype:      r.Ethertype,
		Protocol:       r.Protocol,
		PortRangeMin:   r.PortRangeMin,
		PortRangeMax:   r.PortRangeMax,
		RemoteIPPrefix: r.RemoteIPPrefix,
		RemoteGroupID:  r.RemoteGroupID,
		Description:    r.Description,
	}
	if r.RemoteGroupID == rule.Self {
		request.RemoteGroupID = groupID
	}
	return request
}

// statement is a rule as it is compared when rules are sent or counted: its
// identity and what is said about it.
type statement struct {
	key         rule.Key
	description string
}

func statementOf(r rule.Rule) statement { return statement{r.Key(), r.Description} }

// missingFrom lists the rules of a that b does not have, with repetitions
// counted.
func missingFrom(b, a []rule.Rule) []rule.Rule {
	have := map[statement]int{}
	for _, r := range b {
		have[statementOf(r)]++
	}
	var missing []rule.Rule
	for _, r := range a {
		s := statementOf(r)
		if have[s] == 0 {
			missing = append(missing, r)
			continue
		}
		have[s]--
	}
	return missing
}

func sameRules(a, b []rule.Rule) bool {
	return len(a) == len(b) && len(missingFrom(b, a)) == 0
}

// rulesOf lists what the entries say, in the order of their keys.
func rulesOf(entries map[string]ruleEntry, groupID string) []rule.Rule {
	rules := make([]rule.Rule, 0, len(entries))
	for _, key := range sortedKeys(entries) {
		rules = append(rules, entries[key].rule(groupID))
	}
	return rules
}
