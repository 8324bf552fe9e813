package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// Rules that shift and swap need neither a refresh nor a second worker.
func TestRulesTakeEachOthersPlaces(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after string
		parallelism   []string
		arguments     []string
		want          []int
	}{
		"a list of 100 loses its first, without a refresh": {"range(1, 101)", "range(2, 101)", nil, []string{"-refresh=false"}, upTo(2, 100)},
		"a swap, one at a time":                            {"[22, 443]", "[443, 22]", []string{"-parallelism=1"}, nil, []int{22, 443}},
		"a rotation, one at a time, without a refresh":     {"[1, 2, 3, 4, 5]", "[3, 4, 5, 1, 2]", []string{"-parallelism=1"}, []string{"-refresh=false"}, upTo(1, 5)},
		"a list of 30 grows at its head":                   {"range(2, 32)", "range(1, 32)", nil, nil, upTo(1, 31)},
		"a list of 30 loses its first, known at the apply": {"late range(1, 31)", "late range(2, 31)", nil, nil, upTo(2, 30)},
		"a swap, known at the apply, one at a time":        {"late [22, 443]", "late [443, 22]", []string{"-parallelism=1"}, nil, []int{22, 443}},
	} {
		for _, saved := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, saved %t", name, saved), func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, gcoretest.Config{RefuseInTask: saved})
				c.slow = true
				w := c.workspace(t).reattached(c)
				w.configure(latePorts(test.before))
				w.must(0, "apply", "-auto-approve")
				w.configure(latePorts(test.after))
				if saved {
					w.must(0, append([]string{"plan", "-out=saved"}, test.arguments...)...)
					w.must(0, slices.Concat([]string{"apply"}, test.parallelism, []string{"saved"})...)
				} else {
					w.must(0, slices.Concat([]string{"apply", "-auto-approve"}, test.parallelism, test.arguments)...)
				}
				want := group{name: "web"}
				for _, port := range test.want {
					want.rules = append(want.rules, portLine(port))
				}
				if diff := c.differs([]group{want}); diff != "" {
					t.Error(diff)
				}
				w.must(0, "plan", "-detailed-exitcode")
			})
		}
	}
}

// latePorts is ports. The elements of "late <list>" are known at the apply only, where they change.
func latePorts(list string) string {
	list, isLate := strings.CutPrefix(list, "late ")
	if !isLate {
		return ports(list)
	}
	const output = "terraform_data.list.output"
	return "resource \"terraform_data\" \"list\" {\n  input = " + list + "\n}\n" +
		strings.Replace(ports(output), "length("+output+")", "length("+list+")", 1)
}

func upTo(first, last int) (numbers []int) {
	for n := first; n <= last; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// An update takes over the rule of a resource that goes, and cannot delete its own one. Whatever comes next, no rule is left.
func TestRuleTakenOverInVain(t *testing.T) {
	t.Parallel()
	config := func(ports map[string]int, after string) string {
		text := web("")
		for name, port := range ports {
			text += fmt.Sprintf(`
				resource "gcore_cloud_security_group_rule" %q {
					group_id         = gcore_cloud_security_group.web.id
					direction        = "ingress"
					protocol         = "tcp"
					port_range_min   = %[2]d
					port_range_max   = %[2]d
					remote_ip_prefix = "10.0.0.0/8"
					%[3]s
				}`, name, port, map[string]string{"last": after}[name])
		}
		return text
	}
	for then, ports := range map[string]map[string]int{
		"goes on": {"taker": 443}, "goes back": {"taker": 22}, "is destroyed": {},
	} {
		t.Run(then, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{NoLock: true})
			w := c.workspace(t).reattached(c)
			// Of those that go, the last one goes first.
			w.configure(config(map[string]int{"taker": 22, "other": 443, "last": 8080}, "depends_on = [gcore_cloud_security_group_rule.other]"))
			w.must(0, "apply", "-auto-approve")
			deletes := func(port int) func(gcoretest.Request) bool {
				id := c.idsOf("web")[portLine(port)+" from 10.0.0.0/8"]
				return func(r gcoretest.Request) bool { return r.Method == "DELETE" && strings.HasSuffix(r.Path, id) }
			}
			refused := c.Fail(gcoretest.Fault{Match: deletes(22), Effect: gcoretest.Answer{Status: 403}})
			c.Fail(gcoretest.Fault{Match: deletes(8080), Effect: gcoretest.Meanwhile{Before: func() { <-refused.FirstHit() }}})
			w.configure(config(map[string]int{"taker": 443}, ""))
			w.fails()
			refused.Clear()
			w.configure(config(ports, ""))
			var rules []string
			for _, port := range ports {
				rules = append(rules, portLine(port)+" from 10.0.0.0/8")
			}
			w.converge(t, c, []group{{name: "web", rules: rules}})
		})
	}
}

// A rule goes after an update of it was cut off. Only what the update has made goes with it: another resource loses neither a rule
// that the update took over nor one like it in another group, and the plan does not say so.
func TestRuleGoesAfterACutOffUpdate(t *testing.T) {
	t.Parallel()
	groups := web("") + strings.ReplaceAll(web(""), "web", "peer")
	const after = "depends_on = [gcore_cloud_security_group_rule.a]"
	for name, test := range map[string]struct {
		before, cut string
		fault       gcoretest.Fault
	}{
		"taken over": {
			portRule("a", 22) + portRule("b", 443, after), portRule("a", 443) + portRule("b", 8443, after),
			gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Times: 1, Effect: gcoretest.Answer{Status: 403}},
		},
		"to another group": {
			portRule("a", 22) + portRule("b", 443), strings.ReplaceAll(portRule("a", 443, `timeouts = { update = "30m" }`), "web", "peer") + portRule("b", 443),
			gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.StallTask{Effect: true}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(groups + test.before)
			w.must(0, "apply", "-auto-approve")
			held := c.idsOf("web")[portLine(443)+" from 10.0.0.0/8"]
			c.Fail(test.fault)
			w.configure(groups + test.cut)
			w.fails()
			w.configure(groups + portRule("b", 443))
			w.must(2, "plan", "-detailed-exitcode")
			c.EndTasks()
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			if diff := c.differs([]group{{name: "web", rules: []string{portLine(443) + " from 10.0.0.0/8"}}, {name: "peer"}}); diff != "" {
				t.Error(diff)
			}
			if now := c.ruleIDs(c.named("web").ID); len(now) != 1 || now[0] != held {
				t.Errorf("rule %s has become %v", held, now)
			}
		})
	}
}

// A rule that changes into one that somebody made by hand takes it over. Plan and apply say which, and a destroy deletes it.
func TestRuleThatWasMadeByHand(t *testing.T) {
	t.Parallel()
	for description, applies := range map[string]int{"": 1, "by hand": 2} {
		t.Run(description, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(ports("[22]"))
			w.must(0, "apply", "-auto-approve")
			byHand := c.AddRule(c.only(t).ID, gcoretest.Rule{
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(443), PortRangeMax: new(443), Description: &description,
			})
			w.configure(ports("[443]"))
			says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), "The rule already exists", byHand, "a destroy deletes it")
			says(t, w.must(0, "apply", "-auto-approve", "-no-color"), "A rule was taken over", byHand)
			if ids := c.ruleIDs(c.only(t).ID); len(ids) != 1 || ids[0] != byHand {
				t.Errorf("the group has the rules %v, not %s", ids, byHand)
			}
			if applies == 2 {
				says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), `"by hand"`, "A rule is briefly missing during the apply")
				w.must(0, "apply", "-auto-approve")
			}
			w.must(0, "plan", "-detailed-exitcode")
			if diff := c.differs([]group{{name: "web", rules: []string{portLine(443)}}}); diff != "" {
				t.Error(diff)
			}
			w.must(0, "destroy", "-auto-approve")
		})
	}
}

// A single rule cannot be replaced with create_before_destroy: the error names the setting, and never tells to forget the rule.
func TestRuleReplacedBeforeItIsDestroyed(t *testing.T) {
	t.Parallel()
	const setting = "lifecycle {\n  create_before_destroy = true\n}"
	for name, replace := range map[string]func(w workspace) (output string, code int){
		"replace": func(w workspace) (string, int) {
			return w.run("apply", "-auto-approve", "-no-color", "-replace="+sshRule)
		},
		"taint": func(w workspace) (string, int) {
			w.must(0, "taint", sshRule)
			return w.run("apply", "-auto-approve", "-no-color")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(ssh(sshLines + "\n" + setting))
			w.must(0, "apply", "-auto-approve")
			before := c.ruleIDs(c.only(t).ID)
			output, code := replace(w)
			says(t, output, "create_before_destroy", "moved block", before[0])
			if code != 1 || strings.Contains(output, "state rm") {
				t.Errorf("it ends with %d:\n%s", code, output)
			}
			// The advice works.
			w.configure(ssh(sshLines))
			replace(w)
			w.must(0, "plan", "-detailed-exitcode")
			if diff := c.differs([]group{sshGroup}); diff != "" {
				t.Error(diff)
			}
			if now := c.ruleIDs(c.only(t).ID); now[0] == before[0] {
				t.Error("the rule was not replaced")
			}
		})
	}
}

// A group id that only the apply knows is no reason to replace what is in the group. If it is another group, the rule is created
// there before it is deleted here.
func TestGroupIDKnownAtApply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ resource, address string }{
		"rule":     {"gcore_cloud_security_group_rule\" \"ssh", sshRule},
		"rule set": {"gcore_cloud_security_group_rule_set\" \"web", webSet},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := func(group string, late int) string {
				lines := sshLines + "\ndirection = \"ingress\""
				if name == "rule set" {
					lines = "rules = {\n" + sshEntry + "\n}\non_destroy = \"remove\""
				}
				return web("") + strings.ReplaceAll(web(""), "web", "peer") + fmt.Sprintf(`
					resource "terraform_data" "late" {
						input = %d
					}
					data "gcore_cloud_security_group" "late" {
						group_id   = gcore_cloud_security_group.%s.id
						depends_on = [terraform_data.late]
					}
					resource "%s" {
						group_id = data.gcore_cloud_security_group.late.id
						%s
					}`, late, group, test.resource, lines)
			}
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(config("web", 1))
			w.must(0, "apply", "-auto-approve")
			before := c.ruleIDs(c.named("web").ID)
			c.ResetRequests()
			w.configure(config("web", 2))
			says(t, w.must(0, "apply", "-auto-approve", "-no-color"), test.address+" will be updated in-place", "0 destroyed")
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes although the group is the same", n)
			}
			w.must(0, "plan", "-detailed-exitcode")
			if now := c.ruleIDs(c.named("web").ID); len(now) != 1 || now[0] != before[0] {
				t.Errorf("the rule %v has become %v", before, now)
			}
			w.configure(config("peer", 3))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "plan", "-detailed-exitcode")
			line := sshGroup.rules[0]
			if name == "rule set" {
				line = sshLine
			}
			if diff := c.differs([]group{{name: "web"}, {name: "peer", rules: []string{line}}}); diff != "" {
				t.Error(diff)
			}
			w.must(0, "destroy", "-auto-approve")
		})
	}
}
