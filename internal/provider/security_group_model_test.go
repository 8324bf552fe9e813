package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func tagMap(pairs ...string) types.Map {
	elements := map[string]attr.Value{}
	for i := 0; i < len(pairs); i += 2 {
		elements[pairs[i]] = types.StringValue(pairs[i+1])
	}
	return types.MapValueMust(types.StringType, elements)
}

var noTags = types.MapNull(types.StringType)

func tcp(port int64, description string) rule.Rule {
	return rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: &port, PortRangeMax: &port, Description: description}
}

func TestCreateRequest(t *testing.T) {
	t.Parallel()
	someRules := types.MapValueMust(ruleEntryType, map[string]attr.Value{})
	noRules := types.MapNull(ruleEntryType)
	many := make([]rule.Rule, 249)
	for i := range many {
		many[i] = tcp(int64(i+1), "")
	}
	https := client.RuleRequest{Direction: "ingress", Ethertype: "IPv4", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443))}
	tests := map[string]struct {
		plan  securityGroupModel
		rules []rule.Rule
		want  client.CreateSecurityGroupRequest
	}{
		"no rules: none, rather than the API's default ones": {
			securityGroupModel{Name: str("web"), Rules: noRules}, nil,
			client.CreateSecurityGroupRequest{Name: "web", Rules: &[]client.RuleRequest{}},
		},
		"default rules kept": {
			securityGroupModel{Name: str("web"), Rules: noRules, KeepDefaultRules: yes}, nil,
			client.CreateSecurityGroupRequest{Name: "web"},
		},
		"rules, tags, description": {
			securityGroupModel{Name: str("web"), Description: str("d"), Rules: someRules, TagsAll: tagMap("a", "1")}, []rule.Rule{tcp(443, "")},
			client.CreateSecurityGroupRequest{Name: "web", Description: "d", Rules: &[]client.RuleRequest{https}, Tags: map[string]string{"a": "1"}},
		},
		"a rule that names its own group waits": {
			securityGroupModel{Name: str("web"), Rules: someRules}, []rule.Rule{{Direction: "ingress", RemoteGroupID: rule.Self}, tcp(443, "")},
			client.CreateSecurityGroupRequest{Name: "web", Rules: &[]client.RuleRequest{https}},
		},
		"so many without egress that default ones would pass the limit": {
			securityGroupModel{Name: str("web"), Rules: someRules}, many,
			client.CreateSecurityGroupRequest{Name: "web", Rules: &[]client.RuleRequest{}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := createRequest(test.plan, test.rules)
			if len(got.Tags) == 0 {
				got.Tags = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUpdateRequest(t *testing.T) {
	t.Parallel()
	state := securityGroupModel{Name: str("web"), Description: str("d"), TagsAll: tagMap("a", "1", "b", "2")}
	tests := map[string]struct {
		plan securityGroupModel
		want client.UpdateSecurityGroupRequest
	}{
		"nothing":                        {state, client.UpdateSecurityGroupRequest{}},
		"a name":                         {securityGroupModel{Name: str("www"), Description: str("d"), TagsAll: state.TagsAll}, client.UpdateSecurityGroupRequest{Name: new("www")}},
		"a description cleared":          {securityGroupModel{Name: str("web"), Description: str(""), TagsAll: state.TagsAll}, client.UpdateSecurityGroupRequest{Description: new("")}},
		"a tag changed, added, and gone": {securityGroupModel{Name: str("web"), Description: str("d"), TagsAll: tagMap("a", "9", "c", "3")}, client.UpdateSecurityGroupRequest{Tags: map[string]*string{"a": new("9"), "b": nil, "c": new("3")}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := updateRequest(state, test.plan)
			if got.Empty() != (name == "nothing") {
				t.Errorf("asks for nothing: %t", got.Empty())
			}
			if len(got.Tags) == 0 {
				got.Tags = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTagsFromAPI(t *testing.T) {
	t.Parallel()
	server := []client.Tag{{Key: "team", Value: "net"}, {Key: "env", Value: "prod"}, {Key: "cost", Value: "1", ReadOnly: true}}
	tests := map[string]struct {
		server          []client.Tag
		prior, defaults types.Map
		tags, all       types.Map
		priorAll        types.Map
	}{
		"none stays null":                 {nil, noTags, noTags, noTags, tagMap(), noTags},
		"none stays empty":                {nil, tagMap(), noTags, tagMap(), tagMap(), noTags},
		"read-only tags never appear":     {server, noTags, noTags, tagMap("team", "net", "env", "prod"), tagMap("team", "net", "env", "prod"), noTags},
		"a default is not the user's own": {server, noTags, tagMap("env", "prod"), tagMap("team", "net"), tagMap("team", "net", "env", "prod"), noTags},
		"unless the state says so":        {server, tagMap("env", "prod"), tagMap("env", "prod"), tagMap("team", "net", "env", "prod"), tagMap("team", "net", "env", "prod"), noTags},
		"nor if its value is another":     {server, noTags, tagMap("env", "dev"), tagMap("team", "net", "env", "prod"), tagMap("team", "net", "env", "prod"), noTags},
		"what was a default before is not": {
			server, noTags, noTags, tagMap("team", "net"), tagMap("team", "net", "env", "prod"), tagMap("env", "dev"),
		},
		"only defaults leave the user's at null": {server[1:2], noTags, tagMap("env", "prod"), noTags, tagMap("env", "prod"), noTags},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tags, all := tagsFromAPI(test.server, test.prior, test.priorAll, test.defaults)
			if diff := cmp.Diff([]types.Map{test.tags, test.all}, []types.Map{tags, all}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAllTags(t *testing.T) {
	t.Parallel()
	unknown := types.MapUnknown(types.StringType)
	oneUnknown := types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringUnknown()})
	tests := map[string]struct{ tags, defaults, want types.Map }{
		"neither":                {noTags, noTags, tagMap()},
		"the group's own wins":   {tagMap("a", "1"), tagMap("a", "0", "b", "2"), tagMap("a", "1", "b", "2")},
		"unknown tags":           {unknown, tagMap("a", "0"), unknown},
		"unknown defaults":       {noTags, unknown, unknown},
		"one unknown value only": {oneUnknown, noTags, oneUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, allTags(test.tags, test.defaults)); diff != "" {
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
			if diff := cmp.Diff(&test.want, rulesRequest(test.planned, test.group)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingFrom(t *testing.T) {
	t.Parallel()
	a, b := tcp(1, ""), tcp(2, "")
	tests := map[string]struct {
		have, wanted []rule.Rule
		missing      int
		same         bool
	}{
		"equal in another order":     {[]rule.Rule{a, b}, []rule.Rule{b, a}, 0, true},
		"one more":                   {[]rule.Rule{a, b}, []rule.Rule{a}, 0, false},
		"one less":                   {[]rule.Rule{a}, []rule.Rule{a, b}, 1, false},
		"twins count":                {[]rule.Rule{a, b}, []rule.Rule{a, a}, 1, false},
		"a description is a change":  {[]rule.Rule{tcp(1, "x")}, []rule.Rule{a}, 1, false},
		"a spelling is not":          {[]rule.Rule{{Protocol: "icmp", Ethertype: "IPv6"}}, []rule.Rule{{Protocol: "ipv6-icmp"}}, 0, true},
		"nothing wanted, none there": {nil, nil, 0, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := len(missingFrom(test.have, test.wanted)); got != test.missing {
				t.Errorf("%d missing, want %d", got, test.missing)
			}
			if got := sameRules(test.have, test.wanted); got != test.same {
				t.Errorf("same: %t, want %t", got, test.same)
			}
		})
	}
}
