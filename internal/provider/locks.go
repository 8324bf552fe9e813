package provider

import (
	"context"
	"math"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// locks keep apart, within this process, what the API would mix up. Rules of
// one group may be made and deleted side by side, which Neutron does not mind.
// A PATCH with the full list of rules, and the deletion of the group, are alone
// with it. Groups never wait for each other.
type locks struct {
	mu   sync.Mutex
	held map[lockKey]*semaphore.Weighted
}

type lockKey struct {
	at   client.Location
	name string
}

// keyOf takes an id in either case, as the API does.
func keyOf(at client.Location, name string) lockKey { return lockKey{at, strings.ToLower(name)} }

// shared is for one of many, exclusive for the only one. Each returns the
// release, or the context's error.
func (l *locks) shared(ctx context.Context, at client.Location, name string) (release func(), err error) {
	return l.acquire(ctx, keyOf(at, name), 1)
}

func (l *locks) exclusive(ctx context.Context, at client.Location, name string) (release func(), err error) {
	return l.acquire(ctx, keyOf(at, name), math.MaxInt64)
}

func (l *locks) acquire(ctx context.Context, key lockKey, weight int64) (func(), error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[lockKey]*semaphore.Weighted{}
	}
	lock := l.held[key]
	if lock == nil {
		lock = semaphore.NewWeighted(math.MaxInt64)
		l.held[key] = lock
	}
	l.mu.Unlock()
	if err := lock.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	return func() { lock.Release(weight) }, nil
}
