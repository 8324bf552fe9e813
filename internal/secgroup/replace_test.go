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
		ctx, cancel := s.Operation(ctx, time.Minute)
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
				stall := f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.StallTask{Effect: created}})
				ctx, cancel := context.WithCancel(t.Context())
				go func() { <-stall.FirstHit(); cancel() }()
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
				if !slices.ContainsFunc(group.Rules, func(r gcoretest.Rule) bool { return r.ID == others }) || len(group.Rules) != want {
					t.Errorf("the group has the rules %v", group.Rules)
				}
			})
		}
	}
}
