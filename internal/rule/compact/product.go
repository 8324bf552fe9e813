package compact

import (
	"iter"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// made is one rule of an entry.
type made struct {
	entry string
	// name is empty while something that is in it is unknown.
	name  string
	given rule.Given
	// remote is the field that the remote stands in, and where says in which value of the entry a field has its origin.
	remote rule.Field
	where  map[rule.Field]string
}

// combinations is how many rules the entry stands for, repetitions counted; beyond the limit of an expansion it is just
// more than that.
func (e Entry) combinations() int {
	product := int64(1)
	for _, factor := range []int{
		len(orDefault(e.Directions, Value{})), len(orDefault(e.Ethertypes, Value{})), len(orDefault(e.Protocols, Value{})),
		max(len(orDefault(e.Ports, Value{})), len(e.ICMPTypes)), len(e.remotes()),
	} {
		product = min(product*int64(factor), combinationLimit+1)
	}
	return int(product)
}

// rules yields a rule for each direction, service, remote and IP version.
func (e Entry) rules() iter.Seq[made] {
	return func(yield func(made) bool) {
		for _, direction := range orDefault(e.Directions, Value{Text: rule.Ingress}) {
			for _, service := range e.services() {
				for _, remote := range e.remotes() {
					for _, ethertype := range e.ethertypes(remote, service.protocol) {
						if !yield(e.rule(direction, service, remote, ethertype)) {
							return
						}
					}
				}
			}
		}
	}
}

// ethertypes are the IP versions in which a remote has rules.
func (e Entry) ethertypes(r remote, protocol Value) []Value {
	if r.field == rule.FieldRemoteIPPrefix {
		return e.ethertypesOfCIDR(r, protocol)
	}
	return orDefault(e.Ethertypes, Value{Text: rule.Family("", protocol.Text)})
}

// ethertypesOfCIDR are the one IP version that a CIDR has. If the entry gives others only, it is the first of those,
// which [rule.Given.Problems] refuses. What is no CIDR has the protocol's, so that it is refused for itself alone.
func (e Entry) ethertypesOfCIDR(cidr remote, protocol Value) []Value {
	switch {
	case e.Ethertypes != nil && len(e.Ethertypes) < 2 && (cidr.Unknown || len(e.Ethertypes) == 0):
		return e.Ethertypes
	case cidr.Unknown:
		return []Value{{Unknown: true}}
	}
	own := rule.Family(cidr.Text, protocol.Text)
	fits := func(v Value) bool { return v.Unknown || v.Text == own }
	if e.Ethertypes != nil && !slices.ContainsFunc(e.Ethertypes, fits) {
		return e.Ethertypes[:1]
	}
	return []Value{{Text: own}}
}

func (e Entry) rule(direction Value, s service, r remote, ethertype Value) made {
	m := made{entry: e.Where, remote: r.field, where: map[rule.Field]string{}}
	m.given = rule.Given{
		Direction: direction.text(), Ethertype: ethertype.text(), Protocol: s.protocol.text(),
		PortRangeMin: s.first, PortRangeMax: s.last, Unknown: map[rule.Field]bool{},
	}
	for field, value := range map[rule.Field]Value{
		rule.FieldDirection: direction, rule.FieldEthertype: ethertype, rule.FieldProtocol: s.protocol,
		rule.FieldPortRangeMin: s.ports, rule.FieldPortRangeMax: s.ports, r.field: r.Value,
	} {
		m.from(field, value)
	}
	switch r.field {
	case rule.FieldRemoteIPPrefix:
		m.given.RemoteIPPrefix = r.text()
	case rule.FieldRemoteGroupID:
		m.given.RemoteGroupID = r.text()
	default:
		m.given.Self = new(true)
	}
	if e.Description != nil {
		m.given.Description = &e.Description.Text
		m.from(rule.FieldDescription, *e.Description)
	}
	m.name = m.nameFor(r)
	return m
}

// from notes which value a field has its content from.
func (m made) from(field rule.Field, value Value) {
	m.where[field] = value.Where
	if value.Unknown {
		m.given.Unknown[field] = true
	}
}

// nameFor is the rule's name, or empty while it cannot be told. That of a named remote does not depend on the remote: a
// CIDR gives its IP version, which is therefore not in it.
func (m made) nameFor(r remote) string {
	in := []rule.Field{rule.FieldDirection, rule.FieldProtocol, rule.FieldPortRangeMin}
	if r.Name == "" {
		in = append(in, r.field)
	}
	if r.field != rule.FieldRemoteIPPrefix {
		in = append(in, rule.FieldEthertype)
	}
	if slices.ContainsFunc(in, func(field rule.Field) bool { return m.given.Unknown[field] }) {
		return ""
	}
	meaning := m.given.Rule()
	if r.Name == "" {
		return meaning.Name()
	}
	if r.field == rule.FieldRemoteIPPrefix {
		meaning.Ethertype = ""
	}
	return meaning.NameWithRemote(r.Name)
}

// keyKnown reports whether the rule's identity is known.
func (m made) keyKnown() bool {
	unknown := len(m.given.Unknown)
	if m.given.Unknown[rule.FieldDescription] {
		unknown--
	}
	return unknown == 0
}

// problems say why the rule is not valid, with the value at fault. Warnings are left to whoever takes the rule: a
// function cannot warn.
func (m made) problems() []string {
	var problems []string
	for _, problem := range m.given.Problems() {
		if problem.Warning {
			continue
		}
		where := m.entry
		if value := m.where[problem.Field]; value != "" {
			where += "." + value
		}
		problems = append(problems, where+": "+problem.Text)
	}
	return problems
}

// text is the value as a rule's attribute, nil where it is left out.
func (v Value) text() *string {
	if v.Text == "" {
		return nil
	}
	return &v.Text
}
