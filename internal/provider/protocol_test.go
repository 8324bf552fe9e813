package provider

import (
	"errors"
	"fmt"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// protocol calls the provider as Terraform does, including calls that only
// newer Terraform versions make.
type protocol struct {
	t          *testing.T
	server     listServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

// listServer is a provider with list resources.
type listServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// protocol configures a provider with the fake's key and address and the given
// lines. Requests have the production timeout: a page of a thousand groups is
// slow on a busy machine.
func (c cloud) protocol(t *testing.T, lines map[string]any) protocol {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(&gcore{
		version: "test", getenv: func(string) string { return "" }, clientOptions: on(fast),
	})()
	if err != nil {
		t.Fatal(err)
	}
	p := protocol{t: t, server: server.(listServer)}
	if p.schemas, err = p.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	identities, err := p.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p.identities = identities.IdentitySchemas
	block := map[string]any{"api_key": c.APIKey(), "base_url": c.URL()}
	for name, value := range lines {
		block[name] = value
	}
	resp, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.dynamic(p.schemas.Provider, block)})
	if err := failure(err, resp.Diagnostics); err != nil {
		t.Fatal(err)
	}
	return p
}

// testPlace is the provider's location in most tests.
var testPlace = map[string]any{"cloud_project_id": testProject, "cloud_region_id": testRegion}

// dynamic is a configuration block, with null for missing attributes.
func (p protocol) dynamic(schema *tfprotov6.Schema, lines map[string]any) *tfprotov6.DynamicValue {
	p.t.Helper()
	value, err := tfprotov6.NewDynamicValue(schema.ValueType(), terraformValue(schema.ValueType(), lines))
	if err != nil {
		p.t.Fatal(err)
	}
	return &value
}

// terraformValue converts a Go value to a Terraform type.
func terraformValue(of tftypes.Type, value any) tftypes.Value {
	switch value := value.(type) {
	case unknown:
		return tftypes.NewValue(of, tftypes.UnknownValue)
	case map[string]any:
		attributes := map[string]tftypes.Value{}
		if of, ok := of.(tftypes.Map); ok {
			for key, element := range value {
				attributes[key] = terraformValue(of.ElementType, element)
			}
			return tftypes.NewValue(of, attributes)
		}
		for name, attribute := range of.(tftypes.Object).AttributeTypes {
			attributes[name] = terraformValue(attribute, value[name])
		}
		return tftypes.NewValue(of, attributes)
	case []any:
		var elementType tftypes.Type
		switch of := of.(type) {
		case tftypes.List:
			elementType = of.ElementType
		case tftypes.Set:
			elementType = of.ElementType
		}
		elements := []tftypes.Value{}
		for _, element := range value {
			elements = append(elements, terraformValue(elementType, element))
		}
		return tftypes.NewValue(of, elements)
	case int:
		return tftypes.NewValue(of, big.NewFloat(float64(value)))
	}
	return tftypes.NewValue(of, value)
}

// goValue is the inverse of terraformValue. Numbers are int64.
func goValue(t *testing.T, value tftypes.Value) any {
	t.Helper()
	if value.IsNull() {
		return nil
	}
	if !value.IsKnown() {
		return unknown{}
	}
	switch of := value.Type(); {
	case of.Is(tftypes.String):
		return as[string](t, value)
	case of.Is(tftypes.Bool):
		return as[bool](t, value)
	case of.Is(tftypes.Number):
		number, _ := as[*big.Float](t, value).Int64()
		return number
	case of.Is(tftypes.List{}):
		list := []any{}
		for _, element := range as[[]tftypes.Value](t, value) {
			list = append(list, goValue(t, element))
		}
		return list
	}
	object := map[string]any{}
	for name, attribute := range as[map[string]tftypes.Value](t, value) {
		object[name] = goValue(t, attribute)
	}
	return object
}

func as[T any](t *testing.T, value tftypes.Value) T {
	t.Helper()
	var result T
	pointer := any(&result)
	if number, ok := pointer.(**big.Float); ok {
		*number = new(big.Float)
		pointer = *number
	}
	if err := value.As(pointer); err != nil {
		t.Fatal(err)
	}
	return result
}

// failure combines the errors of a call.
func failure(err error, diagnostics []*tfprotov6.Diagnostic) error {
	failures := []error{err}
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			at := ""
			if d.Attribute != nil {
				at = d.Attribute.String() + ": "
			}
			failures = append(failures, fmt.Errorf("%s%s: %s", at, d.Summary, d.Detail))
		}
	}
	return errors.Join(failures...)
}

// validData validates a data source.
func (p protocol) validData(name string, lines map[string]any) error {
	p.t.Helper()
	resp, err := p.server.ValidateDataResourceConfig(p.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: name, Config: p.dynamic(p.schemas.DataSourceSchemas[name], lines),
	})
	return failure(err, resp.Diagnostics)
}

// data validates and reads a data source.
func (p protocol) data(name string, lines map[string]any) (map[string]any, error) {
	p.t.Helper()
	if err := p.validData(name, lines); err != nil {
		return nil, err
	}
	schema := p.schemas.DataSourceSchemas[name]
	resp, err := p.server.ReadDataSource(p.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: p.dynamic(schema, lines)})
	if err := failure(err, resp.Diagnostics); err != nil {
		return nil, err
	}
	return p.object(schema, resp.State), nil
}

func (p protocol) object(schema *tfprotov6.Schema, value *tfprotov6.DynamicValue) map[string]any {
	p.t.Helper()
	decoded, err := value.Unmarshal(schema.ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	object, _ := goValue(p.t, decoded).(map[string]any)
	return object
}

// importing requests an import by id or by identity, and the read after it.
func (p protocol) importing(name string, by any) (*tfprotov6.ReadResourceResponse, error) {
	p.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: name}
	switch by := by.(type) {
	case string:
		req.ID = by
	case map[string]any:
		schema := p.identities[name].ValueType()
		value, err := tfprotov6.NewDynamicValue(schema, terraformValue(schema, by))
		if err != nil {
			p.t.Fatal(err)
		}
		req.Identity = &tfprotov6.ResourceIdentityData{IdentityData: &value}
	}
	imported, err := p.server.ImportResourceState(p.t.Context(), req)
	if err := failure(err, imported.Diagnostics); err != nil {
		return nil, err
	}
	object := imported.ImportedResources[0]
	read, err := p.server.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: name, CurrentState: object.State, Private: object.Private, CurrentIdentity: object.Identity,
	})
	return read, failure(err, read.Diagnostics)
}

// imported returns the imported state and identity, and the warnings.
func (p protocol) imported(name string, by any) (state, identity map[string]any, warnings []string) {
	p.t.Helper()
	read, err := p.importing(name, by)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, d := range read.Diagnostics {
		warnings = append(warnings, d.Summary)
	}
	return p.object(p.schemas.ResourceSchemas[name], read.NewState), p.identity(name, read.NewIdentity), warnings
}

func (p protocol) identity(name string, data *tfprotov6.ResourceIdentityData) map[string]any {
	p.t.Helper()
	decoded, err := data.IdentityData.Unmarshal(p.identities[name].ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	object, _ := goValue(p.t, decoded).(map[string]any)
	return object
}
