package provider

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// entriesFromAPI lays the rules that a group has over the entries that the
// state knows: a rule keeps the map key and the spelling of the entry with the
// same identity, an entry whose rule is gone goes, and a rule that nobody
// declared comes under a readable name, which never takes a key of the state.
func entriesFromAPI(prior map[string]ruleEntry, groupID string, server []client.SecurityGroupRule) map[string]ruleEntry {
	byKey := map[rule.Key][]rule.Rule{}
	for _, r := range oldestFirst(server) {
		meaning := ruleFromAPI(groupID, r)
		byKey[meaning.Key()] = append(byKey[meaning.Key()], meaning)
	}
	entries := make(map[string]ruleEntry, len(server))
	for _, name := range sortedKeys(prior) {
		entry := prior[name]
		declared := entry.rule(groupID)
		twins := byKey[declared.Key()]
		if len(twins) == 0 {
			continue
		}
		// Neutron can let in several rules of one key when they are made at
		// the same moment: the one with the declared description is meant.
		found := max(0, slices.IndexFunc(twins, func(r rule.Rule) bool { return r.Description == declared.Description }))
		entry.Description = types.StringValue(twins[found].Description)
		entries[name] = entry
		byKey[declared.Key()] = slices.Delete(twins, found, found+1)
	}
	taken := func(name string) bool {
		_, inState := prior[name]
		_, used := entries[name]
		return inState || used
	}
	for _, r := range oldestFirst(server) {
		key := ruleFromAPI(groupID, r).Key()
		if len(byKey[key]) == 0 {
			continue
		}
		undeclared := byKey[key][0]
		byKey[key] = byKey[key][1:]
		entries[undeclared.UniqueName(taken)] = entryFromRule(undeclared)
	}
	return entries
}

// oldestFirst orders rules by their creation, then by id: the API lists them
// at random, and names have to be the same at every read.
func oldestFirst(rules []client.SecurityGroupRule) []client.SecurityGroupRule {
	return slices.SortedFunc(slices.Values(rules), func(a, b client.SecurityGroupRule) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
}
