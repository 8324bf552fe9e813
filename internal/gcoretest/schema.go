package gcoretest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// schema is the part of JSON Schema that the contract file uses. A "$ref" names an entry of its "schemas".
type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 typeNames          `json:"type"`
	Enum                 []string           `json:"enum"`
	Pattern              string             `json:"pattern"`
	Format               string             `json:"format"`
	MinLength            *int               `json:"minLength"`
	MaxLength            *int               `json:"maxLength"`
	Minimum              *int64             `json:"minimum"`
	Maximum              *int64             `json:"maximum"`
	MaxItems             *int               `json:"maxItems"`
	Items                *schema            `json:"items"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	AdditionalProperties *schema            `json:"additionalProperties"`
	PropertyNames        *schema            `json:"propertyNames"`
	Deprecated           bool               `json:"deprecated"`

	pattern *regexp.Regexp
}

// typeNames is JSON Schema's "type": one name or a list of names.
type typeNames []string

func (t *typeNames) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = typeNames{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// problemKind says in which way a request misses the contract.
type problemKind int

const (
	badValue     problemKind = iota // a text outside its pattern or length, a list that is too long
	badFormat                       // a text that is no uuid, no CIDR, no date
	outOfRange                      // a number outside its bounds, a word outside its enum
	wrongType                       // another JSON type
	nullValue                       // null where the contract has no null
	missingField                    // a required field or parameter is absent
	unknownField                    // a field or parameter that the contract does not name
	malformed                       // no JSON at all, a duplicate key, a wrong content type, a repeated scalar
	deprecated                      // a parameter that the vendor withdraws
)

// place says where in a request a problem lies.
type place int

const (
	inPath place = iota
	inQuery
	inBody
)

// problem is one breach of the contract.
type problem struct {
	kind    problemKind
	place   place
	path    string // the field, "rules.0.direction"
	message string // as pydantic words it, for the answer's invalid_fields
}

func (p problem) String() string {
	if p.path == "" {
		return p.message
	}
	return p.path + ": " + p.message
}

// byProgram is the one rule that tells a contract violation by the client program from a bad value that a user
// caused. The shape of a request is the program's work alone: which fields there are, their types, null, valid JSON,
// and the numbers, choices and formats of a query string (page sizes, orders, dates). A text that breaks a pattern, a
// port that is too big, a list that is too long or an id in a path that is no uuid may come from a user's
// configuration or command line, and then the API's 400 is what the program has to deal with.
func (p problem) byProgram() bool {
	switch p.kind {
	case badValue:
		return false
	case badFormat, outOfRange:
		return p.place == inQuery
	default:
		return true
	}
}

// refused tells whether the API answers 400 for the problem. What a document without `additionalProperties: false`
// does not name, pydantic ignores; a deprecated parameter still works.
func (p problem) refused() bool {
	return p.kind != unknownField && p.kind != deprecated
}

// checker interprets schemas. The formats come from the server, since its configuration decides on host bits.
type checker struct {
	schemas map[string]*schema
	formats map[string]func(string) error
}

// check compares a value, as parseJSON returns it, with a schema and returns every problem.
func (c checker) check(s *schema, value any, where place, path string) []problem {
	s = c.resolve(s)
	bad := func(kind problemKind, format string, arguments ...any) []problem {
		return []problem{{kind: kind, place: where, path: path, message: fmt.Sprintf(format, arguments...)}}
	}
	if !s.accepts(value) {
		if value == nil {
			return bad(nullValue, "Input should be a valid %s", s.describe())
		}
		return bad(wrongType, "Input should be a valid %s", s.describe())
	}
	switch v := value.(type) {
	case json.Number:
		return c.checkInteger(s, v, bad)
	case string:
		return c.checkString(s, v, bad)
	case []any:
		return c.checkArray(s, v, where, path, bad)
	case map[string]any:
		return c.checkObject(s, v, where, path)
	default:
		return nil
	}
}

type badFunc func(kind problemKind, format string, arguments ...any) []problem

func (c checker) resolve(s *schema) *schema {
	for s.Ref != "" {
		s = c.schemas[s.Ref]
	}
	return s
}

// accepts tells whether the value has one of the schema's types.
func (s *schema) accepts(value any) bool {
	var name string
	switch v := value.(type) {
	case nil:
		name = "null"
	case bool:
		name = "boolean"
	case string:
		name = "string"
	case []any:
		name = "array"
	case map[string]any:
		name = "object"
	case json.Number:
		if _, err := v.Int64(); err != nil {
			return false
		}
		name = "integer"
	}
	return slices.Contains(s.Type, name)
}

// describe names the wanted type as pydantic's messages do.
func (s *schema) describe() string {
	words := map[string]string{"array": "list", "object": "dictionary"}
	var names []string
	for _, name := range s.Type {
		if name != "null" {
			if word, ok := words[name]; ok {
				name = word
			}
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

func (c checker) checkInteger(s *schema, number json.Number, bad badFunc) []problem {
	value, err := number.Int64()
	switch {
	case err != nil:
		return bad(wrongType, "Input should be a valid %s", s.describe())
	case s.Minimum != nil && value < *s.Minimum:
		return bad(outOfRange, "Input should be greater than or equal to %d", *s.Minimum)
	case s.Maximum != nil && value > *s.Maximum:
		return bad(outOfRange, "Input should be less than or equal to %d", *s.Maximum)
	}
	return nil
}

func (c checker) checkString(s *schema, value string, bad badFunc) []problem {
	length := utf8.RuneCountInString(value)
	switch {
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, value):
		quoted := make([]string, len(s.Enum))
		for i, choice := range s.Enum {
			quoted[i] = "'" + choice + "'"
		}
		return bad(outOfRange, "Input should be %s", strings.Join(quoted, ", "))
	case s.MinLength != nil && length < *s.MinLength:
		return bad(badValue, "String should have at least %d character", *s.MinLength)
	case s.MaxLength != nil && length > *s.MaxLength:
		return bad(badValue, "String should have at most %d characters", *s.MaxLength)
	case s.pattern != nil && !s.pattern.MatchString(value):
		return bad(badValue, "String should match pattern '%s'", s.Pattern)
	}
	if format, ok := c.formats[s.Format]; ok {
		if err := format(value); err != nil {
			return bad(badFormat, "%s", err)
		}
	}
	return nil
}

func (c checker) checkArray(s *schema, values []any, where place, path string, bad badFunc) []problem {
	if s.MaxItems != nil && len(values) > *s.MaxItems {
		return bad(badValue, "List should have at most %d items after validation, not %d", *s.MaxItems, len(values))
	}
	var problems []problem
	for i, value := range values {
		problems = append(problems, c.check(s.Items, value, where, joinPath(path, strconv.Itoa(i)))...)
	}
	return problems
}

func (c checker) checkObject(s *schema, object map[string]any, where place, path string) []problem {
	var problems []problem
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			problems = append(problems, problem{missingField, where, joinPath(path, name), "Field required"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		property, ok := s.Properties[name]
		if !ok {
			property = s.AdditionalProperties
		}
		if property == nil {
			problems = append(problems, problem{unknownField, where, joinPath(path, name), "Unknown field"})
			continue
		}
		if s.PropertyNames != nil {
			problems = append(problems, c.check(s.PropertyNames, name, where, joinPath(path, name))...)
		}
		if property.Deprecated {
			problems = append(problems, problem{deprecated, where, joinPath(path, name), "Deprecated parameter"})
		}
		problems = append(problems, c.check(property, object[name], where, joinPath(path, name))...)
	}
	return problems
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
