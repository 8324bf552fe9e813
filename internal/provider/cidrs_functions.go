package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// cidrsFunction is a function of lists of CIDRs. While any element is unknown, so is its result.
type cidrsFunction struct {
	name       string
	definition function.Definition
	// parameters are the names of the lists.
	parameters []string
	// of returns a []string or a bool.
	of func(arguments []rule.Addresses) (any, error)
}

func (f cidrsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f cidrsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
	for _, name := range f.parameters {
		// OpenTofu passes a list with unknown elements whether or not AllowUnknownValues is set.
		resp.Definition.Parameters = append(resp.Definition.Parameters, function.ListParameter{
			Name: name, ElementType: types.StringType, AllowUnknownValues: true,
			MarkdownDescription: "CIDRs without host bits, such as `10.0.0.0/8`, or single IP addresses. If one is unknown, so is the result.",
		})
	}
}

func (f cidrsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	lists := make([]types.List, len(f.parameters))
	targets := make([]any, len(lists))
	for i := range lists {
		targets[i] = &lists[i]
	}
	if resp.Error = req.Arguments.Get(ctx, targets...); resp.Error != nil {
		return
	}
	known := true
	arguments := make([]rule.Addresses, len(lists))
	for i, list := range lists {
		addresses, all, err := knownAddresses(f.parameters[i], list)
		if err != nil {
			resp.Error = function.NewArgumentFuncError(int64(i), err.Error())
			return
		}
		arguments[i], known = addresses, known && all
	}
	if !known {
		return // as unknown as the framework makes it
	}
	result, err := f.of(arguments)
	if err != nil {
		resp.Error = function.NewFuncError(err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

// knownAddresses reads a list unless any of it is unknown.
func knownAddresses(name string, list types.List) (addresses rule.Addresses, known bool, err error) {
	known = !list.IsUnknown()
	cidrs := make([]string, 0, len(list.Elements()))
	for i, element := range list.Elements() {
		cidr, ok := element.(types.String)
		if !ok || cidr.IsNull() {
			return nil, false, fmt.Errorf("%s[%d] is null. Write a CIDR or leave it out", name, i)
		}
		known = known && !cidr.IsUnknown()
		cidrs = append(cidrs, cidr.ValueString())
	}
	if !known {
		return nil, false, nil
	}
	addresses, err = rule.ReadAddresses(name, cidrs)
	return addresses, true, err
}

// cidrsFunctions are merge_cidrs, cidrs_contain and cidrs_subtract.
func cidrsFunctions() []cidrsFunction {
	return []cidrsFunction{{
		name: "merge_cidrs", parameters: []string{"cidrs"},
		definition: function.Definition{
			Summary: "Merges CIDRs into the fewest that cover the same addresses",
			MarkdownDescription: "Merges a list of IPv4 and IPv6 CIDRs into the fewest that cover exactly the same addresses. The result is sorted, IPv4 first, " +
				"and does not depend on the order of the list.",
			Return: function.ListReturn{ElementType: types.StringType},
		},
		of: func(arguments []rule.Addresses) (any, error) { return arguments[0].CIDRs(), nil },
	}, {
		name: "cidrs_contain", parameters: []string{"cidrs", "others"},
		definition: function.Definition{
			Summary: "Checks whether a list of CIDRs covers another",
			MarkdownDescription: "Returns whether the CIDRs of the first list together cover every address of the second, for IPv4 and IPv6. " +
				"An empty second list is always covered.",
			Return: function.BoolReturn{},
		},
		of: func(arguments []rule.Addresses) (any, error) { return arguments[0].Contain(arguments[1]), nil },
	}, {
		name: "cidrs_subtract", parameters: []string{"cidrs", "others"},
		definition: function.Definition{
			Summary: "Subtracts one list of CIDRs from another",
			MarkdownDescription: "Returns the fewest CIDRs that cover exactly the addresses of the first list that are not in the second. " +
				"The result is sorted, IPv4 first.",
			Return: function.ListReturn{ElementType: types.StringType},
		},
		of: func(arguments []rule.Addresses) (any, error) {
			rest, err := arguments[0].Subtract(arguments[1])
			return rest.CIDRs(), err
		},
	}}
}
