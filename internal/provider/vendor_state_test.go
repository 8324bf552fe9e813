package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func rawState(json string) *tfprotov6.RawState { return &tfprotov6.RawState{JSON: []byte(json)} }

// entriesOf describes the `rules` of a model.
func entriesOf(t *testing.T, rules types.Map) map[string]ruleEntry {
	t.Helper()
	entries, diags := decodeRules(t.Context(), rules)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return entries
}

func vendorState(attributes string) string {
	return `{"id": "` + thisGroup + `", "name": "web"` + attributes + `}`
}

// The result for one rule, in the lists of each provider.
func TestVendorRules(t *testing.T) {
	t.Parallel()
	port := func(n int64) *int64 { return &n }
	tests := map[string]struct {
		json         string
		vendor       rule.Rule  // in Gcore's 2.x and in a configuration
		legacyDiffer *rule.Rule // in Gcore's 0.x, if different
	}{
		"only a direction":    {json: `{"direction": "ingress"}`, vendor: rule.Rule{Direction: "ingress"}},
		"case of the enums":   {json: `{"direction": "Egress", "ethertype": "ipv6", "protocol": "TCP"}`, vendor: rule.Rule{Direction: "egress", Ethertype: "IPv6", Protocol: "tcp"}},
		"nulls":               {json: `{"direction": "ingress", "ethertype": null, "protocol": null, "port_range_min": null, "port_range_max": null, "remote_ip_prefix": null, "remote_group_id": null, "description": null}`, vendor: rule.Rule{Direction: "ingress"}},
		"zeros of the SDKv2":  {json: `{"direction": "ingress", "ethertype": "", "protocol": "", "port_range_min": 0, "port_range_max": 0, "remote_ip_prefix": "", "remote_group_id": "", "description": ""}`, vendor: rule.Rule{Direction: "ingress"}},
		"tcp without ports":   {json: `{"direction": "ingress", "protocol": "tcp", "port_range_min": 0, "port_range_max": 0}`, vendor: rule.Rule{Direction: "ingress", Protocol: "tcp"}},
		"ports":               {json: `{"direction": "ingress", "protocol": "udp", "port_range_min": 5, "port_range_max": 9}`, vendor: rule.Rule{Direction: "ingress", Protocol: "udp", PortRangeMin: port(5), PortRangeMax: port(9)}},
		"ports as texts":      {json: `{"direction": "ingress", "protocol": "udp", "port_range_min": "5", "port_range_max": "9"}`, vendor: rule.Rule{Direction: "ingress", Protocol: "udp", PortRangeMin: port(5), PortRangeMax: port(9)}},
		"any":                 {json: `{"direction": "ingress", "protocol": "any"}`, vendor: rule.Rule{Direction: "ingress"}},
		"protocol 0":          {json: `{"direction": "ingress", "protocol": "0"}`, vendor: rule.Rule{Direction: "ingress"}},
		"protocol 4":          {json: `{"direction": "ingress", "protocol": "4"}`, vendor: rule.Rule{Direction: "ingress", Protocol: "ipip"}},
		"protocol 50":         {json: `{"direction": "ingress", "protocol": "50"}`, vendor: rule.Rule{Direction: "ingress", Protocol: "esp"}},
		"protocol 51":         {json: `{"direction": "ingress", "protocol": "51"}`, vendor: rule.Rule{Direction: "ingress", Protocol: "ah"}},
		"protocol 58":         {json: `{"direction": "ingress", "protocol": "58"}`, vendor: rule.Rule{Direction: "ingress", Ethertype: "IPv6", Protocol: "ipv6-icmp"}},
		"protocol 112":        {json: `{"direction": "ingress", "protocol": "112"}`, vendor: rule.Rule{Direction: "ingress", Protocol: "vrrp"}},
		"a protocol unknown":  {json: `{"direction": "ingress", "protocol": "99"}`, vendor: rule.Rule{Direction: "ingress", Protocol: "99"}},
		"icmpv6":              {json: `{"direction": "ingress", "ethertype": "IPv6", "protocol": "icmpv6"}`, vendor: rule.Rule{Direction: "ingress", Ethertype: "IPv6", Protocol: "ipv6-icmp"}},
		"an address":          {json: `{"direction": "ingress", "remote_ip_prefix": "192.0.2.7"}`, vendor: rule.Rule{Direction: "ingress", RemoteIPPrefix: "192.0.2.7/32"}},
		"host bits":           {json: `{"direction": "ingress", "remote_ip_prefix": "10.0.0.1/8"}`, vendor: rule.Rule{Direction: "ingress", RemoteIPPrefix: "10.0.0.1/8"}},
		"everywhere":          {json: `{"direction": "egress", "ethertype": "IPv6", "remote_ip_prefix": "::/0"}`, vendor: rule.Rule{Direction: "egress", Ethertype: "IPv6"}},
		"a group":             {json: `{"direction": "ingress", "remote_group_id": "` + otherGroup + `"}`, vendor: rule.Rule{Direction: "ingress", RemoteGroupID: otherGroup}},
		"its own group by id": {json: `{"direction": "ingress", "remote_group_id": "` + thisGroup + `"}`, vendor: rule.Rule{Direction: "ingress", RemoteGroupID: thisGroup}},
		"a description":       {json: `{"direction": "ingress", "description": " Web "}`, vendor: rule.Rule{Direction: "ingress", Description: " Web "}},
		"the records of 0.x":  {json: `{"direction": "ingress", "id": "x", "created_at": "2019-07-26 13:25:03 +0000 UTC", "updated_at": "2019"}`, vendor: rule.Rule{Direction: "ingress"}},
		"the records of 2.x":  {json: `{"direction": "ingress", "id": "x", "created_at": "x", "updated_at": "x", "revision_number": 3, "security_group_id": "x"}`, vendor: rule.Rule{Direction: "ingress"}},
		"OpenStack's records": {json: `{"direction": "ingress", "id": "x", "security_group_id": "x", "tenant_id": "x", "region": "RegionOne", "remote_address_group_id": "", "timeouts": null}`, vendor: rule.Rule{Direction: "ingress"}},
		"ICMP type 0": {
			json: `{"direction": "ingress", "protocol": "icmp", "port_range_min": 0, "port_range_max": 0}`, vendor: rule.Rule{Direction: "ingress", Protocol: "icmp", PortRangeMin: port(0), PortRangeMax: port(0)},
			legacyDiffer: &rule.Rule{Direction: "ingress", Protocol: "icmp"},
		},
		"ICMP type 8, code 0": {
			json: `{"direction": "ingress", "protocol": "ICMP", "port_range_min": 8, "port_range_max": 0}`, vendor: rule.Rule{Direction: "ingress", Protocol: "icmp", PortRangeMin: port(8), PortRangeMax: port(0)},
			legacyDiffer: &rule.Rule{Direction: "ingress", Protocol: "icmp", PortRangeMin: port(8)},
		},
		"ports from 0": {
			json: `{"direction": "ingress", "protocol": "tcp", "port_range_min": 0, "port_range_max": 80}`, vendor: rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: port(0), PortRangeMax: port(80)},
			legacyDiffer: &rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMax: port(80)},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			legacy := test.vendor
			if test.legacyDiffer != nil {
				legacy = *test.legacyDiffer
			}
			for attribute, read := range map[string]struct {
				model func(rawObject) securityGroupModel
				want  rule.Rule
			}{"rules": {vendorGroup, test.vendor}, "security_group_rules": {legacyGroup, legacy}} {
				model, diags := readVendorState(rawState(vendorState(`, "`+attribute+`": [`+test.json+`]`)), "security group", read.model)
				want := map[string]ruleEntry{read.want.Name(): entryFromRule(read.want)}
				if diff := cmp.Diff(want, entriesOf(t, model.Rules)); diff != "" || diags.HasError() {
					t.Errorf("%s: %v %s", attribute, diags, diff)
				}
			}
			// The function chooses the same as the upgrade.
			var entry any
			if err := json.Unmarshal([]byte(test.json), &entry); err != nil {
				t.Fatal(err)
			}
			got, problem := mapFromList(types.DynamicValue(valueOf(t, []any{entry})))
			want := map[string]ruleEntry{test.vendor.Name(): entryFromRule(test.vendor)}
			if diff := cmp.Diff(want, entriesOf(t, got)); diff != "" || problem != "" {
				t.Errorf("the function: %s %s", problem, diff)
			}
		})
	}
}

// The other attributes of a state, in the shapes that the releases wrote.
func TestVendorGroups(t *testing.T) {
	t.Parallel()
	plain := securityGroupModel{
		ID: str(thisGroup), Name: str("web"), Description: str(""), Rules: types.MapNull(ruleEntryType),
		Tags: noTags, TagsAll: tagMap(), Timeouts: noTimeouts,
	}
	with := func(change func(*securityGroupModel)) securityGroupModel {
		model := plain
		change(&model)
		return model
	}
	placed := func(m *securityGroupModel) {
		m.ProjectID, m.RegionID = types.Int64Value(1), types.Int64Value(76)
		m.Description, m.CreatedAt = str("front"), str("2026-01-02T03:04:05Z")
		m.Tags, m.TagsAll = tagMap("a", "1"), tagMap("a", "1")
	}
	const alpha10 = `, "project_id": 1, "region_id": 76, "region": "Luxembourg-2", "description": "front", "created_at": "2026-01-02T03:04:05Z",
		"updated_at": "2026-01-02T03:04:05Z", "revision_number": 4, "tags": {"a": "1"}, "tags_v2": [{"key": "a", "value": "1", "read_only": false}]`
	const legacy = `, "project_id": 1, "region_id": 76, "project_name": null, "region_name": "Luxembourg-2", "description": "front",
		"metadata_map": {"a": "1"}, "metadata_read_only": [{"key": "a", "value": "1", "read_only": false}], "last_updated": "Monday, 02-Jan-06 15:04:05 MST"`
	tests := map[string]struct {
		read  func(rawObject) securityGroupModel
		state string
		want  securityGroupModel
	}{
		"2.x, nothing but its name":       {vendorGroup, vendorState(""), plain},
		"2.x, alpha 10":                   {vendorGroup, vendorState(alpha10), with(placed)},
		"2.x, alpha 11, rules not given":  {vendorGroup, vendorState(alpha10 + `, "rules": null, "tasks": null, "security_group_rules": []`), with(placed)},
		"2.x, a mirror is no declaration": {vendorGroup, vendorState(alpha10 + `, "rules": null, "tasks": ["t"], "security_group_rules": [{"direction": "egress", "odd": 1}]`), with(placed)},
		"2.x, no rules": {vendorGroup, vendorState(alpha10 + `, "rules": []`), with(func(m *securityGroupModel) {
			placed(m)
			m.Rules, _ = encodeRules(nil)
		})},
		"2.x, places by default":        {vendorGroup, vendorState(`, "project_id": null, "region_id": null`), plain},
		"2.x, empty tags are null":      {vendorGroup, vendorState(`, "tags": {}`), plain},
		"2.x, no date is no harm":       {vendorGroup, vendorState(`, "created_at": "soon"`), plain},
		"0.x, nothing but its name":     {legacyGroup, vendorState(""), plain},
		"0.x, zeros":                    {legacyGroup, vendorState(`, "project_id": 0, "region_id": 0, "metadata_map": null`), plain},
		"0.x, without rules":            {legacyGroup, vendorState(legacy), with(func(m *securityGroupModel) { placed(m); m.CreatedAt = types.StringNull() })},
		"0.x, a tag of null is no tag":  {legacyGroup, vendorState(`, "metadata_map": {"a": null}`), plain},
		"0.x, places written as a text": {legacyGroup, vendorState(`, "project_id": "1", "region_id": "76"`), with(func(m *securityGroupModel) { m.ProjectID, m.RegionID = types.Int64Value(1), types.Int64Value(76) })},
		"a new attribute that is empty": {vendorGroup, vendorState(`, "stateful": false, "shared": null, "members": [], "more": {}, "note": "", "count": 0`), plain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := readVendorState(rawState(test.state), "security group", test.read)
			if diff := cmp.Diff(test.want, got); diff != "" || diags.HasError() {
				t.Errorf("%v %s", diags, diff)
			}
		})
	}
}

func TestVendorStandaloneRules(t *testing.T) {
	t.Parallel()
	const base = `"id": "` + otherGroup + `", "group_id": "` + thisGroup + `"`
	tests := map[string]struct {
		state string
		place types.Int64
		want  rule.Rule
	}{
		"alpha 10": {`{` + base + `, "direction": "ingress", "description": null, "ethertype": null}`, types.Int64Null(), rule.Rule{Direction: "ingress"}},
		"alpha 11": {
			`{` + base + `, "project_id": 1, "region_id": 1, "direction": "INGRESS", "protocol": "TCP", "port_range_min": 22, "port_range_max": 22,
				"remote_ip_prefix": "2001:DB8::/32", "remote_group_id": null, "description": "ssh", "ethertype": "IPv6", "tasks": ["t"]}`,
			types.Int64Value(1),
			rule.Rule{Direction: "ingress", Ethertype: "IPv6", Protocol: "tcp", PortRangeMin: new(int64(22)), PortRangeMax: new(int64(22)), RemoteIPPrefix: "2001:db8::/32", Description: "ssh"},
		},
		"the id of its group is not self": {`{` + base + `, "direction": "ingress", "remote_group_id": "` + thisGroup + `"}`, types.Int64Null(), rule.Rule{Direction: "ingress", RemoteGroupID: thisGroup}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := readVendorState(rawState(test.state), "security group rule", vendorRule)
			want := securityGroupRuleModel{ID: str(otherGroup), GroupID: str(thisGroup), ProjectID: test.place, RegionID: test.place, Timeouts: noTimeouts}
			want.setEntry(entryFromRule(test.want))
			if diff := cmp.Diff(want, got); diff != "" || diags.HasError() {
				t.Errorf("%v %s", diags, diff)
			}
		})
	}
}

// Unknown shapes are an error that names them.
func TestUnforeseenStates(t *testing.T) {
	t.Parallel()
	in := func(entry string) string { return vendorState(`, "rules": [{"direction": "ingress"}, ` + entry + `]`) }
	tests := map[string]struct {
		state string
		want  string // the message, without the common part
	}{
		"no JSON":                 {"id", "The state cannot be read: it is not in JSON"},
		"nothing":                 {"", "it is not in JSON: refresh it with a Terraform of version 0.12"},
		"a list":                  {"[]", "it is a list where an object is expected."},
		"null":                    {"null", "it is null where an object is expected."},
		"two objects":             {"{}{}", "something follows the object in it."},
		"too large":               {`{"id": "` + strings.Repeat("x", largestState) + `"}`, "4194304 at most are read."},
		"no id":                   {`{"name": "web"}`, "id is missing."},
		"an empty id":             {`{"id": "", "name": "web"}`, "id is missing."},
		"a strange id":            {`{"id": "web", "name": "web"}`, `id is "web" where an id is expected.`},
		"an id of another type":   {`{"id": 7, "name": "web"}`, "id is 7 where a text is expected."},
		"no name":                 {`{"id": "` + thisGroup + `"}`, "name is missing."},
		"a project's name":        {vendorState(`, "project_id": "prod"`), `project_id is "prod" where a whole number is expected.`},
		"a negative region":       {vendorState(`, "region_id": -1`), "region_id is -1 where a positive number is expected."},
		"a project out of reach":  {vendorState(`, "project_id": 1e400`), "project_id is 1e400 where a whole number is expected."},
		"tags as a list":          {vendorState(`, "tags": [{"key": "a"}]`), "tags is a list where a map is expected."},
		"a tag that is a number":  {vendorState(`, "tags": {"a": 1}`), "tags.a is 1 where a text is expected."},
		"a new attribute":         {vendorState(`, "stateful": true`), "stateful is an attribute that is not known here, and its value is true."},
		"rules as a text":         {vendorState(`, "rules": "none"`), `rules is "none" where a list is expected.`},
		"rules as a map":          {vendorState(`, "rules": {"a": {}}`), "rules is an object where a list is expected."},
		"rules without end":       {vendorState(`, "rules": [` + strings.Repeat(`{"direction": "ingress"},`, 1000) + `{"direction": "ingress"}]`), "rules has 1001 entries, and 1000 at most are read."},
		"a rule that is a text":   {in(`"tcp"`), `rules[1] is "tcp" where an object is expected.`},
		"a rule that is null":     {in(`null`), "rules[1] is null where an object is expected."},
		"a rule without any":      {in(`{}`), "rules[1].direction is missing."},
		"a strange direction":     {in(`{"direction": "both"}`), `rules[1].direction is "both" where ingress or egress is expected.`},
		"a direction as a list":   {in(`{"direction": ["ingress"]}`), "rules[1].direction is a list where a text is expected."},
		"a strange ethertype":     {in(`{"direction": "ingress", "ethertype": "ARP"}`), `rules[1].ethertype is "ARP" where IPv4 or IPv6 is expected.`},
		"a protocol as a number":  {in(`{"direction": "ingress", "protocol": 6}`), "rules[1].protocol is 6 where a text is expected."},
		"half a port":             {in(`{"direction": "ingress", "port_range_min": 80.5}`), "rules[1].port_range_min is 80.5 where a whole number is expected."},
		"a port by its name":      {in(`{"direction": "ingress", "port_range_max": "http"}`), `rules[1].port_range_max is "http" where a whole number is expected.`},
		"an address group":        {in(`{"direction": "ingress", "remote_address_group_id": "x"}`), `rules[1].remote_address_group_id is an attribute that is not known here, and its value is "x".`},
		"two remotes with self":   {in(`{"direction": "ingress", "self": true, "remote_group_id": "x"}`), "rules[1].self is true beside a remote_group_id."},
		"self as a text":          {in(`{"direction": "ingress", "self": "true"}`), `rules[1].self is "true" where true or false is expected.`},
		"a very long text":        {vendorState(`, "tags": "` + strings.Repeat("x", 500) + `"`), `tags is "` + strings.Repeat("x", 80) + `..." where a map is expected.`},
		"an odd name":             {vendorState(`, "a\nb` + strings.Repeat("c", 500) + `": 1`), `["a\nb` + strings.Repeat("c", 77) + `..."] is an attribute that is not known here`},
		"more than can be listed": {vendorState(`, "rules": [` + strings.Repeat(`{},`, 29) + `{}]`), "And 20 more."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := readVendorState(rawState(test.state), "security group", vendorGroup)
			if len(diags) != 1 {
				t.Fatalf("%d problems: %v", len(diags), diags)
			}
			for _, want := range []string{test.want, "The state stays as it was", "terraform state rm"} {
				if got := diags[0].Detail(); !strings.Contains(got, want) {
					t.Errorf("%q is not said in %s", want, got)
				}
			}
			if got := diags[0].Summary(); got != "Cannot take over the state of the security group" || len(diags[0].Detail()) > 3000 {
				t.Errorf("%s, %d bytes", got, len(diags[0].Detail()))
			}
		})
	}
	if _, diags := readVendorState(nil, "security group", vendorGroup); !diags.HasError() {
		t.Error("no state at all is no error")
	}
	for state, want := range map[string]string{
		`"direction": "ingress"`: "group_id is missing.",
		`"group_id": "` + thisGroup + `", "direction": "ingress", "self": true`: "self is an attribute that is not known here, and its value is true.",
	} {
		_, diags := readVendorState(rawState(`{"id": "`+otherGroup+`", `+state+`}`), "security group rule", vendorRule)
		if got := fmt.Sprint(diags); !strings.Contains(got, want) {
			t.Errorf("a rule with %s: %s", state, got)
		}
	}
}

// The movers accept their own states and no others.
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

// No state causes a panic or an invalid result.
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
		for _, read := range []func(rawObject) securityGroupModel{vendorGroup, legacyGroup} {
			if group, diags := readVendorState(raw, "security group", read); !diags.HasError() {
				held(t, &securityGroup{}, group)
			} else if said := fmt.Sprint(diags); len(said) > 20000 {
				t.Errorf("%d bytes of message", len(said))
			}
		}
		if r, diags := readVendorState(raw, "security group rule", vendorRule); !diags.HasError() {
			held(t, &securityGroupRule{}, r)
		}
	})
}
