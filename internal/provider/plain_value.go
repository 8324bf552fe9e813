package provider

import (
	"encoding/json"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/foreign"
)

// unknownValue takes the place of an unknown value among plain ones.
type unknownValue = foreign.Unknown

// plainValue converts an argument of any type to nil, string, bool, json.Number, []any and map[string]any, and to
// unknownValue where something is unknown. known is false if any part of the argument is unknown.
func plainValue(value attr.Value) (plain any, known bool) {
	switch {
	case value == nil || value.IsNull():
		return nil, true
	case value.IsUnknown():
		return unknownValue{}, false
	}
	switch value := value.(type) {
	case types.Dynamic:
		return plainValue(value.UnderlyingValue())
	case types.String:
		return value.ValueString(), true
	case types.Bool:
		return value.ValueBool(), true
	case types.Number:
		return plainNumber(value.ValueBigFloat()), true
	case interface{ Elements() []attr.Value }: // list, set, tuple
		return plainList(value.Elements())
	case types.Map:
		return plainObject(value.Elements())
	case types.Object:
		return plainObject(value.Attributes())
	}
	return value.String(), true
}

func plainList(elements []attr.Value) (plain []any, known bool) {
	plain, known = make([]any, len(elements)), true
	for i, element := range elements {
		inner, is := plainValue(element)
		plain[i], known = inner, known && is
	}
	return plain, known
}

func plainObject(attributes map[string]attr.Value) (plain map[string]any, known bool) {
	plain, known = make(map[string]any, len(attributes)), true
	for name, value := range attributes {
		inner, is := plainValue(value)
		plain[name], known = inner, known && is
	}
	return plain, known
}

// plainNumber writes all digits of a number, since a rounded one could turn into a port. A number whose digits would
// fill pages gets an exponent.
func plainNumber(number *big.Float) json.Number {
	const most = 256 // binary digits before or after the point
	if exponent := number.MantExp(nil); exponent < -most || exponent > most {
		return json.Number(number.Text('g', 10))
	}
	return json.Number(number.Text('f', -1))
}

var listOfStrings = types.ListType{ElemType: types.StringType}

// stringsValue converts the other way.
func stringsValue(texts []string) types.List {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}
