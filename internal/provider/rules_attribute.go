package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// ruleAttributes are the attributes that a rule has, inline or standalone. In state they are written out: where null
// has a synonym the synonym stands there, so that both spellings plan empty and "open to the world" can be read in a
// plan.
type ruleAttributes struct {
	Direction      types.String `tfsdk:"direction"`
	Ethertype      types.String `tfsdk:"ethertype"`
	Protocol       types.String `tfsdk:"protocol"`
	PortRangeMin   types.Int64  `tfsdk:"port_range_min"`
	PortRangeMax   types.Int64  `tfsdk:"port_range_max"`
	RemoteIPPrefix types.String `tfsdk:"remote_ip_prefix"`
	RemoteGroupID  types.String `tfsdk:"remote_group_id"`
	Description    types.String `tfsdk:"description"`
}

// ruleEntry is one entry of a `rules` map.
type ruleEntry struct {
	ruleAttributes

	Self types.Bool `tfsdk:"self"`
}

// ruleLeaf is one attribute of an entry: a *types.String, *types.Int64 or *types.Bool.
type ruleLeaf struct {
	field rule.Field
	value attr.Value
}

// leaves are the attributes of an entry, to be read or set.
func (e *ruleEntry) leaves() [9]ruleLeaf {
	return [...]ruleLeaf{
		{rule.FieldDirection, &e.Direction},
		{rule.FieldEthertype, &e.Ethertype},
		{rule.FieldProtocol, &e.Protocol},
		{rule.FieldPortRangeMin, &e.PortRangeMin},
		{rule.FieldPortRangeMax, &e.PortRangeMax},
		{rule.FieldRemoteIPPrefix, &e.RemoteIPPrefix},
		{rule.FieldRemoteGroupID, &e.RemoteGroupID},
		{rule.FieldSelf, &e.Self},
		{rule.FieldDescription, &e.Description},
	}
}

func (l ruleLeaf) get() attr.Value {
	switch value := l.value.(type) {
	case *types.String:
		return *value
	case *types.Int64:
		return *value
	case *types.Bool:
		return *value
	}
	return nil
}

// set reports whether the value has the type of the leaf.
func (l ruleLeaf) set(value attr.Value) bool {
	var ok bool
	switch into := l.value.(type) {
	case *types.String:
		*into, ok = value.(types.String)
	case *types.Int64:
		*into, ok = value.(types.Int64)
	case *types.Bool:
		*into, ok = value.(types.Bool)
	}
	return ok
}

var ruleEntryType = func() types.ObjectType {
	attributes := map[string]attr.Type{}
	for _, leaf := range new(ruleEntry).leaves() {
		attributes[string(leaf.field)] = leaf.get().Type(context.Background()) //nolint:forbidigo // there is no caller yet
	}
	return types.ObjectType{AttrTypes: attributes}
}()

// rule is what a known entry says. groupID is the group that holds it, or empty before it has an id: an entry that
// names its own group means itself.
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
	// All values in one place: a pointer to each by itself would be an allocation for each.
	said := &struct {
		direction, ethertype, protocol, remoteIPPrefix, remoteGroupID, description string
		portRangeMin, portRangeMax                                                 int64
		self                                                                       bool
	}{
		e.Direction.ValueString(), e.Ethertype.ValueString(), e.Protocol.ValueString(),
		e.RemoteIPPrefix.ValueString(), e.RemoteGroupID.ValueString(), e.Description.ValueString(),
		e.PortRangeMin.ValueInt64(), e.PortRangeMax.ValueInt64(), e.Self.ValueBool(),
	}
	given := rule.Given{
		Direction: unlessNull(&said.direction, e.Direction.IsNull()), Ethertype: unlessNull(&said.ethertype, e.Ethertype.IsNull()),
		Protocol:     unlessNull(&said.protocol, e.Protocol.IsNull()),
		PortRangeMin: unlessNull(&said.portRangeMin, e.PortRangeMin.IsNull()), PortRangeMax: unlessNull(&said.portRangeMax, e.PortRangeMax.IsNull()),
		RemoteIPPrefix: unlessNull(&said.remoteIPPrefix, e.RemoteIPPrefix.IsNull()),
		RemoteGroupID:  unlessNull(&said.remoteGroupID, e.RemoteGroupID.IsNull()),
		Self:           unlessNull(&said.self, e.Self.IsNull()), Description: unlessNull(&said.description, e.Description.IsNull()),
	}
	if e.known() {
		return given
	}
	given.Unknown = map[rule.Field]bool{}
	for _, leaf := range e.leaves() {
		if leaf.value.IsUnknown() {
			given.Unknown[leaf.field] = true
		}
	}
	return given
}

func unlessNull[T any](value *T, isNull bool) *T {
	if isNull {
		return nil
	}
	return value
}

// known reports whether every leaf has its value.
func (e ruleEntry) known() bool {
	return !e.Direction.IsUnknown() && !e.Ethertype.IsUnknown() && !e.Protocol.IsUnknown() &&
		!e.PortRangeMin.IsUnknown() && !e.PortRangeMax.IsUnknown() &&
		!e.RemoteIPPrefix.IsUnknown() && !e.RemoteGroupID.IsUnknown() && !e.Self.IsUnknown() && !e.Description.IsUnknown()
}

// keyKnown reports whether the leaves that make the rule's identity have their values.
func (e ruleEntry) keyKnown() bool {
	e.Description = types.StringNull()
	return e.known()
}

// entryFromRule writes a rule out as state holds it.
func entryFromRule(r rule.Rule) ruleEntry {
	r = r.WrittenOut()
	entry := ruleEntry{Self: types.BoolValue(r.RemoteGroupID == rule.Self), ruleAttributes: ruleAttributes{
		Direction:      types.StringValue(r.Direction),
		Ethertype:      types.StringValue(r.Ethertype),
		Protocol:       types.StringValue(r.Protocol),
		PortRangeMin:   types.Int64PointerValue(r.PortRangeMin),
		PortRangeMax:   types.Int64PointerValue(r.PortRangeMax),
		RemoteIPPrefix: textOrNull(r.RemoteIPPrefix),
		RemoteGroupID:  textOrNull(r.RemoteGroupID),
		Description:    types.StringValue(r.Description),
	}}
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

// rulesMap is a `rules` map, decoded.
type rulesMap struct {
	// value is the map as it was given: it may be null or unknown as a whole.
	value   types.Map
	entries map[string]ruleEntry
	// opaque are the elements that are null or unknown as a whole.
	opaque map[string]attr.Value
}

// decodeRules reads a `rules` map. The leaves are taken one by one, since the framework's reflection takes several
// times as long.
func decodeRules(m types.Map) (rulesMap, diag.Diagnostics) {
	var diags diag.Diagnostics
	elements := m.Elements()
	rules := rulesMap{value: m, entries: make(map[string]ruleEntry, len(elements)), opaque: map[string]attr.Value{}}
	for name, element := range elements {
		object, isObject := element.(types.Object)
		if !isObject || object.IsNull() || object.IsUnknown() {
			rules.opaque[name] = element
			continue
		}
		var entry ruleEntry
		attributes := object.Attributes()
		for _, leaf := range entry.leaves() {
			// A leaf that is not as in the schema must not be read as null, which for most leaves means "all".
			if value := attributes[string(leaf.field)]; !leaf.set(value) {
				diags.AddError("Unreadable rule", fmt.Sprintf(
					"The attribute %s of a rule is a %T. This is a bug in the provider: please report it.", leaf.field, value))
			}
		}
		rules.entries[name] = entry
	}
	return rules, diags
}

// decodeFinalRules reads the `rules` of a state or of a final plan, where every entry has its content.
func decodeFinalRules(m types.Map) (rulesMap, diag.Diagnostics) {
	rules, diags := decodeRules(m)
	for _, name := range sortedKeys(rules.opaque) {
		diags.AddAttributeError(attribute("rules").AtMapKey(name), "Rule is null or unknown",
			"A rule is null or not known where its value is needed. This is a bug in the provider: please report it.")
	}
	return rules, diags
}

// managed reports whether there is a map, even if it is not known yet.
func (m rulesMap) managed() bool { return !m.value.IsNull() }

// known reports whether every part of the map has its value.
func (m rulesMap) known() bool {
	if m.value.IsUnknown() || len(m.opaque) > 0 {
		return false
	}
	for _, entry := range m.entries {
		if !entry.known() {
			return false
		}
	}
	return true
}

// rules lists what the entries say, in the order of their keys; nil if the rules are not managed.
func (m rulesMap) rules(groupID string) []rule.Rule {
	if !m.managed() {
		return nil
	}
	rules := make([]rule.Rule, 0, len(m.entries))
	for _, key := range sortedKeys(m.entries) {
		rules = append(rules, m.entries[key].rule(groupID))
	}
	return rules
}

func encodeRules(entries map[string]ruleEntry) (types.Map, diag.Diagnostics) {
	return encodeElements(entries, nil)
}

// encodeElements takes the elements that are encoded already as they are.
func encodeElements(entries map[string]ruleEntry, encoded map[string]attr.Value) (types.Map, diag.Diagnostics) {
	var diags diag.Diagnostics
	elements := make(map[string]attr.Value, len(entries)+len(encoded))
	maps.Copy(elements, encoded)
	for name, entry := range entries {
		if _, has := elements[name]; has {
			continue
		}
		leaves := make(map[string]attr.Value, len(ruleEntryType.AttrTypes))
		for _, leaf := range entry.leaves() {
			leaves[string(leaf.field)] = leaf.get()
		}
		object, more := types.ObjectValue(ruleEntryType.AttrTypes, leaves)
		diags.Append(more...)
		elements[name] = object
	}
	if diags.HasError() {
		return types.MapUnknown(ruleEntryType), diags
	}
	return types.MapValue(ruleEntryType, elements)
}

// ruleEntryObject is one entry of a `rules` map. The type is what the framework derives from the attributes; without it, it
// does so for each attribute of each rule.
func ruleEntryObject() schema.NestedAttributeObject {
	return schema.NestedAttributeObject{Attributes: ruleEntryAttributes(), CustomType: ruleEntryType}
}

// ruleEntryAttributes is the schema of one entry of a `rules` map. The optional and computed ones are planned for the
// map as a whole, by planRules.
func ruleEntryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		// Required, and checked so by checkEntry: the framework takes a required attribute of an entry that is unknown
		// as a whole for a missing one (https://github.com/hashicorp/terraform-plugin-framework/issues/186).
		"direction": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: directionDescription + " Every rule must set it.",
		},
		"ethertype": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`IPv4` or `IPv6`. Defaults to the IP version of `remote_ip_prefix`, or to `IPv6` for the `ipv6-*` protocols. Without either, ingress requires it and " +
				"egress defaults to `IPv4`.",
		},
		"protocol": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: protocolDescription,
		},
		"port_range_min": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "First port, 1 to 65535, for tcp, udp, udplite, sctp and dccp. An ingress rule with one of these protocols must set it; egress defaults to all ports. " +
				"For icmp and ipv6-icmp, the ICMP type, 0 to 255; defaults to all types. Not allowed for other protocols.",
		},
		"port_range_max": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Last port; set it together with the first. 1 and 65535 are all ports. For icmp and ipv6-icmp, the ICMP code, 0 to 255; requires a type.",
		},
		"remote_ip_prefix": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Remote CIDR without host bits, such as `10.0.0.0/8`, or a single IP address. `0.0.0.0/0` is everybody over IPv4, `::/0` over IPv6: " +
				"the default for egress. An ingress rule without another remote must set it.",
		},
		"remote_group_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: remoteGroupDescription + " Conflicts with `remote_ip_prefix` and `self`.",
		},
		"self": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether the remote is this group itself, that is, its members. Conflicts with `remote_ip_prefix` and `remote_group_id`.",
		},
		"description": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Description of the rule, up to 255 characters.",
		},
	}
}

const directionDescription = "`ingress` for traffic to the members of the group, or `egress` for traffic from them."

const remoteGroupDescription = "ID of a remote security group; matches traffic from or to its members."

const protocolDescription = "One of `ah`, `dccp`, `egp`, `esp`, `gre`, `icmp`, `igmp`, `ipencap`, `ipip`, `ipv6-encap`, `ipv6-frag`, `ipv6-icmp`, " +
	"`ipv6-nonxt`, `ipv6-opts`, `ipv6-route`, `ospf`, `pgm`, `rsvp`, `sctp`, `tcp`, `udp`, `udplite`, `vrrp`, or `any` for all protocols. An ingress rule must set it; egress defaults to `any`."
