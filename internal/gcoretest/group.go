package gcoretest

import (
	"net/http"
	"strings"
	"time"
)

// EgressTemplate is the set of rules that the live API was seen to give a group made without `rules`: egress for all
// protocols in both families, but for tcp and udp port 25.
func EgressTemplate() []Rule {
	var rules []Rule
	for ethertype, protocols := range map[string]string{
		"IPv4": "ah dccp egp esp gre icmp igmp ospf pgm rsvp sctp udplite vrrp",
		"IPv6": "ah dccp egp esp gre igmp ipv6-encap ipv6-frag ipv6-icmp ipv6-nonxt ipv6-opts ipv6-route ospf pgm rsvp sctp udplite vrrp",
	} {
		for _, protocol := range strings.Fields(protocols) {
			rules = append(rules, Rule{Direction: "egress", Ethertype: new(ethertype), Protocol: new(protocol), Description: new("")})
		}
		for _, protocol := range []string{"tcp", "udp"} {
			for _, ports := range [][2]int{{1, 24}, {26, 65535}} {
				rules = append(rules, Rule{Direction: "egress", Ethertype: new(ethertype), Protocol: new(protocol),
					PortRangeMin: new(ports[0]), PortRangeMax: new(ports[1]), Description: new("")})
			}
		}
	}
	return rules
}

// DefaultRules is the set of rules that a reverted group and the group default have: both egress families open, and
// ingress for ICMP, ssh (tcp 22) and rdp (tcp and udp 3389), as the vendor's firewall page lists them for the default
// group since June 2026. In the older reading a group made without `rules` has them too.
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
	planned, rules, refused := s.initialRules(c)
	if refused != nil {
		return answer{}, refused
	}
	tags, _ := c.body["tags"].(map[string]any)
	if made.Tags, refused = mergeTags(nil, tags); refused != nil {
		return answer{}, refused
	}
	if refused := s.checkNewGroup(made, rules, s.config.RefuseInTask); refused != nil {
		return answer{}, refused
	}
	return s.accept(c, "create_security_group", groupData(c.body, planned), func(now time.Time) (createdResources, *refusal) {
		// Since the acceptance the quota may have been used up and a remote group may have gone.
		if refused := s.checkNewGroup(made, rules, false); refused != nil {
			return createdResources{}, refused
		}
		g := s.storeGroup(made, now)
		g.RevisionNumber = s.config.FirstRevision
		for _, rule := range rules {
			s.addRule(g, rule, now)
		}
		return createdResources{Groups: []string{g.ID}}, nil
	}), nil
}

// initialRules are the rules that a new group gets: the request's, as planned, or the default ones if it names none.
func (s *Server) initialRules(c *call) (planned []plannedRule, rules []Rule, refused *refusal) {
	list, given := c.body["rules"].([]any)
	if !given {
		return nil, s.config.template(), nil
	}
	if planned, refused = s.readRules(list); refused != nil {
		return nil, nil, refused
	}
	egress := false
	for _, p := range planned {
		rules = append(rules, p.rule)
		egress = egress || p.rule.Direction == "egress"
	}
	if s.config.AddDefaultEgress && len(rules) > 0 && !egress {
		rules = append(rules, defaultEgress()...)
	}
	return planned, rules, nil
}

// checkNewGroup makes the checks that depend on what else there is. Without the later ones it leaves out those that may
// be made in the task.
func (s *Server) checkNewGroup(made Group, rules []Rule, withoutLater bool) *refusal {
	if strings.EqualFold(made.Name, "default") {
		return conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
	}
	if refused := s.checkName(made, made.Name); refused != nil || withoutLater {
		return refused
	}
	if refused := s.duplicateInList(rules); refused != nil {
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
			return s.quotaExceeded(groupCount, usage, usage+1, limit)
		}
	}
	if refused := s.checkRuleCount(made, len(rules)); refused != nil {
		return refused
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
		g.CreatedAt = s.objectTime(now)
	}
	g.UpdatedAt = s.objectTime(now)
	g.RevisionNumber = max(g.RevisionNumber, 1)
	g.Rules = nil
	s.groups[g.ID] = &g
	s.dirty[g.ID] = true
	return &g
}

func (s *Server) readGroup(c *call, now time.Time) (answer, *refusal) {
	g := s.show(c, c.pathID("group_id"), now)
	if g == nil {
		return answer{}, notFound("SecurityGroup", c.pathID("group_id"))
	}
	return jsonAnswer(http.StatusOK, s.groupBody(g)), nil
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
	for _, rule := range s.config.reverted() {
		s.addRule(g, rule, now)
	}
	return jsonAnswer(http.StatusOK, s.groupBody(g)), nil
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
			ProjectID: g.ProjectID, RegionID: g.RegionID, Region: s.config.regionName(g.RegionID),
			SecurityGroups: []nameBody{{g.Name}},
		})
	}
	return jsonAnswer(http.StatusOK, pageBody[instanceBody]{len(results), results}), nil
}
