package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestMergeCIDRs(t *testing.T) {
	t.Parallel()
	listOfStrings := tftypes.List{ElementType: tftypes.String}
	merge := func(t *testing.T, cidrs tftypes.Value) (tftypes.Value, string) {
		t.Helper()
		return callFunction(t, "merge_cidrs", listOfStrings, cidrs)
	}
	tests := map[string]struct{ cidrs, want tftypes.Value }{
		"both families":      {stringList("2001:db8::1", "10.128.0.0/9", "10.0.0.0/9"), stringList("10.0.0.0/8", "2001:db8::1/128")},
		"none":               {stringList(), stringList()},
		"unknown":            {tftypes.NewValue(listOfStrings, tftypes.UnknownValue), tftypes.NewValue(listOfStrings, tftypes.UnknownValue)},
		"an unknown element": {stringList("10.0.0.0/8", unknown{}), tftypes.NewValue(listOfStrings, tftypes.UnknownValue)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fault := merge(t, test.cidrs)
			if fault != "" {
				t.Fatal(fault)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	faults := map[string]struct {
		cidrs tftypes.Value
		want  string
	}{
		"host bits":              {stringList("10.0.0.0/8", "10.0.0.1/8"), `cidrs[1] is "10.0.0.1/8": the address has bits behind the mask. Write "10.0.0.0/8" for the network`},
		"null":                   {stringList("10.0.0.0/8", nil), "cidrs[1] is null. Write a CIDR or leave it out"},
		"null beside an unknown": {stringList(unknown{}, nil), "cidrs[1] is null"},
	}
	for name, test := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, fault := merge(t, test.cidrs); !strings.HasPrefix(fault, test.want) || strings.HasSuffix(fault, ".") {
				t.Errorf("got  %s %v\nwant %s", fault, got, test.want)
			}
		})
	}
}
