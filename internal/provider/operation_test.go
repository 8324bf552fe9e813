package provider

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// A panic becomes an error; state saved before it is kept.
func TestRecovered(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	state := ""
	func() {
		defer recovered(t.Context(), &diags)
		state = "half made"
		panic("a bug")
	}()
	if state != "half made" || !diags.HasError() || diags.Errors()[0].Summary() != "The provider has a bug" {
		t.Errorf("got %v", diags)
	}
}

// After an interruption an operation continues for the grace period. Its own
// timeout always applies.
func TestOperation(t *testing.T) {
	t.Parallel()
	limited := func(limit time.Duration) func(context.Context, time.Duration) (time.Duration, diag.Diagnostics) {
		return func(context.Context, time.Duration) (time.Duration, diag.Diagnostics) { return limit, nil }
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		parent, interrupt := context.WithCancel(t.Context())
		c := &configured{grace: 20 * time.Millisecond}
		ctx, cancel := c.operation(parent, limited(time.Hour), &diag.Diagnostics{})
		defer cancel()
		interrupt()
		if ctx.Err() != nil {
			t.Error("it has no grace")
		}
		<-ctx.Done()
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.Error(ctx.Err())
		}
	})
	t.Run("out of time", func(t *testing.T) {
		t.Parallel()
		c := &configured{grace: time.Hour}
		ctx, cancel := c.operation(t.Context(), limited(time.Millisecond), &diag.Diagnostics{})
		defer cancel()
		<-ctx.Done()
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Error(ctx.Err())
		}
		// A running request is not interrupted.
		writing, release := c.write(ctx)
		defer release()
		if writing.Err() != nil {
			t.Error("a write has no grace")
		}
	})
	t.Run("ended", func(t *testing.T) {
		t.Parallel()
		c := &configured{grace: time.Hour}
		ctx, cancel := c.operation(t.Context(), limited(time.Hour), &diag.Diagnostics{})
		cancel()
		<-ctx.Done()
	})
}
