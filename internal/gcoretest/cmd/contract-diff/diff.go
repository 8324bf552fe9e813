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

// annotations are the keywords that say nothing about what is valid.
var annotations = []string{"title", "description", "example", "examples", "readOnly", "writeOnly", "externalDocs", "xml"}

// structure are the keywords that schema compares in their own ways.
var structure = []string{"properties", "items", "required", "enum", "additionalProperties", "propertyNames", "patternProperties", "default"}

// schema compares two schemas. path is the field, seen are the references of the older document on the way to it.
func (d *differ) schema(where, path string, o, n object, seen []string) {
	if reference, ok := o["$ref"].(string); ok {
		if slices.Contains(seen, reference) { // a schema that refers to itself
			return
		}
		seen = append(slices.Clone(seen), reference)
	}
	o, n = normal(d.older, o), normal(d.newer, n)
	at := where
	if path != "" {
		at += ": " + path
	}
	for _, keyword := range names(o, n) {
		if strings.HasPrefix(keyword, "x-") || slices.Contains(annotations, keyword) || slices.Contains(structure, keyword) {
			continue
		}
		if before, after := text(o[keyword]), text(n[keyword]); before != after {
			d.add(at, "%s: %s, was %s", keyword, after, before)
		}
	}
	if before, ok := o["default"]; ok && text(before) != text(n["default"]) {
		d.add(at, "default: %s, was %s", text(n["default"]), text(before))
	}
	d.set(at, "enum", o["enum"], n["enum"], nil)
	var known func(string) bool
	if o["x-partial"] == true {
		known = func(name string) bool { return child(o, "properties")[name] != nil }
	}
	d.set(at, "required", o["required"], n["required"], known)
	d.properties(where, path, o, n, seen)
	for _, part := range []struct{ keyword, suffix string }{
		{"items", "[]"}, {"additionalProperties", ".*"}, {"propertyNames", " (names)"},
	} {
		before, after := o[part.keyword], n[part.keyword]
		if asSchema(before) != nil && asSchema(after) != nil {
			d.schema(where, path+part.suffix, asSchema(before), asSchema(after), seen)
		} else if text(before) != text(after) {
			d.add(at, "%s: %s, was %s", part.keyword, text(after), text(before))
		}
	}
	before, after := child(o, "patternProperties"), child(n, "patternProperties")
	for _, pattern := range names(before, after) {
		if (before[pattern] == nil) != (after[pattern] == nil) {
			d.add(at, "patternProperties: %s, was %s", text(after), text(before))
			break
		}
		d.schema(where, path+"./"+pattern+"/", child(before, pattern), child(after, pattern), seen)
	}
}

func (d *differ) properties(where, path string, o, n object, seen []string) {
	before, after := child(o, "properties"), child(n, "properties")
	for _, name := range names(before, after) {
		field := strings.TrimPrefix(path+"."+name, ".")
		at := where + ": " + field
		was, is := child(before, name), child(after, name)
		switch {
		case was == nil && o["x-partial"] == true:
		case was == nil:
			d.add(at, "added")
		case was["x-undocumented"] != nil && (is == nil || is["x-undocumented"] != nil):
		case was["x-undocumented"] != nil:
			d.add(at, "is documented now")
		case is == nil:
			d.add(at, "removed")
		default:
			d.schema(where, field, was, is, seen)
		}
	}
}

// set compares lists whose order does not matter. known, if not nil, says which entries count.
func (d *differ) set(where, keyword string, o, n any, known func(string) bool) {
	entries := func(value any) []string {
		list, _ := value.([]any)
		var all []string
		for _, entry := range list {
			if name := fmt.Sprint(entry); known == nil || known(name) {
				all = append(all, name)
			}
		}
		return all
	}
	before, after := entries(o), entries(n)
	if keyword == "enum" && (o == nil) != (n == nil) {
		d.add(where, "enum: %s, was %s", text(n), text(o))
		return
	}
	for _, entry := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(before, after)))) {
		switch {
		case !slices.Contains(before, entry):
			d.add(where, "%s: %s added", keyword, entry)
		case !slices.Contains(after, entry):
			d.add(where, "%s: %s removed", keyword, entry)
		}
	}
}

// normal resolves a schema and writes "or null" in one way: a type list, a branch of anyOf and nullable all become
// nullable. A choice of one branch is that branch.
func normal(document, schema object) object {
	schema = maps.Clone(resolve(document, schema))
	for _, choice := range []string{"anyOf", "oneOf", "allOf"} {
		branches, ok := schema[choice].([]any)
		if !ok {
			continue
		}
		var rest []any
		for _, branch := range branches {
			if asSchema(branch)["type"] == "null" && choice != "allOf" {
				schema["nullable"] = true
			} else {
				rest = append(rest, branch)
			}
		}
		if len(rest) != 1 {
			schema[choice] = plain(document, rest)
			continue
		}
		delete(schema, choice)
		for keyword, value := range normal(document, asSchema(rest[0])) {
			schema[keyword] = value
		}
	}
	if types, ok := schema["type"].([]any); ok {
		rest := slices.DeleteFunc(slices.Clone(types), func(name any) bool { return name == "null" })
		if len(rest) < len(types) {
			schema["nullable"] = true
		}
		schema["type"] = rest
		if len(rest) == 1 {
			schema["type"] = rest[0]
		}
	}
	return schema
}

// plain is the branches of a choice without annotations, as far as they can be compared as text.
func plain(document object, branches []any) []any {
	var all []any
	for _, branch := range branches {
		schema := normal(document, asSchema(branch))
		for keyword := range schema {
			if strings.HasPrefix(keyword, "x-") || slices.Contains(annotations, keyword) {
				delete(schema, keyword)
			}
		}
		all = append(all, schema)
	}
	return all
}

// resolve follows references within a document. Keywords beside a reference stay.
func resolve(document object, value any) object {
	node := asSchema(value)
	for range 100 { // a document may refer in a circle
		reference, ok := node["$ref"].(string)
		if !ok {
			return node
		}
		target := any(document)
		for _, name := range strings.Split(strings.TrimPrefix(reference, "#/"), "/") {
			target = asSchema(target)[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
		}
		resolved := maps.Clone(asSchema(target))
		if resolved == nil {
			return nil
		}
		for keyword, beside := range node {
			if keyword != "$ref" {
				resolved[keyword] = beside
			}
		}
		node = resolved
	}
	return nil
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
