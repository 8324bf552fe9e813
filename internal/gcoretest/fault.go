package gcoretest

import (
	"net"
	"net/http"
	"slices"
)

// Fault makes requests go wrong. A request fits if its Operation is that of the fault ("" fits all) and Match, if
// there is one, says so; Match sees the request before its answer, so Status, ResponseBytes and Duration are zero.
// Of several faults that fit, the one given first acts.
type Fault struct {
	Operation string
	Match     func(Request) bool
	Skip      int    // this many fitting requests pass unharmed first
	Times     int    // then this many are hit; 0: all of them, until Clear
	Effect    Effect // nil: none, the fault only counts what it hits
}

// Effect is what a fault does to a request. It decides whether the request is processed at all and what the client
// gets; a new kind of fault is a new type with this one method.
type Effect interface {
	run(c *call)
}

// Answer answers with a status and a body of its own. With Processed the request is carried out first and only its
// answer is lost.
type Answer struct {
	Status      int
	Body        string // "" with an empty ContentType: the API's JSON error body
	ContentType string // "" is application/json
	Header      map[string]string
	Processed   bool
}

func (a Answer) run(c *call) {
	if a.Processed {
		c.process()
	}
	sent := answer{status: a.Status, contentType: a.ContentType, body: []byte(a.Body), header: a.Header}
	if a.Body == "" && a.ContentType == "" {
		failed := refusal{status: a.Status, class: "HTTPError", message: http.StatusText(a.Status)}
		sent.body = failed.answer(c.record.ID).body
	}
	if sent.contentType == "" {
		sent.contentType = "application/json"
	}
	c.send(sent)
}

// Reset cuts the connection in place of an answer: before the request is processed, or after it.
type Reset struct {
	Processed bool
}

func (r Reset) run(c *call) {
	if r.Processed {
		c.process()
	}
	c.reset()
}

// FailTask accepts the request, but the task that it makes ends in ERROR with the text. With Effect what the task
// was to do is done nevertheless. A request that makes no task is answered as usual.
type FailTask struct {
	Text   string
	Effect bool
}

func (f FailTask) run(c *call) {
	c.outcome = taskOutcome{failure: f.Text, withEffect: f.Effect}
	if c.outcome.failure == "" {
		c.outcome.failure = "Internal error"
	}
	c.send(c.process())
}

// Meanwhile runs functions of the test just before and just after the request is processed, such as a change behind
// the client's back; then the usual answer goes out. Either may be nil.
type Meanwhile struct {
	Before, After func()
}

func (m Meanwhile) run(c *call) {
	if m.Before != nil {
		m.Before()
	}
	result := c.process()
	if m.After != nil {
		m.After()
	}
	c.send(result)
}

// Handle is a fault that a server knows.
type Handle struct {
	server *Server
	fault  Fault
	seen   int
	hit    int
}

// Fail registers a fault.
func (s *Server) Fail(fault Fault) *Handle {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	h := &Handle{server: s, fault: fault}
	s.faults = append(s.faults, h)
	return h
}

// Clear ends the fault. Requests that it has already hit are not mended.
func (h *Handle) Clear() {
	h.server.faultMu.Lock()
	defer h.server.faultMu.Unlock()
	h.server.faults = slices.DeleteFunc(h.server.faults, func(other *Handle) bool { return other == h })
}

// Hits returns how many requests the fault has hit.
func (h *Handle) Hits() int {
	h.server.faultMu.Lock()
	defer h.server.faultMu.Unlock()
	return h.hit
}

// takeFault returns the effect for a request, nil for none.
func (s *Server) takeFault(r Request) Effect {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	for _, h := range s.faults {
		if h.fault.Operation != "" && h.fault.Operation != r.Operation {
			continue
		}
		if h.fault.Times > 0 && h.hit >= h.fault.Times {
			continue
		}
		if h.fault.Match != nil && !h.fault.Match(r) {
			continue
		}
		h.seen++
		if h.seen > h.fault.Skip {
			h.hit++
			return h.fault.Effect
		}
	}
	return nil
}

// reset ends the connection with a TCP reset, so that the client cannot take it for an orderly end.
func (c *call) reset() {
	c.log(0, 0)
	hijacker, ok := c.writer.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	connection, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
