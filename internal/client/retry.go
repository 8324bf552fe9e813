package client

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

const (
	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 8 * time.Second
	// longestRetryAfter keeps a nonsensical header from overflowing. Every deadline is sooner.
	longestRetryAfter = 24 * time.Hour
)

// idempotent reports whether a request may be sent twice without harm. A second DELETE finds nothing.
func (e exchange) idempotent() bool {
	return e.repeatable || e.method == http.MethodGet || e.method == http.MethodDelete
}

// retryable reports whether sending the request again is harmless and can help.
func retryable(e exchange, failure error) bool {
	if answer, ok := errors.AsType[*Error](failure); ok {
		switch status := answer.StatusCode; {
		case status == http.StatusTooManyRequests:
			return true
		case status == http.StatusRequestTimeout || status >= 500:
			return e.idempotent()
		}
		return false
	}
	broken, ok := errors.AsType[*TransportError](failure)
	if !ok || permanent(broken.Err) {
		return false
	}
	return !broken.Sent || e.idempotent()
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
