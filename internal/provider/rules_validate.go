package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// check lists the mistakes in a `rules` map as it is configured: each fault of each rule on its own attribute, in the
// order of the map's keys. The group's own id is null or unknown while it has none.
//
// It is one pass over the map. Validators on the leaves would each look their path up from the root, which for hundreds
// of rules takes seconds.
func (m rulesMap) check(at path.Path, groupID types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	names := sortedKeys(m.value.Elements())
	if len(names) > rule.GroupLimit {
		diags.AddAttributeError(at, "Too many rules", fmt.Sprintf(
			"%s has %d rules, and a security group takes %d at most. Write fewer and wider rules, or spread them over several groups: "+
				"an instance can be in more than one.", at, len(names), rule.GroupLimit))
	}
	holders := make(map[rule.Key][]string, len(m.entries))
	var twins []rule.Rule
	for _, name := range names {
		here := at.AtMapKey(name)
		entry, has := m.entries[name]
		switch {
		case !has && m.opaque[name].IsNull():
			diags.AddAttributeError(here, "Missing rule", fmt.Sprintf(
				"%s is null. Write a rule, or leave the key out. In a for expression a condition leaves it out: "+
					"{ for key, value in ... : key => value if value != null }.", entryAt(at, name)))
			continue
		case !has:
			continue // not known yet
		}
		found := checkEntry(here, entry)
		diags.Append(found...)
		if found.HasError() || !entry.keyKnown() {
			continue
		}
		meaning := entry.rule(groupID.ValueString())
		identity := meaning.Key()
		if len(holders[identity]) == 1 {
			twins = append(twins, meaning)
		}
		holders[identity] = append(holders[identity], name)
	}
	for _, twin := range twins {
		diags.Append(sameEntries(at, holders[twin.Key()], twin))
	}
	return diags
}

// sameEntries is about all entries of a rule that a map has more than once.
func sameEntries(at path.Path, names []string, meaning rule.Rule) diag.Diagnostic {
	entries := make([]string, len(names))
	for i, name := range names {
		entries[i] = entryAt(at, name)
	}
	list, advice := firstOf(entries), "Keep one of them."
	if len(names) == 2 {
		list, advice = entries[0]+" and "+entries[1], "Remove one of the two."
	}
	return diag.NewAttributeErrorDiagnostic(at.AtMapKey(names[1]), "Two entries for one rule", fmt.Sprintf(
		"%s are the same rule, %s. A group cannot contain it twice. %s", list, meaning.Name(), advice))
}

// checkEntry lists the faults of one rule, inline or standalone. The path is that of the map's entry, or empty for a
// rule that is a resource of its own.
func checkEntry(at path.Path, entry ruleEntry) diag.Diagnostics {
	var diags diag.Diagnostics
	standalone := len(at.Steps()) == 0
	given := entry.given()
	given.Standalone = standalone
	for _, problem := range given.Problems() {
		// The framework itself refuses a required attribute that is null.
		if standalone && problem.Field == rule.FieldDirection && entry.Direction.IsNull() {
			continue
		}
		text := problem.Text
		if !standalone {
			text = fmt.Sprintf("In %s: %s", at, text)
		}
		leaf := at.AtName(string(problem.Field))
		if problem.Warning {
			diags.AddAttributeWarning(leaf, problem.Title, text)
			continue
		}
		diags.AddAttributeError(leaf, problem.Title, text)
	}
	return diags
}
