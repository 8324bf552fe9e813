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
	// patience is how long a request waits for something that stands in its way and may be about to be deleted.
	patience = 30 * time.Second
	// sideBySide is how many operations Terraform runs at a time by default. No more rules than that are deleted at
	// once.
	sideBySide = 10
)

// Service is the engine. Make one with New; it is safe for concurrent use.
type Service struct {
	client   *client.Client
	owners   *Owners
	grace    time.Duration
	locks    locks
	turns    turns
	known    known
	exchange exchange
	young    young
	// confirmations are about what is gone.
	confirmations confirmations
	// applying is set once an operation has begun.
	applying atomic.Bool
}

// New returns a Service that has nothing of an earlier run. What an operation has begun may go on for the grace after the
// operation has ended. The owners say which rules stay although a resource that holds them is deleted.
func New(api *client.Client, owners *Owners, grace time.Duration) *Service {
	return &Service{client: api, owners: owners, grace: grace}
}

// Ref names a security group: where it is, and its id.
type Ref struct {
	Location client.Location
	ID       string
}

// Operation is the context of one create, update or delete. It ends at the limit, for the given cause, or at once when ctx
// ends: then the operation begins nothing more. The cause matches context.DeadlineExceeded; nil: that one. What it has begun
// may go on for the grace, on the context that begun returns.
func (s *Service) Operation(ctx context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc) {
	s.applying.Store(true)
	bounded, end := s.client.Timeout(ctx, limit, cause)
	// All that an operation has begun shares this one end, which counts from the moment of the interruption.
	longer, cut := s.client.Timeout(context.WithoutCancel(bounded), limit+s.grace, cause)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(s.grace, cut) })
	return context.WithValue(bounded, begunKey{}, longer), func() { stop(); end(); cut() }
}

// begunKey is the key of the context that begun returns.
type begunKey struct{}

// begun is the context of what must not be cut off when its operation ends: a request that writes, the wait for its task,
// the search for what a lost answer made, the read-back. It ends one grace period after the operation. A context
// that is not that of an operation is returned as it is.
func begun(ctx context.Context) context.Context {
	if longer, ok := ctx.Value(begunKey{}).(context.Context); ok {
		return longer
	}
	return ctx
}

// Applying reports whether an operation has begun, which proves that Terraform applies. Before that it may plan or apply: the
// protocol does not tell the two apart.
func (s *Service) Applying() bool { return s.applying.Load() }

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
