package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// rulesChange is the way of all rules of a group from the state of a resource to its plan.
type rulesChange struct {
	prior, planned rulesMap
	found          seen
	// ignored match what the plan leaves to others.
	ignored rule.Matchers
	// ignoresOthers is true if ignore_rules changes.
	ignoresOthers bool
	diff          secgroup.RulesDiff
}

// changeOfRules puts together what the engine needs to know. The blocks are the ignore_rules of state and plan: what either
// of them leaves to others stays.
func changeOfRules(
	ctx context.Context, groupID types.String, prior, planned rulesMap, before, after types.List, private privateReader,
) (rulesChange, diag.Diagnostics) {
	id := groupID.ValueString()
	was, diags := matchers(ctx, before, id)
	is, more := matchers(ctx, after, id)
	diags.Append(more...)
	change := rulesChange{
		prior: prior, planned: planned, found: lastSeen(ctx, private), ignored: is, ignoresOthers: !after.Equal(before),
		diff: secgroup.RulesDiff{Wanted: planned.rules(id), Others: slices.Concat(was, is)},
	}
	if !prior.managed() {
		change.diff.Found = change.found.rules()
	}
	for _, key := range sortedKeys(prior.entries) {
		if r := prior.entries[key].rule(id); slices.Contains(change.found.Found, key) {
			change.diff.Found = append(change.diff.Found, r)
		} else {
			change.diff.Known = append(change.diff.Known, r)
		}
	}
	return change, diags
}

// moved is the change for another group, of which the state says nothing.
func (c rulesChange) moved() rulesChange {
	c.prior, c.found = rulesMap{}, seen{}
	c.diff.Known, c.diff.Found, c.diff.Others, c.diff.Creating = nil, nil, c.ignored, true
	return c
}

// ours are the prior entries that do not leave the state for others.
func (c rulesChange) ours(groupID string) rulesMap {
	keys, ours := rule.Keys(c.diff.Removable()), c.prior
	ours.entries = map[string]ruleEntry{}
	for name, entry := range c.prior.entries {
		if keys[entry.rule(groupID).Key()] {
			ours.entries[name] = entry
		}
	}
	return ours
}

// released are the rules that leave the state, or a takeover, and belong to others from now on.
func (c rulesChange) released() []rule.Rule { return rule.Unplanned(c.diff.Found, c.diff.Removable()) }

// left are the rules of others that the plan leaves in the group, as far as a read has found them.
func (c rulesChange) left() []rule.Rule {
	if !c.planned.managed() {
		return nil
	}
	left, theirs := c.released(), rule.Unplanned(c.found.others(), c.diff.Wanted)
	for i, stays := range c.ignored.Others(theirs, nil) {
		if stays {
			left = append(left, theirs[i])
		}
	}
	return left
}

// warnOfOthers says what a change of ignore_rules does, and that others leave too little room.
func (c rulesChange) warnOfOthers(of subject) diag.Diagnostics {
	var diags diag.Diagnostics
	if !c.planned.managed() {
		return nil
	}
	theirs, released := rule.Unplanned(c.found.others(), c.diff.Wanted), c.released()
	stay := c.ignored.Others(theirs, nil)
	var shown []rule.Rule
	for i, r := range theirs {
		if !stay[i] {
			shown = append(shown, r)
		}
	}
	if c.ignoresOthers {
		text := fmt.Sprintf("ignore_rules has changed for %s. That alone sends nothing.", of)
		if len(released) > 0 {
			text += " These rules belong to others from now on. They leave the state, and stay in the cloud:\n\n" + rule.Bullets(released)
		}
		if len(shown) > 0 {
			text += "\n\nThese rules no longer belong to others. The next plan shows them, and unless rules holds them by then, its apply removes them:\n\n" +
				rule.Bullets(shown)
		}
		diags.AddAttributeWarning(attribute(ignoreRules), "ignore_rules has changed", text)
	}
	own, others := len(c.planned.value.Elements()), len(theirs)+len(released)
	if own+others > rule.GroupLimit && !c.diff.Empty() {
		diags.AddAttributeWarning(attribute("rules"), "Too many rules", fmt.Sprintf(
			"%s would have %d rules, and the API takes %d at most: %d of rules and %d that ignore_rules leaves to others. "+
				"The apply will stop before it sends them.", capitalised(of.String()), own+others, rule.GroupLimit, own, others))
	}
	return diags
}
