package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// omission is an ingress rule in one of the three forms whose configuration loses one attribute in one way.
type omission struct {
	form, base, leaf, way string
}

func (o omission) name() string { return strings.Join([]string{o.form, o.base, o.leaf, o.way}, "-") }

// saidInFull are ingress rules that say everything, each with its line.
func saidInFull(peer string) map[string]spelling {
	port := leaves{"protocol": `"tcp"`, "port_range_min": "22", "port_range_max": "23", "description": `"x"`}
	with := func(base leaves, more leaves) leaves {
		base = maps.Clone(base)
		base["direction"] = `"ingress"`
		maps.Copy(base, more)
		return base
	}
	network, group := leaves{"remote_ip_prefix": `"10.0.0.0/8"`}, leaves{"remote_group_id": fmt.Sprintf("%q", peer), "ethertype": `"IPv6"`}
	return map[string]spelling{
		"network":    {first: with(port, network), line: `ingress IPv4 tcp 22-23 from 10.0.0.0/8 "x"`},
		"ipv6":       {first: with(port, leaves{"remote_ip_prefix": `"2001:db8::/32"`, "ethertype": `"IPv6"`}), line: `ingress IPv6 tcp 22-23 from 2001:db8::/32 "x"`},
		"group":      {first: with(port, group), line: `ingress IPv6 tcp 22-23 from group peer "x"`},
		"self":       {first: with(port, leaves{"self": "true", "ethertype": `"IPv6"`}), line: `ingress IPv6 tcp 22-23 from group self "x"`},
		"everything": {first: with(leaves{"protocol": `"any"`}, network), line: "ingress IPv4 from 10.0.0.0/8"},
		"tunnel":     {first: with(leaves{"protocol": `"esp"`}, group), line: "ingress IPv6 esp from group peer"},
		"neighbour":  {first: with(leaves{"protocol": `"ipv6-icmp"`, "remote_group_id": fmt.Sprintf("%q", peer)}, nil), line: "ingress IPv6 ipv6-icmp from group peer"},
		"ping":       {first: with(leaves{"protocol": `"icmp"`, "port_range_min": "8"}, network), line: "ingress IPv4 icmp 8- from 10.0.0.0/8"},
	}
}

// omissions are all rules of saidInFull in all forms, without each of their attributes, in the given ways.
func omissions(bases map[string]spelling, ways ...string) []omission {
	var all []omission
	for _, form := range []string{"inline", "set", "single"} {
		for _, base := range slices.Sorted(maps.Keys(bases)) {
			for _, leaf := range slices.Sorted(maps.Keys(bases[base].first)) {
				for _, way := range ways {
					// A resource takes no attribute that it does not have, and a single rule has no self.
					if form != "single" || way != "misspelt" && base != "self" {
						all = append(all, omission{form, base, leaf, way})
					}
				}
			}
		}
	}
	return all
}

// opensMore reports whether the rule without its attribute would open more: all but what says nothing of who reaches what, a
// family that the network says too, and ICMP types, without which a rule is for all of ICMP.
func (o omission) opensMore() bool {
	return o.leaf != "description" && (o.base != "ipv6" || o.leaf != "ethertype") && (o.base != "ping" || o.leaf != "port_range_min")
}

// config is the resource with the mistake.
func (o omission) config(base spelling, groupID string) string {
	entry := maps.Clone(base.first)
	value := entry[o.leaf]
	delete(entry, o.leaf)
	switch o.way {
	case "null":
		entry[o.leaf] = "null"
	case "misspelt":
		entry[o.leaf[:len(o.leaf)-1]] = value
	case "late":
		entry[o.leaf] = fmt.Sprintf(`terraform_data.late.id == "" ? %s : null`, value)
	}
	switch o.form {
	case "single":
		return fmt.Sprintf("resource \"gcore_cloud_security_group_rule\" %q {\n    group_id = %q\n%s}\n", o.name(), groupID, entry.hcl())
	case "set":
		return fmt.Sprintf("resource \"gcore_cloud_security_group_rule_set\" %q {\n  group_id = %q\n  rules = { x = {\n%s  } }\n}\n", o.name(), groupID, entry.hcl())
	}
	return fmt.Sprintf("resource \"gcore_cloud_security_group\" %q {\n  name = %q\n  rules = { x = {\n%s  } }\n}\n", o.name(), "web-"+o.base, entry.hcl())
}

// refused are the names of the resources that a command of Terraform has errors for.
func (w workspace) refused(arguments ...string) []string {
	w.t.Helper()
	names := map[string]bool{}
	for _, m := range w.messages(arguments...) {
		if _, name, found := strings.Cut(m.Address, "."); m.Severity == "error" && found {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func namesOf(all []omission) []string {
	var names []string
	for _, o := range all {
		if o.opensMore() {
			names = append(names, o.name())
		}
	}
	slices.Sort(names)
	return names
}

// An attribute that is missing, null or misspelt: terraform validate refuses each rule that would open more for it.
func TestNothingOpensByOmission(t *testing.T) {
	t.Parallel()
	w := newCloud(t, gcoretest.Config{}).workspace(t)
	w.configure("")
	bases := saidInFull(otherGroup)
	all := omissions(bases, "absent", "null", "misspelt")
	for _, o := range all {
		// Terraform reports a required attribute that is missing itself, without the resource's address.
		if o.form != "single" || o.leaf != "direction" || o.way != "absent" {
			w.write(o.name()+".tf", o.config(bases[o.base], thisGroup))
		}
	}
	want := slices.DeleteFunc(namesOf(all), func(name string) bool {
		return strings.HasPrefix(name, "single-") && strings.HasSuffix(name, "-direction-absent")
	})
	if diff := cmp.Diff(want, w.refused("validate")); diff != "" || len(want) < 100 {
		t.Errorf("of %d rules others are refused (-want +got):\n%s", len(all), diff)
	}
}

// An attribute that is unknown at the plan and null at the apply: each rule that would open more for it is refused before
// anything is sent, and the cloud holds no rule that says more than its configuration.
func TestNothingOpensByOmissionAtApply(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	peer := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "peer"})
	bases := saidInFull(peer)
	w.configure(lateResource("once"))
	all := omissions(bases, "late")
	for _, o := range all {
		group := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web-" + o.base})
		w.write(o.name()+".tf", o.config(bases[o.base], group))
	}
	w.must(0, "plan")
	want := namesOf(all)
	if diff := cmp.Diff(want, w.refused("apply", "-auto-approve")); diff != "" || len(want) < 50 {
		t.Errorf("of %d rules others are refused (-want +got):\n%s", len(all), diff)
	}
	held := 0
	for _, g := range c.Groups(testProject, testRegion) {
		base := bases[strings.TrimPrefix(g.Name, "web-")]
		for _, r := range g.Rules {
			held++
			if line := c.ruleLine(g, r); line != base.line && line != strings.TrimSuffix(base.line, ` "x"`) && line != strings.Replace(base.line, " 8-", "", 1) {
				t.Errorf("%s is open in place of %s", line, base.line)
			}
		}
	}
	if harmless := len(all) - len(want); held != harmless {
		t.Errorf("the cloud holds %d rules, want the %d that open nothing more", held, harmless)
	}
}
