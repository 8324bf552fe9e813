package client

import (
	"net/http"
	"sync"
	"time"
)

// serverClock relates this machine's time to the server's, from the Date of every answer. An answer is made before it
// is received and its Date has whole seconds, so that each gives a lower bound of how far the server is ahead; the
// highest of them is the best.
type serverClock struct {
	mu    sync.Mutex
	ahead time.Duration
	known bool
}

func (s *serverClock) learn(header http.Header, received time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ahead := date.Sub(received); !s.known || ahead > s.ahead {
		s.ahead, s.known = ahead, true
	}
}

// ServerTime is the earliest that the server's clock can have shown at a moment of this machine's, in whole seconds as
// the API gives its times; known is false until some answer had a Date. What the API made after the moment was made at
// that time or later.
func (c *Client) ServerTime(local time.Time) (earliest time.Time, known bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return local.Add(c.clock.ahead).UTC().Truncate(time.Second), c.clock.known
}
