package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const testKey = "123$test-key"

var here = client.Location{ProjectID: 11, RegionID: 22}

const (
	groupID = "5c2e7a1e-7a60-4d4b-9f0e-0d1f9b1b2c01"
	ruleID  = "9d1b0c3a-52f4-4f4b-8a55-3f8b6f0e7d02"
	taskID  = "0b8e9a64-21c7-4f0e-bb6c-6a7f8f9e1d03"
)

// step is one request that a server expects, and its answer.
type step struct {
	want   string // "GET /cloud/v1/...", the query included; "": whatever
	body   string // the JSON that the request must carry; "": no body
	status int    // default 200
	header map[string]string
	answer string
	act    http.HandlerFunc // in place of status, header and answer
}

// script is a server that plays its steps in order. An unexpected request and a step without a request fail the test.
type script struct {
	t      *testing.T
	server *httptest.Server
	mutex  sync.Mutex
	steps  []step
	served int
}

func play(t *testing.T, steps ...step) *script {
	t.Helper()
	s := &script{t: t, steps: steps}
	s.server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.server.Close()
		if s.served != len(s.steps) {
			t.Errorf("%d requests came, want %d", s.served, len(s.steps))
		}
	})
	return s
}

func (s *script) next() (step, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.served++
	if s.served > len(s.steps) {
		return step{}, false
	}
	return s.steps[s.served-1], true
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("reading the request: %v", err)
	}
	current, ok := s.next()
	if !ok {
		s.t.Errorf("unexpected request %s %s", r.Method, r.RequestURI)
		http.Error(w, "unexpected", http.StatusTeapot)
		return
	}
	if got := r.Method + " " + r.RequestURI; current.want != "" && got != current.want {
		s.t.Errorf("request %s, want %s", got, current.want)
	}
	s.checkBody(r, current.body, body)
	if current.act != nil {
		current.act(w, r)
		return
	}
	for name, value := range current.header {
		w.Header().Set(name, value)
	}
	if current.status != 0 {
		w.WriteHeader(current.status)
	}
	_, _ = io.WriteString(w, current.answer)
}

func (s *script) checkBody(r *http.Request, want string, got []byte) {
	if want == "" {
		if len(got) > 0 && (r.Method == http.MethodGet || r.Method == http.MethodDelete) {
			s.t.Errorf("%s has a body: %s", r.Method, got)
		}
		return
	}
	if contentType := r.Header.Get("Content-Type"); contentType != "application/json" {
		s.t.Errorf("Content-Type %q", contentType)
	}
	var wanted, sent any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		s.t.Errorf("the step's body: %v", err)
	}
	if err := json.Unmarshal(got, &sent); err != nil {
		s.t.Errorf("body %q: %v", got, err)
	}
	if diff := cmp.Diff(wanted, sent); diff != "" {
		s.t.Errorf("body differs (-want +got):\n%s", diff)
	}
}

// client returns a client of the script's server that does not wait.
func (s *script) client(options ...client.Option) *client.Client {
	s.t.Helper()
	return newClient(s.t, client.Config{BaseURL: s.server.URL}, options...)
}

func newClient(t *testing.T, config client.Config, options ...client.Option) *client.Client {
	t.Helper()
	if config.APIKey == "" {
		config.APIKey = testKey
	}
	c, err := client.New(config, append([]client.Option{client.WithSleep(noSleep)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// waits records what a client would have waited.
type waits struct {
	mutex sync.Mutex
	all   []time.Duration
}

func (w *waits) sleep(ctx context.Context, d time.Duration) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.all = append(w.all, d)
	return ctx.Err()
}

// reset breaks the connection like a server that crashes.
func reset(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// truncated promises more than it sends.
func truncated(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hang answers nothing until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// apiError is an error body as the API writes it.
func apiError(class, message string) string {
	text, _ := json.Marshal(map[string]string{"exception_class": class, "message": message, "request_id": "a1b2"})
	return string(text)
}

func taskAnswer(state, more string) string {
	return `{"id":"` + taskID + `","user_id":1,"task_type":"create_security_group","state":"` + state + `"` + more + `}`
}

// kinds are the sentinels that an error matches.
func kinds(err error) []string {
	var result []string
	for _, kind := range []struct {
		name string
		err  error
	}{
		{"not found", client.ErrNotFound}, {"unknown reference", client.ErrUnknownReference}, {"unknown path", client.ErrUnknownPath}, {"conflict", client.ErrConflict}, {"unauthorized", client.ErrUnauthorized},
		{"forbidden", client.ErrForbidden}, {"changed", client.ErrChanged}, {"ambiguous", client.ErrAmbiguous},
		{"canceled", context.Canceled}, {"deadline", context.DeadlineExceeded},
	} {
		if errors.Is(err, kind.err) {
			result = append(result, kind.name)
		}
	}
	return result
}
