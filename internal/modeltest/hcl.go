package modeltest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// terraformTypes are the resource types by the kinds of address.
var terraformTypes = map[string]string{
	groupPrefix: "gcore_cloud_security_group.",
	rulePrefix:  "gcore_cloud_security_group_rule.",
	setPrefix:   "gcore_cloud_security_group_rule_set.",
}

// TerraformAddress is the address that a configuration in HCL has for one of ours.
func TerraformAddress(address string) string {
	kind, label, _ := strings.Cut(address, ".")
	return terraformTypes[kind+"."] + label
}

// HCL writes a configuration as a user would. The lines are more of the provider's block.
func (c Config) HCL(provider ...string) string {
	var text strings.Builder
	if c.DefaultTags != nil {
		provider = append(provider, "default_tags = "+tags(c.DefaultTags))
	}
	if len(provider) > 0 {
		fmt.Fprintf(&text, "provider \"gcore\" {\n  %s\n}\n", strings.Join(provider, "\n  "))
	}
	for _, label := range slices.Sorted(maps.Keys(c.Groups)) {
		group := c.Groups[label]
		fmt.Fprintf(&text, "resource \"gcore_cloud_security_group\" %q {\n  name = %q\n", label, group.Name)
		writeText(&text, "  description = %q\n", group.Description)
		if group.Tags != nil {
			fmt.Fprintf(&text, "  tags = %s\n", tags(group.Tags))
		}
		if group.Rules != nil {
			writeRules(&text, group.Rules)
		}
		writeLifecycle(&text, group.CreateFirst)
		text.WriteString("}\n")
	}
	for _, label := range slices.Sorted(maps.Keys(c.Rules)) {
		single := c.Rules[label]
		fmt.Fprintf(&text, "resource \"gcore_cloud_security_group_rule\" %q {\n  group_id = %s\n", label, reference(single.Group))
		for _, line := range attributes(single.Rule, reference(single.Group)) {
			fmt.Fprintf(&text, "  %s\n", line)
		}
		writeLifecycle(&text, single.CreateFirst)
		text.WriteString("}\n")
	}
	for _, label := range slices.Sorted(maps.Keys(c.Sets)) {
		set := c.Sets[label]
		fmt.Fprintf(&text, "resource \"gcore_cloud_security_group_rule_set\" %q {\n  group_id = %s\n", label, reference(set.Group))
		if set.Remove {
			text.WriteString("  on_destroy = \"remove\"\n")
		}
		writeRules(&text, set.Rules)
		text.WriteString("}\n")
	}
	return text.String()
}

func reference(group string) string { return TerraformAddress(groupPrefix+group) + ".id" }

func writeText(text *strings.Builder, format, value string) {
	if value != "" {
		fmt.Fprintf(text, format, value)
	}
}

func writeLifecycle(text *strings.Builder, createFirst bool) {
	if createFirst {
		text.WriteString("  lifecycle {\n    create_before_destroy = true\n  }\n")
	}
}

// tags are a map in HCL, where ${ in a text begins an expression.
func tags(values map[string]string) string {
	return "{ " + strings.ReplaceAll(strings.Join(pairs(values, "%q = %q"), ", "), "${", "$${") + " }"
}

func writeRules(text *strings.Builder, rules map[string]rule.Rule) {
	text.WriteString("  rules = {\n")
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		fmt.Fprintf(text, "    %s = { %s }\n", key, strings.Join(attributes(rules[key], ""), ", "))
	}
	text.WriteString("  }\n")
}

// attributes are those of a rule. own is what a rule writes for its own group; "": self.
func attributes(r rule.Rule, own string) []string {
	lines := []string{fmt.Sprintf("direction = %q", r.Direction)}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("%s = %q", name, value))
		}
	}
	if r.Direction == rule.Ingress {
		if r.RemoteGroupID != "" {
			r.Ethertype = r.Canonical().Ethertype
		}
		r.Protocol = cmp.Or(r.Protocol, rule.AllProtocols)
	}
	add("ethertype", r.Ethertype)
	add("protocol", r.Protocol)
	if r.PortRangeMin != nil {
		lines = append(lines, fmt.Sprintf("port_range_min = %d", *r.PortRangeMin))
	}
	if r.PortRangeMax != nil {
		lines = append(lines, fmt.Sprintf("port_range_max = %d", *r.PortRangeMax))
	}
	add("remote_ip_prefix", r.RemoteIPPrefix)
	switch {
	case r.RemoteGroupID == "":
	case r.RemoteGroupID != rule.Self:
		lines = append(lines, "remote_group_id = "+reference(r.RemoteGroupID))
	case own == "":
		lines = append(lines, "self = true")
	default:
		lines = append(lines, "remote_group_id = "+own)
	}
	add("description", r.Description)
	return lines
}

// pairs writes each entry of a map, in order.
func pairs(values map[string]string, format string) []string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		lines = append(lines, fmt.Sprintf(format, key, values[key]))
	}
	return lines
}

// String writes a sequence so that one can follow it, and do it by hand.
func (s Sequence) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "TEST_SEED=%d, the cloud is %q\n", s.Seed, s.Reading)
	for i, step := range s.Steps {
		fmt.Fprintf(&text, "\n# Step %d%s\n", i+1, step.notes())
		text.WriteString(step.Config.HCL())
	}
	return text.String()
}

func (s Step) notes() string {
	var notes strings.Builder
	note := func(format string, values ...any) { fmt.Fprintf(&notes, "\n# "+format, values...) }
	for _, change := range s.Before {
		note("before the plan, somebody else: %s", change)
	}
	for _, change := range s.Between {
		note("between plan and apply, somebody else: %s", change)
	}
	if len(s.Forget) > 0 {
		note("state rm %s", strings.Join(s.Forget, " "))
	}
	if len(s.Import) > 0 {
		note("import %s", strings.Join(s.Import, " "))
	}
	for _, line := range pairs(s.Moved, "moved from %s to %s") {
		note("%s", line)
	}
	for _, address := range s.Replace {
		note("-replace=%s", address)
	}
	if s.Twin != (Twin{}) {
		note("at first, by mistake: rule %s says what rule %s says", s.Twin.Label, s.Twin.Of)
	}
	if s.NoRefresh {
		note("-refresh=false")
	}
	if s.Later {
		note("the plan is saved, and applied an hour later")
	}
	if s.Fault != (Fault{}) {
		note("fault %q at %s", s.Fault.Scenario, s.Fault.Operation)
	}
	note("-parallelism=%d", s.Parallelism)
	return notes.String()
}

// String says what somebody does.
func (c Change) String() string {
	words := []string{string(c.Kind), "of group", c.Group}
	switch c.Kind {
	case AddRule, DeleteRule:
		words = append(words, c.Rule.Label())
	case ChangeRule:
		words = append(words, c.Rule.Label(), "to", c.To.Label())
	case SetTag, DeleteTag:
		words = append(words, c.Key, c.Value)
	case Rename, Describe:
		words = append(words, fmt.Sprintf("%q", c.Value))
	}
	return strings.Join(words, " ")
}
