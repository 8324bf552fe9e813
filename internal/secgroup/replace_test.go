package secgroup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// A used-up quota of the project deletes no rule, however many change.
func TestChangesUnderAUsedUpQuota(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		t.Run(reading, func(t *testing.T) {
			t.Parallel()
			config.RuleQuota = 20
			f := newFleet(t, config, list(upTo(1, 20)...))
			f.apply(t.Context(), 10, f.plan(rulesOf(list(upTo(101, 120)...))))
			for _, err := range f.failed {
				if !errors.Is(err, client.ErrQuota) {
					t.Error(err)
				}
			}
			if len(f.failed) != 20 {
				t.Errorf("%d changes failed", len(f.failed))
			}
			f.check(rulesOf(list(upTo(1, 20)...)))
		})
	}
}

// A rule that moves to another group, interrupted after any of its requests, ends there alone, also if its old group is
// deleted meanwhile.
func TestRuleMovesToAnotherGroup(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ deleted, held bool }{
		"plain": {}, "the old group is deleted": {deleted: true}, "the new group has the rule": {held: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for after := 1; moveInterrupted(t, after, test.deleted, test.held); after++ {
			}
		})
	}
}

// moveInterrupted reports false if the change ended before that many requests.
func moveInterrupted(t *testing.T, after int, deleted, held bool) bool {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	requests := 0
	f := newFleet(t, gcoretest.Config{Log: func(gcoretest.Request) {
		if requests++; requests == after {
			interrupt()
		}
	}}, list(1))
	to := Ref{here, f.cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "peer"})}
	if held {
		f.cloud.AddRule(to.ID, portRule(1))
	}
	st := f.states["r00"]
	change := func(ctx context.Context) error {
		s := f.process()
		ctx, cancel := s.Operation(ctx, time.Hour, nil)
		defer cancel()
		result, err := s.ReplaceRule(ctx, RuleReplacement{Group: st.group, To: to, ID: st.ruleID, Old: st.rule, Wanted: tcp(1, ""), Left: st.replacing}, st)
		if err == nil {
			st.group, st.ruleID, st.replacing = to, result.ID, nil
		}
		return err
	}
	err := change(ctx)
	if deleted {
		f.cloud.DeleteGroup(f.group.ID)
	}
	if err != nil {
		f.refresh(false)
		if f.states["r00"] == nil {
			// Only its old group had it.
			st.ruleID, st.group, st.replacing = "", to, nil
			err = createRule(tcp(1, ""))(t.Context(), f.process(), st)
		} else {
			err = change(t.Context())
		}
	}
	old, _ := f.cloud.Group(f.group.ID)
	now, _ := f.cloud.Group(to.ID)
	if err != nil || len(old.Rules) != 0 || len(now.Rules) != 1 || now.Rules[0].ID != st.ruleID {
		t.Errorf("after %d requests: %v; the old group has %v, the new one %v, the state %s", after, err, old.Rules, now.Rules, st.ruleID)
	}
	return ctx.Err() != nil && !t.Failed()
}

// The old rule of a change that was cut off belongs to another resource by now: it stays, whatever comes of the change.
func TestOldRuleOfAnotherResource(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*Service, *state) error{
		"change": func(s *Service, st *state) error { return replaceRule(tcp(2, ""))(t.Context(), s, st) },
		"destroy": func(s *Service, st *state) error {
			_, _, err := s.DeleteRule(t.Context(), st.group, st.ruleID, st.rule, st.replacing)
			return err
		},
	} {
		for _, created := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, created %t", name, created), func(t *testing.T) {
				t.Parallel()
				f := newFleet(t, gcoretest.Config{}, list(1))
				st := f.states["r00"]
				f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.StallTask{Effect: created}})
				polled := f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1})
				ctx, cancel := context.WithCancel(t.Context())
				go func() { <-polled.FirstHit(); cancel() }()
				if err := replaceRule(tcp(2, ""))(ctx, f.process(), st); err == nil || st.replacing == nil {
					t.Fatalf("the change was not cut off: %v", err)
				}
				f.cloud.EndTasks()
				st.replacing.Alone = true
				others := st.ruleID
				if err := run(f.process(), st); err != nil {
					t.Fatal(err)
				}
				group, _ := f.cloud.Group(f.group.ID)
				want := map[string]int{"change": 2, "destroy": 1}[name]
				if !f.has(others) || len(group.Rules) != want {
					t.Errorf("the group has the rules %v", group.Rules)
				}
			})
		}
	}
}

// An update took over the rule of another resource and was cut off. Its own rule is gone by now, of which no refresh knows. Only if
// it still wants the rule that it took over, and the other resource gives that one up, does it have it. It deletes it in no case.
func TestOldRuleGoneAfterATakeover(t *testing.T) {
	t.Parallel()
	wants := func(port int64) func(*Service, *state) error {
		return func(s *Service, st *state) error { return replaceRule(tcp(port, ""))(t.Context(), s, st) }
	}
	destroy := func(s *Service, st *state) error {
		_, _, err := s.DeleteRule(t.Context(), st.group, st.ruleID, st.rule, st.replacing)
		return err
	}
	for name, test := range map[string]struct {
		run   func(*Service, *state) error
		other int64 // the port that the other resource is planned with
		taken bool
		fails error
		rules int
	}{
		"it is wanted, and given up":     {wants(2), 3, true, nil, 2},
		"it is wanted, and kept":         {wants(2), 2, false, ErrTaken, 1},
		"it is not wanted, and given up": {wants(4), 3, false, nil, 2},
		"it is not wanted, and kept":     {wants(4), 2, false, nil, 2},
		"destroyed, and given up":        {destroy, 3, false, nil, 1},
		"destroyed, and kept":            {destroy, 2, false, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, gcoretest.Config{}, map[string]int64{"taker": 1, "other": 2})
			taker, other := f.states["taker"], f.states["other"]
			held := other.ruleID
			taker.replacing = &Replacement{ID: held, Request: createRequest(tcp(2, ""), f.group.ID), Found: true}
			f.cloud.DeleteRule(taker.ruleID)
			s := f.process()
			by := Owner{Kind: "rule", ID: held, Existed: true, Declares: rule.Keys([]rule.Rule{tcp(test.other, "")})}
			if err := s.owners.OwnOne(f.group, by); err != nil {
				t.Fatal(err)
			}
			if err := test.run(s, taker); !errors.Is(err, test.fails) {
				t.Error(err)
			}
			if taken := taker.ruleID == held; taken != test.taken {
				t.Errorf("taken over: %t", taken)
			}
			if !f.has(held) {
				t.Error("the rule of the other resource is deleted")
			}
			if err := replaceRule(tcp(test.other, ""))(t.Context(), s, other); err != nil {
				t.Error(err)
			}
			if there := f.has(held); there != (test.taken || test.other == 2) {
				t.Errorf("the rule that was taken over is there: %t", there)
			}
			if group, _ := f.cloud.Group(f.group.ID); len(group.Rules) != test.rules {
				t.Errorf("the group has %d rules", len(group.Rules))
			}
		})
	}
}

// An update that goes on with another rule than the one that it took over before does not say that it found its rule there.
func TestChangeAfterATakeover(t *testing.T) {
	t.Parallel()
	f := newFleet(t, gcoretest.Config{}, map[string]int64{"taker": 1, "other": 2})
	st := f.states["taker"]
	result, err := f.process().ReplaceRule(t.Context(), RuleReplacement{
		Group: f.group, ID: st.ruleID, Old: st.rule, To: f.group, Wanted: tcp(3, ""),
		Left: &Replacement{ID: f.states["other"].ruleID, Request: createRequest(tcp(2, ""), f.group.ID), Found: true},
	}, st)
	if err != nil || result.Found != nil {
		t.Errorf("the change found %v: %v", result.Found, err)
	}
}

// A rule whose deletion the API has refused can be taken over.
func TestTakeoverAfterARefusedDeletion(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		t.Run(reading, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, config, list(1, 2))
			held := f.states["r01"].ruleID
			f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Times: 1, Effect: gcoretest.Answer{Status: 403}})
			wanted := rulesOf(list(2, 3))
			steps := f.plan(wanted)
			slices.Reverse(steps)
			f.apply(t.Context(), 1, steps)
			if len(f.failed) != 1 || f.states["r00"].ruleID != held {
				t.Errorf("the rule is not taken over: %v", f.failed)
			}
			f.converge(1, wanted)
			f.check(wanted)
		})
	}
}
