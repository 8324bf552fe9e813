package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// openForm is a resource that opens ssh to everybody.
type openForm struct {
	config string // for a remote and further lines
	remote string
	names  string // what the message names
	rules  []string
}

const openLines = "direction = \"ingress\"\nprotocol = \"tcp\"\nport_range_min = 20\nport_range_max = 22\nremote_ip_prefix = "

var openForms = func() map[string]openForm {
	halves := "rules = {\nlower = {\n" + openLines + "%s\n}\nupper = {\n" + openLines + "\"128.0.0.0/1\"\n}\n}\n%s"
	form := openForm{
		remote: "0.0.0.0/1", names: `ssh (22), opened by rules["lower"], rules["upper"]`,
		rules: []string{"ingress IPv4 tcp 20-22 from 0.0.0.0/1", "ingress IPv4 tcp 20-22 from 128.0.0.0/1"},
	}
	group, ruleSet := form, form
	group.config, ruleSet.config = web(halves), set(halves)
	return map[string]openForm{
		"group": group, "rule set": ruleSet,
		"rule": {
			web("") + "resource \"gcore_cloud_security_group_rule\" \"ssh\" {\ngroup_id = " + webGroup + ".id\n" + openLines + "%s\n%s}\n",
			"0.0.0.0/0", "The rule lets everybody reach: - ssh (22) Give", []string{"ingress IPv4 tcp 20-22"},
		},
	}
}()

// openCase runs a form in a workspace.
type openCase struct {
	openForm
	workspace
	cloud cloud
}

func (f openForm) in(t *testing.T) openCase {
	t.Helper()
	c := newCloud(t, gcoretest.Config{})
	return openCase{f, c.workspace(t).reattached(c), c}
}

// modes gives the provider block and the resource a value, or "" for none.
func (o openCase) modes(ofProvider, ofResource string) {
	o.configure(mode(ofProvider, "provider \"gcore\" {\n%s}\n") + fmt.Sprintf(o.config, fmt.Sprintf("%q", o.remote), mode(ofResource, "%s")))
}

func mode(value, format string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf(format, fmt.Sprintf("public_admin_ports = %q\n", value))
}

// late makes the remote and the value in the provider block unknown in the plan.
func (o openCase) late(mode string) {
	o.configure(fmt.Sprintf("resource \"terraform_data\" \"late\" {\ninput = { remote = %q, mode = %q }\n}\n", o.remote, mode) +
		"provider \"gcore\" {\npublic_admin_ports = terraform_data.late.output.mode\n}\n" +
		fmt.Sprintf(o.config, "terraform_data.late.output.remote", ""))
}

// says runs Terraform and checks what its output says of open ports; "" is
// nothing.
func (o openCase) says(severity string, code int, command ...string) string {
	o.t.Helper()
	output := o.must(code, append(command, "-no-color")...)
	switch {
	case severity != "":
		says(o.t, output, severity+": "+publicPortsTitle, o.names, `write public_admin_ports = "allow"`)
	case strings.Contains(output, publicPortsTitle):
		o.t.Errorf("terraform %s: %s", strings.Join(command, " "), output)
	}
	return output
}

// holds fails the test unless the cloud has the group with these rules.
func (o openCase) holds(rules ...string) {
	o.t.Helper()
	if diff := o.cloud.differs([]group{{name: "web", rules: rules}}); diff != "" {
		o.t.Error(diff)
	}
}

const publicPortsTitle = "Ports for administration or databases are open to everybody"

// Each value in the provider block and in the resource, which wins.
func TestPublicAdminPorts(t *testing.T) {
	t.Parallel()
	for name, form := range openForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := form.in(t)
			// A create.
			o.modes("deny", "")
			says(t, o.says("Error", 1, "plan"), `It is an error since the provider's public_admin_ports is "deny"`)
			o.modes("allow", "deny")
			says(t, o.says("Error", 1, "plan"), `It is an error since public_admin_ports is "deny"`)
			if n := o.cloud.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			o.modes("", "")
			o.says("Warning", 0, "plan")
			o.modes("deny", "warn")
			o.says("Warning", 0, "apply", "-auto-approve")
			o.holds(o.rules...)
			// A change of public_admin_ports alone.
			o.cloud.ResetRequests()
			o.modes("deny", "allow")
			o.says("", 0, "apply", "-auto-approve")
			o.says("", 0, "plan", "-detailed-exitcode")
			o.modes("allow", "deny")
			o.says("Error", 1, "plan")
			o.must(0, "plan", "-destroy", "-refresh=false")
			o.modes("allow", "")
			o.says("", 0, "apply", "-auto-approve")
			o.modes("warn", "")
			o.says("Warning", 0, "plan", "-detailed-exitcode")
			if n := o.cloud.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			// An error about what stays as it is would stop terraform destroy, which plans that too.
			o.modes("deny", "")
			says(t, o.says("Warning", 0, "plan", "-detailed-exitcode"), "This plan leaves the resource as it is")
			o.must(0, "destroy", "-auto-approve")
			if diff := o.cloud.differs(nil); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a plan does not know yet is judged in the apply, before its rules are
// sent.
func TestUnknownAdminPorts(t *testing.T) {
	t.Parallel()
	for name, form := range openForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := form.in(t)
			o.late("deny")
			o.says("", 0, "plan")
			o.says("Error", 1, "apply", "-auto-approve")
			if name == "group" {
				if n := o.cloud.writes(); n != 0 {
					t.Errorf("%d writes", n)
				}
			} else {
				o.holds()
			}
			o.late("warn")
			o.says("", 0, "plan")
			o.says("Warning", 0, "apply", "-auto-approve")
			o.holds(o.rules...)
			o.cloud.ResetRequests()
			o.late("allow")
			o.says("", 0, "apply", "-auto-approve")
			if n := o.cloud.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// The API's template counts when a group is created with it.
func TestPublicAdminPortsOfTheTemplate(t *testing.T) {
	t.Parallel()
	o := openForm{
		config: web("keep_default_rules = true\n%[2]s"), names: "these let everybody reach: - ssh (22), rdp (3389), rdp (udp 3389)",
	}.in(t)
	o.modes("deny", "")
	o.says("Error", 1, "plan")
	o.modes("", "")
	o.says("Warning", 0, "plan")
	o.modes("deny", "allow")
	o.says("", 0, "apply", "-auto-approve")
	o.modes("deny", "")
	o.says("", 0, "apply", "-auto-approve")
	// What the message says is what the documents say, as the fake has it.
	documented := map[string]rule.Given{}
	for n, r := range gcoretest.DefaultRules() {
		given := rule.Given{Direction: &r.Direction, Ethertype: r.Ethertype, Protocol: r.Protocol}
		for into, port := range map[**int64]*int{&given.PortRangeMin: r.PortRangeMin, &given.PortRangeMax: r.PortRangeMax} {
			if port != nil {
				*into = new(int64(*port))
			}
		}
		documented[fmt.Sprint(n)] = given
	}
	services := func(rules map[string]rule.Given) (names []string) {
		for _, open := range rule.OpenAdminPorts(rules) {
			names = append(names, open.String())
		}
		return names
	}
	if diff := cmp.Diff(services(documented), services(templateIngress.rules)); diff != "" {
		t.Error(diff)
	}
}

// Rules that ignore_rules leaves to others count with those of the map.
func TestPublicAdminPortsOfOthers(t *testing.T) {
	t.Parallel()
	half := "rules = {\nlower = {\n" + openLines + "\"0.0.0.0/1\"\n}\n}\nignore_rules {\ndescription_prefix = \"k8s-\"\n}\n%[2]s"
	for name, config := range map[string]string{"group": web(half), "rule set": set(half)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openForm{config: config, names: `ssh (22), opened by rules["lower"], the rule of others ingress-ipv4-tcp-22-from-128_0_0_0-1 ("k8s-1")`}.in(t)
			o.modes("", "")
			o.says("", 0, "apply", "-auto-approve")
			o.cloud.addHalf("web")
			o.says("Warning", 0, "plan", "-detailed-exitcode")
			o.modes("", "deny")
			o.says("Error", 1, "plan")
			o.modes("", "allow")
			o.says("", 0, "apply", "-auto-approve")
		})
	}
}

// addHalf adds a controller's rule to the group of that name, which opens ssh to the upper half of the Internet.
func (c cloud) addHalf(name string) {
	for _, held := range c.Groups(testProject, testRegion) {
		if held.Name == name {
			c.AddRule(held.ID, gcoretest.Rule{
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22),
				RemoteIPPrefix: new("128.0.0.0/1"), Description: new("k8s-1"),
			})
		}
	}
}

var twoGroups = web("") + strings.ReplaceAll(web(""), `"web"`, `"other"`)

// A rule set that is new in a group is judged with the rules of others in it. Only a read of the plan knows them, so the plan
// warns, and the apply stops before it sends anything.
func TestPublicAdminPortsOfANewRuleSet(t *testing.T) {
	t.Parallel()
	half := "rules = {\nlower = {\n" + openLines + "\"0.0.0.0/1\"\n}\n}\nignore_rules {\ndescription_prefix = \"k8s-\"\n}\n%[2]s"
	for _, moves := range []bool{false, true} {
		t.Run(fmt.Sprint("moves ", moves), func(t *testing.T) {
			t.Parallel()
			o := openForm{
				config: twoGroups + setOf(webGroup+".id", half), names: `ssh (22), opened by rules["lower"], the rule of others ingress-ipv4-tcp-22-from-128_0_0_0-1 ("k8s-1")`,
			}.in(t)
			o.configure(twoGroups)
			if moves {
				o.configure(twoGroups + setOf("gcore_cloud_security_group.other.id", fmt.Sprintf(half, "", "public_admin_ports = \"deny\"\n")))
			}
			o.says("", 0, "apply", "-auto-approve")
			o.cloud.addHalf("web")
			o.modes("", "deny")
			o.cloud.ResetRequests()
			says(t, o.says("Warning", 0, "plan"), "the apply will stop")
			says(t, o.must(1, "apply", "-auto-approve", "-no-color"), o.names, `an error since public_admin_ports is "deny"`, "Nothing was sent", "Give a narrower remote_ip_prefix")
			if n := o.cloud.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			o.modes("deny", "")
			says(t, o.must(1, "apply", "-auto-approve", "-no-color"), `an error since the provider's public_admin_ports is "deny"`)
			o.modes("warn", "")
			o.says("Warning", 0, "apply", "-auto-approve")
			o.modes("deny", "")
			says(t, o.says("Warning", 0, "plan", "-detailed-exitcode"), "This plan leaves the resource as it is")
			o.must(0, "destroy", "-auto-approve")
		})
	}
}

// A rule set that moves leaves the rules of others behind: they open nothing in its new group.
func TestPublicAdminPortsOfAnOldGroup(t *testing.T) {
	t.Parallel()
	half := "rules = {\nlower = {\n" + openLines + "\"0.0.0.0/1\"\n}\n}\n"
	o := openForm{}.in(t)
	o.configure(twoGroups + setOf(webGroup+".id", half))
	o.says("", 0, "apply", "-auto-approve")
	o.cloud.addHalf("web")
	o.configure(twoGroups + setOf("gcore_cloud_security_group.other.id", half+ofKubernetes+"public_admin_ports = \"deny\"\n"))
	o.says("", 0, "apply", "-auto-approve")
}

// A rule that others add after the plan is judged by the apply, and one that stops being theirs is not.
func TestPublicAdminPortsSinceThePlan(t *testing.T) {
	t.Parallel()
	rules := "rules = {\n%s\n%s\n}\n%s%s"
	lower := "lower = {\n" + openLines + "\"0.0.0.0/1\"\n}"
	const deny = "public_admin_ports = \"deny\"\n"
	for name, owner := range owners() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openForm{}.in(t)
			o.configure(owner(fmt.Sprintf(rules, httpsEntry, "", ofKubernetes, deny)))
			o.says("", 0, "apply", "-auto-approve")
			o.configure(owner(fmt.Sprintf(rules, httpsEntry, lower, ofKubernetes, deny)))
			o.says("", 0, "plan", "-out=saved")
			o.cloud.addHalf("web")
			o.cloud.ResetRequests()
			says(t, o.must(1, "apply", "-no-color", "saved"), `ssh (22), opened by rules["lower"], the rule of others`, "Nothing was sent")
			if n := o.cloud.writes(); n != 0 {
				t.Errorf("%d writes", n)
			}
			o.configure(owner(fmt.Sprintf(rules, lower, "", "", deny)))
			o.says("", 0, "apply", "-auto-approve")
		})
	}
}

// Terraform shows one of several warnings that have one cause.
func TestPublicAdminPortsOfManyGroups(t *testing.T) {
	t.Parallel()
	o := openForms["group"].in(t)
	config := fmt.Sprintf(o.config, `"0.0.0.0/1"`, "")
	o.configure(config + strings.ReplaceAll(config, `"web"`, `"data"`) + strings.ReplaceAll(config, `"web"`, `"cache"`))
	if output := o.says("Warning", 0, "plan"); strings.Count(output, publicPortsTitle) != 1 {
		t.Error(output)
	}
}

// A message stays short: rules of one effect are one line, and of many words the
// first ten are said.
func TestPublicAdminPortsList(t *testing.T) {
	t.Parallel()
	entry := func(port int64, prefix string) ruleEntry {
		return ruleEntry{ruleAttributes: ruleAttributes{
			Direction: str("ingress"), Protocol: str("tcp"), PortRangeMin: num(port), PortRangeMax: num(port), RemoteIPPrefix: str(prefix),
		}}
	}
	all := entry(1, "0.0.0.0/0")
	all.PortRangeMin, all.PortRangeMax, all.Protocol = num(1), num(65535), str("tcp")
	many := map[string]ruleEntry{}
	for n := range 16 {
		many[fmt.Sprintf("r%02d", n)] = entry(22, fmt.Sprintf("%d.0.0.0/4", 16*n))
	}
	keys := slices.Sorted(maps.Keys(many))
	for n, key := range keys {
		keys[n] = `rules["` + key + `"]`
	}
	for name, test := range map[string]struct {
		entries map[string]ruleEntry
		want    string
	}{
		"two": {map[string]ruleEntry{"ssh": entry(22, "0.0.0.0/0"), "db": entry(5432, "::/0"), "web": entry(443, "::/0")}, `  - ssh (22), opened by rules["ssh"]` + "\n" + `  - PostgreSQL (5432), opened by rules["db"]`},
		"all": {map[string]ruleEntry{"all": all}, `  - ssh (22), telnet (23), Oracle (1521), SQL Server (1433), Docker (2375), Docker (2376), etcd (2379), etcd (2380), MySQL (3306), rdp (3389) and 18 more, opened by rules["all"]`},
		// 224.0.0.0/3 is nobody's address.
		"many": {many, "  - ssh (22), opened by " + strings.Join(keys[:10], ", ") + " and 4 more"},
	} {
		in := rulesMap{entries: test.entries}.ingress()
		if diff := cmp.Diff(test.want, in.list(rule.OpenAdminPorts(in.rules))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
