package client_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func TestRepeat(t *testing.T) {
	t.Parallel()
	failure := errors.New("no")
	tests := map[string]struct {
		limit    time.Duration
		cancelAt int // call in which the context ends
		attempts []error
		done     bool
		want     error
		calls    int
	}{
		"done at once":        {attempts: []error{nil}, done: true, calls: 1},
		"done in the end":     {attempts: []error{errNotDone, errNotDone, nil}, done: true, calls: 3},
		"an error ends it":    {attempts: []error{errNotDone, failure}, want: failure, calls: 2},
		"the limit ends it":   {limit: 400 * time.Millisecond, attempts: slices.Repeat([]error{errNotDone}, 9), calls: 3},
		"the context ends it": {cancelAt: 2, attempts: slices.Repeat([]error{errNotDone}, 9), want: context.Canceled, calls: 2},
		"no limit, no end":    {attempts: append(slices.Repeat([]error{errNotDone}, 50), nil), done: true, calls: 51},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c, err := client.New(client.Config{APIKey: "k"}, client.WithSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() }))
			if err != nil {
				t.Fatal(err)
			}
			calls := 0
			done, err := c.Repeat(ctx, nil, test.limit, func(context.Context) (bool, error) {
				if calls++; calls == test.cancelAt {
					cancel()
				}
				err := test.attempts[calls-1]
				if errors.Is(err, errNotDone) {
					return false, nil
				}
				return err == nil, err
			})
			if done != test.done || !errors.Is(err, test.want) || calls != test.calls {
				t.Errorf("done %t, error %v after %d calls; want %t, %v after %d", done, err, calls, test.done, test.want, test.calls)
			}
		})
	}
}

// errNotDone is an attempt that is not done.
var errNotDone = errors.New("not done")
