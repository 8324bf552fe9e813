package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	// pageLimit holds a page of 1000 groups with a hundred rules each, answerLimit one group with ten times the rules that
	// it can have.
	pageLimit   = 64 << 20
	answerLimit = 4 << 20
	// errorLimit is ample for an error of 250 rules; the rest of such a body is of no use.
	errorLimit = 128 << 10
)

// errAnswerTooLarge is permanent: the next answer would be as large.
var errAnswerTooLarge = errors.New("the answer is too large")

// timeoutError means that a single HTTP request, or a part of it, timed out. It does not match
// context.DeadlineExceeded, as the timeouts of the net package do: here that stands for the caller's deadline.
type timeoutError string

func (e timeoutError) Error() string { return string(e) }

// newPool is the connection pool of a Client. Terraform runs ten operations at once on one host, and users raise that.
func newPool() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               proxy,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        64,
		MaxIdleConnsPerHost: 64,
		// Common gateways close an idle connection after 60 s. A POST that meets such a closing is ambiguous.
		IdleConnTimeout: 30 * time.Second,
		// All requests share one HTTP/2 connection; if it dies silently, each would hang to its limit.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}

// proxy uses none for plain http: the host is this machine, and the proxy would get the key unencrypted.
func proxy(request *http.Request) (*url.URL, error) {
	if request.URL.Scheme == "http" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(request)
}

// send makes one HTTP request within limited, a context of its own below the caller's. Redirects are not followed.
func (c *call) send(caller, limited context.Context) error {
	limited, connected := traceConnection(limited)
	request, err := http.NewRequestWithContext(limited, c.method, c.target.String(), bytes.NewReader(c.payload))
	if err != nil {
		return fmt.Errorf("making the request: %w", c.client.mask.error(err))
	}
	request.Header = c.client.header.Clone()
	if c.payload != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	start := c.client.now()
	reply, err := c.client.roundTrip(request, c.limit())
	c.client.clock.learn(reply.header, c.client.now())
	if err != nil {
		err = c.transportError(caller, limited, reply, connected.Load(), err)
	}
	c.log(caller, start, reply, err)
	if err != nil {
		return err
	}
	return c.readAnswer(reply)
}

// reply is an answer whose body has been read. The zero value is no answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) success() bool { return r.status/100 == 2 }

// roundTrip sends a request and reads the whole answer, so that a body that is cut short fails the request, and can be
// retried. With an error there may be a reply nevertheless, for its status. limit is in bytes, for an answer of status 2xx.
func (c *Client) roundTrip(request *http.Request, limit int64) (reply, error) {
	response, err := c.pool.RoundTrip(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	result := reply{status: response.StatusCode, header: response.Header}
	if !result.success() {
		limit = errorLimit
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	result.body = body[:min(int64(len(body)), limit)]
	switch {
	case !result.success():
		// The status says what happened, whatever became of the body.
		return result, nil
	case err != nil:
		return result, fmt.Errorf("reading the answer: %w", err)
	case int64(len(body)) > limit:
		return result, fmt.Errorf("%w: more than %d bytes", errAnswerTooLarge, limit)
	}
	return result, nil
}

func (c *call) limit() int64 {
	if c.paged {
		return pageLimit
	}
	return answerLimit
}

// unusable is the error of a try without a usable answer; status is 0 if there was none.
func (c *call) unusable(status int, sent bool, err error) *TransportError {
	return &TransportError{Address: c.client.base.String(), Method: c.method, Path: c.path, StatusCode: status, Sent: sent, Err: err}
}

func (c *call) transportError(caller, limited context.Context, reply reply, sent bool, err error) error {
	failure := c.unusable(reply.status, sent, c.client.mask.error(err))
	switch {
	case limited.Err() != nil:
		failure.Err = whyEnded(caller, limited)
	case errors.Is(err, context.DeadlineExceeded):
		failure.Err = timeoutError(failure.Err.Error())
	}
	return failure
}

// readAnswer returns nil, or an *Error, or a *TransportError if an answer of status 2xx cannot be read.
func (c *call) readAnswer(reply reply) error {
	m := c.client.mask
	if !reply.success() {
		answer := newError(m, c.method, c.path, reply)
		answer.Astral = bytes.ContainsFunc(c.payload, func(r rune) bool { return r > 0xFFFF })
		answer.RetryAfter = retryAfter(reply.status, reply.header, c.client.now())
		return answer
	}
	if c.read == nil {
		return nil
	}
	if err := c.read(reply.body); err != nil {
		return c.unusable(reply.status, true, unreadable(m, err, reply))
	}
	return nil
}

// traceConnection reports, after the request, whether it had a connection to be written to. Dialing, name resolution,
// proxies and TLS handshakes fail before that: then nothing was sent. If nothing was written to a connection, net/http
// may take a second one, so each search for a connection resets the report.
func traceConnection(ctx context.Context) (context.Context, *atomic.Bool) {
	connected := new(atomic.Bool)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), connected
}

// whyEnded says why a try's context has ended: with its caller's, or at its own limit.
func whyEnded(caller, limited context.Context) error {
	if caller.Err() != nil {
		return Ended(caller)
	}
	return context.Cause(limited)
}

// Ended is why a context has ended: its cause, or that it was interrupted.
func Ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	switch {
	case errors.Is(cause, context.Canceled):
		return interrupted{}
	case errors.Is(cause, context.DeadlineExceeded):
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// interrupted is a context that was canceled, in a user's words.
type interrupted struct{}

func (interrupted) Error() string { return "interrupted" }

func (interrupted) Is(target error) bool { return target == context.Canceled }
