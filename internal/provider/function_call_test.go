package provider

import (
	"fmt"
	"math/big"
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

// callFunction calls a function as Terraform does, and checks that an error
// names the argument.
func callFunction(t *testing.T, name string, as tftypes.Type, argument tftypes.Value) (tftypes.Value, string) {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(New("test"))()
	if err != nil {
		t.Fatal(err)
	}
	given, err := tfprotov6.NewDynamicValue(as, argument)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: []*tfprotov6.DynamicValue{&given}})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		if at := resp.Error.FunctionArgument; at == nil || *at != 0 {
			t.Errorf("the error is not on the argument: %s", resp.Error.Text)
		}
		return tftypes.Value{}, resp.Error.Text
	}
	functions, err := server.GetFunctions(t.Context(), &tfprotov6.GetFunctionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := resp.Result.Unmarshal(functions.Functions[name].Return.Type)
	if err != nil {
		t.Fatal(err)
	}
	return result, ""
}
