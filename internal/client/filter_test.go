package client_test

import (
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func TestSecurityGroupFilter(t *testing.T) {
	t.Parallel()
	group := client.SecurityGroup{Name: "web", Tags: []client.Tag{{Key: "team", Value: "net"}, {Key: "cost", Value: "x", ReadOnly: true}}}
	tests := map[string]struct {
		filter  client.SecurityGroupFilter
		matches bool
	}{
		"nothing is asked for":      {client.SecurityGroupFilter{}, true},
		"the name":                  {client.SecurityGroupFilter{Name: "web"}, true},
		"the name in another case":  {client.SecurityGroupFilter{Name: "Web"}, false},
		"a part of the name":        {client.SecurityGroupFilter{Name: "we"}, false},
		"keys, one of a read-only":  {client.SecurityGroupFilter{TagKeys: []string{"cost", "team"}}, true},
		"a key that it has not":     {client.SecurityGroupFilter{TagKeys: []string{"team", "stage"}}, false},
		"a tag":                     {client.SecurityGroupFilter{TagKeyValue: map[string]string{"team": "net"}}, true},
		"a tag of another value":    {client.SecurityGroupFilter{TagKeyValue: map[string]string{"team": "Net"}}, false},
		"a tag that it has not":     {client.SecurityGroupFilter{TagKeyValue: map[string]string{"stage": ""}}, false},
		"all that is asked for":     {client.SecurityGroupFilter{Name: "web", TagKeys: []string{"team"}, TagKeyValue: map[string]string{"cost": "x"}}, true},
		"one of two is not matched": {client.SecurityGroupFilter{Name: "db", TagKeys: []string{"team"}}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.filter.Matches(group); got != test.matches {
				t.Errorf("got %t", got)
			}
			if got, want := test.filter.Empty(), name == "nothing is asked for"; got != want {
				t.Errorf("empty: %t", got)
			}
		})
	}
}
