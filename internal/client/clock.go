package client

import (
	"net/http"
	"sync"
	"time"
)

// serverClock compares the server's time with this machine's, by the Date of every answer. An answer is made before it
// is received, and its Date has whole seconds: each gives a lower bound of how far the server is ahead, and the highest
// is the best.
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

// ServerTime is the earliest time that the server's clock can have shown at a moment of this machine's, in whole seconds
// as in the API's dates. Objects that the API creates after the moment have this date or a later one. known is false
// until an answer had a Date; the result is then the moment by this machine's clock.
func (c *Client) ServerTime(local time.Time) (earliest time.Time, known bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return local.Add(c.clock.ahead).UTC().Truncate(time.Second), c.clock.known
}
