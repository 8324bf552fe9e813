package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestResolveSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		model       providerModel
		environment map[string]string
		want        settings
		wantError   string
	}{
		"all from the environment": {
			environment: map[string]string{
				"GCORE_API_KEY": "k", "GCORE_BASE_URL": "https://api.example", "GCORE_CLOUD_PROJECT_ID": "1", "GCORE_CLOUD_REGION_ID": "76",
			},
			want: settings{
				apiKey: str("k"), baseURL: str("https://api.example"), projectID: num(1), regionID: num(76),
				timeout: 20 * time.Minute, publicAdminPorts: str("warn"),
			},
		},
		"the block wins": {
			model: providerModel{
				APIKey: str("block"), CloudProjectID: num(2), PollingIntervalSeconds: num(1), PollingTimeoutSeconds: num(60), DefaultTags: tagMap("a", "1"),
				PublicAdminPorts: str("deny"), AllowedProjectIDs: types.SetValueMust(types.Int64Type, []attr.Value{num(2)}),
			},
			environment: map[string]string{"GCORE_API_KEY": "k", "GCORE_CLOUD_PROJECT_ID": "not looked at"},
			want: settings{
				apiKey: str("block"), baseURL: str("https://api.gcore.com"), projectID: num(2), regionID: types.Int64Null(),
				pollingInterval: time.Second, timeout: time.Minute, tags: tagSettings{defaults: tagMap("a", "1")}, publicAdminPorts: str("deny"),
				allowedProjects: types.SetValueMust(types.Int64Type, []attr.Value{num(2)}),
			},
		},
		"what is not known yet stays so": {
			model: providerModel{
				APIKey: types.StringUnknown(), BaseURL: types.StringUnknown(), CloudProjectID: types.Int64Unknown(), PublicAdminPorts: types.StringUnknown(),
			},
			environment: map[string]string{"GCORE_API_KEY": "k", "GCORE_CLOUD_PROJECT_ID": "1"},
			want: settings{
				apiKey: types.StringUnknown(), baseURL: types.StringUnknown(), projectID: types.Int64Unknown(), regionID: types.Int64Null(),
				timeout: 20 * time.Minute, publicAdminPorts: types.StringUnknown(),
			},
		},
		"an empty key is none":     {model: providerModel{APIKey: str("")}, wantError: "Missing Gcore API key"},
		"a project's name":         {environment: map[string]string{"GCORE_API_KEY": "k", "GCORE_CLOUD_PROJECT_ID": "prod"}, wantError: "Invalid value of GCORE_CLOUD_PROJECT_ID"},
		"a negative region number": {environment: map[string]string{"GCORE_API_KEY": "k", "GCORE_CLOUD_REGION_ID": "-1"}, wantError: "Invalid value of GCORE_CLOUD_REGION_ID"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.model.DefaultTags.IsNull() {
				test.model.DefaultTags, test.want.tags.defaults = noTags, noTags
			}
			if test.model.AllowedProjectIDs.IsNull() {
				all := types.SetNull(types.Int64Type)
				test.model.AllowedProjectIDs, test.want.allowedProjects = all, all
			}
			got, diags := resolveSettings(test.model, func(name string) string { return test.environment[name] })
			if test.wantError != "" {
				if !diags.HasError() || diags.Errors()[0].Summary() != test.wantError {
					t.Errorf("got %v, want %s", diags, test.wantError)
				}
				return
			}
			if diags.HasError() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(settings{}, tagSettings{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for appended, want := range map[string]string{
		"":                            "",
		"  ":                          "",
		"my-platform/1.2":             " my-platform/1.2",
		" a/1 (build 7) b/2 ":         " a/1 (build 7) b/2",
		"a/1\r\nX-Other: b\x00\x7f\t": " a/1X-Other: b",
		"plän/1 \xff":                 " pln/1",
		strings.Repeat("x", 5000):     " " + strings.Repeat("x", longestAppended),
		strings.Repeat("ü", 5000):     "",
	} {
		if got, want := userAgent("1.0.0", "1.11.4", appended), "terraform-provider-gcore/1.0.0 terraform/1.11.4"+want; got != want {
			t.Errorf("with %q got %q, want %q", appended, got, want)
		}
	}
}

func TestEffectiveID(t *testing.T) {
	t.Parallel()
	null, unknown := types.Int64Null(), types.Int64Unknown()
	tests := map[string]struct{ config, fallback, prior, want types.Int64 }{
		"the resource's own":               {num(1), num(2), num(3), num(1)},
		"the provider's":                   {null, num(2), null, num(2)},
		"the provider's has changed":       {null, num(2), num(3), num(2)},
		"the state's":                      {null, null, num(3), num(3)},
		"none":                             {null, null, null, null},
		"not known yet, new":               {null, unknown, null, unknown},
		"not known yet, existing":          {null, unknown, num(3), num(3)},
		"own one not known yet, existing":  {unknown, num(2), num(3), num(3)},
		"own one not known yet, and a new": {unknown, num(2), null, unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := effectiveID(test.config, test.fallback, test.prior); !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseImportID(t *testing.T) {
	t.Parallel()
	two := []string{"group_id", "rule_id"}
	tests := map[string]struct {
		text  string
		names []string
		want  importID
		ok    bool
	}{
		"whole":                  {"1/76/" + thisGroup, two[:1], importID{num(1), num(76), []string{thisGroup}}, true},
		"with colons":            {"1:76:" + thisGroup, two[:1], importID{num(1), num(76), []string{thisGroup}}, true},
		"short":                  {thisGroup, two[:1], importID{types.Int64Null(), types.Int64Null(), []string{thisGroup}}, true},
		"upper case":             {strings.ToUpper("ab000000-0000-4000-8000-000000000001"), two[:1], importID{types.Int64Null(), types.Int64Null(), []string{"ab000000-0000-4000-8000-000000000001"}}, true},
		"a rule":                 {"1/76/" + thisGroup + "/" + otherGroup, two, importID{num(1), num(76), []string{thisGroup, otherGroup}}, true},
		"a rule, short":          {thisGroup + "/" + otherGroup, two, importID{types.Int64Null(), types.Int64Null(), []string{thisGroup, otherGroup}}, true},
		"no uuid":                {"1/76/web", two[:1], importID{}, false},
		"project by name":        {"prod/76/" + thisGroup, two[:1], importID{}, false},
		"project 0":              {"0/76/" + thisGroup, two[:1], importID{}, false},
		"too many":               {"1/76/" + thisGroup + "/" + otherGroup, two[:1], importID{}, false},
		"too few":                {"76/" + thisGroup, two[:1], importID{}, false},
		"a rule without a group": {"1/76/" + thisGroup, two, importID{}, false},
		"empty":                  {"", two[:1], importID{}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseImportID(test.text, test.names...)
			if (err == nil) != test.ok {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(importID{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
