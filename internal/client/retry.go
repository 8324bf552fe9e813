package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// The bounds of a call whose context has no deadline.
	triesWithoutDeadline = 5
	timeWithoutDeadline  = time.Minute
	// triesIfIncomplete is how often a call is made if the answers miss what they must have.
	triesIfIncomplete = 3

	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 8 * time.Second
	// longestRetryAfter keeps a nonsensical header from overflowing. Every deadline is sooner.
	longestRetryAfter = 24 * time.Hour
)

// call is one API call with all its tries. Only the goroutine that makes the call uses it.
type call struct {
	exchange
	client     *Client
	target     *url.URL
	path       string // of target, escaped and masked
	payload    []byte // nil: no body
	bounded    bool   // the context has a deadline
	started    time.Time
	tries      int // begun so far
	incomplete int // answers that missed what they must have
	logged     bool
}

func (c *Client) newCall(ctx context.Context, e exchange) (*call, error) {
	target, err := c.endpoint(e)
	if err != nil {
		return nil, err
	}
	_, bounded := ctx.Deadline()
	call := &call{
		exchange: e, client: c, target: target, path: c.mask.text(target.EscapedPath()), bounded: bounded, started: c.now(),
	}
	if e.body != nil {
		if call.payload, err = json.Marshal(e.body); err != nil {
			return nil, fmt.Errorf("encoding the request: %w", err)
		}
	}
	return call, nil
}

// run makes tries until one succeeds, or until there is no reason or no time for another.
func (c *call) run(ctx context.Context) error {
	var previous error
	for {
		c.tries++
		failure := c.try(ctx)
		if failure == nil {
			return nil
		}
		if err := c.waitForRetry(ctx, failure, previous); err != nil {
			return c.failed(err)
		}
		previous = failure
	}
}

// try makes one try: an HTTP request, or the wait for one that other callers share. Its time is limited.
func (c *call) try(ctx context.Context) error {
	limit := c.timeout()
	limited, cancel := context.WithTimeoutCause(ctx, limit, timeoutError("no complete answer within "+limit.String()))
	defer cancel()
	if c.shared == nil {
		return c.send(ctx, limited)
	}
	err := c.shared(limited)
	// The last caller to leave cancels the request, whose error then says no more than that.
	if limited.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return c.unusable(0, true, whyEnded(ctx, limited))
	}
	return err
}

// timeout is the limit of the next try.
func (c *call) timeout() time.Duration {
	if c.bounded {
		return c.client.requestTimeout
	}
	return max(min(c.client.requestTimeout, timeWithoutDeadline-c.elapsed()), time.Millisecond)
}

func (c *call) elapsed() time.Duration { return c.client.now().Sub(c.started) }

// waitForRetry returns nil when the next try is due. If there is none it returns the call's error, which keeps what the
// API or the connection said last.
func (c *call) waitForRetry(ctx context.Context, failure, previous error) error {
	if is[*incompleteError](failure) {
		c.incomplete++
	}
	switch ended := ctx.Err(); {
	case ended != nil && errors.Is(failure, ended) && previous != nil:
		return fmt.Errorf("%w; the try before: %w", failure, previous)
	case ended != nil && errors.Is(failure, ended), c.single, !retryable(c.method, failure), c.incomplete >= triesIfIncomplete:
		return failure
	case ended != nil:
		return notRetried(failure, Ended(ctx))
	}
	if !c.bounded {
		left := timeWithoutDeadline - c.elapsed()
		if c.tries >= triesWithoutDeadline || backoff(c.tries, 0) >= left {
			return failure
		}
		if requested := requestedPause(failure); requested >= left {
			return notRetried(failure, tooLong(requested))
		}
	}
	if !c.logged && c.elapsed() >= longWait {
		c.client.logWait(ctx, failure)
		c.logged = true
	}
	return c.client.Backoff(ctx, c.tries, failure)
}

// Backoff pauses before a request is sent again that has failed for that many times: as long as the answer to it asks,
// else longer each time. The error is the failure, and why there is no time for another try: ctx has ended, or will have
// ended by the time that the answer asks for.
func (c *Client) Backoff(ctx context.Context, failures int, failure error) error {
	wait := backoff(failures, c.random())
	requested := requestedPause(failure)
	if requested > 0 {
		wait = requested + time.Duration(float64(requested)*c.random()/10)
	}
	// The deadline may cut off a backoff. A wait that the API requests is not begun if it cannot end in time.
	if deadline, bounded := ctx.Deadline(); bounded && requested > 0 && time.Until(deadline) < requested {
		return notRetried(failure, tooLong(requested))
	}
	if wait >= longWait {
		c.logWait(ctx, failure)
	}
	if err := c.Pause(ctx, wait); err != nil {
		return notRetried(failure, err)
	}
	return nil
}

// requestedPause is how long the API asks to wait; zero: it does not ask.
func requestedPause(failure error) time.Duration {
	if answer, ok := errors.AsType[*Error](failure); ok {
		return answer.RetryAfter
	}
	return 0
}

func tooLong(requested time.Duration) error {
	return fmt.Errorf("the API asks to wait %s, which is longer than the time left: %w", requested, context.DeadlineExceeded)
}

func notRetried(failure, reason error) error {
	return fmt.Errorf("%w; not repeated: %w", failure, reason)
}

// failed completes the error of the last try.
func (c *call) failed(failure error) error {
	if c.tries > 1 {
		failure = fmt.Errorf("%w (tried %d times)", failure, c.tries)
	}
	if ambiguous(c.method, failure) {
		failure = fmt.Errorf("%w; %w", failure, ErrAmbiguous)
	}
	return failure
}

// retryable reports whether sending the request again is harmless and can help. Only reads are: what a write depends on
// may have changed by then, and it must not be sent after an interruption. Who sends a write decides about it.
func retryable(method string, failure error) bool {
	if method != http.MethodGet {
		return false
	}
	if answer, ok := errors.AsType[*Error](failure); ok {
		status := answer.StatusCode
		return status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500
	}
	broken, ok := errors.AsType[*TransportError](failure)
	return ok && !permanent(broken.Err)
}

// ambiguous reports whether the API may have processed a write that failed.
func ambiguous(method string, failure error) bool {
	if method == http.MethodGet {
		return false
	}
	if answer, ok := errors.AsType[*Error](failure); ok {
		return answer.StatusCode == http.StatusRequestTimeout || answer.StatusCode >= 500
	}
	broken, ok := errors.AsType[*TransportError](failure)
	return ok && broken.Sent
}

// permanent reports whether the next try would fail alike: the certificate is not trusted, the server has no TLS, the
// answer has the wrong shape or size.
func permanent(err error) bool {
	if errors.Is(err, errAnswerTooLarge) {
		return true
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		// An answer of another kind, such as a bare string, is not the API's own.
		return wrong.Field != ""
	}
	return is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) ||
		is[x509.UnknownAuthorityError](err) || is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// backoff is the wait after the given number of tries (1 or more): doubled each time, less up to a quarter by random in
// [0, 1), so that many clients do not retry at once.
func backoff(tries int, random float64) time.Duration {
	wait := min(firstBackoff<<min(tries-1, 10), longestBackoff)
	return wait - time.Duration(float64(wait)*random/4)
}

// retryAfter is the wait that an answer asks for, in seconds or as a date (RFC 9110, 10.2.3); zero: none. A date is
// compared with the answer's own Date, so that a wrong clock here does no harm.
func retryAfter(status int, header http.Header, now time.Time) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(longestRetryAfter/time.Second))) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(until.Sub(now), 0), longestRetryAfter)
}
