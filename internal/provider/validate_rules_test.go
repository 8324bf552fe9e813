package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Equal lets go-cmp compare what embeds the attributes of a rule.
func (e ruleEntry) Equal(other ruleEntry) bool { return e == other }

func (m securityGroupRuleModel) Equal(other securityGroupRuleModel) bool {
	return m.subject() == other.subject() && m.identity() == other.identity() && m.ruleAttributes == other.ruleAttributes && m.Timeouts.Equal(other.Timeouts)
}

// ruleMap is a rules map of a configuration.
func ruleMap(t testing.TB, entries map[string]ruleEntry, others map[string]attr.Value) types.Map {
	t.Helper()
	encoded, diags := encodeRules(entries)
	if diags.HasError() {
		t.Fatal(diags)
	}
	elements := encoded.Elements()
	maps.Copy(elements, others)
	return types.MapValueMust(ruleEntryType, elements)
}

// said is each diagnostic as one line: `error rules["a"].protocol: Unknown
// protocol`.
func said(diags diag.Diagnostics) []string {
	var lines []string
	for _, d := range diags {
		where := ""
		if located, ok := d.(diag.DiagnosticWithPath); ok {
			where = " " + located.Path().String()
		}
		severity := map[diag.Severity]string{diag.SeverityError: "error", diag.SeverityWarning: "warning"}[d.Severity()]
		lines = append(lines, fmt.Sprintf("%s%s: %s", severity, where, d.Summary()))
	}
	return lines
}

func onPort(n int64) ruleEntry {
	return ruleEntry{ruleAttributes: ruleAttributes{Direction: str("ingress"), Protocol: str("tcp"), PortRangeMin: num(n), PortRangeMax: num(n), RemoteIPPrefix: str("0.0.0.0/0")}}
}

func changed(entry ruleEntry, change func(*ruleEntry)) ruleEntry {
	change(&entry)
	return entry
}

func TestCheckRules(t *testing.T) {
	t.Parallel()
	unknown := types.StringUnknown()
	described := func(text types.String) ruleEntry {
		return changed(onPort(443), func(e *ruleEntry) { e.Description = text })
	}
	tests := map[string]struct {
		entries map[string]ruleEntry
		others  map[string]attr.Value
		id      types.String
		want    []string
	}{
		"good rules": {entries: map[string]ruleEntry{"a": onPort(443), "b": onPort(80), "c": {ruleAttributes: ruleAttributes{Direction: str("egress")}, Self: no}}},
		"five bad rules are five errors, in order": {
			entries: map[string]ruleEntry{
				"e-direction": {ruleAttributes: ruleAttributes{Direction: str("in")}},
				"a-protocol":  {ruleAttributes: ruleAttributes{Direction: str("egress"), Protocol: str("TCP"), PortRangeMin: num(0), PortRangeMax: num(70000)}},
				"b-ports":     {ruleAttributes: ruleAttributes{Direction: str("egress"), Protocol: str("tcp"), PortRangeMin: num(443), PortRangeMax: num(80)}},
				"d-two":       {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteIPPrefix: str("10.0.0.0/8")}, Self: yes},
				"c-cidr":      {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteIPPrefix: str("10.0.0.1/8")}},
				"good":        onPort(22),
			},
			want: []string{
				`error rules["a-protocol"].protocol: Unknown protocol`,
				`error rules["b-ports"].port_range_min: Port range reversed`,
				`error rules["c-cidr"].remote_ip_prefix: CIDR with host bits`,
				`error rules["d-two"].remote_ip_prefix: More than one remote`,
				`error rules["e-direction"].direction: Unknown direction`,
			},
		},
		"a likely mistake is a warning": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteIPPrefix: str("0.0.0.0")}}},
			want:    []string{`warning rules["a"].remote_ip_prefix: CIDR without a mask is one address`},
		},
		"no direction": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Protocol: str("tcp")}}, "b": {ruleAttributes: ruleAttributes{Direction: unknown}}},
			want:    []string{`error rules["a"].direction: Missing direction`},
		},
		"empty texts are no values": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("egress"), Protocol: str("")}}, "b": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteGroupID: str("")}}},
			want:    []string{`error rules["a"].protocol: Empty protocol`, `error rules["b"].remote_group_id: Empty remote_group_id`},
		},
		"one key in two spellings": {
			entries: map[string]ruleEntry{
				"a": {ruleAttributes: ruleAttributes{Direction: str("egress")}},
				"b": {ruleAttributes: ruleAttributes{Direction: str("egress"), Ethertype: str("IPv4"), RemoteIPPrefix: str("0.0.0.0/0"), Description: str("all")}, Self: no},
				"c": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteIPPrefix: str("0.0.0.0/0")}},
			},
			want: []string{`error rules["b"]: Two entries for one rule`},
		},
		"one host in two spellings": {
			entries: map[string]ruleEntry{
				"a": {ruleAttributes: ruleAttributes{Direction: str("ingress"), Protocol: str("esp"), RemoteIPPrefix: str("192.0.2.1")}},
				"b": {ruleAttributes: ruleAttributes{Direction: str("ingress"), Protocol: str("esp"), RemoteIPPrefix: str("192.0.2.1/32")}},
			},
			want: []string{`error rules["b"]: Two entries for one rule`},
		},
		"a bad rule is not compared": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("in")}}, "b": {ruleAttributes: ruleAttributes{Direction: str("in")}}},
			want:    []string{`error rules["a"].direction: Unknown direction`, `error rules["b"].direction: Unknown direction`},
		},
		"an unknown description does not make another rule": {
			entries: map[string]ruleEntry{"a": described(unknown), "b": described(str("b"))},
			want:    []string{`error rules["b"]: Two entries for one rule`},
		},
		"an unknown prefix may make another rule": {
			entries: map[string]ruleEntry{"a": onPort(443), "b": changed(onPort(443), func(e *ruleEntry) { e.RemoteIPPrefix = unknown })},
		},
		"wrong for every value of an unknown": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("egress"), Protocol: unknown, PortRangeMin: num(443), PortRangeMax: num(80)}}},
			want:    []string{`error rules["a"].port_range_min: Port range reversed`},
		},
		"self and the own id before the group exists": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("egress")}, Self: yes}, "b": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteGroupID: str(thisGroup)}}},
			id:      types.StringUnknown(),
		},
		"self and the own id": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("egress")}, Self: yes}, "b": {ruleAttributes: ruleAttributes{Direction: str("egress"), RemoteGroupID: str(thisGroup)}}},
			id:      str(thisGroup),
			want:    []string{`error rules["b"]: Two entries for one rule`},
		},
		"what is left out opens nothing": {
			entries: map[string]ruleEntry{
				"no-ports":    {ruleAttributes: ruleAttributes{Direction: str("ingress"), Protocol: str("tcp"), RemoteIPPrefix: str("10.0.0.0/8")}},
				"no-protocol": {ruleAttributes: ruleAttributes{Direction: str("ingress"), Ethertype: str("IPv6")}, Self: yes},
				"no-family":   {ruleAttributes: ruleAttributes{Direction: str("ingress"), Protocol: str("any")}, Self: yes},
				"no-remote":   {ruleAttributes: ruleAttributes{Direction: str("ingress"), Protocol: str("any")}, Self: no},
				"later":       {ruleAttributes: ruleAttributes{Direction: str("ingress"), Protocol: unknown, RemoteGroupID: unknown}},
				"late-family": {ruleAttributes: ruleAttributes{Direction: str("ingress"), Ethertype: unknown, Protocol: str("any")}, Self: yes},
			},
			want: []string{
				`error rules["no-family"].ethertype: Missing ethertype`, `error rules["no-ports"].port_range_min: Missing ports`, `error rules["no-protocol"].protocol: Missing protocol`,
				`error rules["no-remote"].remote_ip_prefix: Missing remote`,
			},
		},
		"a null entry": {
			others: map[string]attr.Value{"a": types.ObjectNull(ruleEntryType.AttrTypes)},
			want:   []string{`error rules["a"]: Missing rule`},
		},
		"an unknown entry": {
			entries: map[string]ruleEntry{"a": {ruleAttributes: ruleAttributes{Direction: str("in")}}},
			others:  map[string]attr.Value{"b": types.ObjectUnknown(ruleEntryType.AttrTypes)},
			want:    []string{`error rules["a"].direction: Unknown direction`},
		},
		"as many rules as there may be": {entries: manyEntries(rule.GroupLimit)},
		"too many rules":                {entries: manyEntries(rule.GroupLimit + 1), want: []string{"error rules: Too many rules"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := checkRules(ruleMap(t, test.entries, test.others), test.id)
			if diff := cmp.Diff(test.want, said(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckRulesWithoutMap(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]types.Map{"null": types.MapNull(ruleEntryType), "unknown": types.MapUnknown(ruleEntryType), "none": ruleMap(t, nil, nil)} {
		if got := checkRules(rules, types.StringNull()); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// manyEntries is a rule for each of that many ports.
func manyEntries(n int) map[string]ruleEntry {
	entries := map[string]ruleEntry{}
	for i := range n {
		entries[fmt.Sprintf("port-%d", i+1)] = onPort(int64(i + 1))
	}
	return entries
}

func TestCheckTags(t *testing.T) {
	t.Parallel()
	texts := func(pairs map[string]string) map[string]attr.Value {
		elements := map[string]attr.Value{}
		for key, value := range pairs {
			elements[key] = str(value)
		}
		return elements
	}
	long := strings.Repeat("ä", 256)
	tests := map[string]struct {
		tags map[string]attr.Value
		want []string
	}{
		"good": {tags: texts(map[string]string{"env": "prod", "a:b/c": "x y", "ü": "1", long[:510]: long[:510]})},
		"keys": {
			tags: texts(map[string]string{"": "1", "a b": "1", "c=d": "1", "e\u00a0f": "1", long: "1"}),
			want: []string{
				`error tags[""]: Empty tag key`, `error tags["a b"]: Invalid tag key`, `error tags["c=d"]: Invalid tag key`,
				`error tags["e\u00a0f"]: Invalid tag key`, `error tags["` + long + `"]: Tag key too long`,
			},
		},
		"values": {
			tags: texts(map[string]string{"a": "", "b": " x", "c": "x ", "d": "x\ty", "e": "x\n", "f": long, "g": "\u00a0x"}),
			want: []string{
				`error tags["a"]: Empty tag value`, `error tags["b"]: Invalid tag value`, `error tags["c"]: Invalid tag value`,
				`error tags["d"]: Invalid tag value`, `error tags["e"]: Invalid tag value`, `error tags["f"]: Tag value too long`,
				`error tags["g"]: Invalid tag value`,
			},
		},
		"null and unknown": {
			tags: map[string]attr.Value{"a": types.StringNull(), "b": types.StringUnknown()},
			want: []string{`error tags["a"]: Missing tag value`},
		},
		"case": {
			tags: map[string]attr.Value{"ENV": str("1"), "Env": types.StringUnknown(), "env": str("1"), "other": str("1")},
			want: []string{`error tags["Env"]: Tag keys that differ only in case`, `error tags["env"]: Tag keys that differ only in case`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := checkTags(path.Root("tags"), types.MapValueMust(types.StringType, test.tags))
			if diff := cmp.Diff(test.want, said(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckTagsOverDefaults(t *testing.T) {
	t.Parallel()
	unknown := types.MapUnknown(types.StringType)
	tests := map[string]struct {
		tags, defaults types.Map
		want           []string
	}{
		"the same key":    {tagMap("env", "1"), tagMap("env", "2"), nil},
		"another case":    {tagMap("Env", "1", "a", "1"), tagMap("env", "2"), []string{`error tags["Env"]: Tag keys that differ only in case`}},
		"nothing":         {noTags, noTags, nil},
		"unknown tags":    {unknown, tagMap("env", "2"), nil},
		"unknown default": {tagMap("env", "2"), unknown, nil},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, said(checkTagsOverDefaults(test.tags, test.defaults))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
