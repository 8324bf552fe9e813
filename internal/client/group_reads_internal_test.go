package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const readTime = time.Second

// fakeGroup is a group whose reads take a second each and return the group as it was when they began.
type fakeGroup struct {
	*readSharing
	version  atomic.Int64
	requests atomic.Int64
	cut      atomic.Int64 // requests that were cut off
	fail     atomic.Pointer[error]
}

var web = keyOf(Location{1, 2}, "Web")

func newFakeGroup() *fakeGroup { return &fakeGroup{readSharing: newReadSharing(time.Now)} }

func (s *fakeGroup) fetch(ctx context.Context) (SecurityGroup, error) {
	s.requests.Add(1)
	seen := SecurityGroup{RevisionNumber: s.version.Load()}
	if err := sleep(ctx, readTime); err != nil {
		s.cut.Add(1)
		return SecurityGroup{}, err
	}
	if fail := s.fail.Load(); fail != nil {
		return SecurityGroup{}, *fail
	}
	return seen, nil
}

// write changes the group and marks the end of the write.
func (s *fakeGroup) write(key groupKey) {
	s.version.Add(1)
	s.wrote(key)
}

func (s *fakeGroup) checkRead(ctx context.Context, t *testing.T, reuse bool, want int64) {
	t.Helper()
	group, err := s.read(ctx, web, reuse, s.fetch)
	if err != nil || group.RevisionNumber != want {
		t.Errorf("read version %d, error %v, want version %d", group.RevisionNumber, err, want)
	}
}

// advance moves the clock of a synctest bubble.
func advance(t *testing.T, d time.Duration) {
	t.Helper()
	if err := sleep(t.Context(), d); err != nil {
		t.Error(err)
	}
}

func (s *fakeGroup) checkRequests(t *testing.T, want int64) {
	t.Helper()
	if got := s.requests.Load(); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

func TestReadsAreShared(t *testing.T) {
	t.Parallel()
	const reuse, fresh = true, false
	tests := map[string]func(t *testing.T, s *fakeGroup){
		"at the same time": func(t *testing.T, s *fakeGroup) {
			var readers sync.WaitGroup
			for range 50 {
				readers.Go(func() { s.checkRead(t.Context(), t, reuse, 0) })
			}
			readers.Wait()
			s.checkRequests(t, 1)
		},
		"one after the other": func(t *testing.T, s *fakeGroup) {
			s.checkRead(t.Context(), t, reuse, 0)
			advance(t, reusable-readTime)
			s.checkRead(t.Context(), t, reuse, 0)
			s.checkRequests(t, 1)
			advance(t, 1)
			s.version.Add(1) // by somebody else
			s.checkRead(t.Context(), t, reuse, 1)
			s.checkRequests(t, 2)
		},
		"no longer than some seconds, whatever is dropped when": func(t *testing.T, s *fakeGroup) {
			other := keyOf(web.location, "other")
			_, _ = s.read(t.Context(), other, fresh, s.fetch)
			s.checkRead(t.Context(), t, reuse, 0)
			s.version.Add(1)
			advance(t, reusable-readTime)
			_, _ = s.read(t.Context(), other, reuse, s.fetch)
			s.checkRead(t.Context(), t, reuse, 1)
		},
		"not across a write": func(t *testing.T, s *fakeGroup) {
			s.checkRead(t.Context(), t, reuse, 0)
			s.write(web)
			s.checkRead(t.Context(), t, reuse, 1)
			s.checkRequests(t, 2)
		},
		"not across a write to all": func(t *testing.T, s *fakeGroup) {
			s.checkRead(t.Context(), t, reuse, 0)
			s.write(groupKey{location: web.location})
			s.checkRead(t.Context(), t, reuse, 1)
		},
		"across a write to another": func(t *testing.T, s *fakeGroup) {
			s.checkRead(t.Context(), t, reuse, 0)
			s.wrote(keyOf(web.location, "other"))
			s.wrote(groupKey{location: Location{1, 3}})
			s.checkRead(t.Context(), t, reuse, 0)
			s.checkRequests(t, 1)
		},
		"not with a request from before the write": func(t *testing.T, s *fakeGroup) {
			var readers sync.WaitGroup
			readers.Go(func() { s.checkRead(t.Context(), t, reuse, 0) })
			synctest.Wait()
			s.write(web)
			for range 10 {
				readers.Go(func() { s.checkRead(t.Context(), t, reuse, 1) })
			}
			readers.Wait()
			s.checkRequests(t, 2)
			// The first request ended last, but its answer is not reused.
			s.checkRead(t.Context(), t, reuse, 1)
			s.checkRequests(t, 2)
		},
		"fresh ones share the next request": func(t *testing.T, s *fakeGroup) {
			s.checkRead(t.Context(), t, reuse, 0)
			s.version.Add(1)
			var readers sync.WaitGroup
			readers.Go(func() { s.checkRead(t.Context(), t, fresh, 1) })
			synctest.Wait()
			s.version.Add(1)
			for range 10 {
				readers.Go(func() { s.checkRead(t.Context(), t, fresh, 2) })
			}
			readers.Wait()
			s.checkRequests(t, 3)
		},
		"errors are not kept": func(t *testing.T, s *fakeGroup) {
			s.checkRead(t.Context(), t, reuse, 0)
			advance(t, reusable)
			reason := errors.New("no")
			s.fail.Store(&reason)
			for range 2 {
				if _, err := s.read(t.Context(), web, reuse, s.fetch); !errors.Is(err, reason) {
					t.Errorf("error %v", err)
				}
			}
			s.checkRequests(t, 3)
			s.fail.Store(nil)
			s.checkRead(t.Context(), t, reuse, 0)
			s.checkRequests(t, 4)
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, newFakeGroup()) })
		})
	}
}

// A reader that leaves does not cancel the request, unless it is the last one.
func TestReadersThatGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeGroup()
		var readers sync.WaitGroup
		first, leave := context.WithCancel(t.Context())
		readers.Go(func() {
			if _, err := s.read(first, web, true, s.fetch); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
		synctest.Wait()
		readers.Go(func() { s.checkRead(t.Context(), t, true, 0) })
		synctest.Wait()
		leave()
		readers.Wait()
		s.checkRequests(t, 1)

		// The last readers leave: of the next request, then of the one under way.
		var leaving []context.CancelFunc
		for range 2 {
			gone, leave := context.WithCancel(t.Context())
			leaving = append(leaving, leave)
			readers.Go(func() {
				if _, err := s.read(gone, web, false, s.fetch); !errors.Is(err, context.Canceled) {
					t.Errorf("error %v", err)
				}
			})
			synctest.Wait()
		}
		leaving[1]()
		synctest.Wait()
		leaving[0]()
		readers.Wait()
		s.checkRequests(t, 2)
		if cut := s.cut.Load(); cut != 1 {
			t.Errorf("%d requests were cut off, want 1", cut)
		}
		s.checkRead(t.Context(), t, false, 0)
	})
}

func TestReadThatPanics(t *testing.T) {
	t.Parallel()
	s := newFakeGroup()
	defer func() {
		if cause := recover(); cause != "bug" {
			t.Errorf("recovered %v", cause)
		}
		s.checkRead(t.Context(), t, true, 0)
	}()
	_, _ = s.read(t.Context(), web, true, func(context.Context) (SecurityGroup, error) { panic("bug") })
}

func TestOldAnswersAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeGroup()
		for n := range 100 {
			if _, err := s.read(t.Context(), keyOf(web.location, string(rune('a'+n))), true, s.fetch); err != nil {
				t.Fatal(err)
			}
		}
		// Each read took a second, so that the last twenty may be kept.
		if kept := len(s.reads); kept > 21 {
			t.Errorf("%d answers are kept", kept)
		}
	})
}

// A read shows all that its reader has written, whatever other readers and writers do at the same time.
func TestReadersSeeWhatTheyWrote(t *testing.T) {
	t.Parallel()
	const groups, workers, rounds = 3, 16, 300
	reads := newReadSharing(time.Now)
	var versions [groups]atomic.Int64
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for range rounds {
				n := rand.IntN(groups)
				key := keyOf(web.location, string(rune('a'+n)))
				fetch := func(ctx context.Context) (SecurityGroup, error) {
					seen := versions[n].Load()
					for range rand.IntN(20) {
						runtime.Gosched()
					}
					if rand.IntN(10) == 0 {
						return SecurityGroup{}, ErrUnavailable
					}
					return SecurityGroup{RevisionNumber: seen}, ctx.Err()
				}
				var written int64
				if rand.IntN(2) == 0 {
					written = versions[n].Add(1)
					if rand.IntN(10) == 0 {
						key.id = ""
					}
					reads.wrote(key)
					key.id = string(rune('a' + n))
				}
				ctx, cancel := context.WithCancel(t.Context())
				if rand.IntN(10) == 0 {
					go cancel()
				}
				reuse := rand.IntN(4) > 0
				before := versions[n].Load()
				group, err := reads.read(ctx, key, reuse, fetch)
				left := ctx.Err() != nil
				cancel()
				switch {
				case err != nil && !errors.Is(err, ErrUnavailable) && !left:
					t.Errorf("error %v", err)
				case err == nil && group.RevisionNumber < written:
					t.Errorf("version %d after writing %d", group.RevisionNumber, written)
				case err == nil && !reuse && group.RevisionNumber < before:
					t.Errorf("version %d of a fresh read that began at %d", group.RevisionNumber, before)
				}
			}
		})
	}
	work.Wait()
}
