package provider

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// hclRule is a rule as HCL writes it, with more attributes by name and value.
func hclRule(attributes ...any) map[string]any {
	rule := map[string]any{"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
	for pair := range slices.Chunk(attributes, 2) {
		rule[fmt.Sprint(pair[0])] = pair[1]
	}
	return rule
}

// service is the second argument.
func service(protocol, port any) tftypes.Value {
	return hclValue(map[string]any{"protocol": protocol, "port": port})
}

// reached writes an answer in a line: "cidrs [...] groups [...] self ... by [...]", with a question mark for what is unknown.
func reached(t *testing.T, rules any, of tftypes.Value) (line, fault string) {
	t.Helper()
	result, fault := callFunction(t, "who_can_reach", hclValue(rules), of)
	switch {
	case fault != "":
		return "", fault
	case !result.IsKnown():
		return "?", ""
	case result.IsNull():
		return "null", ""
	}
	var parts map[string]tftypes.Value
	if err := result.As(&parts); err != nil {
		t.Fatal(err)
	}
	list := func(name string) string {
		var elements []tftypes.Value
		if !parts[name].IsKnown() {
			return "?"
		}
		if err := parts[name].As(&elements); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(elements))
		for i, element := range elements {
			if err := element.As(&texts[i]); err != nil {
				t.Fatal(err)
			}
		}
		return "[" + strings.Join(texts, " ") + "]"
	}
	self := "?"
	if parts["self"].IsKnown() {
		self = map[bool]string{true: "yes", false: "no"}[parts["self"].Equal(tftypes.NewValue(tftypes.Bool, true))]
	}
	return "cidrs " + list("cidrs") + " groups " + list("remote_group_ids") + " self " + self + " by " + list("keys"), ""
}

// What the answer is for known and unknown rules is tested in package rule.
func TestWhoCanReach(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	ssh, nobody := service("tcp", 22), "cidrs [] groups [] self no by []"
	office := hclRule("remote_ip_prefix", "203.0.113.0/24")
	const fromOffice = "cidrs [203.0.113.0/24] groups [] self no by [ssh]"
	tests := map[string]struct {
		rules any
		of    tftypes.Value
		want  string
	}{
		"a rule":                   {object{"ssh": office}, ssh, fromOffice},
		"another port":             {object{"ssh": office}, service("tcp", 23), nobody},
		"another protocol":         {object{"ssh": office}, service("udp", 22), nobody},
		"all that there is":        {object{"a": office, "b": hclRule("remote_group_id", otherGroup, "ethertype", "IPv4"), "c": hclRule("self", true, "ethertype", "IPv6")}, ssh, "cidrs [203.0.113.0/24] groups [" + otherGroup + "] self yes by [a b c]"},
		"a map of texts":           {object{"ssh": object{"direction": "ingress", "protocol": "tcp", "port_range_min": "22", "port_range_max": "22", "remote_ip_prefix": "203.0.113.0/24", "self": "false"}}, ssh, fromOffice},
		"every attribute, as null": {object{"ssh": object{"direction": "egress", "ethertype": nil, "protocol": nil, "port_range_min": nil, "port_range_max": nil, "remote_ip_prefix": nil, "remote_group_id": nil, "self": nil, "description": nil}}, ssh, nobody},
		"as state holds it":        {object{"ssh": object{"direction": "ingress", "ethertype": "IPv6", "protocol": "tcp", "port_range_min": 1, "port_range_max": 65535, "remote_ip_prefix": "::/0", "remote_group_id": nil, "self": false, "description": ""}}, ssh, "cidrs [::/0] groups [] self no by [ssh]"},
		"host bits":                {object{"ssh": hclRule("remote_ip_prefix", "203.0.113.9/24")}, ssh, fromOffice},
		"a number as description":  {object{"ssh": hclRule("remote_ip_prefix", "203.0.113.0/24", "description", 1)}, ssh, fromOffice},
		"no rules":                 {object{}, ssh, nobody},
		"a null rule":              {object{"ssh": office, "other": nil}, ssh, fromOffice},
		"null":                     {nil, ssh, "null"},
		"an unknown map":           {unknown{}, ssh, "?"},
		"an unknown protocol":      {object{"ssh": office}, service(unknown{}, 22), "?"},
		"an unknown port":          {object{"ssh": office}, service("tcp", unknown{}), "?"},
		"an unknown service":       {object{"ssh": office}, hclValue(unknown{}), "?"},
		"an unknown rule":          {object{"ssh": office, "other": unknown{}}, ssh, "cidrs ? groups ? self ? by ?"},
		"an unknown CIDR":          {object{"ssh": hclRule("remote_ip_prefix", unknown{})}, ssh, "cidrs ? groups [] self no by [ssh]"},
		"unknown, of another port": {object{"ssh": office, "other": hclRule("remote_ip_prefix", unknown{}, "port_range_max", 22, "protocol", "udp")}, ssh, fromOffice},
		"an unknown group":         {object{"ssh": office, "b": hclRule("remote_group_id", unknown{}, "ethertype", "IPv4", "remote_ip_prefix", nil, "self", nil)}, ssh, "cidrs [203.0.113.0/24] groups ? self no by [b ssh]"},
		"an unknown description":   {object{"ssh": hclRule("remote_ip_prefix", "203.0.113.0/24", "description", unknown{}, "ethertype", unknown{}, "self", unknown{})}, ssh, fromOffice},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fault := reached(t, test.rules, test.of)
			if diff := cmp.Diff(test.want, got); diff != "" || fault != "" {
				t.Errorf("%s %s", fault, diff)
			}
		})
	}
}

func TestWhoCanReachFaults(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	ssh := service("tcp", 22)
	tests := map[string]struct {
		rules any
		of    tftypes.Value
		want  string
	}{
		"a list":                  {[]any{hclRule("self", true)}, ssh, `rules is a list. Write a map of rules as a security group takes it`},
		"a text":                  {"tcp/22", ssh, `rules is the text "tcp/22". Write a map`},
		"a rule by itself":        {hclRule("self", true), ssh, `rules["direction"] is the text "ingress". Write an object`},
		"a list as a rule":        {object{"ssh": []any{}}, ssh, `rules["ssh"] is a list. Write an object`},
		"half a port":             {object{"ssh": hclRule("port_range_min", 22.5)}, ssh, `rules["ssh"].port_range_min is the number 22.5. Write a whole number`},
		"a giant port":            {object{"ssh": hclRule("port_range_min", new(big.Float).SetMantExp(big.NewFloat(1), 900_000))}, ssh, `. Write a whole number`},
		"a list for a text":       {object{"ssh": hclRule("remote_ip_prefix", []any{"10.0.0.0/8"})}, ssh, `rules["ssh"].remote_ip_prefix is a list. Write a text`},
		"a text for self":         {object{"ssh": hclRule("self", "yes")}, ssh, `rules["ssh"].self is the text "yes". Write true or false`},
		"what no group takes":     {object{"ssh": hclRule("remote_ip_prefix", "any")}, ssh, `rules["ssh"]: remote_ip_prefix is "any". For all addresses write "0.0.0.0/0"`},
		"no remote":               {object{"ssh": hclRule("self", false)}, ssh, `rules["ssh"]: An ingress rule must name its remote`},
		"no protocol of a rule":   {object{"ssh": object{"direction": "ingress", "protocol": nil, "self": true}}, ssh, `rules["ssh"]: An ingress rule must name its protocol`},
		"no family":               {object{"ssh": hclRule("self", true)}, ssh, `rules["ssh"]: An ingress rule from a security group must name its IP version`},
		"no ports":                {object{"ssh": hclRule("self", true, "port_range_min", nil, "port_range_max", nil)}, ssh, `rules["ssh"]: An ingress rule of protocol "tcp" must name its ports`},
		"no direction":            {object{"ssh": object{"protocol": "tcp"}}, ssh, `rules["ssh"]: direction is left out, null or misspelt.`},
		"two faults":              {object{"a": hclRule("self", 1.5), "b": hclRule("x", nil)}, ssh, "there are 2 mistakes:\n- rules[\"a\"].self is the number 1.5. Write true or false.\n- rules[\"b\"].x does not exist. A rule takes direction, ethertype, protocol, port_range_min, port_range_max, remote_ip_prefix, remote_group_id, self and description"},
		"beside an unknown rule":  {object{"a": unknown{}, "b": hclRule("x", unknown{})}, ssh, `rules["b"].x does not exist`},
		"a protocol without port": {object{}, service("icmp", 8), `service.protocol is the text "icmp". Write tcp, udp, udplite, sctp or dccp: no other protocol has ports`},
		"a number of a protocol":  {object{}, service("6", 22), `service.protocol is the text "6"`},
		"no protocol":             {object{}, service(nil, 22), `service.protocol is null. Write tcp`},
		"a port that is none":     {object{}, service("tcp", 65536), `service.port is the number 65536. Write a port, 1 to 65535`},
		"half a service port":     {object{}, service("tcp", 22.5), `service.port is the number 22.5. Write a port`},
		"no port":                 {nil, service("tcp", nil), `service.port is null. Write a port, 1 to 65535`},
		"an unknown one by it":    {nil, service(unknown{}, 0), `service.port is the number 0. Write a port, 1 to 65535`},
		"a service left out":      {nil, hclValue(object{"protocol": "tcp"}), `service.port is null`},
		"a service as a text":     {nil, hclValue("tcp/22"), `service is the text "tcp/22". Write an object, such as { protocol = "tcp", port = 22 }`},
		"a misspelt one, unknown": {nil, hclValue(object{"protocol": "tcp", "prot": unknown{}, "port": 22}), `service.prot does not exist. Write port`},
		"one that is not there":   {nil, hclValue(object{"protocol": "tcp", "port": 22, "ethertype": nil}), `service.ethertype does not exist. A service takes protocol and port`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fault := reached(t, test.rules, test.of)
			if !strings.Contains(fault, test.want) || len(fault) > 2000 || strings.HasSuffix(fault, ".") {
				t.Errorf("got  %s %v\nwant %s", fault, got, test.want)
			}
		})
	}
}

// A name that a rule does not have is an error, null, known or not: with the name to write, if it can be guessed.
func TestRulesArgumentNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"remote_ip_prefx": "Write remote_ip_prefix", "remote_ip_prefixes": "Write remote_ip_prefix", "cidrs": "Write remote_ip_prefix",
		"port": "Write port_range_min and port_range_max", "ports": "Write port_range_min and port_range_max", "from_port": "Write port_range_min",
		"protcol": "Write protocol", "protocols": "Write protocol", "source_group_id": "Write remote_group_id", "Direction": "Write direction",
		"selfs": "Write self", "desc": "Write description", "ethertypes": "Write ethertype", "source": "Write remote_ip_prefix", "id": "A rule takes direction,",
	} {
		for _, value := range []any{nil, "10.0.0.0/8", unknown{}} {
			_, fault := reached(t, map[string]any{"ssh": hclRule(name, value)}, service("tcp", 22))
			if !strings.HasPrefix(fault, `rules["ssh"].`+name+" does not exist. "+want) {
				t.Errorf("%s = %v: %s", name, value, fault)
			}
		}
	}
}
