package provider

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// replacedKey is the key of a mark in private state: the group that a plan makes a rule set for. If the plan replaces a rule
// set, Terraform gives the mark to the delete of the old one too, and to no other delete. So the old one can leave its rules
// to the one that replaces it: the plan has shown which of them go.
const replacedKey = "replaced_by"

func replacedMark(group secgroup.Ref) string { return strings.ToLower(groupImportID(group)) }

// markReplaced marks the plan of a new rule set.
func markReplaced(ctx context.Context, group secgroup.Ref, private privateWriter) diag.Diagnostics {
	mark, err := json.Marshal(replacedMark(group))
	if err != nil {
		panic(err) // a string is JSON
	}
	return private.SetKey(ctx, replacedKey, mark)
}

// isReplaced reports whether a rule set is deleted to be made again for the same group.
func isReplaced(ctx context.Context, group secgroup.Ref, private privateReader) bool {
	value, diags := private.GetKey(ctx, replacedKey)
	var mark string
	return !diags.HasError() && json.Unmarshal(value, &mark) == nil && mark == replacedMark(group)
}

// leaveToNext leaves the rules of a rule set to the one that replaces it: those that it has declared, and those found.
func (r *securityGroupRuleSet) leaveToNext(group secgroup.Ref, left secgroup.RulesDiff) {
	r.replaced.Store(replacedMark(group), left)
}

// leftByLast is what the rule set that a new one replaces has left to it; nothing if it replaces none.
func (r *securityGroupRuleSet) leftByLast(group secgroup.Ref) secgroup.RulesDiff {
	value, _ := r.replaced.LoadAndDelete(replacedMark(group))
	left, _ := value.(secgroup.RulesDiff)
	return left
}
