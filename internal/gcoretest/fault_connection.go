package gcoretest

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

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

// Hang gives no answer until the client goes, the server closes or the fault is cleared. A request that is still
// there when the fault is cleared gets its usual answer then. With Processed the request is carried out before the
// silence, without it only when the fault is cleared, and never if the client has gone.
type Hang struct {
	Processed bool
}

func (h Hang) run(c *call) {
	var result answer
	if h.Processed {
		result = c.process()
	}
	select {
	case <-c.request.Context().Done():
	case <-c.cleared:
	}
	if c.request.Context().Err() != nil {
		c.reset()
		return
	}
	if !h.Processed {
		result = c.process()
	}
	c.send(result)
}

// Slow answers as usual, but waits before the request is processed and after it, as Config.Sleep does. A client that
// goes in the first wait has changed nothing, one that goes in the second has only lost its answer.
type Slow struct {
	Before, After time.Duration
}

func (s Slow) run(c *call) {
	if !c.server.wait(c.request.Context(), s.Before) {
		c.reset()
		return
	}
	result := c.process()
	if !c.server.wait(c.request.Context(), s.After) {
		c.reset()
		return
	}
	c.send(result)
}

// Truncate processes the request and breaks off in the middle of the answer's body: the status and Content-Length are
// those of the whole answer, half of the body comes, then the connection ends. An answer without a body (204) is lost
// as with Reset.
type Truncate struct{}

func (Truncate) run(c *call) {
	result := c.process()
	if len(result.body) == 0 {
		c.reset()
		return
	}
	half := result.body[:len(result.body)/2]
	c.head(result)
	c.writer.Header().Set("Content-Length", strconv.Itoa(len(result.body)))
	c.log(result.status, int64(len(half)))
	c.writer.WriteHeader(result.status)
	_, _ = c.writer.Write(half) // net/http ends a connection on which less was written than announced
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
