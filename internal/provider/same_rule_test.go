package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// portRule is a standalone rule of the group `web` for one port, with additional lines.
func portRule(name string, port int, lines ...string) string {
	return single(name, fmt.Sprintf("protocol = \"tcp\"\nport_range_min = %[1]d\nport_range_max = %[1]d\nremote_ip_prefix = \"10.0.0.0/8\"\n", port)+strings.Join(lines, "\n"))
}

const otherDescription = `description = "the other"`

// Two standalone rules that are the same fail the plan, with and without a refresh, and before anything is sent.
func TestSameRuleTwice(t *testing.T) {
	t.Parallel()
	const create, change, title = "to be created", "now rule", "The same rule twice"
	const https, other, host = "ingress-ipv4-tcp-443-from-10_0_0_0-8", "ingress-ipv4-tcp-8443-from-10_0_0_0-8", "ingress-ipv4-tcp-443-from-192_0_2_1-32"
	counted := strings.Replace(portRule("a", 443), "group_id", "count = 2\ngroup_id", 1)
	base := web("") + portRule("a", 22) + portRule("b", 443)
	fromHost := func(name, prefix string) string {
		return strings.Replace(portRule(name, 443), "10.0.0.0/8", prefix, 1)
	}
	tests := map[string]struct {
		before, after string
		says          []string
	}{
		"two creates":                                {web(""), web("") + portRule("a", 443) + portRule("b", 443, otherDescription), []string{title, https, create, `("the other")`}},
		"two creates by count":                       {web(""), web("") + counted, []string{title, https, create}},
		"two creates in two spellings":               {web(""), web("") + portRule("a", 443) + portRule("b", 443, `ethertype = "IPv4"`), []string{title, https, create}},
		"two creates of one host":                    {web(""), web("") + fromHost("a", "192.0.2.1") + fromHost("b", "192.0.2.1/32"), []string{title, host, create}},
		"a change into a rule that stays":            {base, web("") + portRule("a", 443) + portRule("b", 443), []string{title, https, change}},
		"a change into a rule that stays, described": {base, web("") + portRule("a", 443) + portRule("b", 443, otherDescription), []string{title, https, change}},
		"two changes":                                {base, web("") + portRule("a", 8443) + portRule("b", 8443), []string{title, other, change}},
		"a create beside a rule that stays":          {base, base + portRule("c", 443, otherDescription), []string{title, https, create, change}},
		"a create beside a rule that changes":        {base, web("") + portRule("a", 8443) + portRule("b", 443) + portRule("c", 8443, otherDescription), []string{title, other, create, change}},
		"a create beside inline rules":               {inlineRules, inlineRules + portRule("a", 443), []string{"The rules of a security group have two owners"}},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(test.before)
			w.must(0, "apply", "-auto-approve")
			c.ResetRequests()
			w.configure(test.after)
			for _, arguments := range [][]string{
				{"plan"}, {"plan", "-refresh=false"}, {"apply", "-auto-approve", "-refresh=false", "-parallelism=1"}, {"apply", "-auto-approve", "-refresh=false"},
			} {
				says(t, w.must(1, append(arguments, "-no-color")...), append(test.says, c.only(t).ID)...)
			}
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			// One of the two is removed again.
			w.configure(test.before)
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}

// While the group is new, the apply finds the second rule, before it sends anything for it.
func TestSameRuleTwiceInANewGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web("") + portRule("a", 443) + portRule("b", 443, otherDescription))
	w.must(0, "plan")
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "The same rule twice", "ingress-ipv4-tcp-443-from-10_0_0_0-8", "to be created")
	if n := c.Count(func(r gcoretest.Request) bool { return r.Operation == gcoretest.OperationCreateRule }); n != 1 {
		t.Errorf("%d requests for a new rule", n)
	}
	w.configure(web("") + portRule("a", 443))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
}

// A create of which the plan does not know that another resource has its rule: the apply finds the rule, and its error names
// it.
func TestCreateOfARuleThatAnotherResourceHas(t *testing.T) {
	t.Parallel()
	first := web("") + portRule("a", 443)
	second := strings.ReplaceAll(portRule("b", 443), "443", "terraform_data.late.output")
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(first)
	w.must(0, "apply", "-auto-approve")
	held := c.ruleIDs(c.only(t).ID)
	for i, parallelism := range []string{"1", "10"} {
		w.configure(first + second + fmt.Sprintf("resource \"terraform_data\" \"late\" {\n  input = 443\n  triggers_replace = %d\n}\n", i))
		output := w.must(1, "apply", "-auto-approve", "-no-color", "-parallelism="+parallelism)
		says(t, output, "A security group cannot contain the same rule twice", "remove one of the two resources", held[0], "1/76/"+c.only(t).ID+"/"+held[0])
	}
	if now := c.ruleIDs(c.only(t).ID); !slices.Equal(now, held) {
		t.Errorf("the rules %v have become %v", held, now)
	}
	w.configure(first + "resource \"terraform_data\" \"late\" {\n  input = 443\n  triggers_replace = 1\n}\n")
	w.must(0, "plan", "-detailed-exitcode")
}

// An update that finds at the apply what it becomes takes over no rule of a resource that changes otherwise in that apply and
// keeps its rule.
func TestLateUpdateIntoARuleThatIsKept(t *testing.T) {
	t.Parallel()
	config := func(late, port int, lines string) string {
		return web("") + fmt.Sprintf("resource \"terraform_data\" \"late\" {\n  input = %d\n}\n", late) + portRule("b", 443, lines) +
			strings.ReplaceAll(portRule("a", port, "depends_on = [gcore_cloud_security_group_rule.b]"), fmt.Sprint(port), "terraform_data.late.output")
	}
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(config(22, 22, ""))
	w.must(0, "apply", "-auto-approve")
	for parallelism, lines := range map[string]string{"1": "timeouts = { update = \"1m\" }", "10": "timeouts = { update = \"2m\" }"} {
		before := c.ruleIDs(c.only(t).ID)
		w.configure(config(443, 443, lines))
		w.must(0, "plan", "-out=saved", "-refresh=false")
		says(t, w.must(1, "apply", "-no-color", "-parallelism="+parallelism, "saved"), "The same rule twice", before[0], before[1])
		if now := c.ruleIDs(c.only(t).ID); !slices.Equal(now, before) {
			t.Errorf("the rules %v have become %v", before, now)
		}
		w.configure(config(22, 22, lines))
		w.must(0, "apply", "-auto-approve")
	}
	w.must(0, "plan", "-detailed-exitcode")
}

// Nothing here is the same rule twice.
func TestNotTheSameRuleTwice(t *testing.T) {
	t.Parallel()
	const first = "lifecycle {\n  create_before_destroy = true\n}"
	base := web("") + portRule("a", 22) + portRule("b", 443)
	twin := strings.ReplaceAll(web(""), `"web"`, `"peer"`)
	inPeer := func(text string) string { return strings.ReplaceAll(text, webGroup, groupType+".peer") }
	keyed := func(key string) string {
		return web("") + strings.Replace(portRule("a", 22), "group_id", fmt.Sprintf("for_each = toset([%q])\ngroup_id", key), 1)
	}
	listed := func(ports string) string {
		return web("") + "locals {\n ports = " + ports + "\n}\n" + strings.NewReplacer("group_id", "count = length(local.ports)\ngroup_id", "= 22", "= local.ports[count.index]").Replace(portRule("a", 22))
	}
	triggered := func(n int) string {
		return web("") + fmt.Sprintf("resource \"terraform_data\" \"t\" {\n input = %d\n}\n", n) + portRule("a", 22, "lifecycle {\n replace_triggered_by = [terraform_data.t]\n}") + portRule("b", 443)
	}
	const ruleA = "-replace=" + rulePrefix + "a"
	tests := map[string]struct {
		before, after string
		taint         bool
		arguments     []string
	}{
		"-replace":                          {base, base, false, []string{ruleA}},
		"-replace with a change":            {base, web("") + portRule("a", 8443) + portRule("b", 443), false, []string{ruleA}},
		"-replace of both":                  {base, base, false, []string{ruleA, "-replace=" + rulePrefix + "b"}},
		"-replace of one that swaps":        {base, web("") + portRule("a", 443) + portRule("b", 22), false, []string{ruleA}},
		"taint":                             {base, base, true, nil},
		"taint, with a change":              {base, web("") + portRule("a", 8443) + portRule("b", 443), true, nil},
		"replace_triggered_by":              {triggered(1), triggered(2), false, nil},
		"create_before_destroy, swap":       {web("") + portRule("a", 22, first) + portRule("b", 443, first), web("") + portRule("a", 443, first) + portRule("b", 22, first), false, nil},
		"create_before_destroy, moved":      {web("") + portRule("a", 22, first), web("") + portRule("c", 22, first) + moved("a", "c"), false, nil},
		"a renamed key":                     {keyed("a"), keyed("b"), false, nil},
		"another name":                      {base, web("") + portRule("c", 22) + portRule("b", 443), false, nil},
		"another name, and a shift":         {base, web("") + portRule("c", 443) + portRule("b", 22), false, nil},
		"a list that shifts":                {listed("range(1, 5)"), listed("range(2, 5)"), false, nil},
		"a list that grows in front":        {listed("range(2, 5)"), listed("range(1, 5)"), false, nil},
		"a swap":                            {base, web("") + portRule("a", 443) + portRule("b", 22), false, nil},
		"moved blocks":                      {base, web("") + portRule("c", 22) + portRule("d", 443) + moved("a", "c") + moved("b", "d"), false, nil},
		"one becomes the other, which goes": {base, web("") + portRule("a", 443), false, nil},
		"the same in two groups":            {web("") + twin + portRule("a", 22) + inPeer(portRule("b", 443)), web("") + twin + portRule("a", 443) + inPeer(portRule("b", 443)), false, nil},
		"a move to another group":           {web("") + twin + portRule("a", 22) + inPeer(portRule("b", 443)), web("") + twin + inPeer(portRule("a", 22)) + inPeer(portRule("b", 443)), false, nil},
		"the group is replaced":             {base, base, false, []string{"-replace=" + webGroup}},
	}
	for label, test := range tests {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			c.slow = true
			w := c.workspace(t).reattached(c)
			w.configure(test.before)
			w.must(0, "apply", "-auto-approve")
			w.configure(test.after)
			if test.taint {
				w.must(0, "taint", rulePrefix+"a")
			}
			w.must(0, "validate")
			// One process plans several times.
			w.must(0, append([]string{"plan"}, test.arguments...)...)
			w.must(0, append([]string{"apply", "-auto-approve", "-refresh=false"}, test.arguments...)...)
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}

func moved(from, to string) string {
	return fmt.Sprintf("moved {\n  from = %[1]s%[2]s\n  to   = %[1]s%[3]s\n}\n", rulePrefix, from, to)
}

// Two aliases of the provider are about different groups, or are two processes.
func TestSameRuleByTwoAliases(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	alias := func(text string) string {
		return strings.ReplaceAll(text, "direction", "provider = gcore.r3\n direction")
	}
	there := strings.Replace(strings.ReplaceAll(web(""), `"web"`, `"peer"`), "name", "provider = gcore.r3\n name", 1)
	w.configure("provider \"gcore\" {}\nprovider \"gcore\" {\n  alias = \"r3\"\n  cloud_region_id = 3\n}\n" +
		web("") + there + portRule("a", 443) + strings.ReplaceAll(alias(portRule("b", 443)), webGroup, groupType+".peer"))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "apply", "-auto-approve", "-replace="+rulePrefix+"a", "-replace="+rulePrefix+"b")
	w.must(0, "plan", "-detailed-exitcode")
}

// A rule that the cloud holds twice, as it may after simultaneous requests: two resources for it fail the plan, and the second
// can be deleted.
func TestRuleThatTheCloudHoldsTwice(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web("") + portRule("a", 443))
	w.must(0, "apply", "-auto-approve")
	held := c.ruleIDs(c.only(t).ID)
	equal := c.only(t).Rules[0]
	equal.ID = ""
	twin := c.AddRule(c.only(t).ID, equal)
	w.configure(web("") + portRule("a", 443) + portRule("b", 443) + importing(rulePrefix+"b", c.only(t).ID+"/"+twin))
	says(t, w.must(1, "plan", "-no-color"), "The same rule twice", held[0], twin)
	w.configure(web("") + portRule("a", 443) + portRule("b", 8443) + importing(rulePrefix+"b", c.only(t).ID+"/"+twin))
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if now := c.idsOf("web")[portLine(443)+" from 10.0.0.0/8"]; now != held[0] {
		t.Errorf("the rule %s has become %s", held[0], now)
	}
}

// A rule that two resources have by their states, as after an interruption. Without a refresh the plan fails: the resource that
// gives the rule up would delete that of the other.
func TestOneRuleOfTwoResources(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.slow = true
	w := c.workspace(t).reattached(c)
	w.configure(web("") + portRule("a", 443))
	w.must(0, "apply", "-auto-approve")
	held := c.ruleIDs(c.only(t).ID)
	w.configure(web("") + portRule("a", 443) + portRule("b", 443))
	// The import command makes no plan, which would fail.
	w.must(0, "import", rulePrefix+"b", c.only(t).ID+"/"+held[0])
	w.configure(web("") + portRule("a", 443) + portRule("b", 8443))
	says(t, w.must(1, "apply", "-auto-approve", "-refresh=false", "-no-color"), "The same rule twice", held[0], "plan without -refresh=false")
	if now := c.ruleIDs(c.only(t).ID); !slices.Equal(now, held) {
		t.Errorf("the rules %v have become %v", held, now)
	}
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if diff := c.differs([]group{{name: "web", rules: []string{portLine(443) + " from 10.0.0.0/8", portLine(8443) + " from 10.0.0.0/8"}}}); diff != "" {
		t.Error(diff)
	}
}
