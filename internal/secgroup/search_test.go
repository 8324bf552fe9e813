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

// pausing is the time of a cloud and of those who talk to it. It passes only while somebody pauses, so that a test takes
// no time and always the same course.
type pausing struct {
	mu   sync.Mutex
	time time.Time
}

func newPausing() *pausing {
	return &pausing{time: time.Date(2026, 5, 1, 12, 0, 0, 300_000_000, time.UTC)}
}

func (p *pausing) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.time
}

func (p *pausing) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.time = p.time.Add(d)
}

func (p *pausing) sleep(ctx context.Context, d time.Duration) error {
	p.pass(d)
	return ctx.Err()
}

// process is the engine in a process of its own.
func (p *pausing) process(t *testing.T, cloud *gcoretest.Server) *Service {
	t.Helper()
	return newService(t, cloud, client.WithSleep(p.sleep), client.WithClock(p.now))
}

// made is a create of a group or of a rule, with what a test needs to know of it.
type made struct {
	operation string
	apply     func(context.Context, *Service, *state) error
	// look is what a plan does with the memory of it, and settle what a delete does.
	look, settle func(context.Context, *Service, *state) (string, error)
	// id is the one in the state, and memory what else it has.
	id     func(*state) string
	memory func(*state) Pending
	// ids are those in the cloud.
	ids func(*gcoretest.Server) []string
	// add makes the same object without a task.
	add func(*gcoretest.Server, *state) string
}

// creates are a group and a rule. The group of the rule is there already.
func creates() map[string]made {
	spec := GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{tcp(443, "")}}
	wanted := tcp(22, "admins")
	find := func(wait bool) func(context.Context, *Service, *state) (string, error) {
		return func(ctx context.Context, s *Service, st *state) (string, error) {
			return s.FindCreatedGroup(ctx, spec, &st.groupWas, wait)
		}
	}
	findRule := func(wait bool) func(context.Context, *Service, *state) (string, error) {
		return func(ctx context.Context, s *Service, st *state) (string, error) {
			return s.FindCreatedRule(ctx, st.group, wanted, &st.ruleWas, wait)
		}
	}
	return map[string]made{
		"group": {
			gcoretest.OperationCreateGroup, createGroup(spec), find(false), find(true),
			func(st *state) string { return st.group.ID }, func(st *state) Pending { return st.groupWas },
			func(cloud *gcoretest.Server) (ids []string) {
				for _, group := range cloud.Groups(here.ProjectID, here.RegionID) {
					ids = append(ids, group.ID)
				}
				return ids
			},
			func(cloud *gcoretest.Server, _ *state) string {
				return cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web", Rules: []gcoretest.Rule{
					{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(443), PortRangeMax: new(443)},
				}})
			},
		},
		"rule": {
			gcoretest.OperationCreateRule, createRule(wanted), findRule(false), findRule(true),
			func(st *state) string { return st.ruleID }, func(st *state) Pending { return st.ruleWas },
			func(cloud *gcoretest.Server) (ids []string) {
				for _, r := range cloud.Groups(here.ProjectID, here.RegionID)[0].Rules {
					ids = append(ids, r.ID)
				}
				return ids
			},
			func(cloud *gcoretest.Server, st *state) string {
				return cloud.AddRule(st.group.ID, gcoretest.Rule{
					Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22), Description: new("admins"),
				})
			},
		},
	}
}

// forCreates runs a test for a group and for a rule, with tasks that repeat their request and with tasks that do not.
func forCreates(t *testing.T, test func(*testing.T, made, *gcoretest.Server, *pausing, *state)) {
	t.Helper()
	forGroups(t, test)
	forKind(t, "rule", test)
}

// forGroups is forCreates where the API refuses the same rule twice.
func forGroups(t *testing.T, test func(*testing.T, made, *gcoretest.Server, *pausing, *state)) {
	t.Helper()
	forKind(t, "group", test)
}

func forKind(t *testing.T, name string, test func(*testing.T, made, *gcoretest.Server, *pausing, *state)) {
	t.Helper()
	forKindIn(t, name, gcoretest.Config{}, test)
}

func forKindIn(t *testing.T, name string, config gcoretest.Config, test func(*testing.T, made, *gcoretest.Server, *pausing, *state)) {
	t.Helper()
	for reading, noData := range map[string]bool{"": false, ", no task data": true} {
		create := creates()[name]
		t.Run(name+reading, func(t *testing.T) {
			t.Parallel()
			clock := newPausing()
			config := config
			config.Now, config.TaskDuration, config.NoTaskData = clock.now, 2*time.Second, noData
			cloud := gcoretest.New(t, config)
			st := &state{group: Ref{Location: here}}
			if name == "rule" {
				st.group.ID = cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
			}
			test(t, create, cloud, clock, st)
		})
	}
}

// converges applies, in a process of its own each time, until an apply succeeds: three times at most. Then the cloud has
// exactly the object of the state, and what is not ours.
func (create made) converges(t *testing.T, cloud *gcoretest.Server, clock *pausing, st *state, notOurs ...string) {
	t.Helper()
	var err error
	for range 3 {
		if err = create.apply(t.Context(), clock.process(t, cloud), st); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatalf("it does not converge: %v", err)
	}
	want := map[string]bool{create.id(st): true}
	for _, id := range notOurs {
		want[id] = true
	}
	ids := create.ids(cloud)
	for _, id := range ids {
		if !want[id] {
			t.Errorf("the cloud has %s, which no state has", id)
		}
	}
	if len(ids) != len(want) {
		t.Errorf("the cloud has %v; the state has %s, and not ours are %v", ids, create.id(st), notOurs)
	}
}

func (create made) failWith(cloud *gcoretest.Server, effect gcoretest.Effect) *gcoretest.Handle {
	return cloud.Fail(gcoretest.Fault{Operation: create.operation, Times: 1, Effect: effect})
}

// A task that the API has accepted made something, or will, whatever the first answers say of it.
func TestAcceptedIsNotNothing(t *testing.T) {
	t.Parallel()
	t.Run("a task that is missing at first", func(t *testing.T) {
		t.Parallel()
		forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
			create.failWith(cloud, gcoretest.LateTask{Polls: 2})
			if err := create.apply(t.Context(), clock.process(t, cloud), st); err != nil {
				t.Error(err)
			}
			create.converges(t, cloud, clock, st)
		})
	})
	for name, lag := range map[string]time.Duration{"for 9 s": 9 * time.Second, "for 90 s": 90 * time.Second} {
		t.Run("task, list and object missing "+name, func(t *testing.T) {
			t.Parallel()
			forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
				create.failWith(cloud, gcoretest.Together{gcoretest.LateTask{Duration: lag}, gcoretest.LateEffect{Duration: lag}})
				err := create.apply(t.Context(), clock.process(t, cloud), st)
				if IsNothing(err) || err != nil && create.memory(st).TaskID == "" {
					t.Errorf("the memory is %v, the error %v", create.memory(st), err)
				}
				if err != nil {
					if _, err := create.look(t.Context(), clock.process(t, cloud), st); IsNothing(err) {
						t.Errorf("the next plan gives it up: %v", err)
					}
				}
				create.converges(t, cloud, clock, st)
			})
		})
	}
}

// Only after a long time does an accepted create count as one that made nothing, if neither its task nor an object shows.
func TestForgottenForGood(t *testing.T) {
	t.Parallel()
	forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
		create.failWith(cloud, gcoretest.ForgetTask{Lost: true})
		err := create.apply(t.Context(), clock.process(t, cloud), st)
		if OutcomeOf(err) != Unresolved || !strings.Contains(err.Error(), "task") {
			t.Errorf("the error is %v", err)
		}
		if _, err := create.look(t.Context(), clock.process(t, cloud), st); OutcomeOf(err) != StillRunning {
			t.Errorf("the next plan: %v", err)
		}
		clock.pass(time.Hour)
		if _, err := create.look(t.Context(), clock.process(t, cloud), st); OutcomeOf(err) != MadeNothing {
			t.Errorf("a plan an hour later: %v", err)
		}
		create.converges(t, cloud, clock, st)
	})
}

// A gateway gives up, and the API carries the request out later: nothing is sent again before that is certain.
func TestProcessedLater(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]gcoretest.ProcessLater{
		"504, 9 s later":    {After: 9 * time.Second},
		"504, 70 s later":   {After: 70 * time.Second},
		"reset, 70 s later": {After: 70 * time.Second, Then: gcoretest.Reset{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
				create.failWith(cloud, late)
				err := create.apply(t.Context(), clock.process(t, cloud), st)
				if n := cloud.CountOperations()[create.operation]; n != 1 {
					t.Errorf("%d POSTs", n)
				}
				if err != nil {
					if _, look := create.look(t.Context(), clock.process(t, cloud), st); look != nil && OutcomeOf(look) != StillRunning {
						t.Errorf("after %v the next plan: %v", err, look)
					}
				}
				create.converges(t, cloud, clock, st)
			})
		})
	}
}

// A request that never arrives comes to nothing, and the next apply makes what it was to make.
func TestNeverArrived(t *testing.T) {
	t.Parallel()
	forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
		create.failWith(cloud, gcoretest.Reset{})
		if err := create.apply(t.Context(), clock.process(t, cloud), st); OutcomeOf(err) != Unresolved || !errors.Is(err, client.ErrAmbiguous) {
			t.Errorf("the error is %v", err)
		}
		if err := create.apply(t.Context(), clock.process(t, cloud), st); err != nil {
			t.Errorf("the next apply: %v", err)
		}
		create.converges(t, cloud, clock, st)
	})
}

// What takes no requests for now has not carried one out: it is sent again in the same operation.
func TestOverloaded(t *testing.T) {
	t.Parallel()
	forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
		create.failWith(cloud, gcoretest.ServiceUnavailable(""))
		if err := create.apply(t.Context(), clock.process(t, cloud), st); err != nil {
			t.Error(err)
		}
		create.converges(t, cloud, clock, st)
	})
}

// Without a task of its own a create takes nothing, however much it looks like what was asked for.
func TestOfAnotherState(t *testing.T) {
	t.Parallel()
	t.Run("made without a task in the same moment", func(t *testing.T) {
		t.Parallel()
		forGroups(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
			theirs := ""
			create.failWith(cloud, gcoretest.Meanwhile{Before: func() { theirs = create.add(cloud, st) }, Then: gcoretest.Reset{}})
			err := create.apply(t.Context(), clock.process(t, cloud), st)
			if err == nil || !strings.Contains(err.Error(), theirs) {
				t.Errorf("the error does not name %s: %v", theirs, err)
			}
			create.converges(t, cloud, clock, st, theirs)
		})
	})
	for name, after := range map[string]time.Duration{"begun before": -5 * time.Second, "begun long after": 5 * time.Minute} {
		t.Run("by a task "+name, func(t *testing.T) {
			t.Parallel()
			forGroups(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
				theirs := &state{group: st.group}
				other := func() {
					if err := create.apply(t.Context(), clock.process(t, cloud), theirs); err != nil {
						t.Fatal(err)
					}
				}
				if after < 0 {
					other()
					clock.pass(-after)
				}
				create.failWith(cloud, gcoretest.Reset{})
				if err := create.apply(t.Context(), clock.process(t, cloud), st); err == nil {
					t.Error("a POST that never arrived succeeds")
				}
				if after > 0 {
					clock.pass(after)
					other()
				}
				create.converges(t, cloud, clock, st, create.id(theirs))
			})
		})
	}
}

// What a task names is compared with what was asked for before anything is done to it.
func TestNamedByTheTask(t *testing.T) {
	t.Parallel()
	protected := gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Rules: []gcoretest.Rule{
		{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("esp")},
	}}
	for name, named := range map[string]string{"another name": "production", "older": "web"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newPausing()
			cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now})
			protected := protected
			protected.Name = named
			id := cloud.AddGroup(protected)
			before, _ := cloud.Group(id)
			clock.pass(time.Hour)
			create, st := creates()["group"], &state{}
			create.failWith(cloud, gcoretest.TaskResources{Groups: []string{id}})
			if err := create.apply(t.Context(), clock.process(t, cloud), st); err != nil && !strings.Contains(err.Error(), id) {
				t.Errorf("the error does not name the group: %v", err)
			}
			create.converges(t, cloud, clock, st, id)
			if after, _ := cloud.Group(id); after.RevisionNumber != before.RevisionNumber {
				t.Errorf("the other group was changed: %v", after)
			}
		})
	}
	t.Run("another rule", func(t *testing.T) {
		t.Parallel()
		clock := newPausing()
		cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now})
		protected := protected
		protected.Name = "web"
		st := &state{group: Ref{here, cloud.AddGroup(protected)}}
		theirs := cloud.Groups(here.ProjectID, here.RegionID)[0].Rules[0].ID
		clock.pass(time.Hour)
		create := creates()["rule"]
		create.failWith(cloud, gcoretest.TaskResources{Rules: []string{theirs}})
		if err := create.apply(t.Context(), clock.process(t, cloud), st); err != nil && !strings.Contains(err.Error(), theirs) {
			t.Errorf("the error does not name the rule: %v", err)
		}
		create.converges(t, cloud, clock, st, theirs)
	})
}

// cutOff lets a create run until it looks at its task.
func cutOff(t *testing.T, cloud *gcoretest.Server, create func() error) {
	t.Helper()
	poll := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Effect: gcoretest.Answer{Status: 403}})
	defer poll.Clear()
	if err := create(); !errors.Is(err, client.ErrForbidden) {
		t.Errorf("it was not cut off: %v", err)
	}
}

// A create whose own task failed takes nothing that another task may have made, not even while that is running.
func TestFailedBesideAnother(t *testing.T) {
	t.Parallel()
	forGroups(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
		cutOff(t, cloud, func() error {
			create.failWith(cloud, gcoretest.StallTask{Effect: true})
			return create.apply(t.Context(), clock.process(t, cloud), &state{})
		})
		clock.pass(1200 * time.Millisecond)
		create.failWith(cloud, gcoretest.FailTask{Text: "no capacity"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := create.apply(ctx, clock.process(t, cloud), st)
		if err == nil || create.id(st) != "" {
			t.Errorf("it took what the other one was making: %v", err)
		}
		cloud.EndTasks()
		create.converges(t, cloud, clock, st, create.ids(cloud)[0])
	})
}

// A rule whose task finds that it exists made nothing, and what is there is somebody else's, also where the create was cut
// off and the other rule was made since.
func TestExistsInTheTask(t *testing.T) {
	t.Parallel()
	for name, isCutOff := range map[string]bool{"waited for": false, "cut off": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newPausing()
			cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second, RefuseInTask: true})
			create, theirs := creates()["rule"], ""
			st := &state{group: Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}}
			create.failWith(cloud, gcoretest.Meanwhile{After: func() { theirs = create.add(cloud, st) }})
			apply := func() error { return create.apply(t.Context(), clock.process(t, cloud), st) }
			var err error
			if isCutOff {
				cutOff(t, cloud, apply)
				clock.pass(time.Minute)
				_, err = create.look(t.Context(), clock.process(t, cloud), st)
			} else {
				err = apply()
			}
			exists, ok := errors.AsType[*CreateError](err)
			if !ok || exists.Outcome != Exists || !slices.Equal(exists.Candidates, []string{theirs}) || create.id(st) != "" {
				t.Errorf("the state has %q, the rule of somebody else is %s: %v", create.id(st), theirs, err)
			}
		})
	}
}

// However a finished task names what it made, the object is found, and a delete of a create that was cut off gets through.
func TestOddResources(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]gcoretest.TaskResources{
		"null": {Null: true}, "absent": {Absent: true}, "doubled": {Doubled: true}, "a text": {Value: "all"}, "a list": {Value: []string{"x"}},
		"numbers":  {Value: map[string]any{"security_groups": []int{1}, "security_group_rules": []int{1}}},
		"no lists": {Value: map[string]any{"security_groups": "x", "security_group_rules": "x"}},
		"none":     {Groups: []string{}, Rules: []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
				create.failWith(cloud, odd)
				if err := create.apply(t.Context(), clock.process(t, cloud), st); err != nil {
					t.Error(err)
				}
				create.converges(t, cloud, clock, st)
			})
		})
	}
	t.Run("and the object is gone", func(t *testing.T) {
		t.Parallel()
		forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
			create.failWith(cloud, gcoretest.TaskResources{Null: true})
			cutOff(t, cloud, func() error { return create.apply(t.Context(), clock.process(t, cloud), st) })
			clock.pass(time.Minute)
			for _, id := range create.ids(cloud) {
				if create.operation == gcoretest.OperationCreateRule {
					cloud.DeleteRule(id)
				} else {
					cloud.DeleteGroup(id)
				}
			}
			if _, err := create.settle(t.Context(), clock.process(t, cloud), st); !IsNothing(err) {
				t.Errorf("the delete: %v", err)
			}
		})
	})
}

// A task of somebody else that hangs does not keep a lost answer from being found.
func TestBesideAHungTask(t *testing.T) {
	t.Parallel()
	forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
		group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "other"})}
		cloud.Fail(gcoretest.Fault{Operation: create.operation, Times: 1, Effect: gcoretest.Meanwhile{
			Before: func() {
				cutOff(t, cloud, func() (err error) {
					create.failWith(cloud, gcoretest.StallTask{})
					if create.operation == gcoretest.OperationCreateRule {
						_, err = clock.process(t, cloud).CreateRule(t.Context(), group, tcp(1, ""), new(state).ruleJournal())
					} else {
						_, err = clock.process(t, cloud).CreateGroup(t.Context(), GroupSpec{Location: here, Name: "another"}, new(state).groupJournal())
					}
					return err
				})
			},
			Then: gcoretest.Reset{Processed: true},
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := create.apply(ctx, clock.process(t, cloud), st); err != nil || create.id(st) == "" {
			t.Errorf("the state has %q, the error is %v", create.id(st), err)
		}
	})
}

// Without a date in any answer this machine's clock has to do, and one wrong date does not count for long.
func TestClocks(t *testing.T) {
	t.Parallel()
	everywhere := func(cloud *gcoretest.Server, times int, effect gcoretest.Effect) {
		cloud.Fail(gcoretest.Fault{Times: times, Effect: effect})
	}
	for name, test := range map[string]struct {
		config gcoretest.Config
		apply  func(*gcoretest.Server)
	}{
		"no date":            {apply: func(cloud *gcoretest.Server) { everywhere(cloud, 0, gcoretest.NoDate{}) }},
		"no date, and ahead": {gcoretest.Config{TaskTimeOffset: time.Minute, ObjectTimeOffset: time.Minute}, func(cloud *gcoretest.Server) { everywhere(cloud, 0, gcoretest.NoDate{}) }},
		"no date, and behind": {gcoretest.Config{TaskTimeOffset: -time.Minute, ObjectTimeOffset: -time.Minute}, func(cloud *gcoretest.Server) {
			everywhere(cloud, 0, gcoretest.NoDate{})
		}},
		"an hour ahead once":           {apply: func(cloud *gcoretest.Server) { everywhere(cloud, 1, gcoretest.WrongDate{By: time.Hour}) }},
		"an hour behind once":          {apply: func(cloud *gcoretest.Server) { everywhere(cloud, 1, gcoretest.WrongDate{By: -time.Hour}) }},
		"the gateway's clock is ahead": {gcoretest.Config{DateOffset: 1500 * time.Millisecond}, func(*gcoretest.Server) {}},
		"ours is an hour behind": {
			gcoretest.Config{DateOffset: time.Hour, TaskTimeOffset: time.Hour, ObjectTimeOffset: time.Hour}, func(*gcoretest.Server) {},
		},
		"ours is an hour ahead": {
			gcoretest.Config{DateOffset: -time.Hour, TaskTimeOffset: -time.Hour, ObjectTimeOffset: -time.Hour}, func(*gcoretest.Server) {},
		},
		"that of objects is behind": {gcoretest.Config{ObjectTimeOffset: -30 * time.Second}, func(*gcoretest.Server) {}},
	} {
		for loss, processed := range map[string]bool{"processed": true, "never arrived": false} {
			t.Run(name+", "+loss, func(t *testing.T) {
				t.Parallel()
				clock := newPausing()
				config := test.config
				config.Now, config.TaskDuration = clock.now, 2*time.Second
				cloud := gcoretest.New(t, config)
				create, st := creates()["group"], &state{group: Ref{Location: here}}
				cloud.Fail(gcoretest.Fault{Operation: create.operation, Times: 1, Effect: gcoretest.Reset{Processed: processed}})
				test.apply(cloud)
				err := create.apply(t.Context(), clock.process(t, cloud), st)
				if processed && err != nil {
					t.Errorf("the answer is lost for good: %v", err)
				}
				create.converges(t, cloud, clock, st)
			})
		}
	}
}

// Without a date in any answer a wrong clock of this machine costs an error at worst: it names what may be ours, and
// nothing is made twice. The earlier object, of the same request, is gone.
func TestWrongClockWithoutDates(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{-20 * time.Minute, -8 * time.Minute, -4 * time.Minute, 4 * time.Minute, 8 * time.Minute, 20 * time.Minute} {
		for name, datesLater := range map[string]bool{"never a date": false, "dates in the next run": true} {
			t.Run(offset.String()+", "+name, func(t *testing.T) {
				t.Parallel()
				forKindIn(t, "group", gcoretest.Config{DateOffset: offset, TaskTimeOffset: offset, ObjectTimeOffset: offset}, func(
					t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state,
				) {
					earlier := &state{group: st.group}
					if err := create.apply(t.Context(), clock.process(t, cloud), earlier); err != nil {
						t.Fatal(err)
					}
					cloud.DeleteGroup(create.id(earlier))
					clock.pass(6 * time.Minute)
					create.failWith(cloud, gcoretest.Reset{Processed: true})
					dateless := cloud.Fail(gcoretest.Fault{Effect: gcoretest.NoDate{}})
					err := create.apply(t.Context(), clock.process(t, cloud), st)
					if datesLater {
						dateless.Clear()
						create.converges(t, cloud, clock, st)
						return
					}
					for range 2 {
						clock.pass(time.Hour)
						if err != nil {
							err = create.apply(t.Context(), clock.process(t, cloud), st)
						}
					}
					ids := create.ids(cloud)
					if len(ids) != 1 || create.id(st) != ids[0] && !strings.Contains(fmt.Sprint(err), ids[0]) {
						t.Errorf("the cloud has %v, the state %q: %v", ids, create.id(st), err)
					}
				})
			})
		}
	}
}

// An update looks only at what it asked for: what somebody else changes meanwhile is no failure of it.
func TestUpdateBesideAnother(t *testing.T) {
	t.Parallel()
	cloud, group, _ := groupWithRule(t)
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.Meanwhile{After: func() {
		cloud.ChangeGroup(group.ID, func(g *gcoretest.Group) { g.Name, g.Description = "renamed", "by somebody else" })
	}}})
	if err := newService(t, cloud).UpdateGroup(t.Context(), group, GroupUpdate{Tags: map[string]*string{"a": new("1")}}); err != nil {
		t.Error(err)
	}
}

// A rule that an update of somebody else has made is not ours, whatever became of our create: the task of an update names
// the group only.
func TestRuleOfAnotherUpdate(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]time.Duration{"1 minute": time.Minute, "1 day": 24 * time.Hour} {
		for _, noData := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, no data %t", name, noData), func(t *testing.T) {
				t.Parallel()
				clock := newPausing()
				cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second, NoTaskData: noData})
				create := creates()["rule"]
				st := &state{group: Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}}
				create.failWith(cloud, gcoretest.FailTask{Text: "no capacity"})
				cutOff(t, cloud, func() error { return create.apply(t.Context(), clock.process(t, cloud), st) })
				clock.pass(wait)
				err := clock.process(t, cloud).UpdateGroup(t.Context(), st.group, GroupUpdate{Rules: &RulesDiff{Wanted: []rule.Rule{tcp(22, "admins")}}})
				if err != nil {
					t.Fatal(err)
				}
				theirs := create.ids(cloud)[0]
				clock.pass(10 * time.Second)
				id, err := create.look(t.Context(), clock.process(t, cloud), st)
				if id == theirs {
					t.Errorf("adopted %s, which another state's PATCH made; err %v", id, err)
				}
				err = create.apply(t.Context(), clock.process(t, cloud), st)
				ids := create.ids(cloud)
				if len(ids) == 0 || ids[0] != theirs {
					t.Errorf("after the apply (%v) the other state's rule %s is deleted: %v", err, theirs, ids)
				}
			})
		}
	}
}

// An interruption while the API is overloaded leaves open whether it carries the request out.
func TestInterruptedWhileOverloaded(t *testing.T) {
	t.Parallel()
	clock := newPausing()
	cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second})
	create := creates()["group"]
	st := &state{group: Ref{Location: here}}
	create.failWith(cloud, gcoretest.ProcessLater{After: 50 * time.Second, Then: gcoretest.ServiceUnavailable("")})
	interrupted, cancel := context.WithCancel(t.Context())
	s := newService(t, cloud, client.WithClock(clock.now), client.WithSleep(func(ctx context.Context, d time.Duration) error {
		if interrupted.Err() != nil {
			<-ctx.Done() // no pause is shorter than the grace
		}
		return clock.sleep(ctx, d)
	}))
	ctx, end := s.Operation(interrupted, time.Hour, nil)
	defer end()
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationListTasks, Times: 1, Effect: gcoretest.Meanwhile{After: cancel}})
	err := create.apply(ctx, s, st)
	if OutcomeOf(err) != Unresolved || st.groupWas.isNone() {
		t.Errorf("the memory is %v, the error %v", st.groupWas, err)
	}
	clock.pass(time.Minute)
	create.converges(t, cloud, clock, st)
}

// A request that was answered with a 503 may still be carried out, a minute and more later: no second object comes of it.
func TestOverloadedAndProcessedLater(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{10 * time.Second, 50 * time.Second, 100 * time.Second} {
		for name, requested := range map[string]string{"": "", ", Retry-After": "40"} {
			t.Run(after.String()+name, func(t *testing.T) {
				t.Parallel()
				forCreates(t, func(t *testing.T, create made, cloud *gcoretest.Server, clock *pausing, st *state) {
					create.failWith(cloud, gcoretest.ProcessLater{After: after, Then: gcoretest.ServiceUnavailable(requested)})
					if err := create.apply(t.Context(), clock.process(t, cloud), st); err != nil && create.operation == gcoretest.OperationCreateGroup {
						t.Error(err)
					}
					clock.pass(lostFor)
					create.converges(t, cloud, clock, st)
				})
			})
		}
	}
}

// A rule that is sent again after a 503 may be created by one of the two tasks, while the other one finds that it exists. If it
// was sent once, one of them is somebody else's.
func TestOverloadedAndBothProcessed(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"sent twice": true, "sent once": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newPausing()
			cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: time.Second, RefuseInTask: true})
			group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
			api := clock.process(t, cloud).client
			p := Pending{Began: clock.now()}
			for i := range 2 {
				if i > 0 && again {
					p.Sent = clock.now()
				}
				if _, err := api.CreateSecurityGroupRule(t.Context(), here, group.ID, createRequest(tcp(1, ""), group.ID)); err != nil {
					t.Fatal(err)
				}
				clock.pass(10 * time.Second)
			}
			id, err := clock.process(t, cloud).FindCreatedRule(t.Context(), group, tcp(1, ""), &p, true)
			if (id != "") != again || !again && OutcomeOf(err) != Doubtful {
				t.Errorf("it finds %q: %v", id, err)
			}
		})
	}
}
