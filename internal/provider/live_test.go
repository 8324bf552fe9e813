package provider

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// Tests named TestLive run against the real API (make testacc-live). Without an
// account the same steps run against the fake. They open no egress to port 25,
// which the API refuses in some accounts, also as a part of all egress.

func TestLiveGroup(t *testing.T) {
	t.Parallel()
	c := liveCloud(t)
	peer := group{name: "tf-acc-peer"}
	c.run(t,
		with(planned(c.apply(`
			resource "gcore_cloud_security_group" "peer" {
				name = "tf-acc-peer"
			}
			resource "gcore_cloud_security_group" "web" {
				name        = "tf-acc-web"
				description = "made by a test of terraform-provider-gcore"
				tags        = { team = "net", env = "test" }
				rules = {
					`+httpsEntry+`
					range6 = { direction = "ingress", protocol = "udp", port_range_min = 1000, port_range_max = 2000, remote_ip_prefix = "2001:db8::/32" }
					sctp   = { direction = "ingress", protocol = "sctp", port_range_min = 1, port_range_max = 65535, remote_ip_prefix = "0.0.0.0/0" }
					ping   = { direction = "ingress", protocol = "icmp", port_range_min = 8, port_range_max = 0, remote_ip_prefix = "0.0.0.0/0", description = "echo, \"ä\"" }
					ping6  = { direction = "ingress", protocol = "ipv6-icmp", port_range_min = 128, remote_ip_prefix = "::/0" }
					tunnel = { direction = "ingress", protocol = "gre", remote_ip_prefix = "192.0.2.1" }
					peer   = { direction = "ingress", ethertype = "IPv4", protocol = "any", remote_group_id = gcore_cloud_security_group.peer.id }
					self   = { direction = "ingress", ethertype = "IPv4", protocol = "any", self = true }
					out    = { direction = "egress", protocol = "tcp", port_range_min = 443, port_range_max = 443 }
					out6   = { direction = "egress", ethertype = "IPv6", protocol = "tcp", port_range_min = 443, port_range_max = 443 }
				}
			}`,
			peer,
			group{"tf-acc-web", "made by a test of terraform-provider-gcore", []string{"env=test", "team=net"}, []string{
				httpsLine, "ingress IPv6 udp 1000-2000 from 2001:db8::/32", "ingress IPv4 sctp", `ingress IPv4 icmp 8-0 "echo, \"ä\""`,
				"ingress IPv6 ipv6-icmp 128-", "ingress IPv4 gre from 192.0.2.1/32", "ingress IPv4 from group tf-acc-peer",
				"ingress IPv4 from group self", httpsOutLine, "egress IPv6 tcp 443-443",
			}}),
			action(webGroup, plancheck.ResourceActionCreate),
		),
			statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("region"), knownvalue.NotNull()),
			statecheck.ExpectKnownValue(webGroup, tfjsonpath.New("created_at"), knownvalue.NotNull()),
		),
		// Description, tags and rules are updated in place; peer's rule still
		// names the group.
		planned(c.apply(`
			resource "gcore_cloud_security_group" "peer" {
				name = "tf-acc-peer"
			}
			resource "gcore_cloud_security_group" "web" {
				name = "tf-acc-web"
				tags = { team = "security" }
				rules = {
					`+httpsEntry+`
					ping = { direction = "ingress", protocol = "icmp", port_range_min = 8, port_range_max = 0, remote_ip_prefix = "0.0.0.0/0", description = "other words" }
					peer = { direction = "ingress", ethertype = "IPv4", protocol = "any", remote_group_id = gcore_cloud_security_group.peer.id }
					self = { direction = "egress", protocol = "tcp", port_range_min = 443, port_range_max = 443, self = true }
					ssh  = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "0.0.0.0/0" }
				}
			}`,
			peer,
			group{"tf-acc-web", "", []string{"team=security"}, []string{
				httpsLine, `ingress IPv4 icmp 8-0 "other words"`, "ingress IPv4 from group tf-acc-peer", "egress IPv4 tcp 443-443 from group self", "ingress IPv4 tcp 22-22",
			}}),
			action(webGroup, plancheck.ResourceActionUpdate), action("gcore_cloud_security_group.peer", plancheck.ResourceActionNoop),
		),
		planned(c.apply(`
			resource "gcore_cloud_security_group" "web" {
				name  = "tf-acc-renamed"
				rules = { `+httpsEntry+` }
			}`, group{name: "tf-acc-renamed", rules: []string{httpsLine}}),
			action(webGroup, plancheck.ResourceActionUpdate),
		),
		planned(c.apply(`
			resource "gcore_cloud_security_group" "web" {
				name  = "tf-acc-renamed"
				rules = {}
			}`, group{name: "tf-acc-renamed"}),
			action(webGroup, plancheck.ResourceActionUpdate),
		),
	)
}

// The API may add egress rules to a new group whose list has none.
func TestLiveGroupIngressOnly(t *testing.T) {
	t.Parallel()
	c := liveCloud(t)
	config := func(rules string) string {
		return "resource \"gcore_cloud_security_group\" \"web\" {\n  name = \"tf-acc-web\"\n  rules = {\n" + rules + "\n}\n}\n"
	}
	c.run(t,
		c.apply(config(httpsEntry), group{name: "tf-acc-web", rules: []string{httpsLine}}),
		c.apply(config(httpsEntry+"\nself = { direction = \"ingress\", ethertype = \"IPv4\", protocol = \"any\", self = true }"),
			group{name: "tf-acc-web", rules: []string{httpsLine, "ingress IPv4 from group self"}}),
	)
}

// A new group with empty rules has none, whatever the API adds; a group that
// keeps the API's default rules has at least one.
func TestLiveGroupRulesOmitted(t *testing.T) {
	t.Parallel()
	c := liveCloud(t)
	c.run(t, c.apply("resource \"gcore_cloud_security_group\" \"web\" {\n  name = \"tf-acc-web\"\n}\n", group{name: "tf-acc-web"}))

	keeping := c.apply("resource \"gcore_cloud_security_group\" \"web\" {\n  name = \"tf-acc-web\"\n  keep_default_rules = true\n}\n")
	keeping.ConfigStateChecks = []statecheck.StateCheck{onState(func(ctx context.Context) error {
		groups, err := c.groups(ctx)
		if err == nil && (len(groups) != 1 || len(groups[0].Rules) == 0) {
			err = fmt.Errorf("the group has not kept the default rules: %+v", c.words(groups))
		}
		return err
	})}
	c.run(t, keeping)
}

// onState runs a function in place of a state check.
type onState func(ctx context.Context) error

func (f onState) CheckState(ctx context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = f(ctx)
}

// All protocols of the API except ipip, which equals ipencap.
func TestLiveProtocols(t *testing.T) {
	t.Parallel()
	c := liveCloud(t)
	want := group{name: "tf-acc-web"}
	for _, protocol := range []string{
		"ah", "dccp", "egp", "esp", "gre", "icmp", "igmp", "ipip", "ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp",
	} {
		want.rules = append(want.rules, "ingress IPv4 "+protocol)
	}
	for _, protocol := range []string{"encap", "frag", "icmp", "nonxt", "opts", "route"} {
		want.rules = append(want.rules, "ingress IPv6 ipv6-"+protocol)
	}
	c.run(t, c.apply(`
		resource "gcore_cloud_security_group" "web" {
			name = "tf-acc-web"
			rules = { for protocol in [
				"ah", "dccp", "egp", "esp", "gre", "icmp", "igmp", "ipencap", "ipv6-encap", "ipv6-frag", "ipv6-icmp", "ipv6-nonxt",
				"ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp",
			] : protocol => {
				direction        = "ingress"
				protocol         = protocol
				port_range_min   = contains(["dccp", "sctp", "tcp", "udp", "udplite"], protocol) ? 1 : null
				port_range_max   = contains(["dccp", "sctp", "tcp", "udp", "udplite"], protocol) ? 65535 : null
				remote_ip_prefix = startswith(protocol, "ipv6-") ? "::/0" : "0.0.0.0/0"
			} }
		}`, want))
}

func TestLiveRules(t *testing.T) {
	t.Parallel()
	c := liveCloud(t)
	const groups = `
		resource "gcore_cloud_security_group" "web" {
			name = "tf-acc-web"
		}
		resource "gcore_cloud_security_group" "other" {
			name = "tf-acc-other"
		}
		`
	ssh := func(group, lines string) string {
		return groups + "resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  direction = \"ingress\"\n  group_id = gcore_cloud_security_group." +
			group + ".id\n" + lines + "\n}\n"
	}
	c.run(t,
		planned(c.apply(ssh("web", sshLines), group{name: "tf-acc-other"}, group{name: "tf-acc-web", rules: sshGroup.rules}),
			action(sshRule, plancheck.ResourceActionCreate)),
		// A replacement rule, then the same rule in another spelling.
		c.apply(ssh("web", udpLines+"\ndescription = \"one\""), group{name: "tf-acc-other"}, group{name: "tf-acc-web", rules: []string{`ingress IPv4 udp "one"`}}),
		c.apply(ssh("web", udpLines+"\ndescription = \"two\""), group{name: "tf-acc-other"}, group{name: "tf-acc-web", rules: []string{`ingress IPv4 udp "two"`}}),
		planned(c.apply(ssh("other", udpLines), group{name: "tf-acc-other", rules: []string{"ingress IPv4 udp"}}, group{name: "tf-acc-web"}),
			action(sshRule, plancheck.ResourceActionUpdate)),
		c.apply(groups, group{name: "tf-acc-other"}, group{name: "tf-acc-web"}),
	)
}

// Terraform creates and deletes ten at a time.
func TestLiveRulesInParallel(t *testing.T) {
	t.Parallel()
	c := liveCloud(t)
	const count = 12
	step := func(first int) resource.TestStep {
		want := group{name: "tf-acc-web"}
		for port := range count {
			want.rules = append(want.rules, portLine(first+port))
		}
		return c.apply(fmt.Sprintf(`
			resource "gcore_cloud_security_group" "web" {
				name = "tf-acc-web"
			}
			resource "gcore_cloud_security_group_rule" "port" {
				count          = %d
				group_id       = gcore_cloud_security_group.web.id
				direction      = "ingress"
				protocol       = "tcp"
				port_range_min = %[2]d + count.index
				port_range_max = %[2]d + count.index
				remote_ip_prefix = "0.0.0.0/0"
			}`, count, first), want)
	}
	c.run(t, step(8000), step(9000))
}

// Import blocks adopt objects created outside Terraform without changes.
func TestLiveImport(t *testing.T) {
	t.Parallel()
	c := liveCloud(t)
	https := client.RuleRequest{
		Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443)), RemoteIPPrefix: "10.0.0.0/8",
	}
	out := client.RuleRequest{Direction: "egress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443))}
	adopted := c.makeGroup(t, client.CreateSecurityGroupRequest{
		Name: c.named("tf-acc-web"), Description: "by hand", Tags: map[string]string{"team": "net"},
		Rules: &[]client.RuleRequest{https, out},
	})
	// The group stays, outside Terraform.
	outside := c.makeGroup(t, client.CreateSecurityGroupRequest{Name: c.named("tf-acc-outside"), Rules: &[]client.RuleRequest{https, out}})
	rule := outside.Rules[0]
	if rule.Direction != "ingress" {
		rule = outside.Rules[1]
	}
	place := fmt.Sprintf("%d/%d/", c.location.ProjectID, c.location.RegionID)
	c.run(t, planned(
		c.apply(importing(webGroup, place+adopted.ID)+importing(sshRule, place+outside.ID+"/"+rule.ID)+`
			resource "gcore_cloud_security_group" "web" {
				name        = "tf-acc-web"
				description = "by hand"
				tags        = { team = "net" }
				rules = {
					ingress-ipv4-tcp-443-from-10_0_0_0-8 = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "10.0.0.0/8" }
					egress-ipv4-tcp-443                  = { direction = "egress", protocol = "tcp", port_range_min = 443, port_range_max = 443 }
				}
			}
			resource "gcore_cloud_security_group_rule" "ssh" {
				group_id         = "`+outside.ID+`"
				direction        = "ingress"
				protocol         = "tcp"
				port_range_min   = 443
				port_range_max   = 443
				remote_ip_prefix = "10.0.0.0/8"
			}`,
			group{"tf-acc-web", "by hand", []string{"team=net"}, []string{httpsLine, httpsOutLine}},
			group{name: "tf-acc-outside", rules: []string{httpsLine, httpsOutLine}},
		),
		action(webGroup, plancheck.ResourceActionNoop), action(sshRule, plancheck.ResourceActionNoop),
	))
	// The destroy deleted only the imported rule.
	left, err := c.groups(t.Context())
	if diff := compareGroups([]group{{name: "tf-acc-outside", rules: []string{httpsOutLine}}}, c.words(left)); diff != "" || err != nil {
		t.Errorf("after the destroy: %v\n%s", err, diff)
	}
}

// makeGroup creates a group outside Terraform. The end of the test deletes it.
func (c live) makeGroup(t *testing.T, request client.CreateSecurityGroupRequest) client.SecurityGroup {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	taskID, err := c.api.CreateSecurityGroup(ctx, c.location, request)
	if err != nil {
		t.Fatal(err)
	}
	task, err := c.api.WaitForTask(ctx, taskID)
	if err != nil || len(task.CreatedSecurityGroups) != 1 {
		t.Fatalf("the task made the groups %v: %v", task.CreatedSecurityGroups, err)
	}
	id := task.CreatedSecurityGroups[0]
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := c.api.DeleteSecurityGroup(ctx, c.location, id); err != nil && !errors.Is(err, client.ErrNotFound) {
			t.Error(err)
		}
	})
	g, err := c.api.SecurityGroup(ctx, c.location, id)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestMeaning(t *testing.T) {
	t.Parallel()
	ingress := func(change func(*client.SecurityGroupRule)) client.SecurityGroupRule {
		r := client.SecurityGroupRule{Direction: "ingress", Ethertype: new("IPv4")}
		change(&r)
		return r
	}
	got := []string{}
	for _, r := range []client.SecurityGroupRule{
		ingress(func(*client.SecurityGroupRule) {}),
		ingress(func(r *client.SecurityGroupRule) { r.Protocol, r.RemoteIPPrefix = new("any"), new("0.0.0.0/0") }),
		ingress(func(r *client.SecurityGroupRule) { r.Protocol, r.RemoteIPPrefix = new("ipencap"), new("10.0.0.0/8") }),
		ingress(func(r *client.SecurityGroupRule) { r.Protocol, r.PortRangeMin = new("icmp"), new(int64(8)) }),
		ingress(func(r *client.SecurityGroupRule) { r.RemoteGroupID, r.Description = new("1"), new("x") }),
	} {
		got = append(got, meaning(r, map[string]string{"1": "peer"}))
	}
	want := []string{"ingress IPv4", "ingress IPv4", "ingress IPv4 ipip from 10.0.0.0/8", "ingress IPv4 icmp 8-", `ingress IPv4 from group peer "x"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
