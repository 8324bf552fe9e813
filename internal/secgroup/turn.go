package secgroup

import (
	"context"
	"slices"
	"sync"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// turns order the writes of each group. The API may take one task of a group at a time and refuse other writes while it
// runs. Writes of one group run side by side until a first refusal shows that; from then on, for every group, each waits
// for the task of the one before it, in the order in which they came.
type turns struct {
	mu       sync.Mutex
	oneByOne bool // the API has shown its lock
	groups   map[lockKey]*groupTurns
}

type groupTurns struct {
	writes int // sent, or about to be, and whose tasks have not ended
	queue  []chan struct{}
}

// turn is the place of one write in the order.
type turn struct {
	turns *turns
	key   lockKey
	ctx   context.Context // the operation's, which ends before what it has begun
	held  bool
	alone bool // no other write of this process was running when it began
}

// of returns the place of a write of a group. The create of a group, which has no id yet, waits for no other write.
func (t *turns) of(ctx context.Context, group Ref) *turn {
	return &turn{turns: t, key: keyOf(group.Location, group.ID), ctx: ctx}
}

// take waits until the write may be sent. The error says why the operation ended: then nothing more is sent.
func (w *turn) take() error {
	if w.ctx.Err() != nil {
		return client.Ended(w.ctx)
	}
	if w.held || w.key.name == "" {
		return nil
	}
	t := w.turns
	t.mu.Lock()
	if t.groups == nil {
		t.groups = map[lockKey]*groupTurns{}
	}
	group := t.groups[w.key]
	if group == nil {
		group = &groupTurns{}
		t.groups[w.key] = group
	}
	w.alone = t.oneByOne
	if !t.oneByOne || group.writes == 0 && len(group.queue) == 0 {
		group.writes++
		w.held = true
		t.mu.Unlock()
		return nil
	}
	called := make(chan struct{})
	group.queue = append(group.queue, called)
	t.mu.Unlock()
	select {
	case <-called:
		w.held = true
		return nil
	case <-w.ctx.Done():
		w.leave(group, called)
		return client.Ended(w.ctx)
	}
}

// leave gives the place in the queue up, or the turn if it came in the same moment.
func (w *turn) leave(group *groupTurns, called chan struct{}) {
	t := w.turns
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(group.queue, called); i >= 0 {
		group.queue = slices.Delete(group.queue, i, i+1)
		return
	}
	group.next()
}

// end lets the next write begin.
func (w *turn) end() {
	if !w.held {
		return
	}
	w.turns.mu.Lock()
	defer w.turns.mu.Unlock()
	w.held = false
	w.turns.groups[w.key].next()
}

// refused takes note of a lock. If the write was not alone, the lock is that of another write of this process, and the
// write takes its place in the queue; otherwise it is somebody else's, and the write keeps its turn while it waits.
func (w *turn) refused() {
	if w.alone {
		return
	}
	w.turns.mu.Lock()
	w.turns.oneByOne = true
	w.turns.mu.Unlock()
	w.end()
}

// next ends one write and begins the first one of the queue if no other is left.
func (g *groupTurns) next() {
	if g.writes--; g.writes == 0 && len(g.queue) > 0 {
		g.writes++
		close(g.queue[0])
		g.queue = g.queue[1:]
	}
}
