package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// Entries, a whole map and every attribute of a standalone rule may come from
// resources of the same run, also for an existing group.
func TestRulesKnownAtApply(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	config := func(cidr string) string {
		return `
		resource "terraform_data" "net" {
			triggers_replace = "` + cidr + `"
			input = { entry = { direction = "ingress", protocol = "any", remote_ip_prefix = "` + cidr + `" }, group = null, ports = [443, 444] }
		}
		resource "gcore_cloud_security_group" "web" {
			name  = "web"
			rules = { ` + httpsEntry + `, entry = terraform_data.net.output.entry }
		}
		resource "gcore_cloud_security_group" "map" {
			name  = "map"
			rules = { for port in terraform_data.net.output.ports : "port-${port}" => {
				direction = "ingress", protocol = "tcp", port_range_min = port, port_range_max = port
				remote_ip_prefix = terraform_data.net.output.entry.remote_ip_prefix
			} }
		}
		resource "gcore_cloud_security_group" "single" {
			name = "single"
		}
		resource "gcore_cloud_security_group_rule" "single" {
			group_id         = gcore_cloud_security_group.single.id
			direction        = terraform_data.net.output.entry.direction
			protocol         = "tcp"
			port_range_min   = terraform_data.net.output.ports[0]
			port_range_max   = terraform_data.net.output.ports[1]
			remote_ip_prefix = terraform_data.net.output.entry.remote_ip_prefix
			remote_group_id  = terraform_data.net.output.group
		}`
	}
	want := func(family, cidr string) []group {
		from := " from " + cidr
		return []group{
			{name: "web", rules: []string{httpsLine, "ingress " + family + from}},
			{name: "map", rules: []string{"ingress " + family + " tcp 443-443" + from, "ingress " + family + " tcp 444-444" + from}},
			{name: "single", rules: []string{"ingress " + family + " tcp 443-444" + from}},
		}
	}
	c.run(t,
		planned(c.apply(config("10.0.0.0/8"), want("IPv4", "10.0.0.0/8")...),
			plancheck.ExpectUnknownValue(webGroup, tfjsonpath.New("rules").AtMapKey("entry")),
			plancheck.ExpectUnknownValue("gcore_cloud_security_group.map", tfjsonpath.New("rules")),
		),
		planned(c.apply(config("2001:db8::/32"), want("IPv6", "2001:db8::/32")...),
			plancheck.ExpectUnknownValue(webGroup, tfjsonpath.New("rules").AtMapKey("entry")),
			plancheck.ExpectUnknownValue(rulePrefix+"single", tfjsonpath.New("ethertype")),
		),
	)
}
