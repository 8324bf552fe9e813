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

// A rule changes without a moment in which neither the old one nor the new one
// is there. Only its id is known after the apply, and what uses the id follows.
func TestRuleChangesInPlace(t *testing.T) {
	t.Parallel()
	const follower = "\nresource \"terraform_data\" \"follower\" {\n  input = gcore_cloud_security_group_rule.ssh.id\n}\n"
	c := newCloud(t, gcoretest.Config{})
	id := plancheck.ExpectUnknownValue(sshRule, tfjsonpath.New("id"))
	port := func(port int) string { return fmt.Sprintf("port_range_min = %[1]d\nport_range_max = %[1]d\n", port) }
	steps := []struct{ lines, line string }{
		{`protocol = "tcp"` + "\n" + port(22), "ingress IPv4 tcp 22-22"},
		{`protocol = "tcp"` + "\n" + port(2222), "ingress IPv4 tcp 2222-2222"},
		{`protocol = "udp"` + "\n" + port(2222), "ingress IPv4 udp 2222-2222"},
		{`protocol = "udp"` + "\nremote_ip_prefix = \"10.0.0.0/8\"\n" + port(2222), "ingress IPv4 udp 2222-2222 from 10.0.0.0/8"},
		{`protocol = "udp"` + "\nremote_ip_prefix = \"10.0.0.0/9\"\n" + port(2222), "ingress IPv4 udp 2222-2222 from 10.0.0.0/9"},
		{"direction = \"egress\"\nprotocol = \"udp\"\ndescription = \"out\"", `egress IPv4 udp "out"`},
	}
	config := func(lines string) string {
		if strings.Contains(lines, "direction") {
			return strings.Replace(ssh(lines), "direction = \"ingress\"\n", "", 1) + follower
		}
		return ssh(lines) + follower
	}
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

// Where the API cannot hold the old rule and the new one together the old one
// goes first, and the plan says so.
func TestRuleAwayForAMoment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		others      int // rules in the group beside the one that changes
		lines, line string
		says        string
	}{
		"description": {0, strings.Replace(sshLines, "admins", "all", 1), `ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`, "differ in their description only"},
		"full group":  {249, `protocol = "udp"`, "ingress IPv4 udp", "Its group has 250 rules"},
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
			says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), "A rule is away for a moment", test.says, "will be updated in-place")
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			if diff := c.differs([]group{want}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A change that ends half-way, with the new rule made and the old one still
// there: both are in the state, the plan is never empty, and one apply or
// destroy clears it up, whatever the configuration says by then.
func TestRuleChangeHalfWay(t *testing.T) {
	t.Parallel()
	const limit = "\ntimeouts = { update = \"2s\" }"
	one, two, three := ssh(sshLines+limit), ssh("protocol = \"udp\""+limit), ssh("protocol = \"sctp\""+limit)
	described := ssh(strings.Replace(sshLines, "admins", "all", 1) + limit)
	line := func(lines ...string) []group { return []group{{name: "web", rules: lines}} }
	holding := map[string]func(c cloud) *gcoretest.Handle{
		// The new rule is known, the old one cannot be deleted.
		"old rule stays": func(c cloud) *gcoretest.Handle {
			return c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Effect: gcoretest.Answer{Status: 503}})
		},
		// The new rule is being made when the time is over.
		"new rule pending": func(c cloud) *gcoretest.Handle {
			return c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
		},
	}
	for half, hold := range holding {
		for name, test := range map[string]struct {
			config  string
			meddle  func(c cloud)
			keeps   string // the line whose rule has to stay the same one
			want    []group
			planned int
		}{
			"apply again":    {config: two, keeps: "ingress IPv4 udp", want: line("ingress IPv4 udp"), planned: 2},
			"reverted":       {config: one, keeps: sshGroup.rules[0], want: []group{sshGroup}, planned: 2},
			"something else": {config: three, want: line("ingress IPv4 sctp"), planned: 2},
			"described":      {config: described, want: line(`ingress IPv4 tcp 22-22 from 192.0.2.0/24 "all"`), planned: 2},
			"removed":        {config: web(""), want: line(), planned: 2},
			"old rule gone": {
				config: two, keeps: "ingress IPv4 udp", want: line("ingress IPv4 udp"), planned: 0,
				meddle: func(c cloud) { c.DeleteRule(c.idsOf("web")[sshGroup.rules[0]]) },
			},
			"new rule gone": {
				config: one, keeps: sshGroup.rules[0], want: []group{sshGroup}, planned: 0,
				meddle: func(c cloud) { c.DeleteRule(c.idsOf("web")["ingress IPv4 udp"]) },
			},
			"group gone": {config: one, want: []group{sshGroup}, planned: 2, meddle: func(c cloud) { c.DeleteGroup(c.named("web").ID) }},
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
				if test.meddle != nil {
					test.meddle(c)
				}
				w.configure(test.config)
				output := w.must(test.planned, "plan", "-detailed-exitcode", "-no-color")
				if test.planned == 2 && test.meddle == nil && name != "removed" {
					says(t, output, "An earlier change of the rule was cut off", "(known after apply)")
				}
				w.must(0, "apply", "-auto-approve")
				w.must(0, "plan", "-detailed-exitcode")
				if diff := c.differs(test.want); diff != "" {
					t.Errorf("the cloud does not hold what is configured (-want +got):\n%s", diff)
				}
				if now := c.idsOf("web"); test.keeps != "" && now[test.keeps] != before[test.keeps] {
					t.Errorf("%s was made anew", test.keeps)
				}
				w.must(0, "destroy", "-auto-approve")
				if diff := c.differs(nil); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Rules that take each other's place when Terraform does one thing at a time,
// and more of them than it does at a time.
func TestRulesThatShiftOneByOne(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{TaskDuration: time.Millisecond})
	w := c.workspace(t).reattached(c)
	w.configure(ports("range(1, 14)"))
	w.must(0, "apply", "-auto-approve")
	w.configure(ports("range(2, 14)"))
	says(t, w.must(0, "apply", "-auto-approve", "-no-color", "-parallelism=1"), "must be replaced", "already says what it shall say")
	w.must(0, "plan", "-detailed-exitcode")
	want := group{name: "web"}
	for port := 2; port < 14; port++ {
		want.rules = append(want.rules, portLine(port))
	}
	if diff := c.differs([]group{want}); diff != "" {
		t.Error(diff)
	}
}
