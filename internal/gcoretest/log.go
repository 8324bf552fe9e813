package gcoretest

import (
	"net/url"
	"slices"
	"time"
)

// Bounds of what a server remembers: a program that runs for days must not grow without a limit. The oldest entries
// go first.
const (
	maxRequests = 200_000
	maxChanges  = 200_000
	maxTasks    = 200_000
	maxBody     = 4 << 20 // of a request, in bytes; 250 rules with all fields are about 100 KiB
)

// Request is one request that the server saw, and what it answered.
type Request struct {
	Time          time.Time
	ID            string // the request_id of the answer, if it is an error or a task
	Operation     string // such as OperationCreateGroup; "" if the API has no such endpoint
	Method, Path  string
	Query         url.Values
	Body          string
	UserAgent     string
	Authorized    bool // with the right API key
	Status        int  // of the answer; 0 if there was none (connection reset, client gone)
	ResponseBytes int64
	Duration      time.Duration
	Violations    []string // in what the request broke the contract in a way that only a wrong program does
}

// Writes tells whether the request may change something.
func (r Request) Writes() bool { return r.Method != "GET" }

// Requests returns the requests answered so far, in the order of their answers.
func (s *Server) Requests() []Request {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return slices.Clone(s.requests)
}

// Count returns how many of the requests answered so far satisfy the condition.
func (s *Server) Count(condition func(Request) bool) int {
	count := 0
	for _, r := range s.Requests() {
		if condition(r) {
			count++
		}
	}
	return count
}

// CountOperations returns the number of requests answered so far by operation.
func (s *Server) CountOperations() map[string]int {
	counts := map[string]int{}
	for _, r := range s.Requests() {
		counts[r.Operation]++
	}
	return counts
}

// ResetRequests forgets the requests seen so far. Violations stay.
func (s *Server) ResetRequests() {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.requests = nil
}

// Violations returns every breach of the contract that only a wrong client program commits. A server made by New has
// also failed its test with each of them.
func (s *Server) Violations() []string {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return slices.Clone(s.violations)
}

// violate remembers a violation and fails the test, if there is one.
func (s *Server) violate(text string) {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.violations = appendBounded(s.violations, text, maxRequests)
	if s.fail != nil {
		s.fail("gcoretest: %s", text)
	}
}

// logRequest runs before the answer is on its way, so that a client which has its answer finds the request logged.
func (s *Server) logRequest(r Request) {
	s.reportMu.Lock()
	defer s.reportMu.Unlock()
	s.logMu.Lock()
	s.requests = appendBounded(s.requests, r, maxRequests)
	s.logMu.Unlock()
	if s.config.Log != nil {
		s.config.Log(r)
	}
}

func appendBounded[T any](list []T, entry T, bound int) []T {
	if len(list) >= bound {
		list = list[len(list)-bound+1:]
	}
	return append(list, entry)
}
