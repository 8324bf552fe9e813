package provider

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// privateMap is private state.
type privateMap map[string][]byte

func (p privateMap) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	if value == nil {
		delete(p, key)
		return nil
	}
	p[key] = value
	return nil
}

// What a read saves is what the plan and the apply find. No rules are not the same as rules that are not known, which are
// those of a group that is managed, of an answer without the field, and of data that cannot be read.
func TestSeen(t *testing.T) {
	t.Parallel()
	held := []client.SecurityGroupRule{
		apiRule("a", 1, port(443)),
		apiRule("b", 2, func(r *client.SecurityGroupRule) { r.RemoteGroupID, r.Description = new(thisGroup), new("all of us") }),
	}
	tags := []client.Tag{{Key: "a", Value: "1"}, {Key: "owner", Value: "platform", ReadOnly: true}}
	for name, test := range map[string]struct {
		group   client.SecurityGroup
		managed bool
		rules   []rule.Rule
		tags    []string
	}{
		"rules":     {client.SecurityGroup{ID: thisGroup, Rules: held}, false, []rule.Rule{secgroup.RuleFromAPI(thisGroup, held[0]), secgroup.RuleFromAPI(thisGroup, held[1])}, nil},
		"no rules":  {client.SecurityGroup{ID: thisGroup, Rules: []client.SecurityGroupRule{}}, false, []rule.Rule{}, nil},
		"not said":  {client.SecurityGroup{ID: thisGroup}, false, nil, nil},
		"managed":   {client.SecurityGroup{ID: thisGroup, Rules: held}, true, nil, nil},
		"and tags":  {client.SecurityGroup{ID: thisGroup, Rules: held, Tags: tags}, true, nil, []string{"owner"}},
		"user tags": {client.SecurityGroup{ID: thisGroup, Rules: held, Tags: tags[:1]}, true, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			private := privateMap{seenKey: []byte(`{"rules": [{"direction": "egress"}]}`)}
			if diags := seenIn(test.group, nil, test.managed).save(t.Context(), private); diags.HasError() {
				t.Fatal(diags)
			}
			got := lastSeen(t.Context(), private)
			if diff := cmp.Diff(test.rules, got.rules()) + cmp.Diff(test.tags, got.ReadOnlyTags); diff != "" {
				t.Error(diff)
			}
			if !hasSeen(t.Context(), private) {
				t.Error("nothing is saved")
			}
		})
	}
	if hasSeen(t.Context(), privateMap{}) {
		t.Error("what was never saved is there")
	}
	for _, unreadable := range []string{``, `null`, `[]`, `{"rules": {}}`, `{`} {
		if got := lastSeen(t.Context(), privateMap{seenKey: []byte(unreadable)}); got.rules() != nil {
			t.Errorf("%q has the rules %v", unreadable, got.rules())
		}
	}
}
