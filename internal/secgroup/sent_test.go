package secgroup

import (
	"context"
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
	operation, end := s.Operation(ctx, time.Hour)
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
