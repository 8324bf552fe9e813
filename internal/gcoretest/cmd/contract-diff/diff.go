package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ours are the paths of which a new operation is worth a line.
var ours = regexp.MustCompile(`^/cloud/v\d+/(security_?groups|security_?group_?rules|tasks)(/|$)`)

// methods are the operations of a path item; its other fields are none.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// differ compares two documents.
type differ struct {
	older, newer object
	lines        []string
}

// difference lists what moved, in the order of the paths.
func difference(older, newer object) []string {
	d := &differ{older: older, newer: newer}
	before, after := child(older, "paths"), child(newer, "paths")
	for _, path := range names(before, after) {
		for _, method := range methods {
			d.operation(path, method, child(before, path), child(after, path))
		}
	}
	return d.lines
}

func (d *differ) add(where, format string, arguments ...any) {
	d.lines = append(d.lines, where+": "+fmt.Sprintf(format, arguments...))
}

func (d *differ) operation(path, method string, before, after object) {
	where := strings.ToUpper(method) + " " + path
	o, n := child(before, method), child(after, method)
	switch {
	case o == nil && n == nil:
		return
	case n == nil:
		d.add(where, "removed")
		return
	case o == nil:
		if ours.MatchString(path) {
			d.add(where, "added")
		}
		return
	}
	if was, is := o["deprecated"] == true, n["deprecated"] == true; was != is {
		d.add(where, "deprecated: %t, was %t", is, was)
	}
	if o["x-partial"] == true {
		return
	}
	d.parameters(where, parametersOf(d.older, before, o), parametersOf(d.newer, after, n))
	d.body(where+": request", content(d.older, o["requestBody"]), content(d.newer, n["requestBody"]))
	d.answers(where, child(o, "responses"), child(n, "responses"))
}

// content is the JSON schema of a request body or an answer, nil for none.
func content(document object, holder any) object {
	resolved := resolve(document, holder)
	return child(child(child(resolved, "content"), "application/json"), "schema")
}

func (d *differ) body(where string, o, n object) {
	switch {
	case o == nil && n == nil:
	case n == nil:
		d.add(where, "removed")
	case o == nil:
		d.add(where, "added")
	default:
		d.schema(where, "", o, n, nil)
	}
}

func (d *differ) answers(where string, o, n object) {
	for _, status := range names(o, n) {
		before, after := resolve(d.older, o[status]), resolve(d.newer, n[status])
		at := where + ": answer " + status
		switch {
		case before != nil && before["x-undocumented"] != nil:
		case before == nil:
			d.add(at, "added")
		case after == nil:
			d.add(at, "removed")
		default:
			d.body(at, content(d.older, before), content(d.newer, after))
		}
	}
}

// parametersOf are the parameters of an operation and of its path, by place and name.
func parametersOf(document, item, operation object) object {
	all := object{}
	for _, holder := range []object{item, operation} {
		list, _ := holder["parameters"].([]any)
		for _, entry := range list {
			if parameter := resolve(document, entry); parameter != nil {
				all[fmt.Sprintf("%v %v", parameter["in"], parameter["name"])] = parameter
			}
		}
	}
	return all
}

func (d *differ) parameters(where string, o, n object) {
	for _, name := range names(o, n) {
		before, after := child(o, name), child(n, name)
		at := where + ": " + name
		switch {
		case before == nil:
			d.add(at, "added")
		case after == nil:
			d.add(at, "removed")
		default:
			for _, flag := range []string{"required", "deprecated"} {
				if was, is := before[flag] == true, after[flag] == true; was != is {
					d.add(at, "%s: %t, was %t", flag, is, was)
				}
			}
			d.schema(at, "", child(before, "schema"), child(after, "schema"), nil)
		}
	}
}

func asSchema(value any) object {
	node, _ := value.(object)
	return node
}

func child(node object, name string) object { return asSchema(node[name]) }

// names are the keys of two objects, sorted.
func names(a, b object) []string {
	all := maps.Clone(a)
	if all == nil {
		all = object{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// text is a value in one line, "none" for nothing.
func text(value any) string {
	if value == nil {
		return "none"
	}
	if word, ok := value.(string); ok {
		return word
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}
