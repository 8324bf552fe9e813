package secgroup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// SentRules are the rules that a change of all rules of a group may have added, and that the group did not have before. It is
// what has to survive the run if the change is cut off, as JSON in the state.
type SentRules struct {
	GroupID string               `json:"group_id"`
	Rules   []client.RuleRequest `json:"rules"`
	// Wanted are the rules that the last change asked for, with those that it did not have to add.
	Wanted []client.RuleRequest `json:"wanted,omitempty"`
	// Since is when the first of them was sent, by the server's clock; zero if that is not known.
	Since time.Time `json:"since,omitzero"`
	// Until is when nothing more can come of those whose answer was lost, by the same clock; zero if there are none.
	Until time.Time `json:"until,omitzero"`
	// TaskIDs are the tasks of the last change that the API has accepted. Of earlier ones nothing more can come.
	TaskIDs []string `json:"task_ids,omitempty"`
	// Accepted is when that was, by the same clock.
	Accepted time.Time `json:"accepted,omitzero"`
}

// In reports whether they are of that group.
func (r *SentRules) In(groupID string) bool { return r != nil && strings.EqualFold(r.GroupID, groupID) }

// Known are what the rules say; nil if there are none.
func (r *SentRules) Known() []rule.Rule {
	if r == nil {
		return nil
	}
	return RulesFromRequests(r.Rules)
}

// asksFor reports whether the last change asked for just these rules.
func (r *SentRules) asksFor(rules []rule.Rule) bool {
	return r != nil && rule.Same(RulesFromRequests(r.Wanted), rules)
}

// remember records what a PATCH may add, just before it is sent. If the API refuses the PATCH, answered takes that back. Otherwise
// it records the tasks, or, if the answer is lost, for how long the PATCH may still be carried out.
func (s *Service) remember(group Ref, update *sentUpdate) (answered func(error)) {
	if update.Rules == nil || update.Rules.Remember == nil || update.request.Rules == nil {
		return func(error) {}
	}
	before := update.Rules.Sent
	next := SentRules{GroupID: group.ID}
	if before != nil {
		next = *before
		next.Rules = slices.Clone(before.Rules)
	} else if since, known := s.client.ServerTime(update.began); known {
		next.Since = since.Add(-taskSlack)
	}
	next.Rules = append(next.Rules, RequestsFromRules(rule.Unplanned(update.adds, before.Known()))...)
	next.Wanted = RequestsFromRules(update.Rules.Wanted)
	keep := func(sent *SentRules) {
		update.Rules.Sent = sent
		update.Rules.Remember(sent)
	}
	keep(&next)
	return func(err error) {
		after := next
		now, _ := s.client.ServerTime(s.client.Now())
		switch {
		case isLost(err):
			after.Until = now.Add(lostFor)
			keep(&after)
		case err != nil:
			keep(before)
		case len(update.taskIDs) > 0:
			after.TaskIDs, after.Accepted = update.taskIDs, now
			keep(&after)
		}
	}
}

// awaitSent waits until no change that was cut off is running, so that what comes of it can be seen. One whose answer was lost may
// still begin, which does not matter if what follows repeats it. A task that the API has forgotten may be running for as long as
// nobody knows better.
func (s *Service) awaitSent(ctx context.Context, group Ref, sent *SentRules, repeated bool) error {
	if sent == nil {
		return nil
	}
	_, err := s.client.Repeat(ctx, "the end of an update whose answer was lost", lostFor, func(ctx context.Context) (bool, error) {
		err := s.awaitRunningTasks(ctx, group.Location, client.TaskUpdateSecurityGroup, sent.Since, ofGroup(group))
		now, _ := s.client.ServerTime(s.client.Now())
		return repeated || now.After(sent.Until), err
	})
	if err != nil {
		return err
	}
	left := forgottenFor - s.age(client.Time{Time: sent.Accepted})
	if len(sent.TaskIDs) == 0 || left <= 0 {
		return nil
	}
	err = s.awaitAll(ctx, sent.TaskIDs)
	switch task, ended := errors.AsType[*client.TaskError](err); {
	case ended && task.Task.State == client.TaskFailed:
		return nil
	case client.IsMissingTask(err):
		_, err = s.awaitLate(ctx, group, left, sent.isIn)
	}
	return err
}

// isIn reports whether a group shows what came of the last change: it has all that was asked for, some of it added, and nothing else
// that was sent before. Where nothing was added, that shows nothing.
func (r *SentRules) isIn(group client.SecurityGroup) bool {
	have, wanted := RulesFromAPI(group), RulesFromRequests(r.Wanted)
	stale := rule.Unplanned(r.Known(), wanted)
	return len(stale) < len(r.Rules) && len(rule.Missing(have, wanted)) == 0 && len(rule.Missing(have, stale)) == len(stale)
}

// awaitLate reads a group until it shows what came of a change that the API may carry out late. It reports false if nothing comes
// of the change any more.
func (s *Service) awaitLate(
	ctx context.Context, group Ref, left time.Duration, shown func(client.SecurityGroup) bool,
) (bool, error) {
	return s.lookFor(ctx, "an update of the group that may be carried out late", left, func(ctx context.Context) (bool, error) {
		current, err := s.fresh(ctx, group)
		return err == nil && shown(current), err
	})
}

// UndoRules removes what a change that was cut off has added to a group, and no other rules. It waits until that change has
// ended, and nothing more can come of it. The owner is as that of RemoveRules.
func (s *Service) UndoRules(ctx context.Context, at client.Location, sent *SentRules) (owner string, err error) {
	group := Ref{Location: at, ID: sent.GroupID}
	err = s.awaitSent(ctx, group, sent, false)
	if err := s.unlessGone(ctx, group, err); err != nil {
		return "", err
	}
	return s.RemoveRules(ctx, group, sent.Known())
}
