package provider

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// rulesParameter is the parameter `rules` of a function, of any type: a rule may leave attributes out.
func rulesParameter() function.DynamicParameter {
	return function.DynamicParameter{
		Name: "rules", AllowNullValue: true, AllowUnknownValues: true,
		MarkdownDescription: "Map of rules, as in `rules` of `gcore_cloud_security_group`. Null entries are ignored. " +
			"An attribute that rules do not have is an error.",
	}
}

// rulesArgument reads the argument `rules` of a function as plainValue converts it. Terraform drops a misspelt attribute
// of a resource's `rules` without a word; here it is an error. A null entry stands for no rule. known is false if it is
// not even known which rules there are.
func rulesArgument(argument any) (rules map[string]rule.Given, known bool, err error) {
	if argument == nil || argument == (unknownValue{}) {
		return nil, argument == nil, nil
	}
	elements, ok := argument.(map[string]any)
	if !ok {
		return nil, true, fmt.Errorf("rules is %s. Write a map of rules as a security group takes it, such as "+
			"{ https = { direction = \"ingress\", protocol = \"tcp\", port_range_min = 443, port_range_max = 443, remote_ip_prefix = \"10.0.0.0/8\" } }",
			kind(argument))
	}
	rules = map[string]rule.Given{}
	var faults rule.Faults
	for _, key := range sortedKeys(elements) {
		if elements[key] == nil {
			continue
		}
		reader := ruleReader{where: ruleAt(key), faults: &faults}
		reader.read(elements[key])
		rules[key] = reader.given
	}
	return rules, true, faults.Err()
}

// ruleAt names an entry in a message.
func ruleAt(key string) string { return fmt.Sprintf("rules[%.80q]", key) }

// ruleReader reads one entry, attribute by attribute.
type ruleReader struct {
	where  string
	given  rule.Given
	faults *rule.Faults
	wrong  bool
}

func (r *ruleReader) read(value any) {
	r.given.Unknown = map[rule.Field]bool{}
	if value == (unknownValue{}) {
		for _, leaf := range new(ruleEntry).leaves() {
			r.given.Unknown[leaf.field] = true
		}
		return
	}
	attributes, ok := value.(map[string]any)
	if !ok {
		r.refuse("", "is %s. Write an object, such as { direction = \"egress\", protocol = \"tcp\" }.", kind(value))
		return
	}
	for _, name := range sortedKeys(attributes) {
		r.attribute(name, attributes[name])
	}
	if r.wrong {
		return // said once
	}
	for _, problem := range r.given.WithoutHostBits().Problems() {
		if !problem.Warning {
			r.faults.Add(r.where + ": " + problem.Text)
		}
	}
}

func (r *ruleReader) attribute(name string, value any) {
	texts := map[rule.Field]**string{
		rule.FieldDirection: &r.given.Direction, rule.FieldEthertype: &r.given.Ethertype, rule.FieldProtocol: &r.given.Protocol,
		rule.FieldRemoteIPPrefix: &r.given.RemoteIPPrefix, rule.FieldRemoteGroupID: &r.given.RemoteGroupID, rule.FieldDescription: &r.given.Description,
	}
	numbers := map[rule.Field]**int64{rule.FieldPortRangeMin: &r.given.PortRangeMin, rule.FieldPortRangeMax: &r.given.PortRangeMax}
	field := rule.Field(name)
	text, isText := texts[field]
	number, isNumber := numbers[field]
	switch {
	case !isText && !isNumber && field != rule.FieldSelf:
		r.refuse("."+name, "does not exist. %s", rule.FieldAdvice(name))
	case value == nil:
	case value == (unknownValue{}):
		r.given.Unknown[field] = true
	case isText:
		*text = readLeaf(r, name, "a text", value, func(written string) (string, error) { return written, nil })
	case isNumber:
		*number = readLeaf(r, name, "a whole number", value, func(written string) (int64, error) { return strconv.ParseInt(written, 10, 64) })
	default:
		r.given.Self = readLeaf(r, name, "true or false", value, strconv.ParseBool)
	}
}

// readLeaf reads a value in any of the forms that Terraform converts to an attribute of a resource.
func readLeaf[T any](r *ruleReader, name, expected string, value any, parse func(string) (T, error)) *T {
	written, ok := value.(string)
	switch value := value.(type) {
	case json.Number:
		written, ok = value.String(), true
	case bool:
		written, ok = strconv.FormatBool(value), true
	}
	if ok {
		if read, err := parse(written); err == nil {
			return &read
		}
	}
	r.refuse("."+name, "is %s. Write %s.", kind(value), expected)
	return nil
}

func (r *ruleReader) refuse(where, format string, values ...any) {
	r.wrong = true
	r.faults.Add(r.where + where + " " + fmt.Sprintf(format, values...))
}
