package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// owningForms are the two ways to manage all rules of an existing group:
// resource address and configuration.
var owningForms = map[string]struct {
	address string
	config  func(groupID, rules string) string
}{
	"inline":   {webGroup, func(_, rules string) string { return web(rules) }},
	"rule set": {webSet, func(groupID, rules string) string { return setOf(fmt.Sprintf("%q", groupID), rules) }},
}

// oddRules are a hundred rules in spellings that a cloud may store, and their
// declarations, by port.
func oddRules() (stored []gcoretest.Rule, declared string) {
	anywhere, all := new("0.0.0.0/0"), new("any")
	for port := range 100 {
		r := gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(port + 1), PortRangeMax: new(port + 1)}
		entry := fmt.Sprintf("direction = \"ingress\", protocol = \"tcp\", port_range_min = %[1]d, port_range_max = %[1]d, remote_ip_prefix = \"0.0.0.0/0\"", port+1)
		switch port % 5 {
		case 1:
			r.RemoteIPPrefix = anywhere
		case 2:
			r.Description = nil
		case 3:
			r.Description = new("")
		}
		switch port {
		case 90:
			r = gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: all}
			entry = `direction = "egress"`
		case 91:
			r = gcoretest.Rule{Direction: "egress", Ethertype: new("IPv6"), RemoteIPPrefix: new("::/0"), Description: new("out")}
			entry = `direction = "egress", ethertype = "IPv6", description = "out"`
		case 92:
			r = gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp"), PortRangeMin: new(1), PortRangeMax: new(65535)}
			entry = `direction = "ingress", protocol = "udp", port_range_min = 1, port_range_max = 65535, remote_ip_prefix = "0.0.0.0/0"`
		case 93:
			r = gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv6"), Protocol: new("ipv6-icmp")}
			entry = `direction = "ingress", protocol = "ipv6-icmp", remote_ip_prefix = "::/0"`
		}
		stored = append(stored, r)
		declared += fmt.Sprintf("  r%d = { %s }\n", port, entry)
	}
	return stored, declared
}

// Adding or changing one rule keeps the ids of a hundred others, in any
// spelling that the cloud stores.
func TestOtherRulesKeepTheirIDs(t *testing.T) {
	t.Parallel()
	stored, declared := oddRules()
	rules := func(port int) string {
		return fmt.Sprintf("rules = {\n%s  own = { direction = \"egress\", protocol = \"tcp\", port_range_min = %[2]d, port_range_max = %[2]d }\n}", declared, port)
	}
	if len(stored) != 100 {
		t.Fatalf("%d rules", len(stored))
	}
	for name, form := range owningForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web", Rules: stored})
			w := c.workspace(t).reattached(c)
			want := c.idsOf("web")
			for _, port := range []int{7, 8} {
				w.configure(importing(form.address, id) + form.config(id, rules(port)))
				w.must(0, "apply", "-auto-approve")
				got, own := c.idsOf("web"), fmt.Sprintf("egress IPv4 tcp %[1]d-%[1]d", port)
				if got[own] == "" {
					t.Errorf("no rule %s", own)
				}
				delete(got, own)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("other rules (-before +after):\n%s", diff)
				}
			}
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}

// Deleting a group outside Terraform deletes the rules that name it. The plan
// shows them. The apply creates them again if the configuration creates the
// group; otherwise its error names the missing group.
func TestRulesOfAVanishedRemoteGroup(t *testing.T) {
	t.Parallel()
	const rules = "rules = {\n" + httpsEntry + "\npeer = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", remote_group_id = %s }\n}"
	const peer = "resource \"gcore_cloud_security_group\" \"peer\" {\n  name = \"peer\"\n}\n"
	for name, form := range owningForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
			w := c.workspace(t).reattached(c)
			config := peer + form.config(id, fmt.Sprintf(rules, "gcore_cloud_security_group.peer.id"))
			w.configure(importing(form.address, id) + config)
			w.must(0, "apply", "-auto-approve")
			want := []group{{name: "web", rules: []string{httpsLine, "ingress IPv4 from group peer"}}, {name: "peer"}}
			if diff := c.differs(want); diff != "" {
				t.Fatal(diff)
			}
			c.DeleteGroup(c.named("peer").ID)
			w.configure(config)
			says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), `+ "peer" = {`, "gcore_cloud_security_group.peer will be created")
			w.must(0, "apply", "-auto-approve")
			if diff := c.differs(want); diff != "" {
				t.Error(diff)
			}
			w.must(0, "plan", "-detailed-exitcode")

			gone := c.named("peer").ID
			w.configure(released("gcore_cloud_security_group.peer") + form.config(id, fmt.Sprintf(rules, fmt.Sprintf("%q", gone))))
			w.must(0, "apply", "-auto-approve")
			c.DeleteGroup(gone)
			says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), `+ "peer" = {`)
			says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "Cannot update", gone, "such as remote_group_id")
			if diff := c.differs([]group{{name: "web", rules: []string{httpsLine}}}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A description with decomposed accents, as some systems type them, is the same text: the rule stays when another changes.
func TestDecomposedDescription(t *testing.T) {
	t.Parallel()
	for form, declare := range map[string]func(string) string{"inline": web, "rule set": set} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			cafe := strings.Replace(sshEntry, "admins", "caf\u00e9", 1)
			w.configure(declare("rules = {\n" + httpsEntry + "\n" + cafe + "\n}"))
			w.must(0, "apply", "-auto-approve")
			id := c.idsOf("web")[strings.Replace(sshLine, "admins", "caf\u00e9", 1)]
			c.ChangeRule(id, func(r *gcoretest.Rule) { r.Description = new("cafe\u0301") })
			w.must(0, "plan", "-detailed-exitcode")
			w.configure(declare("rules = {\n" + cafe + "\n}"))
			w.must(0, "apply", "-auto-approve")
			if ids := c.ruleIDs(c.only(t).ID); len(ids) != 1 || ids[0] != id {
				t.Errorf("the rule was %s, and the rules are %v", id, ids)
			}
		})
	}
}

// Twins of a rule, which Neutron may let in, show in the plan as rules that go. One apply removes them, and no other rule
// changes its id.
func TestTwins(t *testing.T) {
	t.Parallel()
	for form, declare := range map[string]func(string) string{"inline": web, "rule set": set} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{AllowDuplicates: true, PatchKeepsTwins: true})
			w := c.workspace(t).reattached(c)
			w.configure(declare("rules = {\n" + httpsEntry + "\n" + sshEntry + "\n}"))
			w.must(0, "apply", "-auto-approve")
			before := c.only(t)
			ids := c.ruleIDs(before.ID)
			for _, r := range before.Rules {
				r.ID, r.CreatedAt = "", r.CreatedAt.Add(time.Hour)
				c.AddRule(before.ID, r)
			}
			says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"),
				`- "ingress-ipv4-tcp-22-from-192_0_2_0-24" = {`, `- "ingress-ipv4-tcp-443-from-10_0_0_0-8" = {`)
			w.must(0, "apply", "-auto-approve")
			if now := c.ruleIDs(before.ID); !slices.Equal(now, ids) {
				t.Errorf("the rules were %v and are %v", ids, now)
			}
			c.holding(t, httpsLine, sshLine)
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}
