package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// peer is a second group, to which rules move.
func peer(lines string) string {
	return "resource \"gcore_cloud_security_group\" \"peer\" {\n  name = \"peer\"\n" + lines + "\n}\n"
}

// httpsIn is the rule of httpsEntry as a standalone rule of a group.
func httpsIn(group string) string {
	return fmt.Sprintf(`resource "gcore_cloud_security_group_rule" "https" {
  group_id         = %s.id
  direction        = "ingress"
  protocol         = "tcp"
  port_range_min   = 443
  port_range_max   = 443
  remote_ip_prefix = "10.0.0.0/8"
}
`, group)
}

// A standalone rule moves to another group, and in the same apply an owner of all rules of its old group declares the same
// rule: it stays there, and the apply says so.
func TestRuleMovesBesideANewOwner(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after string }{
		"inline":            {web("") + peer(""), web("rules = {"+httpsEntry+"}") + peer("")},
		"rule set":          {web("") + peer(""), set("rules = {"+httpsEntry+"}") + peer("")},
		"inline, new group": {web(""), web("rules = {"+httpsEntry+"}") + peer("")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(test.before + httpsIn(webGroup))
			w.must(0, "apply", "-auto-approve")
			id := c.ruleIDs(c.named("web").ID)
			w.configure(test.after + httpsIn("gcore_cloud_security_group.peer"))
			says(t, w.must(0, "apply", "-auto-approve", "-no-color"), "rules were kept")
			if diff := c.differs([]group{{name: "web", rules: []string{httpsLine}}, {name: "peer", rules: []string{httpsLine}}}); diff != "" {
				t.Error(diff)
			}
			if now := c.ruleIDs(c.named("web").ID); strings.Join(now, "") != strings.Join(id, "") {
				t.Errorf("the rule was %s and is %s", id, now)
			}
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}

// A move that was cut off half-way is taken back, and an owner of all rules of the other group declares the rule that the
// move has made there: it stays.
func TestRuleMovesBackFromAnOwner(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web("") + peer("") + httpsIn(webGroup))
	w.must(0, "apply", "-auto-approve")
	w.configure(web("") + peer("") + httpsIn("gcore_cloud_security_group.peer"))
	refused := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Effect: gcoretest.Answer{Status: 403}})
	w.fails()
	refused.Clear()
	w.configure(web("") + peer("rules = {"+httpsEntry+"}") + httpsIn(webGroup))
	says(t, w.must(0, "apply", "-auto-approve", "-no-color"), "rules were kept")
	if diff := c.differs([]group{{name: "web", rules: []string{httpsLine}}, {name: "peer", rules: []string{httpsLine}}}); diff != "" {
		t.Error(diff)
	}
	w.must(0, "plan", "-detailed-exitcode")
}
