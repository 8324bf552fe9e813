package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

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
			"they cannot be made again through this API:\n\n%s\n\nTo keep them, leave rules out of the configuration: "+
			"the rules of the group are not managed then.", capitalised(of.String()), strings.Join(lines, "\n")))
	return diags
}
