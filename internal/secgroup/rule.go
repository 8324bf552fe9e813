package secgroup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// CreateRule creates a rule in a group, reads it back and returns its id. The error is a *CreateError if the engine had to
// find out what the create made; a refused request or an expired context is returned as it is.
func (s *Service) CreateRule(ctx context.Context, group Ref, wanted rule.Rule, journal Journal) (id string, err error) {
	release, err := s.locks.shared(ctx, group)
	if err != nil {
		return "", err
	}
	defer release()
	if id, err = s.create(ctx, s.ruleSpec(group, wanted), journal.Pending); err != nil {
		return "", withMailRules(err, wanted)
	}
	journal.Created(id)
	return id, nil
}

// FindCreatedRule finds out what came of a create that was cut off, and returns the id of its rule. With wait it lets
// the task end first. The error is a *CreateError if there is no rule, or not yet.
func (s *Service) FindCreatedRule(ctx context.Context, group Ref, wanted rule.Rule, p *Pending, wait bool) (id string, err error) {
	return s.findCreated(ctx, s.ruleSpec(group, wanted), p, wait)
}

func (s *Service) ruleSpec(group Ref, wanted rule.Rule) createSpec {
	request := createRequest(wanted, group.ID)
	return createSpec{
		group:    group,
		isRule:   true,
		taskType: client.TaskCreateSecurityGroupRule,
		lockName: "rule " + wanted.Name() + " of " + group.ID,
		post: func(ctx context.Context) (string, error) {
			return s.client.CreateSecurityGroupRule(ctx, group.Location, group.ID, request)
		},
		holder:  func(ctx context.Context) (*CreateError, error) { return s.ruleHolder(ctx, group, wanted) },
		created: func(task client.Task) []string { return task.CreatedSecurityGroupRules },
		shown: func(group client.SecurityGroup, id string, since time.Time) (there bool, different string) {
			made, there := find(group, id)
			switch {
			case !there:
			case RuleFromAPI("", made).Key() != wanted.Key():
				different = "is " + RuleFromAPI("", made).Name()
			case !madeSince(made.CreatedAt, since):
				different = "was made before, at " + made.CreatedAt.Format(time.RFC3339)
			}
			return there, different
		},
		lookalikes: func(ctx context.Context) (alike []lookalike, err error) {
			twins, err := s.twins(ctx, group, wanted.Key())
			if errors.Is(err, client.ErrNotFound) {
				return nil, nil // whatever was created is gone with its group
			}
			for _, r := range twins {
				if text(r.Description) == wanted.Description {
					alike = append(alike, lookalike{r.ID, r.CreatedAt})
				}
			}
			return alike, err
		},
		asked: func(sent client.TaskRequest) bool {
			return ofGroup(group)(sent) && sent.Rule != nil && rule.Rule(*sent.Rule).Content() == rule.Rule(request).Content()
		},
	}
}

// ruleHolder finds the rule that stands in the place of a new one.
func (s *Service) ruleHolder(ctx context.Context, group Ref, wanted rule.Rule) (*CreateError, error) {
	twins, err := s.twins(ctx, group, wanted.Key())
	if err != nil || len(twins) == 0 {
		return nil, err
	}
	return &CreateError{
		Outcome: Exists, Group: group, IsRule: true, Candidates: []string{twins[0].ID},
		Holder: fmt.Sprintf("rule %s (%s) of security group %s", RuleFromAPI("", twins[0]).Name(), twins[0].ID, group.ID),
	}, nil
}

// twins lists the rules of a group that have the given identity, the oldest first.
func (s *Service) twins(ctx context.Context, group Ref, key rule.Key) ([]client.SecurityGroupRule, error) {
	current, err := requireRules(s.fresh(ctx, group))
	var twins []client.SecurityGroupRule
	for _, r := range OldestFirst(current.Rules) {
		if RuleFromAPI("", r).Key() == key {
			twins = append(twins, r)
		}
	}
	return twins, err
}

// confirm reads a new rule back: it has to be there, and to be the one that was wanted.
func (s *Service) confirm(ctx context.Context, group Ref, id string, wanted rule.Rule) error {
	var found client.SecurityGroupRule
	var there bool
	current, err := s.readUntil(begun(ctx), group, func(current client.SecurityGroup) bool {
		found, there = find(current, id)
		return there
	})
	if _, err = requireRules(current, err); err != nil {
		return err
	}
	if !there {
		return errors.New("the API reports success, but the rule is not in its group")
	}
	if made := RuleFromAPI("", found); made.Key() != wanted.Key() {
		return fmt.Errorf("the API made another rule than it was asked for: %s", made.Name())
	}
	return nil
}

// ReadRule reads a rule in its group. If a replacement was cut off, both rules may exist, and ReadRule also returns the new
// one. If only the new one exists, ReadRule returns it as the rule. If neither exists, the error is client.ErrNotFound.
func (s *Service) ReadRule(
	ctx context.Context, group Ref, ruleID string, left *Replacement,
) (client.SecurityGroupRule, *Replacement, error) {
	ids := []string{ruleID}
	if left != nil {
		ids = append(ids, left.ID)
	}
	current, err := requireRules(s.confirmed(ctx, group, ids...))
	if err != nil {
		return client.SecurityGroupRule{}, nil, err
	}
	found, there := find(current, ruleID)
	if left != nil {
		switch made, hasMade := find(current, left.ID); {
		case !hasMade:
			left = nil
		case !there:
			found, there, left = made, true, nil
		}
	}
	if !there {
		return found, nil, fmt.Errorf("rule %s is not in its group: %w", ruleID, client.ErrNotFound)
	}
	return found, left, nil
}

// DeleteRule deletes a rule, and the other one if a replacement of it was cut off, and waits until it is done. A rule that
// the owner of all rules of the group declares in this run stays; that owner is returned. nothing says that the
// replacement had made nothing, which is no failure.
func (s *Service) DeleteRule(
	ctx context.Context, group Ref, ruleID string, r rule.Rule, left *Replacement,
) (owner string, nothing, err error) {
	left, findErr := s.FindReplacement(ctx, group, left, true)
	owner, err = s.deleteUnlessDeclared(ctx, group, ruleID, r)
	if left != nil && left.ID != "" {
		other, deleteErr := s.deleteUnlessDeclared(ctx, group, left.ID, left.Rule())
		owner, err = cmp.Or(owner, other), errors.Join(err, deleteErr)
	}
	if IsNothing(findErr) {
		return owner, findErr, err
	}
	return owner, nil, errors.Join(findErr, err)
}

func (s *Service) deleteUnlessDeclared(ctx context.Context, group Ref, ruleID string, r rule.Rule) (owner string, err error) {
	release, err := s.locks.shared(ctx, group)
	if err != nil {
		return "", err
	}
	defer release()
	if owner := s.owners.declaring(group, r); owner != "" {
		return owner, nil
	}
	return "", s.removeRule(ctx, group, ruleID)
}

// removeRule deletes a rule, for a caller that holds the group's lock. A rule that no longer exists counts as deleted: the
// deletion of its group, or of its remote group, deletes it too. If the outcome of an accepted request is not certain,
// removeRule reads the group, and succeeds if the rule is gone.
func (s *Service) removeRule(ctx context.Context, group Ref, ruleID string) error {
	turn := s.turns.of(ctx, group)
	var taskIDs []string
	accepted := false
	err := s.attempt(ctx, retriedWrite{
		turn: turn,
		send: func(ctx context.Context) (err error) {
			taskIDs, err = s.client.DeleteSecurityGroupRule(ctx, group.Location, group.ID, ruleID)
			accepted = accepted || err == nil || isLost(err)
			return err
		},
		finish: func(ctx context.Context) error { return s.awaitAll(ctx, taskIDs) },
		lost: func(ctx context.Context, _ error) (bool, error) {
			gone, _ := s.isGone(ctx, group, ruleID)
			return gone, nil
		},
	})
	turn.end()
	if err == nil || isMissing(err) {
		return nil
	}
	if !accepted {
		return err
	}
	gone, _ := s.client.Repeat(begun(ctx), visibleWithin, func(ctx context.Context) (bool, error) { return s.isGone(ctx, group, ruleID) })
	if gone {
		return nil
	}
	return err
}

// isGone reports whether a rule is gone, maybe with its group.
func (s *Service) isGone(ctx context.Context, group Ref, ruleID string) (bool, error) {
	current, _, err := s.lookAgain(ctx, group, ruleID)
	if current, err = requireRules(current, err); errors.Is(err, client.ErrNotFound) {
		return true, nil
	}
	_, there := find(current, ruleID)
	return !there && err == nil, err
}

// isMissing reports whether the API said that an object does not exist. A 404 for a task says nothing about the object.
func isMissing(err error) bool {
	_, ofTask := errors.AsType[*client.WaitError](err)
	return !ofTask && errors.Is(err, client.ErrNotFound)
}
