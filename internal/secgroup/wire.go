package secgroup

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// RuleFromAPI returns what a rule of the given group says; a remote that is the group itself becomes rule.Self. The
// group may be "" where that does not matter.
func RuleFromAPI(groupID string, r client.SecurityGroupRule) rule.Rule {
	result := rule.Rule(stored(r))
	if groupID != "" && strings.EqualFold(result.RemoteGroupID, groupID) {
		result.RemoteGroupID = rule.Self
	}
	return result
}

// RulesFromAPI returns what the rules of a group say, the oldest first.
func RulesFromAPI(group client.SecurityGroup) []rule.Rule {
	rules := make([]rule.Rule, 0, len(group.Rules))
	for _, r := range OldestFirst(group.Rules) {
		rules = append(rules, RuleFromAPI(group.ID, r))
	}
	return rules
}

// OldestFirst orders rules by their creation, then by id: the API lists them at random, and what is derived from them
// has to be the same at every read.
func OldestFirst(rules []client.SecurityGroupRule) []client.SecurityGroupRule {
	return slices.SortedFunc(slices.Values(rules), func(a, b client.SecurityGroupRule) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
}

// find looks a rule up in its group: the API has no request for a single rule.
func find(group client.SecurityGroup, ruleID string) (client.SecurityGroupRule, bool) {
	for _, r := range group.Rules {
		if r.ID == ruleID {
			return r, true
		}
	}
	return client.SecurityGroupRule{}, false
}

// RulesFromRequests are the rules that requests ask for.
func RulesFromRequests(requests []client.RuleRequest) []rule.Rule {
	rules := make([]rule.Rule, len(requests))
	for i, request := range requests {
		rules[i] = rule.Rule(request)
	}
	return rules
}

// RequestsFromRules are the same rules as requests.
func RequestsFromRules(rules []rule.Rule) []client.RuleRequest {
	requests := make([]client.RuleRequest, len(rules))
	for i, r := range rules {
		requests[i] = client.RuleRequest(r)
	}
	return requests
}

// stored is a rule in the server's own words, with null as "".
func stored(r client.SecurityGroupRule) client.RuleRequest {
	return client.RuleRequest{
		Direction:      r.Direction,
		Ethertype:      text(r.Ethertype),
		Protocol:       text(r.Protocol),
		PortRangeMin:   r.PortRangeMin,
		PortRangeMax:   r.PortRangeMax,
		RemoteIPPrefix: text(r.RemoteIPPrefix),
		RemoteGroupID:  text(r.RemoteGroupID),
		Description:    text(r.Description),
	}
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// createRequest asks for a rule in the one spelling that all of the API's documents accept: what is not given is omitted.
func createRequest(r rule.Rule, groupID string) client.RuleRequest {
	request := client.RuleRequest(r.Canonical())
	if request.RemoteGroupID == rule.Self {
		request.RemoteGroupID = groupID
	}
	return request
}

// patchRules is the full list of rules that a PATCH asks for: the wanted ones and those of others. A rule that stays is sent
// in the server's own words: the API matches rules by their stored text, and one that matches keeps its id.
func patchRules(wanted []rule.Rule, group client.SecurityGroup, theirs []client.SecurityGroupRule) *[]client.RuleRequest {
	held, have := OldestFirst(group.Rules), RulesFromAPI(group)
	requests := make([]client.RuleRequest, 0, len(wanted)+len(theirs))
	for i, at := range rule.Pair(wanted, have) {
		if at >= 0 && have[at].Content() == wanted[i].Content() {
			requests = append(requests, keptRequest(held[at]))
		} else {
			requests = append(requests, createRequest(wanted[i], group.ID))
		}
	}
	sent := map[rule.Key]bool{}
	for _, r := range theirs {
		// The API takes no rule twice, though a group may hold it so.
		if key := RuleFromAPI(group.ID, r).Key(); !sent[key] {
			sent[key] = true
			requests = append(requests, keptRequest(r))
		}
	}
	return &requests
}

// keptRequest repeats a rule as the server has it. The API's documents disagree on whether null and `any` are accepted: both
// are omitted, which matches them. A protocol number is sent as its name, and icmp on IPv6, which the API refuses, as
// ipv6-icmp.
func keptRequest(r client.SecurityGroupRule) client.RuleRequest {
	request := stored(r)
	if !rule.IsProtocolName(request.Protocol) || request.Protocol == "icmp" && request.Ethertype == rule.IPv6 {
		request.Protocol = rule.Rule(request).Canonical().Protocol
	}
	return request
}

// UserTags returns the tags of a group that are not the cloud's own, by their composed keys.
func UserTags(group client.SecurityGroup) map[string]string {
	tags := map[string]string{}
	for _, tag := range group.Tags {
		if !tag.ReadOnly {
			tags[rule.Composed(tag.Key)] = tag.Value
		}
	}
	return tags
}

// patchTags is a merge patch with the keys as the group spells them, where it has them: a key that it spells in several ways
// is in the patch as often.
func patchTags(patch map[string]*string, group client.SecurityGroup) map[string]*string {
	spelled := map[string]*string{}
	for key, value := range patch {
		isNew := true
		for _, tag := range group.Tags {
			if rule.Composed(tag.Key) == rule.Composed(key) {
				spelled[tag.Key], isNew = value, false
			}
		}
		if isNew {
			spelled[key] = value
		}
	}
	return spelled
}

// TagsDiff is the JSON merge patch that turns the prior tags into the planned ones: nil removes a tag. A tag that only
// the server has is not in it: a plan has to show it first.
func TagsDiff(prior, planned map[string]string) map[string]*string {
	diff := map[string]*string{}
	for key, value := range planned {
		if old, had := prior[key]; !had || old != value {
			diff[key] = &value
		}
	}
	for key := range prior {
		if _, stays := planned[key]; !stays {
			diff[key] = nil
		}
	}
	return diff
}
