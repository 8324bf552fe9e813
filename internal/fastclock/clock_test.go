package fastclock

import (
	"context"
	"errors"
	"testing"
	"time"
)

const fast = Clock(1_000_000)

var errLimit = errors.New("the limit")

// A limit is reached by the waits alone, and its cause is known to what is made of the context.
func TestTimeout(t *testing.T) {
	t.Parallel()
	ctx, cancel := fast.Timeout(t.Context(), time.Hour, errLimit)
	defer cancel()
	child, end := context.WithCancel(ctx)
	defer end()
	longer, cut := fast.Timeout(context.WithoutCancel(ctx), 2*time.Hour, nil)
	defer cut()
	for range 2 {
		if err := fast.Sleep(child, 20*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if deadline, ok := child.Deadline(); !ok || time.Until(deadline).Round(time.Minute) != 20*time.Minute {
		t.Errorf("the deadline is %s", deadline)
	}
	if err := fast.Sleep(longer, time.Minute); err != nil {
		t.Error(err)
	}
	if err := fast.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(context.Cause(child), errLimit) || child.Err() == nil {
		t.Errorf("%v, %v, %v", err, context.Cause(child), child.Err())
	}
	if left := longer.(*limitedContext).left(); left != time.Hour || longer.Err() != nil {
		t.Errorf("%s are left: %v", left, longer.Err())
	}
	if err := fast.Sleep(longer, 2*time.Hour); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(context.Cause(longer), context.DeadlineExceeded) {
		t.Errorf("%v, %v", err, context.Cause(longer))
	}
}

// What ends before its limit is canceled, also when its limit comes later.
func TestCanceled(t *testing.T) {
	t.Parallel()
	parent, interrupt := context.WithCancel(t.Context())
	ctx, cancel := fast.Timeout(parent, time.Minute, errLimit)
	defer cancel()
	longer, cut := fast.Timeout(context.WithoutCancel(ctx), time.Hour, nil)
	defer cut()
	interrupt()
	if err := fast.Sleep(longer, 2*time.Minute); err != nil {
		t.Error(err)
	}
	if err := fast.Sleep(ctx, time.Minute); !errors.Is(err, context.Canceled) || !errors.Is(context.Cause(ctx), context.Canceled) {
		t.Errorf("%v, %v", err, context.Cause(ctx))
	}
}
