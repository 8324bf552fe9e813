package secgroup

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func tcp(port int64, description string) rule.Rule {
	return rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: &port, PortRangeMax: &port, Description: description}
}

// apiRule is a rule as the API returns it, created at the given second.
func apiRule(id string, second int, change func(*client.SecurityGroupRule)) client.SecurityGroupRule {
	r := client.SecurityGroupRule{
		ID: id, Direction: "ingress", Ethertype: new("IPv4"), Description: new(""),
		CreatedAt: client.Time{Time: time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC)},
	}
	change(&r)
	return r
}

func port(n int64) func(*client.SecurityGroupRule) {
	return func(r *client.SecurityGroupRule) {
		r.Protocol, r.PortRangeMin, r.PortRangeMax = new("tcp"), &n, &n
	}
}

func TestCreateRequest(t *testing.T) {
	t.Parallel()
	many := make([]rule.Rule, 249)
	for i := range many {
		many[i] = tcp(int64(i+1), "")
	}
	https := client.RuleRequest{Direction: "ingress", Ethertype: "IPv4", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443))}
	tests := map[string]struct {
		spec GroupSpec
		want client.CreateSecurityGroupRequest
	}{
		"no rules: none, rather than the API's default ones": {
			GroupSpec{Name: "web"},
			client.CreateSecurityGroupRequest{Name: "web", Rules: &[]client.RuleRequest{}},
		},
		"default rules kept": {
			GroupSpec{Name: "web", KeepDefaultRules: true},
			client.CreateSecurityGroupRequest{Name: "web"},
		},
		"rules, tags, description": {
			GroupSpec{Name: "web", Description: "d", Rules: []rule.Rule{tcp(443, "")}, Tags: map[string]string{"a": "1"}},
			client.CreateSecurityGroupRequest{Name: "web", Description: "d", Rules: &[]client.RuleRequest{https}, Tags: map[string]string{"a": "1"}},
		},
		"a rule that names its own group waits": {
			GroupSpec{Name: "web", Rules: []rule.Rule{{Direction: "ingress", RemoteGroupID: rule.Self}, tcp(443, "")}},
			client.CreateSecurityGroupRequest{Name: "web", Rules: &[]client.RuleRequest{https}},
		},
		"so many without egress that default ones would pass the limit": {
			GroupSpec{Name: "web", Rules: many},
			client.CreateSecurityGroupRequest{Name: "web", Rules: &[]client.RuleRequest{}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.spec.request()
			if len(got.Tags) == 0 {
				got.Tags = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An unchanged rule is sent as the server stores it: the API matches stored
// text, and keeps the rule and its id.
func TestRulesRequest(t *testing.T) {
	t.Parallel()
	stored := func(change func(*client.SecurityGroupRule)) client.SecurityGroup {
		return client.SecurityGroup{ID: thisGroup, Rules: []client.SecurityGroupRule{apiRule("a", 1, change)}}
	}
	tests := map[string]struct {
		planned []rule.Rule
		group   client.SecurityGroup
		want    []client.RuleRequest
	}{
		"the whole space as text": {
			[]rule.Rule{{Direction: "ingress"}}, stored(func(r *client.SecurityGroupRule) { r.RemoteIPPrefix = new("0.0.0.0/0") }),
			[]client.RuleRequest{{Direction: "ingress", Ethertype: "IPv4", RemoteIPPrefix: "0.0.0.0/0"}},
		},
		"any is left out": {
			[]rule.Rule{{Direction: "ingress"}}, stored(func(r *client.SecurityGroupRule) { r.Protocol = new("any") }),
			[]client.RuleRequest{{Direction: "ingress", Ethertype: "IPv4"}},
		},
		"a number cannot be said": {
			[]rule.Rule{{Direction: "ingress", Protocol: "gre"}}, stored(func(r *client.SecurityGroupRule) { r.Protocol = new("47") }),
			[]client.RuleRequest{{Direction: "ingress", Ethertype: "IPv4", Protocol: "gre"}},
		},
		"icmp on IPv6 is refused": {
			[]rule.Rule{{Direction: "ingress", Ethertype: "IPv6", Protocol: "ipv6-icmp"}},
			stored(func(r *client.SecurityGroupRule) { r.Ethertype, r.Protocol = new("IPv6"), new("icmp") }),
			[]client.RuleRequest{{Direction: "ingress", Ethertype: "IPv6", Protocol: "ipv6-icmp"}},
		},
		"a null family is left out": {
			[]rule.Rule{{Direction: "ingress"}}, stored(func(r *client.SecurityGroupRule) { r.Ethertype = nil }),
			[]client.RuleRequest{{Direction: "ingress"}},
		},
		"its own group by id": {
			[]rule.Rule{{Direction: "ingress", RemoteGroupID: rule.Self}}, client.SecurityGroup{ID: thisGroup},
			[]client.RuleRequest{{Direction: "ingress", Ethertype: "IPv4", RemoteGroupID: thisGroup}},
		},
		"another text makes it another rule to the API": {
			[]rule.Rule{{Direction: "ingress", Description: "new"}}, stored(func(r *client.SecurityGroupRule) { r.RemoteIPPrefix = new("0.0.0.0/0") }),
			[]client.RuleRequest{{Direction: "ingress", Ethertype: "IPv4", Description: "new"}},
		},
		"none at all is an empty list": {nil, stored(port(443)), []client.RuleRequest{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(&test.want, patchRules(test.planned, test.group, nil)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
