package provider

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// wholeNumbers is the framework's server, except for what it says of a number that an integer attribute cannot hold, such as
// 22.5: it calls that a bug of the provider, does not name the attribute in a map, and no type or validator can come before it.
type wholeNumbers struct{ frameworkServer }

type schemas = tfprotov6.GetProviderSchemaResponse

func (s wholeNumbers) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateProviderConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.reworded(ctx, resp.Diagnostics, req.Config, func(all *schemas) *tfprotov6.Schema { return all.Provider })
	}
	return resp, err
}

func (s wholeNumbers) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.reworded(ctx, resp.Diagnostics, req.Config, func(all *schemas) *tfprotov6.Schema {
			return all.ResourceSchemas[req.TypeName]
		})
	}
	return resp, err
}

func (s wholeNumbers) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateDataResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.reworded(ctx, resp.Diagnostics, req.Config, func(all *schemas) *tfprotov6.Schema {
			return all.DataSourceSchemas[req.TypeName]
		})
	}
	return resp, err
}

func (s wholeNumbers) ValidateListResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateListResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.reworded(ctx, resp.Diagnostics, req.Config, func(all *schemas) *tfprotov6.Schema {
			return all.ListResourceSchemas[req.TypeName]
		})
	}
	return resp, err
}

// reworded replaces the framework's errors of that kind by one for each number. All numbers of this provider are integers.
func (s wholeNumbers) reworded(
	ctx context.Context, said []*tfprotov6.Diagnostic, config *tfprotov6.DynamicValue, of func(*schemas) *tfprotov6.Schema,
) []*tfprotov6.Diagnostic {
	others := slices.DeleteFunc(slices.Clone(said), func(d *tfprotov6.Diagnostic) bool {
		return strings.Contains(d.Detail, "provider developer") && strings.HasSuffix(d.Detail, " integer.")
	})
	if len(others) == len(said) {
		return said
	}
	all, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return said
	}
	value, err := config.Unmarshal(of(all).ValueType())
	if err != nil {
		return said
	}
	odd, err := oddNumbers(value)
	if err != nil || len(odd) == 0 {
		return said
	}
	return append(others, odd...)
}

// oddNumbers is an error for each number of a configuration that is not a 64-bit integer.
func oddNumbers(config tftypes.Value) (found []*tfprotov6.Diagnostic, err error) {
	const title = "Invalid number"
	err = tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		var number *big.Float
		if !value.IsKnown() || value.IsNull() || !value.Type().Is(tftypes.Number) {
			return true, nil
		}
		if err := value.As(&number); err != nil {
			return false, err
		}
		if _, accuracy := number.Int64(); accuracy != big.Exact {
			verb, advice := "is", "Write a whole number."
			if _, inSet := at.LastStep().(tftypes.ElementKeyValue); inSet {
				verb = "contains"
			}
			if number.IsInt() {
				advice = "It must fit into 64 bits."
			}
			found = append(found, &tfprotov6.Diagnostic{
				Severity: tfprotov6.DiagnosticSeverityError, Summary: title, Attribute: pointer(at),
				Detail: fmt.Sprintf("%s %s %s. %s", written(at), verb, plainNumber(number), advice),
			})
		}
		return true, nil
	})
	slices.SortFunc(found, func(a, b *tfprotov6.Diagnostic) int { return strings.Compare(a.Detail, b.Detail) })
	return found, err
}

// pointer ends before the key of a map: behind it Terraform finds no line of the configuration.
func pointer(at *tftypes.AttributePath) *tftypes.AttributePath {
	isKey := func(step tftypes.AttributePathStep) bool {
		_, ok := step.(tftypes.ElementKeyString)
		return ok
	}
	steps := at.Steps()
	if end := slices.IndexFunc(steps, isKey); end >= 0 {
		return tftypes.NewAttributePathWithSteps(steps[:end])
	}
	return at
}

// written is a path as one writes it in a configuration, rules["https"].port_range_min. An element of a set has none of its own.
func written(at *tftypes.AttributePath) string {
	var path strings.Builder
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			path.WriteString("." + string(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&path, "[%q]", string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&path, "[%d]", int64(step))
		}
	}
	return strings.TrimPrefix(path.String(), ".")
}
