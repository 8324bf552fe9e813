package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// removedRules expects a plan that shows all attributes of the rules it
// removes.
type removedRules map[string]map[string]any

func (want removedRules) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, r := range req.Plan.ResourceChanges {
		if r.Address != webGroup {
			continue
		}
		gone, after := rulesIn(r.Change.Before), rulesIn(r.Change.After)
		for key := range after {
			delete(gone, key)
		}
		got := removedRules{}
		for key, entry := range gone {
			got[key], _ = entry.(map[string]any)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			resp.Error = fmt.Errorf("the plan shows other removed rules (-want +got):\n%s", diff)
		}
	}
}

// An unplanned rule appears with all attributes, under a readable name, before
// the apply removes it.
func TestUnplannedRuleShownBeforeDelete(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config, want := web("rules = {"+httpsEntry+"}"), group{name: "web", rules: []string{httpsLine}}
	entry := func(change map[string]any) map[string]any {
		all := map[string]any{
			"direction": "ingress", "ethertype": "IPv4", "protocol": "any", "port_range_min": nil, "port_range_max": nil,
			"remote_ip_prefix": "0.0.0.0/0", "remote_group_id": nil, "self": false, "description": "",
		}
		for name, value := range change {
			all[name] = value
		}
		return all
	}
	rule := func(change func(*gcoretest.Rule)) func() {
		return func() {
			r := gcoretest.Rule{GroupID: c.only(t).ID, Direction: "ingress", Ethertype: new("IPv4")}
			change(&r)
			c.AddRule(c.only(t).ID, r)
		}
	}
	steps := []resource.TestStep{c.apply(config, want)}
	for _, test := range []struct {
		interfere func()
		shown     removedRules
	}{
		{rule(func(r *gcoretest.Rule) { r.Protocol = new("udp"); r.Description = new("theirs") }), removedRules{
			"ingress-ipv4-udp": entry(map[string]any{"protocol": "udp", "port_range_min": json.Number("1"), "port_range_max": json.Number("65535"), "description": "theirs"}),
		}},
		{rule(func(r *gcoretest.Rule) { r.RemoteGroupID = &r.GroupID }), removedRules{
			"ingress-ipv4-all-from-self": entry(map[string]any{"remote_ip_prefix": nil, "self": true}),
		}},
		// Rules that no configuration can declare appear too.
		{rule(func(r *gcoretest.Rule) { r.Protocol = new("99") }), removedRules{"ingress-ipv4-99": entry(map[string]any{"protocol": "99"})}},
		{rule(func(r *gcoretest.Rule) { r.RemoteIPPrefix = new("10.0.0.1/8") }), removedRules{
			"ingress-ipv4-all-from-10_0_0_1-8": entry(map[string]any{"remote_ip_prefix": "10.0.0.1/8"}),
		}},
	} {
		steps = append(steps, after(test.interfere, planned(c.apply(config, want), test.shown)))
	}
	c.run(t, steps...)
}

// The API may hold rules that it rejects in requests. Such a rule cannot be
// kept when the rules change, and the plan warns about it. If one is added
// after the plan, the apply fails.
func TestUnrepeatableRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(web("rules = {" + httpsEntry + "}"))
	w.must(0, "apply", "-auto-approve")
	id := c.only(t).ID
	c.AddRule(id, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("99"), Description: new("old")})
	w.configure(web("rules = {" + httpsEntry + "\n" + strings.NewReplacer("https", "smtps", "443", "465").Replace(httpsEntry) + "}"))
	says(t, w.must(0, "plan", "-out=saved"), "1 rule cannot be kept", `- ingress-ipv4-99: protocol is "99"`, "leave rules out")

	c.AddRule(id, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), RemoteIPPrefix: new("10.0.0.1/8")})
	c.ResetRequests()
	says(t, w.must(1, "apply", "saved"), "rules that the plan did not show", "ingress-ipv4-all-from-10_0_0_1-8", "Nothing was sent")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	before := c.idsOf("web")[httpsLine]
	says(t, w.must(0, "plan", "-out=saved"), "2 rules cannot be kept", `- ingress-ipv4-all-from-10_0_0_1-8: remote_ip_prefix is "10.0.0.1/8"`)
	w.must(0, "apply", "saved")
	if diff := c.differs([]group{{name: "web", rules: []string{httpsLine, "ingress IPv4 tcp 465-465 from 10.0.0.0/8"}}}); diff != "" {
		t.Error(diff)
	}
	if now := c.idsOf("web")[httpsLine]; now != before {
		t.Error("the rule that stays is another one")
	}
}

// ruleDrifts changes each attribute of a rule in turn, and all nullable ones at
// once.
var ruleDrifts = []func(*gcoretest.Rule){
	func(r *gcoretest.Rule) { r.Direction = "egress" },
	func(r *gcoretest.Rule) { r.Ethertype = new("IPv6") },
	func(r *gcoretest.Rule) { r.Protocol = new("udp") },
	func(r *gcoretest.Rule) { r.Protocol, r.PortRangeMin, r.PortRangeMax = nil, nil, nil },
	func(r *gcoretest.Rule) { r.PortRangeMin = new(*r.PortRangeMin - 1) },
	func(r *gcoretest.Rule) { r.PortRangeMax = new(*r.PortRangeMax + 1) },
	func(r *gcoretest.Rule) { r.RemoteIPPrefix = new("192.0.2.0/24") },
	func(r *gcoretest.Rule) { r.RemoteGroupID = &r.GroupID },
	func(r *gcoretest.Rule) { r.Description = new("everybody") },
}

// drift changes a different attribute of each rule in the group. Ports identify
// the rules.
func (c cloud) drift(t *testing.T) {
	t.Helper()
	rules := slices.SortedFunc(slices.Values(c.only(t).Rules), func(a, b gcoretest.Rule) int { return *a.PortRangeMin - *b.PortRangeMin })
	for i, change := range ruleDrifts {
		c.ChangeRule(rules[i].ID, change)
	}
}

// driftingGroup is a group with one rule for each drift.
func driftingGroup() group {
	want := group{name: "web"}
	for i := range ruleDrifts {
		want.rules = append(want.rules, fmt.Sprintf(`ingress IPv4 tcp %d-%d "admins"`, 100*i+22, 100*i+23))
	}
	return want
}

// Drift of any attribute of a standalone rule appears in the plan, and one
// apply corrects it.
func TestRuleDriftOfEachAttribute(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := web("") + fmt.Sprintf(`resource "gcore_cloud_security_group_rule" "ssh" {
		count          = %d
		group_id       = gcore_cloud_security_group.web.id
		direction      = "ingress"
		protocol       = "tcp"
		port_range_min = 100 * count.index + 22
		port_range_max = 100 * count.index + 23
		remote_ip_prefix = "0.0.0.0/0"
		description    = "admins"
	}`, len(ruleDrifts))
	step := after(func() { c.drift(t) }, c.apply(config, driftingGroup()))
	for i := range ruleDrifts {
		step = planned(step, action(fmt.Sprintf("%s[%d]", sshRule, i), plancheck.ResourceActionUpdate))
	}
	c.run(t, c.apply(config, driftingGroup()), step)
}

// Drift of any attribute of an inline rule appears under its key, and one apply
// corrects it.
func TestInlineDriftOfEachAttribute(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := web(fmt.Sprintf(`rules = { for n in range(%d) : "r${n}" => {
		direction = "ingress", protocol = "tcp", port_range_min = 100 * n + 22, port_range_max = 100 * n + 23, description = "admins"
		remote_ip_prefix = "0.0.0.0/0"
	} }`, len(ruleDrifts)))
	c.run(t, c.apply(config, driftingGroup()), after(func() { c.drift(t) }, planned(c.apply(config, driftingGroup()), changesEachRule{})))
}

// changesEachRule expects a plan that changes every rule of the group.
type changesEachRule struct{}

func (changesEachRule) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, r := range req.Plan.ResourceChanges {
		before, after := rulesIn(r.Change.Before), rulesIn(r.Change.After)
		for key, entry := range after {
			if cmp.Equal(entry, before[key]) {
				resp.Error = fmt.Errorf("the plan does not change %s: %v", key, entry)
			}
		}
	}
}

// A rule edited in the cloud keeps its key: the plan shows what changed, and lifecycle.ignore_changes leaves the edited
// rule alone while another entry changes, whether the edit gave it a new id or not.
func TestDriftKeepsItsKey(t *testing.T) {
	t.Parallel()
	const edited = `ingress IPv4 tcp 22-22 from 198.51.100.0/24 "admins"`
	smtps := strings.NewReplacer("https", "smtps", "443", "465").Replace(httpsEntry)
	for form, declare := range map[string]func(string) string{"inline": web, "rule set": set} {
		for _, sameID := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, same id %t", form, sameID), func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, gcoretest.Config{})
				w := c.workspace(t).reattached(c)
				rules := func(entries, more string) {
					w.configure(declare("rules = {\n" + entries + "\n" + sshEntry + "\n}\n" + more))
				}
				rules(httpsEntry, "")
				w.must(0, "apply", "-auto-approve")
				id := c.idsOf("web")[sshLine]
				c.ChangeRule(id, func(r *gcoretest.Rule) { r.RemoteIPPrefix = new("198.51.100.0/24") })
				if !sameID {
					r := c.only(t).Rules[slices.Index(c.ruleIDs(c.only(t).ID), id)]
					r.ID = ""
					c.DeleteRule(id)
					id = c.AddRule(c.only(t).ID, r)
				}
				says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"),
					`~ "ssh" = { ~ remote_ip_prefix = "198.51.100.0/24" -> "192.0.2.0/24"`, "0 to add, 1 to change, 0 to destroy")

				ignoring := "lifecycle {\n  ignore_changes = [rules[\"ssh\"]]\n}"
				rules(httpsEntry, ignoring)
				w.must(0, "plan", "-detailed-exitcode")
				rules(smtps, ignoring)
				w.must(0, "apply", "-auto-approve")
				if now := c.idsOf("web")[edited]; now != id {
					t.Errorf("the edited rule was %s and is %q", id, now)
				}
				w.must(0, "plan", "-detailed-exitcode")
				// Without it the rule becomes as declared.
				rules(smtps, "")
				w.must(0, "apply", "-auto-approve")
				if diff := c.differs([]group{{name: "web", rules: []string{sshLine, strings.ReplaceAll(httpsLine, "443", "465")}}}); diff != "" {
					t.Error(diff)
				}
				w.must(0, "plan", "-detailed-exitcode")
			})
		}
	}
}
