package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// annotations are the keywords that say nothing about what is valid.
var annotations = []string{"title", "description", "example", "examples", "readOnly", "writeOnly", "externalDocs", "xml"}

// structure are the keywords that schema compares in their own ways.
var structure = []string{"properties", "items", "required", "enum", "additionalProperties", "propertyNames", "patternProperties", "default",
	"contentSchema"}

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
		at += ": " + strings.TrimSpace(path)
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
		{"items", "[]"}, {"additionalProperties", ".*"}, {"propertyNames", " (names)"}, {"contentSchema", " (content)"},
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
