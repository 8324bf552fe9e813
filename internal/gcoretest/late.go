package gcoretest

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// lateness is how long reads do not show a change: until both have passed. Zero: not at all.
type lateness struct {
	reads    int
	duration time.Duration
}

func (l lateness) none() bool { return l.reads <= 0 && l.duration <= 0 }

// veil is what reads show in place of a group that has changed.
type veil struct {
	old   *Group // nil: there was no such group
	reads int    // that are still to show it
	until time.Time
}

// snapshot keeps all groups as they are before a change that is to show late; nil if it is not.
func (s *Server) snapshot(late lateness) map[string]Group {
	if late.none() {
		return nil
	}
	before := make(map[string]Group, len(s.groups))
	for id, g := range s.groups {
		before[id] = g.clone()
	}
	return before
}

// hide lays a veil over each group that has changed since the snapshot, which its revision tells.
func (s *Server) hide(before map[string]Group, late lateness, now time.Time) {
	if late.none() {
		return
	}
	for id, old := range before {
		if g, ok := s.groups[id]; !ok || g.RevisionNumber != old.RevisionNumber {
			s.cover(id, &old, late, now)
		}
	}
	for id := range s.groups {
		if _, ok := before[id]; !ok {
			s.cover(id, nil, late, now)
		}
	}
}

// cover keeps showing the older state if a veil is there already: reads must not go back and forth.
func (s *Server) cover(id string, old *Group, late lateness, now time.Time) {
	if earlier, ok := s.veils[id]; ok && earlier.holds(now) {
		old = earlier.old
	}
	s.veils[id] = &veil{old: old, reads: late.reads, until: now.Add(late.duration)}
}

func (v *veil) holds(now time.Time) bool { return v.reads > 0 || now.Before(v.until) }

// show returns a group of the request's project and region as a read sees it, nil if it sees none, and counts the
// read.
func (s *Server) show(c *call, id string, now time.Time) *Group {
	here := func(g *Group) bool { return g != nil && g.ProjectID == c.projectID() && g.RegionID == c.regionID() }
	g := s.groups[id]
	v, ok := s.veils[id]
	switch {
	case c.stale != nil:
		g = s.past(id, c.stale, now)
	case ok:
		switch {
		case !v.holds(now):
			delete(s.veils, id)
		case here(cmp.Or(g, v.old)):
			v.reads--
			g = v.old
		}
	}
	if !here(g) {
		return nil
	}
	return g
}

// showAll returns the groups of the request's project and region as a read sees them, in the order of their ids.
func (s *Server) showAll(c *call, now time.Time) []*Group {
	ids := slices.AppendSeq(slices.Collect(maps.Keys(s.groups)), maps.Keys(s.veils))
	if c.stale != nil {
		ids = slices.AppendSeq(ids, maps.Keys(s.versions))
	}
	slices.Sort(ids)
	var groups []*Group
	for _, id := range slices.Compact(ids) {
		if g := s.show(c, id, now); g != nil {
			groups = append(groups, g)
		}
	}
	return groups
}
