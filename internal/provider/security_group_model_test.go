package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
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

func TestGroupUpdate(t *testing.T) {
	t.Parallel()
	state := securityGroupModel{Name: str("web"), Description: str("d"), TagsAll: tagMap("a", "1", "b", "2")}
	tests := map[string]struct {
		plan securityGroupModel
		want secgroup.GroupUpdate
	}{
		"nothing":                        {state, secgroup.GroupUpdate{}},
		"a name":                         {securityGroupModel{Name: str("www"), Description: str("d"), TagsAll: state.TagsAll}, secgroup.GroupUpdate{Name: new("www")}},
		"a description cleared":          {securityGroupModel{Name: str("web"), Description: str(""), TagsAll: state.TagsAll}, secgroup.GroupUpdate{Description: new("")}},
		"a tag changed, added, and gone": {securityGroupModel{Name: str("web"), Description: str("d"), TagsAll: tagMap("a", "9", "c", "3")}, secgroup.GroupUpdate{Tags: map[string]*string{"a": new("9"), "b": nil, "c": new("3")}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := groupUpdate(state, test.plan, rulesChange{}, secgroup.IgnoredTags{})
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
		"a decomposed key is the composed one": {
			[]client.Tag{{Key: "cafe\u0301", Value: "1"}}, noTags, tagMap("caf\u00e9", "1"), noTags, tagMap("caf\u00e9", "1"), noTags,
		},
		"only defaults leave the user's at null": {server[1:2], noTags, tagMap("env", "prod"), noTags, tagMap("env", "prod"), noTags},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tags, all := tagsFromAPI(secgroup.UserTags(client.SecurityGroup{Tags: test.server}), test.prior, test.priorAll, test.defaults)
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
