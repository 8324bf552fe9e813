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
	return planned, nil
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
	}
	rule, refused := neutronForm(request)
	if s.config.IPEncapAsIPIP && rule.Protocol != nil && *rule.Protocol == "ipencap" {
		rule.Protocol = new("ipip")
	}
	return plannedRule{request, rule}, refused
}

// duplicateInList refuses two rules of one key in a list, as Neutron's bulk request does.
func duplicateInList(planned []plannedRule) *refusal {
	seen := map[ruleKey]bool{}
	for _, p := range planned {
		key := p.rule.key()
		if seen[key] {
			return conflict("DuplicateSecurityGroupRuleInPost", "Duplicate Security Group Rule in POST.")
		}
		seen[key] = true
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
	// Neutron counts before it looks at what the fields mean together.
	if refused := s.checkRuleLimit(g); refused != nil {
		return answer{}, refused
	}
	planned, refused := s.readRule(c.body)
	if refused != nil {
		return answer{}, refused
	}
	if refused := s.checkNewRule(g, planned.rule); refused != nil {
		return answer{}, refused
	}
	id := g.ID
	return s.accept(c, "create_security_group_rule", func(now time.Time) (createdResources, *refusal) {
		g, ok := s.groups[id]
		if !ok {
			return createdResources{}, groupDoesNotExist(id)
		}
		if refused := s.checkRuleLimit(g); refused != nil {
			return createdResources{}, refused
		}
		if refused := s.checkNewRule(g, planned.rule); refused != nil {
			return createdResources{}, refused
		}
		rule := s.addRule(g, planned.rule, now)
		return createdResources{Rules: []string{rule.ID}}, nil
	}), nil
}

func (s *Server) checkRuleLimit(g *Group) *refusal {
	if len(g.Rules) >= s.config.RuleLimit {
		return quotaExceeded("security_group_rule_count", len(g.Rules), 1, s.config.RuleLimit)
	}
	return nil
}

// checkNewRule makes the checks that depend on what else there is: the remote group, then the key.
func (s *Server) checkNewRule(g *Group, rule Rule) *refusal {
	if refused := s.checkRemoteGroups(*g, []Rule{rule}); refused != nil {
		return refused
	}
	if holder := g.holder(rule.key()); holder != nil {
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
	return s.accept(c, "delete_security_group_rule", func(now time.Time) (createdResources, *refusal) {
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
