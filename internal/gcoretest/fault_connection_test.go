package gcoretest

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"
)

// ending is how a request ended.
type ending struct {
	reply reply
	err   error
}

// begin sends a request for a group that nobody waits for yet.
func (c *client) begin(ctx context.Context) <-chan ending {
	ended := make(chan ending, 1)
	go func() {
		r, err := c.tryContext(ctx, "POST", groupsPath, `{"name":"web"}`, nil)
		ended <- ending{r, err}
	}()
	return ended
}

func TestHangUntilTheClientGoes(t *testing.T) {
	t.Parallel()
	for _, processed := range []bool{false, true} {
		logged := make(chan Request, 1)
		s := New(t, Config{Log: func(r Request) { logged <- r }})
		handle := s.Fail(Fault{Effect: Hang{Processed: processed}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := newClient(t, s).begin(ctx)
		<-handle.FirstHit()
		cancel()
		if e := <-ended; !errors.Is(e.err, context.Canceled) {
			t.Errorf("ended with %+v", e)
		}
		if r := <-logged; r.Status != 0 || r.Operation != OperationCreateGroup {
			t.Errorf("logged as %+v", r)
		}
		handle.Clear()
		if got := len(s.Groups(1, 2)) == 1; got != processed {
			t.Errorf("the group exists: %t, want %t", got, processed)
		}
	}
}

func TestHangUntilTheFaultIsCleared(t *testing.T) {
	t.Parallel()
	for _, processed := range []bool{false, true} {
		s := New(t, Config{})
		handle := s.Fail(Fault{Effect: Hang{Processed: processed}})
		ended := newClient(t, s).begin(t.Context())
		<-handle.FirstHit()
		if !processed && len(s.Groups(1, 2)) != 0 {
			t.Error("the request is carried out")
		}
		handle.Clear()
		if e := <-ended; e.err != nil || e.reply.status != 200 {
			t.Errorf("ended with %+v", e)
		}
		if got := len(s.Groups(1, 2)); got != 1 {
			t.Errorf("%d groups", got)
		}
	}
}

func TestHangUntilTheServerCloses(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	handle := s.Fail(Fault{Effect: Hang{}})
	ended := newClient(t, s).begin(t.Context())
	<-handle.FirstHit()
	s.Close()
	if e := <-ended; e.err == nil {
		t.Errorf("an answer: %+v", e.reply)
	}
	if len(s.Groups(1, 2)) != 0 {
		t.Error("the request was carried out")
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	var s *Server
	var mu sync.Mutex
	var waits []time.Duration
	var made []int
	s = New(t, Config{Sleep: func(_ context.Context, duration time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		waits = append(waits, duration)
		made = append(made, len(s.Groups(1, 2)))
		return nil
	}})
	s.Fail(Fault{Operation: OperationCreateGroup, Effect: Slow{Before: time.Hour, After: time.Minute}})
	newClient(t, s).createGroup(`{"name":"web"}`)
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(waits, []time.Duration{time.Hour, time.Minute}) || !slices.Equal(made, []int{0, 1}) {
		t.Errorf("waited %v with %v groups", waits, made)
	}
}

func TestSlowInRealTime(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	s := New(t, Config{})
	s.Fail(Fault{Effect: Slow{After: delay}})
	newClient(t, s).want(200, "GET", readPath, "")
	if got := s.Requests()[0].Duration; got < delay {
		t.Errorf("took %s, want at least %s", got, delay)
	}
}

func TestAClientThatDoesNotWaitForASlowAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		effect Slow
		made   int
	}{
		"before": {Slow{Before: time.Hour}, 0},
		"after":  {Slow{After: time.Hour}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waiting, logged := make(chan struct{}), make(chan Request, 1)
			s := New(t, Config{Log: func(r Request) { logged <- r }, Sleep: func(ctx context.Context, _ time.Duration) error {
				close(waiting)
				<-ctx.Done()
				return ctx.Err()
			}})
			s.Fail(Fault{Effect: test.effect})
			ctx, cancel := context.WithCancel(t.Context())
			ended := newClient(t, s).begin(ctx)
			<-waiting
			cancel()
			if e := <-ended; !errors.Is(e.err, context.Canceled) {
				t.Errorf("ended with %+v", e)
			}
			if r := <-logged; r.Status != 0 {
				t.Errorf("logged as %+v", r)
			}
			if got := len(s.Groups(1, 2)); got != test.made {
				t.Errorf("%d groups, want %d", got, test.made)
			}
		})
	}
}

func TestASleepThatFailsCutsTheConnection(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Latency: time.Hour, Sleep: func(context.Context, time.Duration) error { return errors.New("no") }})
	if r, err := newClient(t, s).try("POST", groupsPath, `{"name":"web"}`, nil); err == nil {
		t.Errorf("an answer: %d %s", r.status, r.text)
	}
	if len(s.Groups(1, 2)) != 0 {
		t.Error("the request was carried out")
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	truncating := s.Fail(Fault{Effect: Truncate{}})
	if r, err := c.try("POST", groupsPath, `{"name":"web"}`, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("want half a body, got %d %q, %v", r.status, r.text, err)
	}
	groups := s.Groups(1, 2)
	if len(groups) != 1 {
		t.Fatalf("%d groups, want that of the lost answer", len(groups))
	}
	if r := s.Requests()[0]; r.Status != 200 || r.ResponseBytes == 0 {
		t.Errorf("logged as %+v", r)
	}
	if r, err := c.try("DELETE", readPath+"/"+groups[0].ID, "", nil); err == nil {
		t.Errorf("an answer that has no body is not lost: %d", r.status)
	}
	if len(s.Groups(1, 2)) != 0 {
		t.Error("the group was not deleted")
	}
	truncating.Clear()
	c.createGroup(`{"name":"web"}`)
}
