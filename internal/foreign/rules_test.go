package foreign

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func TestReadRules(t *testing.T) {
	t.Parallel()
	const https = `{"direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443, "remote_ip_prefix": "0.0.0.0/0"}`
	const respelled = `{"direction": "Ingress", "protocol": "6", "port_range_min": 443, "port_range_max": 443, "remote_ip_prefix": "0.0.0.0/0"}`
	web := []rule.Rule{{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443)), RemoteIPPrefix: "0.0.0.0/0"}}
	tests := map[string]struct {
		list string
		want []rule.Rule
	}{
		"one":                     {`[` + https + `]`, web},
		"none":                    {`[]`, nil},
		"one rule in two ways":    {`[` + https + `,` + respelled + `]`, web},
		"an attribute of null":    {`[{"direction": "egress", "remote_group_id": null}]`, []rule.Rule{{Direction: "egress"}}},
		"this provider's own map": {`[{"direction": "ingress", "ethertype": "IPv6", "protocol": "any", "self": true}]`, []rule.Rule{{Direction: "ingress", Ethertype: "IPv6", Protocol: "any", RemoteGroupID: rule.Self}}},
		"a record of the cloud":   {`[{"id": "x", "direction": "ingress", "protocol": null}]`, []rule.Rule{{Direction: "ingress"}}},
		"by numbers":              {`[{"direction": "ingress", "protocol": "0", "remote_ip_prefix": "::/0"}]`, []rule.Rule{{Direction: "ingress", Protocol: "0", RemoteIPPrefix: "::/0"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadRules(parsed(t, test.list))
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestReadRulesProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ list, want string }{
		"a text":           {`"rules"`, `The argument is "rules" where a list of rules is expected.`},
		"a map":            {`{"https": {"direction": "egress"}}`, "The argument is an object where a list of rules is expected."},
		"an entry":         {`[{"direction": "egress"}, "tcp"]`, `list[1] is "tcp" where an object is expected.`},
		"a null":           {`[null]`, "list[0] is null where an object is expected."},
		"no direction":     {`[{}]`, "list[0].direction is missing."},
		"half a port":      {`[{"direction": "egress", "port_range_min": 0.5}]`, "list[0].port_range_min is 0.5 where a whole number is expected."},
		"a list in it":     {`[{"direction": "egress", "protocol": []}]`, "list[0].protocol is a list where a text is expected."},
		"a misspelt name":  {`[{"direction": "egress", "remote_ip_prefixes": "10.0.0.0/8"}]`, "list[0].remote_ip_prefixes does not exist. Write remote_ip_prefix."},
		"an address group": {`[{"direction": "egress", "remote_address_group_id": "x"}]`, `list[0].remote_address_group_id is an attribute that is not known here, and its value is "x".`},
		"two descriptions": {
			`["x", {"direction": "egress", "description": "a"}, {"direction": "egress", "protocol": "any", "description": "b"}]`,
			"list[2] is the same rule as list[1], with another description. A group holds it once: remove one of the two.",
		},
		"no remote":       {`[{"direction": "ingress", "protocol": "any", "remote_ip_prefix": null}]`, `list[0]: An ingress rule must name its remote`},
		"an empty remote": {`[{"direction": "ingress", "protocol": "any", "remote_group_id": ""}]`, `For everybody write remote_ip_prefix = "0.0.0.0/0"`},
		"no protocol":     {`[{"direction": "ingress", "protocol": "", "self": true}]`, `list[0]: An ingress rule must name its protocol`},
		"no ports":        {`[{"direction": "ingress", "protocol": "6", "port_range_min": 0, "port_range_max": null, "self": true}]`, `list[0]: An ingress rule of protocol "tcp" must name its ports`},
		"no family":       {`[{"direction": "ingress", "ethertype": null, "protocol": "any", "self": true}]`, `list[0]: An ingress rule from a security group must name its IP version`},
		"an id of null":   {`[{"id": null, "direction": "ingress", "protocol": "any"}]`, `list[0]: An ingress rule must name its remote`},
		"all at once":     {`[{"direction": "up"}, {"direction": "down"}]`, "list[0].direction is \"up\" where ingress or egress is expected.\nlist[1].direction is \"down\""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := ReadRules(parsed(t, test.list)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q is not in %v", test.want, err)
			}
		})
	}
}

// A list and an upgraded state give the same keys to the same rules, whatever their order.
func TestReadRulesAgreesWithReadGroup(t *testing.T) {
	t.Parallel()
	var entries []string
	for i := range 60 {
		low, high := 1+i%7, 1+i%7+i%3
		entries = append(entries, fmt.Sprintf(`{"direction": "ingress", "protocol": "tcp", "port_range_min": %d, "port_range_max": %d, "remote_ip_prefix": "10.0.%d.0/24"}`, low, high, i%4))
	}
	group, err := ReadGroup(groupState(`, "rules": [` + strings.Join(entries, ",") + `]`))
	if err != nil {
		t.Fatal(err)
	}
	entries[0], entries[59] = entries[59], entries[0]
	rules, err := ReadRules(parsed(t, `[`+strings.Join(entries, ",")+`]`))
	if diff := cmp.Diff(named(group.Rules), named(rules)); diff != "" || err != nil || len(rules) == 0 {
		t.Errorf("%d rules, %v %s", len(rules), err, diff)
	}
}
