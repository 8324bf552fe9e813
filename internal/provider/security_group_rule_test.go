package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// ssh is the configuration of a group without managed rules and one standalone
// rule with the given lines. Without another direction it is for ingress.
func ssh(lines string) string {
	if !strings.Contains(lines, "direction = ") {
		lines = "direction = \"ingress\"\n" + lines
	}
	return web("") + `resource "gcore_cloud_security_group_rule" "ssh" {
		group_id = gcore_cloud_security_group.web.id
		` + lines + "\n}\n"
}

// anyLines are of an ingress rule for everything.
const anyLines = "protocol = \"any\"\nremote_ip_prefix = \"0.0.0.0/0\""

// udpLines are of an ingress rule for all of UDP.
const udpLines = `protocol = "udp"
	port_range_min = 1
	port_range_max = 65535
	remote_ip_prefix = "0.0.0.0/0"`

const sshLines = `protocol = "tcp"
	port_range_min = 22
	port_range_max = 22
	remote_ip_prefix = "192.0.2.0/24"
	description = "admins"`

var sshGroup = group{name: "web", rules: []string{`ingress IPv4 tcp 22-22 from 192.0.2.0/24 "admins"`}}

func TestRuleLifecycle(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.run(t,
		with(planned(c.apply(ssh(sshLines), sshGroup), action(sshRule, plancheck.ResourceActionCreate)),
			statecheck.ExpectKnownValue(sshRule, tfjsonpath.New("ethertype"), knownvalue.StringExact("IPv4")),
			statecheck.ExpectKnownValue(sshRule, tfjsonpath.New("project_id"), knownvalue.Int64Exact(1)),
		),
		planned(c.apply(ssh(udpLines), group{name: "web", rules: []string{"ingress IPv4 udp"}}),
			action(sshRule, plancheck.ResourceActionUpdate)),
		planned(c.apply(ssh(anyLines), group{name: "web", rules: []string{"ingress IPv4"}}), action(sshRule, plancheck.ResourceActionUpdate)),
		planned(c.apply(ssh(anyLines+"\ntimeouts = { create = \"5m\" }"), group{name: "web", rules: []string{"ingress IPv4"}}),
			action(sshRule, plancheck.ResourceActionUpdate)),
		planned(c.apply(web(""), group{name: "web"}), action(sshRule, plancheck.ResourceActionDestroy)),
	)
}

const egressLine = "direction = \"egress\"\n"

func TestRuleLeafRemoved(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ before, after, lineBefore, lineAfter string }{
		"ethertype":        {`ethertype = "IPv6"`, ``, "egress IPv6", "egress IPv4"},
		"protocol":         {`protocol = "tcp"`, ``, "egress IPv4 tcp", "egress IPv4"},
		"ports":            {"protocol = \"tcp\"\nport_range_min = 1\nport_range_max = 80", `protocol = "tcp"`, "egress IPv4 tcp 1-80", "egress IPv4 tcp"},
		"icmp code":        {"protocol = \"icmp\"\nport_range_min = 8\nport_range_max = 0", "protocol = \"icmp\"\nport_range_min = 8", "egress IPv4 icmp 8-0", "egress IPv4 icmp 8-"},
		"remote_ip_prefix": {`remote_ip_prefix = "2001:db8::/32"`, ``, "egress IPv6 from 2001:db8::/32", "egress IPv4"},
		"remote_group_id":  {`remote_group_id = gcore_cloud_security_group.web.id`, ``, "egress IPv4 from group self", "egress IPv4"},
		"description":      {`description = "x"`, ``, `egress IPv4 "x"`, "egress IPv4"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			c.run(t,
				c.apply(ssh(egressLine+test.before), group{name: "web", rules: []string{test.lineBefore}}),
				planned(c.apply(ssh(egressLine+test.after), group{name: "web", rules: []string{test.lineAfter}}), action(sshRule, plancheck.ResourceActionUpdate)),
			)
		})
	}
}

// Another spelling of the same rule is no change.
func TestRuleSpelling(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ first, second, line string }{
		"prefix":         {`remote_ip_prefix = "2001:DB8::/32"`, `remote_ip_prefix = "2001:db8:0::/32"`, "egress IPv6 from 2001:db8::/32"},
		"bare address":   {`remote_ip_prefix = "192.0.2.1"`, `remote_ip_prefix = "192.0.2.1/32"`, "egress IPv4 from 192.0.2.1/32"},
		"everywhere":     {`remote_ip_prefix = "0.0.0.0/0"`, ``, "egress IPv4"},
		"all protocols":  {`protocol = "any"`, ``, "egress IPv4"},
		"all ports":      {"protocol = \"tcp\"\nport_range_min = 1\nport_range_max = 65535", `protocol = "tcp"`, "egress IPv4 tcp"},
		"icmp on IPv6":   {"ethertype = \"IPv6\"\nprotocol = \"icmp\"", "ethertype = \"IPv6\"\nprotocol = \"ipv6-icmp\"", "egress IPv6 ipv6-icmp"},
		"default family": {`ethertype = "IPv4"`, ``, "egress IPv4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			want := group{name: "web", rules: []string{test.line}}
			c.run(t, c.apply(ssh(egressLine+test.first), want), planned(c.apply(ssh(egressLine+test.second), want), plancheck.ExpectEmptyPlan()))
		})
	}
}

// A rule that was deleted, alone or with its group, is created again.
func TestRuleVanished(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.run(t,
		c.apply(ssh(sshLines), sshGroup),
		after(func() { c.DeleteRule(c.only(t).Rules[0].ID) },
			planned(c.apply(ssh(sshLines), sshGroup), action(sshRule, plancheck.ResourceActionCreate))),
		after(func() { c.DeleteGroup(c.only(t).ID) },
			planned(c.apply(ssh(sshLines), sshGroup), action(sshRule, plancheck.ResourceActionCreate), action(webGroup, plancheck.ResourceActionCreate))),
	)
}

// Deleting a rule's remote group outside Terraform deletes the rule.
func TestRuleOfVanishedRemoteGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	peer := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "peer"})
	lines := `ethertype = "IPv4"
		protocol = "any"
		remote_group_id = "` + peer + `"`
	step := c.apply(ssh(anyLines), group{name: "web", rules: []string{"ingress IPv4"}})
	step.PreConfig = func() { c.DeleteGroup(peer) }
	c.run(t,
		c.apply(ssh(lines), group{name: "peer"}, group{name: "web", rules: []string{"ingress IPv4 from group peer"}}),
		planned(step, action(sshRule, plancheck.ResourceActionCreate)),
	)
}

// A standalone rule is deleted and its group's tag updated in one apply. The
// state equals the plan, whatever the group contained in between.
func TestRuleRemovedWhileGroupChanges(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.run(t,
		c.apply(ssh(sshLines), sshGroup),
		planned(c.apply(web(`tags = { a = "1" }`), group{name: "web", tags: []string{"a=1"}}),
			action(webGroup, plancheck.ResourceActionUpdate), action(sshRule, plancheck.ResourceActionDestroy)),
	)
}

func TestManyRulesOfOneGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := web("") + `resource "gcore_cloud_security_group_rule" "many" {
		count          = 30
		group_id       = gcore_cloud_security_group.web.id
		direction      = "ingress"
		protocol       = "tcp"
		port_range_min = count.index + 1
		port_range_max = count.index + 1
		remote_ip_prefix = "0.0.0.0/0"
	}`
	want := group{name: "web"}
	for port := range 30 {
		want.rules = append(want.rules, portLine(port+1))
	}
	c.run(t, c.apply(config, want))
}
