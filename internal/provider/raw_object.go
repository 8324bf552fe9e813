package provider

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// rawObject is an object that another provider wrote into a state, or that
// a configuration wrote for one: any attribute may be missing, null or of any
// type. What is not as it should be is noted as a problem, and reads as if it
// were not there.
type rawObject struct {
	at string // where it is, such as rules[3]; empty for the whole
	// values are nil, bool, string, json.Number, []any and map[string]any.
	values   map[string]any
	problems *rawProblems
}

// rawProblems says what cannot be understood, each in a sentence that names the
// attribute, such as rules[3].port_range_min.
type rawProblems struct {
	listed []string
	more   int // beyond those
}

const (
	// mostProblems is how many problems one message lists.
	mostProblems = 10
	// mostEntries is how many entries of a list are read. A group takes 250
	// rules, and no provider has ever sent more than twice as many.
	mostEntries = 1000
)

func (p *rawProblems) found() bool { return len(p.listed) > 0 }

// String lists the problems, one a line.
func (p *rawProblems) String() string {
	text := strings.Join(p.listed, "\n")
	if p.more > 0 {
		text += fmt.Sprintf("\nAnd %d more.", p.more)
	}
	return text
}

// plainName is an attribute's name that needs no quotes.
var plainName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]{0,62}$`)

func (o rawObject) path(name string) string {
	switch {
	case !plainName.MatchString(name):
		return o.at + "[" + quote(name) + "]"
	case o.at == "":
		return name
	}
	return o.at + "." + name
}

func (o rawObject) note(path, format string, values ...any) {
	if len(o.problems.listed) == mostProblems {
		o.problems.more++
		return
	}
	o.problems.listed = append(o.problems.listed, path+" "+fmt.Sprintf(format, values...))
}

// text reads a text; null and absent are empty.
func (o rawObject) text(name string) string {
	switch value := o.values[name].(type) {
	case nil:
	case string:
		return value
	default:
		o.note(o.path(name), "is %s where a text is expected.", describe(value))
	}
	return ""
}

// oneOf reads a text that has one of some values, in any case.
func (o rawObject) oneOf(name string, choices ...string) string {
	given := o.text(name)
	at := slices.IndexFunc(choices, func(choice string) bool { return strings.EqualFold(choice, given) })
	if at >= 0 {
		return choices[at]
	}
	if given != "" {
		o.note(o.path(name), "is %s where %s is expected.", describe(given), strings.Join(choices, " or "))
	}
	return ""
}

// required reads a text that has to be there.
func (o rawObject) required(name, text string) string {
	if text == "" && empty(o.values[name]) {
		o.note(o.path(name), "is missing.")
	}
	return text
}

// uuid reads an id that has to be there.
func (o rawObject) uuid(name string) string {
	id := o.required(name, o.text(name))
	if id != "" && !rule.IsUUID(id) {
		o.note(o.path(name), "is %s where an id is expected.", describe(id))
	}
	return id
}

// integer reads a whole number, which may be written as a text; null and
// absent are nil.
func (o rawObject) integer(name string) *int64 {
	var digits string
	switch value := o.values[name].(type) {
	case nil:
		return nil
	case json.Number:
		digits = value.String()
	case string:
		digits = value
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		o.note(o.path(name), "is %s where a whole number is expected.", describe(o.values[name]))
		return nil
	}
	return &number
}

// boolean reads a truth; null and absent are false.
func (o rawObject) boolean(name string) bool {
	value := o.values[name]
	truth, isBoolean := value.(bool)
	if !isBoolean && value != nil {
		o.note(o.path(name), "is %s where true or false is expected.", describe(value))
	}
	return truth
}

// place reads the number of a project or region; null, absent and 0 are nil.
func (o rawObject) place(name string) *int64 {
	number := o.integer(name)
	switch {
	case number == nil || *number == 0:
		return nil
	case *number < 0:
		o.note(o.path(name), "is %d where a positive number is expected.", *number)
		return nil
	}
	return number
}

// texts reads a map of texts; a null in it is left out.
func (o rawObject) texts(name string) map[string]string {
	switch value := o.values[name].(type) {
	case nil:
		return nil
	case map[string]any:
		inner, result := rawObject{o.path(name), value, o.problems}, map[string]string{}
		for _, key := range sortedKeys(value) {
			if value[key] != nil {
				result[key] = inner.text(key)
			}
		}
		return result
	default:
		o.note(o.path(name), "is %s where a map is expected.", describe(value))
	}
	return nil
}

// objects reads a list of objects; given is false if it is null or absent.
func (o rawObject) objects(name string) (list []rawObject, given bool) {
	switch value := o.values[name].(type) {
	case nil:
		return nil, false
	case []any:
		return o.each(o.path(name), value), true
	default:
		o.note(o.path(name), "is %s where a list is expected.", describe(value))
	}
	return nil, false
}

// each takes the elements of a list that stands there for objects.
func (o rawObject) each(at string, elements []any) []rawObject {
	if len(elements) > mostEntries {
		o.note(at, "has %d entries, and %d at most are read.", len(elements), mostEntries)
		return nil
	}
	list := make([]rawObject, 0, len(elements))
	for i, element := range elements {
		here := fmt.Sprintf("%s[%d]", at, i)
		values, isObject := element.(map[string]any)
		if !isObject {
			o.note(here, "is %s where an object is expected.", describe(element))
			continue
		}
		list = append(list, rawObject{here, values, o.problems})
	}
	return list
}

// only notes each attribute with a value that is not among the given ones:
// what it says is not understood, and must not be dropped in silence.
func (o rawObject) only(known ...[]string) {
	all := slices.Concat(known...)
	for _, name := range sortedKeys(o.values) {
		if !empty(o.values[name]) && !slices.Contains(all, name) {
			o.note(o.path(name), "is an attribute that is not known here, and its value is %s.", describe(o.values[name]))
		}
	}
}

// empty tells what says nothing: null, and the zero values that an older
// provider keeps in its place.
func empty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case bool:
		return !value
	case string:
		return value == ""
	case json.Number:
		return value == "0"
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return false
}

// describe says what a value is in a message.
func describe(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return quote(value)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return strings.Trim(quote(fmt.Sprint(value)), `"`)
	}
}
