package provider

import (
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// ruleContent is what a rule is, in the lists of Gcore's own provider, 0.x and
// 2.x, and of OpenStack's: all have the same names for it, and so has this one.
var ruleContent = []string{
	"direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "description",
}

// ruleRecord is what those providers keep about a rule that is not its content.
var ruleRecord = []string{
	"id", "security_group_id", "created_at", "updated_at", "revision_number", "tenant_id", "region", "timeouts",
}

// listedRule reads one entry of another provider's list of rules, which may
// have this provider's `self` in it. Nothing of it may be dropped, since a rule
// without its remote is open to everybody.
func (o rawObject) listedRule() rule.Rule {
	o.only(ruleContent, ruleRecord, []string{"self"})
	r := o.ruleContent()
	if o.boolean("self") {
		if r.RemoteGroupID != "" {
			o.note(o.path("self"), "is true beside a remote_group_id.")
		}
		r.RemoteGroupID = rule.Self
	}
	return r
}

// ruleContent reads what a rule says, in any spelling that the providers let
// pass. Ports of 0 that no rule can have are those of a provider which has no
// null for numbers: unset. For ICMP they are a real type and code.
func (o rawObject) ruleContent() rule.Rule {
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

// withoutZeroPorts is a rule from the state of a provider which keeps 0 for
// every number that is not given, ICMP's too.
func withoutZeroPorts(r rule.Rule) rule.Rule {
	for _, port := range []**int64{&r.PortRangeMin, &r.PortRangeMax} {
		if unsetPort(*port) {
			*port = nil
		}
	}
	return r
}

// namedEntries writes rules without names as a `rules` map holds them.
func namedEntries(rules []rule.Rule) map[string]ruleEntry {
	entries := make(map[string]ruleEntry, len(rules))
	for name, r := range rule.Named(rules) {
		entries[name] = entryFromRule(r)
	}
	return entries
}
