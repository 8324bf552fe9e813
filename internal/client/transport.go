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
	"sync/atomic"
	"time"
)

const (
	// answerLimit holds a page of 1000 groups with a hundred rules each.
	answerLimit = 64 << 20
	// errorLimit is ample for an error; the rest of such a body is of no use.
	errorLimit = 1 << 20
)

// errAnswerTooLarge is not cured by asking again.
var errAnswerTooLarge = errors.New("the answer is too large")

// timeoutError is the end of the time of a single HTTP request, or of a part of it. It is deliberately not
// context.DeadlineExceeded, which the net package's timeouts are and which here stands for the end of the caller's
// time.
type timeoutError struct{ text string }

func (e *timeoutError) Error() string { return e.text }

func noAnswerWithin(limit time.Duration) error {
	return &timeoutError{fmt.Sprintf("no complete answer within %s", limit)}
}

// newPool is the connection pool of a Client. Terraform runs ten operations at once on one host, and users raise that.
func newPool() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		// It never uses a proxy for localhost and loopback addresses.
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        64,
		MaxIdleConnsPerHost: 64,
		// Shorter than the 60 s after which common gateways close an idle connection: a POST that meets such a closing
		// is ambiguous, and avoidable.
		IdleConnTimeout: 30 * time.Second,
		// All requests share one HTTP/2 connection; if it dies silently, each would hang to its limit.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}

// transport performs one HTTP request whole: it bounds its time, reads the answer's body, tells whether the request
// can have reached the API, and logs. A body cut short is thereby an error of the request and not of whoever reads it
// later, and may be repeated.
type transport struct {
	client      *Client
	pool        http.RoundTripper
	answerLimit int64 // bytes
}

// CloseIdleConnections is what http.Client looks for in a RoundTripper.
func (t *transport) CloseIdleConnections() {
	if pool, ok := t.pool.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// RoundTrip returns either a response whose body is in memory, or a *TransportError.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	caller := request.Context()
	call := callOf(caller)
	limit := call.timeout()
	ctx, cancel := context.WithTimeout(caller, limit)
	defer cancel()
	ctx, connected := traceConnection(ctx)

	start := t.client.now()
	response, body, err := t.exchange(request.WithContext(ctx))
	if response != nil {
		t.client.clock.learn(response.Header, t.client.now())
	}
	if err != nil {
		failure := &TransportError{
			Method: request.Method, Path: call.path, Sent: connected.Load(), Err: t.client.mask.error(err),
		}
		if response != nil {
			failure.StatusCode = response.StatusCode
		}
		switch {
		case caller.Err() != nil:
			failure.Err = contextError(caller)
		case ctx.Err() != nil:
			failure.Err = noAnswerWithin(limit)
		case errors.Is(err, context.DeadlineExceeded):
			failure.Err = &timeoutError{failure.Err.Error()}
		}
		err = failure
	}
	t.client.log(caller, record{
		request: request, requestBody: call.payload, response: response, responseBody: body,
		attempt: call.tries + 1, duration: t.client.now().Sub(start), err: err,
	})
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// exchange sends the request and reads the answer. With an error there may be a response nevertheless, for its status.
func (t *transport) exchange(request *http.Request) (*http.Response, []byte, error) {
	response, err := t.pool.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	success := response.StatusCode/100 == 2
	limit := int64(errorLimit)
	if success {
		limit = t.answerLimit
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case !success:
		// The status says what happened, whatever became of the body.
		return response, body[:min(int64(len(body)), limit)], nil
	case err != nil:
		return response, body, fmt.Errorf("reading the answer: %w", err)
	case int64(len(body)) > limit:
		return response, body[:limit], fmt.Errorf("%w: more than %d bytes", errAnswerTooLarge, limit)
	}
	return response, body, nil
}

// traceConnection tells, after the request, whether it ever had a connection to be written to. Dialing, name
// resolution, proxies and TLS handshakes all fail before that: then nothing was sent. net/http may take a second
// connection if nothing was written to the first, so each search for a connection starts anew.
func traceConnection(ctx context.Context) (context.Context, *atomic.Bool) {
	connected := new(atomic.Bool)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), connected
}

// contextError is the context's error, and its cause if that says more.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
