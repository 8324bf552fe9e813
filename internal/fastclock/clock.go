// Package fastclock makes the waits of tests short. A timeout then counts the waits, not the time that the work between
// them takes, so that a test does the same on a slow machine as on a fast one.
package fastclock

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is the factor by which waits are shorter than they ask for.
type Clock int

// Sleep waits for d, or until ctx ends, which the wait itself can cause by reaching the limit of ctx. The error is that of ctx.
func (c Clock) Sleep(ctx context.Context, d time.Duration) error {
	limited, counts := ctx.Value(limitedKey{}).(*limitedContext)
	if counts {
		d = min(d, limited.left())
	}
	timer := time.NewTimer(d / time.Duration(c))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		if counts {
			limited.waited.add(d)
		}
	}
	return ctx.Err()
}

// Timeout is context.WithTimeoutCause on this clock. The waits on the context and on all that are derived from it, also without its
// cancellation, add up to the limit.
func (c Clock) Timeout(ctx context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancelCause(ctx)
	limited := &limitedContext{Context: inner, waited: &waited{}}
	if parent, ok := ctx.Value(limitedKey{}).(*limitedContext); ok {
		limited.waited = parent.waited
	}
	limited.ends = limited.waited.limit(limit, func() {
		limited.reached.Store(inner.Err() == nil)
		cancel(cmp.Or(cause, context.DeadlineExceeded))
	})
	return limited, func() { cancel(nil) }
}

// limitedContext is a context with a deadline on the clock. At the deadline a context derived from it ends as canceled, with the same
// cause.
type limitedContext struct {
	context.Context
	waited  *waited
	ends    time.Duration
	reached atomic.Bool
}

type limitedKey struct{}

func (c *limitedContext) Value(key any) any {
	if key == (limitedKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// Deadline is as far from now as the clock is from the limit.
func (c *limitedContext) Deadline() (time.Time, bool) { return time.Now().Add(c.left()), true }

func (c *limitedContext) Err() error {
	err := c.Context.Err()
	if err != nil && c.reached.Load() {
		return context.DeadlineExceeded
	}
	return err
}

func (c *limitedContext) left() time.Duration {
	c.waited.mu.Lock()
	defer c.waited.mu.Unlock()
	return c.ends - c.waited.sum
}

// waited is the time on the clock of one or more contexts.
type waited struct {
	mu     sync.Mutex
	sum    time.Duration
	limits []limit
}

type limit struct {
	ends    time.Duration
	reached func()
}

func (w *waited) limit(d time.Duration, reached func()) (ends time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limits = append(w.limits, limit{w.sum + d, reached})
	return w.sum + d
}

func (w *waited) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sum += d
	w.limits = slices.DeleteFunc(w.limits, func(l limit) bool {
		if l.ends <= w.sum {
			l.reached()
		}
		return l.ends <= w.sum
	})
}
