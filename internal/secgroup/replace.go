package secgroup

import (
	"context"
	"fmt"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Replacement is a rule that takes the place of another one, from the moment it may exist until the other is gone. It
// is what has to survive the run, as JSON in the state.
type Replacement struct {
	// ID is the rule's; empty as long as it is not known.
	ID string `json:"rule_id,omitempty"`
	// Create is how to find the rule while its id is not known.
	Create *Pending `json:"create,omitempty"`
	// Request is what it says, in the API's words.
	Request client.RuleRequest `json:"rule"`
}

// Rule is what the new rule says.
func (r *Replacement) Rule() rule.Rule { return rule.Rule(r.Request) }

// ReplacementJournal records how far a replacement has come, so that no end of the run loses either rule.
type ReplacementJournal interface {
	// Replacing records the new rule, from the moment it may exist; nil: there is none any more.
	Replacing(r *Replacement)
	// Adopted is called if only the new rule of an earlier replacement exists. It becomes the old rule.
	Adopted(r client.SecurityGroupRule)
	// CameToNothing records that an earlier replacement, which was cut off, had made nothing.
	CameToNothing(err error)
}

// RuleReplacement is the change of a rule. The API cannot change one: a new rule is created, and only then the old one
// deleted, so that there is no moment without a matching rule.
type RuleReplacement struct {
	Group       Ref
	ID          string // of the old rule
	Old, Wanted rule.Rule
	// Left is an earlier replacement of the rule that was cut off; nil: none.
	Left *Replacement
}

// ReplaceRule replaces a rule and returns the id of the one that says what is wanted; that is the old one if it does
// already. Where the API cannot hold both rules, the old one is deleted first: if only the description changes, and in
// a full group.
func (s *Service) ReplaceRule(ctx context.Context, change RuleReplacement, journal ReplacementJournal) (id string, err error) {
	x := &replacing{Service: s, RuleReplacement: change, journal: journal}
	if id, err = x.run(ctx); err != nil && x.oldGone {
		err = fmt.Errorf("the old rule is deleted, and the new one is not known to be there: %w", err)
	}
	return id, withMailRules(err, x.Wanted)
}

// replacing is a replacement in its course.
type replacing struct {
	*Service
	RuleReplacement
	journal ReplacementJournal
	oldGone bool // the old rule is deleted
}

// done reports whether the old rule says what is wanted.
func (x *replacing) done() bool { return !x.oldGone && x.Old.Content() == x.Wanted.Content() }

func (x *replacing) run(ctx context.Context) (id string, err error) {
	if x.Left == nil && x.done() {
		return x.ID, nil
	}
	release, err := x.locks.shared(ctx, x.Group)
	if err != nil {
		return "", err
	}
	defer release()
	if x.Left != nil {
		if id, err = x.resume(ctx); id != "" || err != nil {
			return id, err
		}
	}
	// The API holds no two rules of one key, whatever their descriptions.
	if x.Old.Key() == x.Wanted.Key() {
		if err := x.deleteOld(ctx); err != nil {
			return "", err
		}
	}
	id, err = x.createNew(ctx)
	if OutcomeOf(err) == MadeNothing && x.makeRoomIfFull(ctx) {
		id, err = x.createNew(ctx)
	}
	if err != nil {
		return "", err
	}
	return id, x.finish(ctx, id)
}

// resume begins with what an earlier replacement left. If one of the two rules says what is wanted, it is kept and its id
// returned. An empty id means that the replacement goes on: x.ID then names the only rule left, and x.oldGone is set if
// there is none.
func (x *replacing) resume(ctx context.Context) (id string, err error) {
	left, err := x.FindReplacement(ctx, x.Group, x.Left, true)
	switch {
	case IsNothing(err):
		x.journal.CameToNothing(err)
		left = &Replacement{}
	case err != nil:
		return "", err
	default:
		x.journal.Replacing(left)
	}
	current, err := requireRules(x.fresh(ctx, x.Group))
	if err != nil {
		return "", err
	}
	_, hasOld := find(current, x.ID)
	made, hasNew := find(current, left.ID)
	switch {
	case !hasNew:
		x.oldGone = !hasOld
		x.journal.Replacing(nil)
	case !hasOld:
		x.ID, x.Old = made.ID, RuleFromAPI("", made)
		x.journal.Adopted(made)
	case RuleFromAPI("", made).Content() == x.Wanted.Content():
		return made.ID, x.finish(ctx, made.ID)
	default:
		if err := x.removeRule(ctx, x.Group, made.ID); err != nil {
			return "", err
		}
		x.journal.Replacing(nil)
	}
	if x.done() {
		return x.ID, nil
	}
	return "", nil
}

// FindReplacement returns a replacement that was cut off, with the id of its rule. If the id is not known, it looks for the
// rule, with wait after the task has ended, and waits until a read shows it. Without wait it also waits until a read
// shows a rule of known id. The error is a *CreateError if there is no rule, or not yet.
func (s *Service) FindReplacement(ctx context.Context, group Ref, left *Replacement, wait bool) (*Replacement, error) {
	if left == nil || left.ID != "" && wait {
		return left, nil
	}
	spec := s.ruleSpec(group, left.Rule())
	if left.ID != "" {
		_, err := s.verify(ctx, spec, left.ID, time.Time{}, toRead)
		return left, err
	}
	id, err := s.findCreated(ctx, spec, left.Create, wait)
	if err != nil {
		return left, fmt.Errorf("finding out what an earlier change of the rule has made: %w", err)
	}
	return &Replacement{ID: id, Request: left.Request}, nil
}

func (x *replacing) createNew(ctx context.Context) (id string, err error) {
	spec := x.ruleSpec(x.Group, x.Wanted)
	spec.makeRoom, spec.full = x.deleteOld, x.isFull
	request := createRequest(x.Wanted, x.Group.ID)
	id, err = x.create(ctx, spec, func(p Pending) { x.journal.Replacing(&Replacement{Create: &p, Request: request}) })
	switch {
	case err == nil:
		x.journal.Replacing(&Replacement{ID: id, Request: request})
	case IsNothing(err):
		x.journal.Replacing(nil)
	}
	return id, err
}

// makeRoomIfFull deletes the old rule if the group is full. It reports whether the new rule may find a place now: the API
// may refuse it as late as in its task, and other rules may have been deleted since.
func (x *replacing) makeRoomIfFull(ctx context.Context) bool {
	current, err := x.fresh(ctx, x.Group)
	if err != nil || x.oldGone || len(current.Rules) <= rule.GroupLimit-sideBySide {
		return false
	}
	return len(current.Rules) < rule.GroupLimit || x.deleteOld(ctx) == nil
}

// isFull reports whether the group has as many rules as the API lets it have.
func (x *replacing) isFull(ctx context.Context) bool {
	current, err := x.fresh(ctx, x.Group)
	return err == nil && len(current.Rules) >= rule.GroupLimit
}

// finish deletes the old rule once the new one can be seen.
func (x *replacing) finish(ctx context.Context, id string) error {
	if err := x.confirm(ctx, x.Group, id, x.Wanted); err != nil {
		return err
	}
	return x.deleteOld(ctx)
}

func (x *replacing) deleteOld(ctx context.Context) error {
	if x.oldGone {
		return nil
	}
	err := x.removeRule(ctx, x.Group, x.ID)
	x.oldGone = err == nil
	return err
}
