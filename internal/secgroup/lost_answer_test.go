package secgroup

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// beforeTheSearch runs a function once a lost answer is about to be looked into.
func beforeTheSearch(cloud *gcoretest.Server, change func()) {
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationListTasks, Times: 1, Effect: gcoretest.Meanwhile{Before: change}})
}

// A new group that somebody changes at once is found by the request that its task repeats: it no longer is what was
// asked for.
func TestLostAnswerOfAChangedGroup(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.Reset{Processed: true}})
	beforeTheSearch(cloud, func() {
		cloud.EndTasks()
		cloud.ChangeGroup(cloud.Groups(here.ProjectID, here.RegionID)[0].ID, func(g *gcoretest.Group) { g.Description = "by somebody" })
	})
	st := &state{}
	spec := GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{tcp(443, "")}}
	_, err := newService(t, cloud).CreateGroup(t.Context(), spec, st.groupJournal())
	groups := cloud.Groups(here.ProjectID, here.RegionID)
	if len(groups) != 1 || groups[0].ID != st.group.ID {
		t.Errorf("the cloud has %d groups, the state %q: %v", len(groups), st.group.ID, err)
	}
}

// A group that looks like the wanted one, but whose task was asked for another one, is somebody else's.
func TestLostAnswerBesideATwin(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
	spec := GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{tcp(443, "")}}
	theirs := &state{}
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.Reset{}})
	beforeTheSearch(cloud, func() {
		other := spec
		other.Name = "www"
		if _, err := newService(t, cloud).CreateGroup(t.Context(), other, theirs.groupJournal()); err != nil {
			t.Error(err)
		}
		cloud.ChangeGroup(theirs.group.ID, func(g *gcoretest.Group) { g.Name = "web" })
	})
	st := &state{}
	if _, err := newService(t, cloud).CreateGroup(t.Context(), spec, st.groupJournal()); err == nil && st.group.ID == theirs.group.ID {
		t.Error("the group of somebody else was adopted")
	}
	if _, there := cloud.Group(theirs.group.ID); !there {
		t.Error("the group of somebody else is gone")
	}
}

// What another resource of this process has is not the rule of a lost answer, even if no task tells where it came from.
func TestLostAnswerBesideASibling(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]gcoretest.Effect{"its task is listed": nil, "its task is forgotten": gcoretest.ForgetTask{WhenDone: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, _ := groupWithRule(t)
			s, sibling := newService(t, cloud), &state{}
			if fault != nil {
				cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: fault})
			}
			if _, err := s.CreateRule(t.Context(), group, tcp(443, ""), sibling.ruleJournal()); err != nil {
				t.Fatal(err)
			}
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.Answer{Status: 503}})
			_, err := s.CreateRule(t.Context(), group, tcp(443, ""), (&state{}).ruleJournal())
			create, ok := errors.AsType[*CreateError](err)
			if !ok || create.Outcome != Exists || !slices.Equal(create.Candidates, []string{sibling.ruleID}) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A create whose own task failed adopts nothing that a task of another state made, whichever began first.
func TestFailedTaskBesideATwin(t *testing.T) {
	t.Parallel()
	for name, theirsFirst := range map[string]bool{"made before": true, "made meanwhile": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
			spec := GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{tcp(443, "")}}
			theirs := &state{}
			makeTheirs := func() {
				if _, err := newService(t, cloud).CreateGroup(t.Context(), spec, theirs.groupJournal()); err != nil {
					t.Error(err)
				}
			}
			if theirsFirst {
				makeTheirs()
			}
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.FailTask{Text: "no capacity"}})
			if !theirsFirst {
				cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1, Effect: gcoretest.Meanwhile{Before: makeTheirs}})
			}
			st := &state{}
			_, err := newService(t, cloud).CreateGroup(t.Context(), spec, st.groupJournal())
			if OutcomeOf(err) != MadeNothing || st.group.ID != "" {
				t.Errorf("the state has %q, the other state %q: %v", st.group.ID, theirs.group.ID, err)
			}
		})
	}
}

// The same where the other state's task began long before ours and ends after it: the tasks of the last hour are looked at.
func TestFailedTaskBesideALongTask(t *testing.T) {
	t.Parallel()
	var later atomic.Int64 // seconds
	cloud := gcoretest.New(t, gcoretest.Config{
		TaskDuration: 2 * time.Millisecond, Now: func() time.Time { return time.Now().Add(time.Duration(later.Load()) * time.Second) },
	})
	spec := GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{tcp(443, "")}}
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.StallTask{}})
	accepted := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1}).FirstHit()
	theirs := &state{}
	var running sync.WaitGroup
	running.Go(func() {
		if _, err := newService(t, cloud).CreateGroup(t.Context(), spec, theirs.groupJournal()); err != nil {
			t.Error(err)
		}
	})
	<-accepted
	later.Store(60)
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.Together{
		gcoretest.FailTask{Text: "no capacity"}, gcoretest.Meanwhile{After: cloud.EndTasks},
	}})
	st := &state{}
	_, err := newService(t, cloud).CreateGroup(t.Context(), spec, st.groupJournal())
	running.Wait()
	if OutcomeOf(err) != MadeNothing || st.group.ID != "" {
		t.Errorf("the state has %q, the other state %q: %v", st.group.ID, theirs.group.ID, err)
	}
}

// One answer of a gateway whose clock is wrong, by an hour in either direction, does not make a second group.
func TestLostAnswerAfterAWrongDate(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]gcoretest.Config{"with data": {}, "without data": {NoTaskData: true}} {
		for _, by := range []time.Duration{time.Hour, -time.Hour} {
			t.Run(name+", "+by.String(), func(t *testing.T) {
				t.Parallel()
				config := config
				config.TaskDuration = 2 * time.Millisecond
				cloud := gcoretest.New(t, config)
				cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Times: 1, Effect: gcoretest.WrongDate{By: by}})
				cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.Reset{Processed: true}})
				s := newService(t, cloud)
				for range 2 { // the first with the wrong date
					for _, err := range s.ListGroups(t.Context(), here, client.SecurityGroupFilter{}) {
						t.Error(err)
					}
				}
				st := &state{}
				_, err := s.CreateGroup(t.Context(), GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{tcp(443, "")}}, st.groupJournal())
				groups := cloud.Groups(here.ProjectID, here.RegionID)
				if err != nil || len(groups) != 1 || groups[0].ID != st.group.ID {
					t.Errorf("the cloud has %d groups, the state %q: %v", len(groups), st.group.ID, err)
				}
			})
		}
	}
}

// A used-up quota ends every write at once, whatever status and class it has: it is no lock.
func TestQuotaEndsTheWrite(t *testing.T) {
	t.Parallel()
	answers := map[string]gcoretest.Answer{
		"400": {Status: 400, Body: `{"exception_class": "QuotaLimitExceed", "message": "Quota limit for firewall_count exceeded by 1"}`},
		"400, by its words": {
			Status: 400, Body: `{"exception_class": "ValidationError", "message": "Quota limit for firewall_count exceeded by 1"}`,
		},
		"409":                  {Status: 409, Body: `{"exception_class": "QuotaLimitExceed", "message": "no"}`},
		"409, by its words":    {Status: 409, Body: `{"exception_class": "ConflictError", "message": "Quota exceeded for resources: ['security_group']."}`},
		"409, OpenStack's own": {Status: 409, Body: `{"exception_class": "OverQuota", "message": "no"}`},
	}
	writes := map[string]func(ctx context.Context, s *Service, group Ref, ruleID string) error{
		gcoretest.OperationCreateGroup: func(ctx context.Context, s *Service, _ Ref, _ string) error {
			_, err := s.CreateGroup(ctx, GroupSpec{Location: here, Name: "web"}, (&state{}).groupJournal())
			return err
		},
		gcoretest.OperationCreateRule: func(ctx context.Context, s *Service, group Ref, _ string) error {
			_, err := s.CreateRule(ctx, group, tcp(443, ""), (&state{}).ruleJournal())
			return err
		},
		gcoretest.OperationUpdateGroup: func(ctx context.Context, s *Service, group Ref, _ string) error {
			return s.UpdateGroup(ctx, group, GroupUpdate{Rules: &RulesDiff{Known: []rule.Rule{egress}, Wanted: []rule.Rule{tcp(443, "")}}})
		},
		gcoretest.OperationDeleteRule: func(ctx context.Context, s *Service, group Ref, ruleID string) error {
			_, _, err := s.DeleteRule(ctx, group, ruleID, egress, nil)
			return err
		},
	}
	for said, answer := range answers {
		for operation, write := range writes {
			t.Run(operation+"/"+said, func(t *testing.T) {
				t.Parallel()
				cloud, group, ruleID := groupWithRule(t)
				cloud.Fail(gcoretest.Fault{Operation: operation, Effect: answer})
				s := newService(t, cloud)
				ctx, cancel := s.Operation(t.Context(), time.Hour, nil)
				defer cancel()
				if err := write(ctx, s, group, ruleID); !errors.Is(err, client.ErrQuota) {
					t.Errorf("the error is %v", err)
				}
				if n := cloud.CountOperations()[operation]; n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

// The task of a lost PATCH is waited for although its clock is behind that of the header Date.
func TestLostUpdateAndTheClock(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{0, -time.Second, -2 * time.Second} {
		clock := newPausing()
		cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 20 * time.Second, TaskTimeOffset: offset, NoLock: true})
		ref := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
		s := clock.process(t, cloud)
		if _, err := s.ReadGroup(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
		clock.pass(time.Minute)
		cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.Reset{Processed: true}})
		err := s.UpdateGroup(t.Context(), ref, GroupUpdate{Rules: &RulesDiff{Wanted: []rule.Rule{tcp(1, "")}}})
		if n := cloud.CountOperations()[gcoretest.OperationUpdateGroup]; n != 1 || err != nil {
			t.Errorf("offset %v: %d PATCHes, %v", offset, n, err)
		}
	}
}
