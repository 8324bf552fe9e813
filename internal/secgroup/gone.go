package secgroup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const (
	// settledAfter is the age from which every read shows an object: no copy of the data is further behind.
	settledAfter = time.Minute
	// confirmFor is how long something that a read lacks is looked for again before it counts as gone.
	confirmFor = time.Second
	// confirmedFor is how long no other object of the group is looked for again.
	confirmedFor = 10 * time.Second
)

// RefreshGroup is ReadGroup for a group that a state has. A read may be answered from before a young group was made: the
// group is client.ErrNotFound only if it is older than a minute, or is still missing a second later. The zero time stands
// for an unknown age.
func (s *Service) RefreshGroup(ctx context.Context, group Ref, made time.Time) (client.SecurityGroup, error) {
	if !made.IsZero() && s.age(client.Time{Time: made}) > settledAfter {
		return s.ReadGroup(ctx, group)
	}
	return s.confirmed(ctx, group)
}

// RefreshRules is RefreshGroup with an error for an answer that says nothing about the rules.
func (s *Service) RefreshRules(ctx context.Context, group Ref, made time.Time) (client.SecurityGroup, error) {
	return requireRules(s.RefreshGroup(ctx, group, made))
}

// confirmed reads a group, and again for a moment if the answer lacks the group or one of the rules. Once the answers were
// all alike, the next reads of the group are believed: else each of its rules would be looked for again in turn.
func (s *Service) confirmed(ctx context.Context, group Ref, ruleIDs ...string) (client.SecurityGroup, error) {
	if s.confirmations.has(group) {
		return s.ReadGroup(ctx, group)
	}
	current, isSure, err := s.lookAgain(ctx, group, ruleIDs...)
	if isSure {
		s.confirmations.add(group)
	}
	return current, err
}

// lookAgain reads a group until the answer has it and the rules, or for as long as a copy of the data may be behind. It is
// sure of what is missing if the answers were all alike.
func (s *Service) lookAgain(
	ctx context.Context, group Ref, ruleIDs ...string,
) (current client.SecurityGroup, isSure bool, err error) {
	var revisions []int64
	current, err = s.readWithin(ctx, confirmFor, group, func(current client.SecurityGroup) bool {
		revisions = append(revisions, current.RevisionNumber)
		lacks := func(id string) bool { _, there := find(current, id); return id != "" && !there }
		return current.Rules == nil || !slices.ContainsFunc(ruleIDs, lacks)
	})
	reads := len(revisions)
	isSure = reads == 0 && errors.Is(err, client.ErrNotFound) || reads > 1 && len(slices.Compact(revisions)) == 1
	return current, isSure, err
}

// readUntil reads a group until it is ready, or for as long as a finished change may take to show.
func (s *Service) readUntil(
	ctx context.Context, group Ref, ready func(client.SecurityGroup) bool,
) (client.SecurityGroup, error) {
	return s.readWithin(ctx, visibleWithin, group, ready)
}

// readWithin reads a group until it is ready, or for the given time: then it returns the group as last read, without an
// error. A group that is not there yet is an error only after that time. The first read may be shared, since all that this
// process has done ended before it; the later ones are to show more.
func (s *Service) readWithin(
	ctx context.Context, limit time.Duration, group Ref, ready func(client.SecurityGroup) bool,
) (client.SecurityGroup, error) {
	var current client.SecurityGroup
	var missing error
	read := s.ReadGroup
	_, err := s.client.Repeat(ctx, "a change of group "+group.ID+" to show", limit, func(ctx context.Context) (bool, error) {
		current, missing = read(ctx, group)
		read = s.fresh
		if errors.Is(missing, client.ErrNotFound) {
			return false, nil
		}
		return missing == nil && ready(current), missing
	})
	if err == nil {
		err = missing
	}
	return current, err
}

// isGone reports whether a group is gone, or a rule of it, maybe with its group. ruleID is "" for the group itself.
func (s *Service) isGone(ctx context.Context, group Ref, ruleID string) (bool, error) {
	current, _, err := s.lookAgain(ctx, group, ruleID)
	if errors.Is(err, client.ErrNotFound) {
		return true, nil
	}
	if ruleID == "" {
		return false, err
	}
	_, err = requireRules(current, err)
	_, there := find(current, ruleID)
	return !there && err == nil, err
}

// unlessGone drops an error whose reason is that the group is gone, and with it its rules. A not-found error may be about a
// task, so it reads the group.
func (s *Service) unlessGone(ctx context.Context, group Ref, err error) error {
	if !errors.Is(err, client.ErrNotFound) {
		return err
	}
	if gone, _ := s.isGone(begun(ctx), group, ""); gone {
		return nil
	}
	return err
}

// confirmations are the groups of which several reads in a row have said the same.
type confirmations struct {
	mu    sync.Mutex
	times map[lockKey]time.Time
}

func (c *confirmations) add(group Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = map[lockKey]time.Time{}
	}
	c.times[keyOf(group.Location, group.ID)] = time.Now()
}

func (c *confirmations) has(group Ref) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.times[keyOf(group.Location, group.ID)]) <= confirmedFor
}

// clarify finds out what a 404 means that does not say whether the group is gone: it is, as client.ErrNotFound, if its place
// can be listed and does not have it.
func (s *Service) clarify(ctx context.Context, group Ref, err error) error {
	if !errors.Is(err, client.ErrUnknownReference) && !errors.Is(err, client.ErrUnknownPath) {
		return err
	}
	for other, failed := range s.ListGroups(ctx, group.Location, client.SecurityGroupFilter{}) {
		if failed != nil || strings.EqualFold(other.ID, group.ID) {
			return err
		}
	}
	return fmt.Errorf("%w; the list of the security groups there does not have it: %w", err, client.ErrNotFound)
}
