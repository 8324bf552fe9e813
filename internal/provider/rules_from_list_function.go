package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

var _ function.Function = rulesFromList{}

// rulesFromList is the function rules_from_list.
type rulesFromList struct{}

func (rulesFromList) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "rules_from_list"
}

func (rulesFromList) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Makes a map of rules from another provider's list of them",
		MarkdownDescription: "Turns a list of rules as Gcore's own provider (2.x and 0.x) and OpenStack's write it into the map that `rules` wants. " +
			"Each rule gets a key made from what it is, such as `ingress-ipv4-tcp-443-from-10_0_0_0-8`: the same that it gets when a state of " +
			"Gcore's provider is taken over, so that the plan after it is empty. Null gives null.",
		Parameters: []function.Parameter{function.DynamicParameter{
			Name: "list", AllowNullValue: true, AllowUnknownValues: true,
			MarkdownDescription: "List or set of objects with `direction` and any of `ethertype`, `protocol`, `port_range_min`, `port_range_max`, " +
				"`remote_ip_prefix`, `remote_group_id`, `self` and `description`. What those providers record beside it, such as `id` and `created_at`, " +
				"may be there. `any` and `\"\"` are all protocols, ports of 0 are none but with ICMP, and numbers of protocols get their names.",
		}},
		Return: function.MapReturn{ElementType: ruleEntryType},
	}
}

func (rulesFromList) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	result, problem := mapFromList(argument)
	if problem != "" {
		// Terraform ends the sentence.
		resp.Error = function.NewArgumentFuncError(0, strings.TrimSuffix(problem, "."))
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

// mapFromList is what the function gives, or what is wrong with its argument.
// While any part of the list is unknown, so is the map: a key says all that a
// rule is.
func mapFromList(argument types.Dynamic) (types.Map, string) {
	null := types.MapNull(ruleEntryType)
	value, known := plainValue(argument)
	switch {
	case !known:
		return types.MapUnknown(ruleEntryType), ""
	case value == nil:
		return null, ""
	}
	elements, isList := value.([]any)
	if !isList {
		return null, fmt.Sprintf("The argument is %s where a list of rules is expected.", describe(value))
	}
	list := rawObject{problems: new(rawProblems)}
	var rules []rule.Rule
	holders := map[rule.Key]rawObject{}
	for _, entry := range list.each("list", elements) {
		r := entry.listedRule()
		rules = append(rules, r)
		first, twice := holders[r.Key()]
		switch {
		case !twice:
			holders[r.Key()] = entry
		case first.text("description") != r.Description:
			list.note(entry.at, "is the same rule as %s, with another description. A group holds it once: remove one of the two.", first.at)
		}
	}
	if list.problems.found() {
		return null, list.problems.String()
	}
	entries, _ := encodeRules(namedEntries(rules)) // known entries always make a map
	return entries, ""
}
