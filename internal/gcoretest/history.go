package gcoretest

import (
	"slices"
	"time"
)

// ChangeKind is what happened to a rule.
type ChangeKind string

// The kinds of change.
const (
	RuleAdded   ChangeKind = "added"
	RuleRemoved ChangeKind = "removed"
	RuleChanged ChangeKind = "changed" // behind the provider's back only: the API cannot change a rule
)

// Change is one change of one rule. Sequence counts all changes of a server from 1; changes of the same request have
// the same time and different sequence numbers.
type Change struct {
	Sequence int64
	Time     time.Time
	GroupID  string
	Kind     ChangeKind
	Rule     Rule // after the change, or as it was when it was removed
}

type history struct {
	sequence int64
	changes  []Change
}

func (h *history) add(now time.Time, kind ChangeKind, rule Rule) {
	h.sequence++
	h.changes = appendBounded(h.changes, Change{h.sequence, now, rule.GroupID, kind, rule.clone()}, maxChanges)
}

// History returns every change of every group's rules so far, in order.
func (s *Server) History() []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	changes := slices.Clone(s.history.changes)
	for i := range changes {
		changes[i].Rule = changes[i].Rule.clone()
	}
	return changes
}

// Gap finds an instant at which no rule of a group had a property, after one had it: the change that opened the gap.
// ok is false if there was none, so also if no rule ever had the property.
func Gap(changes []Change, groupID string, property func(Rule) bool) (opened Change, ok bool) {
	holders := map[string]bool{}
	for _, change := range changes {
		if change.GroupID != groupID {
			continue
		}
		held := len(holders) > 0
		if change.Kind != RuleRemoved && property(change.Rule) {
			holders[change.Rule.ID] = true
		} else {
			delete(holders, change.Rule.ID)
		}
		if held && len(holders) == 0 {
			return change, true
		}
	}
	return Change{}, false
}
