package compact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// list is a list of an entry. A value `a=b` has the name a; `?` is unknown.
func list(attribute string, texts ...string) []Value {
	values := []Value{}
	for i, text := range texts {
		value := Value{Where: fmt.Sprintf("%s[%d]", attribute, i), Text: text}
		if name, named, ok := strings.Cut(text, "="); ok {
			value = Value{Where: fmt.Sprintf("%s[%q]", attribute, name), Text: named, Name: name}
		}
		if value.Text == "?" {
			value.Text, value.Unknown = "", true
		}
		values = append(values, value)
	}
	return values
}

func protocols(texts ...string) []Value { return list("protocols", texts...) }
func ports(texts ...string) []Value     { return list("ports", texts...) }
func cidrs(texts ...string) []Value     { return list("cidrs", texts...) }
func groups(texts ...string) []Value    { return list("remote_group_ids", texts...) }

// both is everywhere.
func both() []Value { return cidrs("0.0.0.0/0", "::/0") }

// named gives the entries the names a, b, ...
func named(entries ...Entry) []Entry {
	for i := range entries {
		entries[i].Where = fmt.Sprintf("entries[%q]", string(rune('a'+i)))
	}
	return entries
}

// line is a rule as text: what is left out is not there, what is unknown is a
// question mark.
func line(g rule.Given) string {
	var words []string
	add := func(field rule.Field, before string, value any, there bool) {
		switch {
		case g.Unknown[field]:
			words = append(words, before+"?")
		case there:
			words = append(words, before+fmt.Sprint(value))
		}
	}
	text := func(field rule.Field, before string, value *string) { add(field, before, deref(value), value != nil) }
	text(rule.FieldDirection, "", g.Direction)
	text(rule.FieldEthertype, "", g.Ethertype)
	text(rule.FieldProtocol, "", g.Protocol)
	add(rule.FieldPortRangeMin, "min ", deref(g.PortRangeMin), g.PortRangeMin != nil)
	add(rule.FieldPortRangeMax, "max ", deref(g.PortRangeMax), g.PortRangeMax != nil)
	text(rule.FieldRemoteIPPrefix, "from ", g.RemoteIPPrefix)
	text(rule.FieldRemoteGroupID, "from group ", g.RemoteGroupID)
	add(rule.FieldSelf, "self ", deref(g.Self), g.Self != nil)
	text(rule.FieldDescription, "for ", g.Description)
	return strings.Join(words, " ")
}

func deref[T any](value *T) T {
	if value == nil {
		var zero T
		return zero
	}
	return *value
}

// lines are rules as text, a line each: `name: rule`.
func lines(rules map[string]rule.Given) []string {
	var all []string
	for name, given := range rules {
		all = append(all, name+": "+line(given))
	}
	slices.Sort(all)
	return all
}
