package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// The bounds of a call whose context has no deadline.
const (
	triesWithoutDeadline = 5
	timeWithoutDeadline  = time.Minute
)

// call is one API call in the course of its tries. It travels in the context of its HTTP requests; only the goroutine
// that makes the call touches it.
type call struct {
	client    *Client
	exchange  exchange
	path      string // escaped
	payload   []byte
	bounded   bool // the context has a deadline
	started   time.Time
	tries     int           // how many have ended
	failure   error         // of the last try, nil after a success
	ambiguous bool          // some try may have been processed
	again     bool          // another try is due
	wait      time.Duration // before that
}

// newCall is a call that begins now.
func (c *Client) newCall(ctx context.Context, e exchange, target *url.URL) *call {
	_, bounded := ctx.Deadline()
	return &call{client: c, exchange: e, path: c.mask.text(target.EscapedPath()), bounded: bounded, started: c.now()}
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	call, _ := ctx.Value(callKey{}).(*call)
	return call
}

// checkRetry is asked by go-retryablehttp after each try.
func checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	call := callOf(ctx)
	call.settle(ctx, call.outcome(response, err))
	return call.again, nil
}

// prepareRetry is called by go-retryablehttp before each further try.
func prepareRetry(request *http.Request) error {
	call := callOf(request.Context())
	return call.client.sleep(request.Context(), call.wait)
}

// share makes the tries of a call whose requests others may share: when to repeat, how often and how long follows from
// each caller's own context.
func (c *call) share(ctx context.Context) error {
	for {
		limit := c.timeout()
		waiting, cancel := context.WithTimeout(ctx, limit)
		failure := c.exchange.shared(waiting)
		// The last one to go cuts the request off, and its error then says no more than that.
		if waiting.Err() != nil && (errors.Is(failure, context.Canceled) || errors.Is(failure, context.DeadlineExceeded)) {
			broken := &TransportError{Method: c.exchange.method, Path: c.path, Sent: true, Err: noAnswerWithin(limit)}
			if ctx.Err() != nil {
				broken.Err = contextError(ctx)
			}
			failure = broken
		}
		cancel()
		c.settle(ctx, failure)
		if !c.again {
			return c.result(ctx, nil)
		}
		if err := c.client.sleep(ctx, c.wait); err != nil {
			return c.result(ctx, err)
		}
	}
}

// timeout is the limit of the next single HTTP request.
func (c *call) timeout() time.Duration {
	if c.bounded {
		return c.client.requestTimeout
	}
	left := timeWithoutDeadline - c.client.now().Sub(c.started)
	return max(min(c.client.requestTimeout, left), time.Millisecond)
}

// settle takes note of a try that has ended, and decides whether there is another. Each way out keeps the last thing
// that the API or the connection said.
func (c *call) settle(ctx context.Context, failure error) {
	previous := c.failure
	c.tries++
	c.failure, c.again = failure, false
	if failure == nil {
		return
	}
	c.ambiguous = c.ambiguous || ambiguous(c.exchange.method, failure)
	switch ended := ctx.Err(); {
	case ended != nil && errors.Is(failure, ended):
		if previous != nil {
			c.failure = fmt.Errorf("%w; the try before: %w", failure, previous)
		}
		return
	case c.exchange.once, !repeatable(c.exchange, failure):
		return
	case ended != nil:
		c.failure = notRepeated(failure, contextError(ctx))
		return
	}

	var asked time.Duration
	if answer, ok := errors.AsType[*Error](failure); ok {
		asked = answer.RetryAfter
	}
	c.wait = backoff(c.tries, c.client.random())
	if asked > 0 {
		c.wait = asked + time.Duration(float64(asked)*c.client.random()/10)
	}
	if !c.bounded {
		elapsed := c.client.now().Sub(c.started)
		c.again = c.tries < triesWithoutDeadline && elapsed+c.wait < timeWithoutDeadline
		return
	}
	// A wait of the client's own is cut off by the deadline; one that the API wants is not even begun in vain.
	if deadline, _ := ctx.Deadline(); asked > 0 && time.Until(deadline) < asked {
		c.failure = notRepeated(failure, fmt.Errorf("the API asks to wait %s, which is longer than the time left: %w",
			asked, context.DeadlineExceeded))
		return
	}
	c.again = true
}

func notRepeated(failure, reason error) error {
	return fmt.Errorf("%w; not repeated: %w", failure, reason)
}

// outcome turns what came back from a try into nil, an *Error or a *TransportError.
func (c *call) outcome(response *http.Response, err error) error {
	failure := &TransportError{Method: c.exchange.method, Path: c.path, Sent: true}
	if err != nil {
		if broken, ok := errors.AsType[*TransportError](err); ok {
			return broken
		}
		// net/http made it of an answer: a redirect whose address cannot be read.
		failure.Err = c.client.mask.error(err)
		return failure
	}
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
	case response.StatusCode/100 != 2:
		answer := newError(c.client.mask, c.exchange.method, c.path, response, body)
		answer.RetryAfter = retryAfter(response.StatusCode, response.Header, c.client.now())
		return answer
	case c.exchange.read == nil:
		return nil
	default:
		err = c.exchange.read(body)
	}
	if err == nil {
		return nil
	}
	failure.StatusCode = response.StatusCode
	failure.Err = unreadable(c.client.mask, err, response.Header.Get("Content-Type"), body)
	return failure
}

// result is the outcome of the call after its last try. err is what go-retryablehttp says, which adds to the last try's
// own failure only if the wait for another try was cut off.
func (c *call) result(ctx context.Context, err error) error {
	failure := c.failure
	switch {
	case failure == nil:
		return err
	case c.again && ctx.Err() != nil:
		failure = notRepeated(failure, contextError(ctx))
	case c.again && err != nil:
		failure = notRepeated(failure, err)
	}
	if c.tries > 1 {
		failure = fmt.Errorf("%w (tried %d times)", failure, c.tries)
	}
	// After a DELETE in doubt, "not found" is a clear answer: the object is gone.
	if c.ambiguous && !errors.Is(failure, ErrNotFound) {
		failure = &ambiguousError{failure}
	}
	return failure
}
