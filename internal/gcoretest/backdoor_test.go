package gcoretest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestChangesBehindTheClientsBack(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Tags: []Tag{{"b", "2", false}, {"a", "1", true}}})
	rule := s.AddRule(id, Rule{Direction: "ingress", Protocol: new("99"), RemoteIPPrefix: new("10.0.0.1/8")})
	steps := []struct {
		name      string
		change    func()
		revisions int64
		check     func(Group) bool
	}{
		{"rule added", func() {
			s.AddRule(id, Rule{Direction: "ingress", Protocol: new("99"), RemoteIPPrefix: new("10.0.0.1/8")})
		}, 1,
			func(g Group) bool { return len(g.Rules) == 2 }},
		{"rule changed", func() { s.ChangeRule(rule, func(r *Rule) { r.Protocol = nil; r.ID = "other" }) }, 1,
			func(g Group) bool { i := g.ruleIndex(rule); return i >= 0 && g.Rules[i].Protocol == nil }},
		{"rule deleted", func() { s.DeleteRule(rule) }, 1, func(g Group) bool { return len(g.Rules) == 1 && g.ruleIndex(rule) < 0 }},
		{"tag set", func() { s.SetTag(id, "c", "3", true) }, 1, func(g Group) bool { return len(g.Tags) == 3 && g.Tags[2] == Tag{"c", "3", true} }},
		{"tag set again", func() { s.SetTag(id, "c", "3", true) }, 0, func(g Group) bool { return len(g.Tags) == 3 }},
		{"tag deleted", func() { s.DeleteTag(id, "c") }, 1, func(g Group) bool { return len(g.Tags) == 2 }},
		{"group changed", func() {
			s.ChangeGroup(id, func(g *Group) {
				g.Name, g.ID = "x", "other"
				g.Rules = append(g.Rules[:0], Rule{Direction: "egress"})
			})
		}, 1, func(g Group) bool {
			return g.Name == "x" && len(g.Rules) == 1 && g.Rules[0].Direction == "egress" && g.Rules[0].GroupID == id
		}},
		{"used", func() { s.UseGroup(id, Instance{}) }, 0, func(g Group) bool { return len(g.Instances) == 1 && g.Instances[0].ID != "" }},
		{"released", func() { s.ReleaseGroup(id) }, 0, func(g Group) bool { return len(g.Instances) == 0 }},
	}
	before, _ := s.Group(id)
	for _, step := range steps {
		now.advance(time.Minute)
		step.change()
		after, ok := s.Group(id)
		if !ok || !step.check(after) {
			t.Errorf("%s: %+v", step.name, after)
		}
		if got := after.RevisionNumber - before.RevisionNumber; got != step.revisions {
			t.Errorf("%s: %d revisions, want %d", step.name, got, step.revisions)
		}
		if moved := after.UpdatedAt.After(before.UpdatedAt); moved != (step.revisions > 0) {
			t.Errorf("%s: updated_at moved: %t", step.name, moved)
		}
		before = after
	}
	s.DeleteGroup(id)
	if _, ok := s.Group(id); ok {
		t.Error("the group is still there")
	}
}

func TestUnknownObjectsFailTheTest(t *testing.T) {
	t.Parallel()
	s := program(t, Config{})
	id := s.AddGroup(Group{Name: "web"})
	s.AddGroup(Group{ID: id, Name: "twice"})
	s.ChangeGroup("g1", func(*Group) { t.Error("there is nothing to change") })
	s.ChangeRule("r1", func(*Rule) { t.Error("there is nothing to change") })
	s.DeleteGroup("g2")
	s.DeleteRule("r2")
	s.SetTag("g3", "a", "b", false)
	s.DeleteTag("g4", "a")
	s.UseGroup("g5")
	s.ReleaseGroup("g6")
	if got := s.AddRule("g7", Rule{}); got != "" {
		t.Errorf("a rule %s without a group", got)
	}
	if got := s.Violations(); len(got) != 10 {
		t.Errorf("%d violations: %s", len(got), strings.Join(got, "; "))
	}
}

func TestAddGroupKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := New(t, Config{NullDescriptions: true})
	given := Group{
		ID: "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1", ProjectID: 1, RegionID: 2, Name: "web-", Description: "d",
		RevisionNumber: 40, CreatedAt: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), UpdatedAt: time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC),
		Rules: []Rule{{ID: "r1", Direction: "ingress", Protocol: new("any"), CreatedAt: time.Date(2020, 2, 2, 3, 4, 5, 0, time.UTC)}},
	}
	id := s.AddGroup(given)
	got, _ := s.Group(id)
	given.Rules[0].GroupID = id
	if diff := cmp.Diff(given, got); diff != "" {
		t.Errorf("-given +stored:\n%s", diff)
	}
}

func TestAccessorsGiveCopies(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	rule := Rule{Direction: "ingress", Protocol: new("tcp"), PortRangeMin: new(80)}
	tags := []Tag{{"b", "2", false}, {"a", "1", false}}
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: []Rule{rule}, Tags: tags, Instances: []Instance{{"i", "vm"}}})
	want, _ := s.Group(id)
	*rule.Protocol, tags[0].Key = "udp", "x"
	got, _ := s.Group(id)
	*got.Rules[0].Protocol, *got.Rules[0].PortRangeMin, got.Tags[0].Value, got.Instances[0].Name = "udp", 1, "x", "x"
	*s.Groups(1, 2)[0].Rules[0].Protocol = "udp"
	*s.History()[0].Rule.Protocol = "udp"
	if after, _ := s.Group(id); !cmp.Equal(want, after) {
		t.Errorf("the state changed: %s", cmp.Diff(want, after))
	}
	if got := *s.History()[0].Rule.Protocol; got != "tcp" {
		t.Errorf("the history changed: %s", got)
	}
}

func TestDefaultGroup(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	id := s.AddDefaultGroup(1, 2)
	if again := s.AddDefaultGroup(1, 2); again != id {
		t.Errorf("two default groups: %s, %s", id, again)
	}
	if other := s.AddDefaultGroup(1, 3); other == id {
		t.Error("one default group for two regions")
	}
	g, _ := s.Group(id)
	if g.Name != "default" || len(g.Rules) != 10 || *g.Rules[0].Description != "" {
		t.Errorf("group %+v", g)
	}
}

func TestHistoryAndGap(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress","protocol":"tcp","port_range_min":80,"port_range_max":80}]}`)
	opens := func(port int) func(Rule) bool {
		return func(r Rule) bool { return r.PortRangeMin != nil && *r.PortRangeMin <= port && port <= *r.PortRangeMax }
	}
	old, _ := s.Group(id)
	path := groupsPath + "/" + id
	// New before old: no gap.
	c.finished("POST", path+"/rules", `{"direction":"ingress","protocol":"tcp","port_range_min":80,"port_range_max":90}`)
	now.advance(time.Second)
	c.finished("DELETE", path+"/rules/"+old.Rules[0].ID, "")
	if gap, ok := Gap(s.History(), id, opens(80)); ok {
		t.Errorf("a gap at %+v", gap)
	}
	// A PATCH removes first: a gap, however short.
	c.finished("PATCH", path, `{"rules":[{"direction":"ingress","protocol":"tcp","port_range_min":80,"port_range_max":91}]}`)
	gap, ok := Gap(s.History(), id, opens(80))
	if !ok || gap.Kind != RuleRemoved || !gap.Time.Equal(now.Now()) || gap.GroupID != id || gap.Rule.GroupID != id {
		t.Errorf("gap %t %+v", ok, gap)
	}
	if _, ok := Gap(s.History(), id, opens(443)); ok {
		t.Error("a gap of what never was")
	}
	if _, ok := Gap(s.History(), "another", opens(80)); ok {
		t.Error("a gap in another group")
	}
	s.ChangeGroup(id, func(g *Group) { g.Name = "www" }) // no change of a rule
	changed, _ := s.Group(id)
	s.ChangeRule(changed.Rules[0].ID, func(r *Rule) { r.PortRangeMin = new(91) })
	c.want(204, "DELETE", readPath+"/"+id, "")
	var kinds []ChangeKind
	for i, change := range s.History() {
		kinds = append(kinds, change.Kind)
		if change.Sequence != int64(i+1) {
			t.Errorf("sequence %d at %d", change.Sequence, i)
		}
	}
	want := []ChangeKind{RuleAdded, RuleAdded, RuleRemoved, RuleRemoved, RuleAdded, RuleChanged, RuleRemoved}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
