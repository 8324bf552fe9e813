package secgroup

import (
	"context"
	"math"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// locks keep apart, within this process, what the API would mix up. Rules of one group may be created and deleted side
// by side, which Neutron does not mind. A PATCH with the full list of rules, and the deletion of the group, are alone
// with it. Groups never wait for each other.
type locks struct {
	mu    sync.Mutex
	byKey map[lockKey]*semaphore.Weighted
}

// lockKey names what is locked: a group, or an object that is being created.
type lockKey struct {
	location client.Location
	name     string
}

// keyOf takes an id in either case, as the API does.
func keyOf(location client.Location, name string) lockKey {
	return lockKey{location, strings.ToLower(name)}
}

// alone is the weight of a holder that is the only one.
const alone = math.MaxInt64

// shared locks a group for one of many. It returns the release, or the context's error.
func (l *locks) shared(ctx context.Context, group Ref) (release func(), err error) {
	return l.acquire(ctx, keyOf(group.Location, group.ID), 1)
}

// exclusive locks a group for a single user.
func (l *locks) exclusive(ctx context.Context, group Ref) (release func(), err error) {
	return l.acquire(ctx, keyOf(group.Location, group.ID), alone)
}

func (l *locks) acquire(ctx context.Context, key lockKey, weight int64) (func(), error) {
	l.mu.Lock()
	if l.byKey == nil {
		l.byKey = map[lockKey]*semaphore.Weighted{}
	}
	lock := l.byKey[key]
	if lock == nil {
		lock = semaphore.NewWeighted(alone)
		l.byKey[key] = lock
	}
	l.mu.Unlock()
	if err := lock.Acquire(ctx, weight); err != nil {
		return nil, client.Ended(ctx)
	}
	return func() { lock.Release(weight) }, nil
}
