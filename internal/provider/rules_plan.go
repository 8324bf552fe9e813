package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// planRules plans a whole `rules` map from the configuration and the prior
// entry of the same key. It never looks at the framework's plan value, which
// already holds prior values for leaves that the configuration no longer has,
// so a prefix taken out of the configuration would stay in the cloud. One
// modifier for the map costs half of what modifiers on its leaves do.
//
// It also checks the rules: by now the id of an existing group is known, and
// with it that self and the literal id are one remote.
type planRules struct {
	// groupID is where the id of the group that holds the rules is: in the
	// configuration, or in the state if it is the resource's own.
	groupID path.Path
}

var _ planmodifier.Map = planRules{}

func (planRules) Description(context.Context) string {
	return "Writes out what each rule leaves to the API's defaults, and keeps the spelling in state where the meaning is the same."
}

func (p planRules) MarkdownDescription(ctx context.Context) string { return p.Description(ctx) }

func (p planRules) PlanModifyMap(ctx context.Context, req planmodifier.MapRequest, resp *planmodifier.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		resp.PlanValue = req.ConfigValue
		return
	}
	var groupID types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, p.groupID, &groupID)...)
	if groupID.IsNull() && !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, p.groupID, &groupID)...)
	}
	// Warnings have been said by the validation, which Terraform asks first.
	if resp.Diagnostics.Append(checkRules(ctx, req.Path, req.ConfigValue, groupID).Errors()...); resp.Diagnostics.HasError() {
		return
	}
	configured, state := req.ConfigValue.Elements(), req.StateValue.Elements()
	planned := make(map[string]attr.Value, len(configured))
	for name, element := range configured {
		config, ok, diags := asEntry(ctx, element)
		resp.Diagnostics.Append(diags...)
		if !ok {
			planned[name] = element
			continue
		}
		prior, hasPrior, diags := asEntry(ctx, state[name])
		resp.Diagnostics.Append(diags...)
		entry := planEntry(config)
		if hasPrior {
			entry = keepSpelling(entry, config, prior)
		}
		value, diags := entry.object()
		resp.Diagnostics.Append(diags...)
		planned[name] = value
	}
	if resp.Diagnostics.HasError() {
		return
	}
	value, diags := types.MapValue(ruleEntryType, planned)
	resp.Diagnostics.Append(diags...)
	resp.PlanValue = value
}

// planEntry writes out the leaves that the configuration leaves to defaults.
// One that follows from a sibling is unknown while that sibling is.
func planEntry(config ruleEntry) ruleEntry {
	planned := config
	if config.Ethertype.IsNull() {
		planned.Ethertype = plannedEthertype(config)
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

// plannedPorts writes out 1 and 65535 where a protocol that has ports is given
// none. A lone bound is left for the validation to refuse.
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

// keepSpelling lets a leaf keep the spelling in state on the strength of its
// own two values alone. A sibling may be unknown now and known at the apply,
// and the final plan must not differ. The one exception is icmp, which is
// ipv6-icmp on IPv6: kept unless the family is known to be IPv4.
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
