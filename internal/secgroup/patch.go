package secgroup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
	// Known are the rules that the state has, or that were sent before: the change may remove them.
	Known []rule.Rule
	// Unplanned says what becomes of the group's other rules.
	Unplanned Policy
	// allowed is asked before each PATCH; its error stops the change. Nil: no question.
	allowed func() error
}

// Policy says what becomes of rules that no plan has shown.
type Policy int

const (
	// Stop ends the change with an *UnplannedRulesError before anything is sent.
	Stop Policy = iota
	// Await gives them some time to be deleted by somebody else, as by the same run; then it stops.
	Await
	// Remove removes them. The caller has named them in a warning.
	Remove
)

// Empty reports whether the rules say what they said before. Another spelling is no change.
func (d RulesDiff) Empty() bool { return rule.Same(d.Wanted, d.Known) }

// guard decides what a PATCH of the group, as just read, may do: it returns the list of rules to send, nil if the group
// has these rules already, and the rules that go although no plan has shown them.
func (d RulesDiff) guard(group client.SecurityGroup, ref Ref) (send *[]client.RuleRequest, removed []rule.Rule, err error) {
	have := RulesFromAPI(group)
	unplanned := rule.Unplanned(have, slices.Concat(d.Wanted, d.Known))
	if len(unplanned) > 0 && d.Unplanned != Remove {
		return nil, nil, &UnplannedRulesError{Group: ref, Rules: unplanned, Creating: d.Unplanned == Await}
	}
	if rule.Same(d.Wanted, have) {
		return nil, nil, nil
	}
	return patchRules(d.Wanted, group), unplanned, nil
}

// difference says how the rules of a group are not as wanted; "" if they are.
func (d RulesDiff) difference(group client.SecurityGroup) string {
	if group.Rules == nil {
		return "the rules, of which the answer says nothing"
	}
	have := RulesFromAPI(group)
	var words []string
	if missing := rule.Missing(have, d.Wanted); len(missing) > 0 {
		words = append(words, "rules that are missing:\n\n"+rule.Bullets(missing))
	}
	unwanted := rule.Keys(rule.Unplanned(d.Known, d.Wanted))
	left := slices.DeleteFunc(have, func(r rule.Rule) bool { return !unwanted[r.Key()] })
	if len(left) > 0 {
		words = append(words, "rules that are still there:\n\n"+rule.Bullets(left))
	}
	return strings.Join(words, "\n\n")
}

// difference says how a group is not as the update asks for; "" if it is.
func (u GroupUpdate) difference(group client.SecurityGroup) string {
	tags := UserTags(group)
	for _, key := range slices.Sorted(maps.Keys(u.Tags)) {
		got, there := tags[key]
		if want := u.Tags[key]; there != (want != nil) || want != nil && got != *want {
			return "tag " + key
		}
	}
	switch {
	case u.Name != nil && group.Name != *u.Name:
		return "name"
	case u.Description != nil && group.Description != *u.Description:
		return "description"
	case u.Rules != nil:
		return u.Rules.difference(group)
	}
	return ""
}

// UpdateGroup changes a group by one PATCH and reads it back. It returns the rules that it removed although no plan has
// shown them, which only Remove allows.
func (s *Service) UpdateGroup(ctx context.Context, group Ref, update GroupUpdate) (removed []rule.Rule, err error) {
	lock := s.locks.shared
	if update.Rules != nil {
		lock = s.locks.exclusive
	}
	release, err := lock(ctx, group)
	if err != nil {
		return nil, err
	}
	defer release()
	turn := s.turns.of(ctx, group)
	defer turn.end()
	var began time.Time
	var taskIDs []string
	var request client.UpdateSecurityGroupRequest
	err = s.attempt(ctx, retriedWrite{
		turn: turn,
		build: func(ctx context.Context) (err error) {
			request, removed, err = s.request(ctx, group, update)
			return err
		},
		send: func(ctx context.Context) (err error) {
			began = time.Now()
			taskIDs, err = s.client.UpdateSecurityGroup(ctx, group.Location, group.ID, request)
			return err
		},
		finish: func(ctx context.Context) error {
			if err := s.awaitAll(ctx, taskIDs); err != nil {
				return err
			}
			turn.end()
			different, err := s.readBack(ctx, group, update)
			if err == nil && different != "" {
				err = fmt.Errorf("the API reports success, but this is not as asked for: %s", different)
			}
			return err
		},
		lost: func(ctx context.Context, answer error) (bool, error) {
			done, err := s.isUpdated(ctx, group, update, began)
			if err != nil {
				err = errors.Join(answer, err)
			}
			return done, err
		},
	})
	if update.Rules != nil {
		err = withMailRules(err, update.Rules.Wanted...)
	}
	return removed, err
}

// isUpdated reports whether a PATCH whose answer was lost had its effect, once no update of the group is running.
func (s *Service) isUpdated(ctx context.Context, group Ref, update GroupUpdate, began time.Time) (bool, error) {
	since, known := s.client.ServerTime(began)
	if !known {
		since = time.Time{} // all of them
	}
	if err := s.awaitRunningTasks(ctx, group.Location, client.TaskUpdateSecurityGroup, since, ofGroup(group)); err != nil {
		return false, err
	}
	different, err := s.readBack(ctx, group, update)
	return err == nil && different == "", err
}

// ofGroup reports whether a task's data names the group.
func ofGroup(group Ref) func(client.TaskRequest) bool {
	return func(request client.TaskRequest) bool { return strings.EqualFold(request.SecurityGroupID, group.ID) }
}

// request builds the PATCH. Every PATCH with rules passes the guard here, with the group as it is now. removed are the rules
// that it removes although no plan has shown them.
func (s *Service) request(
	ctx context.Context, group Ref, update GroupUpdate,
) (request client.UpdateSecurityGroupRequest, removed []rule.Rule, err error) {
	request = client.UpdateSecurityGroupRequest{Name: update.Name, Description: update.Description, Tags: update.Tags}
	diff := update.Rules
	if diff == nil {
		return request, nil, nil
	}
	if diff.allowed != nil {
		if err := diff.allowed(); err != nil {
			return request, nil, err
		}
	}
	current, err := requireRules(s.fresh(ctx, group))
	if err == nil {
		request.Rules, removed, err = diff.guard(current, group)
	}
	return request, removed, err
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

// readBack reads a group until it is as the update asks for, and says how it differs; "" if in nothing.
func (s *Service) readBack(ctx context.Context, group Ref, update GroupUpdate) (different string, err error) {
	current, err := s.readUntil(ctx, group, func(current client.SecurityGroup) bool { return update.difference(current) == "" })
	if err != nil {
		return "", err
	}
	return update.difference(current), nil
}
