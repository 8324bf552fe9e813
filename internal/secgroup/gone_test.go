package secgroup

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// refreshes are the reads of what a state has.
func refreshes(group Ref, ruleID string) map[string]func(context.Context, *Service) error {
	return map[string]func(context.Context, *Service) error{
		"group": func(ctx context.Context, s *Service) error {
			_, err := s.RefreshGroup(ctx, group, time.Now())
			return err
		},
		"rules of a group": func(ctx context.Context, s *Service) error {
			_, err := s.RefreshRules(ctx, group, time.Time{})
			return err
		},
		"rule": func(ctx context.Context, s *Service) error {
			_, _, err := s.ReadRule(ctx, group, ruleID, nil, true)
			return err
		},
	}
}

// What was made a moment ago is not gone because a read shows the cloud as it was before.
func TestStaleRefresh(t *testing.T) {
	t.Parallel()
	cloud, group, ruleID := groupWithRule(t)
	stale := gcoretest.StaleRead{Without: []string{group.ID, ruleID}}
	for name, read := range refreshes(group, ruleID) {
		for _, fault := range []gcoretest.Fault{
			{Operation: gcoretest.OperationReadGroup, Times: 1, Effect: stale},
			{Operation: gcoretest.OperationReadGroup, Every: 2, Effect: stale},
			{Operation: gcoretest.OperationReadGroup, Times: 1, Effect: gcoretest.StaleRead{Without: []string{ruleID}}},
		} {
			handle := cloud.Fail(fault)
			if err := read(t.Context(), newService(t, cloud)); err != nil || handle.Hits() == 0 {
				t.Errorf("%s: %v", name, err)
			}
			handle.Clear()
		}
	}
}

// What is gone is found to be so by a few reads, once for all rules of a group, and by a single read if the group is old.
func TestGone(t *testing.T) {
	t.Parallel()
	cloud, group, ruleID := groupWithRule(t)
	s := newService(t, cloud)
	expect := func(what string, fewest, most int, read func() error) {
		t.Helper()
		cloud.ResetRequests()
		if err := read(); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
		if n := len(cloud.Requests()); n < fewest || n > most {
			t.Errorf("%s: %d requests", what, n)
		}
	}
	ofRule := func(id string) func() error {
		return func() error {
			_, _, err := s.ReadRule(t.Context(), group, id, nil, true)
			return err
		}
	}
	cloud.DeleteRule(ruleID)
	expect("a rule", 3, 6, ofRule(ruleID))
	expect("the next rule", 0, 1, ofRule("3b241101-e2bb-4255-8caf-4136c566a962"))
	cloud.DeleteGroup(group.ID)
	s = newService(t, cloud)
	refreshed := func(made time.Time) func() error {
		return func() error { _, err := s.RefreshGroup(t.Context(), group, made); return err }
	}
	expect("an old group", 1, 1, refreshed(time.Now().Add(-time.Hour)))
	expect("a young group", 3, 6, refreshed(time.Now()))
	expect("a rule of it", 1, 1, ofRule(ruleID))
}

// A 404 that does not name the object says nothing about it, unless the list of the place does.
func TestUnclear404(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]gcoretest.Answer{
		"project": gcoretest.NotFound("Project", "1"), "region": gcoretest.NotFound("Region", "76"), "user": gcoretest.NotFound("User", "5"),
		"another group": gcoretest.NotFound("SecurityGroup", "3b241101-e2bb-4255-8caf-4136c566a962"), "another class": {Status: 404, Class: "ProjectNotFound"},
		"a page": gcoretest.HTMLPage(404, false),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, ruleID := groupWithRule(t)
			cloud.ChangeGroup(group.ID, func(g *gcoretest.Group) { g.Name = "web" })
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Effect: answer})
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteGroup, Effect: answer})
			operations := refreshes(group, ruleID)
			operations["delete"] = func(ctx context.Context, s *Service) error { return s.DeleteGroup(ctx, group) }
			check := func(what string, gone bool) {
				t.Helper()
				for name, run := range operations {
					err := run(t.Context(), newService(t, cloud))
					if name == "delete" {
						if (err == nil) != gone {
							t.Errorf("%s: %s: %v", what, name, err)
						}
					} else if err == nil || errors.Is(err, client.ErrNotFound) != gone {
						t.Errorf("%s: %s: %v", what, name, err)
					}
				}
			}
			check("it is listed", false)
			unlisted := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Effect: answer})
			check("nothing is listed", false)
			unlisted.Clear()
			cloud.DeleteGroup(group.ID)
			check("the list lacks it", true)
		})
	}
}

// A delete whose answer was lost is not done because a read lags behind the create of what is deleted.
func TestStaleReadAfterALostDelete(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(context.Context, *Service, Ref, string) error{
		gcoretest.OperationDeleteGroup: func(ctx context.Context, s *Service, group Ref, _ string) error { return s.DeleteGroup(ctx, group) },
		gcoretest.OperationDeleteRule: func(ctx context.Context, s *Service, group Ref, ruleID string) error {
			_, _, err := s.DeleteRule(ctx, group, ruleID, egress, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, ruleID := groupWithRule(t)
			cloud.ChangeGroup(group.ID, func(g *gcoretest.Group) { g.Name = "web" })
			cloud.Fail(gcoretest.Fault{Operation: name, Times: 1, Effect: gcoretest.Reset{}})
			cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: 1, Effect: gcoretest.StaleRead{Without: []string{group.ID, ruleID}}})
			if err := run(t.Context(), newService(t, cloud), group, ruleID); err != nil {
				t.Error(err)
			}
			if left, ok := cloud.Group(group.ID); ok && (name == gcoretest.OperationDeleteGroup || len(left.Rules) > 0) {
				t.Errorf("it is still there: %v", left)
			}
		})
	}
}

// Rules are not gone because a read or two lag behind their create, or behind that of their group.
func TestStaleReadsBeforeRulesAreRemoved(t *testing.T) {
	t.Parallel()
	for times := 1; times <= 2; times++ {
		cloud, group, ruleID := groupWithRule(t)
		for _, id := range []string{group.ID, ruleID} {
			stale := gcoretest.StaleRead{Without: []string{id}}
			handle := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: times, Effect: stale})
			_, err := newService(t, cloud).RemoveRules(t.Context(), group, []rule.Rule{egress})
			if left, _ := cloud.Group(group.ID); err == nil && len(left.Rules) > 0 {
				t.Errorf("%v, %d times: rules are left: %v", stale, times, left.Rules)
			}
			handle.Clear()
		}
	}
}
