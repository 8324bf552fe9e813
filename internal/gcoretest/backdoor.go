package gcoretest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Groups returns copies of the groups of a project and region, in the order of their names and ids.
func (s *Server) Groups(projectID, regionID int64) []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var groups []Group
	for _, g := range s.groups {
		if g.ProjectID == projectID && g.RegionID == regionID {
			groups = append(groups, g.clone())
		}
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return groups
}

// Group returns a copy of a group.
func (s *Server) Group(id string) (Group, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	g, ok := s.groups[id]
	if !ok {
		return Group{}, false
	}
	return g.clone(), true
}

// AddGroup adds a group with its rules and tags behind the client's back and returns its id. Ids, times and the
// revision are made up where they are zero. Like all that follows it stores anything, also what the API would refuse.
func (s *Server) AddGroup(group Group) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.settle()
	if _, taken := s.groups[group.ID]; taken {
		s.violate(fmt.Sprintf("there is a group %q already", group.ID))
		return group.ID
	}
	g := s.storeGroup(group, now)
	s.plant(g.ID)
	s.plantInstances(g)
	sortTags(g.Tags)
	for _, rule := range group.Rules {
		s.plant(s.addRule(g, rule.clone(), now).ID)
	}
	if group.RevisionNumber > 0 {
		g.RevisionNumber = group.RevisionNumber
	}
	if !group.UpdatedAt.IsZero() {
		g.UpdatedAt = group.UpdatedAt
	}
	s.commit(now)
	return g.ID
}

// AddDefaultGroup adds the group `default` with the default rules, as the platform does for a project, and returns
// its id; if it is there already, only that.
func (s *Server) AddDefaultGroup(projectID, regionID int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.settle()
	for _, g := range s.groups {
		if g.ProjectID == projectID && g.RegionID == regionID && g.isDefault() {
			return g.ID
		}
	}
	g := s.storeGroup(Group{ProjectID: projectID, RegionID: regionID, Name: "default",
		Description: "Default security group"}, now)
	for _, rule := range s.config.reverted() {
		s.addRule(g, rule, now)
	}
	s.commit(now)
	return g.ID
}

// plant remembers an object whose values a test chose.
func (s *Server) plant(id string) {
	if !s.planted[id] {
		s.planted[id] = false
	}
}

func (s *Server) plantInstances(g *Group) {
	for _, instance := range g.Instances {
		s.plant(instance.ID)
	}
}

// change runs a change of one group at once. An unknown group is a mistake of the test and fails it.
func (s *Server) change(groupID string, apply func(g *Group, now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.settle()
	g, ok := s.groups[groupID]
	if !ok {
		s.violate(fmt.Sprintf("there is no group %q to change", groupID))
		return
	}
	apply(g, now)
	s.commit(now)
}

// DeleteGroup removes a group, in use or not, with the rules that name it.
func (s *Server) DeleteGroup(groupID string) {
	s.change(groupID, s.removeGroup)
}

// ChangeGroup lets a function change a copy of the group, which then takes its place: one revision. The function may
// change rules and tags too; it must not call the server.
func (s *Server) ChangeGroup(groupID string, edit func(*Group)) {
	s.change(groupID, func(g *Group, now time.Time) {
		edited := g.clone()
		edit(&edited)
		s.replaceGroup(g, edited, now)
	})
}

func (s *Server) replaceGroup(g *Group, edited Group, now time.Time) {
	edited.ID = g.ID
	s.plant(g.ID)
	s.plantInstances(&edited)
	sortTags(edited.Tags)
	before := g.Rules
	for i := range edited.Rules {
		rule := &edited.Rules[i]
		rule.GroupID = g.ID
		if rule.ID == "" {
			rule.ID, rule.CreatedAt, rule.UpdatedAt = newUUID(), s.objectTime(now), s.objectTime(now)
		}
		s.describe(rule)
		s.plant(rule.ID)
	}
	slices.SortFunc(edited.Rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	*g = edited
	s.touch(g, now)
	for _, old := range before {
		if g.ruleIndex(old.ID) < 0 {
			s.history.add(now, RuleRemoved, old)
		}
	}
	for _, rule := range g.Rules {
		at := slices.IndexFunc(before, func(old Rule) bool { return old.ID == rule.ID })
		switch {
		case at < 0:
			s.history.add(now, RuleAdded, rule)
		case !sameRule(before[at], rule):
			s.history.add(now, RuleChanged, rule)
		}
	}
}

// sameRule compares what a rule says.
func sameRule(a, b Rule) bool {
	return a.Direction == b.Direction && equal(a.Ethertype, b.Ethertype) && equal(a.Protocol, b.Protocol) &&
		equal(a.PortRangeMin, b.PortRangeMin) && equal(a.PortRangeMax, b.PortRangeMax) &&
		equal(a.RemoteIPPrefix, b.RemoteIPPrefix) && equal(a.RemoteGroupID, b.RemoteGroupID) &&
		equal(a.Description, b.Description)
}

// AddRule adds a rule to a group and returns its id, "" if there is no such group.
func (s *Server) AddRule(groupID string, rule Rule) (id string) {
	s.change(groupID, func(g *Group, now time.Time) {
		id = s.addRule(g, rule.clone(), now).ID
		s.plant(id)
	})
	return id
}

// ChangeRule lets a function change a rule in place, which the API itself cannot do.
func (s *Server) ChangeRule(ruleID string, edit func(*Rule)) {
	s.change(s.groupOf(ruleID), func(g *Group, now time.Time) {
		index := g.ruleIndex(ruleID)
		if index < 0 {
			s.violate(fmt.Sprintf("rule %q has gone meanwhile", ruleID))
			return
		}
		edited := g.clone()
		rule := &edited.Rules[index]
		edit(rule)
		rule.ID = ruleID
		rule.UpdatedAt = s.objectTime(now)
		s.replaceGroup(g, edited, now)
	})
}

// DeleteRule removes a rule.
func (s *Server) DeleteRule(ruleID string) {
	s.change(s.groupOf(ruleID), func(g *Group, now time.Time) {
		if index := g.ruleIndex(ruleID); index >= 0 {
			s.removeRule(g, index, now)
		}
	})
}

// groupOf returns the id of the group that holds a rule, "" if there is none.
func (s *Server) groupOf(ruleID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	for _, id := range slices.Sorted(maps.Keys(s.groups)) {
		if s.groups[id].ruleIndex(ruleID) >= 0 {
			return id
		}
	}
	return ""
}

// SetTag adds or replaces a tag of a group.
func (s *Server) SetTag(groupID, key, value string, readOnly bool) {
	s.change(groupID, func(g *Group, now time.Time) {
		s.plant(g.ID)
		tags := slices.DeleteFunc(slices.Clone(g.Tags), func(tag Tag) bool { return tag.Key == key })
		tags = append(tags, Tag{key, value, readOnly})
		sortTags(tags)
		s.setTags(g, tags, now)
	})
}

// DeleteTag removes a tag of a group, read-only or not.
func (s *Server) DeleteTag(groupID, key string) {
	s.change(groupID, func(g *Group, now time.Time) {
		s.setTags(g, slices.DeleteFunc(slices.Clone(g.Tags), func(tag Tag) bool { return tag.Key == key }), now)
	})
}

// UseGroup attaches instances to a group, which cannot be deleted then. An instance without an id gets one.
func (s *Server) UseGroup(groupID string, instances ...Instance) {
	s.change(groupID, func(g *Group, _ time.Time) {
		for _, instance := range instances {
			if instance.ID == "" {
				instance.ID = newUUID()
			}
			g.Instances = append(g.Instances, instance)
		}
		s.plantInstances(g)
	})
}

// ReleaseGroup detaches all instances from a group.
func (s *Server) ReleaseGroup(groupID string) {
	s.change(groupID, func(g *Group, _ time.Time) { g.Instances = nil })
}
