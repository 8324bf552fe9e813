package foreign

import "github.com/gcore-community/terraform-provider-gcore/internal/rule"

// ruleAttributes have the same names in the lists of Gcore's provider, 0.x and 2.x, and of OpenStack's.
var ruleAttributes = []string{
	"direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "description",
}

// ruleRecord names the attributes that those providers add to a rule, and that do not change its meaning.
var ruleRecord = []string{
	"id", "security_group_id", "created_at", "updated_at", "revision_number", "tenant_id", "region", "timeouts",
}

// ruleElsewhere names the attributes of a rule that only OpenStack has: they have to be empty.
var ruleElsewhere = []string{"remote_address_group_id"}

// ReadRules reads the list argument of the function rules_from_list, in the form that encoding/json parses to, with
// numbers as json.Number, and with Unknown for what is not known yet. A rule that is there twice is returned once. One of
// which anything is unknown is checked and not returned.
func ReadRules(list any) ([]rule.Rule, error) {
	found := new(problems)
	elements, isList := list.([]any)
	if !isList && list != (Unknown{}) {
		found.note("The argument is %s where a list of rules is expected.", describe(list))
	}
	var rules []rule.Rule
	holders := map[rule.Key]object{}
	for _, entry := range (object{problems: found}).each("list", elements) {
		rightNames := entry.named(ruleAttributes, ruleRecord, []string{"self"}, ruleElsewhere)
		entry.without(ruleElsewhere)
		r := entry.listedRule()
		if rightNames { // else its value was meant for what is left out
			entry.omissions(r)
		}
		first, twice := holders[r.Key()]
		switch {
		case entry.undecided():
		case !twice:
			holders[r.Key()] = entry
			rules = append(rules, r)
		case first.text("description") != r.Description:
			found.note("%s is the same rule as %s, with another description. A group holds it once: remove one of the two.", entry.at, first.at)
		}
	}
	return rules, found.err()
}

// listedRule reads one entry of another provider's list of rules, which may contain this provider's `self`.
func (o object) listedRule() rule.Rule {
	r := o.ruleAttributes()
	if o.boolean("self") {
		if r.RemoteGroupID != "" {
			o.problems.note("%s is true beside a remote_group_id.", o.path("self"))
		}
		r.RemoteGroupID = rule.Self
	}
	return r
}

// omissions notes what an ingress rule leaves out that a configuration has to say. An entry with an id tells what is in the
// cloud, where null is all.
func (o object) omissions(r rule.Rule) {
	if !empty(o.values["id"]) {
		return
	}
	said := rule.Given{Direction: &r.Direction, PortRangeMin: r.PortRangeMin, PortRangeMax: r.PortRangeMax, Unknown: map[rule.Field]bool{}}
	for name, value := range o.values {
		said.Unknown[rule.Field(name)] = value == Unknown{}
	}
	if r.Protocol != "" {
		said.Protocol = new(r.WrittenOut().Protocol)
	}
	if !empty(o.values["ethertype"]) { // one that is malformed is said already
		said.Ethertype = &r.Ethertype
	}
	if r.RemoteIPPrefix != "" {
		said.RemoteIPPrefix = &r.RemoteIPPrefix
	}
	if r.RemoteGroupID != "" {
		said.RemoteGroupID = &r.RemoteGroupID
	}
	for _, problem := range said.Omissions() {
		o.problems.note("%s: %s", o.at, problem.Text)
	}
}

// ruleAttributes reads a rule in any spelling that the providers accept. Outside ICMP, where they are a type and a code,
// two ports of 0 come from a provider that has no null for numbers: unset.
func (o object) ruleAttributes() rule.Rule {
	r := rule.Rule{
		Direction:      o.required("direction", o.oneOf("direction", rule.Ingress, rule.Egress)),
		Ethertype:      o.oneOf("ethertype", rule.IPv4, rule.IPv6),
		Protocol:       o.text("protocol"),
		PortRangeMin:   o.integer("port_range_min"),
		PortRangeMax:   o.integer("port_range_max"),
		RemoteIPPrefix: o.text("remote_ip_prefix"),
		RemoteGroupID:  o.text("remote_group_id"),
		Description:    o.text("description"),
	}
	if !rule.IsICMP(r.Protocol) && unsetPort(r.PortRangeMin) && unsetPort(r.PortRangeMax) {
		r.PortRangeMin, r.PortRangeMax = nil, nil
	}
	return r
}

func unsetPort(port *int64) bool { return port == nil || *port == 0 }
