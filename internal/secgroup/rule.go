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

// moment is how long a create waits for an operation to begin that gives up the rule in its place. With the last pause it is
// no more than 3 seconds.
const moment = 2 * time.Second

// CreateRule creates a rule in a group, reads it back and returns its id. The error is a *CreateError if the engine had to
// find out what the create made; a refused request or an expired context is returned as it is.
//
// A create never takes over a rule that was there before. It waits for the end of an operation of this process that gives the
// rule up. For one to begin it waits a moment, and as long as others of the group give theirs up. When only creates are left that
// wait, all of them fail: Terraform may begin what they wait for only after they have ended.
func (s *Service) CreateRule(ctx context.Context, group Ref, wanted rule.Rule, journal Journal) (id string, err error) {
	p := s.exchange.begin(group, "")
	defer p.end()
	waitedFor := map[string]bool{}
	for {
		id, err = s.createRule(ctx, p, group, wanted, journal)
		holder, _, exists := holderOf(err)
		if !exists || waitedFor[holder] {
			return id, err
		}
		waitedFor[holder] = true
		if left, ended := s.isLeft(ctx, group, holder); !left {
			return "", errors.Join(err, ended)
		}
	}
}

func (s *Service) createRule(ctx context.Context, p *party, group Ref, wanted rule.Rule, journal Journal) (id string, err error) {
	release, err := s.locks.shared(ctx, group)
	if err != nil {
		return "", err
	}
	defer release()
	if id, err = s.makeRule(ctx, p, group, wanted, journal.Pending); err != nil {
		return "", withMailRules(err, wanted)
	}
	journal.Created(id)
	return id, nil
}

// makeRule creates a rule for a party. An update may take it over as soon as it is there: then it made nothing.
func (s *Service) makeRule(ctx context.Context, p *party, group Ref, wanted rule.Rule, remember func(Pending)) (string, error) {
	id, err := s.create(ctx, s.ruleSpec(group, wanted), remember)
	if err != nil {
		return "", err
	}
	if mine, _ := p.take(ctx, id, true); !mine {
		taken := holdingRule(group, id, wanted)
		taken.Cause = ErrTaken
		return "", taken
	}
	return id, nil
}

// holdingRule is the error of a create in whose place a rule stands.
func holdingRule(group Ref, id string, says rule.Rule) *CreateError {
	return &CreateError{
		Outcome: Exists, Group: group, IsRule: true, Candidates: []string{id}, held: says,
		Holder: fmt.Sprintf("rule %s (%s) of security group %s", says.Name(), id, group.ID),
	}
}

// holderOf is the rule that stands in the place of a new one; the id is "" if it has been deleted since it was found.
func holderOf(err error) (id string, says rule.Rule, exists bool) {
	create, ok := errors.AsType[*CreateError](err)
	switch {
	case ok && create.Outcome == Exists:
		return create.Candidates[0], create.held, true
	case ok && create.Outcome == MadeNothing && errors.Is(err, client.ErrExists):
		return "", says, true
	}
	return "", says, false
}

// isLeft reports whether an operation of this process has given up the rule, or tried to.
func (s *Service) isLeft(ctx context.Context, group Ref, id string) (left bool, err error) {
	if id == "" {
		return true, nil
	}
	err = s.whileMoving(ctx, group, func(ctx context.Context) (_ bool, err error) {
		left, err = s.exchange.left(ctx, group, id)
		return left, err
	})
	return left, err
}

// whileMoving calls until, until it is true: for a moment, and for as long as operations of this process give rules of the
// group up.
func (s *Service) whileMoving(ctx context.Context, group Ref, until func(context.Context) (bool, error)) error {
	_, err := s.client.Repeat(ctx, "operations that remove rules of the group", 0, func(ctx context.Context) (bool, error) {
		before, moving := s.exchange.moved(group)
		done, err := s.client.Repeat(ctx, nil, moment, until)
		after, _ := s.exchange.moved(group)
		return done || !moving && before == after, err
	})
	return err
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
		repeats:  showsWithin, // the API refuses the second of two such rules
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
			case !madeBetween(made.CreatedAt, since, time.Time{}):
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
	return holdingRule(group, twins[0].ID, RuleFromAPI("", twins[0])), nil
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

// ruleIn reads a rule of a group; nil if it, or the group, does not exist.
func (s *Service) ruleIn(ctx context.Context, group Ref, id string) (*client.SecurityGroupRule, error) {
	current, err := requireRules(s.confirmed(ctx, group, id))
	return only(group, id, current, err)
}

// only returns one rule of a group that was read; nil if it, or the group, does not exist.
func only(group Ref, id string, current client.SecurityGroup, err error) (*client.SecurityGroupRule, error) {
	if errors.Is(err, client.ErrNotFound) {
		return nil, nil
	}
	found, there := find(current, id)
	if err != nil || !there {
		return nil, err
	}
	found.SecurityGroupID = group.ID
	return &found, nil
}

// ReadRule reads a rule in its group. If a replacement was cut off, both rules may exist, and ReadRule also returns the new
// one. If only the new one exists, ReadRule returns it as the rule. If neither exists, the error is client.ErrNotFound.
//
// With hold the rule belongs to the caller from now on: the error is ErrTaken if it belongs to another resource already.
// The change that took it over was cut off before the other resource gave it up.
func (s *Service) ReadRule(
	ctx context.Context, group Ref, ruleID string, left *Replacement, hold bool,
) (client.SecurityGroupRule, *Replacement, error) {
	ids := []string{ruleID}
	if left != nil && left.Group(group) == group {
		ids = append(ids, left.ID)
	}
	current, missing := requireRules(s.confirmed(ctx, group, ids...))
	found, err := only(group, ruleID, current, missing)
	if err != nil {
		return client.SecurityGroupRule{}, nil, err
	}
	var made *client.SecurityGroupRule
	if left != nil {
		if at := left.Group(group); at != group {
			current, missing = requireRules(s.confirmed(ctx, at, left.ID))
		}
		if made, err = only(left.Group(group), left.ID, current, missing); err != nil {
			return client.SecurityGroupRule{}, nil, err
		}
	}
	taken := found != nil && hold && !s.Hold(ruleID)
	switch {
	case made == nil && found == nil:
		return client.SecurityGroupRule{}, nil, cmp.Or(missing, fmt.Errorf("rule %s is not in its group: %w", ruleID, client.ErrNotFound))
	case made == nil && taken:
		return client.SecurityGroupRule{}, nil, ErrTaken
	case made == nil:
		return *found, nil, nil
	case found == nil || taken || left.Alone:
		// The other one is gone, or another resource's: this one is the resource's own from now on.
		if hold && !s.Hold(left.ID) {
			return client.SecurityGroupRule{}, nil, ErrTaken
		}
		return *made, nil, nil
	case !left.Found:
		s.Claim(left.ID)
	}
	return *found, left, nil
}

// Hold records that a resource of this process has a rule by its state. It reports false if another resource has it too.
func (s *Service) Hold(ruleID string) bool {
	s.Claim(ruleID)
	return s.exchange.hold(ruleID)
}

// DeleteRule deletes a rule, and the other one if a replacement of it that was cut off has made one, and waits until it is done.
// A rule that another resource has taken over stays, and so does one that the owner of all rules of the group declares in this
// run; that owner is returned. nothing says that the replacement had made nothing, which is no failure.
func (s *Service) DeleteRule(
	ctx context.Context, group Ref, ruleID string, r rule.Rule, left *Replacement,
) (owner string, nothing, err error) {
	left, findErr := s.FindReplacement(ctx, group, left, true)
	if left != nil && left.Alone {
		ruleID, r, group = left.ID, left.Rule(), left.Group(group)
		left = nil
	}
	if ruleID != "" {
		owner, err = s.deleteOne(ctx, group, ruleID, r)
	}
	if left != nil && left.ID != "" && !left.Found {
		other, deleteErr := s.deleteOne(ctx, left.Group(group), left.ID, left.Rule())
		owner, err = cmp.Or(owner, other), errors.Join(err, deleteErr)
	}
	if IsNothing(findErr) {
		return owner, findErr, err
	}
	return owner, nil, errors.Join(findErr, err)
}

func (s *Service) deleteOne(ctx context.Context, group Ref, ruleID string, r rule.Rule) (owner string, err error) {
	p := s.exchange.begin(group, ruleID)
	defer p.end()
	release, err := s.locks.shared(ctx, group)
	if err != nil {
		return "", err
	}
	defer release()
	return s.giveUp(ctx, p, group, ruleID, r)
}

// giveUp is removeRule, unless the rule belongs to another resource of this process from now on: one that has taken it over, or
// the owner of all rules of the group, if it declares the rule. That owner is returned.
func (s *Service) giveUp(ctx context.Context, p *party, group Ref, ruleID string, r rule.Rule) (owner string, err error) {
	if owner := s.owners.declaring(group, r); owner != "" {
		return owner, nil
	}
	return "", p.giveUp(ctx, ruleID, identityOf(group, r), func() (bool, error) { return s.removeRule(ctx, group, ruleID) })
}

// removeRule deletes a rule, for a caller that holds the group's lock. A rule that no longer exists counts as deleted: the
// deletion of its group, or of its remote group, deletes it too. If the outcome of an accepted request is not certain,
// removeRule reads the group, and succeeds if the rule is gone. accepted is false if the API has refused the request, or never
// got one.
func (s *Service) removeRule(ctx context.Context, group Ref, ruleID string) (accepted bool, err error) {
	turn := s.turns.of(ctx, group)
	var taskIDs []string
	err = s.attempt(ctx, retriedWrite{
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
		return accepted, nil
	}
	if !accepted {
		return false, err
	}
	gone, _ := s.client.Repeat(begun(ctx), nil, visibleWithin, func(ctx context.Context) (bool, error) { return s.isGone(ctx, group, ruleID) })
	if gone {
		return true, nil
	}
	return true, err
}

// isMissing reports whether the API said that an object does not exist. A 404 for a task says nothing about the object.
func isMissing(err error) bool {
	_, ofTask := errors.AsType[*client.WaitError](err)
	return !ofTask && errors.Is(err, client.ErrNotFound)
}
