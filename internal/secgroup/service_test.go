package secgroup

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// An operation ends with its caller or at its limit. What it has begun ends one grace period later, however often it asks.
func TestOperation(t *testing.T) {
	t.Parallel()
	const grace, limit = 4 * time.Second, time.Hour
	api, err := client.New(client.Config{APIKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		interrupted bool
		want        error
	}{"interrupted": {true, context.Canceled}, "out of time": {false, context.DeadlineExceeded}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				parent, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				ctx, cancel := New(api, nil, grace).Operation(parent, limit, nil)
				defer cancel()
				ends := time.Now().Add(limit)
				if test.interrupted {
					ends = time.Now().Add(time.Minute)
					time.AfterFunc(time.Minute, interrupt)
				}
				<-ctx.Done()
				if !errors.Is(ctx.Err(), test.want) || !time.Now().Equal(ends) {
					t.Errorf("%v, %s late", ctx.Err(), time.Since(ends))
				}
				<-time.After(grace / 2)
				longer, release := context.WithTimeout(begun(begun(ctx)), time.Hour)
				defer release()
				if longer.Err() != nil {
					t.Error("what was begun has no grace")
				}
				<-longer.Done()
				if !errors.Is(longer.Err(), test.want) || time.Since(ends) != grace {
					t.Errorf("%v, %s after the end", longer.Err(), time.Since(ends))
				}
			})
		})
	}
}
