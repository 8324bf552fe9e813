package secgroup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// refusal is an answer of the API that refuses a request.
func refusal(status int) gcoretest.Effect {
	return gcoretest.Answer{Status: status, Body: `{"exception_class": "SomeError", "message": "no"}`}
}

var egress = rule.Rule{Direction: rule.Egress, Ethertype: rule.IPv4, Protocol: "esp"}

// groupWithRule is a fake with the default group, which has one rule.
func groupWithRule(t *testing.T) (cloud *gcoretest.Server, group Ref, ruleID string) {
	t.Helper()
	cloud = gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
	id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: DefaultGroup, Rules: []gcoretest.Rule{
		{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("esp")},
	}})
	stored, _ := cloud.Group(id)
	return cloud, Ref{here, id}, stored.Rules[0].ID
}

// The refusal of an earlier try is no part of the error of a write that was accepted later, or that may have been.
func TestRefusalIsForgotten(t *testing.T) {
	t.Parallel()
	update := func(s *Service, group Ref, _ string) error {
		ctx, cancel := s.Operation(t.Context(), 20*time.Minute, nil)
		defer cancel()
		err := s.UpdateGroup(ctx, group, GroupUpdate{Rules: &RulesDiff{Known: []rule.Rule{egress}}})
		return err
	}
	remove := func(s *Service, group Ref, ruleID string) error {
		ctx, cancel := s.Operation(t.Context(), 20*time.Minute, nil)
		defer cancel()
		_, _, err := s.DeleteRule(ctx, group, ruleID, egress, nil)
		return err
	}
	revert := func(s *Service, group Ref, _ string) error {
		ctx, cancel := s.Operation(t.Context(), 20*time.Minute, nil)
		defer cancel()
		_, err := s.RevertRules(ctx, group)
		return err
	}
	for name, test := range map[string]struct {
		operation string
		status    int
		then      gcoretest.Effect
		run       func(*Service, Ref, string) error
		not       error
	}{
		"412, then accepted": {gcoretest.OperationUpdateGroup, 412, gcoretest.StallTask{}, update, client.ErrChanged},
		"409, then accepted": {gcoretest.OperationUpdateGroup, 409, gcoretest.StallTask{}, update, client.ErrConflict},
		"a deleted rule":     {gcoretest.OperationDeleteRule, 409, gcoretest.StallTask{}, remove, client.ErrConflict},
		"409, then lost":     {gcoretest.OperationRevertGroup, 409, gcoretest.Hang{}, revert, client.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, ruleID := groupWithRule(t)
			cloud.Fail(gcoretest.Fault{Operation: test.operation, Times: 1, Effect: refusal(test.status)})
			then := cloud.Fail(gcoretest.Fault{Operation: test.operation, Effect: test.then})
			defer then.Clear()
			err := test.run(serviceWithin(t, impatient, cloud), group, ruleID)
			if err == nil || errors.Is(err, test.not) || then.Hits() == 0 {
				t.Errorf("after %d further requests: %v", then.Hits(), err)
			}
		})
	}
}

// An error of what follows an accepted PATCH does not send it again.
func TestAcceptedPatchIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{gcoretest.OperationReadGroup, gcoretest.OperationPollTask} {
		cloud, group, _ := groupWithRule(t)
		cloud.Fail(gcoretest.Fault{Operation: operation, Times: 1, Effect: refusal(409)})
		err := newService(t, cloud).UpdateGroup(t.Context(), group, GroupUpdate{Description: new("x")})
		if n := cloud.CountOperations()[gcoretest.OperationUpdateGroup]; n != 1 || err == nil {
			t.Errorf("%s: %d PATCHes, %v", operation, n, err)
		}
	}
}

// That an interrupted replacement had made nothing is reported beside the failure of the delete.
func TestDeleteAfterNothing(t *testing.T) {
	t.Parallel()
	cloud, group, ruleID := groupWithRule(t)
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Effect: refusal(403)})
	left := &Replacement{
		Create:  &Pending{TaskID: "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1", Began: time.Now()},
		Request: client.RuleRequest{Direction: "ingress"},
	}
	_, nothing, err := newService(t, cloud).DeleteRule(t.Context(), group, ruleID, egress, left)
	if !IsNothing(nothing) || !errors.Is(err, client.ErrForbidden) {
		t.Errorf("nothing: %v; the error is %v", nothing, err)
	}
}

// sleeps records the pauses of a client, which do not take long.
type sleeps struct {
	mu  sync.Mutex
	all []time.Duration
}

func (s *sleeps) option() client.Option {
	return client.WithSleep(func(ctx context.Context, wait time.Duration) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = append(s.all, wait)
		return ctx.Err()
	})
}

// How often each operation sends its request when the answer is the same each time, and how long it pauses.
func TestWritesThatAreSentAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer   gcoretest.Answer
		times    int // 0: all
		fails    bool
		requests int // at most
		pause    time.Duration
		says     string
	}{
		"500 each time":                 {answer: gcoretest.Answer{Status: 500}, fails: true, requests: maxLost, says: "500 Internal Server Error"},
		"503 each time":                 {answer: gcoretest.ServiceUnavailable(""), fails: true, requests: maxLost, says: "503 Service Unavailable"},
		"503 with Retry-After":          {answer: gcoretest.ServiceUnavailable("40"), times: 2, requests: 3, pause: 40 * time.Second},
		"429 with Retry-After":          {answer: gcoretest.TooManyRequests("40"), times: 2, requests: 3, pause: 40 * time.Second},
		"429 for longer than there is":  {answer: gcoretest.TooManyRequests("7200"), fails: true, requests: 1, says: "asks to wait 2h0m0s, which is longer than the time left"},
		"503 for longer than there is":  {answer: gcoretest.ServiceUnavailable("7200"), fails: true, requests: 1, says: "asks to wait 2h0m0s, which is longer than the time left"},
		"429 many times, then accepted": {answer: gcoretest.TooManyRequests(""), times: 20, requests: 21, pause: 6 * time.Second},
	}
	for name, test := range tests {
		for operationName, op := range operations() {
			t.Run(name+"/"+operationName, func(t *testing.T) {
				t.Parallel()
				cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: time.Millisecond})
				st := &state{group: Ref{Location: here}}
				if err := op.prepare(t.Context(), newService(t, cloud), st); err != nil {
					t.Fatal(err)
				}
				fault := cloud.Fail(gcoretest.Fault{Operation: op.request, Times: test.times, Effect: test.answer})
				before := cloud.CountOperations()[op.request]
				var paused sleeps
				err := run(t, op, newService(t, cloud, paused.option()), st, time.Hour)
				if test.fails != (err != nil) || test.fails && !strings.Contains(err.Error(), test.says) {
					t.Errorf("the error is %v", err)
				}
				if n := cloud.CountOperations()[op.request] - before; n > test.requests || fault.Hits() == 0 {
					t.Errorf("%d requests", n)
				}
				var total time.Duration
				for _, pause := range paused.all {
					total += pause
				}
				if test.fails && total > 8*time.Minute {
					t.Errorf("it fails after %s", total)
				}
				if slices.Max(append([]time.Duration{0}, paused.all...)) < test.pause {
					t.Errorf("it paused %v", paused.all)
				}
			})
		}
	}
}

// Whatever goes wrong, a create with 20 minutes of time sends its POST a few times at most. It asks no more often than one that polls a task
// every three seconds.
func TestRequestsOfACreate(t *testing.T) {
	t.Parallel()
	const limit, most = 20 * time.Minute, 450
	for faultName, scenario := range gcoretest.Scenarios() {
		for name, create := range creates() {
			t.Run(name+"/"+faultName, func(t *testing.T) {
				t.Parallel()
				clock := newPausing()
				cloud := gcoretest.New(t, scenario.In(gcoretest.Config{Now: clock.now, TaskDuration: time.Second}))
				st := &state{group: Ref{Location: here}}
				if name == "rule" {
					st.group.ID = cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
				}
				interrupted, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				ends := clock.now().Add(limit)
				s := serviceFor(t, scenario, cloud, client.WithClock(clock.now), client.WithSleep(func(ctx context.Context, d time.Duration) error {
					if clock.pass(d); clock.now().After(ends) {
						interrupt()
						<-ctx.Done()
					}
					return ctx.Err()
				}))
				defer scenario.Apply(cloud, create.operation)()
				ctx, end := s.Operation(interrupted, time.Hour, nil)
				defer end()
				err := create.apply(ctx, s, st)
				posts, requests := cloud.CountOperations()[create.operation], len(cloud.Requests())
				if posts > maxLost || requests > most {
					t.Errorf("%d POSTs of %d requests: %v", posts, requests, err)
				}
			})
		}
	}
}

// notices are what an engine logs.
type notices struct {
	mu  sync.Mutex
	all []string
}

func (n *notices) Info(_ context.Context, _ string, fields map[string]any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, fmt.Sprint(fields["for"]))
}
func (*notices) Debug(context.Context, string, map[string]any) {}
func (*notices) Trace(context.Context, string, map[string]any) {}

// Waits of more than ten seconds are logged: for a task, for somebody else's lock, for the pause that the API asks for, for what
// became of a lost request.
func TestLongWaitsAreLogged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault *gcoretest.Fault // of the create
		task  time.Duration
		want  string // "": nothing
	}{
		"short task":  {nil, 5 * time.Second, ""},
		"long task":   {nil, 30 * time.Second, "last seen in state RUNNING"},
		"lock":        {&gcoretest.Fault{Times: 20, Effect: locked}, time.Second, "already locked by another task"},
		"429":         {&gcoretest.Fault{Times: 1, Effect: gcoretest.TooManyRequests("40")}, time.Second, "429"},
		"lost answer": {&gcoretest.Fault{Times: 1, Effect: gcoretest.ProcessLater{After: 20 * time.Second}}, time.Second, "the create of rule"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock, log := newPausing(), &notices{}
			cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: test.task})
			group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
			if test.fault != nil {
				test.fault.Operation = gcoretest.OperationCreateRule
				cloud.Fail(*test.fault)
			}
			s := newService(t, cloud, client.WithSleep(clock.sleep), client.WithClock(clock.now), client.WithLogger(log))
			if _, err := s.CreateRule(t.Context(), group, tcp(1, ""), new(state).ruleJournal()); err != nil {
				t.Error(err)
			}
			if (test.want == "") != (len(log.all) == 0) || !strings.Contains(strings.Join(log.all, "\n"), test.want) {
				t.Errorf("logged is %q", log.all)
			}
		})
	}
}
