package client

import (
	"context"
	"strings"
	"sync"
	"time"
)

// reusable is how old an answer may be that is used for another read: long enough for a refresh of some hundred rules,
// and no longer than a plan may lag behind anyway.
const reusable = 10 * time.Second

// groupKey names a group, or with the id "" all groups of a place.
type groupKey struct {
	location Location
	id       string // in lower case: the API takes either
}

func keyOf(location Location, groupID string) groupKey {
	return groupKey{location, strings.ToLower(groupID)}
}

// readSharing lets reads of one group share requests. Rules have no read of their own: without sharing, a refresh of n
// rules would read n rules n times. Of each group one request is under way at a time. Errors are shared by those who
// wait for the same request, and never kept.
type readSharing struct {
	// now is the clock by which an answer gets old.
	now func() time.Time

	mu sync.Mutex
	// events counts the requests that start and the writes that end, to compare which came first.
	events uint64
	writes map[groupKey]uint64 // when the last write ended
	reads  map[groupKey]*readsOfGroup
	swept  time.Time
}

func newReadSharing(now func() time.Time) *readSharing {
	return &readSharing{now: now, writes: map[groupKey]uint64{}, reads: map[groupKey]*readsOfGroup{}}
}

// readsOfGroup are the requests for one group; each may be nil.
type readsOfGroup struct {
	running *groupRead
	next    *groupRead // starts when running has ended
	last    *groupRead // ended with an answer
}

// groupRead is one request and its outcome, which its readers share and must not change.
type groupRead struct {
	fetch   func() (SecurityGroup, error)
	cancel  context.CancelFunc
	readers int // that wait for it
	started uint64
	at      time.Time
	done    chan struct{}
	group   SecurityGroup
	err     error
	panic   any // of the request, re-raised in each reader
}

// wrote marks the end of a write, whatever its outcome: reads that begin now have to see it.
func (r *readSharing) wrote(key groupKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events++
	r.writes[key] = r.events
}

// read reads a group. With reuse it takes an answer that is recent and whose request started after the last write to
// the group ended; without, the request starts after the call. No reader can end the request for the others: it is
// canceled when the last one leaves.
func (r *readSharing) read(
	ctx context.Context, key groupKey, reuse bool, fetch func(context.Context) (SecurityGroup, error),
) (SecurityGroup, error) {
	read := r.join(ctx, key, reuse, fetch)
	select {
	case <-read.done:
	case <-ctx.Done():
		if !r.leave(key, read) {
			return SecurityGroup{}, Ended(ctx)
		}
		<-read.done
	}
	if read.panic != nil {
		panic(read.panic)
	}
	return read.group, read.err
}

// join finds the request that answers a read, or makes one, and counts the reader in.
func (r *readSharing) join(
	ctx context.Context, key groupKey, reuse bool, fetch func(context.Context) (SecurityGroup, error),
) *groupRead {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep()
	reads := r.reads[key]
	if reads == nil {
		reads = &readsOfGroup{}
		r.reads[key] = reads
	}
	written := max(r.writes[key], r.writes[groupKey{location: key.location}])
	running := reads.running
	switch {
	case reuse && reads.last != nil && reads.last.started > written && r.now().Sub(reads.last.at) <= reusable:
		return reads.last
	case reuse && running != nil && running.started > written && running.readers > 0:
		running.readers++
		return running
	case reads.next != nil:
		reads.next.readers++
		return reads.next
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	reads.next = &groupRead{
		fetch: func() (SecurityGroup, error) { return fetch(ctx) }, cancel: cancel, readers: 1, done: make(chan struct{}),
	}
	if running == nil {
		return r.start(reads)
	}
	return reads.next
}

// leave counts a reader out. The last one cancels the request; it returns whether a request ends by that.
func (r *readSharing) leave(key groupKey, read *groupRead) (ends bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if read.readers--; read.readers > 0 {
		return false
	}
	read.cancel()
	if reads := r.reads[key]; reads != nil && reads.next == read {
		reads.next = nil
		return false
	}
	return true
}

// sweep drops the answers that are too old for another read.
func (r *readSharing) sweep() {
	now := r.now()
	if now.Sub(r.swept) <= reusable {
		return
	}
	r.swept = now
	for key, reads := range r.reads {
		if reads.running == nil && (reads.last == nil || now.Sub(reads.last.at) > reusable) {
			delete(r.reads, key)
		}
	}
}

// start starts the next request.
func (r *readSharing) start(reads *readsOfGroup) *groupRead {
	read := reads.next
	reads.running, reads.next = read, nil
	r.events++
	read.started, read.at = r.events, r.now()
	go func() {
		defer r.finish(reads, read)
		// A panic in this goroutine would end the process, and with it other operations.
		defer func() { read.panic = recover() }()
		read.group, read.err = read.fetch()
	}()
	return read
}

func (r *readSharing) finish(reads *readsOfGroup, read *groupRead) {
	read.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	reads.running = nil
	if read.err == nil && read.panic == nil {
		reads.last = read
	}
	if reads.next != nil {
		r.start(reads)
	}
	close(read.done)
}
