package secgroup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// GroupUpdate is a change of a group. What is nil stays as it is.
type GroupUpdate struct {
	Name, Description *string
	// Tags is a JSON merge patch, see TagsDiff.
	Tags  map[string]*string
	Rules *RulesDiff
}

// Empty reports whether there is nothing to send.
func (u GroupUpdate) Empty() bool {
	return u.Name == nil && u.Description == nil && len(u.Tags) == 0 && u.Rules == nil
}

// RulesDiff is a change of all rules of a group.
type RulesDiff struct {
	// Wanted are the rules to have.
	Wanted []rule.Rule
	// Known are the rules that the state has, that a plan named, or that were sent before: the change may remove them. Any
	// other rule of the group stops it with an *UnplannedRulesError.
	Known []rule.Rule
	// Found are rules that a read has found and that nobody has declared. They are as Known, unless they belong to somebody
	// else.
	Found []rule.Rule
	// Others match rules that belong to somebody else. Those of them that are neither Wanted nor Known stay, in every PATCH.
	Others rule.Matchers
	// Creating is true for a new owner of the rules: other rules stop it only once nobody in this process removes any.
	Creating bool
	// Sent is what an earlier change of the group, which was cut off, may have added; nil: nothing. It is Known too.
	Sent *SentRules
	// Judge is asked, before each PATCH and if there is none to send, whether these rules of others may stay beside the wanted ones.
	// Its error stops the change. Nil: they may.
	Judge func(theirs []rule.Rule) error
	// Remember is told, before a PATCH is sent, what has been sent by then; and again if the API refuses it. Nil: nobody is.
	Remember func(*SentRules)
	// allowed is asked before each PATCH that removes the rules of an owner who leaves the group; its error stops the change. Nil:
	// the owner stays.
	allowed func() error
}

// Empty reports whether the rules are certain to say what they said before. Another spelling is no change.
func (d RulesDiff) Empty() bool {
	return !d.Creating && d.Sent == nil && rule.Same(d.Wanted, d.Removable())
}

// Removable are the rules that the change may remove: those of Known, and those of Found that are not somebody else's.
func (d RulesDiff) Removable() []rule.Rule {
	removable, others := slices.Concat(d.Known, d.Sent.Known()), d.Others.Others(d.Found, d.declared())
	for i, r := range d.Found {
		if !others[i] {
			removable = append(removable, r)
		}
	}
	return removable
}

// declared are the rules that are not somebody else's, whatever Others matches.
func (d RulesDiff) declared() []rule.Rule { return slices.Concat(d.Wanted, d.Known, d.Sent.Known()) }

// ours is a group without the rules that belong to somebody else, and these.
func (d RulesDiff) ours(group client.SecurityGroup) (ours client.SecurityGroup, theirs []client.SecurityGroupRule) {
	return Ours(group, d.Others, d.declared())
}

// isDone reports whether a group has the wanted rules, and none that are to go.
func (d RulesDiff) isDone(group client.SecurityGroup) bool {
	ours, _ := d.ours(group)
	return rule.Same(d.Wanted, RulesFromAPI(ours))
}

// guard decides what a PATCH of the group, as just read, may do. It returns the list of rules to send, nil if the group
// has just these rules already, and the ids of the rules that go.
func (d RulesDiff) guard(group client.SecurityGroup, ref Ref) (send *[]client.RuleRequest, going map[string]bool, err error) {
	ours, theirs := d.ours(group)
	have, known := RulesFromAPI(ours), d.Removable()
	planned := slices.Concat(known, rule.Unplanned(d.Wanted, known))
	if unplanned := rule.Unplanned(have, planned); len(unplanned) > 0 {
		return nil, nil, &UnplannedRulesError{Group: ref, Rules: unplanned, Creating: d.Creating}
	}
	if d.Judge != nil {
		if err := d.Judge(RulesFromAPI(client.SecurityGroup{ID: group.ID, Rules: theirs})); err != nil {
			return nil, nil, err
		}
	}
	if rule.Same(d.Wanted, have) {
		return nil, nil, nil
	}
	going = map[string]bool{}
	for _, r := range d.surplus(group) {
		going[r.ID] = true
	}
	if err := keepable(group, len(d.Wanted), theirs); err != nil {
		return nil, nil, err
	}
	return patchRules(d.Wanted, ours, theirs), going, nil
}

// surplus lists the rules of a group that are not wanted, and not somebody else's.
func (d RulesDiff) surplus(group client.SecurityGroup) []client.SecurityGroupRule {
	ours, _ := d.ours(group)
	held := OldestFirst(ours.Rules)
	var surplus []client.SecurityGroupRule
	for _, at := range rule.Surplus(RulesFromAPI(ours), d.Wanted) {
		surplus = append(surplus, held[at])
	}
	return surplus
}

// difference says how the rules of a group are not as wanted; "" if they are. Of the rules that are not wanted it counts
// those that were to go.
func (d RulesDiff) difference(group client.SecurityGroup, going map[string]bool) string {
	if group.Rules == nil {
		return "the rules, of which the answer says nothing"
	}
	var words []string
	if missing := rule.Missing(RulesFromAPI(group), d.Wanted); len(missing) > 0 {
		words = append(words, "rules that are missing:\n\n"+rule.Bullets(missing))
	}
	var left []rule.Rule
	for _, r := range d.surplus(group) {
		if going[r.ID] {
			left = append(left, RuleFromAPI(group.ID, r))
		}
	}
	if len(left) > 0 {
		words = append(words, "rules that are still there:\n\n"+rule.Bullets(left))
	}
	return strings.Join(words, "\n\n")
}

// sentUpdate is an update and what is known of its last PATCH.
type sentUpdate struct {
	GroupUpdate
	request client.UpdateSecurityGroupRequest
	began   time.Time
	taskIDs []string
	going   map[string]bool // the ids of the rules that it was to remove
	adds    []rule.Rule     // what it was to add
}

// difference says how a group is not as the update asks for; "" if it is.
func (u *sentUpdate) difference(group client.SecurityGroup) string {
	tags := UserTags(group)
	for _, key := range slices.Sorted(maps.Keys(u.Tags)) {
		got, there := tags[rule.Composed(key)]
		want := u.Tags[key]
		switch readOnly := slices.ContainsFunc(group.Tags, func(t client.Tag) bool { return t.ReadOnly && t.Key == key }); {
		case there == (want != nil) && (want == nil || got == *want):
		case readOnly:
			return "tag " + key + ", which is a read-only tag of the cloud"
		default:
			return "tag " + key
		}
	}
	switch {
	case u.Name != nil && group.Name != *u.Name:
		return "name"
	case u.Description != nil && group.Description != *u.Description:
		return "description"
	case u.Rules != nil:
		return u.Rules.difference(group, u.going)
	}
	return ""
}

// UpdateGroup changes a group by one PATCH and reads it back. Twins of its rules that the PATCH leaves are deleted one by
// one: the API takes them for the rule that stays.
func (s *Service) UpdateGroup(ctx context.Context, group Ref, update GroupUpdate) error {
	lock := s.locks.shared
	if update.Rules != nil {
		lock = s.locks.exclusive
	}
	release, err := lock(ctx, group)
	if err != nil {
		return err
	}
	defer release()
	turn := s.turns.of(ctx, group)
	defer turn.end()
	sent := &sentUpdate{GroupUpdate: update}
	err = s.attempt(ctx, retriedWrite{
		turn:  turn,
		build: func(ctx context.Context) error { return s.build(ctx, group, sent) },
		send:  func(ctx context.Context) error { return s.sendUpdate(ctx, group, sent) },
		finish: func(finishing context.Context) error {
			err := s.awaitAll(finishing, sent.taskIDs)
			turn.end()
			if err != nil {
				return err
			}
			return s.confirmUpdate(ctx, group, sent)
		},
		lost: func(ctx context.Context, answer error) (bool, error) {
			done, err := s.isUpdated(ctx, group, sent, answer)
			if err != nil {
				err = errors.Join(answer, err)
			}
			return done, err
		},
		waits: func(answer error) bool { return sent.mayCome(answer) > 0 },
	})
	if update.Rules != nil {
		err = withMailRules(err, update.Rules.Wanted...)
	}
	return err
}

func (s *Service) sendUpdate(ctx context.Context, group Ref, update *sentUpdate) (err error) {
	update.began = s.client.Now()
	answered := s.remember(group, update)
	update.taskIDs, err = s.client.UpdateSecurityGroup(ctx, group.Location, group.ID, update.request)
	answered(err)
	for _, taskID := range update.taskIDs {
		s.known.add(taskID)
	}
	return err
}

// confirmUpdate reads a group back after its PATCH. It has to be as the update asks for, but for twins, which are deleted
// unless the operation has ended.
func (s *Service) confirmUpdate(ctx context.Context, group Ref, sent *sentUpdate) error {
	current, err := s.readBack(begun(ctx), group, sent)
	if err != nil {
		return err
	}
	if sent.Rules != nil {
		wanted := rule.Keys(sent.Rules.Wanted)
		for _, r := range sent.Rules.surplus(current) {
			if !sent.going[r.ID] || !wanted[RuleFromAPI(group.ID, r).Key()] {
				continue
			}
			if _, err := s.removeRule(ctx, group, r.ID); err != nil {
				return err
			}
			delete(sent.going, r.ID)
		}
	}
	if different := sent.difference(current); different != "" {
		return fmt.Errorf("the API reports success, but this is not as asked for: %s", different)
	}
	return nil
}

// isUpdated reports whether a PATCH whose answer or task was lost had its effect, once no update of the group is running.
func (s *Service) isUpdated(ctx context.Context, group Ref, sent *sentUpdate, answer error) (bool, error) {
	var since time.Time // all of them
	if began, known := s.client.ServerTime(sent.began); known {
		since = began.Add(-taskSlack)
	}
	if err := s.awaitRunningTasks(ctx, group.Location, client.TaskUpdateSecurityGroup, since, ofGroup(group)); err != nil {
		return false, err
	}
	current, err := s.readBack(ctx, group, sent)
	left := sent.mayCome(answer)
	if done := err == nil && sent.difference(current) == ""; done || err != nil || left == 0 {
		return done, err
	}
	return s.awaitLate(ctx, group, left, func(current client.SecurityGroup) bool { return sent.difference(current) == "" })
}

// mayCome is for how long a PATCH may still be carried out, where it matters: if the API has accepted it, and if its rules leave the
// group, in which others may make rules after it. Otherwise the same PATCH is sent again at once, and it does not matter which of
// the two is carried out.
func (u *sentUpdate) mayCome(answer error) time.Duration {
	switch {
	case client.IsMissingTask(answer):
		return forgottenFor
	case u.Rules != nil && u.Rules.allowed != nil:
		return lostFor
	}
	return 0
}

// ofGroup reports whether a task's data names the group.
func ofGroup(group Ref) func(client.TaskRequest) bool {
	return func(request client.TaskRequest) bool { return strings.EqualFold(request.SecurityGroupID, group.ID) }
}

// build makes the PATCH. Every PATCH with rules passes the guard here, with the group as it is now.
func (s *Service) build(ctx context.Context, group Ref, update *sentUpdate) error {
	update.request = client.UpdateSecurityGroupRequest{Name: update.Name, Description: update.Description, Tags: update.Tags}
	diff := update.Rules
	if diff == nil {
		return s.buildTags(ctx, group, update)
	}
	if diff.allowed != nil {
		if err := diff.allowed(); err != nil {
			return err
		}
	}
	if err := s.awaitSent(ctx, group, diff.Sent, diff.Sent.asksFor(diff.Wanted)); err != nil {
		return err
	}
	read := s.fresh
	if len(diff.Others) > 0 {
		read = s.newer
	}
	current, err := requireRules(read(ctx, group))
	if err == nil && diff.isDone(current) && len(diff.Known)+len(diff.Found) > 0 && !diff.Empty() {
		// That somebody else has done it is less likely than a read from before the rules were made that are to go.
		current, err = requireRules(s.readWithin(ctx, confirmFor, group, func(current client.SecurityGroup) bool { return !diff.isDone(current) }))
	}
	if err == nil {
		update.request.Tags = patchTags(update.Tags, current)
		update.request.Rules, update.going, err = diff.guard(current, group)
		// A rule whose description alone changes was there before, although the PATCH gives it a new id: an undo leaves it.
		update.adds = rule.Unplanned(diff.Wanted, RulesFromAPI(current))
	}
	return err
}

// buildTags is build for an update without rules. It reads the group only if a key can be spelled in several ways.
func (s *Service) buildTags(ctx context.Context, group Ref, update *sentUpdate) error {
	for key := range update.Tags {
		if strings.IndexFunc(key, func(c rune) bool { return c > unicode.MaxASCII }) < 0 {
			continue
		}
		current, err := s.fresh(ctx, group)
		update.request.Tags = patchTags(update.Tags, current)
		return err
	}
	return nil
}

// awaitAll waits until all tasks are finished.
func (s *Service) awaitAll(ctx context.Context, taskIDs []string) error {
	for _, taskID := range taskIDs {
		if _, err := s.client.WaitForTask(ctx, taskID); err != nil {
			return err
		}
	}
	return nil
}

// readBack reads a group until it is as the update asks for, or for as long as that may take to show.
func (s *Service) readBack(ctx context.Context, group Ref, sent *sentUpdate) (client.SecurityGroup, error) {
	return s.readUntil(ctx, group, func(current client.SecurityGroup) bool { return sent.difference(current) == "" })
}
