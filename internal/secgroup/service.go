package secgroup

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const (
	// visibleWithin is how long a finished change may take to show in a read.
	visibleWithin = 5 * time.Second
	// patience is how long a request waits for something that stands in its way and may be about to be deleted, as when
	// two rules swap what they match.
	patience = 30 * time.Second
	// sideBySide is how many operations Terraform runs at a time by default. No more rules than that are deleted at
	// once.
	sideBySide = 10
)

// Service is the engine. Make one with New; it is safe for concurrent use.
type Service struct {
	client *client.Client
	owners *Owners
	grace  time.Duration
	locks  locks
	turns  turns
	known  known
	young  young
	// applying is set once an operation has begun.
	applying atomic.Bool
}

// New returns a Service that has nothing of an earlier run. An operation goes on for the grace after its context has
// ended. The owners say which rules stay although a resource that holds them is deleted.
func New(api *client.Client, owners *Owners, grace time.Duration) *Service {
	return &Service{client: api, owners: owners, grace: grace}
}

// Ref names a security group: where it is, and its id.
type Ref struct {
	Location client.Location
	ID       string
}

// Operation is the context of one create, update or delete. It ends at the limit, or one grace period after ctx
// ends, so that what was begun can be finished, or found.
func (s *Service) Operation(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	s.applying.Store(true)
	longer, release := outlive(ctx, s.grace)
	bounded, cancel := context.WithTimeout(longer, limit)
	return bounded, func() { cancel(); release() }
}

// write is the context of a request that must not be cut off once it is sent: it outlives the operation, its limit
// included, by the grace.
func (s *Service) write(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, release := outlive(ctx, s.grace)
	deadline, ok := ctx.Deadline()
	if !ok {
		return longer, release
	}
	bounded, cancel := context.WithDeadline(longer, deadline.Add(s.grace))
	return bounded, func() { cancel(); release() }
}

// outlive returns a context that ends one grace period after ctx ends. Its cause is the error of ctx.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { cancel(ctx.Err()) })
	})
	return longer, func() { stop(); cancel(nil) }
}

// Known reports whether a resource of this process has claimed or created the object of that id.
func (s *Service) Known(id string) bool { return s.known.has(id) }

// known are the ids of objects that resources of this process have, and of tasks whose objects they will have. Nobody
// else in this process may take them for its own.
type known struct {
	mu  sync.Mutex
	ids map[string]bool
}

// add records an id, and reports whether it was new.
func (k *known) add(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ids == nil {
		k.ids = map[string]bool{}
	}
	id = strings.ToLower(id)
	before := k.ids[id]
	k.ids[id] = true
	return !before
}

func (k *known) has(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ids[strings.ToLower(id)]
}
