package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const (
	firstBefore = "\nlifecycle {\n  create_before_destroy = true\n}\n"
	// ignoring is the usual workaround of those who have no ignore_rules.
	ignoring = "\nlifecycle {\n  ignore_changes = [rules]\n}\n"
)

// A rule set that is replaced leaves what its new block matches, as the warning says. What was declared and what nobody owns
// go as the plan shows.
func TestIgnoreRulesOfAReplacedRuleSet(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{
		"keep": "", "keep, created first": firstBefore,
		"remove": "on_destroy = \"remove\"\n", "remove, created first": "on_destroy = \"remove\"\n" + firstBefore,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(set("rules = {\n" + httpsEntry + "\n" + claimed + "\n}\n" + lines))
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 1)
			entries, want := httpsEntry, []string{httpsLine, controllerLine(1)}
			if strings.Contains(lines, firstBefore) {
				entries, want = entries+"\n"+claimed, append(want, controllerLine(9))
			}
			w.configure(set("rules = {\n" + entries + "\n}\n" + lines + ofKubernetes))
			output := w.must(0, "apply", "-auto-approve", "-replace="+webSet)
			says(t, output, "stay in the cloud", `ingress-ipv4-udp-1 ("k8s-1")`)
			c.holding(t, want...)
			w.unchanged()
			if strings.Contains(lines, firstBefore) {
				return
			}
			// Without a block the plan shows that the rule goes.
			w.configure(set("rules = {\n" + entries + "\n}\n" + lines))
			w.must(0, "apply", "-auto-approve")
			w.must(0, "apply", "-auto-approve", "-replace="+webSet)
			c.holding(t, httpsLine)
			w.unchanged()
		})
	}
}

// on_destroy = "remove" removes what an apply has declared, and no rule that only a read has put into the state: neither at a
// destroy, nor from the group that the rule set leaves. The plan names the rules that stay.
func TestRuleSetRemovesNoFoundRules(t *testing.T) {
	t.Parallel()
	const other = "resource \"gcore_cloud_security_group\" \"other\" {\n  name = \"other\"\n}\n"
	lines := "rules = {\n" + httpsEntry + "\n}\non_destroy = \"remove\"\n"
	for name, leave := range map[string]func(workspace) string{
		"destroy": func(w workspace) string { return w.must(0, "destroy", "-auto-approve", "-target="+webSet) },
		"move": func(w workspace) string {
			w.configure(web("") + other + setOf("gcore_cloud_security_group.other.id", lines))
			return w.must(0, "apply", "-auto-approve")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(set(lines))
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 1)
			w.configure(set(lines) + other)
			w.must(0, "apply", "-refresh-only", "-auto-approve")
			says(t, leave(w), "1 rule left in the group", `ingress-ipv4-udp-1 ("k8s-1")`)
			groups := []group{{name: "web", rules: []string{controllerLine(1)}}}
			if name == "move" {
				groups = append(groups, group{name: "other", rules: []string{httpsLine}})
			}
			if diff := c.differs(groups); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An update under ignore_changes does not declare what reads have put into the state. So the way from there to ignore_rules
// deletes nothing.
func TestIgnoreRulesAfterIgnoreChanges(t *testing.T) {
	t.Parallel()
	for name, owner := range owners() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			rules := "rules = {\n" + httpsEntry + "\n}\n"
			w.configure(owner(rules + ignoring))
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 1)
			// Each is an update of both resources.
			for _, mode := range []string{"allow", "warn"} {
				w.configure(owner(rules + fmt.Sprintf("public_admin_ports = %q\n", mode) + ignoring))
				says(t, w.must(0, "apply", "-auto-approve"), "1 changed")
				c.holding(t, httpsLine, controllerLine(1))
			}
			w.configure(owner(rules + ofKubernetes))
			says(t, w.must(0, "apply", "-auto-approve"), "stay in the cloud", `ingress-ipv4-udp-1 ("k8s-1")`)
			c.holding(t, httpsLine, controllerLine(1))
			w.unchanged()
		})
	}
}

// A rule that the configuration holds is declared by an update, though a read has found it before: it goes with its entry,
// and the warning of the block says so.
func TestIgnoreRulesThatWereDeclared(t *testing.T) {
	t.Parallel()
	for name, owner := range owners() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(owner("rules = {\n" + httpsEntry + "\n}\n"))
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 9)
			w.configure(owner("rules = {\n" + httpsEntry + "\n" + claimed + "\n}\n"))
			w.must(0, "apply", "-auto-approve")
			w.configure(owner("rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes))
			says(t, w.must(0, "apply", "-auto-approve"), "although a block matches them", `ingress-ipv4-udp-9 ("k8s-9")`)
			c.holding(t, httpsLine)
			w.unchanged()
		})
	}
}

// A rule of somebody else that resembles a vanished entry takes its key, and does not become ours by that.
func TestIgnoreRulesUnderAnotherRulesKey(t *testing.T) {
	t.Parallel()
	for name, owner := range owners() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(owner("rules = {\n" + httpsEntry + "\n}\n"))
			w.must(0, "apply", "-auto-approve")
			c.DeleteRule(c.idsOf("web")[httpsLine])
			port := 443
			c.AddRule(c.only(t).ID, gcoretest.Rule{
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: &port, PortRangeMax: &port,
				RemoteIPPrefix: new("192.168.0.0/16"), Description: new("k8s-x"),
			})
			w.must(0, "apply", "-refresh-only", "-auto-approve")
			says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), `~ "https"`, "192.168.0.0/16")
			w.configure(owner("rules = {\n" + httpsEntry + "\n}\n" + ofKubernetes))
			says(t, w.must(0, "apply", "-auto-approve"), "stay in the cloud", `("k8s-x")`)
			c.holding(t, httpsLine, `ingress IPv4 tcp 443-443 from 192.168.0.0/16 "k8s-x"`)
			w.unchanged()
		})
	}
}

// A group that is replaced takes the rules of others along. The plan says so if the configuration asks for it; -replace is
// known to Terraform alone.
func TestIgnoreRulesOfAReplacedGroup(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"with the block": ofKubernetes, "as the block is added": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			rules := "rules = {\n" + httpsEntry + "\n}\n"
			w.configure(web(rules + first))
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 1)
			w.configure(web(rules + ofKubernetes + "region_id = 8\n"))
			says(t, w.must(0, "plan"), "The new group lacks the rules of others", `ingress-ipv4-udp-1 ("k8s-1")`)
			// What is open in the old group says nothing of the new one.
			c.AddRule(c.only(t).ID, gcoretest.Rule{
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22), Description: new("k8s-ssh"),
			})
			w.configure(web(rules + ofKubernetes + "region_id = 8\npublic_admin_ports = \"deny\"\n"))
			says(t, w.must(0, "plan"), "The new group lacks the rules of others", `("k8s-ssh")`)
			w.configure(web(rules + ofKubernetes))
			output := w.must(0, "apply", "-auto-approve", "-replace="+webGroup)
			if first == "" {
				says(t, output, "stay in the cloud unless the group is replaced", `ingress-ipv4-udp-1 ("k8s-1")`)
			}
			c.holding(t, httpsLine)
			w.unchanged()
		})
	}
}

// Of a tainted rule set the replacement cannot tell what was declared: what the new block matches stays, and the rest goes as
// the plan shows.
func TestIgnoreRulesOfATaintedRuleSet(t *testing.T) {
	t.Parallel()
	for _, onDestroy := range []string{"keep", "remove"} {
		t.Run(onDestroy, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			lines := fmt.Sprintf("on_destroy = %q\n", onDestroy)
			w.configure(set("rules = {\n" + httpsEntry + "\n" + dnsEntry + "\n}\n" + lines))
			w.must(0, "apply", "-auto-approve")
			c.controller(t, 1)
			c.egress(t, "udp")
			w.must(0, "taint", webSet)
			w.configure(set("rules = {\n" + httpsEntry + "\n}\n" + lines + ofKubernetes))
			w.must(0, "apply", "-auto-approve")
			c.holding(t, httpsLine, controllerLine(1))
			w.unchanged()
		})
	}
}
