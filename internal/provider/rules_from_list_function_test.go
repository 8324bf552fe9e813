package provider

import (
	"fmt"
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

// valueOf is parsed JSON as Terraform passes it to a function: tuples and
// objects.
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

func TestRulesFromList(t *testing.T) {
	t.Parallel()
	https := map[string]any{"direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443}
	meaning := rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443))}
	want := map[string]ruleEntry{"ingress-ipv4-tcp-443": entryFromRule(meaning)}
	kind := map[string]attr.Type{"direction": types.StringType}
	object := types.ObjectValueMust(kind, map[string]attr.Value{"direction": types.StringValue("egress")})
	out := map[string]ruleEntry{"egress-ipv4-all": entryFromRule(rule.Rule{Direction: "egress"})}
	respelled := map[string]any{"direction": "Ingress", "protocol": "6", "port_range_min": 443, "port_range_max": 443, "remote_ip_prefix": "0.0.0.0/0"}

	tests := map[string]struct {
		argument attr.Value
		want     map[string]ruleEntry
	}{
		"a tuple":                 {valueOf(t, []any{https}), want},
		"a list":                  {types.ListValueMust(types.ObjectType{AttrTypes: kind}, []attr.Value{object}), out},
		"a set":                   {types.SetValueMust(types.ObjectType{AttrTypes: kind}, []attr.Value{object}), out},
		"maps of texts":           {types.ListValueMust(types.MapType{ElemType: types.StringType}, []attr.Value{types.MapValueMust(types.StringType, map[string]attr.Value{"direction": types.StringValue("egress")})}), out},
		"none":                    {valueOf(t, []any{}), map[string]ruleEntry{}},
		"one rule in two ways":    {valueOf(t, []any{https, respelled}), want},
		"an attribute of null":    {valueOf(t, []any{map[string]any{"direction": "egress", "remote_group_id": nil}}), out},
		"this provider's own map": {valueOf(t, []any{map[string]any{"direction": "ingress", "self": true}}), map[string]ruleEntry{"ingress-ipv4-all-from-self": entryFromRule(rule.Rule{Direction: "ingress", RemoteGroupID: rule.Self})}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, problem := mapFromList(types.DynamicValue(test.argument))
			if diff := cmp.Diff(test.want, entriesOf(t, got)); diff != "" || problem != "" || got.IsNull() || got.IsUnknown() {
				t.Errorf("%s %s", problem, diff)
			}
		})
	}
}

func TestRulesFromListUndecided(t *testing.T) {
	t.Parallel()
	later := []any{map[string]any{"direction": "ingress", "remote_group_id": types.StringUnknown()}, map[string]any{"direction": "egress"}}
	for name, argument := range map[string]types.Dynamic{
		"a list":                types.DynamicUnknown(),
		"a list of a type":      types.DynamicValue(types.ListUnknown(types.StringType)),
		"an entry":              types.DynamicValue(valueOf(t, []any{types.DynamicUnknown()})),
		"an attribute":          types.DynamicValue(valueOf(t, later)),
		"what looks like wrong": types.DynamicValue(valueOf(t, []any{map[string]any{"direction": types.StringUnknown(), "port_range_min": "x"}})),
	} {
		if got, problem := mapFromList(argument); !got.IsUnknown() || problem != "" {
			t.Errorf("%s that is unknown gives %s %s", name, got, problem)
		}
	}
	for name, argument := range map[string]types.Dynamic{"null": types.DynamicNull(), "null of a type": types.DynamicValue(types.ListNull(types.StringType))} {
		if got, problem := mapFromList(argument); !got.IsNull() || problem != "" {
			t.Errorf("%s gives %s %s", name, got, problem)
		}
	}
}

func TestRulesFromListProblems(t *testing.T) {
	t.Parallel()
	in := func(entries ...any) attr.Value { return valueOf(t, entries) }
	egress := map[string]any{"direction": "egress"}
	tests := map[string]struct {
		argument attr.Value
		want     string
	}{
		"a text":          {valueOf(t, "rules"), `The argument is "rules" where a list of rules is expected.`},
		"a map":           {valueOf(t, map[string]any{"https": egress}), "The argument is an object where a list of rules is expected."},
		"an entry":        {in(egress, "tcp"), `[1] is "tcp" where an object is expected.`},
		"a null":          {in(nil), "[0] is null where an object is expected."},
		"no direction":    {in(map[string]any{}), "[0].direction is missing."},
		"half a port":     {in(map[string]any{"direction": "egress", "port_range_min": 0.5}), "[0].port_range_min is 0.5 where a whole number is expected."},
		"a list in it":    {in(map[string]any{"direction": "egress", "protocol": []any{}}), "[0].protocol is a list where a text is expected."},
		"a misspelt name": {in(map[string]any{"direction": "egress", "remote_ip_prefixes": "10.0.0.0/8"}), "[0].remote_ip_prefixes is an attribute that is not known here"},
		"two descriptions": {
			in("x", map[string]any{"direction": "egress", "description": "a"}, map[string]any{"direction": "egress", "protocol": "any", "description": "b"}),
			"list[2] is the same rule as list[1], with another description. A group holds it once: remove one of the two.",
		},
		"all at once": {in(map[string]any{"direction": "up"}, map[string]any{"direction": "down"}), "[0].direction is \"up\" where ingress or egress is expected.\nlist[1].direction is \"down\""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, problem := mapFromList(types.DynamicValue(test.argument)); !strings.Contains(problem, test.want) {
				t.Errorf("%q is not said in %q", test.want, problem)
			}
		})
	}
}

// The keys equal those of the upgraded state, in any order of the list.
func TestRulesFromListAgreesWithTheUpgrade(t *testing.T) {
	t.Parallel()
	var list []any
	var texts []string
	for i := range 60 {
		low, high := 1+i%7, 1+i%7+i%3
		list = append(list, map[string]any{"direction": "ingress", "protocol": "tcp", "port_range_min": low, "port_range_max": high, "remote_ip_prefix": fmt.Sprintf("10.0.%d.0/24", i%4)})
		texts = append(texts, fmt.Sprintf(`{"direction": "ingress", "protocol": "tcp", "port_range_min": %d, "port_range_max": %d, "remote_ip_prefix": "10.0.%d.0/24"}`, low, high, i%4))
	}
	list[0], list[59] = list[59], list[0]
	got, problem := mapFromList(types.DynamicValue(valueOf(t, list)))
	model, diags := readVendorState(rawState(vendorState(`, "rules": [`+strings.Join(texts, ",")+`]`)), "security group", vendorGroup)
	if diff := cmp.Diff(entriesOf(t, model.Rules), entriesOf(t, got)); diff != "" || problem != "" || diags.HasError() {
		t.Errorf("%s %v %s", problem, diags, diff)
	}
}

// The function in a configuration: its page's example, an unknown list, and an
// invalid one.
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
		with(c.apply(string(example), group{name: "web", rules: []string{"ingress IPv4 tcp 443-443", "ingress IPv4 tcp 22-22 from 203.0.113.0/24", "egress IPv4"}}),
			statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("rules").AtMapKey("ingress-ipv4-tcp-22-from-203_0_113_0-24").AtMapKey("port_range_max"), knownvalue.Int64Exact(22))),
		c.apply(`
			resource "gcore_cloud_security_group" "db" {
				name = "database"
			}
			resource "gcore_cloud_security_group" "web" {
				name  = "web"
				rules = provider::gcore::rules_from_list([{ direction = "ingress", protocol = "TCP", port_range_min = 0, remote_group_id = gcore_cloud_security_group.db.id }])
			}`, group{name: "database"}, group{name: "web", rules: []string{"ingress IPv4 tcp from group database"}}),
	)
}
