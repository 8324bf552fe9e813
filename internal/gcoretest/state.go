package gcoretest

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Group is a security group as the fake holds it. Rules are in the order of their ids, tags in that of their keys.
type Group struct {
	ID                  string
	ProjectID, RegionID int64
	Name                string
	Description         string
	NullDescription     bool // answered as null, as the API did up to May 2026
	Tags                []Tag
	Rules               []Rule
	Instances           []Instance // that use the group: it cannot be deleted
	RevisionNumber      int64
	CreatedAt           time.Time
	UpdatedAt           time.Time
}

// Rule is a security group rule as the fake holds it; nil is the API's null.
type Rule struct {
	ID             string
	GroupID        string
	Direction      string
	Ethertype      *string
	Protocol       *string
	PortRangeMin   *int
	PortRangeMax   *int
	RemoteIPPrefix *string
	RemoteGroupID  *string
	Description    *string
	RevisionNumber int64
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Tag is a tag of a group. Read-only tags are the platform's own: the API never lets a client change them.
type Tag struct {
	Key, Value string
	ReadOnly   bool
}

// Instance is a virtual machine that uses a group.
type Instance struct {
	ID, Name string
}

// clone copies everything that a caller could change; the pointers inside rules are never written through.
func (g *Group) clone() Group {
	c := *g
	c.Rules, c.Tags, c.Instances = slices.Clone(g.Rules), slices.Clone(g.Tags), slices.Clone(g.Instances)
	for i := range c.Rules {
		c.Rules[i] = c.Rules[i].clone()
	}
	return c
}

func (r Rule) clone() Rule {
	for _, text := range []**string{&r.Ethertype, &r.Protocol, &r.RemoteIPPrefix, &r.RemoteGroupID, &r.Description} {
		if *text != nil {
			*text = new(**text)
		}
	}
	for _, port := range []**int{&r.PortRangeMin, &r.PortRangeMax} {
		if *port != nil {
			*port = new(**port)
		}
	}
	return r
}

func (g *Group) isDefault() bool { return g.Name == "default" }

func (g *Group) ruleIndex(id string) int {
	return slices.IndexFunc(g.Rules, func(r Rule) bool { return r.ID == id })
}

// holder returns the group's rule of a key, nil if there is none.
func (g *Group) holder(key ruleKey) *Rule {
	for i := range g.Rules {
		if g.Rules[i].key() == key {
			return &g.Rules[i]
		}
	}
	return nil
}

// objectTime is the time of the services that hold groups and rules, in whole seconds.
func (s *Server) objectTime(now time.Time) time.Time {
	return now.Add(s.config.ObjectTimeOffset).Truncate(time.Second)
}

func (s *Server) touch(g *Group, now time.Time) {
	s.dirty[g.ID] = true
	g.RevisionNumber++
	g.UpdatedAt = s.objectTime(now)
}

// describe gives a rule without a description the one that it is answered with.
func (s *Server) describe(rule *Rule) {
	if rule.Description == nil && !s.config.NullDescriptions {
		rule.Description = new("")
	}
}

// addRule stores a rule, which counts as one revision of the group, as every change of its rules does.
func (s *Server) addRule(g *Group, rule Rule, now time.Time) Rule {
	if rule.ID == "" {
		rule.ID = newUUID()
	}
	rule.GroupID = g.ID
	if rule.CreatedAt.IsZero() {
		rule.CreatedAt = s.objectTime(now)
		rule.UpdatedAt = rule.CreatedAt
	}
	s.describe(&rule)
	at, _ := slices.BinarySearchFunc(g.Rules, rule.ID, func(r Rule, id string) int { return cmp.Compare(r.ID, id) })
	g.Rules = slices.Insert(g.Rules, at, rule)
	s.touch(g, now)
	s.history.add(now, RuleAdded, rule)
	return rule
}

func (s *Server) removeRule(g *Group, index int, now time.Time) {
	rule := g.Rules[index]
	g.Rules = slices.Delete(g.Rules, index, index+1)
	s.touch(g, now)
	s.history.add(now, RuleRemoved, rule)
}

// removeGroup deletes a group with its rules, and the rules of other groups that name it as remote group, as Neutron
// does: such a group's revision goes up by 1 however many rules vanish.
func (s *Server) removeGroup(g *Group, now time.Time) {
	for len(g.Rules) > 0 {
		s.removeRule(g, len(g.Rules)-1, now)
	}
	s.dirty[g.ID] = true
	delete(s.groups, g.ID)
	for _, id := range slices.Sorted(maps.Keys(s.groups)) {
		other := s.groups[id]
		revision := other.RevisionNumber
		for i := len(other.Rules) - 1; i >= 0; i-- {
			if remote := other.Rules[i].RemoteGroupID; remote != nil && strings.EqualFold(*remote, g.ID) {
				s.removeRule(other, i, now)
				other.RevisionNumber = revision + 1
			}
		}
	}
}

func sortTags(tags []Tag) {
	slices.SortFunc(tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
}

// newUUID returns a random (version 4) uuid, as OpenStack's ids are.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newRequestID returns 32 hexadecimal digits, the form of the API's request ids.
func newRequestID() string { return strings.ReplaceAll(newUUID(), "-", "") }
