package provider

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// unknown is an unknown value without a type.
type unknown struct{}

// hclValue is a Go value as the HCL expression of the same form: []any is a
// tuple, map[string]any an object, nil an untyped null.
func hclValue(value any) tftypes.Value {
	switch v := value.(type) {
	case nil:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case unknown:
		return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	case tftypes.Value:
		return v
	case string:
		return tftypes.NewValue(tftypes.String, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	case int:
		return tftypes.NewValue(tftypes.Number, int64(v))
	case float64:
		return tftypes.NewValue(tftypes.Number, v)
	case *big.Float:
		return tftypes.NewValue(tftypes.Number, v)
	case []any:
		var elements []tftypes.Value
		var kinds []tftypes.Type
		for _, element := range v {
			elements = append(elements, hclValue(element))
			kinds = append(kinds, elements[len(elements)-1].Type())
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: kinds}, elements)
	case map[string]any:
		attributes := map[string]tftypes.Value{}
		kinds := map[string]tftypes.Type{}
		for name, attribute := range v {
			attributes[name] = hclValue(attribute)
			kinds[name] = attributes[name].Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, attributes)
	}
	panic(fmt.Sprintf("no value for a %T", value))
}

// stringList is a list of strings, converted as Terraform converts an argument.
func stringList(elements ...any) tftypes.Value {
	values := []tftypes.Value{}
	for _, element := range elements {
		if _, is := element.(unknown); is {
			element = tftypes.UnknownValue
		}
		values = append(values, tftypes.NewValue(tftypes.String, element))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, values)
}

// callFunction calls a function as Terraform does, and checks that an error of
// an argument names it.
func callFunction(t *testing.T, name string, arguments ...tftypes.Value) (tftypes.Value, string) {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(New("test"))()
	if err != nil {
		t.Fatal(err)
	}
	functions, err := server.GetFunctions(t.Context(), &tfprotov6.GetFunctionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	definition := functions.Functions[name]
	given := make([]*tfprotov6.DynamicValue, len(arguments))
	for i, argument := range arguments {
		value, err := tfprotov6.NewDynamicValue(definition.Parameters[i].Type, argument)
		if err != nil {
			t.Fatal(err)
		}
		given[i] = &value
	}
	resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: given})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		if at := resp.Error.FunctionArgument; at != nil && !strings.Contains(resp.Error.Text, definition.Parameters[*at].Name) {
			t.Errorf("the error is on %s: %s", definition.Parameters[*at].Name, resp.Error.Text)
		} else if at == nil && len(arguments) == 1 {
			t.Errorf("the error is not on the argument: %s", resp.Error.Text)
		}
		return tftypes.Value{}, resp.Error.Text
	}
	result, err := resp.Result.Unmarshal(definition.Return.Type)
	if err != nil {
		t.Fatal(err)
	}
	return result, ""
}
