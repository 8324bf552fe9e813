package secgroup

import (
	"context"
	"errors"
	"testing"
	"time"
)

// After an interruption an operation continues for the grace period. Its own
// timeout always applies.
func TestOperation(t *testing.T) {
	t.Parallel()
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		parent, interrupt := context.WithCancel(t.Context())
		s := New(nil, nil, 20*time.Millisecond)
		ctx, cancel := s.Operation(parent, time.Hour)
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
		s := New(nil, nil, time.Hour)
		ctx, cancel := s.Operation(t.Context(), time.Millisecond)
		defer cancel()
		<-ctx.Done()
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Error(ctx.Err())
		}
		// A running request is not interrupted.
		writing, release := s.write(ctx)
		defer release()
		if writing.Err() != nil {
			t.Error("a write has no grace")
		}
	})
	t.Run("ended", func(t *testing.T) {
		t.Parallel()
		s := New(nil, nil, time.Hour)
		ctx, cancel := s.Operation(t.Context(), time.Hour)
		cancel()
		<-ctx.Done()
	})
}
