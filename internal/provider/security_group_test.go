package provider

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// web is the configuration of one group with the given lines.
func web(lines string) string {
	return fmt.Sprintf("resource \"gcore_cloud_security_group\" \"web\" {\n  name = \"web\"\n%s\n}\n", lines)
}

const httpsEntry = `https = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "10.0.0.0/8" }`

const httpsLine = "ingress IPv4 tcp 443-443 from 10.0.0.0/8"

func TestGroupLifecycle(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.run(t,
		with(planned(c.apply(web(`
			description = "front end"
			tags        = { team = "net", env = "prod" }
			rules = {
				`+httpsEntry+`
				ping = { direction = "ingress", protocol = "icmp", port_range_min = 8, remote_ip_prefix = "0.0.0.0/0", description = "echo" }
				out6 = { direction = "egress", ethertype = "IPv6" }
				peer = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
			}`),
			group{"web", "front end", []string{"env=prod", "team=net"}, []string{
				httpsLine, `ingress IPv4 icmp 8- "echo"`, "egress IPv6", "ingress IPv4 from group self",
			}}),
			action(webGroup, plancheck.ResourceActionCreate),
		),
			statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("project_id"), knownvalue.Int64Exact(1)),
			statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("region_id"), knownvalue.Int64Exact(76)),
			statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("rules").AtMapKey("out6"), knownvalue.ObjectExact(map[string]knownvalue.Check{
				"direction": knownvalue.StringExact("egress"), "ethertype": knownvalue.StringExact("IPv6"), "protocol": knownvalue.StringExact("any"),
				"port_range_min": knownvalue.Null(), "port_range_max": knownvalue.Null(), "remote_ip_prefix": knownvalue.StringExact("::/0"),
				"remote_group_id": knownvalue.Null(), "self": knownvalue.Bool(false), "description": knownvalue.StringExact(""),
			})),
		),
		// Name, description, tags and one rule are updated in place.
		planned(c.apply(`resource "gcore_cloud_security_group" "web" {
			name  = "www"
			tags  = { team = "net" }
			rules = {
				`+httpsEntry+`
				ping = { direction = "ingress", protocol = "icmp", port_range_min = 8, port_range_max = 0, remote_ip_prefix = "0.0.0.0/0", description = "echo" }
				peer = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
			}
		}`, group{"www", "", []string{"team=net"}, []string{httpsLine, `ingress IPv4 icmp 8-0 "echo"`, "ingress IPv4 from group self"}}),
			action(webGroup, plancheck.ResourceActionUpdate),
		),
		// A removed rule returns; the order of the entries does not matter.
		planned(c.apply(`resource "gcore_cloud_security_group" "web" {
			name  = "www"
			tags  = { team = "net" }
			rules = {
				out6 = { direction = "egress", ethertype = "IPv6" }
				peer = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
				ping = { direction = "ingress", protocol = "icmp", port_range_min = 8, port_range_max = 0, remote_ip_prefix = "0.0.0.0/0", description = "echo" }
				`+httpsEntry+`
			}
		}`, group{"www", "", []string{"team=net"}, []string{httpsLine, `ingress IPv4 icmp 8-0 "echo"`, "ingress IPv4 from group self", "egress IPv6"}}),
			action(webGroup, plancheck.ResourceActionUpdate),
		),
		c.apply(`resource "gcore_cloud_security_group" "web" {
			name  = "www"
			rules = {}
		}`, group{name: "www"}),
	)
	if left := c.Groups(testProject, testRegion); len(left) != 0 {
		t.Errorf("%d groups are left", len(left))
	}
}

func TestGroupRulesOmittedGivenAndNoLongerGiven(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	bare, managed := group{name: "web"}, group{name: "web", rules: []string{httpsLine}}
	unplanned := group{name: "web", rules: []string{"egress IPv4 udp 53-53"}}
	addUnplanned := func() {
		c.AddRule(c.only(t).ID, gcoretest.Rule{
			Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp"), PortRangeMin: new(53), PortRangeMax: new(53),
		})
	}
	c.run(t,
		with(c.apply(web(""), bare), statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("rules"), knownvalue.Null())),
		// Unplanned rules are ignored.
		after(addUnplanned, planned(c.apply(web(""), unplanned), plancheck.ExpectEmptyPlan())),
		// From omitted to given: only declared rules stay.
		planned(c.apply(web("rules = {"+httpsEntry+"}"), managed), action(webGroup, plancheck.ResourceActionUpdate)),
		after(c.ResetRequests, planned(c.apply(web(""), managed), action(webGroup, plancheck.ResourceActionUpdate))),
	)
	if n := c.Count(func(r gcoretest.Request) bool { return r.Method == "PATCH" }); n != 0 {
		t.Errorf("giving up the rules sent %d PATCHes", n)
	}
}

func TestGroupKeepDefaultRules(t *testing.T) {
	t.Parallel()
	ssh := gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22)}
	c := newCloud(t, gcoretest.Config{DefaultRules: []gcoretest.Rule{ssh}})
	kept := group{name: "web", rules: []string{"ingress IPv4 tcp 22-22"}}
	c.run(t,
		with(c.apply(web("keep_default_rules = true"), kept), statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("rules"), knownvalue.Null())),
		after(c.ResetRequests, planned(c.apply(web(""), kept), action(webGroup, plancheck.ResourceActionUpdate))),
		planned(c.apply(web("rules = {}"), group{name: "web"}), action(webGroup, plancheck.ResourceActionUpdate)),
	)
}

// An API that adds default egress rules to a list without egress rules does not
// change the result.
func TestGroupIngressOnly(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{AddDefaultEgress: true})
	c.run(t,
		c.apply(web("rules = {"+httpsEntry+"}"), group{name: "web", rules: []string{httpsLine}}),
		c.apply(web("rules = {}"), group{name: "web"}),
	)
}

// The group never has the API's default rules.
func TestGroupWithoutRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{AddDefaultEgress: true})
	c.run(t, c.apply(web("rules = {}"), group{name: "web"}))
	for _, change := range c.History() {
		t.Errorf("the group once had the rule %v", change.Rule)
	}
}

// Entries in another order, and swapped keys, are no change to the API.
func TestGroupRulesInAnotherOrder(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	const a, b = `{ direction = "egress" }`, `{ direction = "egress", ethertype = "IPv6" }`
	want := group{name: "web", rules: []string{"egress IPv4", "egress IPv6"}}
	swapped := planned(c.apply(web("rules = {\n a = "+b+"\n b = "+a+"\n}"), want), action(webGroup, plancheck.ResourceActionUpdate))
	swapped.ConfigPlanChecks.PostApplyPreRefresh = []plancheck.PlanCheck{onPlan(func() {
		if n := c.writes(); n != 0 {
			t.Errorf("exchanging keys sent %d writes", n)
		}
	})}
	c.run(t,
		c.apply(web("rules = {\n a = "+a+"\n b = "+b+"\n}"), want),
		planned(c.apply(web("rules = {\n b = "+b+"\n a = "+a+"\n}"), want), plancheck.ExpectEmptyPlan()),
		after(c.ResetRequests, swapped),
	)
}

// Protocol 4 has two names; the cloud may store either.
func TestGroupProtocolOfTwoNames(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		c := newCloud(t, gcoretest.Config{IPEncapAsIPIP: stored})
		want := group{name: "web", rules: []string{"ingress IPv4 ipip"}}
		entry := func(protocol string) string {
			return web("rules = { x = { direction = \"ingress\", protocol = \"" + protocol + "\", remote_ip_prefix = \"0.0.0.0/0\" } }")
		}
		c.run(t, c.apply(entry("ipencap"), want), planned(c.apply(entry("ipip"), want), plancheck.ExpectEmptyPlan()))
	}
}

// The limit of 250 rules applies with and without the API's default egress
// rules.
func TestGroupFullOfIngress(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]gcoretest.Config{"as sent": {}, "egress added": {AddDefaultEgress: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, config)
			want := group{name: "web"}
			for port := range 250 {
				want.rules = append(want.rules, portLine(port+1))
			}
			c.run(t, c.apply(web(manyRules(250)), want))
		})
	}
}

// portLine is a rule of one port and all addresses, as the cloud stores it.
func portLine(port int) string { return fmt.Sprintf("ingress IPv4 tcp %d-%d", port, port) }

// manyRules is a rules map with that many ports.
func manyRules(n int) string {
	return fmt.Sprintf(`rules = { for port in range(1, %d) : "port-${port}" => {
		direction = "ingress", protocol = "tcp", port_range_min = port, port_range_max = port
		remote_ip_prefix = "0.0.0.0/0"
	} }`, n+1)
}

func TestGroupTags(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	tagged := func(tags ...string) group { return group{name: "web", tags: tags} }
	c.run(t,
		c.apply(web(`tags = { a = "1", b = "2" }`), tagged("a=1", "b=2")),
		// The cloud's own tags are not shown and not removed.
		after(func() { c.SetTag(c.only(t).ID, "cost", "x", true) },
			planned(c.apply(web(`tags = { a = "1", b = "2" }`), tagged("a=1", "b=2", "cost=x (read-only)")), plancheck.ExpectEmptyPlan())),
		planned(c.apply(web(`tags = { a = "9", c = "3" }`), tagged("a=9", "c=3", "cost=x (read-only)")), action(webGroup, plancheck.ResourceActionUpdate)),
		// The plan shows a tag added elsewhere, and its apply removes it.
		after(func() { c.SetTag(c.only(t).ID, "theirs", "x", false) },
			planned(c.apply(web(`tags = { a = "9", c = "3" }`), tagged("a=9", "c=3", "cost=x (read-only)")), action(webGroup, plancheck.ResourceActionUpdate))),
		planned(c.apply(web(``), tagged("cost=x (read-only)")), action(webGroup, plancheck.ResourceActionUpdate)),
		// A change from null to {} shows once and sends no request.
		after(c.ResetRequests, planned(c.apply(web(`tags = {}`), tagged("cost=x (read-only)")), action(webGroup, plancheck.ResourceActionUpdate))),
	)
}

func TestGroupDefaultTags(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	tagged := func(tags ...string) group { return group{name: "web", tags: tags} }
	under := func(defaults, lines string, want group) resource.TestStep {
		step := c.apply(web(lines), want)
		step.Config = c.block(place1, "default_tags = "+defaults) + web(lines)
		return step
	}
	tagsAll := func(want map[string]knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("tags_all"), knownvalue.MapExact(want))
	}
	c.run(t,
		with(under(`{ team = "net", env = "dev" }`, `tags = { env = "prod" }`, tagged("env=prod", "team=net")),
			tagsAll(map[string]knownvalue.Check{"team": knownvalue.StringExact("net"), "env": knownvalue.StringExact("prod")})),
		planned(under(`{ team = "sec" }`, `tags = { env = "prod" }`, tagged("env=prod", "team=sec")), action(webGroup, plancheck.ResourceActionUpdate)),
		// Moving a tag from the defaults to the group sends no request.
		after(c.ResetRequests, planned(under(`{}`, `tags = { env = "prod", team = "sec" }`, tagged("env=prod", "team=sec")),
			action(webGroup, plancheck.ResourceActionUpdate))),
		planned(under(`{ team = "sec" }`, `tags = {}`, tagged("team=sec")), action(webGroup, plancheck.ResourceActionUpdate)),
	)
}

// A tag whose key the cloud has with decomposed accents is the tag of the configuration. It is changed and removed like any other.
func TestDecomposedTagKeys(t *testing.T) {
	t.Parallel()
	forms := map[string]func(c cloud, tags string) string{
		"tags":         func(_ cloud, tags string) string { return web("tags = " + tags) },
		"default_tags": func(c cloud, tags string) string { return c.block(place1, "default_tags = "+tags) + web("") },
	}
	for name, declare := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			apply := func(tags string, want ...gcoretest.Tag) {
				t.Helper()
				w.configure(declare(c, tags))
				w.must(0, "apply", "-auto-approve")
				w.must(0, "plan", "-detailed-exitcode")
				if got := c.only(t).Tags; !slices.Equal(got, want) {
					t.Errorf("the group has the tags %v", got)
				}
			}
			composed, decomposed := gcoretest.Tag{Key: "caf\u00e9", Value: "1"}, gcoretest.Tag{Key: "cafe\u0301", Value: "1"}
			apply(`{ "caf\u00e9" = "1" }`, composed)
			c.ChangeGroup(c.only(t).ID, func(g *gcoretest.Group) { g.Tags = []gcoretest.Tag{decomposed} })
			apply(`{ "caf\u00e9" = "1" }`, decomposed)
			decomposed.Value = "2"
			apply(`{ "caf\u00e9" = "2" }`, decomposed)
			apply(`{}`)
		})
	}
}

// The plan shows drift, and one apply corrects it.
func TestGroupDrift(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := web("description = \"front end\"\nrules = {" + httpsEntry + "\nssh = { direction = \"ingress\", protocol = \"tcp\", port_range_min = 22, port_range_max = 22, remote_ip_prefix = \"0.0.0.0/0\", description = \"admins\" }}")
	want := group{name: "web", description: "front end", rules: []string{httpsLine, `ingress IPv4 tcp 22-22 "admins"`}}
	ruleOnPort := func(port int) gcoretest.Rule {
		for _, r := range c.only(t).Rules {
			if r.PortRangeMin != nil && *r.PortRangeMin == port {
				return r
			}
		}
		t.Errorf("no rule on port %d", port)
		return gcoretest.Rule{}
	}
	steps := []resource.TestStep{c.apply(config, want)}
	for _, interfere := range []func(){
		func() { c.ChangeGroup(c.only(t).ID, func(g *gcoretest.Group) { g.Name = "renamed" }) },
		func() { c.ChangeGroup(c.only(t).ID, func(g *gcoretest.Group) { g.Description = "" }) },
		func() { c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4")}) },
		func() { c.DeleteRule(ruleOnPort(443).ID) },
	} {
		steps = append(steps, after(interfere, planned(c.apply(config, want), action(webGroup, plancheck.ResourceActionUpdate))))
	}
	c.run(t, steps...)
}

func TestGroupVanished(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config, want := web("rules = {"+httpsEntry+"}"), group{name: "web", rules: []string{httpsLine}}
	c.run(t,
		c.apply(config, want),
		after(func() { c.DeleteGroup(c.only(t).ID) }, planned(c.apply(config, want), action(webGroup, plancheck.ResourceActionCreate))),
	)
}

// An attribute removed from the configuration is cleared. The framework would
// keep its prior value, and an old prefix or port is a different firewall.
func TestGroupLeafRemoved(t *testing.T) {
	t.Parallel()
	entry := func(lines string) string { return web("rules = { x = {\n direction = \"egress\"\n" + lines + "\n} }") }
	tests := map[string]struct{ before, after, lineBefore, lineAfter string }{
		"ethertype":        {`ethertype = "IPv6"`, ``, "egress IPv6", "egress IPv4"},
		"protocol":         {`protocol = "tcp"`, ``, "egress IPv4 tcp", "egress IPv4"},
		"ports":            {"protocol = \"tcp\"\nport_range_min = 1\nport_range_max = 80", `protocol = "tcp"`, "egress IPv4 tcp 1-80", "egress IPv4 tcp"},
		"icmp code":        {"protocol = \"icmp\"\nport_range_min = 8\nport_range_max = 0", "protocol = \"icmp\"\nport_range_min = 8", "egress IPv4 icmp 8-0", "egress IPv4 icmp 8-"},
		"icmp type":        {"protocol = \"icmp\"\nport_range_min = 8", `protocol = "icmp"`, "egress IPv4 icmp 8-", "egress IPv4 icmp"},
		"remote_ip_prefix": {`remote_ip_prefix = "2001:db8::/32"`, ``, "egress IPv6 from 2001:db8::/32", "egress IPv4"},
		"remote_group_id":  {`remote_group_id = gcore_cloud_security_group.peer.id`, ``, "egress IPv4 from group peer", "egress IPv4"},
		"self":             {`self = true`, ``, "egress IPv4 from group self", "egress IPv4"},
		"description":      {`description = "x"`, ``, `egress IPv4 "x"`, "egress IPv4"},
	}
	const peer = "resource \"gcore_cloud_security_group\" \"peer\" {\n  name = \"peer\"\n}\n"
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			c.run(t,
				c.apply(peer+entry(test.before), group{name: "peer"}, group{name: "web", rules: []string{test.lineBefore}}),
				planned(c.apply(peer+entry(test.after), group{name: "peer"}, group{name: "web", rules: []string{test.lineAfter}}),
					action(webGroup, plancheck.ResourceActionUpdate)),
			)
		})
	}
}

// Rules with values from other resources of the same run.
func TestGroupUnknownValues(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := `
		resource "terraform_data" "net" {
			input = { cidr = "2001:db8::/32", cidrs = { a = "10.0.0.0/8", b = "192.0.2.1" } }
		}
		resource "gcore_cloud_security_group" "peer" {
			name  = "peer"
			rules = { for key, cidr in { a = "10.0.0.0/8" } : key => { direction = "egress", remote_ip_prefix = cidr } }
		}
		resource "gcore_cloud_security_group" "web" {
			name = "web"
			rules = {
				prefix = { direction = "ingress", protocol = "any", remote_ip_prefix = terraform_data.net.output.cidr }
				peer   = { direction = "ingress", ethertype = "IPv4", protocol = "any", remote_group_id = gcore_cloud_security_group.peer.id }
				text   = { direction = "ingress", protocol = "tcp", port_range_min = 1, port_range_max = 2, remote_ip_prefix = "0.0.0.0/0", description = terraform_data.net.output.cidr }
			}
		}
		resource "gcore_cloud_security_group" "whole" {
			name  = "whole"
			rules = { for key, cidr in terraform_data.net.output.cidrs : key => { direction = "ingress", protocol = "any", remote_ip_prefix = cidr } }
		}`
	c.run(t, planned(c.apply(config,
		group{name: "peer", rules: []string{"egress IPv4 from 10.0.0.0/8"}},
		group{name: "web", rules: []string{"ingress IPv6 from 2001:db8::/32", "ingress IPv4 from group peer", `ingress IPv4 tcp 1-2 "2001:db8::/32"`}},
		group{name: "whole", rules: []string{"ingress IPv4 from 10.0.0.0/8", "ingress IPv4 from 192.0.2.1/32"}},
	),
		plancheck.ExpectUnknownValue("gcore_cloud_security_group.whole", tfjsonpath.New("rules")),
		plancheck.ExpectUnknownValue(webGroup, tfjsonpath.New("rules").AtMapKey("prefix").AtMapKey("ethertype")),
	))
}

func TestGroupRequests(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	step := c.apply(web(manyRules(100)), func() group {
		want := group{name: "web"}
		for port := range 100 {
			want.rules = append(want.rules, portLine(port+1))
		}
		return want
	}())
	step.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{onPlan(c.ResetRequests)}
	step.ConfigPlanChecks.PostApplyPreRefresh = []plancheck.PlanCheck{onPlan(func() {
		counts := c.CountOperations()
		polls := counts[gcoretest.OperationPollTask]
		delete(counts, gcoretest.OperationPollTask)
		// Terraform plans again before it applies, and the plan of a new group
		// looks for a group of its name that a killed run may have left.
		want := map[string]int{gcoretest.OperationListGroups: 1, gcoretest.OperationCreateGroup: 1, gcoretest.OperationReadGroup: 1}
		if !cmp.Equal(want, counts) || polls < 1 {
			t.Errorf("the apply took %v and %d polls", counts, polls)
		}
	})}
	c.run(t, step)
}

// onPlan runs a function in place of a plan check.
type onPlan func()

func (f onPlan) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	f()
}
