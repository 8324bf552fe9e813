package provider

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// planRules plans a whole `rules` map from the configuration and the prior entry of the same key. It never looks at the
// framework's plan value, which already holds prior values for leaves that the configuration no longer has, so that a
// prefix taken out of the configuration would stay in the cloud.
//
// It also checks the rules: by now the id of an existing group is known, and with it that self and the literal id are
// one remote. The validation, which Terraform asks first, has given the warnings.
func planRules(config, state types.Map, groupID types.String) (planned, prior rulesMap, diags diag.Diagnostics) {
	prior, diags = decodeRules(state)
	configured, more := decodeRules(config)
	diags.Append(more...)
	diags.Append(configured.check(attribute("rules"), groupID).Errors()...)
	if diags.HasError() || config.IsNull() || config.IsUnknown() {
		return configured, prior, diags
	}
	planned = rulesMap{entries: make(map[string]ruleEntry, len(configured.entries)), opaque: configured.opaque}
	encoded, known := maps.Clone(planned.opaque), state.Elements()
	for name, entry := range configured.entries {
		leaves := planEntry(entry)
		if before, exists := prior.entries[name]; exists {
			leaves = keepSpelling(leaves, entry, before)
			if leaves == before {
				encoded[name] = known[name]
			}
		}
		planned.entries[name] = leaves
	}
	planned.value, more = encodeElements(planned.entries, encoded)
	diags.Append(more...)
	return planned, prior, diags
}

// planEntry writes out the leaves that the configuration leaves to defaults. One that follows from a sibling is unknown
// while that sibling is.
func planEntry(config ruleEntry) ruleEntry {
	planned := config
	if config.Ethertype.IsNull() {
		planned.Ethertype = plannedEthertype(config)
	}
	if config.Protocol.IsNull() {
		planned.Protocol = types.StringValue(rule.AllProtocols)
	}
	planned.PortRangeMin, planned.PortRangeMax = plannedPorts(config)
	if config.RemoteIPPrefix.IsNull() {
		planned.RemoteIPPrefix = plannedPrefix(config, planned.Ethertype)
	}
	if config.Self.IsNull() {
		planned.Self = types.BoolValue(false)
	}
	if config.Description.IsNull() {
		planned.Description = types.StringValue("")
	}
	return planned
}

func plannedEthertype(config ruleEntry) types.String {
	prefix, protocol := config.RemoteIPPrefix, config.Protocol
	if prefix.IsUnknown() || prefix.IsNull() && protocol.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(rule.Family(prefix.ValueString(), protocol.ValueString()))
}

// plannedPorts writes out 1 and 65535 where a protocol that has ports is given none. A lone bound is left for the
// validation to refuse.
func plannedPorts(config ruleEntry) (first, last types.Int64) {
	first, last = config.PortRangeMin, config.PortRangeMax
	written := rule.Rule{Protocol: config.Protocol.ValueString()}.WrittenOut()
	fill := func(given, sibling types.Int64, whole *int64) types.Int64 {
		switch {
		case !given.IsNull():
			return given
		case config.Protocol.IsUnknown(), sibling.IsUnknown():
			return types.Int64Unknown()
		case sibling.IsNull():
			return types.Int64PointerValue(whole)
		}
		return types.Int64Null()
	}
	return fill(first, last, written.PortRangeMin), fill(last, first, written.PortRangeMax)
}

func plannedPrefix(config ruleEntry, ethertype types.String) types.String {
	group, self := config.RemoteGroupID, config.Self
	switch {
	case !group.IsUnknown() && !group.IsNull(), self.ValueBool():
		return types.StringNull()
	case group.IsUnknown(), self.IsUnknown(), ethertype.IsUnknown():
		return types.StringUnknown()
	}
	return types.StringValue(rule.Rule{Ethertype: ethertype.ValueString()}.WrittenOut().RemoteIPPrefix)
}

// keepSpelling lets a leaf keep the spelling in state on the strength of its own two values alone. A sibling may be
// unknown now and known at the apply, and the final plan must not differ. The one exception is icmp, which is ipv6-icmp
// on IPv6: kept unless the family is known to be IPv4.
func keepSpelling(planned, config, prior ruleEntry) ruleEntry {
	given := func(a, b types.String) bool {
		return !a.IsNull() && !a.IsUnknown() && !b.IsNull() && !b.IsUnknown()
	}
	if given(config.Protocol, prior.Protocol) {
		a, b := config.Protocol.ValueString(), prior.Protocol.ValueString()
		onIPv6 := planned.Ethertype.IsUnknown() || planned.Ethertype.ValueString() == rule.IPv6
		if rule.SameProtocol(a, b) || onIPv6 && rule.IsICMP(a) && rule.IsICMP(b) {
			planned.Protocol = prior.Protocol
		}
	}
	if given(config.RemoteIPPrefix, prior.RemoteIPPrefix) &&
		rule.SamePrefix(config.RemoteIPPrefix.ValueString(), prior.RemoteIPPrefix.ValueString()) {
		planned.RemoteIPPrefix = prior.RemoteIPPrefix
	}
	if given(config.RemoteGroupID, prior.RemoteGroupID) &&
		strings.EqualFold(config.RemoteGroupID.ValueString(), prior.RemoteGroupID.ValueString()) {
		planned.RemoteGroupID = prior.RemoteGroupID
	}
	return planned
}

// warnOfRuleChanges says what a change of `rules` does beyond what the plan shows. The subject's id is that of the
// group.
func warnOfRuleChanges(of subject, prior, planned rulesMap) diag.Diagnostics {
	diags := warnOfUnrepeatable(of, prior)
	diags.Append(warnOfRenaming(of, prior, planned)...)
	return diags
}

// warnOfUnrepeatable names the rules of the state that a change of `rules` removes for good: those that the API holds
// and would not take in a request, such as one of protocol 99 or of a CIDR with host bits, made through OpenStack. No
// configuration can declare them, and a PATCH carries the full list of rules, so that it cannot leave them alone
// either.
func warnOfUnrepeatable(of subject, prior rulesMap) diag.Diagnostics {
	var diags diag.Diagnostics
	var lines []string
	for _, name := range sortedKeys(prior.entries) {
		for _, problem := range prior.entries[name].given().Problems() {
			if !problem.Warning {
				lines = append(lines, fmt.Sprintf("  - %s: %s", name, problem.Text))
				break
			}
		}
	}
	if len(lines) > 0 {
		diags.AddAttributeWarning(attribute("rules"), count(len(lines), "rule")+" cannot be kept", fmt.Sprintf(
			"To keep the rules below, do not manage the rules of the group as a whole: leave rules out of gcore_cloud_security_group, "+
				"or remove gcore_cloud_security_group_rule_set with a removed block. %s has rules that the API would reject in a request. "+
				"No entry of rules can describe them, so the apply removes them, and they cannot be recreated through this API:\n\n%s",
			capitalised(of.String()), strings.Join(lines, "\n")))
	}
	return diags
}

// warnOfRenaming says that a long list of changes sends nothing, as when an imported group gets the user's own keys.
func warnOfRenaming(of subject, prior, planned rulesMap) diag.Diagnostics {
	var diags diag.Diagnostics
	if !planned.known() || !rule.Same(planned.rules(of.id), prior.rules(of.id)) {
		return diags
	}
	renamed := 0
	for key, entry := range planned.entries {
		if before, stays := prior.entries[key]; !stays || entry.rule(of.id).Key() != before.rule(of.id).Key() {
			renamed++
		}
	}
	if renamed > 0 {
		diags.AddAttributeWarning(attribute("rules"), "Only the keys of rules change", fmt.Sprintf(
			"The keys of %s of %s change. The plan shows these rules as removed and added, but nothing is sent.", count(renamed, "rule"), of))
	}
	return diags
}
