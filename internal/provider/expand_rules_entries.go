package provider

import (
	"encoding/json"
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule/compact"
)

// compactEntries reads the argument of expand_rules as plainValue converts it. The argument has any type, so the value
// alone shows what the entries hold.
func compactEntries(argument any) ([]compact.Entry, error) {
	if argument == (unknownValue{}) {
		return []compact.Entry{{Incomplete: true}}, nil
	}
	children, ok := members(argument)
	if !ok {
		return nil, fmt.Errorf("entries is %s. Write a map of objects, such as { https = { protocols = [\"tcp\"], ports = [443], cidrs = [\"10.0.0.0/8\"] } }",
			kind(argument))
	}
	var entries []compact.Entry
	var faults rule.Faults
	for _, child := range children {
		if child.value == nil {
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

func (r *entryReader) read(value any) {
	if value == (unknownValue{}) {
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

// defaultsThatOpen are the attributes whose default opens something, with what may be written. Left out they have it, since a
// misspelt name is refused; null may be a value that went missing.
var defaultsThatOpen = map[string]string{
	"direction":  `"ingress", "egress" or a list of both`,
	"ethertypes": `"IPv4", "IPv6" or a list of both`,
}

func (r *entryReader) attribute(name string, value any) {
	lists := map[string]*[]compact.Value{
		"direction": &r.entry.Directions, "ethertypes": &r.entry.Ethertypes, "protocols": &r.entry.Protocols, "ports": &r.entry.Ports,
		"icmp_types": &r.entry.ICMPTypes, "cidrs": &r.entry.CIDRs, "remote_group_ids": &r.entry.RemoteGroupIDs,
	}
	if choice, ok := defaultsThatOpen[name]; ok && value == nil {
		r.refuse("."+name, "is null. Write %s, or leave %s out.", choice, name)
		return
	}
	if list, ok := lists[name]; ok {
		*list = r.list(name, value, name == "cidrs" || name == "remote_group_ids")
		return
	}
	switch name {
	case "self":
		r.self(value)
	case "description":
		if text, ok := leaf(name, value); ok {
			r.entry.Description = &text
		} else if value != nil {
			r.refuse(".description", "is %s. Write a text.", kind(value))
		}
	default:
		r.refuse("."+name, "does not exist. %s", attributeAdvice(name))
	}
}

func (r *entryReader) self(value any) {
	switch value := value.(type) {
	case nil:
	case unknownValue:
		r.entry.Incomplete = true
	case bool:
		r.entry.Self = value
	default:
		r.refuse(".self", "is %s. Write true or false.", kind(value))
	}
}

// attributeAdvice names the attribute to write in place of one that does not exist.
func attributeAdvice(name string) string {
	names := []string{"direction", "protocols", "ports", "icmp_types", "cidrs", "remote_group_ids", "self", "ethertypes", "description"}
	return rule.AttributeAdvice(name, "An entry", names, map[string]string{
		"port": "ports", "cidr": "cidrs", "prefix": "cidrs", "source": "cidrs", "remote_ip": "cidrs", "group": "remote_group_ids", "proto": "protocols",
		"icmp": "icmp_types", "ip_version": "ethertypes", "desc": "description",
	})
}

// list reads a list of values. A single value counts as a list of one. With names, a map from names to values is
// allowed too. Null gives nil: left out.
func (r *entryReader) list(name string, value any, names bool) []compact.Value {
	if value == nil {
		return nil
	}
	if single, ok := leaf(name, value); ok {
		return []compact.Value{single}
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
		read, ok := leaf(name+child.index, child.value)
		if !ok {
			r.refuse("."+name+child.index, "is %s. Write a text or a number, or leave it out.", kind(child.value))
		}
		if child.key != nil {
			read.Name = *child.key
		}
		values = append(values, read)
	}
	return values
}

// refuse adds a fault at a place in the entry.
func (r *entryReader) refuse(where, format string, values ...any) {
	r.faults.Add(r.entry.Where + where + " " + fmt.Sprintf(format, values...))
}

// leaf reads a text, a number or an unknown value.
func leaf(where string, value any) (compact.Value, bool) {
	switch value := value.(type) {
	case unknownValue:
		return compact.Value{Where: where, Unknown: true}, true
	case string:
		return compact.Value{Where: where, Text: value}, true
	case json.Number:
		return compact.Value{Where: where, Text: value.String()}, true
	}
	return compact.Value{Where: where}, false
}

// member is an element of a collection or an attribute of an object.
type member struct {
	key   *string // nil in lists, sets and tuples
	index string  // as HCL writes it: [0], ["https"]
	value any
}

// members returns the elements of a list or object, those with keys in the order of their keys.
func members(value any) ([]member, bool) {
	var all []member
	switch value := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(value) {
			all = append(all, member{&key, fmt.Sprintf("[%.80q]", key), value[key]})
		}
	case []any:
		for i, element := range value {
			all = append(all, member{nil, fmt.Sprintf("[%d]", i), element})
		}
	default:
		return nil, false
	}
	return all, true
}

// kind describes a value in a message.
func kind(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the text %.80q", value)
	case json.Number:
		return fmt.Sprintf("the number %.80s", value.String())
	case bool:
		return fmt.Sprint(value)
	case map[string]any:
		return "an object or a map"
	}
	return "a list"
}
