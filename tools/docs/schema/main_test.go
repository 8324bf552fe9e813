package main

import (
	"strings"
	"testing"
)

func TestConvert(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ input, want string }{
		"address renamed": {
			`{"format_version":"1.0","provider_schemas":{"registry.terraform.io/gcore-community/gcore":{"provider":{"version":0}}}}`,
			`{"format_version":"1.0","provider_schemas":{"registry.terraform.io/hashicorp/gcore":{"provider":{"version":0}}}}`,
		},
		"OpenTofu's registry": {
			`{"format_version":"1.0","provider_schemas":{"registry.opentofu.org/gcore-community/gcore":{"functions":{}}}}`,
			`{"format_version":"1.0","provider_schemas":{"registry.terraform.io/hashicorp/gcore":{"functions":{}}}}`,
		},
		"what only newer Terraforms describe goes": {
			`{"format_version":"1.0","provider_schemas":{"x":{"action_schemas":{"a":{}},"data_source_schemas":{"d":{}},` +
				`"ephemeral_resource_schemas":{"e":{}},"list_resource_schemas":{"l":{}},"resource_identity_schemas":{"r":{}},` +
				`"resource_schemas":{"r":{}},"state_store_schemas":{"s":{}}}}}`,
			`{"format_version":"1.0","provider_schemas":{"registry.terraform.io/hashicorp/gcore":{"data_source_schemas":{"d":{}},` +
				`"ephemeral_resource_schemas":{"e":{}},"resource_schemas":{"r":{}}}}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			if err := convert(&got, strings.NewReader(c.input)); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(got.String()); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ input, want string }{
		"nothing":       {``, "EOF"},
		"not JSON":      {`Error: Missing required provider`, "invalid character"},
		"no provider":   {`{"format_version":"1.0"}`, "found 0"},
		"two providers": {`{"provider_schemas":{"b":{"provider":{}},"a":{"provider":{}}}}`, "found 2 [a b]"},
		"empty schema":  {`{"provider_schemas":{"a":{}}}`, "the schema of a is empty"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			err := convert(&got, strings.NewReader(c.input))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			if got.Len() != 0 {
				t.Errorf("wrote %q beside the error", got.String())
			}
		})
	}
}
