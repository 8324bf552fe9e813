package provider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// expandedKeys returns the keys of expand_rules' result, or nil if they are
// unknown, and the error.
func expandedKeys(t *testing.T, entries any) ([]string, string) {
	t.Helper()
	result, fault := callFunction(t, "expand_rules", hclValue(entries))
	if fault != "" || !result.IsKnown() {
		return nil, fault
	}
	var rules map[string]tftypes.Value
	if err := result.As(&rules); err != nil {
		t.Fatal(err)
	}
	return append([]string{}, sortedKeys(rules)...), ""
}

// All forms in which HCL may write the entries and their attributes.
func TestExpandRulesArgument(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	type tuple = []any
	setOfStrings := tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, "10.0.0.0/8")})
	mapOfLists := tftypes.NewValue(tftypes.Map{ElementType: tftypes.List{ElementType: tftypes.String}}, map[string]tftypes.Value{
		"protocols": stringList("tcp"), "ports": stringList("22"), "cidrs": stringList("10.0.0.0/8"),
	})
	const ssh = "ingress-ipv4-tcp-22-from-10_0_0_0-8"
	tests := map[string]struct {
		entries any
		want    []string
	}{
		"lists":                 {object{"ssh": object{"protocols": tuple{"tcp"}, "ports": tuple{22}, "cidrs": tuple{"10.0.0.0/8"}}}, []string{ssh}},
		"single values":         {object{"ssh": object{"protocols": "tcp", "ports": 22, "cidrs": "10.0.0.0/8"}}, []string{ssh}},
		"a list of entries":     {tuple{object{"protocols": "tcp", "ports": "22", "cidrs": setOfStrings}}, []string{ssh}},
		"a map of lists":        {tuple{mapOfLists}, []string{ssh}},
		"nulls are left out":    {object{"ssh": object{"protocols": "tcp", "ports": 22, "cidrs": setOfStrings, "self": nil, "description": nil, "remote_group_ids": nil, "icmp_types": nil}}, []string{ssh}},
		"a null entry":          {object{"ssh": nil, "self": object{"protocols": "any", "self": true}}, []string{"ingress-ipv4-all-from-self"}},
		"names":                 {object{"ssh": object{"protocols": "any", "cidrs": object{"office": "10.0.0.0/8"}, "remote_group_ids": object{"web": otherGroup}}}, []string{"ingress-all-from-office", "ingress-ipv4-all-from-web"}},
		"named and unknown":     {object{"ssh": object{"protocols": "any", "cidrs": object{"office": unknown{}}, "description": unknown{}}}, []string{"ingress-all-from-office"}},
		"every attribute":       {object{"all": object{"direction": tuple{"ingress", "egress"}, "protocols": "icmp", "icmp_types": tuple{8, "3/4"}, "ethertypes": "IPv4", "self": true, "description": "x"}}, []string{"egress-ipv4-icmp-type-3-code-4-to-self", "egress-ipv4-icmp-type-8-to-self", "ingress-ipv4-icmp-type-3-code-4-from-self", "ingress-ipv4-icmp-type-8-from-self"}},
		"no entries":            {object{}, []string{}},
		"no CIDR":               {object{"ssh": object{"protocols": "any", "cidrs": tuple{}}}, []string{}},
		"a number as a text":    {object{"ssh": object{"protocols": "any", "self": true, "description": 1}}, []string{"ingress-ipv4-all-from-self"}},
		"unknown":               {unknown{}, nil},
		"an unknown map":        {tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue), nil},
		"an unknown entry":      {object{"a": unknown{}, "b": object{"protocols": "any", "self": true}}, nil},
		"an unknown list":       {object{"a": object{"protocols": "any", "cidrs": unknown{}}}, nil},
		"an unknown element":    {object{"a": object{"protocols": "any", "cidrs": tuple{unknown{}}}}, nil},
		"an unknown self":       {object{"a": object{"self": unknown{}}}, nil},
		"an unknown self, more": {object{"a": object{"protocols": "any", "self": unknown{}, "cidrs": tuple{"10.0.0.0/8"}}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fault := expandedKeys(t, test.entries)
			if fault != "" {
				t.Fatal(fault)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An unknown value under a name is unknown only in its rule. The same holds for
// a description.
func TestExpandRulesUnknownLeaves(t *testing.T) {
	t.Parallel()
	result, fault := callFunction(t, "expand_rules", hclValue(map[string]any{"ssh": map[string]any{
		"protocols": "tcp", "ports": 22, "cidrs": map[string]any{"office": unknown{}}, "remote_group_ids": map[string]any{"web": unknown{}}, "description": unknown{},
	}}))
	if fault != "" {
		t.Fatal(fault)
	}
	var rules map[string]tftypes.Value
	if err := result.As(&rules); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][]string{
		"ingress-tcp-22-from-office":   {"description", "ethertype", "remote_ip_prefix"},
		"ingress-ipv4-tcp-22-from-web": {"description", "remote_group_id"},
	} {
		var leaves map[string]tftypes.Value
		if err := rules[key].As(&leaves); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(leaves, func(_ string, leaf tftypes.Value) bool { return leaf.IsKnown() })
		if diff := cmp.Diff(want, sortedKeys(leaves)); diff != "" {
			t.Errorf("%s: other leaves are unknown: %s", key, diff)
		}
	}
}

func TestExpandRulesArgumentFaults(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	type tuple = []any
	almost443, _, err := big.ParseFloat("443.00000000001", 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	entry := func(name string, value any) any {
		return object{"ssh": object{"protocols": "tcp", "ports": 22, "self": true, name: value}}
	}
	tests := map[string]struct {
		entries any
		want    string
	}{
		"a text":                    {"tcp/443", `entries is the text "tcp/443". Write a map of objects`},
		"null":                      {nil, `entries is null. Write a map of objects`},
		"a null map":                {tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, nil), `entries is null. Write a map of objects`},
		"an entry by itself":        {object{"protocols": tuple{"tcp"}, "self": true}, "- entries[\"protocols\"] is a list. Write an object"},
		"a list as an entry":        {object{"ssh": tuple{"tcp"}}, `entries["ssh"] is a list. Write an object`},
		"an attribute that is none": {entry("nonsense", 1), `entries["ssh"].nonsense does not exist. An entry takes direction, protocols, ports, icmp_types, cidrs, remote_group_ids, self, ethertypes and description`},
		"a rule's attribute":        {entry("remote_ip_prefix", "::/0"), `entries["ssh"].remote_ip_prefix does not exist. Write cidrs`},
		"a list's singular":         {entry("port", 443), `entries["ssh"].port does not exist. Write ports`},
		"an unknown one by a fault": {tuple{object{"prtocol": unknown{}, "cidrs": unknown{}}}, `entries[0].prtocol does not exist. Write protocols`},
		"a slip of the pen":         {entry("remote_group_isd", nil), `entries["ssh"].remote_group_isd does not exist. Write remote_group_ids`},
		"a bool for a list":         {entry("ports", true), `entries["ssh"].ports is true. Write a list`},
		"names for ports":           {entry("ports", object{"https": 443}), `entries["ssh"].ports is an object or a map. Write a list`},
		"a bool for CIDRs":          {entry("cidrs", false), `entries["ssh"].cidrs is false. Write a list, or a map with a name for each value`},
		"null in a list":            {entry("cidrs", tuple{"10.0.0.0/8", nil}), `entries["ssh"].cidrs[1] is null. Write a text or a number, or leave it out`},
		"null in a map":             {entry("cidrs", object{"office": nil}), `entries["ssh"].cidrs["office"] is null`},
		"a list in a list":          {entry("cidrs", tuple{tuple{"10.0.0.0/8"}}), `entries["ssh"].cidrs[0] is a list`},
		"a text for self":           {entry("self", "yes"), `entries["ssh"].self is the text "yes". Write true or false`},
		"a list as a description":   {entry("description", tuple{"a"}), `entries["ssh"].description is a list. Write a text`},
		"half a port":               {entry("ports", 1.5), `entries["ssh"].ports is "1.5". Write a port`},
		"almost a port":             {entry("ports", almost443), `entries["ssh"].ports is "443.00000000001". Write a port`},
		"a giant for self":          {entry("self", new(big.Float).SetMantExp(big.NewFloat(1), 2000)), `entries["ssh"].self is the number 1.148130695e+602. Write true or false`},
		"a giant port":              {entry("ports", new(big.Float).SetMantExp(big.NewFloat(1), 900_000)), `. Write a port`},
		"two faults": {
			object{"a": object{"self": 1}, "b": object{"x": 1}}, "there are 2 mistakes:\n- entries[\"a\"].self is the number 1. Write true or false.\n- entries[\"b\"].x does not exist",
		},
		"null that would be all":   {entry("ports", nil), `entries["ssh"] does not name its ports, which ingress by "tcp" must. For all ports write ports = ["1-65535"]`},
		"null protocols":           {object{"ssh": object{"protocols": nil, "self": true}}, `entries["ssh"] does not name its protocols, which ingress must. For all protocols write protocols = ["any"]`},
		"a null direction":         {entry("direction", nil), `entries["ssh"].direction is null. Write "ingress", "egress" or a list of both, or leave direction out`},
		"null ethertypes":          {entry("ethertypes", nil), `entries["ssh"].ethertypes is null. Write "IPv4", "IPv6" or a list of both, or leave ethertypes out`},
		"what only the rules tell": {entry("ports", tuple{"443", "90-80"}), `entries["ssh"].ports[1]: port_range_min is 90 and port_range_max is 80`},
		"more than a group takes":  {entry("ports", manyPorts(251)), `The entries stand for 251 rules: 251 from entries["ssh"]. A security group takes 250 at most. provider::gcore::merge_cidrs`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fault := expandedKeys(t, test.entries)
			if !strings.Contains(fault, test.want) || len(fault) > 2000 || strings.HasSuffix(fault, ".") {
				t.Errorf("got  %s %v\nwant %s", fault, got, test.want)
			}
		})
	}
}

func manyPorts(n int) []any {
	var ports []any
	for i := range n {
		ports = append(ports, 1000+i)
	}
	return ports
}

// expand_rules uses the same keys as an import: rules imported under readable
// names can be rewritten in short form without a change.
func TestExpandRulesOfAnImport(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(portalGroup())
	c.run(t, planned(c.apply(importing(webGroup, "1/76/"+id)+web(`
	description = "by hand"
	tags        = { team = "net" }
	rules = provider::gcore::expand_rules({
		out   = { direction = "egress", cidrs = ["0.0.0.0/0", "::/0"] }
		https = { protocols = ["tcp"], ports = [443], cidrs = ["0.0.0.0/0"], description = "web" }
	})`), adoptedGroup), action(webGroup, plancheck.ResourceActionNoop)))
}

// An unknown value affects only what depends on it: under a name the value, in
// a list the keys. Another CIDR adds one rule.
func TestExpandRulesInAGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := func(sshCIDRs string) string {
		return `
resource "gcore_cloud_security_group" "peer" {
	name = "peer"
}
resource "terraform_data" "office" {
	input = "2001:db8::/32"
}
` + web(`rules = merge({ among = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true } }, provider::gcore::expand_rules({
	database = {
		protocols        = ["tcp"]
		ports            = [5432]
		cidrs            = { office = terraform_data.office.output, lan = "10.0.0.0/8" }
		remote_group_ids = { peer = gcore_cloud_security_group.peer.id }
	}
	ssh = { protocols = ["tcp"], ports = [22, "2200-2201"], cidrs = `+sshCIDRs+`, description = "admins" }
}))`)
	}
	peer := group{name: "peer"}
	rules := []string{
		"ingress IPv4 from group self", "ingress IPv4 tcp 5432-5432 from 10.0.0.0/8", "ingress IPv4 tcp 5432-5432 from group peer",
		"ingress IPv6 tcp 5432-5432 from 2001:db8::/32", `ingress IPv4 tcp 22-22 from 192.0.2.7/32 "admins"`, `ingress IPv4 tcp 2200-2201 from 192.0.2.7/32 "admins"`,
	}
	more := append(slices.Clone(rules), `ingress IPv6 tcp 22-22 from 2001:db8:1::/48 "admins"`, `ingress IPv6 tcp 2200-2201 from 2001:db8:1::/48 "admins"`)
	later := append(slices.Clone(rules), `ingress IPv4 tcp 22-22 from 198.51.100.0/24 "admins"`, `ingress IPv4 tcp 2200-2201 from 198.51.100.0/24 "admins"`)
	leaf := func(key, name string) tfjsonpath.Path {
		return tfjsonpath.New("rules").AtMapKey(key).AtMapKey(name)
	}
	known := func(key, name string, value any) plancheck.PlanCheck {
		return plancheck.ExpectKnownValue(webGroup, leaf(key, name), knownvalue.StringExact(fmt.Sprint(value)))
	}
	var ids map[string]string
	c.run(t,
		resource.TestStep{
			Config:      c.block(place1) + config(`["192.0.2.7/24"]`),
			ExpectError: regexp.MustCompile(`(?s)Invalid function argument.*entries\["ssh"\]\.cidrs\[0\].*Write\s+"192\.0\.2\.0/24".*[^.]\.\s`),
		},
		planned(c.apply(config(`["192.0.2.7"]`), peer, group{name: "web", rules: rules}),
			plancheck.ExpectUnknownValue(webGroup, leaf("ingress-tcp-5432-from-office", "remote_ip_prefix")),
			plancheck.ExpectUnknownValue(webGroup, leaf("ingress-tcp-5432-from-office", "ethertype")),
			plancheck.ExpectUnknownValue(webGroup, leaf("ingress-ipv4-tcp-5432-from-peer", "remote_group_id")),
			known("ingress-tcp-5432-from-lan", "remote_ip_prefix", "10.0.0.0/8"),
			known("ingress-ipv4-tcp-22-from-192_0_2_7-32", "remote_ip_prefix", "192.0.2.7"),
			known("among", "direction", "ingress"),
		),
		after(func() { ids = c.idsOf("web") },
			planned(c.apply(config(`["2001:db8:1::/48", "192.0.2.7/32"]`), peer, group{name: "web", rules: more}),
				onlyAdds{"ingress-ipv6-tcp-22-from-2001_db8_1__-48", "ingress-ipv6-tcp-2200-2201-from-2001_db8_1__-48"})),
		after(func() {
			now := c.idsOf("web")
			for line, id := range ids {
				if now[line] != id {
					t.Errorf("%s is another rule than before", line)
				}
			}
		}, planned(c.apply(config(`["192.0.2.7", terraform_data.road.output]`)+"resource \"terraform_data\" \"road\" {\n input = \"198.51.100.0/24\"\n}\n",
			peer, group{name: "web", rules: later}), plancheck.ExpectUnknownValue(webGroup, tfjsonpath.New("rules")))),
	)
}

// onlyAdds expects a plan that adds rules under these keys and leaves the
// others unchanged.
type onlyAdds []string

func (keys onlyAdds) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != webGroup {
			continue
		}
		before := change.Change.Before.(map[string]any)["rules"].(map[string]any)
		after := maps.Clone(change.Change.After.(map[string]any)["rules"].(map[string]any))
		for _, key := range keys {
			if after[key] == nil {
				resp.Error = fmt.Errorf("the plan does not add %s", key)
			}
			delete(after, key)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			resp.Error = fmt.Errorf("the plan changes other rules: %s", diff)
		}
	}
}
