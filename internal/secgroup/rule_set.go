package secgroup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// SetRules gives a group exactly the wanted rules, and changes nothing else of it. A new owner of the rules waits for the
// operations of this process that remove rules of the group, if it meets rules that it does not know.
func (s *Service) SetRules(ctx context.Context, group Ref, diff RulesDiff) error {
	for {
		before, _ := s.exchange.moved(group)
		err := s.UpdateGroup(ctx, group, GroupUpdate{Rules: &diff})
		if _, isUnplanned := errors.AsType[*UnplannedRulesError](err); !isUnplanned || !diff.Creating {
			return err
		}
		ended := s.whileMoving(ctx, group, func(context.Context) (bool, error) { return false, nil })
		if ended != nil {
			return fmt.Errorf("%w: %w", err, ended)
		}
		if after, _ := s.exchange.moved(group); after == before {
			return err
		}
	}
}

// errShared is a group in which others have rules, or will have: a PATCH could not tell theirs from those that go.
var errShared = errors.New("others have rules in the group")

// RemoveRules removes the rules that a rule set has, and no others: by one PATCH if there are no others. A rule
// that the owner of all rules declares in this run stays, and that owner is returned. A group that is gone has none.
func (s *Service) RemoveRules(ctx context.Context, group Ref, known []rule.Rule) (owner string, err error) {
	defer s.exchange.begin(group, allOfSet).end()
	err = s.SetRules(ctx, group, RulesDiff{Known: known, allowed: func() error {
		if s.owners.isOwned(group) {
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
			owners[i], err = s.deleteOne(ctx, group, held[at].ID, have[at])
			return err
		})
	}
	err = deletes.Wait()
	return cmp.Or(owners...), err
}

// RevertRules gives the default group the rules that the cloud gives such a group, unless an owner of all its rules in
// this run says otherwise: that one is returned. The error is a *HeldRulesError if resources of this run have single rules of the
// group. A group that is gone has none.
func (s *Service) RevertRules(ctx context.Context, group Ref) (owner string, err error) {
	defer s.exchange.begin(group, allOfSet).end()
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
	var before client.SecurityGroup
	err = s.attempt(ctx, retriedWrite{
		turn:  turn,
		build: func(ctx context.Context) (err error) { before, err = s.beforeRevert(ctx, group); return err },
		send:  func(ctx context.Context) error { return s.client.RevertSecurityGroup(ctx, group.Location, group.ID) },
		lost:  func(ctx context.Context, _ error) (bool, error) { return s.isReverted(ctx, group, before) },
		waits: func(error) bool { return true },
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

// beforeRevert is CheckRevert just before a revert: that deletes all rules, so nobody in this run may have one.
func (s *Service) beforeRevert(ctx context.Context, group Ref) (client.SecurityGroup, error) {
	current, err := requireRules(s.fresh(ctx, group))
	if err == nil {
		err = Revertible(current)
	}
	var held []rule.Rule
	for _, r := range OldestFirst(current.Rules) {
		if content := RuleFromAPI(group.ID, r); s.known.has(r.ID) || s.exchange.hasTaken(r.ID) || s.owners.keep(group, r.ID, content) {
			held = append(held, content)
		}
	}
	if err == nil && len(held) > 0 {
		err = &HeldRulesError{held}
	}
	return current, err
}

// isReverted reports whether a revert whose answer was lost had its effect: none of the rules from before is left. As long as it may
// still be carried out, it must not be sent again, and nobody may make a rule: the revert would delete it.
func (s *Service) isReverted(ctx context.Context, group Ref, before client.SecurityGroup) (bool, error) {
	return s.lookFor(ctx, "the revert of the rules of "+group.ID, lostFor, func(ctx context.Context) (bool, error) {
		current, err := requireRules(s.fresh(ctx, group))
		stays := slices.ContainsFunc(before.Rules, func(r client.SecurityGroupRule) bool { _, there := find(current, r.ID); return there })
		return err == nil && !stays && len(current.Rules) > 0, err
	})
}

// Revertible is the *NotDefaultError of a group that cannot be reverted.
func Revertible(group client.SecurityGroup) error {
	if group.Name == DefaultGroup {
		return nil
	}
	return &NotDefaultError{group.Name}
}
