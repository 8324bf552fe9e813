package gcoretest

import (
	"strings"
	"testing"
)

// TestNeutronReadsEachFieldAlone holds what semantics beyond the recorded cases were measured for single fields.
func TestNeutronReadsEachFieldAlone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		status     int // 0: accepted
		class      string
		message    string
	}{
		{"direction in upper case", `{"direction":"INGRESS"}`, 400, "HTTPBadRequest", "Invalid input for direction. Reason: INGRESS is not in valid_values."},
		{"ethertype in lower case", `{"direction":"ingress","ethertype":"ipv6"}`, 0, "", ""},
		{"ethertype null", `{"direction":"ingress","ethertype":null}`, 400, "SecurityGroupRuleInvalidEtherType", "Security group rule for ethertype 'None' not supported. Allowed values are ['IPv4', 'IPv6']."},
		{"ethertype unknown", `{"direction":"ingress","ethertype":"IPv5"}`, 400, "SecurityGroupRuleInvalidEtherType", "Security group rule for ethertype 'IPv5' not supported. Allowed values are ['IPv4', 'IPv6']."},
		{"protocol as a number", `{"direction":"ingress","protocol":6}`, 0, "", ""},
		{"protocol too big", `{"direction":"ingress","protocol":256}`, 400, "SecurityGroupRuleInvalidProtocol", "Security group rule protocol 256 not supported."},
		{"ports as text", `{"direction":"ingress","protocol":"tcp","port_range_min":"80","port_range_max":"90"}`, 0, "", ""},
		{"port range as text", `{"direction":"ingress","protocol":"tcp","port_range_min":"80-90"}`, 400, "SecurityGroupInvalidPortValue", "Invalid value for port 80-90"},
		{"port empty", `{"direction":"ingress","protocol":"tcp","port_range_min":""}`, 400, "SecurityGroupInvalidPortValue", "Invalid value for port "},
		{"description null", `{"direction":"ingress","description":null}`, 400, "HTTPBadRequest", "Invalid input for description. Reason: 'None' is not a valid string."},
		{"255 characters of two bytes", `{"direction":"ingress","description":"` + strings.Repeat("ä", 255) + `"}`, 0, "", ""},
		{"remote group empty", `{"direction":"ingress","remote_group_id":""}`, 500, "HTTPInternalServerError", "Request Failed: internal server error"},
		{"prefix empty", `{"direction":"ingress","remote_ip_prefix":"","remote_group_id":"g"}`, 0, "", ""},
		{"direction before protocol", `{"direction":"up","protocol":"any"}`, 400, "HTTPBadRequest", "Invalid input for direction."},
		{"protocol before port", `{"direction":"ingress","protocol":"any","port_range_min":-1}`, 400, "SecurityGroupRuleInvalidProtocol", ""},
		{"port before ethertype", `{"direction":"ingress","port_range_max":65536,"ethertype":"IPv5"}`, 400, "SecurityGroupInvalidPortValue", ""},
		{"ethertype before prefix", `{"direction":"ingress","ethertype":"IPv5","remote_ip_prefix":"any"}`, 400, "SecurityGroupRuleInvalidEtherType", ""},
	}
	for _, test := range tests {
		tree, err := parseJSON([]byte(test.body))
		if err != nil {
			t.Fatal(err)
		}
		_, refused := neutronRequest(tree.(map[string]any))
		switch {
		case refused == nil && test.status == 0:
		case refused == nil || refused.status != test.status || refused.class != test.class || !strings.HasPrefix(refused.message, test.message):
			t.Errorf("%s: %+v, want %d %s %q", test.name, refused, test.status, test.class, test.message)
		}
	}
}

// TestKeysOfRules holds the pairs that were measured as one rule, and those measured as two.
func TestKeysOfRules(t *testing.T) {
	t.Parallel()
	rule := func(edit func(*Rule)) Rule {
		r := Rule{Direction: "ingress", Ethertype: new("IPv4")}
		edit(&r)
		return r
	}
	protocol := func(name string) Rule { return rule(func(r *Rule) { r.Protocol = &name }) }
	prefix := func(text string) Rule { return rule(func(r *Rule) { r.RemoteIPPrefix = &text }) }
	none := rule(func(*Rule) {})
	icmp := func(kind, code *int) Rule {
		return rule(func(r *Rule) { r.Protocol, r.PortRangeMin, r.PortRangeMax = new("icmp"), kind, code })
	}
	tests := []struct {
		name string
		a, b Rule
		same bool
	}{
		{"description", none, rule(func(r *Rule) { r.Description = new("other") }), true},
		{"0.0.0.0/0 and null", prefix("0.0.0.0/0"), none, true},
		{"::/0 and null", prefix("::/0"), none, true},
		{"tcp and 6", protocol("tcp"), protocol("6"), true},
		{"gre and 47", protocol("gre"), protocol("47"), true},
		{"ipip and 4", protocol("ipip"), protocol("4"), true},
		{"icmpv6 and 58", protocol("icmpv6"), protocol("58"), true},
		{"0 and ip", protocol("0"), protocol("ip"), true},
		{"hopopt and ip", protocol("hopopt"), protocol("ip"), false},
		{"hopopt and 0", protocol("hopopt"), protocol("0"), false},
		{"null and 0", none, protocol("0"), false},
		{"null and ip", none, protocol("ip"), false},
		{"host bits", prefix("10.0.0.0/8"), prefix("10.0.0.1/8"), false},
		{"10.0.0.1/0 and null", prefix("10.0.0.1/0"), none, false},
		{"icmp and its type 0", icmp(nil, nil), icmp(new(0), nil), false},
		{"code 0 and any code", icmp(new(8), new(0)), icmp(new(8), nil), false},
		{"ethertype", none, rule(func(r *Rule) { r.Ethertype = new("IPv6") }), false},
		{"direction", none, rule(func(r *Rule) { r.Direction = "egress" }), false},
		{"remote group and null", none, rule(func(r *Rule) { r.RemoteGroupID = new("g") }), false},
		{"remote group in upper case", rule(func(r *Rule) { r.RemoteGroupID = new("G") }), rule(func(r *Rule) { r.RemoteGroupID = new("g") }), false},
	}
	for _, test := range tests {
		if same := test.a.key() == test.b.key(); same != test.same {
			t.Errorf("%s: one key: %t, want %t", test.name, same, test.same)
		}
	}
}

func TestAppendBounded(t *testing.T) {
	t.Parallel()
	var list []int
	for i := range 10 {
		list = appendBounded(list, i, 3)
	}
	if len(list) != 3 || list[0] != 7 || list[2] != 9 {
		t.Errorf("%v, want the last three", list)
	}
}
