package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const vendorSource = "g-core/gcore"

// stored is an object in the state of Gcore's own provider: `type.name` and its
// attributes in JSON.
type stored struct{ address, attributes string }

// inherit writes a state as Gcore's own provider left it, with the private data
// of terraform-plugin-sdk.
func (w workspace) inherit(objects ...stored) {
	w.t.Helper()
	type instance struct {
		SchemaVersion int             `json:"schema_version"`
		Attributes    json.RawMessage `json:"attributes"`
		Private       []byte          `json:"private"`
	}
	type resource struct {
		Mode      string     `json:"mode"`
		Type      string     `json:"type"`
		Name      string     `json:"name"`
		Provider  string     `json:"provider"`
		Instances []instance `json:"instances"`
	}
	var resources []resource
	for _, object := range objects {
		kind, name, _ := strings.Cut(object.address, ".")
		if !json.Valid([]byte(object.attributes)) {
			w.t.Fatalf("%s: no JSON: %s", object.address, object.attributes)
		}
		resources = append(resources, resource{
			"managed", kind, name, fmt.Sprintf("provider[%q]", providerAddress(vendorSource)),
			[]instance{{0, json.RawMessage(object.attributes), []byte(`{"schema_version":"0"}`)}},
		})
	}
	state, err := json.MarshalIndent(map[string]any{
		"version": 4, "terraform_version": "1.8.0", "serial": 7, "lineage": "5d3c1c0e-2f6b-4c68-8f0b-0d1f6f1d6a51", "outputs": map[string]any{}, "resources": resources,
	}, "", "  ")
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("terraform.tfstate", string(state))
}

func (w workspace) state() []byte {
	return []byte(w.read(filepath.Join(w.directory, "terraform.tfstate")))
}

// migration is a workspace with both providers.
func (c cloud) migration(t *testing.T) workspace {
	t.Helper()
	return c.workspace(t).reattached(c, servedProvider{providerAddress(vendorSource), vendorServer()})
}

// expectNoChanges expects an empty plan, no drift and no write requests.
func (w workspace) expectNoChanges(c cloud) {
	w.t.Helper()
	w.must(0, "plan", "-detailed-exitcode")
	if output := w.must(0, "plan", "-refresh-only", "-no-color"); !strings.Contains(output, "No changes.") {
		w.t.Errorf("a refresh finds changes:\n%s", output)
	}
	if n := c.writes(); n != 0 {
		w.t.Errorf("%d writes", n)
	}
}

// numbered repeats a JSON item for each number in the range.
func numbered(first, last int, item string) string {
	var items []string
	for n := first; n <= last; n++ {
		items = append(items, strings.ReplaceAll(item, "%n", fmt.Sprint(n)))
	}
	return "[" + strings.Join(items, ",") + "]"
}

func tcpRules(n int) []gcoretest.Rule {
	rules := make([]gcoretest.Rule, n)
	for i := range rules {
		rules[i] = gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(i + 1), PortRangeMax: new(i + 1), Description: new("")}
	}
	return rules
}

func ruleOf(direction, ethertype, protocol string, change func(*gcoretest.Rule)) gcoretest.Rule {
	r := gcoretest.Rule{Direction: direction, Ethertype: &ethertype, Protocol: &protocol}
	if protocol == "" {
		r.Protocol = nil
	}
	if change != nil {
		change(&r)
	}
	return r
}

func portsOf(first, last int) func(*gcoretest.Rule) {
	return func(r *gcoretest.Rule) { r.PortRangeMin, r.PortRangeMax = &first, &last }
}

// add adds a group to the cloud; every vendor state describes it.
func (c cloud) add(name, description string, rules ...gcoretest.Rule) (id string) {
	return c.AddGroup(gcoretest.Group{
		ProjectID: testProject, RegionID: testRegion, Name: name, Description: description, Rules: rules,
		Tags: []gcoretest.Tag{{Key: "cost", Value: "x", ReadOnly: true}},
	})
}

// oddVendorRules are rules in spellings that releases of Gcore's provider
// accepted. oddRulesInCloud has the same rules as the cloud stores them.
const oddVendorRules = `[
	{"direction": "Ingress", "description": "", "ethertype": null, "protocol": "TCP", "port_range_min": 22, "port_range_max": 22, "remote_group_id": null, "remote_ip_prefix": "192.0.2.7"},
	{"direction": "ingress", "ethertype": "IPv6", "protocol": "icmp", "port_range_min": null, "port_range_max": null, "remote_ip_prefix": "2001:DB8::/32"},
	{"direction": "egress", "ethertype": "IPv4", "protocol": "any"},
	{"direction": "egress", "ethertype": "IPv6", "protocol": "", "remote_ip_prefix": "::/0"},
	{"direction": "ingress", "ethertype": "IPv4", "protocol": "112"},
	{"direction": "ingress", "ethertype": "IPv4", "protocol": "icmp", "port_range_min": 8, "port_range_max": 0, "description": "ping"}
]`

func oddRulesInCloud() []gcoretest.Rule {
	return []gcoretest.Rule{
		ruleOf("ingress", "IPv4", "tcp", func(r *gcoretest.Rule) { portsOf(22, 22)(r); r.RemoteIPPrefix = new("192.0.2.7/32") }),
		ruleOf("ingress", "IPv6", "ipv6-icmp", func(r *gcoretest.Rule) { r.RemoteIPPrefix = new("2001:db8::/32") }),
		ruleOf("egress", "IPv4", "", nil),
		ruleOf("egress", "IPv6", "any", nil),
		ruleOf("ingress", "IPv4", "vrrp", nil),
		ruleOf("ingress", "IPv4", "icmp", func(r *gcoretest.Rule) { portsOf(8, 0)(r); r.Description = new("ping") }),
	}
}

// vendorGroupState is a gcore_cloud_security_group as 2.0.0-alpha.11 stores it.
func vendorGroupState(name, id, description, more string) stored {
	return stored{"gcore_cloud_security_group." + name, fmt.Sprintf(`{
		"id": %q, "name": %q, "description": %q, "project_id": 1, "region_id": 76, "region": "Region-76",
		"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "revision_number": 3, "tags": {},
		"tags_v2": [{"key": "cost", "value": "x", "read_only": true}], "tasks": null, "security_group_rules": [{"id": "x", "direction": "egress"}]%s}`,
		id, name, description, more)}
}

// The state of 2.x is upgraded, whether the source changes only in the
// configuration or also in the state. The configuration is the guide's, plus
// groups in all other shapes.
func TestMigrateFromVendor(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.migration(t)

	web := c.add("web", "front end", ruleOf("ingress", "IPv4", "tcp", portsOf(443, 443)), ruleOf("egress", "IPv4", "tcp", portsOf(443, 443)),
		ruleOf("ingress", "IPv4", "tcp", func(r *gcoretest.Rule) { portsOf(22, 22)(r); r.RemoteIPPrefix = new("203.0.113.0/24") }))
	workers := tcpRules(10)
	for i := range workers {
		portsOf(8000+i, 8000+i)(&workers[i])
		workers[i].RemoteIPPrefix = new("10.0.0.0/8")
	}
	workersID := c.add("workers", "", workers...)
	db := c.add("database", "", ruleOf("ingress", "IPv4", "tcp", portsOf(5432, 5432)), ruleOf("ingress", "IPv6", "udp", portsOf(53, 53)))
	dbRules := map[string]string{}
	group, _ := c.Group(db)
	for _, r := range group.Rules {
		dbRules[*r.Protocol] = r.ID
	}
	first, none, odd, many := c.add("first", "old", ruleOf("egress", "IPv4", "", nil)), c.add("none", ""), c.add("odd", "", oddRulesInCloud()...), c.add("many", "", tcpRules(250)...)
	next := c.add("next", "", ruleOf("ingress", "IPv4", "tcp", portsOf(443, 443)))
	c.SetTag(first, "team", "web", false)
	c.SetTag(next, "team", "web", false)

	w.inherit(
		vendorGroupState("web", web, "front end", `, "rules": [
			{"direction": "ingress", "description": "", "ethertype": "IPv4", "port_range_max": 443, "port_range_min": 443, "protocol": "tcp", "remote_group_id": null, "remote_ip_prefix": null},
			{"direction": "egress", "description": "", "ethertype": "IPv4", "port_range_max": 443, "port_range_min": 443, "protocol": "tcp", "remote_group_id": null, "remote_ip_prefix": null},
			{"direction": "ingress", "description": "", "ethertype": "IPv4", "port_range_max": 22, "port_range_min": 22, "protocol": "tcp", "remote_group_id": null, "remote_ip_prefix": "203.0.113.0/24"}]`),
		vendorGroupState("workers", workersID, "", `, "rules": `+numbered(8000, 8009, `{"direction": "ingress", "protocol": "tcp", "port_range_min": %n, "port_range_max": %n, "remote_ip_prefix": "10.0.0.0/8"}`)),
		vendorGroupState("database", db, "", `, "rules": null`),
		stored{"gcore_cloud_security_group_rule.postgresql", `{"id": "` + dbRules["tcp"] + `", "group_id": "` + db + `", "project_id": null, "region_id": null,
			"direction": "ingress", "ethertype": "IPv4", "protocol": "TCP", "port_range_min": 5432, "port_range_max": 5432, "remote_group_id": null,
			"remote_ip_prefix": null, "description": "", "tasks": null}`},
		stored{"gcore_cloud_security_group_rule.dns", `{"id": "` + dbRules["udp"] + `", "group_id": "` + db + `", "project_id": 1, "region_id": 76,
			"direction": "ingress", "ethertype": "IPv6", "protocol": "udp", "port_range_min": 53, "port_range_max": 53, "remote_group_id": null,
			"remote_ip_prefix": null, "description": null}`},
		stored{"gcore_cloud_security_group.first", `{"id": "` + first + `", "name": "first", "description": "old", "project_id": null, "region_id": null,
			"region": "Region-76", "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "revision_number": 1, "tags": {"team": "web"}, "tags_v2": []}`},
		// Code after alpha 15 writes neither tags_v2 nor tasks, and has tags as a list in its data source.
		stored{"gcore_cloud_security_group.next", `{"id": "` + next + `", "name": "next", "description": "", "project_id": 1, "region_id": 76,
			"region": "Region-76", "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "revision_number": 3,
			"tags": [{"key": "cost", "value": "x", "read_only": true}, {"key": "team", "value": "web", "read_only": false}],
			"rules": [{"direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443}], "security_group_rules": []}`},
		vendorGroupState("none", none, "", `, "rules": []`),
		vendorGroupState("odd", odd, "", `, "rules": `+oddVendorRules),
		vendorGroupState("many", many, "", `, "rules": `+numbered(1, 250, `{"direction": "ingress", "protocol": "tcp", "port_range_min": %n, "port_range_max": %n}`)),
	)
	w.write("others.tf", `
resource "gcore_cloud_security_group_rule" "dns" {
  group_id = gcore_cloud_security_group.database.id
  direction = "ingress"
  ethertype = "IPv6"
  protocol = "udp"
  port_range_min = 53
  port_range_max = 53
  remote_ip_prefix = "::/0"
}
resource "gcore_cloud_security_group" "first" {
  name = "first"
  description = "old"
  tags = { team = "web" }
}
resource "gcore_cloud_security_group" "next" {
  name = "next"
  tags = { team = "web" }
  rules = provider::gcore::rules_from_list([{ direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" }])
}
resource "gcore_cloud_security_group" "none" {
  name = "none"
  rules = {}
}
resource "gcore_cloud_security_group" "odd" {
  name = "odd"
  rules = provider::gcore::rules_from_list(jsondecode(file("odd.json")))
}
resource "gcore_cloud_security_group" "many" {
  name = "many"
  rules = provider::gcore::rules_from_list([for n in range(1, 251) : { direction = "ingress", protocol = "tcp", port_range_min = n, port_range_max = n, remote_ip_prefix = "0.0.0.0/0" }])
}
`)
	// The one line that each ingress rule for everybody needs here.
	const everybody = `, "remote_ip_prefix": "0.0.0.0/0"`
	w.write("odd.json", strings.NewReplacer(`"protocol": "112"`, `"protocol": "112"`+everybody, `"description": "ping"`, `"description": "ping"`+everybody).Replace(oddVendorRules))
	w.write("main.tf", w.read(exampleFile(t, "migrating-from-2/main.tf")))
	w.must(0, "plan", "-detailed-exitcode")
	// The guide's command, with the host of the CLI that is tested.
	_, addresses, _ := strings.Cut(w.read("../../templates/guides/migrating.md.tmpl"), "terraform state replace-provider registry.terraform.io/")
	addresses, _, _ = strings.Cut(addresses, "\n")
	from, to, _ := strings.Cut(addresses, " ")
	w.must(0, "state", "replace-provider", "-auto-approve", providerAddress(from), to)
	w.must(0, "plan", "-detailed-exitcode")
	w.must(0, "apply", "-auto-approve")
	w.expectNoChanges(c)
	if state := w.state(); bytes.Contains(state, []byte(vendorSource)) || bytes.Contains(state, []byte("tags_v2")) {
		t.Error("the state is still of the other provider")
	}
}

// The vendor's create sends no rules. The plan adds the lost rules, removes
// unplanned rules and shows changed keys.
func TestMigrateLostRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.migration(t)
	id := c.add("web", "", ruleOf("egress", "IPv4", "udp", portsOf(53, 53)), ruleOf("egress", "IPv4", "", nil))
	w.inherit(vendorGroupState("web", id, "", `, "rules": [{"direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443}, {"direction": "egress"}]`))
	w.configure(web(`rules = {
		ingress-ipv4-tcp-443 = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "0.0.0.0/0" }
		out                  = { direction = "egress" }
	}`))
	says(t, w.must(2, "plan", "-detailed-exitcode"), "0 to add, 1 to change, 0 to destroy",
		`+ "ingress-ipv4-tcp-443" = {`, `- "egress-ipv4-udp-53" = {`, `- "egress-ipv4-all" = {`, `+ "out" = {`)
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	before := c.ruleIDs(id)
	w.must(0, "apply", "-auto-approve")
	c.ResetRequests()
	w.expectNoChanges(c)
	after := strings.Join(c.ruleIDs(id), " ")
	if len(c.ruleIDs(id)) != 2 || !strings.Contains(after, before[0]) && !strings.Contains(after, before[1]) {
		t.Errorf("the rule that stays is another one: %v", after)
	}
}
