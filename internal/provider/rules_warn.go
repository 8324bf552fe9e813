package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// warnOfRuleChanges says what a change of `rules` from what the state has does
// beyond what the plan shows.
func warnOfRuleChanges(ctx context.Context, of subject, state, planned types.Map) diag.Diagnostics {
	prior, diags := decodeRules(ctx, state)
	diags.Append(warnOfUnrepeatable(of, prior, planned)...)
	diags.Append(warnOfRenaming(ctx, of, prior, planned)...)
	return diags
}

// warnOfUnrepeatable names the rules of the state that a change of `rules`
// removes for good: those that the API holds and would not take in a request,
// such as one of protocol 99 or of a CIDR with host bits, made through
// OpenStack. No configuration can declare them, and a PATCH carries the full
// list of rules, so that it cannot leave them alone either.
func warnOfUnrepeatable(of subject, prior map[string]ruleEntry, planned types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	var lines []string
	for _, name := range sortedKeys(prior) {
		for _, problem := range prior[name].given().Problems() {
			if !problem.Warning {
				lines = append(lines, fmt.Sprintf("  - %s: %s", name, problem.Text))
				break
			}
		}
	}
	if len(lines) == 0 || planned.IsNull() {
		return diags
	}
	diags.AddAttributeWarning(attribute("rules"), count(len(lines), "rule")+" cannot be kept", fmt.Sprintf(
		"%s has rules that the API would not take in a request. No entry of rules can say them, so the apply removes them, and "+
			"they cannot be made again through this API:\n\n%s\n\nTo keep them, do not manage the rules of the group as a "+
			"whole: leave rules out of gcore_cloud_security_group, or let gcore_cloud_security_group_rule_set go by a removed block.",
		capitalised(of.String()), strings.Join(lines, "\n")))
	return diags
}

// warnOfRenaming says that a long list of changes sends nothing, as when an
// imported group gets the user's own keys. The subject's id is that of the group.
func warnOfRenaming(ctx context.Context, of subject, prior map[string]ruleEntry, rules types.Map) diag.Diagnostics {
	planned, known, diags := knownEntries(ctx, rules)
	if diags.HasError() || !known || !sameRules(rulesOf(planned, of.id), rulesOf(prior, of.id)) {
		return diags
	}
	renamed := 0
	for key, entry := range planned {
		if before, stays := prior[key]; !stays || entry.rule(of.id).Key() != before.rule(of.id).Key() {
			renamed++
		}
	}
	if renamed > 0 {
		diags.AddAttributeWarning(attribute("rules"), fmt.Sprintf("%s with another key only", count(renamed, "rule")), fmt.Sprintf(
			"The rules of %s say the same under other keys. The plan shows them as removed and added, but nothing is sent.", of))
	}
	return diags
}
