package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// ports is the configuration of one standalone rule for each port of a list, by
// index.
func ports(list string) string {
	return web("") + `
		resource "gcore_cloud_security_group_rule" "ssh" {
			count          = length(` + list + `)
			group_id       = gcore_cloud_security_group.web.id
			direction      = "ingress"
			protocol       = "tcp"
			port_range_min = ` + list + `[count.index]
			port_range_max = ` + list + `[count.index]
			remote_ip_prefix = "0.0.0.0/0"
		}`
}

// Two rules swap their values, or a list loses its first element, so that each
// rule takes the place of the next. One apply is enough.
func TestRulesThatShift(t *testing.T) {
	t.Parallel()
	holding := func(numbers ...int) group {
		want := group{name: "web"}
		for _, n := range numbers {
			want.rules = append(want.rules, portLine(n))
		}
		return want
	}
	from := func(first, last int) (numbers []int) {
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
		return numbers
	}
	tests := map[string]struct {
		before, after string
		want          [2]group
	}{
		"swap":                   {ports("[22, 443]"), ports("[443, 22]"), [2]group{holding(22, 443), holding(22, 443)}},
		"loses its first":        {ports("range(1, 31)"), ports("range(2, 31)"), [2]group{holding(from(1, 30)...), holding(from(2, 30)...)}},
		"rotates by one of five": {ports("[1, 2, 3, 4, 5]"), ports("[2, 3, 4, 5, 1]"), [2]group{holding(from(1, 5)...), holding(from(1, 5)...)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{TaskDuration: 20 * time.Millisecond})
			c.slow = true
			c.run(t, c.apply(test.before, test.want[0]), c.apply(test.after, test.want[1]))
		})
	}
}

func named(key string, port int) string {
	return web("") + fmt.Sprintf(`
		resource "gcore_cloud_security_group_rule" "ssh" {
			for_each       = { %s = %d }
			group_id       = gcore_cloud_security_group.web.id
			direction      = "ingress"
			protocol       = "tcp"
			port_range_min = each.value
			port_range_max = each.value
			remote_ip_prefix = "0.0.0.0/0"
		}`, key, port)
}

// A renamed for_each key; plugin-testing does not support such resources.
func TestRuleOfARenamedKey(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{TaskDuration: 20 * time.Millisecond})
	c.slow = true
	w := c.workspace(t).reattached(c)
	for _, key := range []string{"a", "b"} {
		w.configure(named(key, 22))
		w.must(0, "apply", "-auto-approve")
		w.must(0, "plan", "-detailed-exitcode")
		if diff := c.differs([]group{{name: "web", rules: []string{portLine(22)}}}); diff != "" {
			t.Error(diff)
		}
	}
}

// Objects that the provider did not certainly create are never adopted, changed
// or deleted.
func TestUnplannedObjects(t *testing.T) {
	t.Parallel()
	unplannedRule := gcoretest.Rule{
		Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22),
		RemoteIPPrefix: new("192.0.2.0/24"), Description: new("admins"),
	}
	t.Run("a rule of the same key from before", func(t *testing.T) {
		t.Parallel()
		for _, effect := range []gcoretest.Effect{nil, gcoretest.Reset{}} {
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(web(""))
			w.must(0, "apply", "-auto-approve")
			unplanned := c.AddRule(c.only(t).ID, unplannedRule)
			c.ChangeRule(unplanned, func(r *gcoretest.Rule) { r.CreatedAt = r.CreatedAt.Add(-time.Hour) })
			if effect != nil {
				c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: effect})
			}
			w.configure(ssh(sshLines))
			if effect != nil {
				// The lost request may still be carried out: only the next apply can be sure that it is not.
				says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "nothing was found so far", "The state records the create")
			}
			output := w.must(1, "apply", "-auto-approve", "-no-color")
			says(t, output, "Cannot create security group rule", unplanned, "already exists", "import {", "1/76/"+c.only(t).ID+"/"+unplanned)
			if rules := c.only(t).Rules; len(rules) != 1 || rules[0].ID != unplanned {
				t.Errorf("with %v the unplanned rule did not stay alone: %v", effect, rules)
			}
			// The advice works.
			w.configure(ssh(sshLines) + importing(sshRule, "1/76/"+c.only(t).ID+"/"+unplanned))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
		}
	})
	t.Run("a group made in the same moment", func(t *testing.T) {
		t.Parallel()
		for _, processed := range []bool{false, true} {
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(web("rules = {}"))
			var unplanned string
			c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.Reset{Processed: processed}})
			c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListTasks, Times: 1, Effect: gcoretest.Meanwhile{Before: func() {
				unplanned = c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
			}}})
			w.run("apply", "-auto-approve", "-no-color")
			for range 3 {
				w.run("apply", "-auto-approve", "-no-color")
			}
			if _, ok := c.Group(unplanned); !ok {
				t.Errorf("processed %t: the unplanned group is gone", processed)
			}
			for _, id := range w.ids() {
				if id == unplanned {
					t.Errorf("processed %t: the unplanned group was adopted", processed)
				}
			}
			w.must(0, "destroy", "-auto-approve")
			if groups := c.ids(); len(groups) != 1 || groups[0] != unplanned {
				t.Errorf("processed %t: after the destroy the cloud has %v, and the unplanned group is %s", processed, groups, unplanned)
			}
		}
	})
}

// An unplanned rule added while a PATCH is retried is not removed.
func TestGuardWhileRepeating(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web("rules = {" + httpsEntry + "}"))
	w.must(0, "apply", "-auto-approve")
	id := c.only(t).ID
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.Reset{}})
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationListTasks, Times: 1, Effect: gcoretest.Meanwhile{Before: func() {
		c.AddRule(id, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp")})
	}}})
	w.configure(web("rules = {}"))
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), `Cannot update security group "web"`, "rules that the plan did not show", "egress-ipv4-udp")
	if diff := c.differs([]group{{name: "web", rules: []string{httpsLine, "egress IPv4 udp"}}}); diff != "" {
		t.Error(diff)
	}
}

// A tag added between plan and apply stays, and the next plan shows it.
func TestTagAddedSinceThePlan(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web(`tags = { a = "1" }`))
	w.must(0, "apply", "-auto-approve")
	w.configure(web(`tags = { a = "2" }`))
	w.must(0, "plan", "-out=saved")
	c.SetTag(c.only(t).ID, "theirs", "x", false)
	w.must(0, "apply", "saved")
	if diff := c.differs([]group{{name: "web", tags: []string{"a=2", "theirs=x"}}}); diff != "" {
		t.Error(diff)
	}
	says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), `- "theirs" = "x" -> null`)
}

// A group deleted while its rule is being deleted deletes the rule too.
func TestGroupGoneWhileItsRuleIsDeleted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	w.configure(fmt.Sprintf("resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = %q\n  direction = \"ingress\"\n%s\n}\n", id, anyLines))
	w.must(0, "apply", "-auto-approve")
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Times: 1, Effect: gcoretest.Meanwhile{Before: func() { c.DeleteGroup(id) }}})
	w.must(0, "destroy", "-auto-approve")
}

// The provider finds out the meaning of a 409: for a quota the error contains
// the counts, for a name already in use the import block.
func TestConflictsOfANewGroup(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config gcoretest.Config
		words  []string
	}{
		"quota": {gcoretest.Config{GroupLimit: 1}, []string{"QuotaLimitExceed", "limit=1", "A quota is used up"}},
		"name":  {gcoretest.Config{UniqueNames: true}, []string{"already exists", "import {", "1/76/" + otherGroup}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, test.config)
			c.AddGroup(gcoretest.Group{ID: otherGroup, ProjectID: testProject, RegionID: testRegion, Name: "web"})
			w := c.workspace(t).reattached(c)
			w.configure(web(""))
			says(t, w.must(1, "apply", "-auto-approve", "-no-color"), append(test.words, `Cannot create security group "web"`)...)
			if len(c.ids()) != 1 || len(w.ids()) != 0 {
				t.Errorf("the cloud has %v, the state %v", c.ids(), w.ids())
			}
		})
	}
}

// A rule that somebody adds to a new group before its rules are complete stays, and the error says how to keep it.
func TestRuleAddedToANewGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: 1, Skip: 1, Effect: gcoretest.Meanwhile{Before: func() {
		c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp")})
	}}})
	w.configure(web("rules = { a = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", self = true } }"))
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "rules were added to the new group from elsewhere", "ingress-ipv4-udp", "terraform untaint")
	if diff := c.differs([]group{{name: "web", rules: []string{"ingress IPv4 udp"}}}); diff != "" {
		t.Error(diff)
	}
	w.must(0, "untaint", webGroup)
	says(t, w.must(0, "plan", "-no-color"), "ingress-ipv4-udp", "0 to destroy")
}
