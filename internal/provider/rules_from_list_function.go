package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/foreign"
)

var _ function.Function = rulesFromList{}

// rulesFromList is the function rules_from_list, which converts the rule lists of other providers.
type rulesFromList struct{}

func (rulesFromList) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "rules_from_list"
}

func (rulesFromList) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Converts a list of rules into a map of rules",
		MarkdownDescription: "Converts a list of rules, as in Gcore's own provider (2.x and 0.x) and the OpenStack provider, into a `rules` map. " +
			"Each key derives from the rule, such as `ingress-ipv4-tcp-443-from-10_0_0_0-8`. Migrating a state of Gcore's provider generates the same keys, " +
			"so the plan after it is empty. Returns null if the list is null.",
		Parameters: []function.Parameter{function.DynamicParameter{
			Name: "list", AllowNullValue: true, AllowUnknownValues: true,
			MarkdownDescription: "List or set of objects with `direction` and any of `ethertype`, `protocol`, `port_range_min`, `port_range_max`, " +
				"`remote_ip_prefix`, `remote_group_id`, `self` and `description`. Computed attributes of those providers, such as `id` and `created_at`, " +
				"are ignored; any other attribute is an error. `any` and `0` are all protocols, protocol numbers become names, and port 0 counts as not set, except for ICMP. " +
				"An ingress rule without an `id` must set its remote, protocol, ports and, with a remote group, ethertype, as in `rules`. With an `id` it records an existing rule, where a missing value means all, or IPv4.",
		}},
		Return: function.MapReturn{ElementType: ruleEntryType},
	}
}

func (rulesFromList) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	rules, err := mapFromList(argument)
	if err != nil {
		// Terraform ends the sentence.
		resp.Error = function.NewArgumentFuncError(0, strings.TrimSuffix(err.Error(), "."))
		return
	}
	resp.Error = resp.Result.Set(ctx, rules)
}

// mapFromList returns the result of the function. While any part of the list is unknown, so is the whole map, since a
// key depends on all of a rule. What is known is checked nevertheless.
func mapFromList(argument types.Dynamic) (types.Map, error) {
	list, known := plainValue(argument)
	if list == nil {
		return types.MapNull(ruleEntryType), nil
	}
	rules, err := foreign.ReadRules(list)
	switch {
	case err != nil:
		return types.MapNull(ruleEntryType), err
	case !known:
		return types.MapUnknown(ruleEntryType), nil
	}
	return namedRules(rules), nil
}
