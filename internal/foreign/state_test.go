package foreign

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

const (
	thisGroup  = "00000000-0000-4000-8000-000000000001"
	otherGroup = "00000000-0000-4000-8000-000000000002"
)

func groupState(attributes string) []byte {
	return []byte(`{"id": "` + thisGroup + `", "name": "web"` + attributes + `}`)
}

// parsed parses a list as ReadRules expects it.
func parsed(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// named returns rules by their names, in the form in which the provider stores them.
func named(rules []rule.Rule) map[string]rule.Rule {
	result := rule.Named(rules)
	for name, r := range result {
		result[name] = r.WrittenOut()
	}
	return result
}

// Entries of each provider's list of rules.
func TestListedRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		json         string
		vendor       rule.Rule  // as Gcore's 2.x and the function read it
		legacyDiffer *rule.Rule // as Gcore's 0.x reads it, if that differs
	}{
		"only a direction":    {json: `{"direction": "ingress"}`, vendor: rule.Rule{Direction: "ingress"}},
		"case of the enums":   {json: `{"direction": "Egress", "ethertype": "ipv6", "protocol": "TCP"}`, vendor: rule.Rule{Direction: "egress", Ethertype: "IPv6", Protocol: "tcp"}},
		"nulls":               {json: `{"direction": "ingress", "ethertype": null, "protocol": null, "port_range_min": null, "port_range_max": null, "remote_ip_prefix": null, "remote_group_id": null, "description": null}`, vendor: rule.Rule{Direction: "ingress"}},
		"zeros of the SDKv2":  {json: `{"direction": "ingress", "ethertype": "", "protocol": "", "port_range_min": 0, "port_range_max": 0, "remote_ip_prefix": "", "remote_group_id": "", "description": ""}`, vendor: rule.Rule{Direction: "ingress"}},
		"tcp without ports":   {json: `{"direction": "ingress", "protocol": "tcp", "port_range_min": 0, "port_range_max": 0}`, vendor: rule.Rule{Direction: "ingress", Protocol: "tcp"}},
		"ports":               {json: `{"direction": "ingress", "protocol": "udp", "port_range_min": 5, "port_range_max": 9}`, vendor: rule.Rule{Direction: "ingress", Protocol: "udp", PortRangeMin: new(int64(5)), PortRangeMax: new(int64(9))}},
		"ports as texts":      {json: `{"direction": "ingress", "protocol": "udp", "port_range_min": "5", "port_range_max": "9"}`, vendor: rule.Rule{Direction: "ingress", Protocol: "udp", PortRangeMin: new(int64(5)), PortRangeMax: new(int64(9))}},
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
			json: `{"direction": "ingress", "protocol": "icmp", "port_range_min": 0, "port_range_max": 0}`, vendor: rule.Rule{Direction: "ingress", Protocol: "icmp", PortRangeMin: new(int64(0)), PortRangeMax: new(int64(0))},
			legacyDiffer: &rule.Rule{Direction: "ingress", Protocol: "icmp"},
		},
		"ICMP type 8, code 0": {
			json: `{"direction": "ingress", "protocol": "ICMP", "port_range_min": 8, "port_range_max": 0}`, vendor: rule.Rule{Direction: "ingress", Protocol: "icmp", PortRangeMin: new(int64(8)), PortRangeMax: new(int64(0))},
			legacyDiffer: &rule.Rule{Direction: "ingress", Protocol: "icmp", PortRangeMin: new(int64(8))},
		},
		"ports from 0": {
			json: `{"direction": "ingress", "protocol": "tcp", "port_range_min": 0, "port_range_max": 80}`, vendor: rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(0)), PortRangeMax: new(int64(80))},
			legacyDiffer: &rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMax: new(int64(80))},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			legacy := test.vendor
			if test.legacyDiffer != nil {
				legacy = *test.legacyDiffer
			}
			state := func(attribute string) []byte { return groupState(`, "` + attribute + `": [` + test.json + `]`) }
			check := func(of string, want rule.Rule, got []rule.Rule, err error) {
				t.Helper()
				if diff := cmp.Diff(map[string]rule.Rule{want.Name(): want.WrittenOut()}, named(got)); diff != "" || err != nil {
					t.Errorf("%s: %v %s", of, err, diff)
				}
			}
			group, err := ReadGroup(state("rules"))
			check("2.x", test.vendor, group.Rules, err)
			group, err = ReadLegacyGroup(state("security_group_rules"))
			check("0.x", legacy, group.Rules, err)
			record := strings.Replace(test.json, "{", `{"id": "x", `, 1)
			rules, err := ReadRules(parsed(t, "["+record+"]"))
			check("the function", test.vendor, rules, err)
		})
	}
}

// The states of groups in the forms that the releases wrote.
func TestGroups(t *testing.T) {
	t.Parallel()
	plain := Group{ID: thisGroup, Name: "web", Rules: []rule.Rule{}, Tags: map[string]string{}}
	with := func(change func(*Group)) Group {
		group := plain
		change(&group)
		return group
	}
	placed := func(g *Group) {
		g.ProjectID, g.RegionID = new(int64(1)), new(int64(76))
		g.Description, g.CreatedAt = "front", "2026-01-02T03:04:05Z"
		g.Tags = map[string]string{"a": "1"}
	}
	const alpha10 = `, "project_id": 1, "region_id": 76, "region": "Luxembourg-2", "description": "front", "created_at": "2026-01-02T03:04:05Z",
		"updated_at": "2026-01-02T03:04:05Z", "revision_number": 4, "tags": {"a": "1"}, "tags_v2": [{"key": "a", "value": "1", "read_only": false}]`
	// What the code after alpha 15 writes: no tags_v2 and no tasks. Its data source has tags as a list.
	const next = `, "project_id": 1, "region_id": 76, "region": "Luxembourg-2", "description": "front", "created_at": "2026-01-02T03:04:05Z",
		"updated_at": "2026-01-02T03:04:05Z", "revision_number": 4, "security_group_rules": [{"id": "x", "direction": "egress"}], "tags": `
	const legacy = `, "project_id": 1, "region_id": 76, "project_name": null, "region_name": "Luxembourg-2", "description": "front",
		"metadata_map": {"a": "1"}, "metadata_read_only": [{"key": "a", "value": "1", "read_only": false}], "last_updated": "Monday, 02-Jan-06 15:04:05 MST"`
	tests := map[string]struct {
		read  func([]byte) (Group, error)
		state []byte
		want  Group
	}{
		"2.x, nothing but its name":       {ReadGroup, groupState(""), plain},
		"2.x, alpha 10":                   {ReadGroup, groupState(alpha10), with(placed)},
		"2.x, alpha 11, rules not given":  {ReadGroup, groupState(alpha10 + `, "rules": null, "tasks": null, "security_group_rules": []`), with(placed)},
		"2.x, a mirror is no declaration": {ReadGroup, groupState(alpha10 + `, "rules": null, "tasks": ["t"], "security_group_rules": [{"direction": "egress", "odd": 1}]`), with(placed)},
		"2.x, no rules":                   {ReadGroup, groupState(alpha10 + `, "rules": []`), with(func(g *Group) { placed(g); g.RulesManaged = true })},
		"2.x, places by default":          {ReadGroup, groupState(`, "project_id": null, "region_id": null`), plain},
		"2.x, empty tags":                 {ReadGroup, groupState(`, "tags": {}`), plain},
		"2.x, without tags_v2":            {ReadGroup, groupState(next + `{"a": "1"}, "rules": null`), with(placed)},
		"2.x, tags as a list": {
			ReadGroup, groupState(next + `[{"key": "cost", "value": "x", "read_only": true}, {"key": "a", "value": "1", "read_only": false}], "rules": []`),
			with(func(g *Group) { placed(g); g.RulesManaged = true }),
		},
		"2.x, no tags, as a list":       {ReadGroup, groupState(`, "tags": []`), plain},
		"2.x, a date in words":          {ReadGroup, groupState(`, "created_at": "soon"`), with(func(g *Group) { g.CreatedAt = "soon" })},
		"0.x, nothing but its name":     {ReadLegacyGroup, groupState(""), plain},
		"0.x, zeros":                    {ReadLegacyGroup, groupState(`, "project_id": 0, "region_id": 0, "metadata_map": null`), plain},
		"0.x, without rules":            {ReadLegacyGroup, groupState(legacy), with(func(g *Group) { placed(g); g.CreatedAt = "" })},
		"0.x, a tag of null is no tag":  {ReadLegacyGroup, groupState(`, "metadata_map": {"a": null}`), plain},
		"0.x, places written as a text": {ReadLegacyGroup, groupState(`, "project_id": "1", "region_id": "76"`), with(func(g *Group) { g.ProjectID, g.RegionID = new(int64(1)), new(int64(76)) })},
		"a new attribute that is empty": {ReadGroup, groupState(`, "stateful": false, "shared": null, "members": [], "more": {}, "note": "", "count": 0`), plain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.read(test.state)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestStandaloneRules(t *testing.T) {
	t.Parallel()
	const base = `"id": "` + otherGroup + `", "group_id": "` + thisGroup + `"`
	tests := map[string]struct {
		state string
		place *int64
		want  rule.Rule
	}{
		"alpha 10": {`{` + base + `, "direction": "ingress", "description": null, "ethertype": null}`, nil, rule.Rule{Direction: "ingress"}},
		"alpha 11": {
			`{` + base + `, "project_id": 1, "region_id": 1, "direction": "INGRESS", "protocol": "TCP", "port_range_min": 22, "port_range_max": 22,
				"remote_ip_prefix": "2001:DB8::/32", "remote_group_id": null, "description": "ssh", "ethertype": "IPv6", "tasks": ["t"]}`,
			new(int64(1)),
			rule.Rule{Direction: "ingress", Ethertype: "IPv6", Protocol: "tcp", PortRangeMin: new(int64(22)), PortRangeMax: new(int64(22)), RemoteIPPrefix: "2001:db8::/32", Description: "ssh"},
		},
		"the id of its group is not self": {`{` + base + `, "direction": "ingress", "remote_group_id": "` + thisGroup + `"}`, nil, rule.Rule{Direction: "ingress", RemoteGroupID: thisGroup}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadRule([]byte(test.state))
			got.Rule = got.WrittenOut()
			want := Rule{ID: otherGroup, GroupID: thisGroup, ProjectID: test.place, RegionID: test.place, Rule: test.want.WrittenOut()}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

// Everything that is not understood is an error that names it.
func TestUnforeseenStates(t *testing.T) {
	t.Parallel()
	state := func(attributes string) string { return string(groupState(attributes)) }
	in := func(entry string) string { return state(`, "rules": [{"direction": "ingress"}, ` + entry + `]`) }
	tests := map[string]struct {
		state string
		want  string
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
		"a project's name":        {state(`, "project_id": "prod"`), `project_id is "prod" where a whole number is expected.`},
		"a negative region":       {state(`, "region_id": -1`), "region_id is -1 where a positive number is expected."},
		"a project out of reach":  {state(`, "project_id": 1e400`), "project_id is 1e400 where a whole number is expected."},
		"tags as a list of texts": {state(`, "tags": ["a"]`), `tags[0] is "a" where an object is expected.`},
		"a tag without a key":     {state(`, "tags": [{"value": "1"}]`), "tags[0].key is missing."},
		"a tag without a value":   {state(`, "tags": [{"key": "a"}]`), "tags[0].value is missing."},
		"a tag with more":         {state(`, "tags": [{"key": "a", "value": "1", "scope": "x"}]`), `tags[0].scope is an attribute that is not known here, and its value is "x".`},
		"a tag twice":             {state(`, "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]`), "tags[1] has the key of another tag."},
		"a tag that is a number":  {state(`, "tags": {"a": 1}`), "tags.a is 1 where a text is expected."},
		"a new attribute":         {state(`, "stateful": true`), "stateful is an attribute that is not known here, and its value is true."},
		"rules as a text":         {state(`, "rules": "none"`), `rules is "none" where a list is expected.`},
		"rules as a map":          {state(`, "rules": {"a": {}}`), "rules is an object where a list is expected."},
		"rules without end":       {state(`, "rules": [` + strings.Repeat(`{"direction": "ingress"},`, 1000) + `{"direction": "ingress"}]`), "rules has 1001 entries, and 1000 at most are read."},
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
		"a very long text":        {state(`, "tags": "` + strings.Repeat("x", 500) + `"`), `tags is "` + strings.Repeat("x", 80) + `..." where a map is expected.`},
		"an odd name":             {state(`, "a\nb` + strings.Repeat("c", 500) + `": 1`), `["a\nb` + strings.Repeat("c", 77) + `..."] is an attribute that is not known here`},
		"more than can be listed": {state(`, "rules": [` + strings.Repeat(`{},`, 29) + `{}]`), "And 20 more."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadGroup([]byte(test.state))
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); !strings.Contains(got, test.want) || len(got) > 2700 {
				t.Errorf("%d bytes, and %q is not in\n%s", len(got), test.want, got)
			}
		})
	}
	if _, err := ReadGroup(nil); err == nil {
		t.Error("no state at all is no error")
	}
	for state, want := range map[string]string{
		`"direction": "ingress"`: "group_id is missing.",
		`"group_id": "` + thisGroup + `", "direction": "ingress", "self": true`: "self is an attribute that is not known here, and its value is true.",
	} {
		if _, err := ReadRule([]byte(`{"id": "` + otherGroup + `", ` + state + `}`)); err == nil || err.Error() != want {
			t.Errorf("a rule with %s: %v", state, err)
		}
	}
}

// No state makes the package panic, and no error fills pages.
func FuzzStates(f *testing.F) {
	for _, state := range []string{
		string(groupState(`, "rules": [{"direction": "ingress", "protocol": "tcp", "port_range_min": 0}], "tags": {"a": "1"}`)),
		string(groupState(`, "security_group_rules": [{"direction": "egress", "protocol": "58"}], "metadata_map": {"a": null}`)),
		`{"id": "` + otherGroup + `", "group_id": "` + thisGroup + `", "direction": "ingress", "port_range_min": 1e9}`,
		`{"id": "` + thisGroup + `", "name": "web", "rules": [[[]], {"direction": "\u0000"}, {"": {"": ""}}], "tags": {"": "\ud800"}}`, "", "null", "[", "{}{}",
	} {
		f.Add([]byte(state))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		_, err := ReadGroup(state)
		_, legacyErr := ReadLegacyGroup(state)
		_, ruleErr := ReadRule(state)
		for _, err := range []error{err, legacyErr, ruleErr} {
			if err != nil && len(err.Error()) > 20000 {
				t.Errorf("%d bytes of message", len(err.Error()))
			}
		}
	})
}
