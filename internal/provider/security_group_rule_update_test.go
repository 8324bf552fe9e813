package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// During an update, either the old or the new rule always exists. Only the id
// is known after apply, and its dependents are updated.
func TestRuleChangesInPlace(t *testing.T) {
	t.Parallel()
	const anybody = "\nremote_ip_prefix = \"0.0.0.0/0\"\n"
	const follower = "\nresource \"terraform_data\" \"follower\" {\n  input = gcore_cloud_security_group_rule.ssh.id\n}\n"
	c := newCloud(t, gcoretest.Config{})
	id := plancheck.ExpectUnknownValue(sshRule, tfjsonpath.New("id"))
	port := func(port int) string { return fmt.Sprintf("port_range_min = %[1]d\nport_range_max = %[1]d\n", port) }
	steps := []struct{ lines, line string }{
		{`protocol = "tcp"` + anybody + port(22), "ingress IPv4 tcp 22-22"},
		{`protocol = "tcp"` + anybody + port(2222), "ingress IPv4 tcp 2222-2222"},
		{`protocol = "udp"` + anybody + port(2222), "ingress IPv4 udp 2222-2222"},
		{`protocol = "udp"` + "\nremote_ip_prefix = \"10.0.0.0/8\"\n" + port(2222), "ingress IPv4 udp 2222-2222 from 10.0.0.0/8"},
		{`protocol = "udp"` + "\nremote_ip_prefix = \"10.0.0.0/9\"\n" + port(2222), "ingress IPv4 udp 2222-2222 from 10.0.0.0/9"},
		{"direction = \"egress\"\nprotocol = \"udp\"\ndescription = \"out\"", `egress IPv4 udp "out"`},
	}
	config := func(lines string) string { return ssh(lines) + follower }
	run := []resource.TestStep{c.apply(config(steps[0].lines), group{name: "web", rules: []string{steps[0].line}})}
	for _, s := range steps[1:] {
		run = append(run, planned(c.apply(config(s.lines), group{name: "web", rules: []string{s.line}}),
			action(sshRule, plancheck.ResourceActionUpdate), id, action("terraform_data.follower", plancheck.ResourceActionUpdate)))
	}
	var history []gcoretest.Change
	var web string
	run = append(run, after(func() { history, web = c.History(), c.only(t).ID }, c.apply(config(steps[0].lines), group{name: "web", rules: []string{steps[0].line}})))
	c.run(t, run...)
	if change, opened := gcoretest.Gap(history, web, func(gcoretest.Rule) bool { return true }); opened {
		t.Errorf("for a moment the group has no rule: %+v", change)
	}
	if made := slices.IndexFunc(history, func(c gcoretest.Change) bool { return c.Kind == gcoretest.RuleRemoved }); made != 2 {
		t.Errorf("the first rule to go went as change %d of the group, not after the new one came", made)
	}
}

// If the API cannot hold the old and the new rule together, the provider
// deletes the old one first, and the plan warns.
func TestRuleAwayForAMoment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		others      int // number of other rules in the group
		lines, line string
		says        string
	}{
		"description": {0, strings.Replace(sshLines, "admins", "all", 1), `ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`, "differ only in their description"},
		"full group":  {249, udpLines, "ingress IPv4 udp", "Its group has 250 rules"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(ssh(sshLines))
			w.must(0, "apply", "-auto-approve")
			want := group{name: "web", rules: []string{test.line}}
			for n := range test.others {
				c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(n + 1), PortRangeMax: new(n + 1)})
				want.rules = append(want.rules, fmt.Sprintf("egress IPv4 tcp %[1]d-%[1]d", n+1))
			}
			w.configure(ssh(test.lines))
			says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), "A rule is briefly missing during the apply", test.says, "will be updated in-place")
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			if diff := c.differs([]group{want}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An update can end half-way, with the new rule created and the old one not
// deleted. The state then contains both, the plan is not empty, and one apply
// or destroy cleans up, whatever the configuration is by then.
func TestRuleChangeHalfWay(t *testing.T) {
	t.Parallel()
	const limit = "\ntimeouts = { update = \"30m\" }"
	one, two, three := ssh(sshLines+limit), ssh(udpLines+limit), ssh(strings.Replace(udpLines, "udp", "sctp", 1)+limit)
	described := ssh(strings.Replace(sshLines, "admins", "all", 1) + limit)
	line := func(lines ...string) []group { return []group{{name: "web", rules: lines}} }
	holding := map[string]func(c cloud) *gcoretest.Handle{
		// The new rule is known, the old one cannot be deleted.
		"old rule stays": func(c cloud) *gcoretest.Handle {
			return c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Effect: gcoretest.Answer{Status: 503}})
		},
		// The timeout ends while the new rule is being created.
		"new rule pending": func(c cloud) *gcoretest.Handle {
			return c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
		},
	}
	for half, hold := range holding {
		for name, test := range map[string]struct {
			config    string
			interfere func(c cloud)
			keeps     string // the line of the rule that must keep its id
			want      []group
			planned   int
		}{
			"apply again":    {config: two, keeps: "ingress IPv4 udp", want: line("ingress IPv4 udp"), planned: 2},
			"reverted":       {config: one, keeps: sshGroup.rules[0], want: []group{sshGroup}, planned: 2},
			"something else": {config: three, want: line("ingress IPv4 sctp"), planned: 2},
			"described":      {config: described, want: line(`ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`), planned: 2},
			"removed":        {config: web(""), want: line(), planned: 2},
			"old rule gone": {
				config: two, keeps: "ingress IPv4 udp", want: line("ingress IPv4 udp"), planned: 0,
				interfere: func(c cloud) { c.DeleteRule(c.idsOf("web")[sshGroup.rules[0]]) },
			},
			"new rule gone": {
				config: one, keeps: sshGroup.rules[0], want: []group{sshGroup}, planned: 0,
				interfere: func(c cloud) { c.DeleteRule(c.idsOf("web")["ingress IPv4 udp"]) },
			},
			"group gone": {config: one, want: []group{sshGroup}, planned: 2, interfere: func(c cloud) { c.DeleteGroup(c.named("web").ID) }},
		} {
			t.Run(half+"/"+name, func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, gcoretest.Config{})
				w := c.workspace(t).reattached(c)
				w.configure(one)
				w.must(0, "apply", "-auto-approve")
				w.configure(two)
				fault := hold(c)
				says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "Cannot update security group rule", "ingress-ipv4-tcp-22")
				fault.Clear()
				c.EndTasks()
				before := c.idsOf("web")
				if len(before) != 2 {
					t.Fatalf("the cloud has %v, not the old and the new rule", before)
				}
				if test.interfere != nil {
					test.interfere(c)
				}
				w.configure(test.config)
				if half == "new rule pending" && name == "new rule gone" {
					test.planned = 2 // a read may lag behind the task: the apply finds out for sure
				}
				output := w.must(test.planned, "plan", "-detailed-exitcode", "-no-color")
				if test.planned == 2 && test.interfere == nil && name != "removed" {
					says(t, output, "(known after apply)")
				}
				w.must(0, "apply", "-auto-approve")
				w.must(0, "plan", "-detailed-exitcode")
				if diff := c.differs(test.want); diff != "" {
					t.Errorf("the cloud does not hold what is configured (-want +got):\n%s", diff)
				}
				if now := c.idsOf("web"); test.keeps != "" && now[test.keeps] != before[test.keeps] {
					t.Errorf("%s was replaced", test.keeps)
				}
				w.must(0, "destroy", "-auto-approve")
				if diff := c.differs(nil); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Rules that take each other's place, in several groups, and more of them than
// Terraform's parallelism.
func TestManyRulesThatShift(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.slow = true
	config := func(first int) string {
		return fmt.Sprintf(`
			resource "gcore_cloud_security_group" "all" {
				count = 4
				name  = "group-${count.index}"
			}
			locals {
				ports = range(%d, 11)
			}
			resource "gcore_cloud_security_group_rule" "all" {
				count          = 4 * length(local.ports)
				group_id       = gcore_cloud_security_group.all[count.index %% 4].id
				direction      = "ingress"
				protocol       = "tcp"
				port_range_min = local.ports[floor(count.index / 4)]
				port_range_max = local.ports[floor(count.index / 4)]
				remote_ip_prefix = "0.0.0.0/0"
			}`, first)
	}
	want := func(first int) (groups []group) {
		for n := range 4 {
			held := group{name: fmt.Sprintf("group-%d", n)}
			for port := first; port < 11; port++ {
				held.rules = append(held.rules, portLine(port))
			}
			groups = append(groups, held)
		}
		return groups
	}
	c.run(t, c.apply(config(1), want(1)...), c.apply(config(2), want(2)...))
}

// Two rules swap places, also if a dependent resource forces
// create_before_destroy on them.
func TestRulesSwapInPlace(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.slow = true
	const follower = `
		resource "terraform_data" "follower" {
			triggers_replace = gcore_cloud_security_group_rule.ssh[0].id
			lifecycle {
				create_before_destroy = true
			}
		}`
	want := group{name: "web", rules: []string{portLine(22), portLine(443)}}
	c.run(t, c.apply(ports("[22, 443]")+follower, want),
		planned(c.apply(ports("[443, 22]")+follower, want), action(sshRule+"[0]", plancheck.ResourceActionUpdate), action(sshRule+"[1]", plancheck.ResourceActionUpdate)))
}

// The task fails because other rules of the same apply have filled the group.
func TestRulesFillTheGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{TaskDuration: 100 * time.Millisecond})
	w := c.workspace(t).reattached(c)
	w.configure(ports("[1001, 1002, 1003]"))
	w.must(0, "apply", "-auto-approve")
	for n := range 246 {
		c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(n + 1), PortRangeMax: new(n + 1)})
	}
	w.configure(ports("[2001, 2002, 2003]"))
	if output, code := w.run("apply", "-auto-approve", "-no-color"); code != 0 {
		says(t, output, "Quota limit")
		w.must(0, "apply", "-auto-approve")
	}
	w.must(0, "plan", "-detailed-exitcode")
	if ids := c.ruleIDs(c.only(t).ID); len(ids) != 249 {
		t.Errorf("the group has %d rules", len(ids))
	}
}

// An update of the description is interrupted after the old rule was deleted,
// and reverted while the new rule is still being created.
func TestRuleChangeRevertedWhileItRuns(t *testing.T) {
	t.Parallel()
	const limit = "\ntimeouts = { update = \"30m\" }"
	for name, effect := range map[string]bool{"it comes to nothing": false, "it succeeds": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(ssh(sshLines + limit))
			w.must(0, "apply", "-auto-approve")
			w.configure(ssh(strings.Replace(sshLines, "admins", "all", 1) + limit))
			c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.StallTask{Effect: effect}})
			says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "The old rule is deleted")
			w.configure(ssh(sshLines + limit))
			says(t, w.must(0, "plan", "-out=saved", "-no-color"), "is still being changed")
			c.EndTasks()
			w.must(0, "apply", "saved")
			w.must(0, "plan", "-detailed-exitcode")
			if diff := c.differs([]group{sshGroup}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An update whose response was lost, and that has no task, created nothing, as far as a plan can tell: it names a rule that
// looks like its own. The apply finds out, and the rule stays.
func TestRuleChangeInDoubt(t *testing.T) {
	t.Parallel()
	const limit = "\ntimeouts = { update = \"30m\" }"
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(ssh(sshLines + limit))
	w.must(0, "apply", "-auto-approve")
	w.configure(ssh(udpLines + limit))
	lost := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Effect: gcoretest.Answer{Status: 503}})
	blind := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListTasks, Effect: gcoretest.Answer{Status: 403}})
	w.must(1, "apply", "-auto-approve")
	lost.Clear()
	blind.Clear()
	unplanned := c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp")})
	w.configure(ssh(sshLines + limit))
	says(t, w.must(0, "plan", "-no-color"), "is still being changed", "nothing was found so far", unplanned)
	w.must(0, "apply", "-auto-approve")
	if diff := c.differs([]group{{name: "web", rules: append([]string{"ingress IPv4 udp"}, sshGroup.rules...)}}); diff != "" {
		t.Error(diff)
	}
}

// An interrupted create is untainted, as its error advises, and the rule
// changes before it is known whether it exists.
func TestRuleChangedBeforeItIsCreated(t *testing.T) {
	t.Parallel()
	const limit = "\ntimeouts = { create = \"30m\" }"
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(ssh(sshLines + limit))
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
	w.must(1, "apply", "-auto-approve")
	w.must(0, "untaint", sshRule)
	w.configure(ssh(udpLines + limit))
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "is still being created", "Nothing was sent")
	c.EndTasks()
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if diff := c.differs([]group{{name: "web", rules: []string{"ingress IPv4 udp"}}}); diff != "" {
		t.Error(diff)
	}
}
