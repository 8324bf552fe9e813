package secgroup

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// updates are changes of a group that has a rule of port 1.
func updates() map[string]func(context.Context, *Service, Ref) error {
	return map[string]func(context.Context, *Service, Ref) error{
		"a name": func(ctx context.Context, s *Service, group Ref) error {
			return s.UpdateGroup(ctx, group, GroupUpdate{Name: new("www")})
		},
		"rules": func(ctx context.Context, s *Service, group Ref) error {
			return s.SetRules(ctx, group, RulesDiff{Wanted: allTCP(2), Known: allTCP(1), Remember: func(*SentRules) {}})
		},
		"the removal of rules": func(ctx context.Context, s *Service, group Ref) error {
			_, err := s.RemoveRules(ctx, group, allTCP(1))
			return err
		},
	}
}

// The API accepts an update and forgets its task. What it was to do may still come, so nothing is sent again for ten minutes.
func TestUpdateWhoseTaskIsForgotten(t *testing.T) {
	t.Parallel()
	for name, update := range updates() {
		for outcome, test := range map[string]struct {
			effect gcoretest.Effect
			sent   int
		}{
			"comes later": {gcoretest.Together{gcoretest.ForgetTask{}, gcoretest.DelayTask{Duration: forgottenFor - time.Minute}}, 1},
			"never comes": {gcoretest.ForgetTask{Lost: true}, 2},
		} {
			t.Run(name+", "+outcome, func(t *testing.T) {
				t.Parallel()
				clock := newPausing()
				cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second, NoLock: true})
				group := webGroup(cloud, 1)
				cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: test.effect})
				began := clock.now()
				if err := update(t.Context(), clock.process(t, cloud), group); err != nil {
					t.Error(err)
				}
				if sent := cloud.CountOperations()[gcoretest.OperationUpdateGroup]; sent != test.sent {
					t.Errorf("sent %d times", sent)
				}
				if took := clock.now().Sub(began); took < forgottenFor-time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		}
	}
}

// A change of all rules is interrupted while its task is unknown, or before the API forgets it, and takes effect minutes later.
// Neither the next change nor an undo, in another process, comes before that.
func TestForgottenRulesComeLater(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		next func(context.Context, *Service, Ref, *SentRules) error
		want []int
	}{
		"undone": {func(ctx context.Context, s *Service, _ Ref, sent *SentRules) error {
			_, err := s.UndoRules(ctx, here, sent)
			return err
		}, []int{1}},
		"changed": {func(ctx context.Context, s *Service, group Ref, sent *SentRules) error {
			return s.SetRules(ctx, group, RulesDiff{Wanted: allTCP(1, 3), Known: allTCP(1), Sent: sent})
		}, []int{1, 3}},
		"changed back": {func(ctx context.Context, s *Service, group Ref, sent *SentRules) error {
			return s.SetRules(ctx, group, RulesDiff{Wanted: allTCP(1), Known: allTCP(1), Sent: sent})
		}, []int{1}},
	} {
		for at, polls := range map[string]int{"while it is unknown": 3, "before": 0} {
			t.Run(name+", "+at, func(t *testing.T) {
				t.Parallel()
				clock := newPausing()
				cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, NoLock: true})
				group := webGroup(cloud, 1)
				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				cloud.Fail(gcoretest.Fault{
					Operation: gcoretest.OperationUpdateGroup, Times: 1,
					Effect: gcoretest.Together{gcoretest.ForgetTask{}, gcoretest.DelayTask{Duration: forgottenFor - time.Minute}},
				})
				cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Skip: polls, Times: 1, Effect: gcoretest.Meanwhile{Before: interrupt}})
				// The process has no time left after the interruption.
				s := newService(t, cloud, client.WithClock(clock.now), client.WithSleep(func(pause context.Context, d time.Duration) error {
					if ctx.Err() != nil {
						<-pause.Done()
					}
					return clock.sleep(pause, d)
				}))
				var sent *SentRules
				operation, end := s.Operation(ctx, time.Hour, nil)
				err := s.SetRules(operation, group, RulesDiff{
					Wanted: allTCP(1, 2), Known: allTCP(1), Remember: func(r *SentRules) { sent = r },
				})
				end()
				if err == nil || sent == nil {
					t.Fatalf("remembered %v after %v", sent, err)
				}
				if err := test.next(t.Context(), clock.process(t, cloud), group, sent); err != nil {
					t.Error(err)
				}
				clock.pass(time.Hour)
				if got := portsOf(cloud, group); !slices.Equal(got, test.want) {
					t.Errorf("the group has the ports %v", got)
				}
			})
		}
	}
}
