package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// seenKey is the key of seen in private state.
const seenKey = "seen"

// seen is what the last read found in a group and no attribute holds. Private state carries it into the plan, and from
// there into the apply, which may be another process.
type seen struct {
	// Rules are those of a group whose rules are not managed; nil: not known. A plan that begins to manage them names those
	// that will go, and the apply removes no others.
	Rules []client.RuleRequest `json:"rules"`
	// Found are the keys of entries of the state whose rules reads have found, and that no apply has declared. Others, as
	// ignore_rules matches them, may own these rules.
	Found []string `json:"found,omitempty"`
	// Others are the rules of others by the state's ignore_rules.
	Others []client.RuleRequest `json:"others,omitempty"`
	// ReadOnlyTags are the keys of the cloud's own tags.
	ReadOnlyTags []string `json:"read_only_tags,omitempty"`
}

// seenIn is what a read of the group found. Its rules are without those of others, which stand beside it.
func seenIn(group client.SecurityGroup, theirs []client.SecurityGroupRule, managed bool) seen {
	var found seen
	if !managed && group.Rules != nil {
		found.Rules = secgroup.RequestsFromRules(secgroup.RulesFromAPI(group))
	}
	for _, r := range theirs {
		found.Others = append(found.Others, client.RuleRequest(secgroup.RuleFromAPI(group.ID, r)))
	}
	for _, tag := range group.Tags {
		if tag.ReadOnly {
			found.ReadOnlyTags = append(found.ReadOnlyTags, rule.Composed(tag.Key))
		}
	}
	return found
}

// save takes the place of what an earlier read saved.
func (s seen) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	value, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts and numbers are always JSON
	}
	return private.SetKey(ctx, seenKey, value)
}

// lastSeen is what the last read saved. Private data that cannot be read counts as none: nothing is known then, and no rule
// is removed for it.
func lastSeen(ctx context.Context, private privateReader) seen {
	value, diags := private.GetKey(ctx, seenKey)
	var found seen
	if diags.HasError() || json.Unmarshal(value, &found) != nil {
		return seen{}
	}
	return found
}

// hasSeen reports whether private state has what a read or an apply saved, even if that is nothing. That of a tainted resource
// does not reach its replacement.
func hasSeen(ctx context.Context, private privateReader) bool {
	value, diags := private.GetKey(ctx, seenKey)
	return !diags.HasError() && value != nil
}

// rules are those of a group whose rules were not managed; nil: not known.
func (s seen) rules() []rule.Rule {
	if s.Rules == nil {
		return nil
	}
	return secgroup.RulesFromRequests(s.Rules)
}

// others are the rules of others by the state's ignore_rules.
func (s seen) others() []rule.Rule { return secgroup.RulesFromRequests(s.Others) }

// with adds the entries of a state whose rules its reads have found: those that it did not have before, or that were another
// rule before, and those that had been found already.
func (s seen) with(before seen, prior, now rulesMap, groupID string) seen {
	for _, key := range sortedKeys(now.entries) {
		was, had := prior.entries[key]
		if !had || slices.Contains(before.Found, key) || was.rule(groupID).Key() != now.entries[key].rule(groupID).Key() {
			s.Found = append(s.Found, key)
		}
	}
	return s
}

// split tells the rules of a state that an apply has declared from those that only reads have found.
func (s seen) split(state rulesMap, groupID string) (declared, found []rule.Rule) {
	for _, key := range sortedKeys(state.entries) {
		if r := state.entries[key].rule(groupID); slices.Contains(s.Found, key) {
			found = append(found, r)
		} else {
			declared = append(declared, r)
		}
	}
	return declared, found
}

// applied is what is still to be known after an apply. What ignore_changes has kept in the plan and the configuration does
// not hold is not declared by it.
func (s seen) applied(planned, configured rulesMap, groupID string) seen {
	declared := rule.Keys(configured.rules(groupID))
	s.Found = slices.DeleteFunc(slices.Clone(s.Found), func(key string) bool {
		entry, stays := planned.entries[key]
		return !stays || declared[entry.rule(groupID).Key()]
	})
	if planned.managed() {
		s.Rules = nil
	}
	return s
}

// warnOfTags names tags whose keys the cloud has taken: the apply will fail. That is no error of the plan, since a destroy
// plans too.
func (s seen) warnOfTags(of subject, planned types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	readOnly := map[string]string{}
	for _, key := range s.ReadOnlyTags {
		readOnly[secgroup.FoldTag(key)] = key
	}
	for _, key := range sortedKeys(planned.Elements()) {
		if taken, is := readOnly[secgroup.FoldTag(key)]; is {
			diags.AddAttributeWarning(attribute("tags"), "Read-only tag", fmt.Sprintf(
				"Remove %s from tags, or from the default_tags of the provider: %s has the read-only tag %s, which the cloud manages, so the apply will fail.",
				rule.Quote(key), of, rule.Quote(taken)))
		}
	}
	return diags
}

// warnOfTakeover names the rules that are removed when `rules` is given for a group whose rules were not managed: the state
// does not have them, so the plan itself cannot show them.
func (s seen) warnOfTakeover(of subject, planned rulesMap, known []rule.Rule) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.Rules == nil {
		diags.AddAttributeWarning(attribute("rules"), fmt.Sprintf("The rules of %s are not known", of.title()), fmt.Sprintf(
			"Plan with a refresh to see which rules will be removed. rules is new for %s, and no refresh has recorded the rules that it has. "+
				"The apply removes none of them: if the group has a rule that is not in rules, it stops.", of))
		return diags
	}
	var certain []rule.Rule
	for _, entry := range planned.entries {
		if entry.keyKnown() {
			certain = append(certain, entry.rule(of.id))
		}
	}
	going := rule.Unplanned(known, certain)
	if len(going) == 0 {
		return nil
	}
	title, advice := "The apply will remove %s of %s", "To keep the rules below, add them to rules."
	if !planned.known() {
		title, advice = "The apply may remove %s of %s", "To keep the rules below, make sure that rules contains them: not all of it is known before the apply."
	}
	title = fmt.Sprintf(title, count(len(going), "rule"), of.title())
	diags.AddAttributeWarning(attribute("rules"), title, fmt.Sprintf(
		"%s The rules of %s were not managed so far. The apply removes no other rule of the group:\n\n%s", advice, of, rule.Bullets(going)))
	return diags
}
