package gcoretest

import "slices"

// Fault makes requests go wrong. A request fits if its Operation is that of the fault ("" fits all) and Match, if
// there is one, says so; Match sees the request before its answer, so Status, ResponseBytes and Duration are zero.
// Of several faults that fit, the one given first acts.
type Fault struct {
	Operation string
	Match     func(Request) bool
	Skip      int    // this many fitting requests pass unharmed first
	Every     int    // then only each of that number is hit, the first of them at once; 0: each
	Times     int    // then this many are hit; 0: all of them, until Clear
	Effect    Effect // nil: none, the fault only counts what it hits
}

// Effect is what a fault does to a request. It decides whether the request is processed at all and what the client
// gets; a new kind of fault is a new type with this one method. An effect that processes a request takes whatever
// comes of it: a request that the API refuses is still refused.
type Effect interface {
	run(c *call)
}

// preparer is an effect that only says beforehand what is to become of the request: of its task, of the reads after it,
// of the header Date. The request is processed and answered as usual.
type preparer interface {
	Effect
	prepare(c *call)
}

// runPrepared is the run of every preparer.
func runPrepared(p preparer, c *call) {
	p.prepare(c)
	c.send(c.process())
}

// Together combines effects: any number of those that only prepare (FailTask, DelayTask, StallTask, ForgetTask, LateTask,
// TaskResources, LateEffect, WrongDate, NoDate), and at most one other, which then answers. Of two that contradict each
// other the later one counts.
type Together []Effect

func (t Together) run(c *call) {
	var answers Effect
	for _, effect := range t {
		if p, ok := effect.(preparer); ok {
			p.prepare(c)
		} else {
			answers = effect
		}
	}
	if answers == nil {
		c.send(c.process())
		return
	}
	answers.run(c)
}

// Meanwhile runs functions of the test just before and just after the request is processed, such as a change behind
// the client's back; then the usual answer goes out. Either may be nil. The functions may use all methods of the
// server but Close, which waits for the request. What the request's task does has not happened when After begins;
// with a TaskDuration of 0 it happens as soon as After looks at the server.
//
// With Then, that effect takes the place of the usual processing and answer, and After runs when the answer is out.
type Meanwhile struct {
	Before, After func()
	Then          Effect
}

func (m Meanwhile) run(c *call) {
	call := func(f func()) {
		if f != nil {
			f()
		}
	}
	call(m.Before)
	if m.Then != nil {
		m.Then.run(c)
		call(m.After)
		return
	}
	result := c.process()
	call(m.After)
	c.send(result)
}

// Handle is a fault that a server knows.
type Handle struct {
	server   *Server
	fault    Fault
	seen     int
	hit      int
	firstHit chan struct{}
	cleared  chan struct{}
	isClear  bool // cleared is closed
}

// Fail registers a fault.
func (s *Server) Fail(fault Fault) *Handle {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	h := &Handle{server: s, fault: fault, firstHit: make(chan struct{}), cleared: make(chan struct{})}
	s.faults = append(s.faults, h)
	return h
}

// Clear ends the fault. Requests that it has already hit stay failed, except for those that Hang holds.
func (h *Handle) Clear() {
	h.server.faultMu.Lock()
	defer h.server.faultMu.Unlock()
	h.server.faults = slices.DeleteFunc(h.server.faults, func(other *Handle) bool { return other == h })
	if !h.isClear {
		h.isClear = true
		close(h.cleared)
	}
}

// Hits returns how many requests the fault has hit.
func (h *Handle) Hits() int {
	h.server.faultMu.Lock()
	defer h.server.faultMu.Unlock()
	return h.hit
}

// FirstHit is closed when the fault hits its first request, before the effect begins: a test can wait for a request
// that gets no answer.
func (h *Handle) FirstHit() <-chan struct{} { return h.firstHit }

// takeFault returns the effect for a request, nil for none, and a channel that is closed when its fault is cleared.
func (s *Server) takeFault(r Request) (effect Effect, cleared <-chan struct{}) {
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
		if over := h.seen - h.fault.Skip - 1; over >= 0 && over%max(h.fault.Every, 1) == 0 {
			h.hit++
			if h.hit == 1 {
				close(h.firstHit)
			}
			return h.fault.Effect, h.cleared
		}
	}
	return nil, nil
}
