package secgroup

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// interruption is one operation that is interrupted.
type interruption struct {
	op    operation
	cloud *gcoretest.Server
	st    *state
	// interrupt cancels the context that Terraform gives the operation.
	interrupt func()
	parent    context.Context
	at        atomic.Pointer[time.Time]
	// late counts the writes that began after the interruption.
	late *gcoretest.Handle
}

const interruptGrace = 200 * time.Millisecond

func newInterruption(t *testing.T, op operation) *interruption {
	t.Helper()
	i := &interruption{op: op, st: &state{group: Ref{Location: here}}}
	i.cloud = gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
	if err := op.prepare(t.Context(), newService(t, i.cloud), i.st); err != nil {
		t.Fatal(err)
	}
	parent, cancel := context.WithCancel(t.Context())
	i.parent, i.interrupt = parent, func() {
		now := time.Now()
		i.at.CompareAndSwap(nil, &now)
		cancel()
	}
	// Of several faults the first one acts: this one sees every write.
	i.late = i.cloud.Fail(gcoretest.Fault{Match: func(r gcoretest.Request) bool { return r.Writes() && i.at.Load() != nil }})
	return i
}

// run runs the operation, whose requests have no limit of their own, and checks that it ends soon after the interruption
// and has begun nothing since.
func (i *interruption) run(t *testing.T) error {
	t.Helper()
	api, err := client.New(client.Config{BaseURL: i.cloud.URL(), APIKey: i.cloud.APIKey()}, fastWaits...)
	if err != nil {
		t.Fatal(err)
	}
	s := New(api, new(Owners), interruptGrace)
	ctx, cancel := s.Operation(i.parent, 3*time.Hour, nil)
	defer cancel()
	err = i.op.apply(ctx, s, i.st)
	at := i.at.Load()
	if at == nil {
		return err
	}
	if took := time.Since(*at); took > interruptGrace+2*time.Second {
		t.Errorf("it ended %s after the interruption", took)
	}
	if n := i.late.Hits(); n > 0 {
		t.Errorf("%d writes began after the interruption", n)
	}
	return err
}

// converge runs the operation again, in a process of its own each time, until it succeeds. Nothing is lost.
func (i *interruption) converge(t *testing.T) {
	t.Helper()
	i.late.Clear()
	i.cloud.EndTasks()
	for tries := 0; ; tries++ {
		err := run(t, i.op, newService(t, i.cloud), i.st, time.Hour)
		if err == nil {
			break
		}
		if tries == 3 {
			t.Fatalf("it does not converge: %v", err)
		}
	}
	checkCloud(t, i.cloud, i.op, i.st)
}

// locked is what the API answers while somebody else's task of the group runs.
var locked = gcoretest.Answer{
	Status: 409, Class: "ConflictError", Message: "Resource `g` is already locked by another task. Please try again later.",
}

// unending are the states of the API that no operation gets past. They begin at the operation's own request, and last until
// the returned function is called. The operation is interrupted during that request.
func unending() map[string]func(i *interruption) (end func()) {
	one := func(effect gcoretest.Effect) func(*interruption) func() {
		return func(i *interruption) func() {
			return i.cloud.Fail(gcoretest.Fault{
				Operation: i.op.request, Effect: gcoretest.Meanwhile{Before: i.interrupt, Then: effect},
			}).Clear
		}
	}
	unavailable := gcoretest.Answer{Status: 503}
	return map[string]func(*interruption) func(){
		"no answer":                 one(gcoretest.Hang{}),
		"no answer after the deed":  one(gcoretest.Hang{Processed: true}),
		"429 for an hour":           one(gcoretest.TooManyRequests("3600")),
		"503 for an hour":           one(gcoretest.ServiceUnavailable("3600")),
		"500":                       one(gcoretest.Answer{Status: 500}),
		"somebody else's lock":      one(locked),
		"a task that does not end":  one(gcoretest.StallTask{}),
		"a task that ends too late": one(gcoretest.StallTask{Effect: true}),
		"an outage": func(i *interruption) func() {
			var all *gcoretest.Handle
			begin := func() { i.interrupt(); all = i.cloud.Fail(gcoretest.Fault{Effect: unavailable}) }
			first := i.cloud.Fail(gcoretest.Fault{Operation: i.op.request, Times: 1, Effect: gcoretest.Meanwhile{Before: begin, Then: unavailable}})
			return func() { first.Clear(); all.Clear() }
		},
		"no connection": func(i *interruption) func() {
			var restore func()
			begin := func() { i.interrupt(); restore = i.cloud.Refuse() }
			first := i.cloud.Fail(gcoretest.Fault{Operation: i.op.request, Times: 1, Effect: gcoretest.Meanwhile{Before: begin, Then: unavailable}})
			return func() { first.Clear(); restore() }
		},
	}
}

// An interrupted operation ends soon, whatever the API does, and begins nothing more. Nothing is lost.
func TestInterruptedByTheUser(t *testing.T) {
	t.Parallel()
	for fault, begin := range unending() {
		for name, op := range operations() {
			t.Run(name+"/"+fault, func(t *testing.T) {
				t.Parallel()
				i := newInterruption(t, op)
				end := begin(i)
				// The deletion of a group makes no task.
				if err := i.run(t); err == nil && (op.request != gcoretest.OperationDeleteGroup || !strings.HasPrefix(fault, "a task")) {
					t.Error("it succeeded")
				}
				end()
				i.converge(t)
			})
		}
	}
}

// An operation is interrupted during each of its requests in turn.
func TestInterruptedAtEachRequest(t *testing.T) {
	t.Parallel()
	for name, op := range operations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for request, done := 0, false; !done; request++ {
				i := newInterruption(t, op)
				i.cloud.Fail(gcoretest.Fault{Skip: request, Times: 1, Effect: gcoretest.Meanwhile{Before: i.interrupt}})
				err := i.run(t)
				if done = i.at.Load() == nil; done && err != nil {
					t.Errorf("without an interruption: %v", err)
				}
				i.converge(t)
			}
		})
	}
}

// A PATCH with rules that was not processed is built again, with another look: what somebody added in the wait stays.
func TestGuardAfterAPause(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]gcoretest.Effect{
		"429": gcoretest.TooManyRequests("6"), "503": gcoretest.ServiceUnavailable("6"), "a lock": locked,
		"412": refusal(412),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, _ := groupWithRule(t)
			add := func() {
				cloud.AddRule(group.ID, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp")})
			}
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.Meanwhile{After: add, Then: effect}})
			err := newService(t, cloud).UpdateGroup(t.Context(), group, GroupUpdate{Rules: &RulesDiff{Known: []rule.Rule{egress}}})
			if _, ok := errors.AsType[*UnplannedRulesError](err); !ok {
				t.Errorf("the error is %v", err)
			}
			if stored, _ := cloud.Group(group.ID); len(stored.Rules) != 2 {
				t.Errorf("the group has the rules %v", stored.Rules)
			}
		})
	}
}

// A group that is in use is the error, whatever ends the wait for it.
func TestGroupThatStaysInUse(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]time.Duration{"interrupted": time.Hour, "out of time": 5 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, _ := groupWithRule(t)
			id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
			cloud.UseGroup(id, gcoretest.Instance{Name: "vm"})
			refused := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteGroup, Skip: 3})
			parent, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			s := newService(t, cloud)
			ctx, cancel := s.Operation(parent, limit, nil)
			defer cancel()
			if limit == time.Hour {
				go func() {
					<-refused.FirstHit()
					interrupt()
				}()
			}
			err := s.DeleteGroup(ctx, Ref{group.Location, id})
			if inUse, ok := errors.AsType[*InUseError](err); !ok || len(inUse.Instances) != 1 {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// Operations that wait for the lock of their group, in this process or for its turn at the API, end at once.
func TestInterruptedQueue(t *testing.T) {
	t.Parallel()
	cloud, group, _ := groupWithRule(t)
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Effect: gcoretest.StallTask{}})
	polled := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1})
	parent, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	s := newService(t, cloud)
	s.turns.oneByOne = true
	ctx, cancel := s.Operation(parent, time.Hour, nil)
	defer cancel()
	var running sync.WaitGroup
	for port := range 10 {
		running.Go(func() {
			st := &state{}
			if _, err := s.CreateRule(ctx, group, tcp(int64(port+1), ""), st.ruleJournal()); !errors.Is(err, context.Canceled) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	<-polled.FirstHit()
	running.Go(func() {
		if err := s.UpdateGroup(ctx, group, GroupUpdate{Rules: &RulesDiff{}}); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	})
	interrupt()
	began := time.Now()
	running.Wait()
	if took := time.Since(began); took > interruptGrace+2*time.Second {
		t.Errorf("it took %s", took)
	}
	if n := cloud.CountOperations()[gcoretest.OperationCreateRule]; n != 1 {
		t.Errorf("%d requests", n)
	}
}

// Twins that a PATCH has left stay if the operation is interrupted during its task.
func TestTwinsAfterAnInterruption(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 20 * time.Millisecond, NoLock: true, AllowDuplicates: true, PatchKeepsTwins: true})
	ref := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
	for range 3 {
		cloud.AddRule(ref.ID, portRule(1))
	}
	cloud.AddRule(ref.ID, portRule(2))
	s := newService(t, cloud)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	op, end := s.Operation(ctx, time.Hour, nil)
	defer end()
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1, Effect: gcoretest.Meanwhile{After: cancel}})
	known := []rule.Rule{tcp(1, ""), tcp(1, ""), tcp(1, ""), tcp(2, "")}
	err := s.UpdateGroup(op, ref, GroupUpdate{Rules: &RulesDiff{Known: known, Wanted: []rule.Rule{tcp(1, ""), tcp(3, "")}}})
	if n := cloud.CountOperations()[gcoretest.OperationDeleteRule]; n > 0 || err == nil {
		t.Errorf("%d DELETEs were sent after the interrupt: %v", n, err)
	}
}
