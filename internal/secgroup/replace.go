package secgroup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
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
	// GroupID is the group of the rule; empty if it is that of the other one.
	GroupID string `json:"group_id,omitempty"`
	// Found is true if the rule was there before. It becomes the resource's own, and Found false, only when the change that
	// took it over has deleted the other one, or when another resource that had it leaves it. Until then whoever had it has it.
	Found bool `json:"found,omitempty"`
	// Alone is true if the other one belongs to another resource by now. It counts as gone.
	Alone bool `json:"alone,omitempty"`
}

// Group is where the rule is. The other one is in the group that is given.
func (r *Replacement) Group(other Ref) Ref {
	return Ref{other.Location, cmp.Or(r.GroupID, other.ID)}
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
	// To is the group that gets the new rule, in the same place as the old one's.
	To Ref
	// Left is an earlier replacement of the rule that was cut off; nil: none.
	Left *Replacement
}

// Replaced is the outcome of a change.
type Replaced struct {
	ID string // of the rule that says what is wanted
	// Found is what that rule said if it was there already; nil: the change created it.
	Found *rule.Rule
	// Owner is the kind of the resource that owns all rules of the group and declares one of the two rules, which therefore was
	// not deleted; "": none.
	Owner string
}

// ReplaceRule replaces a rule by one that says what is wanted. That is the old one if it does already. A rule of the wanted
// identity that the group holds already is taken over.
//
// No rule is deleted before the other is there, except where the API cannot hold both: if only the description changes, and
// in a full group.
func (s *Service) ReplaceRule(ctx context.Context, change RuleReplacement, journal ReplacementJournal) (result Replaced, err error) {
	x := &replacing{Service: s, RuleReplacement: change, journal: journal, party: s.exchange.begin(change.Group, change.ID)}
	defer x.end()
	if result.ID, err = x.run(ctx); err != nil && x.oldGone && x.owner == "" {
		err = fmt.Errorf("the old rule is deleted, and the new one is not known to be there: %w", err)
	}
	result.Found, result.Owner = x.found, x.owner
	return result, withMailRules(err, x.Wanted)
}

// replacing is a replacement in its course.
type replacing struct {
	*Service
	RuleReplacement
	journal ReplacementJournal
	party   *party
	memory  *Replacement // what the journal was last told
	found   *rule.Rule   // the rule that was taken over
	owner   string       // as in Replaced
	oldGone bool         // the old rule is deleted, or belongs to the owner from now on
}

func (x *replacing) remember(r *Replacement) {
	x.memory = r
	x.journal.Replacing(r)
}

// end ends the part in the exchange. A rule that was taken over may have become the resource's own meanwhile.
func (x *replacing) end() {
	x.party.end()
	if x.memory != nil && x.memory.Found && x.party.owns(x.memory.ID) {
		own := *x.memory
		own.Found = false
		x.remember(&own)
	}
}

// stays reports whether the new rule is in the group of the old one.
func (x *replacing) stays() bool { return strings.EqualFold(x.Group.ID, x.To.ID) }

// done reports whether the old rule says what is wanted.
func (x *replacing) done() bool {
	return !x.oldGone && x.stays() && x.Old.Content() == x.Wanted.Content()
}

func (x *replacing) run(ctx context.Context) (id string, err error) {
	if x.Left == nil && x.done() {
		return x.ID, nil
	}
	id, err = x.locked(ctx, x.To, x.place)
	if err != nil || id == x.ID {
		return id, err
	}
	return x.locked(ctx, x.Group, func(ctx context.Context) (string, error) {
		err := x.deleteOld(ctx)
		if err == nil {
			x.memory = nil
			_, err = x.party.take(ctx, id, true)
		}
		return id, err
	})
}

// locked runs a part of the replacement with the lock of a group. It never holds those of two groups.
func (x *replacing) locked(ctx context.Context, group Ref, part func(context.Context) (string, error)) (string, error) {
	release, err := x.locks.shared(ctx, group)
	if err != nil {
		return "", err
	}
	defer release()
	return part(ctx)
}

// place returns the id of a rule that says what is wanted, once it can be seen.
func (x *replacing) place(ctx context.Context) (id string, err error) {
	if x.Left != nil {
		if id, err = x.resume(ctx); id != "" || err != nil {
			return id, err
		}
	}
	x.party.seek(identityOf(x.To, x.Wanted))
	defer x.party.seek(identity{})
	// The API holds no two rules of one key, whatever their descriptions.
	if x.stays() && x.Old.Key() == x.Wanted.Key() {
		if err := x.deleteOld(ctx); err != nil {
			return "", err
		}
	}
	if id, err = x.obtainWithinLimit(ctx); err == nil {
		err = x.confirm(ctx, x.To, id, x.Wanted)
	}
	return id, err
}

// resume begins with what an earlier replacement left. If one of the two rules says what is wanted, its id is returned. An
// empty id means that the replacement goes on: x.ID then names the only rule left, and x.oldGone is set if there is none.
func (x *replacing) resume(ctx context.Context) (id string, err error) {
	left, err := x.FindReplacement(ctx, x.Group, x.Left, true)
	switch {
	case IsNothing(err):
		x.journal.CameToNothing(err)
		left = &Replacement{}
	case err != nil:
		return "", err
	default:
		x.remember(left)
	}
	old, err := x.ruleIn(ctx, x.Group, x.ID)
	if err != nil {
		return "", err
	}
	if x.Left.Alone {
		old = nil
	}
	made, err := x.remaining(ctx, left)
	if err != nil {
		return "", err
	}
	x.oldGone = old == nil
	switch {
	case made == nil:
	case x.isWanted(left, *made):
		return made.ID, x.confirm(ctx, x.To, made.ID, x.Wanted)
	case left.Found && x.party.release(made.ID):
	case old == nil:
		x.Group, x.ID, x.Old, x.oldGone = left.Group(x.Group), made.ID, RuleFromAPI("", *made), false
		x.memory = nil
		x.journal.Adopted(*made)
	default:
		if err := x.leave(ctx, left.Group(x.Group), made.ID, left.Rule()); err != nil {
			return "", err
		}
	}
	x.remember(nil)
	if x.done() {
		return x.ID, nil
	}
	return "", nil
}

// remaining is the new rule of an earlier replacement; nil if it does not exist, or if another resource keeps it or has taken it
// over by now.
func (x *replacing) remaining(ctx context.Context, left *Replacement) (*client.SecurityGroupRule, error) {
	if left.ID == "" || left.Found && x.owners.keep(left.Group(x.Group), left.ID, left.Rule()) {
		return nil, nil
	}
	if taken, err := x.party.take(ctx, left.ID, !left.Found); !taken {
		if errors.Is(err, ErrTaken) {
			err = nil
		}
		return nil, err
	}
	return x.ruleIn(ctx, left.Group(x.Group), left.ID)
}

// isWanted reports whether the new rule of an earlier replacement says what is wanted. Of a rule that was there before, the
// description does not count.
func (x *replacing) isWanted(left *Replacement, made client.SecurityGroupRule) bool {
	says := RuleFromAPI("", made)
	if left.Group(x.Group) != x.To || says.Key() != x.Wanted.Key() || !left.Found && says.Content() != x.Wanted.Content() {
		return false
	}
	if left.Found {
		x.found = &says
	}
	return true
}

// FindReplacement returns a replacement that was cut off, with the id of its rule. If the id is not known, it looks for the
// rule, with wait after the task has ended, and waits until a read shows it. Without wait it also waits until a read
// shows a rule of known id. The error is a *CreateError if there is no rule, or not yet.
func (s *Service) FindReplacement(ctx context.Context, group Ref, left *Replacement, wait bool) (*Replacement, error) {
	if left == nil || left.ID != "" && wait {
		return left, nil
	}
	spec := s.ruleSpec(left.Group(group), left.Rule())
	if left.ID != "" {
		_, err := s.verify(ctx, spec, left.ID, time.Time{}, toRead)
		return left, err
	}
	id, err := s.findCreated(ctx, spec, left.Create, wait)
	if err != nil {
		return left, fmt.Errorf("finding out what an earlier change of the rule has made: %w", err)
	}
	found := *left
	found.ID, found.Create = id, nil
	return &found, nil
}

// obtainWithinLimit is obtain. If the group is full by its own limit, it deletes the old rule first, as the plan said, and
// keeps trying for its place; a used-up quota of the whole project is an error. The API may refuse a rule as late as in its
// task, when some of the rules that filled the group are gone, so the refusal of an almost full group is not final at once.
func (x *replacing) obtainWithinLimit(ctx context.Context) (id string, err error) {
	tries := 0
	_, ended := x.client.Repeat(ctx, "room in the group", patience, func(ctx context.Context) (bool, error) {
		tries++
		if id, err = x.obtain(ctx); !errors.Is(err, client.ErrQuota) || x.oldGone {
			return !errors.Is(err, client.ErrQuota), nil
		}
		switch size := x.size(ctx); {
		case !x.stays() || size <= rule.GroupLimit-sideBySide || tries > sideBySide:
			return true, nil
		case size >= rule.GroupLimit:
			return false, x.deleteOld(ctx)
		}
		return false, nil
	})
	if err != nil && ended != nil {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return id, err
}

// size is how many rules the group of the new rule has; 0 if that cannot be read.
func (x *replacing) size(ctx context.Context) int {
	current, err := x.fresh(ctx, x.To)
	if err != nil {
		return 0
	}
	return len(current.Rules)
}

// obtain creates the wanted rule, or takes over the one that is there already.
func (x *replacing) obtain(ctx context.Context) (id string, err error) {
	_, ended := x.client.Repeat(ctx, nil, visibleWithin, func(ctx context.Context) (bool, error) {
		id, err = x.createNew(ctx)
		holder, says, exists := holderOf(err)
		if !exists || holder == "" {
			return !exists, nil
		}
		if x.owners.keep(x.To, holder, says) {
			return false, ErrTaken
		}
		taken, refused := x.party.take(ctx, holder, x.oldGone)
		if taken {
			id, err = holder, nil
			x.takeOver(id, says)
		}
		return taken, refused
	})
	if err != nil && ended != nil {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return id, err
}

func (x *replacing) createNew(ctx context.Context) (id string, err error) {
	next := Replacement{Request: createRequest(x.Wanted, x.To.ID)}
	if !x.stays() {
		next.GroupID = x.To.ID
	}
	id, err = x.makeRule(ctx, x.party, x.To, x.Wanted, func(p Pending) {
		sent := next
		sent.Create = &p
		x.remember(&sent)
	})
	switch {
	case err == nil:
		next.ID = id
		x.remember(&next)
	case IsNothing(err):
		x.remember(nil)
	}
	return id, err
}

// takeOver records a rule that was there before. Nothing may come between that and taking it: from then on nobody else deletes
// it.
func (x *replacing) takeOver(id string, says rule.Rule) {
	x.found = &says
	next := Replacement{ID: id, Request: createRequest(says, x.To.ID), Found: true}
	if !x.stays() {
		next.GroupID = x.To.ID
	}
	x.remember(&next)
}

func (x *replacing) deleteOld(ctx context.Context) error {
	if x.oldGone {
		return nil
	}
	err := x.leave(ctx, x.Group, x.ID, x.Old)
	x.oldGone = err == nil
	return err
}

// leave gives up one of the two rules.
func (x *replacing) leave(ctx context.Context, group Ref, id string, says rule.Rule) error {
	owner, err := x.giveUp(ctx, x.party, group, id, says)
	x.owner = cmp.Or(x.owner, owner)
	return err
}
