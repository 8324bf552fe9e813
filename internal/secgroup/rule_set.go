package secgroup

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// SetRules gives a group exactly the wanted rules, and changes nothing else of it.
func (s *Service) SetRules(ctx context.Context, group Ref, diff RulesDiff) error {
	if !diff.Creating {
		return s.UpdateGroup(ctx, group, GroupUpdate{Rules: &diff})
	}
	var unplanned *UnplannedRulesError
	_, err := s.client.Repeat(ctx, patience, func(ctx context.Context) (bool, error) {
		unplanned = nil
		err := s.UpdateGroup(ctx, group, GroupUpdate{Rules: &diff})
		if errors.As(err, &unplanned) {
			return false, nil
		}
		return err == nil, err
	})
	switch {
	case unplanned != nil && err != nil:
		return fmt.Errorf("%w: %w", unplanned, err)
	case unplanned != nil:
		return unplanned
	}
	return err
}

// errShared is a group in which others have rules, or will have.
var errShared = errors.New("others have rules in the group")

// RemoveRules removes the rules that a rule set has, and no others: by one PATCH if there are no others. A rule
// that the owner of all rules declares in this run stays, and that owner is returned. A group that is gone has none.
func (s *Service) RemoveRules(ctx context.Context, group Ref, known []rule.Rule) (owner string, err error) {
	err = s.SetRules(ctx, group, RulesDiff{Known: known, allowed: func() error {
		if s.owners.ofAll(group) != "" {
			return errShared
		}
		return nil
	}})
	if _, unplanned := errors.AsType[*UnplannedRulesError](err); unplanned || errors.Is(err, errShared) {
		owner, err = s.removeEach(ctx, group, known)
	}
	return owner, s.unlessGone(ctx, group, err)
}

// removeEach is RemoveRules for a group in which others have rules.
func (s *Service) removeEach(ctx context.Context, group Ref, known []rule.Rule) (owner string, err error) {
	current, err := requireRules(s.fresh(ctx, group))
	if err != nil {
		return "", err
	}
	held, have := OldestFirst(current.Rules), RulesFromAPI(current)
	owners := make([]string, len(known))
	var deletes errgroup.Group
	deletes.SetLimit(sideBySide)
	for i, at := range rule.Pair(known, have) {
		if at < 0 {
			continue
		}
		deletes.Go(func() (err error) {
			owners[i], err = s.deleteUnlessDeclared(ctx, group, held[at].ID, have[at])
			return err
		})
	}
	err = deletes.Wait()
	return cmp.Or(owners...), err
}

// RevertRules gives the default group the rules that the cloud gives such a group, unless an owner of all its rules in
// this run says otherwise: that one is returned. A group that is gone has none.
func (s *Service) RevertRules(ctx context.Context, group Ref) (owner string, err error) {
	release, err := s.locks.exclusive(ctx, group)
	if err != nil {
		return "", err
	}
	defer release()
	if owner := s.owners.ofAll(group); owner != "" {
		return owner, nil
	}
	turn := s.turns.of(ctx, group)
	defer turn.end()
	err = s.attempt(ctx, retriedWrite{
		turn:  turn,
		build: func(ctx context.Context) error { return s.CheckRevert(ctx, group) },
		send:  func(ctx context.Context) error { return s.client.RevertSecurityGroup(ctx, group.Location, group.ID) },
		lost:  func(context.Context, error) (bool, error) { return false, nil },
	})
	return "", s.unlessGone(ctx, group, err)
}

// CheckRevert refuses a group that RevertRules would not revert, with a *NotDefaultError.
func (s *Service) CheckRevert(ctx context.Context, group Ref) error {
	current, err := s.fresh(ctx, group)
	if err != nil {
		return err
	}
	return Revertible(current)
}

// Revertible is the *NotDefaultError of a group that cannot be reverted.
func Revertible(group client.SecurityGroup) error {
	if group.Name == DefaultGroup {
		return nil
	}
	return &NotDefaultError{group.Name}
}
