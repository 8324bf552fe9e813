package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/gcore-community/terraform-provider-gcore/internal/foreign"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func rawState(json string) *tfprotov6.RawState { return &tfprotov6.RawState{JSON: []byte(json)} }

// entriesOf decodes the `rules` of a model.
func entriesOf(t *testing.T, rules types.Map) map[string]ruleEntry {
	t.Helper()
	decoded, diags := decodeRules(rules)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return decoded.entries
}

func vendorState(attributes string) string {
	return `{"id": "` + thisGroup + `", "name": "web"` + attributes + `}`
}

// The forms of the states themselves are tested in package foreign.
func TestGroupFromForeign(t *testing.T) {
	t.Parallel()
	plain := securityGroupModel{
		ID: str(thisGroup), Name: str("web"), Description: str(""), Rules: types.MapNull(ruleEntryType), IgnoreRules: types.ListNull(ignoreRuleType),
		Tags: noTags, TagsAll: tagMap(), Timeouts: noTimeouts,
	}
	with := func(change func(*securityGroupModel)) securityGroupModel {
		model := plain
		change(&model)
		return model
	}
	https := rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443))}
	tests := map[string]struct {
		state string
		want  securityGroupModel
	}{
		"nothing but its name": {vendorState(""), plain},
		"all of it": {
			vendorState(`, "project_id": 1, "region_id": 76, "description": "front", "created_at": "2026-01-02T03:04:05Z", "tags": {"a": "1"},
				"rules": [{"direction": "ingress", "protocol": "TCP", "port_range_min": 443, "port_range_max": 443}]`),
			with(func(m *securityGroupModel) {
				m.ProjectID, m.RegionID = types.Int64Value(1), types.Int64Value(76)
				m.Description, m.CreatedAt = str("front"), str("2026-01-02T03:04:05Z")
				m.Tags, m.TagsAll = tagMap("a", "1"), tagMap("a", "1")
				m.Rules = ruleMap(t, map[string]ruleEntry{"ingress-ipv4-tcp-443": entryFromRule(https)}, nil)
			}),
		},
		"no rules":               {vendorState(`, "rules": []`), with(func(m *securityGroupModel) { m.Rules, _ = encodeRules(nil) })},
		"empty tags are null":    {vendorState(`, "tags": {}`), plain},
		"a date of another form": {vendorState(`, "created_at": "soon"`), plain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := takeOver(rawState(test.state), "security group", foreign.ReadGroup, groupFromForeign)
			if diff := cmp.Diff(test.want, got); diff != "" || diags.HasError() {
				t.Errorf("%v %s", diags, diff)
			}
		})
	}
}

func TestRuleFromForeign(t *testing.T) {
	t.Parallel()
	const base = `"id": "` + otherGroup + `", "group_id": "` + thisGroup + `", "direction": "ingress"`
	for place, state := range map[types.Int64]string{
		types.Int64Null():   `{` + base + `, "remote_ip_prefix": "2001:DB8::/32"}`,
		types.Int64Value(1): `{` + base + `, "project_id": 1, "region_id": 1, "ethertype": "IPv6", "remote_ip_prefix": "2001:db8::/32"}`,
	} {
		got, diags := takeOver(rawState(state), "security group rule", foreign.ReadRule, ruleFromForeign)
		want := securityGroupRuleModel{ID: str(otherGroup), GroupID: str(thisGroup), ProjectID: place, RegionID: place, Timeouts: noTimeouts}
		want.ruleAttributes = entryFromRule(rule.Rule{Direction: "ingress", RemoteIPPrefix: "2001:db8::/32"}).ruleAttributes
		if diff := cmp.Diff(want, got); diff != "" || diags.HasError() {
			t.Errorf("%s: %v %s", state, diags, diff)
		}
	}
}

// Whatever is wrong with a state, the message contains the problems and the way out.
func TestUnreadableStates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		raw  *tfprotov6.RawState
		want string
	}{
		"no state":           {nil, "The state cannot be read: it is not in JSON: refresh it with a Terraform of version 0.12"},
		"no JSON":            {rawState("id"), "The state cannot be read: it is not in JSON: invalid character"},
		"a strange id":       {rawState(`{"id": "web", "name": "web"}`), `id is "web" where an id is expected.`},
		"very many problems": {rawState(vendorState(`, "rules": [` + strings.Repeat(`{},`, 29) + `{}]`)), "And 20 more."},
	} {
		model, diags := takeOver(test.raw, "security group", foreign.ReadGroup, groupFromForeign)
		if len(diags) != 1 {
			t.Fatalf("%s: %d problems: %v", name, len(diags), diags)
		}
		for _, want := range []string{test.want, "The state stays as it was", "terraform state rm"} {
			if got := diags[0].Detail(); !strings.Contains(got, want) || len(got) > 3000 {
				t.Errorf("%s: %q is not in the %d bytes of %s", name, want, len(got), got)
			}
		}
		if got := diags[0].Summary(); got != "Cannot take over the state of the security group" || !model.ID.IsNull() {
			t.Errorf("%s: %s, %v", name, got, model)
		}
	}
}

// Each mover takes the states of its type from Gcore's providers, and no others.
func TestMoveStateSources(t *testing.T) {
	t.Parallel()
	legacy := vendorState(`, "security_group_rules": []`)
	tests := map[string]struct {
		address, sourceType string
		version             int64
		taken               bool
	}{
		"0.x":                     {"registry.terraform.io/g-core/gcore", "gcore_securitygroup", 0, true},
		"its first name":          {"registry.terraform.io/g-core/gcorelabs", "gcore_securitygroup", 0, true},
		"OpenTofu's registry":     {"registry.opentofu.org/g-core/gcore", "gcore_securitygroup", 0, true},
		"a registry of one's own": {"terraform.example.com/G-Core/gcore", "gcore_securitygroup", 0, true},
		"2.x":                     {"registry.terraform.io/g-core/gcore", "gcore_cloud_security_group", 0, true},
		"another vendor":          {"registry.terraform.io/hashicorp/gcore", "gcore_securitygroup", 0, false},
		"another provider":        {"registry.terraform.io/g-core/edge", "gcore_securitygroup", 0, false},
		"no address":              {"", "gcore_securitygroup", 0, false},
		"another type":            {"registry.terraform.io/g-core/gcore", "gcore_network", 0, false},
		"another version":         {"registry.terraform.io/g-core/gcore", "gcore_securitygroup", 1, false},
		"OpenStack":               {"registry.terraform.io/terraform-provider-openstack/openstack", "openstack_networking_secgroup_v2", 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := legacy
			if test.sourceType == groupType {
				state = vendorState("")
			}
			response, err := providerserver.NewProtocol6(New("test"))().MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: test.address, SourceTypeName: test.sourceType, SourceSchemaVersion: test.version,
				SourceState: rawState(state), TargetTypeName: groupType,
			})
			if err != nil {
				t.Fatal(err)
			}
			taken := response.TargetState != nil && len(response.Diagnostics) == 0
			if taken != test.taken {
				t.Errorf("taken: %t %v", taken, response.Diagnostics)
			}
		})
	}
}

// No state makes the provider panic, or results in a state that does not fit the schema.
func FuzzVendorState(f *testing.F) {
	for _, state := range []string{
		vendorState(`, "rules": [{"direction": "ingress", "protocol": "tcp", "port_range_min": 0}], "tags": {"a": "1"}`),
		vendorState(`, "security_group_rules": [{"direction": "egress", "protocol": "58"}], "metadata_map": {"a": null}`),
		`{"id": "` + otherGroup + `", "group_id": "` + thisGroup + `", "direction": "ingress", "port_range_min": 1e9}`,
		`{"id": "` + thisGroup + `", "name": "web", "rules": [[[]], {"direction": "\u0000"}, {"": {"": ""}}], "tags": {"": "\ud800"}}`, "", "null", "[", "{}{}",
	} {
		f.Add([]byte(state))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		raw := &tfprotov6.RawState{JSON: state}
		for _, read := range []func([]byte) (foreign.Group, error){foreign.ReadGroup, foreign.ReadLegacyGroup} {
			if group, diags := takeOver(raw, "security group", read, groupFromForeign); !diags.HasError() {
				held(t, &securityGroup{}, group)
			} else if said := fmt.Sprint(diags); len(said) > 20000 {
				t.Errorf("%d bytes of message", len(said))
			}
		}
		if r, diags := takeOver(raw, "security group rule", foreign.ReadRule, ruleFromForeign); !diags.HasError() {
			held(t, &securityGroupRule{}, r)
		}
	})
}
