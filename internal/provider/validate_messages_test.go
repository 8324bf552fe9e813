package provider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// message is a diagnostic as Terraform prints it in JSON.
type message struct {
	Severity, Summary, Detail, Address string
	Range                              struct{ Start struct{ Line int } }
}

// messages runs Terraform with -json and returns its diagnostics in the order
// of addresses and texts. The lines differ between Terraform versions.
func (w workspace) messages(arguments ...string) []message {
	w.t.Helper()
	output, _ := w.run(append(arguments, "-json")...)
	output = strings.ReplaceAll(output, "registry.opentofu.org", "registry.terraform.io")
	var all []message
	// validate prints one object; plan and apply print one for each event.
	for decoder := json.NewDecoder(strings.NewReader(output)); decoder.More(); {
		var event struct {
			Diagnostic  *message
			Diagnostics []message
		}
		if err := decoder.Decode(&event); err != nil {
			w.t.Fatalf("%v:\n%s", err, output)
		}
		all = append(all, event.Diagnostics...)
		if event.Diagnostic != nil {
			all = append(all, *event.Diagnostic)
		}
	}
	all = slices.DeleteFunc(all, func(m message) bool { return m.Summary == "Provider development overrides are in effect" })
	slices.SortStableFunc(all, func(a, b message) int {
		return cmp.Or(strings.Compare(a.Address, b.Address), strings.Compare(a.Detail, b.Detail))
	})
	return all
}

// String is the message as a user sees it, without the quoted configuration,
// which differs between Terraform versions.
func (m message) String() string {
	with := ""
	if m.Address != "" {
		with = "  with " + m.Address + "\n"
	}
	return fmt.Sprintf("%s: %s\n%s%s\n", capitalised(m.Severity), m.Summary, with, wrapped(m.Detail))
}

// wrapped breaks lines as Terraform does without a terminal.
func wrapped(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, " ") {
			lines = append(lines, line)
			continue
		}
		short := ""
		for word := range strings.FieldsSeq(line) {
			if short != "" && len(short)+1+len(word) > 78 {
				lines, short = append(lines, short), ""
			}
			short = strings.TrimPrefix(short+" "+word, " ")
		}
		lines = append(lines, short)
	}
	return strings.Join(lines, "\n")
}

// mistaken has one mistake of each kind that Terraform finds without a plan;
// each resource is named after its mistake.
func mistaken() string {
	var config strings.Builder
	group := func(name, lines string) {
		fmt.Fprintf(&config, "resource \"gcore_cloud_security_group\" %q {\n  name = \"web\"\n  %s\n}\n", name, lines)
	}
	standalone := func(name, lines string) {
		fmt.Fprintf(&config, "resource \"gcore_cloud_security_group_rule\" %q {\n  %s\n}\n", name, lines)
	}
	const groupID = "group_id = \"" + otherGroup + "\"\n  "
	group("description", `description = "`+strings.Repeat("x", 256)+`"`)
	group("keep-default-rules", "rules = {}\n keep_default_rules = true")
	group("null-rule", "rules = { https = null }")
	group("no-direction", "rules = { https = { protocol = \"tcp\" } }")
	group("too-many-rules", manyRules(251))
	group("same-rule", `rules = {
		open  = { direction = "egress", description = "everybody" }
		world = { direction = "egress", ethertype = "IPv4", protocol = "any", remote_ip_prefix = "0.0.0.0/0" }
	}`)
	group("same-rules", `rules = { for i in range(100) : "k${i}" => { direction = "egress" } }`)
	group("five-bad-rules", `rules = {
		cidr      = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 443, remote_ip_prefix = "10.0.0.1/8" }
		direction = { direction = "inbound" }
		ports     = { direction = "ingress", protocol = "tcp", port_range_min = 443, port_range_max = 80, remote_ip_prefix = "0.0.0.0/0" }
		protocol  = { direction = "ingress", protocol = "all", remote_ip_prefix = "0.0.0.0/0" }
		remote    = { direction = "ingress", protocol = "any", self = true, remote_ip_prefix = "10.0.0.0/8" }
		fine      = { direction = "ingress", protocol = "icmp", port_range_min = 8, remote_ip_prefix = "0.0.0.0/0" }
	}`)
	group("left-out", `rules = {
		misspelt = { direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_ip_prefx = "10.0.0.0/8" }
		ports    = { direction = "ingress", protocol = "tcp", port = 22, remote_ip_prefix = "10.0.0.0/8" }
		protocol = { direction = "ingress", proto = "tcp", remote_ip_prefix = "10.0.0.0/8" }
		family   = { direction = "ingress", ethertipe = "IPv6", protocol = "any", self = true }
	}`)
	group("one-address", `rules = { everybody = { direction = "ingress", protocol = "any", remote_ip_prefix = "0.0.0.0" } }`)
	group("tags", `tags = {
		"" = "1", "cost center" = "1", env = "prod", Env = "prod", none = null, empty = "", padded = " x "
		long = "`+strings.Repeat("x", 256)+`", `+strings.Repeat("k", 256)+` = "1"
	}`)
	group("numbers", `rules = {
		half = { direction = "egress", protocol = "tcp", port_range_min = 22.5, port_range_max = 23 }
		huge = { direction = "egress", protocol = "tcp", port_range_min = 22, port_range_max = 1e30 }
	}`)
	standalone("group-by-name", "group_id = \"web\"\n  direction = \"egress\"")
	standalone("no-direction", groupID+"direction = null")
	standalone("cidr", groupID+"direction = \"ingress\"\n  protocol = \"any\"\n  remote_ip_prefix = \"10.0.0.0/33\"")
	standalone("two-remotes", groupID+"direction = \"ingress\"\n  protocol = \"any\"\n  remote_ip_prefix = \"10.0.0.0/8\"\n  remote_group_id = \""+thisGroup+"\"")
	standalone("ports-only", groupID+"direction = \"ingress\"\n  port_range_min = 80\n  port_range_max = 80\n  remote_ip_prefix = \"0.0.0.0/0\"")
	standalone("left-out", groupID+"direction = \"ingress\"\n  protocol = \"tcp\"")
	config.WriteString(mistakenOthers)
	return config.String()
}

// mistakenOthers are mistakes of rule sets, of ignore_rules and of data sources.
const mistakenOthers = `
resource "gcore_cloud_security_group_rule_set" "revert" {
  group_id     = "` + otherGroup + `"
  rules        = {}
  on_destroy = "revert"
  ignore_rules {
    description_prefix = "k8s-"
  }
}
resource "gcore_cloud_security_group_rule_set" "blocks" {
  group_id     = "` + otherGroup + `"
  rules        = {}
  ignore_rules {
    protocol = "tcp"
  }
  ignore_rules {
    description_prefix = ""
  }
}
data "gcore_cloud_security_group" "neither" {}
data "gcore_cloud_security_group" "both" {
  group_id    = "` + otherGroup + `"
  find_one_by = { name = "web" }
}
data "gcore_cloud_security_group" "empty" {
  find_one_by = {}
}
data "gcore_cloud_security_group" "filter" {
  find_one_by = { name = "", tag_key = [null], tag_key_value = "web" }
}
data "gcore_cloud_security_groups" "regex" {
  name_regex = "("
}
`

// calls are function calls with mistakes.
const calls = `
output "merge_cidrs" {
  value = provider::gcore::merge_cidrs(["10.0.0.1/8", "web"])
}
output "cidrs_contain" {
  value = provider::gcore::cidrs_contain(["10.0.0.0/8"], ["10.0.0.0/33"])
}
output "expand_rules" {
  value = provider::gcore::expand_rules({ https = { protocol = "tcp" } })
}
output "rules_from_list" {
  value = provider::gcore::rules_from_list([{ direction = "in" }])
}
output "who_can_reach" {
  value = provider::gcore::who_can_reach({}, { protocol = "icmp", port = 22 })
}
output "lint_rules" {
  value = provider::gcore::lint_rules("web")
}
`

// All messages, as a user reads them, are in testdata/messages.golden: those of
// a configuration by Terraform, the rest by the code that makes them. Mistakes
// in rules alone are in the golden file of package rule.
func TestMessages(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	var said strings.Builder
	say := func(when string, messages []message) {
		fmt.Fprintf(&said, "# %s\n\n", when)
		for _, m := range messages {
			fmt.Fprintln(&said, m)
		}
	}
	w.configure(mistaken())
	say("terraform validate", w.messages("validate"))

	w.configure("provider \"gcore\" {\n  default_tags = { Team = \"net\", team = \"sec\" }\n}\n" + web(""))
	say("terraform validate: default tags", w.messages("validate"))

	w.configure("provider \"gcore\" {\n  default_tags = { team = \"net\" }\n}\n" + web(`tags = { Team = "sec" }`) +
		"resource \"gcore_cloud_security_group\" \"short\" {\n  name = \"ab\"\n}\n" +
		"resource \"gcore_cloud_security_group\" \"reserved\" {\n  name = \"Default\"\n}\n" +
		"resource \"gcore_cloud_security_group\" \"open\" {\n  name = \"open\"\n  rules = { " + sshEntry + "\n all = { direction = \"ingress\", protocol = \"any\", remote_ip_prefix = \"0.0.0.0/0\" } }\n}\n")
	say("terraform plan", w.messages("plan", "-input=false"))

	w.configure(late)
	say("terraform plan: a value is not known yet", w.messages("plan", "-input=false"))
	say("terraform apply: the value is known", w.messages("apply", "-auto-approve", "-input=false"))
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	w.configure(calls)
	say("terraform plan: functions", w.messages("plan", "-input=false"))
	w.configure("provider \"gcore\" {\n  api_key  = \"\"\n  base_url = \"http://api.gcore.com/cloud\"\n}\n" + web(""))
	say("terraform plan: an address", w.messages("plan", "-input=false"))
	w.env = append(w.env, "GCORE_API_KEY=")
	say("terraform plan: no key", w.messages("plan", "-input=false"))
	for _, s := range c.samples(t) {
		say(s.when, s.messages())
	}
	golden(t, "testdata/messages.golden", said.String())
}

// late is a configuration with a CIDR known only at apply.
const late = `
resource "terraform_data" "net" {
  input = "10.0.0.1/8"
}
resource "gcore_cloud_security_group" "web" {
  name  = "web"
  rules = { net = { direction = "ingress", protocol = "any", remote_ip_prefix = terraform_data.net.output } }
}
resource "gcore_cloud_security_group_rule" "ssh" {
  group_id         = "` + otherGroup + `"
  direction        = "ingress"
  protocol         = "any"
  remote_ip_prefix = terraform_data.net.output
}
`

// golden compares a text with a file, or writes the file with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("other messages than in %s (-want +got):\n%s\ngo test -run %s -update rewrites them.",
			name, gocmp.Diff(string(want), got), t.Name())
	}
}
