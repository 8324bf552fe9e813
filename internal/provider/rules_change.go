package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
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
	// ignoresOthers is true if ignore_rules changes, and ignoredKnown if its planned value is wholly known.
	ignoresOthers, ignoredKnown bool
	diff                        secgroup.RulesDiff
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
		ignoredKnown: !after.IsUnknown() && !slices.ContainsFunc(is, func(m rule.Matcher) bool { return len(m.Unknown) > 0 }),
		diff:         secgroup.RulesDiff{Wanted: planned.rules(id), Others: slices.Concat(was, is)},
	}
	if groupID.IsNull() {
		change.found = seen{} // A new group has no rules of others, though the plan of a replacement has what the old one had.
	}
	if !prior.managed() {
		change.diff.Found = change.found.rules()
	}
	known, found := change.found.split(prior, id)
	change.diff.Known, change.diff.Found = known, append(change.diff.Found, found...)
	return change, diags
}

// moved is the change for another group, of which the state says nothing.
func (c rulesChange) moved() rulesChange {
	c.prior, c.found = rulesMap{}, seen{}
	c.diff.Known, c.diff.Found, c.diff.Others, c.diff.Creating = nil, nil, c.ignored, true
	return c
}

// saveApplied saves what is still to be known after the apply. At that time the configuration is the one as written: what
// ignore_changes adds is in the plan alone.
func (c rulesChange) saveApplied(ctx context.Context, written tfsdk.Config, groupID types.String, private privateWriter) diag.Diagnostics {
	var rules types.Map
	diags := written.GetAttribute(ctx, attribute("rules"), &rules)
	configured, _, more := planRules(rules, types.MapNull(rules.ElementType(ctx)), groupID)
	if diags.Append(more...); diags.HasError() {
		return diags
	}
	diags.Append(c.found.applied(c.planned, configured, groupID.ValueString()).save(ctx, private)...)
	return diags
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

// others are the rules that belonged to others in the state and that the plan does not declare: those that still do, and
// those that no longer do.
func (c rulesChange) others() (stay, shown []rule.Rule) {
	return c.matched(rule.Unplanned(c.found.others(), c.diff.Wanted))
}

// matched are the rules that the plan's blocks match, and the rest.
func (c rulesChange) matched(rules []rule.Rule) (matched, rest []rule.Rule) {
	for _, r := range rules {
		if c.ignored.Match(r) {
			matched = append(matched, r)
		} else {
			rest = append(rest, r)
		}
	}
	return matched, rest
}

// left are the rules of others that the plan leaves in the group, as far as a read has found them.
func (c rulesChange) left() []rule.Rule {
	if !c.planned.managed() {
		return nil
	}
	stay, _ := c.others()
	return slices.Concat(c.released(), stay)
}

// warnOfChangedBlocks says what a change of ignore_rules does.
func (c rulesChange) warnOfChangedBlocks(of subject) diag.Diagnostic {
	text := fmt.Sprintf("ignore_rules has changed for %s. That alone sends nothing.", of)
	if released := c.released(); len(released) > 0 {
		text += " These rules belong to others from now on. They leave the state, and stay in the cloud unless the group is replaced:\n\n" + rule.Bullets(released)
	}
	if _, shown := c.others(); len(shown) > 0 && c.ignoredKnown {
		text += "\n\nThese rules no longer belong to others. The next plan shows them, and unless rules contains them by then, its apply removes them:\n\n" +
			rule.Bullets(shown)
	}
	if going, _ := c.matched(rule.Unplanned(c.diff.Known, c.diff.Wanted)); len(going) > 0 && c.planned.known() {
		text += "\n\nThese rules are removed, although a block matches them: an apply has declared them, and rules no longer holds them:\n\n" +
			rule.Bullets(going)
	}
	return diag.NewAttributeWarningDiagnostic(attribute(ignoreRules), "ignore_rules has changed", text)
}

// warnOfReplacement says that a new group has none of the rules that others have in the one that it replaces. Nothing can say
// it of a replacement that Terraform was asked for: the first plan does not know of it, and Terraform drops what the second
// one warns of.
func (c rulesChange) warnOfReplacement(of subject) diag.Diagnostics {
	lost := c.left()
	if len(lost) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(attribute(ignoreRules), "The new group lacks the rules of others", fmt.Sprintf(
		"%s is replaced, and deleted with all its rules. The new group will not have these rules, which are managed elsewhere:\n\n%s",
		capitalised(of.String()), rule.Bullets(lost)))}
}

// warnOfOthers says what a change of ignore_rules does, and that others leave too little room.
func (c rulesChange) warnOfOthers(of subject) diag.Diagnostics {
	var diags diag.Diagnostics
	if !c.planned.managed() {
		return nil
	}
	if c.ignoresOthers {
		diags.Append(c.warnOfChangedBlocks(of))
	}
	stay, shown := c.others()
	own, others := len(c.planned.value.Elements()), len(stay)+len(shown)+len(c.released())
	if own+others > rule.GroupLimit && !c.diff.Empty() {
		diags.AddAttributeWarning(attribute("rules"), "Too many rules", fmt.Sprintf(
			"%s would have %d rules, and the API takes %d at most: %d of rules and %d that ignore_rules leaves to others. "+
				"The apply will stop before it sends them.", capitalised(of.String()), own+others, rule.GroupLimit, own, others))
	}
	return diags
}
