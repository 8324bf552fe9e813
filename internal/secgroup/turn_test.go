package secgroup

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// sideBySideRules creates rules of one group with that many workers, as Terraform does, and returns how many requests
// were refused, and how often the group was read.
func sideBySideRules(t *testing.T, config gcoretest.Config, workers, rules int) (refused, reads int) {
	t.Helper()
	cloud := gcoretest.New(t, config)
	id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
	s := newService(t, cloud)
	ports := make(chan int64)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for port := range ports {
				st := &state{}
				if _, err := s.CreateRule(t.Context(), Ref{here, id}, tcp(port, ""), st.ruleJournal()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for port := range rules {
		ports <- int64(port + 1)
	}
	close(ports)
	running.Wait()
	if group, _ := cloud.Group(id); len(group.Rules) != rules {
		t.Errorf("the group has %d rules", len(group.Rules))
	}
	refused = cloud.Count(func(r gcoretest.Request) bool { return r.Status == 409 })
	return refused, cloud.CountOperations()[gcoretest.OperationReadGroup]
}

// Once the API has shown that it locks groups, no write is refused any more, and no refusal makes the engine look for an
// object of the same kind.
func TestWritesUnderTheLock(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 10, 30} {
		config := gcoretest.Config{LockGroups: true, TaskDuration: 5 * time.Millisecond}
		refused, reads := sideBySideRules(t, config, workers, 40)
		if refused >= workers {
			t.Errorf("%d workers: %d requests were refused", workers, refused)
		}
		if reads > 45 { // one to confirm each rule, and some that show a rule late
			t.Errorf("%d workers: the group was read %d times", workers, reads)
		}
	}
}

// Without a lock writes run side by side.
func TestWritesWithoutALock(t *testing.T) {
	t.Parallel()
	if refused, _ := sideBySideRules(t, gcoretest.Config{NoLock: true, TaskDuration: 5 * time.Millisecond}, 10, 40); refused != 0 {
		t.Errorf("%d requests were refused", refused)
	}
}

// The lock of somebody else's task is waited for, with growing pauses; the error names it.
func TestSomebodyElsesLock(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]bool{"it ends": true, "it stays": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{LockGroups: true})
			id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
			stall := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{}})
			defer stall.Clear()
			other, err := client.New(client.Config{BaseURL: cloud.URL(), APIKey: cloud.APIKey()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := other.UpdateSecurityGroup(t.Context(), here, id, client.UpdateSecurityGroupRequest{Name: new("www")}); err != nil {
				t.Fatal(err)
			}
			limit := time.Minute
			if ends {
				limit = time.Hour
			}
			pauses := 0
			s := newService(t, cloud, client.WithSleep(func(ctx context.Context, _ time.Duration) error {
				if pauses++; pauses == 5 && ends {
					cloud.EndTasks()
				}
				return fast.Sleep(ctx, time.Second)
			}))
			ctx, cancel := s.Operation(t.Context(), limit, nil)
			defer cancel()
			st := &state{}
			_, err = s.CreateRule(ctx, Ref{here, id}, tcp(22, ""), st.ruleJournal())
			switch {
			case ends && err != nil:
				t.Error(err)
			case !ends && (!errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "locked")):
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A write that gives up waiting for its turn sends nothing, and the next one gets the turn.
func TestTurnThatIsGivenUp(t *testing.T) {
	t.Parallel()
	order := &turns{oneByOne: true}
	group := Ref{here, "g"}
	first := order.of(t.Context(), group)
	if err := first.take(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := order.of(ctx, group).take(); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	last := order.of(t.Context(), group)
	done := make(chan error)
	go func() { done <- last.take() }()
	first.end()
	if err := <-done; err != nil {
		t.Error(err)
	}
	last.end()
	if left := order.groups[last.key]; left.writes != 0 || len(left.queue) != 0 {
		t.Errorf("%d writes, %d in the queue", left.writes, len(left.queue))
	}
}

// A full group's rule makes room for its successor whatever the status of the refusal; a project's quota never deletes a
// rule.
func TestQuotaOfAReplacement(t *testing.T) {
	t.Parallel()
	quota := func(status int) gcoretest.Effect {
		return gcoretest.Answer{Status: status, Body: `{"exception_class": "QuotaLimitExceed", "message": "Quota limit for secgroup_rule_count exceeded by 1"}`}
	}
	for name, test := range map[string]struct {
		rules   int
		effect  gcoretest.Effect
		deleted bool
	}{
		"full, 409":          {rule.GroupLimit, quota(409), true},
		"full, 400":          {rule.GroupLimit, quota(400), true},
		"full, in the task":  {rule.GroupLimit, gcoretest.FailTask{Text: "Quota exceeded for resources: ['security_group_rule']"}, true},
		"project, 409":       {20, quota(409), false},
		"project, 400":       {20, quota(400), false},
		"project, OverQuota": {20, gcoretest.Answer{Status: 409, Body: `{"exception_class": "ConflictError", "message": "Quota exceeded for resources: ['security_group_rule']."}`}, false},
		"project, in a task": {20, gcoretest.FailTask{Text: "Quota exceeded for resources: ['security_group_rule']"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
			var rules []gcoretest.Rule
			for port := range test.rules {
				rules = append(rules, gcoretest.Rule{
					Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(port + 1), PortRangeMax: new(port + 1),
				})
			}
			id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web", Rules: rules})
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: test.effect})
			group, _ := cloud.Group(id)
			old := group.Rules[0]
			st := &state{}
			_, err := newService(t, cloud).ReplaceRule(t.Context(), RuleReplacement{
				Group: Ref{here, id}, To: Ref{here, id}, ID: old.ID, Old: tcp(int64(*old.PortRangeMin), ""), Wanted: tcp(60000, ""),
			}, st)
			if test.deleted != (err == nil) || !test.deleted && !errors.Is(err, client.ErrQuota) {
				t.Errorf("the error is %v", err)
			}
			if n := cloud.CountOperations()[gcoretest.OperationDeleteRule]; (n > 0) != test.deleted {
				t.Errorf("%d rules were deleted", n)
			}
		})
	}
}

// A create whose task finds that the object exists adopts nothing: the error names the one that is there.
func TestTaskThatFindsATwin(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
	id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
	var twin string
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.FailTask{Text: "Security group rule already exists."}})
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1, Effect: gcoretest.Meanwhile{Before: func() {
		twin = cloud.AddRule(id, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22)})
	}}})
	st := &state{}
	_, err := newService(t, cloud).CreateRule(t.Context(), Ref{here, id}, tcp(22, ""), st.ruleJournal())
	create, ok := errors.AsType[*CreateError](err)
	if !ok || create.Outcome != Exists || len(create.Candidates) != 1 || create.Candidates[0] != twin {
		t.Errorf("the error is %v", err)
	}
	if st.ruleID != "" {
		t.Errorf("the state has %s", st.ruleID)
	}
}

// The refusal of egress to port 25 names the rules at fault, and no others.
func TestMailRules(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{})
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Effect: gcoretest.Answer{
		Status: 400, Body: `{"exception_class": "ValidationError", "message": "Opening egress port 25 for TCP or UDP traffic is prohibited. Please, contact support."}`,
	}})
	open, wide, narrow, mail := rule.Rule{Direction: rule.Egress}, tcp(0, ""), tcp(443, ""), tcp(25, "")
	wide.PortRangeMin, wide.PortRangeMax = new(int64(1)), new(int64(1024))
	for _, r := range []*rule.Rule{&wide, &narrow, &mail} {
		r.Direction = rule.Egress
	}
	ingress := tcp(25, "mail in")
	st := &state{}
	_, err := newService(t, cloud).CreateGroup(t.Context(), GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{open, wide, narrow, mail, ingress}}, st.groupJournal())
	refused, ok := errors.AsType[*MailError](err)
	if !ok || !rule.Same(refused.Rules, []rule.Rule{open, wide, mail}) {
		t.Errorf("the error is %v with %v", err, refused)
	}
}
