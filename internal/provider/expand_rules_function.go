package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule/compact"
)

// expandRules is the function expand_rules, which makes rules from a short description.
type expandRules struct{}

func (expandRules) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "expand_rules"
}

func (expandRules) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Expands compact entries into a map of rules",
		MarkdownDescription: "Expands compact entries into a `rules` map: an entry becomes one rule for each combination of its protocols, ports and remotes. " +
			"The keys derive from the content of the rules, so adding a CIDR adds rules and changes no others.",
		Parameters: []function.Parameter{
			// Entries may leave attributes out, which the type of an object parameter cannot express. Without
			// AllowUnknownValues one unknown value would make the whole result unknown.
			function.DynamicParameter{
				Name:                "entries",
				AllowUnknownValues:  true,
				MarkdownDescription: "Map or list of objects with the attributes below. Null entries are ignored.",
			},
		},
		Return: function.MapReturn{ElementType: ruleEntryType},
	}
}

func (expandRules) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	plain, _ := plainValue(argument)
	entries, err := compactEntries(plain)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	rules, err := compact.Expand(entries, rule.GroupLimit)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	result := types.MapUnknown(ruleEntryType)
	if rules != nil {
		written := make(map[string]ruleEntry, len(rules))
		for name, given := range rules {
			written[name] = entryFromGiven(given)
		}
		encoded, diags := encodeRules(written)
		if resp.Error = function.FuncErrorFromDiags(ctx, diags); resp.Error != nil {
			return
		}
		result = encoded
	}
	resp.Error = resp.Result.Set(ctx, result)
}

// entryFromGiven returns the entry as a configuration would write it: null for an attribute that the rule leaves out,
// unknown for one that is not known yet.
func entryFromGiven(g rule.Given) ruleEntry {
	text := func(field rule.Field, value *string) types.String {
		if g.Unknown[field] {
			return types.StringUnknown()
		}
		return types.StringPointerValue(value)
	}
	number := func(field rule.Field, value *int64) types.Int64 {
		if g.Unknown[field] {
			return types.Int64Unknown()
		}
		return types.Int64PointerValue(value)
	}
	self := types.BoolPointerValue(g.Self)
	if g.Unknown[rule.FieldSelf] {
		self = types.BoolUnknown()
	}
	return ruleEntry{Self: self, ruleAttributes: ruleAttributes{
		Direction:      text(rule.FieldDirection, g.Direction),
		Ethertype:      text(rule.FieldEthertype, g.Ethertype),
		Protocol:       text(rule.FieldProtocol, g.Protocol),
		PortRangeMin:   number(rule.FieldPortRangeMin, g.PortRangeMin),
		PortRangeMax:   number(rule.FieldPortRangeMax, g.PortRangeMax),
		RemoteIPPrefix: text(rule.FieldRemoteIPPrefix, g.RemoteIPPrefix),
		RemoteGroupID:  text(rule.FieldRemoteGroupID, g.RemoteGroupID),
		Description:    text(rule.FieldDescription, g.Description),
	}}
}
