package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// entriesFromAPI lays the rules that a group has over the entries that the state knows. A rule keeps the map key and the
// spelling of its entry, also if it was changed in the cloud: the plan then shows what changed, and ignore_changes finds
// the entry. An entry whose rule is gone is dropped. Any other rule gets a readable name, which never takes a key of the
// state.
func entriesFromAPI(prior map[string]ruleEntry, groupID string, server []client.SecurityGroupRule) map[string]ruleEntry {
	names := sortedKeys(prior)
	declared := make([]rule.Rule, len(names))
	for i, name := range names {
		declared[i] = prior[name].rule(groupID)
	}
	held := secgroup.RulesFromAPI(client.SecurityGroup{ID: groupID, Rules: server})
	claimed := make([]bool, len(held))
	entries := make(map[string]ruleEntry, len(held))
	for i, at := range rule.Follow(declared, held) {
		if at < 0 {
			continue
		}
		claimed[at] = true
		entry := prior[names[i]]
		if held[at].Key() != declared[i].Key() {
			now := entryFromRule(held[at])
			entry = keepSpelling(now, now, entry)
		}
		entry.Description = types.StringValue(held[at].Description)
		entries[names[i]] = entry
	}
	taken := func(name string) bool {
		_, inState := prior[name]
		_, used := entries[name]
		return inState || used
	}
	for at, r := range held {
		if !claimed[at] {
			entries[r.UniqueName(taken)] = entryFromRule(r)
		}
	}
	return entries
}
