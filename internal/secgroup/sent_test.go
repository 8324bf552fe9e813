package secgroup

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// A change of all rules of a group is interrupted during any of its requests. What it may have added is known then, and can be
// undone, also while its task still runs. What was there before stays.
func TestSetRulesIsUndone(t *testing.T) {
	t.Parallel()
	for reading, config := range map[string]gcoretest.Config{"lock": {}, "no lock": {NoLock: true}} {
		for name, ends := range map[string]bool{"the task ends": true, "the task goes on": false} {
			t.Run(reading+", "+name, func(t *testing.T) {
				t.Parallel()
				// A task that goes on is polled without end.
				for request := 0; (ends || request < 6) && setRulesUndone(t, config, request, ends); request++ {
				}
			})
		}
	}
}

// setRulesUndone reports false if the change ended before that request.
func setRulesUndone(t *testing.T, config gcoretest.Config, request int, ends bool) bool {
	t.Helper()
	config.TaskDuration = 2 * time.Millisecond
	cloud := gcoretest.New(t, config)
	group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
	before := cloud.AddRule(group.ID, portRule(1))
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	cloud.Fail(gcoretest.Fault{Skip: request, Times: 1, Effect: gcoretest.Meanwhile{Before: interrupt}})
	if !ends {
		cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
	}
	var sent *SentRules
	s := newService(t, cloud)
	operation, end := s.Operation(ctx, time.Hour, nil)
	err := s.SetRules(operation, group, RulesDiff{
		Wanted: []rule.Rule{tcp(1, ""), tcp(2, "")}, Creating: true, Remember: func(r *SentRules) { sent = r },
	})
	end()
	if ctx.Err() == nil {
		return false
	}
	if !ends {
		cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationListTasks, Skip: 1, Times: 1, Effect: gcoretest.Meanwhile{Before: cloud.EndTasks}})
	}
	posted := cloud.CountOperations()[gcoretest.OperationUpdateGroup] > 0
	if posted != (sent != nil) {
		t.Errorf("request %d: sent %t, remembered %v; the error is %v", request, posted, sent, err)
	}
	if sent == nil {
		return !t.Failed()
	}
	if _, err := newService(t, cloud).UndoRules(t.Context(), here, sent); err != nil {
		t.Error(err)
	}
	cloud.EndTasks()
	if stored, _ := cloud.Group(group.ID); len(stored.Rules) != 1 || stored.Rules[0].ID != before {
		t.Errorf("request %d: the group has the rules %v", request, stored.Rules)
	}
	return !t.Failed()
}

// A rule that was there before stays, also if the change was to give it another description, and has.
func TestUndoLeavesEarlierRules(t *testing.T) {
	t.Parallel()
	for _, effect := range []bool{false, true} {
		cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
		group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
		cloud.AddRule(group.ID, portRule(1))
		cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.FailTask{Text: "no capacity", Effect: effect}})
		var sent *SentRules
		wanted := []rule.Rule{tcp(1, "mine"), tcp(2, "")}
		err := newService(t, cloud).SetRules(t.Context(), group, RulesDiff{Wanted: wanted, Creating: true, Remember: func(r *SentRules) { sent = r }})
		if sent == nil {
			t.Fatal(err)
		}
		if _, err := newService(t, cloud).UndoRules(t.Context(), here, sent); err != nil {
			t.Error(err)
		}
		if stored, _ := cloud.Group(group.ID); len(stored.Rules) != 1 || *stored.Rules[0].PortRangeMin != 1 {
			t.Errorf("with effect %t: the group has the rules %v", effect, stored.Rules)
		}
	}
}

// What a resource of the same run has made by then stays, also if it is the only rule of the group.
func TestUndoLeavesNewRules(t *testing.T) {
	t.Parallel()
	for _, others := range []int{0, 1} {
		cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
		group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
		for range others {
			cloud.AddRule(group.ID, portRule(9))
		}
		s := newService(t, cloud)
		if err := s.owners.OwnOne(group, Owner{Kind: "rule", Declares: rule.Keys([]rule.Rule{tcp(1, "")})}); err != nil {
			t.Fatal(err)
		}
		id, err := s.CreateRule(t.Context(), group, tcp(1, ""), new(state).ruleJournal())
		if err != nil {
			t.Fatal(err)
		}
		sent := &SentRules{GroupID: group.ID, Rules: []client.RuleRequest{client.RuleRequest(tcp(1, "")), client.RuleRequest(tcp(2, ""))}}
		if _, err := s.UndoRules(t.Context(), here, sent); err != nil {
			t.Error(err)
		}
		stored, _ := cloud.Group(group.ID)
		if len(stored.Rules) != others+1 || !slices.ContainsFunc(stored.Rules, func(r gcoretest.Rule) bool { return r.ID == id }) {
			t.Errorf("beside %d rules: the group has the rules %v", others, stored.Rules)
		}
	}
}

// The answer to a PATCH is lost, and the API may carry it out after the run has ended. An undo in another process, with another
// clock, waits until that cannot be, and so does a change to other rules.
func TestUndoOutlastsALostAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lost        int
		interrupted bool
		offset      time.Duration
		changed     bool // the next run changes the rules instead
	}{
		"interrupted": {lost: 1, interrupted: true}, "sent many times": {lost: maxLost},
		"another clock": {lost: 1, interrupted: true, offset: time.Hour}, "changed": {lost: 1, interrupted: true, changed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newPausing()
			cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second})
			group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			late := gcoretest.Meanwhile{Then: gcoretest.ProcessLater{After: 100 * time.Second}}
			if test.interrupted {
				late.Before = interrupt
			}
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: test.lost, Effect: late})
			var sent *SentRules
			s := clock.process(t, cloud)
			operation, end := s.Operation(ctx, time.Hour, nil)
			err := s.SetRules(operation, group, RulesDiff{Wanted: []rule.Rule{tcp(1, "")}, Creating: true, Remember: func(r *SentRules) { sent = r }})
			end()
			if err == nil || sent == nil {
				t.Fatalf("remembered %v after %v", sent, err)
			}
			next := newService(t, cloud, client.WithSleep(clock.sleep), client.WithClock(func() time.Time { return clock.now().Add(test.offset) }))
			if test.changed {
				err = next.SetRules(t.Context(), group, RulesDiff{Sent: sent})
			} else {
				_, err = next.UndoRules(t.Context(), here, sent)
			}
			if err != nil {
				t.Error(err)
			}
			clock.pass(time.Hour)
			if stored, _ := cloud.Group(group.ID); len(stored.Rules) > 0 {
				t.Errorf("the group has the rules %v", stored.Rules)
			}
		})
	}
}

// A PATCH that the API carries out after the run was cut off is the whole list of rules: the next run waits for it unless it asks for the
// same list.
func TestChangeOutlastsALostAnswer(t *testing.T) {
	t.Parallel()
	rules := func(ports []int) (rules []rule.Rule) {
		for _, port := range ports {
			rules = append(rules, tcp(int64(port), ""))
		}
		return rules
	}
	for name, test := range map[string]struct {
		had, lost, next []int
		waits           bool
	}{
		"the same":        {nil, []int{1, 2}, []int{1, 2}, false},
		"more":            {nil, []int{1, 2}, []int{1, 2, 3}, true},
		"less":            {nil, []int{1, 2}, []int{1}, true},
		"back":            {[]int{2}, []int{1}, []int{1, 2}, true},
		"others":          {[]int{2}, []int{1}, []int{1, 2, 3}, true},
		"removed in vain": {[]int{1, 2}, []int{1}, []int{1, 2}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newPausing()
			cloud := gcoretest.New(t, gcoretest.Config{Now: clock.now, TaskDuration: 2 * time.Second})
			group := webGroup(cloud, test.had...)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.Meanwhile{
				Before: interrupt, Then: gcoretest.ProcessLater{After: 100 * time.Second},
			}})
			var sent *SentRules
			s := clock.process(t, cloud)
			operation, end := s.Operation(ctx, time.Hour, nil)
			defer end()
			diff := RulesDiff{Wanted: rules(test.lost), Known: rules(test.had), Remember: func(r *SentRules) { sent = r }}
			if err := s.SetRules(operation, group, diff); err == nil || sent == nil {
				t.Fatalf("remembered %v after %v", sent, err)
			}
			began := clock.now()
			if err := clock.process(t, cloud).SetRules(t.Context(), group, RulesDiff{Wanted: rules(test.next), Known: rules(test.had), Sent: sent}); err != nil {
				t.Error(err)
			}
			if took := clock.now().Sub(began); took > time.Minute != test.waits {
				t.Errorf("it took %s", took)
			}
			clock.pass(time.Hour)
			if got := portsOf(cloud, group); !slices.Equal(got, test.next) {
				t.Errorf("the rules are of the ports %v", got)
			}
		})
	}
}

// Of a PATCH that the API refuses nothing is remembered, unless the answer to an earlier one was lost.
func TestRefusedRulesAreNotRemembered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		effects    []gcoretest.Effect
		remembered bool
	}{
		"refused":             {[]gcoretest.Effect{gcoretest.Answer{Status: 403}}, false},
		"lost":                {[]gcoretest.Effect{gcoretest.Reset{}, gcoretest.Reset{}, gcoretest.Reset{}, gcoretest.Reset{}, gcoretest.Reset{}, gcoretest.Reset{}}, true},
		"lost, then refused":  {[]gcoretest.Effect{gcoretest.Reset{}, gcoretest.Answer{Status: 403}}, true},
		"a failed task":       {[]gcoretest.Effect{gcoretest.FailTask{Text: "no capacity"}}, true},
		"the lock, and a 403": {[]gcoretest.Effect{locked, gcoretest.Answer{Status: 403}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
			group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
			for _, effect := range test.effects {
				cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: effect})
			}
			var sent *SentRules
			err := newService(t, cloud).SetRules(t.Context(), group, RulesDiff{Wanted: []rule.Rule{tcp(1, "")}, Remember: func(r *SentRules) { sent = r }})
			if err == nil || (sent != nil) != test.remembered {
				t.Errorf("remembered %v after %v", sent, err)
			}
		})
	}
}

// The next change of the group may remove what one that was cut off has sent, and nothing else that no plan has shown.
func TestSentRulesAreKnown(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
	group := Ref{here, cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})}
	cloud.AddRule(group.ID, portRule(1))
	diff := RulesDiff{Wanted: []rule.Rule{tcp(2, "")}, Sent: &SentRules{GroupID: group.ID, Rules: []client.RuleRequest{client.RuleRequest(tcp(1, ""))}}}
	if err := newService(t, cloud).SetRules(t.Context(), group, diff); err != nil {
		t.Error(err)
	}
	diff.Wanted = nil
	if err := newService(t, cloud).SetRules(t.Context(), group, diff); err == nil {
		t.Error("a rule that no plan has shown is removed")
	}
}
