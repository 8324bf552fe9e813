package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// spellingTest is a cloud whose rules are declared in one form and in changing
// spellings.
type spellingTest struct {
	cloud
	*testing.T
	form  form
	rules []spelling
	ids   map[string]string // of the rules in the cloud, by their lines
}

func newSpellingTest(t *testing.T, form form) *spellingTest {
	t.Helper()
	c := newCloud(t, gcoretest.Config{})
	peer := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "peer"})
	return &spellingTest{cloud: c, T: t, form: form, rules: spellings(peer)}
}

func (s *spellingTest) step(before string, by spelled, own ownRule, checks ...plancheck.PlanCheck) resource.TestStep {
	want := group{name: "web", rules: []string{own.line()}}
	for _, rule := range s.rules {
		want.rules = append(want.rules, rule.line)
	}
	return planned(s.apply(before+s.form.declare(s.rules, by, own), group{name: "peer"}, want), checks...)
}

// silent is a step that sends no write requests.
func (s *spellingTest) silent(step resource.TestStep) resource.TestStep {
	step.PreConfig = s.ResetRequests
	step.ConfigPlanChecks.PostApplyPreRefresh = append(step.ConfigPlanChecks.PostApplyPreRefresh, onPlan(func() {
		if n := s.writes(); n != 0 {
			s.Errorf("%d writes", n)
		}
	}))
	return step
}

// remember stores the rules' ids; compare reports ids that have changed.
func (s *spellingTest) remember() { s.ids = s.idsOf("web") }

func (s *spellingTest) compare() {
	now := s.idsOf("web")
	for _, rule := range s.rules {
		if now[rule.line] != s.ids[rule.line] {
			s.Errorf("%s is another rule than before", rule.line)
		}
	}
}

func (c cloud) idsOf(name string) map[string]string {
	ids := map[string]string{}
	web := c.named(name)
	for _, r := range web.Rules {
		ids[c.ruleLine(web, r)] = r.ID
	}
	return ids
}

func (c cloud) named(name string) gcoretest.Group {
	groups := c.Groups(testProject, testRegion)
	if i := slices.IndexFunc(groups, func(g gcoretest.Group) bool { return g.Name == name }); i >= 0 {
		return groups[i]
	}
	return gcoretest.Group{}
}

// changesOnly expects a plan that changes one rule and leaves all others
// unchanged.
type changesOnly struct{ key string }

func (want changesOnly) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	var changed []string
	for _, r := range req.Plan.ResourceChanges {
		if r.Change.Actions.NoOp() {
			continue
		}
		if r.Address != webGroup {
			changed = append(changed, strings.TrimPrefix(r.Address, rulePrefix))
			continue
		}
		before, after, unknown := rulesIn(r.Change.Before), rulesIn(r.Change.After), rulesIn(r.Change.AfterUnknown)
		for key, entry := range after {
			late, _ := unknown[key].(map[string]any)
			if !cmp.Equal(entry, before[key]) || slices.Contains(slices.Collect(maps.Values(late)), any(true)) {
				changed = append(changed, key)
			}
		}
	}
	if diff := cmp.Diff([]string{want.key}, changed); diff != "" {
		resp.Error = fmt.Errorf("the plan changes other rules (-want +got):\n%s", diff)
	}
}

func rulesIn(group any) map[string]any {
	attributes, _ := group.(map[string]any)
	rules, _ := attributes["rules"].(map[string]any)
	return rules
}

// allNoop expects a plan without changes. The import of a group stores its
// rules, which a configuration of standalone rules then removes from the state.
type allNoop struct{}

func (allNoop) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	single := false
	for _, r := range req.Plan.ResourceChanges {
		single = single || r.Address != webGroup
	}
	for _, r := range req.Plan.ResourceChanges {
		if letsGo := single && r.Address == webGroup; !r.Change.Actions.NoOp() && !letsGo {
			resp.Error = fmt.Errorf("the plan changes %s (-before +after):\n%s", r.Address, cmp.Diff(r.Change.Before, r.Change.After))
		}
	}
}

// Another spelling is no change: alone, beside a change of another rule, and
// after an import. No write is sent for it, and the rules keep their ids.
func TestSpelling(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]form{"inline": inlineForm, "standalone": standaloneForm} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpellingTest(t, form)
			own := func(port int) ownRule { return ownRule{"own", port} }
			s.run(t,
				s.step("", first, own(10)),
				s.silent(s.step("", second, own(10), plancheck.ExpectEmptyPlan())),
				after(s.remember, s.step("", first, own(11), changesOnly{"own"})),
				s.step("", second, own(12), changesOnly{"own"}),
				after(s.compare, s.step("", first, own(12), plancheck.ExpectEmptyPlan())),
			)
		})
	}
}

// After an import the plan is empty for any spelling.
func TestSpellingAfterImport(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]form{"inline": inlineForm, "standalone": standaloneForm} {
		for which, by := range map[string]spelled{"first": first, "second": second} {
			t.Run(name+" "+which, func(t *testing.T) {
				t.Parallel()
				s := newSpellingTest(t, form)
				// The name that an import gives the rule.
				own := ownRule{"egress-ipv4-tcp-10", 10}
				s.run(t, s.step("", first, own), resource.TestStep{Config: s.block(place1) + form.release(s.rules, own)})
				s.run(t, s.silent(s.step(form.imports(s.cloud, s.rules, own), by, own, allNoop{})))
			})
		}
	}
}

// Attributes that can be known only at apply.
var lateLeaves = []string{
	"direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "self", "description",
}

// lateResource is a resource with an id known only at apply, for another reason
// in each step.
func lateResource(why string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"late\" {\n  triggers_replace = %q\n}\n", why)
}

// Values known only at apply that turn out unchanged send no write.
func TestSpellingKnownLate(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]form{"inline": inlineForm, "standalone": standaloneForm} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, own := newSpellingTest(t, form), ownRule{"own", 10}
			changed := webGroup
			if !form.inline {
				changed = rulePrefix + s.rules[1].key
			}
			step := func(by spelled, names ...string) resource.TestStep {
				return s.silent(s.step(lateResource(strings.Join(names, " ")), knownLate(by, names...), own, action(changed, plancheck.ResourceActionUpdate)))
			}
			s.run(t, s.step("", first, own), step(second, lateLeaves...), step(first, "port_range_min", "port_range_max"))
		})
	}
}

// The same for each attribute of every rule, with a group for each.
func TestSpellingKnownLateByItself(t *testing.T) {
	t.Parallel()
	s, own := newSpellingTest(t, inlineForm), ownRule{"own", 10}
	lines := []string{own.line()}
	for _, rule := range s.rules {
		lines = append(lines, rule.line)
	}
	want := []group{{name: "peer"}}
	for _, leaf := range lateLeaves {
		want = append(want, group{name: leaf, rules: lines})
	}
	config := func(why string, by func(leaf string) spelled) string {
		text := lateResource(why)
		for _, leaf := range lateLeaves {
			text += strings.ReplaceAll(s.form.declare(s.rules, by(leaf), own), `"web"`, fmt.Sprintf("%q", leaf))
		}
		return text
	}
	step := s.silent(s.apply(config("now", func(leaf string) spelled { return knownLate(second, leaf) }), want...))
	for _, leaf := range lateLeaves {
		step = planned(step, action("gcore_cloud_security_group."+leaf, plancheck.ResourceActionUpdate))
	}
	s.run(t, s.apply(config("before", func(string) spelled { return first }), want...), step)
}

// A group's own id is the same as self: the plan shows it once, and no write is
// sent.
func TestSpellingOfOwnGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	c.AddRule(id, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), RemoteGroupID: &id})
	want := group{name: "web", rules: []string{"ingress IPv4 from group self"}}
	config := func(remote string) string {
		return importing(webGroup, id) + web(`rules = { ingress-ipv4-all-from-self = { direction = "ingress", ethertype = "IPv4", protocol = "any", `+remote+" } }")
	}
	c.run(t,
		planned(c.apply(config("self = true"), want), action(webGroup, plancheck.ResourceActionNoop)),
		planned(c.apply(config(fmt.Sprintf("remote_group_id = %q", id)), want), action(webGroup, plancheck.ResourceActionUpdate)),
		planned(c.apply(config("self = true"), want), action(webGroup, plancheck.ResourceActionUpdate)),
	)
	if n := c.Count(func(r gcoretest.Request) bool { return r.Method == "PATCH" || r.Method == "POST" }); n != 0 {
		t.Errorf("%d writes", n)
	}
}
