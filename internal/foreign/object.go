package foreign

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// object is an object of a state or of a list. Any attribute may be missing, null or of any type: one that is not as
// expected is noted as a problem and reads as if it were missing.
type object struct {
	at string // its path, such as rules[3]; empty for the whole state
	// values are nil, bool, string, json.Number, []any, map[string]any and Unknown.
	values   map[string]any
	problems *problems
}

// Unknown takes the place of a value that only the apply will know. It may turn out to be null.
type Unknown struct{}

// mostEntries is the most entries of a list that are read. A group takes 250 rules, and no provider has ever sent more
// than twice as many.
const mostEntries = 1000

// plainName matches an attribute's name that needs no quotes.
var plainName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]{0,62}$`)

func (o object) path(name string) string {
	switch {
	case !plainName.MatchString(name):
		return o.at + "[" + rule.Quote(name) + "]"
	case o.at == "":
		return name
	}
	return o.at + "." + name
}

// unexpected notes that an attribute's value is not as expected.
func (o object) unexpected(name, expected string) {
	o.problems.note("%s is %s where %s is expected.", o.path(name), describe(o.values[name]), expected)
}

// typed reads an attribute of one JSON type. Null, absent and unknown give the zero value.
func typed[T any](o object, name, expected string) T {
	value, ok := o.values[name].(T)
	if !ok && o.values[name] != nil && o.values[name] != (Unknown{}) {
		o.unexpected(name, expected)
	}
	return value
}

func (o object) text(name string) string { return typed[string](o, name, "a text") }

func (o object) boolean(name string) bool { return typed[bool](o, name, "true or false") }

// oneOf reads a text that is one of some choices, in any case.
func (o object) oneOf(name string, choices ...string) string {
	given := o.text(name)
	for _, choice := range choices {
		if strings.EqualFold(choice, given) {
			return choice
		}
	}
	if given != "" {
		o.unexpected(name, strings.Join(choices, " or "))
	}
	return ""
}

// required returns the text of an attribute, and notes if there is none.
func (o object) required(name, text string) string {
	if text == "" && empty(o.values[name]) {
		o.problems.note("%s is missing.", o.path(name))
	}
	return text
}

// uuid reads a required id.
func (o object) uuid(name string) string {
	id := o.required(name, o.text(name))
	if id != "" && !rule.IsUUID(id) {
		o.unexpected(name, "an id")
	}
	return id
}

// integer reads a whole number, which may be written as a text. Null, absent and unknown are nil.
func (o object) integer(name string) *int64 {
	var digits string
	switch value := o.values[name].(type) {
	case nil, Unknown:
		return nil
	case json.Number:
		digits = value.String()
	case string:
		digits = value
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		o.unexpected(name, "a whole number")
		return nil
	}
	return &number
}

// locationID reads the id of a project or region. Null, absent and 0 are nil.
func (o object) locationID(name string) *int64 {
	id := o.integer(name)
	switch {
	case id == nil || *id == 0:
		return nil
	case *id < 0:
		o.problems.note("%s is %d where a positive number is expected.", o.path(name), *id)
		return nil
	}
	return id
}

// texts reads a map of texts without its nulls.
func (o object) texts(name string) map[string]string {
	inner := object{o.path(name), typed[map[string]any](o, name, "a map"), o.problems}
	texts := make(map[string]string, len(inner.values))
	for _, key := range slices.Sorted(maps.Keys(inner.values)) {
		if inner.values[key] != nil {
			texts[key] = inner.text(key)
		}
	}
	return texts
}

// tags reads the user's tags: a map, or a list of which the read-only entries are the platform's.
func (o object) tags(name string) map[string]string {
	if _, isList := o.values[name].([]any); !isList {
		return o.texts(name)
	}
	list, _ := o.objects(name)
	tags, held := map[string]string{}, map[string]bool{}
	for _, entry := range list {
		entry.only([]string{"key", "value", "read_only"})
		key, value := entry.required("key", entry.text("key")), entry.required("value", entry.text("value"))
		if held[key] {
			o.problems.note("%s has the key of another tag.", entry.at)
		}
		held[key] = true
		if !entry.boolean("read_only") {
			tags[key] = value
		}
	}
	return tags
}

// objects reads a list of objects; given is false if it is null or absent.
func (o object) objects(name string) (list []object, given bool) {
	elements := typed[[]any](o, name, "a list")
	return o.each(o.path(name), elements), elements != nil
}

// each returns the elements of the list at a path, which have to be objects. One that is unknown is left out.
func (o object) each(at string, elements []any) []object {
	if len(elements) > mostEntries {
		o.problems.note("%s has %d entries, and %d at most are read.", at, len(elements), mostEntries)
		return nil
	}
	list := make([]object, 0, len(elements))
	for i, element := range elements {
		if element == (Unknown{}) {
			continue
		}
		here := fmt.Sprintf("%s[%d]", at, i)
		values, isObject := element.(map[string]any)
		if !isObject {
			o.problems.note("%s is %s where an object is expected.", here, describe(element))
			continue
		}
		list = append(list, object{here, values, o.problems})
	}
	return list
}

// only notes each attribute that has a value and is not among the known ones, whose meaning is lost otherwise. It is for what
// a provider has recorded: a new version has more attributes, and those without a value mean nothing.
func (o object) only(known ...[]string) {
	all := slices.Concat(known...)
	for _, name := range slices.Sorted(maps.Keys(o.values)) {
		if !empty(o.values[name]) && !slices.Contains(all, name) {
			o.unreadable(name)
		}
	}
}

// named notes each attribute that is not among the known ones, whatever its value, and reports whether there is none. It is
// for what a user has written, where such a name is a mistake and its value was meant for another attribute.
func (o object) named(known ...[]string) (all bool) {
	names := slices.Concat(known...)
	all = true
	for _, name := range slices.Sorted(maps.Keys(o.values)) {
		if !slices.Contains(names, name) {
			o.problems.note("%s does not exist. %s", o.path(name), rule.FieldAdvice(name))
			all = false
		}
	}
	return all
}

// without notes each of the attributes that has a value.
func (o object) without(names []string) {
	for _, name := range names {
		if value := o.values[name]; !empty(value) && value != (Unknown{}) {
			o.unreadable(name)
		}
	}
}

// unreadable notes an attribute that has a value without a meaning here.
func (o object) unreadable(name string) {
	o.problems.note("%s is an attribute that is not known here, and its value is %s.", o.path(name), describe(o.values[name]))
}

// undecided reports whether any attribute is unknown.
func (o object) undecided() bool {
	return slices.Contains(slices.Collect(maps.Values(o.values)), any(Unknown{}))
}

// empty reports whether a value is null or one of the zero values that older providers store for it.
func empty(value any) bool {
	switch value := value.(type) {
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return value == nil || value == false || value == "" || value == json.Number("0")
}

// describe returns a value for a message, cut if it is long.
func describe(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return rule.Quote(value)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return strings.Trim(rule.Quote(fmt.Sprint(value)), `"`)
	}
}
