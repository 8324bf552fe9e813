package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// decodeRules reads a rules map of a state or of a final plan, where every
// entry is known.
func decodeRules(ctx context.Context, m types.Map) (map[string]ruleEntry, diag.Diagnostics) {
	if m.IsNull() || m.IsUnknown() {
		return nil, nil
	}
	elements := m.Elements()
	entries := make(map[string]ruleEntry, len(elements))
	var diags diag.Diagnostics
	for name, element := range elements {
		entry, ok, more := asEntry(ctx, element)
		diags.Append(more...)
		if !ok && !more.HasError() {
			diags.AddAttributeError(attribute("rules").AtMapKey(name), "Rule without content",
				"A rule is null or not known where its content is needed. This is a mistake in the provider: please report it.")
		}
		entries[name] = entry
	}
	return entries, diags
}

// knownEntries decodes planned rules; known is false if any part of them will
// only be known at the apply.
func knownEntries(ctx context.Context, m types.Map) (entries map[string]ruleEntry, known bool, diags diag.Diagnostics) {
	if m.IsUnknown() {
		return nil, false, nil
	}
	entries = make(map[string]ruleEntry, len(m.Elements()))
	for name, element := range m.Elements() {
		entry, ok, more := asEntry(ctx, element)
		diags.Append(more...)
		if !ok || !entry.known() {
			return nil, false, diags
		}
		entries[name] = entry
	}
	return entries, true, diags
}

func encodeRules(entries map[string]ruleEntry) (types.Map, diag.Diagnostics) {
	var diags diag.Diagnostics
	elements := make(map[string]attr.Value, len(entries))
	for name, entry := range entries {
		object, more := entry.object()
		diags.Append(more...)
		elements[name] = object
	}
	if diags.HasError() {
		return types.MapUnknown(ruleEntryType), diags
	}
	return types.MapValue(ruleEntryType, elements)
}

// asEntry reads one element of a rules map; ok is false for one that is null
// or unknown as a whole. The leaves are taken one by one, since the
// framework's reflection takes several times as long.
func asEntry(_ context.Context, element attr.Value) (entry ruleEntry, ok bool, diags diag.Diagnostics) {
	object, isObject := element.(types.Object)
	if !isObject || object.IsNull() || object.IsUnknown() {
		return ruleEntry{}, false, nil
	}
	leaves := object.Attributes()
	take(leaves, "direction", &entry.Direction, &diags)
	take(leaves, "ethertype", &entry.Ethertype, &diags)
	take(leaves, "protocol", &entry.Protocol, &diags)
	take(leaves, "port_range_min", &entry.PortRangeMin, &diags)
	take(leaves, "port_range_max", &entry.PortRangeMax, &diags)
	take(leaves, "remote_ip_prefix", &entry.RemoteIPPrefix, &diags)
	take(leaves, "remote_group_id", &entry.RemoteGroupID, &diags)
	take(leaves, "self", &entry.Self, &diags)
	take(leaves, "description", &entry.Description, &diags)
	return entry, !diags.HasError(), diags
}

// take reads a leaf. One that is not as in the schema must not be read as
// null, which for most leaves means "all".
func take[T attr.Value](leaves map[string]attr.Value, name string, into *T, diags *diag.Diagnostics) {
	value, ok := leaves[name].(T)
	if !ok {
		diags.AddError("Unreadable rule", fmt.Sprintf("The attribute %s of a rule is a %T. This is a mistake in the provider: please report it.",
			name, leaves[name]))
		return
	}
	*into = value
}

// object is the entry as an element of a rules map.
func (e ruleEntry) object() (types.Object, diag.Diagnostics) {
	return types.ObjectValue(ruleEntryType.AttrTypes, map[string]attr.Value{
		"direction":        e.Direction,
		"ethertype":        e.Ethertype,
		"protocol":         e.Protocol,
		"port_range_min":   e.PortRangeMin,
		"port_range_max":   e.PortRangeMax,
		"remote_ip_prefix": e.RemoteIPPrefix,
		"remote_group_id":  e.RemoteGroupID,
		"self":             e.Self,
		"description":      e.Description,
	})
}
