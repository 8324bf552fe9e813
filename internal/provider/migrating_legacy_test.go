package provider

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// legacyGroupState is a gcore_securitygroup as 0.34 stores it.
func legacyGroupState(name, id, more string) stored {
	return stored{"gcore_securitygroup." + name, fmt.Sprintf(`{
		"id": %q, "name": %q, "description": "", "project_id": 1, "region_id": 76, "project_name": "production", "region_name": null,
		"last_updated": "Monday, 02-Jan-06 15:04:05 MST", "metadata_read_only": [{"key": "cost", "value": "x", "read_only": true}]%s}`,
		id, name, more)}
}

// legacyRule is an entry of security_group_rules as terraform-plugin-sdk stores
// it, with zero values for unset attributes.
func legacyRule(content string) string {
	return `{"id": "x", "created_at": "2019-07-26 13:25:03 +0000 UTC", "updated_at": "2019-07-26 13:25:03 +0000 +0000", "description": "",
		"remote_ip_prefix": "", ` + content + `}`
}

// moving is the configuration of a group that a moved block migrates.
func moving(name, lines string) string {
	return fmt.Sprintf("moved {\n  from = gcore_securitygroup.%[1]s\n  to = gcore_cloud_security_group.%[1]s\n}\n"+
		"resource \"gcore_cloud_security_group\" \"%[1]s\" {\n  name = \"%[1]s\"\n%[2]s\n}\n", name, lines)
}

// A moved block migrates the state of 0.x. The configuration includes the
// guide's.
func TestMoveFromLegacy(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.migration(t)
	webID := c.add("web", "", ruleOf("ingress", "IPv4", "tcp", portsOf(443, 443)), ruleOf("egress", "IPv4", "tcp", portsOf(443, 443)))
	c.SetTag(webID, "team", "web", false)
	oddID := c.add("odd", "",
		ruleOf("ingress", "IPv4", "icmp", nil),
		ruleOf("ingress", "IPv4", "esp", nil),
		ruleOf("ingress", "IPv6", "58", nil),
		ruleOf("ingress", "IPv4", "icmp", func(r *gcoretest.Rule) { r.PortRangeMin = new(8); r.RemoteIPPrefix = new("10.0.0.0/8") }),
		ruleOf("ingress", "IPv4", "", func(r *gcoretest.Rule) { r.RemoteGroupID = &webID }),
		ruleOf("egress", "IPv6", "", nil))
	noneID, manyID, oldID := c.add("none", ""), c.add("many", "", tcpRules(250)...), c.add("old", "", ruleOf("egress", "IPv4", "", nil))

	w.inherit(
		legacyGroupState("web", webID, `, "metadata_map": {"team": "web"}, "security_group_rules": [`+
			legacyRule(`"direction": "egress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443`)+`,`+
			legacyRule(`"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443, "remote_group_id": ""`)+`]`),
		legacyGroupState("odd", oddID, `, "metadata_map": null, "security_group_rules": [`+strings.Join([]string{
			legacyRule(`"direction": "ingress", "ethertype": "IPv4", "protocol": "icmp", "port_range_min": 0, "port_range_max": 0`),
			legacyRule(`"direction": "ingress", "ethertype": "", "protocol": "50", "port_range_min": 0, "port_range_max": 0`),
			legacyRule(`"direction": "ingress", "ethertype": "IPv6", "protocol": "58", "port_range_min": 0, "port_range_max": 0`),
			`{"direction": "ingress", "ethertype": "IPv4", "protocol": "icmp", "port_range_min": 8, "port_range_max": 0, "remote_ip_prefix": "10.0.0.0/8"}`,
			legacyRule(`"direction": "ingress", "ethertype": "IPv4", "protocol": "0", "port_range_min": 0, "port_range_max": 0, "remote_group_id": "` + webID + `"`),
			legacyRule(`"direction": "egress", "ethertype": "IPv6", "protocol": "any", "port_range_min": 0, "port_range_max": 0`),
		}, ",")+`]`),
		legacyGroupState("none", noneID, `, "metadata_map": {}, "security_group_rules": []`),
		legacyGroupState("many", manyID, `, "metadata_map": null, "security_group_rules": `+
			numbered(1, 250, legacyRule(`"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": %n, "port_range_max": %n, "remote_group_id": ""`))),
		// Only the attributes that every release has, and the default location.
		stored{"gcore_securitygroup.old", `{"id": "` + oldID + `", "name": "old"}`},
	)
	w.write("main.tf", w.read(exampleFile(t, "migrating-from-0/main.tf")))
	w.write("others.tf", moving("odd", `rules = {
			ingress-ipv4-icmp                             = { direction = "ingress", protocol = "icmp", remote_ip_prefix = "0.0.0.0/0" }
			ingress-ipv4-esp                              = { direction = "ingress", protocol = "esp", remote_ip_prefix = "0.0.0.0/0" }
			ingress-ipv6-ipv6-icmp                        = { direction = "ingress", protocol = "ipv6-icmp", remote_ip_prefix = "::/0" }
			ingress-ipv4-icmp-type-8-from-10_0_0_0-8      = { direction = "ingress", protocol = "icmp", port_range_min = 8, remote_ip_prefix = "10.0.0.0/8" }
			ingress-ipv4-all-from-`+webID+` = { direction = "ingress", ethertype = "IPv4", protocol = "any", remote_group_id = gcore_cloud_security_group.web.id }
			egress-ipv6-all                               = { direction = "egress", ethertype = "IPv6" }
		}`)+moving("none", "rules = {}")+moving("old", "")+
		moving("many", `rules = provider::gcore::rules_from_list([for n in range(1, 251) : { direction = "ingress", ethertype = "IPv4", protocol = "tcp", port_range_min = n, port_range_max = n, remote_ip_prefix = "0.0.0.0/0" }])`))
	says(t, w.must(0, "plan"), "gcore_securitygroup.web has moved to gcore_cloud_security_group.web", "0 to add, 0 to change, 0 to destroy")
	w.must(0, "apply", "-auto-approve")
	w.expectNoChanges(c)
	if state := w.state(); bytes.Contains(state, []byte(vendorSource)) {
		t.Error("the state still has the other provider in it")
	}
	// The moved block may stay. Another default location must not replace the
	// group.
	w.env = append(w.env, "GCORE_CLOUD_REGION_ID=8")
	w = w.reattached(c)
	says(t, w.must(1, "plan"), "The configuration implies another region", "taken over from another provider there", "region_id = 76")
}

// A state that cannot be migrated stays unchanged, and so does the cloud.
func TestMigrateWhatCannotBe(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.add("web", "", ruleOf("egress", "IPv4", "", nil))
	group, _ := c.Group(id)
	byDefault := stored{"gcore_cloud_security_group.web", `{"id": "` + id + `", "name": "web", "project_id": null, "region_id": null, "rules": []}`}
	itsRule := stored{"gcore_cloud_security_group_rule.out", `{"id": "` + group.Rules[0].ID + `", "group_id": "` + id + `", "direction": "egress"}`}
	const ruleBlock = "resource \"gcore_cloud_security_group_rule\" \"out\" {\n  direction = \"egress\"\n  group_id = %q\n}\n"
	missing := []string{"Security group not found", "does not say in which project and region it is", "project 1, region 8", "cloud_region_id", "terraform state rm"}
	tests := map[string]struct {
		state   stored
		config  string
		region  string
		command []string
		says    []string
	}{
		"a shape of 2.x that nobody foresaw": {
			vendorGroupState("web", id, "", `, "rules": {"https": {}}`), web("rules = {}"), "76", []string{"plan"},
			[]string{"Cannot take over the state of the security group", "rules is an object where a list is expected.", "The state stays as it was"},
		},
		"a shape of 0.x that nobody foresaw": {
			legacyGroupState("web", id, `, "security_group_rules": [{"direction": "egress", "remote_address_group_id": "x"}]`), moving("web", ""), "76", []string{"plan"},
			[]string{"security_group_rules[0].remote_address_group_id is an attribute that is not known here"},
		},
		"a type that has no counterpart": {
			stored{"gcore_network.web", `{"id": "x"}`}, strings.Replace(moving("web", ""), "gcore_securitygroup", "gcore_network", 1), "76", []string{"plan"},
			[]string{"Unable to Move Resource State"},
		},
		"a place by another default":              {byDefault, web("rules = {}"), "8", []string{"plan"}, missing},
		"a place by no default":                   {byDefault, web("rules = {}"), "", []string{"plan"}, []string{"Missing region", "cloud_region_id", "GCORE_CLOUD_REGION_ID", "what the earlier provider had"}},
		"a place by another default, destroyed":   {byDefault, web("rules = {}"), "8", []string{"destroy", "-auto-approve", "-refresh=false"}, missing},
		"a rule by another default":               {itsRule, fmt.Sprintf(ruleBlock, id), "8", []string{"plan"}, missing[1:]},
		"a rule by another default, destroyed":    {itsRule, fmt.Sprintf(ruleBlock, id), "8", []string{"destroy", "-auto-approve", "-refresh=false"}, missing[1:]},
		"a group of 2.x beside another default":   {vendorGroupState("web", id, "", `, "rules": null`), web(""), "8", []string{"plan"}, []string{"The configuration implies another region", "region_id = 76"}},
		"a group of 2.x that is moved and broken": {vendorGroupState("old", "x", "", ""), "moved {\n  from = gcore_cloud_security_group.old\n  to = gcore_cloud_security_group.web\n}\n" + web(""), "76", []string{"plan"}, []string{`id is "x" where an id is expected.`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := c.workspace(t)
			w.env = append(w.env, "GCORE_CLOUD_REGION_ID="+test.region)
			w = w.reattached(c, servedProvider{providerAddress(vendorSource), vendorServer()})
			w.inherit(test.state)
			w.configure(test.config)
			before := w.state()
			says(t, w.must(1, test.command...), test.says...)
			kept := `"id": "` + strings.Split(strings.SplitN(test.state.attributes, `"id": "`, 2)[1], `"`)[0] + `"`
			if after := w.state(); test.command[0] == "plan" && !bytes.Equal(before, after) || !bytes.Contains(after, []byte(kept)) {
				t.Errorf("the state is another one:\n%s", after)
			}
		})
	}
	t.Cleanup(func() {
		if n := c.writes(); n != 0 {
			t.Errorf("%d writes", n)
		}
	})
}

// Gcore's provider keeps the networks; this provider manages the security
// groups under a second local name.
func TestMigrateBesideVendor(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.migration(t)
	id := c.add("web", "", ruleOf("ingress", "IPv4", "tcp", portsOf(443, 443)))
	peer := c.add("peer", "", ruleOf("egress", "IPv4", "", nil))
	group, _ := c.Group(peer)
	w.inherit(
		vendorGroupState("web", id, "", `, "rules": [{"direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443}]`),
		vendorGroupState("old", peer, "", `, "rules": null`),
		stored{"gcore_cloud_security_group_rule.old", `{"id": "` + group.Rules[0].ID + `", "group_id": "` + peer + `", "direction": "egress"}`},
		stored{"gcore_cloud_network.net", `{"id": "n", "name": "net"}`},
	)
	w.write("main.tf", strings.Replace(w.read(exampleFile(t, "beside-the-vendor-provider/main.tf")), "    https = {", "    ingress-ipv4-tcp-443 = {", 1)+`
resource "gcore_cloud_network" "net" {
  name = "net"
}
# Under another name a resource needs a moved block, as always.
moved {
  from = gcore_cloud_security_group.old
  to   = gcore_cloud_security_group.peer
}
moved {
  from = gcore_cloud_security_group_rule.old
  to   = gcore_cloud_security_group_rule.out
}
resource "gcore_cloud_security_group" "peer" {
  provider = gcore-community
  name     = "peer"
}
resource "gcore_cloud_security_group_rule" "out" {
  provider  = gcore-community
  group_id  = gcore_cloud_security_group.peer.id
  direction = "egress"
}
output "keys" {
  value = keys(provider::gcore-community::rules_from_list([{ direction = "egress" }]))
}
`)
	says(t, w.must(0, "plan"), "0 to add, 0 to change, 0 to destroy")
	w.must(0, "apply", "-auto-approve")
	w.expectNoChanges(c)
	if state := string(w.state()); strings.Count(state, vendorSource) != 1 || strings.Count(state, "gcore-community/gcore") != 3 {
		t.Errorf("not each resource has its provider:\n%s", state)
	}
}
