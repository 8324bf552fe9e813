package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// controller adds a rule to the only group, as a Kubernetes controller would, and returns its id.
func (c cloud) controller(t *testing.T, port int) string {
	t.Helper()
	return c.AddRule(c.only(t).ID, gcoretest.Rule{
		Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp"), PortRangeMin: &port, PortRangeMax: &port,
		Description: new(fmt.Sprintf("k8s-%d", port)),
	})
}

func controllerLine(port int) string {
	return fmt.Sprintf("ingress IPv4 udp %[1]d-%[1]d \"k8s-%[1]d\"", port)
}

const (
	dnsEntry = `dns = { direction = "egress", protocol = "udp", port_range_min = 53, port_range_max = 53 }`
	dnsLine  = "egress IPv4 udp 53-53"
	// ofKubernetes leaves to a controller what it adds.
	ofKubernetes = "ignore_rules {\n  description_prefix = \"k8s-\"\n}\n"
	// claimed declares a rule that the block matches.
	claimed = `claimed = { direction = "ingress", protocol = "udp", port_range_min = 9, port_range_max = 9, remote_ip_prefix = "0.0.0.0/0", description = "k8s-9" }`
)

// owners are the two resources that own all rules of a group, with the given lines.
func owners() map[string]func(string) string {
	return map[string]func(string) string{"group": web, "rule set": set}
}

// unchanged fails the test unless a plan is empty, with a refresh and without, and a refresh finds no drift.
func (w workspace) unchanged() {
	w.t.Helper()
	w.must(0, "plan", "-detailed-exitcode")
	w.must(0, "plan", "-detailed-exitcode", "-refresh=false")
	if output := w.must(0, "plan", "-refresh-only", "-no-color"); !strings.Contains(output, "No changes.") {
		w.t.Errorf("a refresh finds changes:\n%s", output)
	}
}

// What a controller adds is in no state and no plan, and stays, whatever changes in the rules, until it is declared: then it
// is ours, and goes with its entry. A destroy of a rule set leaves it, one of the group does not.
func TestIgnoreRules(t *testing.T) {
	t.Parallel()
	for name, owner := range owners() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			apply := func(entries string, want ...string) {
				t.Helper()
				w.configure(owner("rules = {\n" + entries + "\n}\n" + ofKubernetes))
				w.must(0, "apply", "-auto-approve")
				c.holding(t, want...)
				w.unchanged()
			}
			apply(httpsEntry, httpsLine)
			id := c.controller(t, 1)
			w.unchanged()
			apply(httpsEntry+"\n"+dnsEntry, httpsLine, dnsLine, controllerLine(1))
			c.controller(t, 2)
			apply(dnsEntry, dnsLine, controllerLine(1), controllerLine(2))
			apply("", controllerLine(1), controllerLine(2))
			apply(claimed+"\n"+dnsEntry, controllerLine(9), dnsLine, controllerLine(1), controllerLine(2))
			// Another rule that somebody adds shows, and goes.
			c.egress(t, "udp")
			says(t, w.must(2, "plan", "-detailed-exitcode"), udpName)
			apply(dnsEntry, dnsLine, controllerLine(1), controllerLine(2))
			if held, _ := c.Group(c.only(t).ID); !strings.Contains(fmt.Sprint(held.Rules), id) {
				t.Error("the controller's rule has another id")
			}
			if shown := w.must(0, "show", "-no-color"); strings.Contains(shown, "k8s-1") {
				t.Errorf("the state shows the controller's rule:\n%s", shown)
			}
			w.configure(web(""))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "destroy", "-auto-approve")
			if diff := c.differs(nil); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A rule set that removes its rules leaves those of others; one that would revert the group is refused.
func TestIgnoreRulesAtDestroy(t *testing.T) {
	t.Parallel()
	for _, onDestroy := range []string{"keep", "remove"} {
		c := newCloud(t, gcoretest.Config{})
		w := c.workspace(t).reattached(c)
		rules := "rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes
		w.configure(set(rules + "on_destroy = \"revert\""))
		says(t, w.must(1, "validate"), "revert contradicts ignore_rules", `Write "keep" or "remove"`)
		w.configure(set(rules + fmt.Sprintf("on_destroy = %q", onDestroy)))
		w.must(0, "apply", "-auto-approve")
		c.controller(t, 1)
		w.must(0, "destroy", "-auto-approve", "-target="+webSet)
		want := map[string][]string{"keep": {httpsLine, controllerLine(1)}, "remove": {controllerLine(1)}}
		c.holding(t, want[onDestroy]...)
	}
}

// A change of the blocks sends nothing: what others own from now on leaves the state once, and what they no longer own shows
// in the next plan. An entry that was declared goes, although the new block matches it.
func TestIgnoreRulesChange(t *testing.T) {
	t.Parallel()
	for name, owner := range owners() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(owner("rules = {\n" + httpsEntry + "\n" + claimed + "\n}\n"))
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 1)
			says(t, w.must(2, "plan", "-detailed-exitcode"), "ingress-ipv4-udp-1")
			// The refreshed state is saved, and the rule still is nobody's here.
			w.must(0, "apply", "-refresh-only", "-auto-approve")
			c.ResetRequests()
			w.configure(owner("rules = {\n" + httpsEntry + "\n" + claimed + "\n}\n" + ofKubernetes))
			output := w.must(0, "apply", "-auto-approve")
			says(t, output, "ignore_rules has changed", "That alone sends nothing", "They leave the state, and stay in the cloud", `ingress-ipv4-udp-1 ("k8s-1")`)
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			c.holding(t, httpsLine, controllerLine(9), controllerLine(1))
			w.unchanged()

			w.configure(owner("rules = {\n" + httpsEntry + "\n" + claimed + "\n}\n"))
			c.ResetRequests()
			says(t, w.must(0, "apply", "-auto-approve"), "ignore_rules has changed", "The next plan shows them", `ingress-ipv4-udp-1 ("k8s-1")`)
			if n := c.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			c.holding(t, httpsLine, controllerLine(9), controllerLine(1))
			says(t, w.must(2, "plan", "-detailed-exitcode"), "ingress-ipv4-udp-1")

			// What was declared goes with its entry in the apply that begins to ignore its like.
			w.configure(owner("rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes))
			w.must(0, "apply", "-auto-approve")
			c.holding(t, httpsLine, controllerLine(1))
			w.unchanged()
		})
	}
}

// A change of the blocks keeps what the state's blocks match, too, when it changes rules in the same apply.
func TestIgnoreRulesLess(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web("rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes))
	w.must(0, "apply", "-auto-approve")
	c.controller(t, 1)
	w.configure(web("rules = {\n" + dnsEntry + "\n}\n"))
	w.must(0, "apply", "-auto-approve")
	c.holding(t, dnsLine, controllerLine(1))
	says(t, w.must(2, "plan", "-detailed-exitcode"), "ingress-ipv4-udp-1")
	w.must(0, "apply", "-auto-approve")
	c.holding(t, dnsLine)
	w.unchanged()
}

// After an import, what the blocks match leaves the state once, without a request; so it does for a rule set, and so it
// does in the plan that imports.
func TestIgnoreRulesAfterImport(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"group": webGroup, "rule set": webSet} {
		for _, atOnce := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " at once ", atOnce), func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, gcoretest.Config{})
				w := c.workspace(t).reattached(c)
				w.configure(web("rules = {\n" + httpsEntry + "\n}\n"))
				w.must(0, "apply", "-auto-approve")
				c.controller(t, 1)
				id := c.only(t).ID
				w.must(0, "state", "rm", webGroup)
				c.ResetRequests()
				rules := "rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes
				config := web(rules)
				if address == webSet {
					config = setOf(fmt.Sprintf("%q", id), rules)
				}
				w.configure(config)
				if atOnce {
					w.write("import.tf", importing(address, "1/76/"+id))
				} else {
					w.must(0, "import", address, "1/76/"+id)
				}
				says(t, w.must(0, "apply", "-auto-approve"), "ignore_rules has changed", "stay in the cloud", `ingress-ipv4-udp-1`)
				if n := c.writes(); n != 0 {
					t.Errorf("%d writes", n)
				}
				c.holding(t, httpsLine, controllerLine(1))
				w.unchanged()
			})
		}
	}
}

// Taking the rules of a group over names and removes what the blocks do not match, and no more.
func TestIgnoreRulesAtTakeover(t *testing.T) {
	t.Parallel()
	c, w := takeover(t, func(c cloud) workspace { return c.workspace(t).reattached(c) })
	c.controller(t, 1)
	w.configure(web("rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes))
	output := w.must(0, "plan", "-out=saved")
	says(t, output, "The apply will remove 1 rule", udpName, "They leave the state, and stay in the cloud")
	c.controller(t, 2)
	w.must(0, "apply", "saved")
	c.holding(t, httpsLine, controllerLine(1), controllerLine(2))
	w.unchanged()
}

// A rule set is created beside rules that its blocks match.
func TestIgnoreRulesOfANewRuleSet(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve")
	c.controller(t, 1)
	w.configure(set("rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes))
	if output := w.must(0, "apply", "-auto-approve"); strings.Contains(output, "not in the rule set") {
		t.Errorf("a warning:\n%s", output)
	}
	c.holding(t, httpsLine, controllerLine(1))
	w.unchanged()
}

// Rules of others count for the limit: the plan warns, and the apply sends nothing.
func TestIgnoreRulesAndTheLimit(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(web("rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes))
	w.must(0, "apply", "-auto-approve")
	for port := range 249 {
		c.controller(t, port+1)
	}
	w.unchanged()
	w.configure(web("rules = {\n" + httpsEntry + "\n" + dnsEntry + "\n}\n" + ofKubernetes))
	output := w.must(1, "apply", "-auto-approve")
	says(t, output, "Too many rules", "would have 251 rules", "2 of rules and 249 that ignore_rules leaves to others", "Nothing was sent", "fewer and wider rules")
	if n := len(c.only(t).Rules); n != 250 {
		t.Errorf("%d rules", n)
	}
}

// What validation says of a block; a value that is known only at the apply is judged then, before anything is sent.
func TestIgnoreRulesMistakes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	rules := "rules = {\n" + httpsEntry + "\n}\n"
	for lines, want := range map[string]string{
		`direction = "ingress"`:           "ignore_rules block without conditions",
		`description_prefix = null`:       "ignore_rules block without conditions",
		`description_prefix = ""`:         "Empty description_prefix",
		`remote_ip_prefix = ""`:           "Empty remote_ip_prefix",
		`remote_ip_prefix = "0.0.0.0/0"`:  "description_prefix is left out, or null",
		`remote_ip_prefix = "10.0.0.1/8"`: "CIDR with host bits",
		`description_prefx = "k8s-"`:      "Unsupported argument",
		"description_prefix = \"k\"\nport_range_min = 1\nport_range_max = 2": "Ports without a protocol",
	} {
		w.configure(web(rules + "ignore_rules {\n" + lines + "\n}\n"))
		says(t, w.must(1, "validate"), want)
	}
	w.configure("resource \"terraform_data\" \"late\" {\n  input = \"\"\n}\n" +
		web(rules+"ignore_rules {\n  description_prefix = terraform_data.late.output\n}\n"))
	says(t, w.must(1, "apply", "-auto-approve"), "Empty description_prefix")
	w.configure("resource \"terraform_data\" \"null\" {\n  input = { value = null }\n}\n" +
		web(rules+"ignore_rules {\n  remote_ip_prefix = \"0.0.0.0/0\"\n  description_prefix = terraform_data.null.output.value\n}\n"))
	says(t, w.must(1, "apply", "-auto-approve"), "description_prefix is left out, or null")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	w.configure("resource \"terraform_data\" \"late\" {\n  input = []\n}\n" +
		web(rules+"dynamic \"ignore_rules\" {\n  for_each = terraform_data.late.output\n  content {\n    direction = ignore_rules.value\n  }\n}\n"))
	w.must(0, "apply", "-auto-approve")
	w.configure("resource \"terraform_data\" \"later\" {\n  input = \"k8s-\"\n}\n" +
		web(rules+"ignore_rules {\n  description_prefix = terraform_data.later.output\n}\n"))
	c.controller(t, 1)
	w.must(0, "apply", "-auto-approve")
	c.holding(t, httpsLine, controllerLine(1))
	w.unchanged()
}

// Blocks that are not known before the apply: the plan does not say of a rule that it no longer belongs to others.
func TestIgnoreRulesNotKnownYet(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{
		"blocks":  "dynamic \"ignore_rules\" {\n  for_each = terraform_data.late.output\n  content {\n    description_prefix = ignore_rules.value\n  }\n}",
		"a value": "ignore_rules {\n  description_prefix = terraform_data.late.output[0]\n}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			configure := func(prefixes string) {
				w.configure("resource \"terraform_data\" \"late\" {\n  input = " + prefixes + "\n}\n" + web("rules = {\n"+httpsEntry+"\n}\n"+block))
			}
			configure(`["k8s-"]`)
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 9)
			w.must(0, "plan", "-detailed-exitcode")
			configure(`["k8s-", "other"]`)
			output := w.must(0, "apply", "-auto-approve", "-no-color")
			if words := "no longer belong to others"; strings.Contains(plain(output), words) {
				t.Errorf("%q stands there:\n%s", words, output)
			}
			if diff := c.differs([]group{{name: "web", rules: []string{httpsLine, controllerLine(9)}}}); diff != "" {
				t.Error(diff)
			}
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}
