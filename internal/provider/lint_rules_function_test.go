package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// linted writes an answer with a line for each finding: "kind [keys] text".
func linted(t *testing.T, rules any) (lines []string, result tftypes.Value, fault string) {
	t.Helper()
	result, fault = callFunction(t, "lint_rules", hclValue(rules))
	if fault != "" || !result.IsKnown() {
		return nil, result, fault
	}
	var findings []tftypes.Value
	must(result.As(&findings))
	for _, finding := range findings {
		var parts map[string]tftypes.Value
		must(finding.As(&parts))
		var kind, text string
		var keys []tftypes.Value
		must(parts["kind"].As(&kind))
		must(parts["text"].As(&text))
		must(parts["keys"].As(&keys))
		words := make([]string, len(keys))
		for i, key := range keys {
			must(key.As(&words[i]))
		}
		lines = append(lines, kind+" ["+strings.Join(words, " ")+"] "+text)
	}
	return lines, result, ""
}

// What is found is tested in package rule.
func TestLintRules(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	office, world := hclRule("remote_ip_prefix", "203.0.113.0/24"), hclRule("remote_ip_prefix", "0.0.0.0/0")
	lines, _, fault := linted(t, object{"office": office, "world": world, "none": nil})
	if want := `shadowed [office world] All that "office" allows, "world" allows too. Remove "office"`; len(lines) != 1 || !strings.HasPrefix(lines[0], want) || fault != "" {
		t.Errorf("%s %s", lines, fault)
	}
	if lines, result, fault := linted(t, object{"office": office}); len(lines) != 0 || !result.IsFullyKnown() || result.IsNull() || fault != "" {
		t.Errorf("no findings are %s %s", result, fault)
	}
	if _, result, fault := linted(t, nil); !result.IsNull() || fault != "" {
		t.Errorf("null gives %s %s", result, fault)
	}
	for name, rules := range map[string]any{
		"the map": unknown{}, "a rule": object{"office": office, "world": unknown{}}, "a value": object{"office": office, "world": hclRule("remote_ip_prefix", unknown{})},
	} {
		if _, result, fault := linted(t, rules); result.IsKnown() || fault != "" {
			t.Errorf("%s is unknown: %s %s", name, result, fault)
		}
	}
	for want, rules := range map[string]any{
		`rules is a list. Write a map of rules`:                      []any{office},
		`rules["a"].proto does not exist. Write protocol`:            object{"a": hclRule("proto", nil), "b": unknown{}},
		`rules["a"]: remote_ip_prefix is "any". For all addresses`:   object{"a": hclRule("remote_ip_prefix", "any")},
		`rules["a"].remote_ip_prefx does not exist. Write remote_ip`: object{"a": hclRule("remote_ip_prefx", unknown{})},
	} {
		if _, _, fault := linted(t, rules); !strings.Contains(fault, want) {
			t.Errorf("got  %s\nwant %s", fault, want)
		}
	}
}
