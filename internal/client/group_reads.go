package client

import (
	"context"
	"strings"
	"sync"
	"time"
)

// recent is how old an answer may be that serves again: long enough for a refresh of some hundred rules, and no longer
// ago than any plan looks back that takes its time.
const recent = 10 * time.Second

// groupKey names a group, or with the id "" all groups of a place.
type groupKey struct {
	location Location
	id       string // in lower case: the API takes either
}

func keyOf(location Location, groupID string) groupKey {
	return groupKey{location, strings.ToLower(groupID)}
}

// groupReads lets reads of one group share requests: rules have no read of their own, so that without it a refresh of
// n rules reads n rules n times. Of each group one request is under way at a time. Errors are shared by those who wait
// for the same request, and never kept.
type groupReads struct {
	// now is the clock by which an answer gets old.
	now func() time.Time

	mu sync.Mutex
	// moment counts the requests that begin and the writes that end: it tells which of two was first.
	moment uint64
	writes map[groupKey]uint64 // when the last write ended
	reads  map[groupKey]*readsOfGroup
	swept  time.Time
}

// readsOfGroup are the requests for one group; each may be nil.
type readsOfGroup struct {
	running *groupRead
	next    *groupRead // begins when running has ended
	last    *groupRead // ended with an answer
}

// groupRead is one request and what came of it, which its readers share and must not change.
type groupRead struct {
	fetch   func() (SecurityGroup, error)
	cancel  context.CancelFunc
	readers int // that wait for it
	began   uint64
	at      time.Time
	done    chan struct{}
	group   SecurityGroup
	err     error
	panic   any // of the request, for each reader to go on with
}

// wrote tells that a write has ended, with whatever outcome: who waited for it has to see it from now on.
func (r *groupReads) wrote(key groupKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moment++
	if r.writes == nil {
		r.writes = map[groupKey]uint64{}
	}
	r.writes[key] = r.moment
}

// read reads a group. With again, an answer will do whose request began after the last write to the group ended, and
// not long ago; else the request begins after the call. It ends with its last reader: none of them can end it for the
// others.
func (r *groupReads) read(
	ctx context.Context, key groupKey, again bool, fetch func(context.Context) (SecurityGroup, error),
) (SecurityGroup, error) {
	read := r.join(ctx, key, again, fetch)
	select {
	case <-read.done:
	case <-ctx.Done():
		if !r.leave(key, read) {
			return SecurityGroup{}, ctx.Err()
		}
		<-read.done
	}
	if read.panic != nil {
		panic(read.panic)
	}
	return read.group, read.err
}

// join finds the request that answers a read, or makes one, and counts the reader in.
func (r *groupReads) join(
	ctx context.Context, key groupKey, again bool, fetch func(context.Context) (SecurityGroup, error),
) *groupRead {
	r.mu.Lock()
	defer r.mu.Unlock()
	reads := r.of(key)
	written := max(r.writes[key], r.writes[groupKey{location: key.location}])
	running := reads.running
	switch {
	case again && reads.last != nil && reads.last.began > written && r.now().Sub(reads.last.at) <= recent:
		return reads.last
	case again && running != nil && running.began > written && running.readers > 0:
		running.readers++
		return running
	case reads.next != nil:
		reads.next.readers++
		return reads.next
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	read := &groupRead{
		fetch: func() (SecurityGroup, error) { return fetch(ctx) }, cancel: cancel, readers: 1, done: make(chan struct{}),
	}
	reads.next = read
	if running == nil {
		r.begin(reads)
	}
	return read
}

// leave counts a reader out. If it was the last, the request is cut off, and it returns whether that is about to end.
func (r *groupReads) leave(key groupKey, read *groupRead) (ending bool) {
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

func (r *groupReads) of(key groupKey) *readsOfGroup {
	r.sweep()
	reads := r.reads[key]
	if reads == nil {
		reads = &readsOfGroup{}
		r.reads[key] = reads
	}
	return reads
}

// sweep drops the answers that are too old to serve again.
func (r *groupReads) sweep() {
	now := r.now()
	if r.reads == nil {
		r.reads = map[groupKey]*readsOfGroup{}
	}
	if now.Sub(r.swept) <= recent {
		return
	}
	r.swept = now
	for key, reads := range r.reads {
		if reads.running == nil && (reads.last == nil || now.Sub(reads.last.at) > recent) {
			delete(r.reads, key)
		}
	}
}

// begin starts the next request.
func (r *groupReads) begin(reads *readsOfGroup) {
	read := reads.next
	reads.running, reads.next = read, nil
	r.moment++
	read.began, read.at = r.moment, r.now()
	go func() {
		defer r.end(reads, read)
		// A panic of this goroutine would end the process, whatever its readers are in the middle of.
		defer func() { read.panic = recover() }()
		read.group, read.err = read.fetch()
	}()
}

func (r *groupReads) end(reads *readsOfGroup, read *groupRead) {
	read.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	reads.running = nil
	if read.err == nil && read.panic == nil {
		reads.last = read
	}
	if reads.next != nil {
		r.begin(reads)
	}
	close(read.done)
}
