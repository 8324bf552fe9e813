package secgroup

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// exchange records which single rules change hands among the resources of this process: two rules may swap what they
// match, or each rule of a list may take the place of the next. A rule that one resource takes over is never deleted by
// the one that had it before, in whatever order Terraform runs the two, and however many operations it runs at a time. Each
// rule stays with one of the two, also if the one that took it over is cut off.
//
// The API holds one rule of an identity, so a waiting operation would keep a worker that the operation it waits for may
// need. An update therefore takes over the rule that it finds in its place and waits only for a deletion that has
// already begun.
//
// An exchange covers one plan or one apply. The zero value is empty and ready to use.
type exchange struct {
	mu       sync.Mutex
	changed  chan struct{}      // closed at the next change; nil: nobody waits
	running  map[*party]any     // the operations that have begun and not ended
	deleting map[string]int     // ids of rules that are being deleted
	deleted  map[string]bool    // ids of rules that have been deleted, or may be any time
	taken    map[string]*tenure // by id: the operation whose resource has the rule from now on
	held     map[string]bool    // ids that resources were read with
	moves    map[lockKey]int    // how often an operation that gives up rules of the group has begun or ended
}

// tenure is what a party has of a rule. It is the party's own if no other resource has it: the party has made it, its old rule
// is gone, or the resource that had it has left it to the party. What is not its own by the party's end, it has no longer.
type tenure struct {
	by  *party
	own bool
}

// party is an operation on a single rule, a create, an update or a delete, or the removal of a rule set.
type party struct {
	*exchange
	group  lockKey
	leaves string   // the id of the rule that it gives up; "": none; allOfSet: several
	seeks  identity // what an update looks for, until it has it; zero: nothing
}

// allOfSet stands for the rules of a rule set.
const allOfSet = "*"

// identity is what the API holds one rule of.
type identity struct {
	group lockKey
	key   rule.Key
}

func identityOf(group Ref, r rule.Rule) identity {
	return identity{keyOf(group.Location, group.ID), r.Key()}
}

// ErrTaken is a rule that another resource of this process has.
var ErrTaken = errors.New("another resource of this run has the rule")

// begin registers an operation, and the rule that it gives up.
func (e *exchange) begin(group Ref, leaves string) *party {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := &party{exchange: e, group: keyOf(group.Location, group.ID), leaves: strings.ToLower(leaves)}
	if e.running == nil {
		e.running, e.deleting, e.deleted, e.taken = map[*party]any{}, map[string]int{}, map[string]bool{}, map[string]*tenure{}
		e.moves = map[lockKey]int{}
	}
	e.running[p] = nil
	p.countMove()
	return p
}

// end ends the operation. The rules that are not its own stay with the resources that had them.
func (p *party) end() {
	p.change(func() {
		delete(p.running, p)
		p.countMove()
		maps.DeleteFunc(p.taken, func(_ string, held *tenure) bool { return held.by == p && !held.own })
	})
}

// countMove is called with the lock held.
func (p *party) countMove() {
	if p.leaves != "" {
		p.moves[p.group]++
	}
}

// seek registers the rule that an update looks for. A zero identity: it has it, or gave up.
func (p *party) seek(wanted identity) { p.change(func() { p.seeks = wanted }) }

// owns reports whether the rule is the party's own.
func (p *party) owns(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.taken[strings.ToLower(id)]
	return held != nil && held.by == p && held.own
}

// release undoes take. It reports false if the rule is the party's own by now.
func (p *party) release(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	id = strings.ToLower(id)
	held := p.taken[id]
	if held == nil || held.by != p {
		return true
	}
	if !held.own {
		delete(p.taken, id)
		p.notify()
	}
	return !held.own
}

// take takes a rule over, or records one that is the resource's own. If the rule is being deleted, take waits for the outcome. It
// reports false if the rule has been deleted, or may be any time; the error is ErrTaken if another resource was faster. That
// one then has what was the resource's own.
func (p *party) take(ctx context.Context, id string, own bool) (bool, error) {
	id = strings.ToLower(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.await(ctx, func() bool { return p.deleting[id] == 0 }); err != nil {
		return false, err
	}
	if p.deleted[id] {
		return false, nil
	}
	if p.taken[id] == nil {
		p.taken[id] = &tenure{by: p}
	}
	held := p.taken[id]
	held.own = held.own || own
	p.notify()
	if held.by != p {
		return false, ErrTaken
	}
	return true, nil
}

// giveUp deletes a rule, unless another resource has taken it over: then it is left to that one. Before that it lets the
// updates that look for such a rule find it. A party that itself looks for a rule does not wait, or two would wait for each
// other. remove reports whether the API has accepted the deletion, as far as that is known.
func (p *party) giveUp(ctx context.Context, id string, what identity, remove func() (accepted bool, err error)) error {
	id = strings.ToLower(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.await(ctx, func() bool { return p.isTaken(id) || p.seeks != (identity{}) || !p.isSought(what) })
	if err != nil {
		return err
	}
	if p.isTaken(id) {
		p.taken[id].own = true
		return nil
	}
	p.deleting[id]++
	p.mu.Unlock()
	accepted, err := remove()
	p.mu.Lock()
	p.deleting[id]--
	p.deleted[id] = p.deleted[id] || accepted || err == nil
	p.notify()
	return err
}

// isTaken reports whether another party has taken a rule over.
func (p *party) isTaken(id string) bool {
	held := p.taken[id]
	return held != nil && held.by != p
}

func (p *party) isSought(what identity) bool {
	for other := range p.running {
		if other != p && other.seeks == what {
			return true
		}
	}
	return false
}

// left waits until no operation is running that gives up this rule, or all rules of its group. It reports whether there was one.
func (e *exchange) left(ctx context.Context, group Ref, id string) (bool, error) {
	id = strings.ToLower(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	isLeaving := func() bool {
		for p := range e.running {
			if p.leaves == id || p.leaves == allOfSet && p.group == keyOf(group.Location, group.ID) {
				return true
			}
		}
		return false
	}
	begun := isLeaving()
	return begun, e.await(ctx, func() bool { return !isLeaving() })
}

// moved counts the operations that give rules of a group up: it changes when one begins or ends. running reports whether
// one has not ended.
func (e *exchange) moved(group Ref) (count int, running bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	key := keyOf(group.Location, group.ID)
	for p := range e.running {
		running = running || p.leaves != "" && p.group == key
	}
	return e.moves[key], running
}

// hasTaken reports whether an operation has made a rule or taken it over.
func (e *exchange) hasTaken(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.taken[strings.ToLower(id)] != nil
}

// hold records that a resource was read with a rule. It reports false if another resource was before.
func (e *exchange) hold(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	id = strings.ToLower(id)
	if e.held[id] {
		return false
	}
	if e.held == nil {
		e.held = map[string]bool{}
	}
	e.held[id] = true
	return true
}

func (e *exchange) change(what func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	what()
	e.notify()
}

// await waits until a condition holds. It and the condition are called with the lock held.
func (e *exchange) await(ctx context.Context, condition func() bool) error {
	for !condition() {
		if e.changed == nil {
			e.changed = make(chan struct{})
		}
		changed := e.changed
		e.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		e.mu.Lock()
		if ctx.Err() != nil {
			return client.Ended(ctx)
		}
	}
	return nil
}

// notify is called with the lock held.
func (e *exchange) notify() {
	if e.changed != nil {
		close(e.changed)
		e.changed = nil
	}
}
