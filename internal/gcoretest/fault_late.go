package gcoretest

import (
	"net/http"
	"slices"
	"time"
)

// ProcessLater answers at once, as a gateway does that gives up, and processes the request After later, by the server's
// clock.
type ProcessLater struct {
	After time.Duration
	Then  Effect // what the client gets: an effect that does not process the request, such as Reset{}; nil: Answer{Status: 504}
}

func (p ProcessLater) run(c *call) {
	s := c.server
	s.mu.Lock()
	due := s.settle().Add(p.After)
	at, _ := slices.BinarySearchFunc(s.delayed, due, func(d delayed, due time.Time) int {
		if d.due.After(due) {
			return 1
		}
		return -1
	})
	s.delayed = slices.Insert(s.delayed, at, delayed{due, c})
	s.mu.Unlock()
	if p.Then == nil {
		p.Then = Answer{Status: http.StatusGatewayTimeout}
	}
	p.Then.run(c)
}

// delayed is a request that is still to be processed.
type delayed struct {
	due  time.Time
	call *call
}

// StaleRead answers a read from a copy of the data that is behind. It is about groups, their rules and tasks.
type StaleRead struct {
	Age     time.Duration // all is as it was so long ago
	Changes int           // each group is as it was before its last changes: one request or task is one change
	Without []string      // ids of groups and rules that are not there yet
}

func (r StaleRead) run(c *call) {
	c.stale = &r
	c.send(c.process())
}

// asOf is the time that a read shows.
func (c *call) asOf(now time.Time) time.Time {
	if c.stale == nil {
		return now
	}
	return now.Add(-c.stale.Age)
}

// Bounds of what is kept for StaleRead.
const (
	maxVersions       = 16 // of a group
	maxVersionedGroup = 10_000
)

// version is a group as it is from a time on; nil: it is gone.
type version struct {
	since time.Time
	group *Group
}

// commit keeps the groups that have changed since the last call as new versions.
func (s *Server) commit(now time.Time) {
	for id := range s.dirty {
		v := version{since: now}
		if g, ok := s.groups[id]; ok {
			kept := *g
			// What the pointers in rules point to never changes.
			kept.Rules, kept.Tags = slices.Clone(g.Rules), slices.Clone(g.Tags)
			v.group = &kept
		}
		s.versions[id] = appendBounded(s.versions[id], v, maxVersions)
	}
	clear(s.dirty)
	if len(s.versions) <= maxVersionedGroup {
		return
	}
	for id := range s.versions {
		if _, ok := s.groups[id]; !ok {
			delete(s.versions, id)
		}
	}
}

// past is a group as a stale read shows it, nil if it shows none.
func (s *Server) past(id string, stale *StaleRead, now time.Time) *Group {
	if slices.Contains(stale.Without, id) {
		return nil
	}
	versions := s.versions[id]
	last := len(versions) - 1 - stale.Changes
	for last >= 0 && versions[last].since.After(now.Add(-stale.Age)) {
		last--
	}
	if last < 0 || versions[last].group == nil {
		return nil
	}
	shown := *versions[last].group
	shown.Rules = slices.DeleteFunc(slices.Clone(shown.Rules), func(r Rule) bool { return slices.Contains(stale.Without, r.ID) })
	return &shown
}
