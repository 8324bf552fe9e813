package gcoretest

import (
	"fmt"
	"strings"
	"time"
)

// plannedRule is a rule of a request, beside the form in which Neutron would store it.
type plannedRule struct {
	request ruleRequest
	rule    Rule
}

// readRules reads a list of rules that satisfies the contract; the first one that Neutron would refuse ends it.
func (s *Server) readRules(list []any) ([]plannedRule, *refusal) {
	planned := make([]plannedRule, 0, len(list))
	for _, entry := range list {
		tree, _ := entry.(map[string]any)
		p, refused := s.readRule(tree)
		if refused != nil {
			return nil, refused
		}
		planned = append(planned, p)
	}
	return planned, s.checkPort25(planned)
}

func (s *Server) readRule(tree map[string]any) (plannedRule, *refusal) {
	var request ruleRequest
	if s.config.Neutron {
		var refused *refusal
		if request, refused = neutronRequest(tree); refused != nil {
			return plannedRule{}, refused
		}
	} else {
		request = gcoreRule(tree, s.config)
		if !s.config.AcceptIPv6ICMP && equal(request.protocol, new("icmp")) && equal(request.ethertype, new("IPv6")) {
			return plannedRule{}, badRequest("ValidationError",
				"Protocol icmp is prohibited for ethertype IPv6. You should specify ipv6-icmp for ethertype: IPv6")
		}
	}
	rule, refused := neutronForm(request)
	if s.config.IPEncapAsIPIP && rule.Protocol != nil && *rule.Protocol == "ipencap" {
		rule.Protocol = new("ipip")
	}
	return plannedRule{request, rule}, refused
}

// duplicateInList refuses two rules of one key in a list, as Neutron's bulk request does.
func (s *Server) duplicateInList(rules []Rule) *refusal {
	if s.config.AllowDuplicates {
		return nil
	}
	seen := map[ruleKey]bool{}
	for _, rule := range rules {
		key := rule.key()
		if seen[key] {
			return conflict("DuplicateSecurityGroupRuleInPost", "Duplicate Security Group Rule in POST.")
		}
		seen[key] = true
	}
	return nil
}

// checkPort25 refuses egress that lets mail out, in the words of the live API. That an omitted protocol counts as all,
// and a range by what it covers, is assumed.
func (s *Server) checkPort25(planned []plannedRule) *refusal {
	if !s.config.RefusePort25 {
		return nil
	}
	for _, p := range planned {
		rule := p.rule
		if rule.Direction != "egress" {
			continue
		}
		if rule.Protocol != nil {
			if number := protocolNumber(*rule.Protocol); number != 6 && number != 17 {
				continue
			}
		}
		if rule.PortRangeMin == nil || (*rule.PortRangeMin <= 25 && *rule.PortRangeMax >= 25) {
			return badRequest("ValidationError",
				"Opening egress port 25 for TCP or UDP traffic is prohibited. Please, contact support.")
		}
	}
	return nil
}

// checkRemoteGroups: a remote group must exist and be visible from the rule's group: one of another project or region
// is another tenant's. Neutron's database finds an id in any case.
func (s *Server) checkRemoteGroups(own Group, rules []Rule) *refusal {
	for _, rule := range rules {
		if rule.RemoteGroupID == nil {
			continue
		}
		remote, ok := s.groups[strings.ToLower(*rule.RemoteGroupID)]
		if !ok || remote.ProjectID != own.ProjectID || remote.RegionID != own.RegionID {
			return groupDoesNotExist(*rule.RemoteGroupID)
		}
	}
	return nil
}

func (s *Server) createRule(c *call) (answer, *refusal) {
	g, refused := s.find(c)
	if refused != nil {
		return answer{}, refused
	}
	if !s.config.RefuseInTask {
		// Neutron counts before it looks at what the fields mean together.
		if refused := s.checkRuleCount(*g, len(g.Rules)+1); refused != nil {
			return answer{}, refused
		}
	}
	planned, refused := s.readRule(c.body)
	if refused == nil {
		refused = s.checkPort25([]plannedRule{planned})
	}
	if refused == nil && !s.config.RefuseInTask {
		refused = s.checkNewRule(g, planned.rule)
	}
	if refused != nil {
		return answer{}, refused
	}
	id := g.ID
	data := map[string]any{"security_group_id": id, "rule": planned.request.data()}
	return s.accept(c, "create_security_group_rule", data, func(now time.Time) (createdResources, *refusal) {
		g, ok := s.groups[id]
		if !ok {
			return createdResources{}, groupDoesNotExist(id)
		}
		if refused := s.checkRuleCount(*g, len(g.Rules)+1); refused != nil {
			return createdResources{}, refused
		}
		if refused := s.checkNewRule(g, planned.rule); refused != nil {
			return createdResources{}, refused
		}
		rule := s.addRule(g, planned.rule, now)
		return createdResources{Rules: []string{rule.ID}}, nil
	}), nil
}

// checkNewRule makes the checks that depend on what else there is: the remote group, then the key.
func (s *Server) checkNewRule(g *Group, rule Rule) *refusal {
	if refused := s.checkRemoteGroups(*g, []Rule{rule}); refused != nil {
		return refused
	}
	if holder := g.holder(rule.key()); holder != nil && !s.config.AllowDuplicates {
		return ruleExists(holder.ID)
	}
	return nil
}

func ruleExists(id string) *refusal {
	return conflict("SecurityGroupRuleExists",
		fmt.Sprintf("Security group rule already exists. Rule id is %s.", id))
}

func (s *Server) deleteRule(c *call) (answer, *refusal) {
	g, refused := s.find(c)
	if refused != nil {
		return answer{}, refused
	}
	groupID, ruleID := g.ID, c.pathID("rule_id")
	if g.ruleIndex(ruleID) < 0 {
		return answer{}, notFound("SecurityGroupRule", ruleID)
	}
	data := map[string]any{"security_group_id": groupID, "security_group_rule_id": ruleID}
	return s.accept(c, "delete_security_group_rule", data, func(now time.Time) (createdResources, *refusal) {
		g, ok := s.groups[groupID]
		if !ok {
			return createdResources{}, groupDoesNotExist(groupID)
		}
		index := g.ruleIndex(ruleID)
		if index < 0 {
			return createdResources{}, &refusal{status: 404, class: "SecurityGroupRuleNotFound",
				message: "Security group rule " + ruleID + " does not exist"}
		}
		s.removeRule(g, index, now)
		return createdResources{}, nil
	}), nil
}
