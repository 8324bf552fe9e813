package provider

import (
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// valueOf converts parsed JSON to the tuples and objects that Terraform passes to a function.
func valueOf(t *testing.T, plain any) attr.Value {
	t.Helper()
	switch plain := plain.(type) {
	case nil:
		return types.DynamicNull()
	case attr.Value:
		return plain
	case string:
		return types.StringValue(plain)
	case bool:
		return types.BoolValue(plain)
	case int:
		return types.NumberValue(big.NewFloat(float64(plain)))
	case float64:
		return types.NumberValue(big.NewFloat(plain))
	case []any:
		var values []attr.Value
		var kinds []attr.Type
		for _, element := range plain {
			value := valueOf(t, element)
			values, kinds = append(values, value), append(kinds, value.Type(t.Context()))
		}
		return types.TupleValueMust(kinds, values)
	case map[string]any:
		values, kinds := map[string]attr.Value{}, map[string]attr.Type{}
		for name, element := range plain {
			values[name] = valueOf(t, element)
			kinds[name] = values[name].Type(t.Context())
		}
		return types.ObjectValueMust(kinds, values)
	}
	t.Fatalf("%T is not JSON", plain)
	return nil
}

// The meaning of lists is tested in package foreign.
func TestRulesFromList(t *testing.T) {
	t.Parallel()
	meaning := rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443))}
	want := map[string]ruleEntry{"ingress-ipv4-tcp-443": entryFromRule(meaning)}
	kind := map[string]attr.Type{"direction": types.StringType}
	object := types.ObjectValueMust(kind, map[string]attr.Value{"direction": types.StringValue("egress")})
	out := map[string]ruleEntry{"egress-ipv4-all": entryFromRule(rule.Rule{Direction: "egress"})}

	tests := map[string]struct {
		argument attr.Value
		want     map[string]ruleEntry
	}{
		"a tuple":      {valueOf(t, []any{map[string]any{"direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443, "remote_ip_prefix": "0.0.0.0/0"}}), want},
		"a list":       {types.ListValueMust(types.ObjectType{AttrTypes: kind}, []attr.Value{object}), out},
		"a set":        {types.SetValueMust(types.ObjectType{AttrTypes: kind}, []attr.Value{object}), out},
		"maps":         {types.ListValueMust(types.MapType{ElemType: types.StringType}, []attr.Value{types.MapValueMust(types.StringType, map[string]attr.Value{"direction": types.StringValue("egress")})}), out},
		"none":         {valueOf(t, []any{}), map[string]ruleEntry{}},
		"a null in it": {valueOf(t, []any{map[string]any{"direction": "egress", "remote_group_id": nil}}), out},
		"self":         {valueOf(t, []any{map[string]any{"direction": "ingress", "ethertype": "IPv4", "protocol": "any", "self": true}}), map[string]ruleEntry{"ingress-ipv4-all-from-self": entryFromRule(rule.Rule{Direction: "ingress", RemoteGroupID: rule.Self})}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mapFromList(types.DynamicValue(test.argument))
			if diff := cmp.Diff(test.want, entriesOf(t, got)); diff != "" || err != nil || got.IsNull() || got.IsUnknown() {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestRulesFromListUndecided(t *testing.T) {
	t.Parallel()
	later := []any{map[string]any{"direction": "ingress", "ethertype": "IPv6", "protocol": "any", "remote_group_id": types.StringUnknown()}, map[string]any{"direction": "egress"}}
	for name, argument := range map[string]types.Dynamic{
		"a list":            types.DynamicUnknown(),
		"a list of a type":  types.DynamicValue(types.ListUnknown(types.StringType)),
		"an entry":          types.DynamicValue(valueOf(t, []any{types.DynamicUnknown()})),
		"an attribute":      types.DynamicValue(valueOf(t, later)),
		"what may be wrong": types.DynamicValue(valueOf(t, []any{map[string]any{"direction": types.StringUnknown(), "remote_address_group_id": types.StringUnknown()}})),
	} {
		if got, err := mapFromList(argument); !got.IsUnknown() || err != nil {
			t.Errorf("%s that is unknown gives %s %v", name, got, err)
		}
	}
	for name, argument := range map[string]types.Dynamic{"null": types.DynamicNull(), "null of a type": types.DynamicValue(types.ListNull(types.StringType))} {
		if got, err := mapFromList(argument); !got.IsNull() || err != nil {
			t.Errorf("%s gives %s %v", name, got, err)
		}
	}
}

func TestRulesFromListProblems(t *testing.T) {
	t.Parallel()
	for want, argument := range map[string]any{
		`The argument is "rules" where a list of rules is expected.`:         "rules",
		"list[0].port_range_min is 0.5 where a whole number is expected.":    []any{map[string]any{"direction": "egress", "port_range_min": 0.5}},
		"list[0].port_range_min is 1e+400 where a whole number is expected.": []any{map[string]any{"direction": "egress", "port_range_min": types.NumberValue(giant(t))}},
		"list[0].protocol is a list where a text is expected.":               []any{map[string]any{"direction": "egress", "protocol": []any{}}},
		"list[0]: An ingress rule of protocol \"tcp\" must name its ports, but port_range_min or port_range_max is left out, null or misspelt. For all ports write port_range_min = 1 and port_range_max = 65535, else the first and last port that you want.": []any{map[string]any{"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": nil, "self": true}},
		`list[0].ethertype is "IPv5" where IPv4 or IPv6 is expected.`:                 []any{map[string]any{"direction": "ingress", "ethertype": "IPv5", "protocol": "any", "self": true}},
		"list[0] is null where an object is expected.":                                []any{nil},
		"list[0].port_range_min is \"x\" where a whole number is expected.":           []any{map[string]any{"direction": types.StringUnknown(), "port_range_min": "x"}},
		"list[1] is null where an object is expected.":                                []any{types.DynamicUnknown(), nil},
		"list[1] is true where an object is expected.\nlist[0].direction is missing.": []any{map[string]any{}, true},
	} {
		if _, err := mapFromList(types.DynamicValue(valueOf(t, argument))); err == nil || err.Error() != want {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// A name that a rule does not have is an error whatever its value is and whatever else is unknown: with the name to write.
func TestRulesFromListNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"remote_ip_prefx": "Write remote_ip_prefix.", "remote_group": "Write remote_group_id.", "protcol": "Write protocol.", "slef": "Write self.",
		"port_range_mn": "Write port_range_min.", "Direction": "Write direction.", "ports": "Write port_range_min and port_range_max.",
		"stateful": "A rule takes direction,",
	} {
		for _, value := range []any{nil, "", 0, false, []any{}, map[string]any{}, "10.0.0.0/8", types.StringUnknown(), types.DynamicUnknown()} {
			for beside, entries := range map[string][]any{
				"by itself":               {map[string]any{"direction": "egress", name: value}},
				"beside an unknown value": {map[string]any{"direction": "egress", "protocol": types.StringUnknown(), name: value}},
				"beside an unknown entry": {map[string]any{"direction": "egress", name: value}, types.DynamicUnknown()},
			} {
				_, err := mapFromList(types.DynamicValue(valueOf(t, entries)))
				if err == nil || !strings.HasPrefix(err.Error(), "list[0]."+name+" does not exist. "+want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s = %v %s: %v", name, value, beside, err)
				}
			}
		}
	}
}

func giant(t *testing.T) *big.Float {
	t.Helper()
	number, _, err := big.ParseFloat("1e400", 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// The function in a configuration: the example of its page, a list that is unknown before the apply, and a wrong one.
func TestRulesFromListInConfiguration(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	example, err := os.ReadFile("../../examples/functions/rules_from_list/function.tf")
	if err != nil {
		t.Fatal(err)
	}
	c.run(t,
		resource.TestStep{
			Config:      c.block(place1) + web(`rules = provider::gcore::rules_from_list([{ direction = "egress" }, { direction = "egress", port_range_min = "all" }])`),
			ExpectError: regexp.MustCompile(`(?s)Invalid value for "list" parameter: list\[1\].port_range_min is "all" where a\s+whole\s+number is expected\.\n`),
		},
		with(c.apply(string(example), group{name: "web", rules: []string{"ingress IPv4 tcp 443-443", "ingress IPv4 tcp 22-22 from 203.0.113.0/24", "egress IPv4 tcp 443-443"}}),
			statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("rules").AtMapKey("ingress-ipv4-tcp-22-from-203_0_113_0-24").AtMapKey("port_range_max"), knownvalue.Int64Exact(22))),
		c.apply(`
			resource "gcore_cloud_security_group" "db" {
				name = "database"
			}
			resource "gcore_cloud_security_group" "web" {
				name  = "web"
				rules = provider::gcore::rules_from_list([{ direction = "ingress", ethertype = "IPv4", protocol = "TCP", port_range_min = 1, port_range_max = 65535, remote_group_id = gcore_cloud_security_group.db.id }])
			}`, group{name: "database"}, group{name: "web", rules: []string{"ingress IPv4 tcp from group database"}}),
	)
}
