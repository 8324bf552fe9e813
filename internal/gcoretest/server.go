package gcoretest

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

// The account that all objects belong to; nothing depends on the numbers.
const (
	userID   = 1001
	clientID = 501
)

// Server is a running fake of the API. All its methods may be called from several goroutines.
type Server struct {
	config    Config
	contract  *contract
	address   string
	http      *http.Server
	listening listening
	fail      func(format string, arguments ...any) // nil without a test

	enterMu  sync.Mutex // guards closed and the start of handlers
	closed   bool
	handlers sync.WaitGroup

	mu        sync.Mutex // guards all state below
	groups    map[string]*Group
	tasks     map[string]*task
	taskOrder []*task              // by acceptance
	pending   []*task              // by due time
	busy      map[string]int       // unfinished tasks by the group that they change
	veils     map[string]*veil     // by group: what reads show in place of it
	delayed   []delayed            // requests that are processed late, by due time
	dirty     map[string]bool      // groups that have changed since the last commit
	versions  map[string][]version // of each group, for StaleRead
	history   history
	planted   map[string]bool // ids of what a test put in: answers may show it whatever the contract says

	soundMu sync.Mutex
	sound   map[uint64]bool // hashes of answers that keep the contract

	faultMu sync.Mutex
	faults  []*Handle

	reportMu sync.Mutex // lets Config.Log be called one at a time

	logMu      sync.Mutex
	requests   []Request
	violations []string
}

// New starts a server on a free loopback port for a test and closes it when the test ends. A request that only a
// wrong program sends (see the package comment) fails the test.
func New(t testing.TB, config Config) *Server {
	t.Helper()
	s, err := start(config, t.Errorf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server without a test. It must be closed. Errors: an address that is not on the loopback interface,
// or that cannot be listened on.
func Start(config Config) (*Server, error) { return start(config, nil) }

func start(config Config, fail func(string, ...any)) (*Server, error) {
	config = config.complete()
	loaded, err := loadContract(variant{hostBits: config.HostBits, neutron: config.Neutron})
	if err != nil {
		return nil, err
	}
	listener, err := listen(config.Address)
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: config, contract: loaded, address: listener.Addr().String(), fail: fail,
		groups: map[string]*Group{}, tasks: map[string]*task{}, busy: map[string]int{}, veils: map[string]*veil{},
		dirty: map[string]bool{}, versions: map[string][]version{},
		planted: map[string]bool{}, sound: map[uint64]bool{},
	}
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), ConnState: s.watch,
	}
	s.listening.use(s, listener)
	return s, nil
}

// URL is the base URL of the API, without "/cloud".
func (s *Server) URL() string { return "http://" + s.address }

// APIKey is the key that the server accepts.
func (s *Server) APIKey() string { return s.config.APIKey }

// Close ends the server and waits for the requests that it is answering.
func (s *Server) Close() {
	s.enterMu.Lock()
	s.closed = true
	s.enterMu.Unlock()
	s.listening.end()
	// It ends the connections, and with them the contexts of the requests. An error is that of the listener, which is
	// gone either way.
	_ = s.http.Close()
	s.handlers.Wait()
}

// enter counts a handler in, unless the server is closing.
func (s *Server) enter() bool {
	s.enterMu.Lock()
	defer s.enterMu.Unlock()
	if s.closed {
		return false
	}
	s.handlers.Add(1)
	return true
}

func (s *Server) now() time.Time { return s.config.Now().Round(0) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer s.handlers.Done()
	defer s.reportPanic()
	c := s.newCall(w, r)
	if c.cut {
		c.log(0, 0)
		return
	}
	if !s.wait(r.Context(), s.config.Latency) {
		c.reset()
		return
	}
	effect, cleared := s.takeFault(c.record)
	if effect != nil {
		c.cleared = cleared
		effect.run(c)
		return
	}
	c.send(c.process())
}

// reportPanic makes a mistake of the fake visible: net/http would hide it behind a closed connection.
func (s *Server) reportPanic() {
	if cause := recover(); cause != nil {
		if cause != http.ErrAbortHandler { //nolint:errorlint // net/http compares it likewise
			s.violate(fmt.Sprintf("the fake panicked: %v\n%s", cause, debug.Stack()))
		}
		panic(http.ErrAbortHandler)
	}
}

// wait lets the time pass, unless the client goes or the server closes.
func (s *Server) wait(ctx context.Context, duration time.Duration) bool {
	return duration <= 0 || s.config.Sleep(ctx, duration) == nil
}

// sleep waits in real time.
func sleep(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// process carries a request out, in the order of the real layers: gateway, authentication, contract, operation. The
// fake's own answer is held to the contract too.
func (c *call) process() answer {
	result := c.carryOut()
	c.server.checkAnswer(c, result)
	return result
}

func (c *call) carryOut() answer {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.serve(s.settle())
}

// serve carries a request out at a time. The caller holds the lock.
func (c *call) serve(now time.Time) answer {
	s := c.server
	if refused := c.refuse(); refused != nil {
		return refused.answer(c.record.ID)
	}
	c.at = now
	before := s.snapshot(c.late)
	result, refused := s.serve(c, now)
	s.hide(before, c.late, now)
	s.commit(now)
	if refused != nil {
		return refused.answer(c.record.ID)
	}
	return result
}

// refuse answers what does not reach an operation.
func (c *call) refuse() *refusal {
	switch {
	case !c.record.Authorized && c.request.Header.Get("Authorization") == "":
		return &refusal{status: http.StatusUnauthorized, class: "not_authenticated",
			message: "Authentication credentials were not provided."}
	case !c.record.Authorized:
		return &refusal{status: http.StatusUnauthorized, class: "token_not_valid", message: "Given token is not valid."}
	case c.operation == nil && c.pathKnown:
		return &refusal{status: http.StatusMethodNotAllowed, class: "HTTPError",
			message: "HTTP 405: Method Not Allowed"}
	case c.operation == nil:
		// Not the API's own 404, that an object does not exist, but the gateway's: it has no exception_class.
		return &refusal{status: http.StatusNotFound, message: "no Route matched with those values"}
	case c.operation.Deprecated || c.operation.Unserved:
		return &refusal{status: http.StatusNotImplemented, class: "HTTPError",
			message: "The fake does not serve " + c.operation.Name}
	case c.tooLarge:
		return &refusal{status: http.StatusRequestEntityTooLarge, class: "HTTPError",
			message: "HTTP 413: Request Entity Too Large"}
	case len(c.problems) > 0:
		return validationError(c.problems)
	}
	return nil
}
