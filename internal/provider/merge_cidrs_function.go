package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// mergeCIDRs is the function merge_cidrs, which shortens a list of CIDRs.
type mergeCIDRs struct{}

func (mergeCIDRs) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "merge_cidrs"
}

func (mergeCIDRs) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Reduces a list of CIDRs to the fewest that cover the same addresses",
		MarkdownDescription: "Reduces a list of CIDRs, of both IP versions, to the fewest that cover exactly the same addresses. They come sorted, IPv4 first, " +
			"whatever the order of the list.",
		Parameters: []function.Parameter{
			// OpenTofu passes a list with unknown elements whether or not AllowUnknownValues is set.
			function.ListParameter{
				Name: "cidrs", ElementType: types.StringType, AllowUnknownValues: true,
				MarkdownDescription: "CIDRs without host bits, such as `10.0.0.0/8`, or single addresses. An unknown one makes the result unknown.",
			},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (mergeCIDRs) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.List
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	unknown := argument.IsUnknown()
	cidrs := make([]string, 0, len(argument.Elements()))
	for i, element := range argument.Elements() {
		cidr, ok := element.(types.String)
		if !ok || cidr.IsNull() {
			resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("cidrs[%d] is null. Write a CIDR or leave it out", i))
			return
		}
		unknown = unknown || cidr.IsUnknown()
		cidrs = append(cidrs, cidr.ValueString())
	}
	if unknown {
		resp.Error = resp.Result.Set(ctx, types.ListUnknown(types.StringType))
		return
	}
	merged, err := rule.MergeCIDRs(cidrs)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, merged)
}
