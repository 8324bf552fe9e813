package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What the functions do with known CIDRs is tested in package rule.
func TestCIDRsFunctions(t *testing.T) {
	t.Parallel()
	listOfStrings := tftypes.List{ElementType: tftypes.String}
	unknownList, unknownBool := tftypes.NewValue(listOfStrings, tftypes.UnknownValue), tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue)
	lan, later := stringList("10.0.0.0/8"), stringList("10.0.0.0/8", unknown{})
	type arguments = []tftypes.Value
	tests := map[string]struct {
		function string
		lists    arguments
		want     tftypes.Value
	}{
		"both families":           {"merge_cidrs", arguments{stringList("2001:db8::1", "10.128.0.0/9", "10.0.0.0/9")}, stringList("10.0.0.0/8", "2001:db8::1/128")},
		"none":                    {"merge_cidrs", arguments{stringList()}, stringList()},
		"unknown":                 {"merge_cidrs", arguments{unknownList}, unknownList},
		"an unknown element":      {"merge_cidrs", arguments{later}, unknownList},
		"contained":               {"cidrs_contain", arguments{lan, stringList("10.1.0.0/16", "10.2.3.4")}, hclValue(true)},
		"not contained":           {"cidrs_contain", arguments{stringList("10.1.0.0/16"), lan}, hclValue(false)},
		"nothing contained":       {"cidrs_contain", arguments{stringList(), stringList()}, hclValue(true)},
		"unknown ones contained":  {"cidrs_contain", arguments{lan, later}, unknownBool},
		"contained in unknown":    {"cidrs_contain", arguments{unknownList, lan}, unknownBool},
		"subtracted":              {"cidrs_subtract", arguments{lan, stringList("10.0.0.0/9")}, stringList("10.128.0.0/9")},
		"all subtracted":          {"cidrs_subtract", arguments{lan, stringList("0.0.0.0/0")}, stringList()},
		"unknown ones subtracted": {"cidrs_subtract", arguments{lan, unknownList}, unknownList},
		"subtracted from unknown": {"cidrs_subtract", arguments{later, lan}, unknownList},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fault := callFunction(t, test.function, test.lists...)
			if fault != "" {
				t.Fatal(fault)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	faults := map[string]struct {
		function string
		lists    arguments
		want     string
	}{
		"host bits":              {"merge_cidrs", arguments{stringList("10.0.0.0/8", "10.0.0.1/8")}, `cidrs[1] is "10.0.0.1/8": the address has bits set beyond the mask. Write "10.0.0.0/8" for the network`},
		"null":                   {"merge_cidrs", arguments{stringList("10.0.0.0/8", nil)}, "cidrs[1] is null. Write a CIDR or leave it out"},
		"null beside an unknown": {"merge_cidrs", arguments{stringList(unknown{}, nil)}, "cidrs[1] is null"},
		"the second list":        {"cidrs_contain", arguments{lan, stringList("any")}, `others[0] is "any". For all addresses write "0.0.0.0/0"`},
		"null in the second":     {"cidrs_subtract", arguments{later, stringList(nil)}, "others[0] is null"},
		"the first list":         {"cidrs_subtract", arguments{stringList("10.0.0.1/8"), lan}, `cidrs[0] is "10.0.0.1/8"`},
	}
	for name, test := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, fault := callFunction(t, test.function, test.lists...); !strings.HasPrefix(fault, test.want) || strings.HasSuffix(fault, ".") {
				t.Errorf("got  %s %v\nwant %s", fault, got, test.want)
			}
		})
	}
}
