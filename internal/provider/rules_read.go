package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// entriesFromAPI lays the rules that a group has over the entries that the state knows: a rule keeps the map key and
// the spelling of the entry with the same identity, an entry whose rule is gone goes, and a rule that nobody declared
// comes under a readable name, which never takes a key of the state.
func entriesFromAPI(prior map[string]ruleEntry, groupID string, server []client.SecurityGroupRule) map[string]ruleEntry {
	byKey := map[rule.Key][]rule.Rule{}
	for _, r := range secgroup.OldestFirst(server) {
		meaning := secgroup.RuleFromAPI(groupID, r)
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
		// Neutron can let in several rules of one key when they are made at the same moment: the one with the declared
		// description is meant.
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
	for _, r := range secgroup.OldestFirst(server) {
		key := secgroup.RuleFromAPI(groupID, r).Key()
		if len(byKey[key]) == 0 {
			continue
		}
		unplanned := byKey[key][0]
		byKey[key] = byKey[key][1:]
		entries[unplanned.UniqueName(taken)] = entryFromRule(unplanned)
	}
	return entries
}
