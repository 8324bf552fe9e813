package gcoretest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// problemKind says in which way a request or an answer breaks the contract.
type problemKind int

const (
	badValue     problemKind = iota // a text outside its pattern or length, a list that is too long
	badFormat                       // a text that is no uuid, no CIDR, no date
	outOfRange                      // a number outside its bounds, a word outside its enum
	wrongType                       // another JSON type, or null where the contract has no null
	missingField                    // a required field or parameter is absent
	unknownField                    // a field or parameter that the contract does not name
	malformed                       // no JSON at all, a duplicate key, a wrong content type, a repeated scalar
	deprecated                      // a deprecated parameter
)

// place says where a problem lies.
type place int

const (
	inPath place = iota
	inQuery
	inBody
	inAnswer
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

// check compares a value, as parseJSON returns it, with a schema. It returns all problems, sorted by their paths.
func check(schema *jsonschema.Schema, value any, where place, path string) []problem {
	invalid, ok := errors.AsType[*jsonschema.ValidationError](schema.Validate(value))
	if !ok {
		return nil
	}
	problems := problemsOf(invalid, nil, where, path)
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.message, b.message))
	})
	return slices.Compact(problems)
}

// problemsOf reads the tree of errors of the JSON Schema library. parent is the location of the error that has this one
// as a cause.
func problemsOf(e *jsonschema.ValidationError, parent []string, where place, root string) []problem {
	location := e.InstanceLocation
	if _, ok := e.ErrorKind.(*kind.PropertyNames); ok {
		// The library (v6.0.3) writes over this location later. That of the reference to the schema is the same.
		location = parent
	}
	path := root
	for _, name := range location {
		path = joinPath(path, name)
	}
	var problems []problem
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		return problemsOfChoice(e, where, root)
	case *kind.PropertyNames:
		for _, cause := range e.Causes {
			for _, p := range problemsOf(cause, nil, where, root) {
				problems = append(problems, problem{p.kind, p.place, joinPath(path, k.Property), p.message})
			}
		}
		return problems
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			problems = append(problems, problem{unknownField, where, joinPath(path, name), "Unknown field"})
		}
		return problems
	case *kind.Required:
		for _, name := range k.Missing {
			problems = append(problems, problem{missingField, where, joinPath(path, name), "Field required"})
		}
		return problems
	}
	if what, message, ok := words(e.ErrorKind); ok {
		return []problem{{what, where, path, message}}
	}
	for _, cause := range e.Causes {
		problems = append(problems, problemsOf(cause, location, where, root)...)
	}
	if len(problems) == 0 { // a keyword that no schema uses today
		return []problem{{wrongType, where, path, e.Error()}}
	}
	return problems
}

// words is what is wrong with a value, as pydantic says it. ok is false if the error says nothing about a value.
func words(e jsonschema.ErrorKind) (what problemKind, message string, ok bool) {
	switch k := e.(type) {
	case *kind.Type:
		return wrongType, "Input should be a valid " + typeWords(k.Want), true
	case *kind.Enum:
		quoted := make([]string, len(k.Want))
		for i, choice := range k.Want {
			quoted[i] = fmt.Sprintf("'%v'", choice)
		}
		return outOfRange, "Input should be " + strings.Join(quoted, ", "), true
	case *kind.Minimum:
		return outOfRange, "Input should be greater than or equal to " + k.Want.RatString(), true
	case *kind.ExclusiveMinimum:
		return outOfRange, "Input should be greater than " + k.Want.RatString(), true
	case *kind.Maximum:
		return outOfRange, "Input should be less than or equal to " + k.Want.RatString(), true
	case *kind.MinLength:
		return badValue, fmt.Sprintf("String should have at least %d character", k.Want), true
	case *kind.MaxLength:
		return badValue, fmt.Sprintf("String should have at most %d characters", k.Want), true
	case *kind.Pattern:
		return badValue, "String should match pattern '" + k.Want + "'", true
	case *kind.MaxItems:
		return badValue, fmt.Sprintf("List should have at most %d items after validation, not %d", k.Want, k.Got), true
	case *kind.Format:
		return badFormat, k.Err.Error(), true
	}
	return 0, "", false
}

// problemsOfChoice reports the branch of an anyOf that was meant. The documents use anyOf only for "this or null".
func problemsOfChoice(e *jsonschema.ValidationError, where place, root string) []problem {
	for _, cause := range e.Causes {
		if !wantsNull(cause) {
			return problemsOf(cause, e.InstanceLocation, where, root)
		}
	}
	return problemsOf(e.Causes[0], e.InstanceLocation, where, root)
}

func wantsNull(e *jsonschema.ValidationError) bool {
	k, ok := e.ErrorKind.(*kind.Type)
	return ok && slices.Equal(k.Want, []string{"null"})
}

// typeWords names the wanted types as pydantic's messages do.
func typeWords(types []string) string {
	words := map[string]string{"array": "list", "object": "dictionary"}
	var names []string
	for _, name := range types {
		if word, ok := words[name]; ok {
			name = word
		}
		if name != "null" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
