package provider

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule/compact"
)

// compactEntries reads the argument of expand_rules. It is of any type: what
// Terraform knows of the entries stands in the value alone.
func compactEntries(argument types.Dynamic) ([]compact.Entry, error) {
	if argument.IsUnknown() || argument.IsUnderlyingValueUnknown() {
		return []compact.Entry{{Incomplete: true}}, nil
	}
	value := argument.UnderlyingValue()
	children, ok := members(value)
	if !ok || value.IsNull() {
		return nil, fmt.Errorf("entries is %s. Write a map of objects, such as { https = { protocols = [\"tcp\"], ports = [443], cidrs = [\"10.0.0.0/8\"] } }",
			kind(value))
	}
	var entries []compact.Entry
	var faults rule.Faults
	for _, child := range children {
		if child.value.IsNull() {
			continue
		}
		reader := entryReader{compact.Entry{Where: "entries" + child.index}, &faults}
		reader.read(child.value)
		entries = append(entries, reader.entry)
	}
	return entries, faults.Err()
}

// entryReader reads one entry, attribute by attribute.
type entryReader struct {
	entry  compact.Entry
	faults *rule.Faults
}

func (r *entryReader) read(value attr.Value) {
	if value.IsUnknown() {
		r.entry.Incomplete = true
		return
	}
	attributes, ok := members(value)
	if !ok || len(attributes) > 0 && attributes[0].key == nil {
		r.refuse("", "is %s. Write an object, such as { protocols = [\"tcp\"], ports = [443], cidrs = [\"10.0.0.0/8\"] }.", kind(value))
		return
	}
	for _, attribute := range attributes {
		r.attribute(*attribute.key, attribute.value)
	}
}

func (r *entryReader) attribute(name string, value attr.Value) {
	switch name {
	case "direction":
		r.entry.Directions = r.list(name, value, false)
	case "ethertypes":
		r.entry.Ethertypes = r.list(name, value, false)
	case "protocols":
		r.entry.Protocols = r.list(name, value, false)
	case "ports":
		r.entry.Ports = r.list(name, value, false)
	case "icmp_types":
		r.entry.ICMPTypes = r.list(name, value, false)
	case "cidrs":
		r.entry.CIDRs = r.list(name, value, true)
	case "remote_group_ids":
		r.entry.RemoteGroupIDs = r.list(name, value, true)
	case "self":
		r.self(value)
	case "description":
		r.description(value)
	default:
		r.refuse("."+name, "does not exist. %s", attributeAdvice(name))
	}
}

func (r *entryReader) self(value attr.Value) {
	self, ok := value.(types.Bool)
	switch {
	case value.IsUnknown():
		r.entry.Incomplete = true
	case ok:
		r.entry.Self = self.ValueBool()
	case !value.IsNull():
		r.refuse(".self", "is %s. Write true or false.", kind(value))
	}
}

func (r *entryReader) description(value attr.Value) {
	text, ok := scalar(value)
	switch {
	case ok || value.IsUnknown():
		r.entry.Description = &compact.Value{Where: "description", Text: text, Unknown: value.IsUnknown()}
	case !value.IsNull():
		r.refuse(".description", "is %s. Write a text.", kind(value))
	}
}

// attributeAdvice says what to write for an attribute that an entry does not
// have.
func attributeAdvice(name string) string {
	similar := map[string]string{
		"directions": "direction", "ethertype": "ethertypes", "protocol": "protocols",
		"port": "ports", "port_range_min": "ports", "port_range_max": "ports", "icmp_type": "icmp_types",
		"cidr": "cidrs", "remote_ip_prefix": "cidrs", "remote_group_id": "remote_group_ids",
	}[name]
	if similar != "" {
		return "Write " + similar + "."
	}
	return "An entry takes direction, protocols, ports, icmp_types, cidrs, remote_group_ids, self, ethertypes and description."
}

// list reads a list of values, where one alone may stand for a list of one, or
// if names are allowed a map from names to values. It is nil for null: left out.
func (r *entryReader) list(name string, value attr.Value, names bool) []compact.Value {
	switch {
	case value.IsNull():
		return nil
	case value.IsUnknown():
		return []compact.Value{{Where: name, Unknown: true}}
	}
	if text, ok := scalar(value); ok {
		return []compact.Value{{Where: name, Text: text}}
	}
	children, ok := members(value)
	if !ok || !names && len(children) > 0 && children[0].key != nil {
		forms := "a list"
		if names {
			forms = "a list, or a map with a name for each value"
		}
		r.refuse("."+name, "is %s. Write %s.", kind(value), forms)
		return nil
	}
	values := make([]compact.Value, 0, len(children))
	for _, child := range children {
		text, isScalar := scalar(child.value)
		if !isScalar && !child.value.IsUnknown() {
			r.refuse("."+name+child.index, "is %s. Write a text or a number, or leave it out.", kind(child.value))
		}
		read := compact.Value{Where: name + child.index, Text: text, Unknown: child.value.IsUnknown()}
		if child.key != nil {
			read.Name = *child.key
		}
		values = append(values, read)
	}
	return values
}

// refuse takes a fault at a place in the entry.
func (r *entryReader) refuse(where, format string, values ...any) {
	r.faults.Add(r.entry.Where + where + " " + fmt.Sprintf(format, values...))
}

// member is an element of a collection or an attribute of an object.
type member struct {
	key   *string // nil in lists, sets and tuples
	index string  // as HCL writes it: [0], ["https"]
	value attr.Value
}

// members are the elements of a value that has some, those with keys in the
// order of their keys.
func members(value attr.Value) ([]member, bool) {
	var keyed map[string]attr.Value
	var listed []attr.Value
	switch v := value.(type) {
	case types.Object:
		keyed = v.Attributes()
	case types.Map:
		keyed = v.Elements()
	case types.List:
		listed = v.Elements()
	case types.Set:
		listed = v.Elements()
	case types.Tuple:
		listed = v.Elements()
	default:
		return nil, false
	}
	all := make([]member, 0, len(keyed)+len(listed))
	for _, key := range sortedKeys(keyed) {
		all = append(all, member{&key, fmt.Sprintf("[%.80q]", key), keyed[key]})
	}
	for i, element := range listed {
		all = append(all, member{nil, fmt.Sprintf("[%d]", i), element})
	}
	return all, true
}

// scalar reads a known text or number as text.
func scalar(value attr.Value) (string, bool) {
	if value.IsNull() || value.IsUnknown() {
		return "", false
	}
	switch v := value.(type) {
	case types.String:
		return v.ValueString(), true
	case types.Number:
		return numberText(v.ValueBigFloat()), true
	}
	return "", false
}

// numberText writes a whole number in full, and another, or a giant, in a form
// that no port has.
func numberText(number *big.Float) string {
	if whole, accuracy := number.Int64(); accuracy == big.Exact {
		return fmt.Sprint(whole)
	}
	return number.Text('g', 10)
}

// kind says what a value is, for messages.
func kind(value attr.Value) string {
	if value == nil || value.IsNull() {
		return "null"
	}
	switch v := value.(type) {
	case types.String:
		return fmt.Sprintf("the text %.80q", v.ValueString())
	case types.Number:
		return "the number " + numberText(v.ValueBigFloat())
	case types.Bool:
		return fmt.Sprint(v.ValueBool())
	case types.Object, types.Map:
		return "an object or a map"
	}
	return "a list"
}
