package secgroup

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/fastclock"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// A new rule set waits for the rules that other operations of the run delete, one by one or as those of a set. It does not
// wait where none does.
func TestRuleSetWaitsForDeletedRules(t *testing.T) {
	t.Parallel()
	wanted := []rule.Rule{tcp(443, "")}
	for name, test := range map[string]struct {
		remove   func(ctx context.Context, s *Service, group Ref, ruleID string) error
		at       int // the pause in which it is called
		canceled bool
	}{
		"single rule": {at: 3, remove: func(ctx context.Context, s *Service, group Ref, ruleID string) error {
			_, _, err := s.DeleteRule(ctx, group, ruleID, egress, nil)
			return err
		}},
		"another rule set": {at: 2, remove: func(ctx context.Context, s *Service, group Ref, _ string) error {
			_, err := s.RemoveRules(ctx, group, []rule.Rule{egress})
			return err
		}},
		"nobody":                {},
		"nobody, and cancelled": {at: 2, canceled: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, ruleID := groupWithRule(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var s *Service
			pauses, paused, removing := 0, time.Duration(0), false
			s = newService(t, cloud, client.WithSleep(func(ctx context.Context, wait time.Duration) error {
				if removing {
					return ctx.Err()
				}
				pauses++
				paused += wait
				switch {
				case pauses != test.at:
				case test.canceled:
					cancel()
				case test.remove != nil:
					removing = true
					if err := test.remove(ctx, s, group, ruleID); err != nil {
						t.Error(err)
					}
					removing = false
				}
				return ctx.Err()
			}))
			err := s.SetRules(ctx, group, RulesDiff{Wanted: wanted, Creating: true})
			_, refused := errors.AsType[*UnplannedRulesError](err)
			if refused == (test.remove != nil) || test.remove != nil && err != nil || errors.Is(err, context.Canceled) != test.canceled {
				t.Errorf("after %d pauses: %v", pauses, err)
			}
			if n := cloud.CountOperations()[gcoretest.OperationReadGroup]; refused && (n != 1 || paused > 4*time.Second) {
				t.Errorf("%d reads, and pauses of %s", n, paused)
			}
			if stored, _ := cloud.Group(group.ID); len(stored.Rules) != 1 || refused != (stored.Rules[0].ID == ruleID) {
				t.Errorf("the group has the rules %v", stored.Rules)
			}
		})
	}
}

const fast = fastclock.Clock(1000)

// fastWaits makes a client wait on the fast clock.
var fastWaits = []client.Option{client.WithSleep(fast.Sleep), client.WithTimeout(fast.Timeout)}

// newService is an engine that does not wait long. On a slow machine a request that is answered does not count as a hung one.
func newService(t testing.TB, cloud *gcoretest.Server, options ...client.Option) *Service {
	t.Helper()
	return serviceWithin(t, time.Minute, cloud, options...)
}

// impatient is the limit of a request where the cloud leaves one unanswered.
const impatient = 300 * time.Millisecond

// serviceFor is newService for a cloud with the fault.
func serviceFor(t testing.TB, fault gcoretest.Scenario, cloud *gcoretest.Server, options ...client.Option) *Service {
	t.Helper()
	if fault.Hangs {
		return serviceWithin(t, impatient, cloud, options...)
	}
	return newService(t, cloud, options...)
}

// serviceWithin is newService with another limit of a request.
func serviceWithin(t testing.TB, limit time.Duration, cloud *gcoretest.Server, options ...client.Option) *Service {
	t.Helper()
	api, err := client.New(client.Config{
		BaseURL: cloud.URL(), APIKey: cloud.APIKey(), RequestTimeout: limit,
	}, slices.Concat(fastWaits, options)...)
	if err != nil {
		t.Fatal(err)
	}
	return New(api, new(Owners), 200*time.Millisecond)
}

// A revert deletes all rules of a group. What a resource of the same run has made, has taken over or keeps must not go with them, in
// whatever order Terraform runs the two.
func TestRevertLeavesRulesOfThisRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		run  func(ctx context.Context, cloud *gcoretest.Server, s *Service, group Ref, ruleID string) (id string, err error)
		goes bool
	}{
		"made": {run: func(ctx context.Context, cloud *gcoretest.Server, s *Service, group Ref, _ string) (string, error) {
			return s.CreateRule(ctx, group, tcp(443, ""), new(state).ruleJournal())
		}},
		"taken over": {run: func(ctx context.Context, cloud *gcoretest.Server, s *Service, group Ref, ruleID string) (string, error) {
			old, err := newService(t, cloud).CreateRule(ctx, group, tcp(22, ""), new(state).ruleJournal())
			if err != nil {
				return "", err
			}
			change := RuleReplacement{Group: group, To: group, ID: old, Old: tcp(22, ""), Wanted: egress}
			_, err = s.ReplaceRule(ctx, change, new(state))
			return ruleID, err
		}},
		"kept": {run: func(_ context.Context, _ *gcoretest.Server, s *Service, group Ref, ruleID string) (string, error) {
			return ruleID, s.owners.OwnOne(group, Owner{ID: ruleID, Declares: rule.Keys([]rule.Rule{egress})})
		}},
		"of nobody": {goes: true},
		"of a resource that goes": {goes: true, run: func(ctx context.Context, cloud *gcoretest.Server, s *Service, group Ref, ruleID string) (string, error) {
			_, _, err := s.DeleteRule(ctx, group, ruleID, egress, nil)
			return ruleID, err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, ruleID := groupWithRule(t)
			cloud.ChangeGroup(group.ID, func(g *gcoretest.Group) { g.Name = DefaultGroup })
			s := newService(t, cloud)
			if test.run != nil {
				var err error
				if ruleID, err = test.run(t.Context(), cloud, s, group, ruleID); err != nil {
					t.Fatal(err)
				}
			}
			_, err := s.RevertRules(t.Context(), group)
			if _, held := errors.AsType[*HeldRulesError](err); held == test.goes || test.goes && err != nil {
				t.Error(err)
			}
			if stored, _ := cloud.Group(group.ID); test.goes == slices.ContainsFunc(stored.Rules, func(r gcoretest.Rule) bool { return r.ID == ruleID }) {
				t.Errorf("the group has the rules %v", stored.Rules)
			}
		})
	}
}

// The answer to a revert is lost, and the API carries it out later. A rule that a resource of the same run makes after it stays.
func TestRevertWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		effect gcoretest.Effect
		within time.Duration
	}{
		"processed":       {gcoretest.Reset{Processed: true}, time.Minute},
		"processed later": {gcoretest.ProcessLater{After: 100 * time.Second}, lostFor + time.Minute},
		"not processed":   {gcoretest.Reset{}, lostFor + time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newPausing()
			cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second, DefaultRules: []gcoretest.Rule{portRule(1)}})
			group := webGroup(cloud, 2)
			cloud.ChangeGroup(group.ID, func(g *gcoretest.Group) { g.Name = DefaultGroup })
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationRevertGroup, Times: 1, Effect: test.effect})
			began, s := clock.now(), clock.process(t, cloud)
			if _, err := s.RevertRules(t.Context(), group); err != nil {
				t.Error(err)
			}
			if took := clock.now().Sub(began); took > test.within {
				t.Errorf("it took %s", took)
			}
			if _, err := s.CreateRule(t.Context(), group, tcp(3, ""), new(state).ruleJournal()); err != nil {
				t.Error(err)
			}
			clock.pass(time.Hour)
			if got := portsOf(cloud, group); !slices.Equal(got, []int{1, 3}) {
				t.Errorf("the group has the ports %v", got)
			}
		})
	}
}

// The same for the PATCH that removes the rules of a rule set.
func TestRemovalWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	clock := newPausing()
	cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second})
	group := webGroup(cloud, 2)
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.ProcessLater{After: 100 * time.Second}})
	s := clock.process(t, cloud)
	if _, err := s.RemoveRules(t.Context(), group, allTCP(2)); err != nil {
		t.Error(err)
	}
	if _, err := s.CreateRule(t.Context(), group, tcp(3, ""), new(state).ruleJournal()); err != nil {
		t.Error(err)
	}
	clock.pass(time.Hour)
	if got := portsOf(cloud, group); !slices.Equal(got, []int{3}) {
		t.Errorf("the group has the ports %v", got)
	}
}
