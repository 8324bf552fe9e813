package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// The provider does not delete a rule that another resource of the same run
// declares, in any spelling. It deletes every other rule.
func TestRuleHandedOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		declared string // remote of the rule that the owner declares; empty: no owner
		kept     bool
	}{"declared": {"192.0.2.1/32", true}, "declared otherwise": {"192.0.2.2/32", false}, "not owned": {"", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			groupID := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web", Rules: []gcoretest.Rule{
				{Direction: "ingress", Ethertype: new("IPv4"), RemoteIPPrefix: new("192.0.2.1/32")},
			}})
			r := &securityGroupRule{c.data(t)}
			if test.declared != "" {
				declared := rule.Rule{Direction: rule.Ingress, RemoteIPPrefix: test.declared, Description: "theirs"}
				must(r.owners.OwnAll(groupAt(groupID), secgroup.Owner{Kind: ruleSetType, Declares: rule.Keys([]rule.Rule{declared})}))
			}
			state := held(t, r, securityGroupRuleModel{
				ID: str(c.only(t).Rules[0].ID), ProjectID: num(testProject), RegionID: num(testRegion), GroupID: str(strings.ToUpper(groupID)),
				Timeouts:       noTimeouts,
				ruleAttributes: ruleAttributes{Direction: str("ingress"), Ethertype: str("IPv4"), RemoteIPPrefix: str("192.0.2.1"), Description: str("")},
			})
			var answer resource.DeleteResponse
			r.Delete(t.Context(), resource.DeleteRequest{State: state}, &answer)
			if kept := len(c.only(t).Rules) == 1; kept != test.kept {
				t.Errorf("the rule is kept: %t", kept)
			}
			var want []string
			if test.kept {
				want = []string{`warning: Security group rule "ingress-ipv4-all-from-192_0_2_1-32": rules were kept`}
			}
			if diff := cmp.Diff(want, said(answer.Diagnostics)); diff != "" {
				t.Error(diff)
			}
			if n := c.writes(); test.kept != (n == 0) {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// Destroying a rule set keeps the rules that another resource of the same run
// declares, even if that resource sends no request.
func TestRuleSetHandedOver(t *testing.T) {
	t.Parallel()
	https, ssh := tcp(443, ""), tcp(22, "")
	for name, test := range map[string]struct {
		onDestroy string
		declared  []rule.Rule
		left      []string
		warns     bool
	}{
		"all":     {"remove", []rule.Rule{https, ssh}, []string{portLine(22), portLine(443)}, true},
		"some":    {"remove", []rule.Rule{https}, []string{portLine(443)}, true},
		"none":    {"remove", []rule.Rule{}, nil, false},
		"reverts": {"revert", []rule.Rule{https}, []string{portLine(22), portLine(443)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			var stored []gcoretest.Rule
			for _, port := range []int{22, 443} {
				stored = append(stored, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: &port, PortRangeMax: &port})
			}
			groupID := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "default", Rules: stored})
			r := &securityGroupRuleSet{c.data(t)}
			must(r.owners.OwnAll(groupAt(groupID), secgroup.Owner{Kind: groupType, Declares: rule.Keys(test.declared)}))
			state := held(t, r, securityGroupRuleSetModel{
				ID: str(groupID), GroupID: str(groupID), ProjectID: num(testProject), RegionID: num(testRegion), OnDestroy: str(test.onDestroy), IgnoreRules: types.ListNull(ignoreRuleType), Timeouts: noTimeouts,
				Rules: ruleMap(t, map[string]ruleEntry{"https": entryFromRule(https), "ssh": entryFromRule(ssh)}, nil),
			})
			var answer resource.DeleteResponse
			r.Delete(t.Context(), resource.DeleteRequest{State: state}, &answer)
			var want []string
			if test.warns {
				want = []string{"warning: Security group rule set: rules were kept"}
			}
			if diff := cmp.Diff(want, said(answer.Diagnostics)); diff != "" {
				t.Error(diff)
			}
			if diff := c.differs([]group{{name: "default", rules: test.left}}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// groupAt names a group of the tests.
func groupAt(groupID string) secgroup.Ref {
	return secgroup.Ref{Location: client.Location{ProjectID: testProject, RegionID: testRegion}, ID: groupID}
}

// data is the provider data of a resource, without Terraform.
func (c cloud) data(t *testing.T) *providerData {
	t.Helper()
	api, err := client.New(client.Config{BaseURL: c.URL(), APIKey: c.APIKey()}, on(fast)...)
	if err != nil {
		t.Fatal(err)
	}
	data := &providerData{timeout: time.Minute}
	data.service = secgroup.New(api, &data.owners, time.Second)
	return data
}
