package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const webSet = "gcore_cloud_security_group_rule_set.web"

// setOf is the configuration of a rule set on a group, with the group's id as
// HCL text and the given lines.
func setOf(groupID, lines string) string {
	return fmt.Sprintf("resource \"gcore_cloud_security_group_rule_set\" \"web\" {\n  group_id = %s\n%s\n}\n", groupID, lines)
}

// set is the configuration of a group without rules and its rule set.
func set(lines string) string { return web("") + setOf(webGroup+".id", lines) }

func TestRuleSetLifecycle(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	const ping = `ping = { direction = "ingress", protocol = "icmp", port_range_min = 8, remote_ip_prefix = "0.0.0.0/0", description = %q }`
	const pingLine = `ingress IPv4 icmp 8- %q`
	silent := func(step resource.TestStep) resource.TestStep {
		step.PreConfig = c.ResetRequests
		step.ConfigPlanChecks.PostApplyPreRefresh = append(step.ConfigPlanChecks.PostApplyPreRefresh, onPlan(func() {
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
		}))
		return planned(step, action(webSet, plancheck.ResourceActionUpdate))
	}
	rules := func(entries string) string { return "rules = {\n" + entries + "\n}\n" }
	with3 := rules(httpsEntry + "\n" + fmt.Sprintf(ping, "echo") + "\npeer = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", self = true }")
	all := group{name: "web", rules: []string{httpsLine, fmt.Sprintf(pingLine, "echo"), "ingress IPv4 from group self"}}
	c.run(t,
		with(planned(c.apply(set(with3), all), action(webSet, plancheck.ResourceActionCreate)),
			statecheck.ExpectKnownValue(webSet, tfjsonpath.New("on_destroy"), knownvalue.StringExact("keep")),
			statecheck.ExpectKnownValue(webSet, tfjsonpath.New("project_id"), knownvalue.Int64Exact(1)),
			statecheck.CompareValuePairs(webSet, tfjsonpath.New("id"), webGroup, tfjsonpath.New("id"), compare.ValuesSame()),
		),
		planned(c.apply(set(rules(httpsEntry+"\n"+fmt.Sprintf(ping, "are you there"))),
			group{name: "web", rules: []string{httpsLine, fmt.Sprintf(pingLine, "are you there")}}), action(webSet, plancheck.ResourceActionUpdate)),
		// Changes of keys, on_destroy and timeouts send no request.
		silent(c.apply(set(rules("tls"+httpsEntry[len("https"):]+"\n"+fmt.Sprintf(ping, "are you there"))+"on_destroy = \"remove\"\ntimeouts = { create = \"5m\" }"),
			group{name: "web", rules: []string{httpsLine, fmt.Sprintf(pingLine, "are you there")}})),
		// The plan shows drift, and one apply corrects it.
		after(func() {
			c.DeleteRule(c.idsOf("web")[httpsLine])
			c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv6")})
		}, planned(c.apply(set(rules(httpsEntry)), group{name: "web", rules: []string{httpsLine}}), action(webSet, plancheck.ResourceActionUpdate))),
		c.apply(set("rules = {}"), group{name: "web"}),
		after(func() { c.DeleteGroup(c.only(t).ID) }, planned(c.apply(set(with3), all), action(webSet, plancheck.ResourceActionCreate))),
	)
}

// Two groups that name each other cannot be created together with their rules:
// each would have to exist first.
func TestRuleSetsOfMutualGroups(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := func(port int) string {
		var blocks strings.Builder
		for _, of := range [][2]string{{"web", "peer"}, {"peer", "web"}} {
			fmt.Fprintf(&blocks, "resource \"gcore_cloud_security_group\" %[1]q {\n  name = %[1]q\n}\n"+
				"resource \"gcore_cloud_security_group_rule_set\" %[1]q {\n  group_id = gcore_cloud_security_group.%[1]s.id\n  on_destroy = \"remove\"\n"+
				"  rules = { other = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"tcp\", port_range_min = %[3]d, port_range_max = %[3]d, "+
				"remote_group_id = gcore_cloud_security_group.%[2]s.id } }\n}\n", of[0], of[1], port)
		}
		return blocks.String()
	}
	want := func(port string) []group {
		return []group{
			{name: "web", rules: []string{"ingress IPv4 tcp " + port + " from group peer"}},
			{name: "peer", rules: []string{"ingress IPv4 tcp " + port + " from group web"}},
		}
	}
	c.run(t, c.apply(config(80), want("80-80")...), c.apply(config(81), want("81-81")...))
	if left := c.ids(); len(left) != 0 {
		t.Errorf("%d groups are left", len(left))
	}
}

// Values known only at apply: the group, a CIDR, a whole map.
func TestRuleSetUnknownValues(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	late := func(value string) string {
		return "resource \"terraform_data\" \"late\" {\n  input = { id = \"" + id + "\", cidr = \"" + value + "\", cidrs = { a = \"" + value + "\" } }\n}\n"
	}
	entries := `rules = {
		net  = { direction = "ingress", protocol = "any", remote_ip_prefix = terraform_data.late.output.cidr }
		self = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
	}`
	const computed = `rules = { for key, cidr in terraform_data.late.output.cidrs : key => { direction = "ingress", protocol = "any", remote_ip_prefix = cidr } }`
	c.run(t,
		planned(c.apply(late("2001:db8::/32")+setOf("terraform_data.late.output.id", entries),
			group{name: "web", rules: []string{"ingress IPv6 from 2001:db8::/32", "ingress IPv4 from group self"}}),
			plancheck.ExpectUnknownValue(webSet, tfjsonpath.New("id")),
			plancheck.ExpectUnknownValue(webSet, tfjsonpath.New("rules").AtMapKey("net").AtMapKey("ethertype"))),
		planned(c.apply(late("10.0.0.0/8")+setOf(fmt.Sprintf("%q", id), computed), group{name: "web", rules: []string{"ingress IPv4 from 10.0.0.0/8"}}),
			action(webSet, plancheck.ResourceActionUpdate), plancheck.ExpectUnknownValue(webSet, tfjsonpath.New("rules"))),
	)
}

// Another group forces a new rule set: the old group keeps its rules, as in any
// destroy.
func TestRuleSetMovesToAnotherGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	both := web("") + "resource \"gcore_cloud_security_group\" \"peer\" {\n  name = \"peer\"\n}\n"
	rules := []string{httpsLine, sshLine}
	// Terraform may then plan the two halves from two configurations.
	const ignoring = "\non_destroy = \"remove\"\nlifecycle {\n  ignore_changes = [on_destroy]\n}"
	c.run(t,
		c.apply(both+setOf(webGroup+".id", allRules), group{name: "web", rules: rules}, group{name: "peer"}),
		planned(c.apply(both+setOf("gcore_cloud_security_group.peer.id", allRules+ignoring), group{name: "web", rules: rules}, group{name: "peer", rules: rules}),
			action(webSet, plancheck.ResourceActionUpdate)),
	)
}

// The validation enforces the limit of 250 rules.
func TestRuleSetOfManyRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	want := group{name: "web"}
	for port := range 250 {
		want.rules = append(want.rules, portLine(port+1))
	}
	c.run(t,
		resource.TestStep{Config: c.block(place1) + set(manyRules(251)), ExpectError: regexp.MustCompile("rules has 251 rules")},
		c.apply(set(manyRules(250)), want),
	)
}

// The validation rejects a configuration that is always invalid.
func TestRuleSetValidation(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	for name, test := range map[string]struct{ config, want string }{
		"no id":           {setOf(`"web"`, "rules = {}"), `group_id is "web"`},
		"no rules":        {setOf(`"`+otherGroup+`"`, ""), `The argument "rules" is required`},
		"a bad rule":      {setOf(`"`+otherGroup+`"`, `rules = { a = { direction = "ingress", protocol = "TCP", remote_ip_prefix = "0.0.0.0/0" } }`), "Unknown protocol"},
		"another destroy": {setOf(`"`+otherGroup+`"`, "rules = {}\non_destroy = \"delete\""), `(?s)on_destroy.*"delete"`},
		"its own group by both names": {
			setOf(`"`+otherGroup+`"`, `rules = { a = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }, b = { direction = "ingress", ethertype = "IPv4", protocol = "any", remote_group_id = "`+otherGroup+`" } }`),
			"Two entries for one rule",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.run(t, resource.TestStep{Config: c.block(place1) + test.config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
	if n := c.Count(func(gcoretest.Request) bool { return true }); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// An update fails before it removes a rule that no plan showed. An update
// without rule changes does not read the rules.
func TestRuleSetGuard(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(set(allRules))
	w.must(0, "apply", "-auto-approve")
	for lines, code := range map[string]int{"rules = {\n" + httpsEntry + "\n}": 1, allRules + "\non_destroy = \"remove\"": 0} {
		w.configure(set(lines))
		w.must(0, "plan", "-out=saved")
		unplanned := c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp")})
		c.ResetRequests()
		output := w.must(code, "apply", "-no-color", "saved")
		if n := c.writes(); n != 0 {
			t.Errorf("%d writes", n)
		}
		if code != 0 {
			says(t, output, "Cannot update security group rule set", "rules that the plan did not show", "egress-ipv4-udp", "Nothing was sent", "Plan again")
		}
		c.DeleteRule(unplanned)
	}
}

// The old group goes while the rule set has left it half-way: the state has the rules that the new group has got.
func TestRuleSetWhoseOldGroupGoes(t *testing.T) {
	t.Parallel()
	for then, rules := range map[string][]string{"apply": {sshLine}, "destroy": nil} {
		t.Run(then, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			lines := "rules = {\n" + sshEntry + "\n}\non_destroy = \"remove\"\ntimeouts = { update = \"30m\" }"
			config := func(name string) string {
				return setOf(fmt.Sprintf("%q", c.named(name).ID), lines)
			}
			for _, name := range []string{"old", "new"} {
				c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: name})
			}
			w.configure(config("old"))
			w.must(0, "apply", "-auto-approve")
			w.configure(config("new"))
			c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
			w.fails()
			c.EndTasks()
			c.DeleteGroup(c.named("old").ID)
			w.must(0, then, "-auto-approve")
			if diff := c.differs([]group{{name: "new", rules: rules}}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A rule set that is replaced, by -replace or a taint, leaves its rules to the new one, which removes those that its map does not
// hold: the plan has shown them going. What nobody has planned stops it all the same. One that goes while another address gets
// its group leaves it nothing.
func TestRuleSetReplaced(t *testing.T) {
	t.Parallel()
	for _, onDestroy := range []string{"keep", "remove", "revert"} {
		for _, way := range []string{"replaced", "tainted", "another address"} {
			t.Run(onDestroy+", "+way, func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, gcoretest.Config{})
				id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "default"})
				w := c.workspace(t).reattached(c)
				config := func(rules string) string {
					return setOf(fmt.Sprintf("%q", id), fmt.Sprintf("%s\non_destroy = %q", rules, onDestroy))
				}
				w.configure(config(allRules))
				w.must(0, "apply", "-auto-approve")
				fewer := config("rules = {\n" + httpsEntry + "\n}")
				if way == "another address" {
					w.configure(strings.Replace(fewer, `"web"`, `"other"`, 1))
					if output, code := w.run("apply", "-auto-approve", "-no-color"); onDestroy == "keep" && code == 0 {
						t.Errorf("the rules that the old rule set keeps are removed:\n%s", output)
					}
					return
				}
				w.configure(fewer)
				arguments := []string{"plan", "-out=saved"}
				if way == "tainted" {
					w.must(0, "taint", webSet)
				} else {
					arguments = append(arguments, "-replace="+webSet)
				}
				w.must(0, arguments...)
				w.must(0, "apply", "saved")
				w.must(0, "plan", "-detailed-exitcode")
				if rules := c.named("default").Rules; len(rules) != 1 {
					t.Errorf("the group has the rules %v", rules)
				}
				w.must(0, "plan", "-out=saved", "-replace="+webSet)
				c.AddRule(id, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("tcp")})
				says(t, w.must(1, "apply", "-no-color", "saved"), "egress-ipv4-tcp", "import {")
			})
		}
	}
}

// A rule set that keeps its rules is replaced, and either a change of it was cut off before or its create fails at first. Neither
// loses the rules that the new one does not hold.
func TestRuleSetReplacedWithAFault(t *testing.T) {
	t.Parallel()
	update := func(effect gcoretest.Effect) gcoretest.Fault {
		return gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: effect}
	}
	for name, test := range map[string]struct {
		before, fault []gcoretest.Fault
		ended         bool // the task of the change before
		arguments     []string
	}{
		"after a change that goes on":         {before: []gcoretest.Fault{update(gcoretest.StallTask{Effect: true})}},
		"after a change, without a refresh":   {before: []gcoretest.Fault{update(gcoretest.StallTask{Effect: true})}, ended: true, arguments: []string{"-refresh=false"}},
		"the create is refused":               {fault: []gcoretest.Fault{update(gcoretest.Answer{Status: 403})}},
		"the create is cut off":               {fault: []gcoretest.Fault{update(gcoretest.StallTask{Effect: true})}},
		"the group cannot be read":            {fault: []gcoretest.Fault{{Operation: gcoretest.OperationReadGroup, Skip: 1, Times: 1, Effect: gcoretest.Answer{Status: 403}}}},
		"both, the change and then a refusal": {before: []gcoretest.Fault{update(gcoretest.StallTask{Effect: true})}, ended: true, fault: []gcoretest.Fault{update(gcoretest.Answer{Status: 403})}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			config := func(rules string) string {
				return set("rules = {\n" + rules + "\n}\ntimeouts = { create = \"30m\", update = \"30m\" }")
			}
			w.configure(config(httpsEntry))
			w.must(0, "apply", "-auto-approve")
			for _, fault := range test.before {
				c.Fail(fault)
			}
			w.configure(config(httpsEntry + "\n" + sshEntry))
			w.run("apply", "-auto-approve")
			if test.ended {
				c.EndTasks()
			}
			for _, fault := range test.fault {
				c.Fail(fault)
			}
			w.configure(config(httpsEntry))
			w.run(append([]string{"apply", "-auto-approve", "-replace=" + webSet}, test.arguments...)...)
			c.EndTasks()
			w.converge(t, c, []group{{name: "web", rules: []string{httpsLine}}})
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}

// With create_before_destroy the new rule set meets the rules of the old one. The error names the setting, and without it an apply
// gets through.
func TestRuleSetCreatedBeforeDestroyed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	w := c.workspace(t).reattached(c)
	config := func(lines string) string {
		return setOf(fmt.Sprintf("%q", id), lines+"\ntimeouts = { create = \"30m\", update = \"30m\" }")
	}
	const first = "\nlifecycle {\n  create_before_destroy = true\n}\n"
	w.configure(config("rules = {\n" + sshEntry + "\n}" + first))
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
	w.fails()
	c.EndTasks()
	w.configure(config("rules = {\n" + httpsEntry + "\n}" + first))
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "remove create_before_destroy")
	w.configure(config("rules = {\n" + httpsEntry + "\n}"))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if diff := c.differs([]group{{name: "web", rules: []string{httpsLine}}}); diff != "" {
		t.Error(diff)
	}
}
