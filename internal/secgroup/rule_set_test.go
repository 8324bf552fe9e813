package secgroup

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// A new rule set waits a limited time for rules that the same run deletes one
// by one.
func TestRuleSetWaitsForDeletedRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ deleted, canceled bool }{"deleted": {deleted: true}, "kept": {}, "canceled": {canceled: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{})
			groupID := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web", Rules: []gcoretest.Rule{
				{Direction: "egress", Ethertype: new("IPv4")},
			}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			waits := 0
			service := newService(t, cloud, client.WithSleep(func(ctx context.Context, _ time.Duration) error {
				waits++
				switch {
				case waits != 3:
				case test.deleted:
					group, _ := cloud.Group(groupID)
					cloud.DeleteRule(group.Rules[0].ID)
				case test.canceled:
					cancel()
				}
				return ctx.Err()
			}))
			err := service.SetRules(ctx, Ref{here, groupID}, RulesDiff{Creating: true})
			if _, refused := errors.AsType[*UnplannedRulesError](err); refused == test.deleted || test.deleted && err != nil {
				t.Errorf("after %d waits: %v", waits, err)
			}
			if errors.Is(err, context.Canceled) != test.canceled {
				t.Errorf("after %d waits: %v", waits, err)
			}
			if n := cloud.CountOperations()[gcoretest.OperationUpdateGroup]; n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// fastWaits makes a client wait a thousand times faster than it would.
var fastWaits = client.WithSleep(func(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait / 1000):
		return nil
	}
})

// newService is an engine that does not wait long.
func newService(t testing.TB, cloud *gcoretest.Server, options ...client.Option) *Service {
	t.Helper()
	return serviceWithin(t, 500*time.Millisecond, cloud, options...)
}

// serviceWithin is newService with another limit of a request.
func serviceWithin(t testing.TB, limit time.Duration, cloud *gcoretest.Server, options ...client.Option) *Service {
	t.Helper()
	api, err := client.New(client.Config{
		BaseURL: cloud.URL(), APIKey: cloud.APIKey(), RequestTimeout: limit,
	}, append([]client.Option{fastWaits}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return New(api, new(Owners), 200*time.Millisecond)
}
