package client

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

var (
	// ErrNotFound is the API's own answer that an object does not exist: a 404 whose body is a JSON object with an
	// exception_class. The 404 of a gateway or a proxy is none: it says nothing about the object.
	ErrNotFound = errors.New("not found")
	// ErrUnknownPath is any other 404: something before the API knows no such address.
	ErrUnknownPath = errors.New("unknown path")
	// ErrConflict is a 409: the object exists already, is in use or is locked, or a quota is used up.
	ErrConflict = errors.New("conflict")
	// ErrChanged is a 412: the object was changed by another, and is not what the request was about any more. Nothing
	// was done. Read it again before deciding anew.
	ErrChanged = errors.New("changed meanwhile")
	// ErrUnauthorized is a 401: the API key is wrong or has expired.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is a 403: the API key may not do this, or a capacity is used up.
	ErrForbidden = errors.New("forbidden")
	// ErrTooManyRequests is a 429: the request was not processed, and repeating it took longer than there was time.
	ErrTooManyRequests = errors.New("too many requests")
	// ErrInvalid is a 400: the API refuses a value.
	ErrInvalid = errors.New("invalid")
	// ErrUnavailable is a 5xx: the API, or something before it, has a fault of its own.
	ErrUnavailable = errors.New("unavailable")
	// ErrAmbiguous is a failed request that writes and may have been processed nevertheless: the connection was lost or
	// its time ended after sending, the answer was a 408 or 5xx, or it was a 2xx that cannot be read. Look before
	// sending again. The error behind it can be reached with errors.As.
	ErrAmbiguous = errors.New("the request may or may not have been processed")
)

// Error is an answer of the API, or of something before it, that is not 2xx. All but Method, Path and StatusCode may be
// empty: they come from the body, which may be anything. Texts are bounded, of one line, and without the API key.
type Error struct {
	Method     string
	Path       string // escaped, without the query
	StatusCode int
	// Class is the API's exception_class, such as "ValidationError"; empty if the answer is not the API's own.
	Class     string
	Message   string
	RequestID string
	// InvalidFields has the messages of each field that the API refused. Nested fields are joined with dots, as in
	// "rules.0.direction"; messages without a field have the name "".
	InvalidFields map[string][]string
	// Info has the details that some classes bring, such as attribute, limit and current_usage of a quota.
	Info map[string]string
	// RetryAfter is how long a 429 or 503 asks to wait; zero: it does not.
	RetryAfter time.Duration
}

// Error is one line: what was sent, status, class, message, invalid fields, details, request id.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s: %d", e.Method, e.Path, e.StatusCode)
	if name := http.StatusText(e.StatusCode); name != "" {
		text.WriteString(" " + name)
	}
	for _, part := range []string{e.Class, e.Message} {
		if part != "" {
			text.WriteString(": " + part)
		}
	}
	if len(e.InvalidFields) > 0 {
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(e.InvalidFields)) {
			messages := strings.Join(e.InvalidFields[name], ", ")
			if name != "" {
				messages = name + ": " + messages
			}
			fields = append(fields, messages)
		}
		fmt.Fprintf(&text, " (invalid fields: %s)", strings.Join(fields, "; "))
	}
	if len(e.Info) > 0 {
		var details []string
		for _, name := range slices.Sorted(maps.Keys(e.Info)) {
			details = append(details, name+"="+e.Info[name])
		}
		fmt.Fprintf(&text, " (%s)", strings.Join(details, ", "))
	}
	if e.RequestID != "" {
		fmt.Fprintf(&text, " (request id %s)", e.RequestID)
	}
	return text.String()
}

// Is tells which of the package's kinds the error is.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound && e.Class != ""
	case ErrUnknownPath:
		return e.StatusCode == http.StatusNotFound && e.Class == ""
	case ErrTooManyRequests:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrChanged:
		return e.StatusCode == http.StatusPreconditionFailed
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrInvalid:
		return e.StatusCode == http.StatusBadRequest
	case ErrUnavailable:
		return e.StatusCode >= http.StatusInternalServerError
	}
	return false
}

// TransportError is a request without a usable answer: no connection, a connection that broke, a time that ended, or an
// answer of status 2xx that cannot be read.
type TransportError struct {
	Method     string
	Path       string // escaped, without the query
	StatusCode int    // 0: no answer
	Sent       bool   // the request had a connection, so that the API may have received it
	Err        error
}

func (e *TransportError) Error() string {
	if e.StatusCode != 0 {
		return fmt.Sprintf("%s %s: %d: %v", e.Method, e.Path, e.StatusCode, e.Err)
	}
	return fmt.Sprintf("%s %s: %v", e.Method, e.Path, e.Err)
}

// Unwrap gives the cause, for instance the context's error.
func (e *TransportError) Unwrap() error { return e.Err }
