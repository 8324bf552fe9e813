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
//
// If the process is killed between the two, the state has neither, and the next plan asks for an import. Only a delete that removed
// what the new one does not hold could do without. But then rules that change would be missing until the create, or for as long as
// that fails.
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

// leftRules are what a rule set leaves to the one that replaces it: its state, and the rules that it has declared, those found,
// and what a change of it that was cut off may have added to its group.
type leftRules struct {
	state securityGroupRuleSetModel
	diff  secgroup.RulesDiff
}

// leaveToNext leaves the rules of a rule set to the one that replaces it.
func (r *securityGroupRuleSet) leaveToNext(group secgroup.Ref, left leftRules) {
	r.replaced.Store(replacedMark(group), &left)
}

// isReplacing reports whether the next create gets the rules of the rule set that it replaces. The plan has looked at the group
// then, and the old rule set is in the state no more: the apply must not fail before that create.
func (r *securityGroupRuleSet) isReplacing(group secgroup.Ref) bool {
	_, is := r.replaced.Load(replacedMark(group))
	return is
}

// leftByLast is what the rule set that a new one replaces has left to it; nil if it replaces none.
func (r *securityGroupRuleSet) leftByLast(group secgroup.Ref) *leftRules {
	value, _ := r.replaced.LoadAndDelete(replacedMark(group))
	left, _ := value.(*leftRules)
	return left
}
