package gcoretest

import (
	"net/http"
	"strings"
	"time"
)

// DefaultRules is the set of rules that a group gets when it is made without `rules`, and when it is reverted: both
// egress families open, and ingress for ICMP, ssh (tcp 22) and rdp (tcp and udp 3389), as the vendor's firewall page
// lists them for the default group since June 2026. Automatic rules have a null description.
func DefaultRules() []Rule {
	rules := defaultEgress()
	for _, family := range []struct{ ethertype, icmp string }{{"IPv4", "icmp"}, {"IPv6", "ipv6-icmp"}} {
		ingress := func(protocol string, port *int) Rule {
			return Rule{Direction: "ingress", Ethertype: new(family.ethertype), Protocol: &protocol,
				PortRangeMin: port, PortRangeMax: port}
		}
		rules = append(rules, ingress(family.icmp, nil), ingress("tcp", new(22)), ingress("tcp", new(3389)),
			ingress("udp", new(3389)))
	}
	return rules
}

func defaultEgress() []Rule {
	return []Rule{
		{Direction: "egress", Ethertype: new("IPv4")},
		{Direction: "egress", Ethertype: new("IPv6")},
	}
}

// find returns the group of the path. A group of another project or region does not exist there.
func (s *Server) find(c *call) (*Group, *refusal) {
	id := c.pathID("group_id")
	g, ok := s.groups[id]
	if !ok || g.ProjectID != c.projectID() || g.RegionID != c.regionID() {
		return nil, notFound("SecurityGroup", id)
	}
	return g, nil
}

func (s *Server) createGroup(c *call) (answer, *refusal) {
	made := Group{ProjectID: c.projectID(), RegionID: c.regionID(), Name: *textField(c.body, "name")}
	if description := textField(c.body, "description"); description != nil {
		made.Description = *description
	}
	if refused := checkDescription(&made.Description); refused != nil {
		return answer{}, refused
	}
	rules, refused := s.initialRules(c)
	if refused != nil {
		return answer{}, refused
	}
	tags, _ := c.body["tags"].(map[string]any)
	if made.Tags, refused = mergeTags(nil, tags); refused != nil {
		return answer{}, refused
	}
	check := func() *refusal { return s.checkNewGroup(made, rules) }
	if refused := check(); refused != nil {
		return answer{}, refused
	}
	return s.accept(c, "create_security_group", func(now time.Time) (createdResources, *refusal) {
		// Since the acceptance the quota may have been used up and a remote group may have gone.
		if refused := check(); refused != nil {
			return createdResources{}, refused
		}
		g := s.storeGroup(made, now)
		for _, rule := range rules {
			s.addRule(g, rule, now)
		}
		return createdResources{Groups: []string{g.ID}}, nil
	}), nil
}

// initialRules are the rules that a new group gets: the request's, or the default ones if it names none.
func (s *Server) initialRules(c *call) ([]Rule, *refusal) {
	list, given := c.body["rules"].([]any)
	if !given {
		return s.config.DefaultRules, nil
	}
	planned, refused := s.readRules(list)
	if refused != nil {
		return nil, refused
	}
	if refused := duplicateInList(planned); refused != nil {
		return nil, refused
	}
	var rules []Rule
	egress := false
	for _, p := range planned {
		rules = append(rules, p.rule)
		egress = egress || p.rule.Direction == "egress"
	}
	if s.config.AddDefaultEgress && len(rules) > 0 && !egress {
		rules = append(rules, defaultEgress()...)
	}
	return rules, nil
}

// checkNewGroup makes the checks that depend on what else there is.
func (s *Server) checkNewGroup(made Group, rules []Rule) *refusal {
	if strings.EqualFold(made.Name, "default") {
		return conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
	}
	if refused := s.checkName(made, made.Name); refused != nil {
		return refused
	}
	if limit := s.config.GroupLimit; limit > 0 {
		usage := 0
		for _, g := range s.groups {
			if g.ProjectID == made.ProjectID && g.RegionID == made.RegionID {
				usage++
			}
		}
		if usage >= limit {
			return quotaExceeded("firewall_count", usage, 1, limit)
		}
	}
	if len(rules) > s.config.RuleLimit {
		return quotaExceeded("security_group_rule_count", 0, len(rules), s.config.RuleLimit)
	}
	return s.checkRemoteGroups(made, rules)
}

// storeGroup adds a group without rules and gives it an id, revision 1 and its times, where it has none.
func (s *Server) storeGroup(made Group, now time.Time) *Group {
	g := made.clone()
	if g.ID == "" {
		g.ID = newUUID()
	}
	if g.CreatedAt.IsZero() {
		g.CreatedAt = now.Truncate(time.Second)
	}
	g.UpdatedAt = now.Truncate(time.Second)
	g.RevisionNumber = max(g.RevisionNumber, 1)
	g.Rules = nil
	s.groups[g.ID] = &g
	return &g
}

func (s *Server) readGroup(c *call, now time.Time) (answer, *refusal) {
	g := s.show(c, c.pathID("group_id"), now)
	if g == nil {
		return answer{}, notFound("SecurityGroup", c.pathID("group_id"))
	}
	return jsonAnswer(http.StatusOK, g.body()), nil
}

// deleteGroup is synchronous: 204, no task.
func (s *Server) deleteGroup(c *call, now time.Time) (answer, *refusal) {
	g, refused := s.find(c)
	switch {
	case refused != nil:
		return answer{}, refused
	case g.isDefault():
		return answer{}, conflict("SecurityGroupCannotRemoveDefault",
			"Insufficient rights for removing default security group.")
	case len(g.Instances) > 0:
		return answer{}, conflict("SecurityGroupInUse", "Security Group "+g.ID+" in use.")
	}
	s.removeGroup(g, now)
	return answer{status: http.StatusNoContent}, nil
}

// revertGroup gives a group the default rules, with new ids. It is synchronous.
func (s *Server) revertGroup(c *call, now time.Time) (answer, *refusal) {
	g, refused := s.find(c)
	if refused != nil {
		return answer{}, refused
	}
	for len(g.Rules) > 0 {
		s.removeRule(g, len(g.Rules)-1, now)
	}
	for _, rule := range s.config.DefaultRules {
		s.addRule(g, rule, now)
	}
	return jsonAnswer(http.StatusOK, g.body()), nil
}

func (s *Server) listInstances(c *call) (answer, *refusal) {
	g, refused := s.find(c)
	if refused != nil {
		return answer{}, refused
	}
	results := []instanceBody{}
	for _, instance := range g.Instances {
		results = append(results, instanceBody{
			ID: instance.ID, Name: instance.Name, Status: "ACTIVE",
			ProjectID: g.ProjectID, RegionID: g.RegionID, Region: regionName(g.RegionID),
			SecurityGroups: []nameBody{{g.Name}},
		})
	}
	return jsonAnswer(http.StatusOK, pageBody[instanceBody]{len(results), results}), nil
}
