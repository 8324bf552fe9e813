package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// lintRules is the function lint_rules, which lists what could be written better in a map of rules.
type lintRules struct{}

func (lintRules) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "lint_rules"
}

var findingType = types.ObjectType{AttrTypes: map[string]attr.Type{"kind": types.StringType, "keys": listOfStrings, "text": types.StringType}}

func (lintRules) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Finds rules that have no effect, overlap or can be merged",
		MarkdownDescription: "Returns a list of findings about the rules of one group: entries without effect because others allow the same (`shadowed`), entries that one " +
			"entry can replace (`mergeable`), and entries whose ports are partly allowed by others (`overlapping`). Each finding has its `kind`, the `keys` of the entries, and a " +
			"`text` with a replacement that allows exactly the same traffic. Returns null if `rules` is null.",
		Parameters: []function.Parameter{rulesParameter()},
		Return:     function.ListReturn{ElementType: findingType},
	}
}

func (lintRules) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	plain, _ := plainValue(argument)
	rules, known, err := rulesArgument(plain)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	findings, judged := rule.Lint(rules)
	switch {
	case !known || !judged:
		return // as unknown as the framework makes it
	case rules == nil:
		resp.Error = resp.Result.Set(ctx, types.ListNull(findingType))
	default:
		resp.Error = resp.Result.Set(ctx, findingsValue(findings))
	}
}

func findingsValue(findings []rule.Finding) types.List {
	elements := make([]attr.Value, len(findings))
	for i, finding := range findings {
		elements[i] = types.ObjectValueMust(findingType.AttrTypes, map[string]attr.Value{
			"kind": types.StringValue(string(finding.Kind)), "keys": stringsValue(finding.Keys), "text": types.StringValue(finding.Text),
		})
	}
	return types.ListValueMust(findingType, elements)
}
