package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	// ErrNotFound is the API's own answer that the object of the request does not exist: a 404 whose exception_class is
	// about objects and whose message names an id of the request's path. Nothing else says that an object is gone.
	ErrNotFound = errors.New("not found")
	// ErrUnknownReference is a 404 of the API about something else that the request refers to: the project, the region, the
	// user of the key, a remote group; or one in words that this package does not know. The object may well exist.
	ErrUnknownReference = errors.New("unknown reference")
	// ErrUnknownPath is a 404 that is not the API's own, without an exception_class: something in front of the API does not
	// know the address.
	ErrUnknownPath = errors.New("unknown path")
	// ErrConflict is a 409: the object exists already, is in use or is locked, or a quota is used up.
	ErrConflict = errors.New("conflict")
	// ErrLocked is a 409 that says that a task of the object is running. The API takes one task of a group at a time.
	ErrLocked = errors.New("locked by another task")
	// ErrExists is a failed task that says that the object exists already. It made nothing. A 409 is told apart by
	// looking, not by its text.
	ErrExists = errors.New("exists already")
	// ErrQuota is a used-up quota, of a request or of a task, whatever the status. Nothing was done.
	ErrQuota = errors.New("quota used up")
	// ErrMail is the refusal of egress to port 25, which support lifts for single accounts.
	ErrMail = errors.New("egress to port 25 is prohibited")
	// ErrChanged is a 412: somebody else changed the object. Nothing was done. Read the object before the next request.
	ErrChanged = errors.New("changed meanwhile")
	// ErrUnauthorized is a 401: the API key is wrong or has expired.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is a 403: the API key may not do this, or a capacity is used up.
	ErrForbidden = errors.New("forbidden")
	// ErrNotProcessed is a request that certainly was not processed, and that may be sent again later: there was no
	// connection, or the answer was a 429.
	ErrNotProcessed = errors.New("not processed")
	// ErrTooManyRequests is a 429: the request was not processed.
	ErrTooManyRequests = errors.New("too many requests")
	// ErrInvalid is a 400: the API refuses a value.
	ErrInvalid = errors.New("invalid")
	// ErrUnavailable is a 5xx: the API, or something in front of it, is at fault.
	ErrUnavailable = errors.New("unavailable")
	// ErrOverloaded is a 503: the API, or something in front of it, takes no requests for now.
	ErrOverloaded = errors.New("takes no requests for now")
	// ErrUnreachable is a request that got no connection: nothing answers at the address, or not as TLS has it.
	ErrUnreachable = errors.New("no connection")
	// ErrWebPage is a web page in place of the API's answer.
	ErrWebPage = errors.New("the answer is a web page")
	// ErrAmbiguous is a failed write that the API may have processed nevertheless: the connection broke or the request
	// timed out after sending, the answer was a 408 or 5xx, or it was a 2xx that cannot be read. Check what happened
	// before retrying. errors.As finds the error behind it.
	ErrAmbiguous = errors.New("the request may or may not have been processed")
)

// Error is an answer of the API, or of something in front of it, that is not 2xx. Only Method, Path and StatusCode are
// always set: the rest comes from the body, which may be anything. Texts are bounded, on one line, without the API key.
type Error struct {
	Method     string
	Path       string // escaped, without the query
	StatusCode int
	// Class is the API's exception_class, such as "ValidationError"; empty if the answer is not the API's own.
	Class     string
	Message   string
	RequestID string
	// InvalidFields has the messages for each field that the API refused. Nested names are joined with dots, as in
	// "rules.0.direction"; messages without a field have the name "".
	InvalidFields map[string][]string
	// Info has the details that some classes have, such as attribute, limit and current_usage of a quota.
	Info map[string]string
	// Astral is true if the request has characters of four bytes in UTF-8, such as emoji. OpenStack whose database
	// stores three bytes per character always answers these with a 500.
	Astral bool
	// RetryAfter is how long a 429 or 503 asks to wait; zero: not given.
	RetryAfter time.Duration
}

// Error is one line: the API's words, then the request in parentheses.
func (e *Error) Error() string {
	words := cmp.Or(e.Message, "no message")
	var fields, details []string
	for _, name := range slices.Sorted(maps.Keys(e.InvalidFields)) {
		messages := strings.Join(e.InvalidFields[name], ", ")
		if name != "" {
			messages = name + ": " + messages
		}
		fields = append(fields, messages)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Info)) {
		details = append(details, name+"="+e.Info[name])
	}
	if len(fields) > 0 {
		words += " (invalid fields: " + strings.Join(fields, "; ") + ")"
	}
	if len(details) > 0 {
		words += " (" + strings.Join(details, ", ") + ")"
	}
	if e.Astral && e.StatusCode == http.StatusInternalServerError {
		words += "; the request has emoji or other characters of four bytes, which the API may be unable to store"
	}
	return words + " (" + e.Request() + ")"
}

// Request is what was sent and how it was answered: method, path, status, class, request id.
func (e *Error) Request() string {
	text := request(e.Method, e.Path, e.StatusCode)
	if e.Class != "" {
		text += ", " + e.Class
	}
	return withRequestID(text, e.RequestID)
}

func request(method, path string, status int) string {
	text := method + " " + path
	if status != 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s: %d %s", text, status, http.StatusText(status)))
	}
	return text
}

func withRequestID(text, id string) string {
	if id == "" {
		return text
	}
	return text + ", request id " + id
}

// Is matches the error variables of this package.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound && e.isAboutObject()
	case ErrUnknownReference:
		return e.StatusCode == http.StatusNotFound && e.Class != "" && !e.isAboutObject()
	case ErrWebPage:
		// A gateway that asks for patience often does so with a page.
		patience := e.StatusCode == http.StatusTooManyRequests || e.StatusCode == http.StatusRequestTimeout
		return e.StatusCode/100 == 4 && !patience && strings.HasPrefix(e.Message, ErrWebPage.Error())
	case ErrUnknownPath:
		return e.StatusCode == http.StatusNotFound && e.Class == ""
	case ErrTooManyRequests, ErrNotProcessed:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrLocked:
		return e.StatusCode == http.StatusConflict && lockPattern.MatchString(e.Message)
	case ErrQuota:
		return e.StatusCode/100 == 4 && (isQuota(e.Class) || isQuota(e.Message))
	case ErrMail:
		return e.StatusCode/100 == 4 && strings.Contains(e.Message, "egress port 25")
	case ErrChanged:
		return e.StatusCode == http.StatusPreconditionFailed
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrInvalid:
		return e.StatusCode == http.StatusBadRequest
	case ErrOverloaded:
		return e.StatusCode == http.StatusServiceUnavailable
	case ErrUnavailable:
		return e.StatusCode >= http.StatusInternalServerError
	}
	return false
}

// missingClasses are the classes of a 404 about an object: the API's documented one, "<Kind> <id> could not be found", and
// those that come through from OpenStack Neutron, "Security group <id> does not exist".
var missingClasses = []string{"NotFoundError", "SecurityGroupNotFound", "SecurityGroupRuleNotFound"}

// isAboutObject reports whether an error is about an object in the path of its request. The ids there are uuids; those of
// the project and the region are numbers.
func (e *Error) isAboutObject() bool {
	message := strings.ToLower(e.Message)
	return slices.Contains(missingClasses, e.Class) && slices.ContainsFunc(uuidPattern.FindAllString(e.Path, -1), func(id string) bool {
		return strings.Contains(message, strings.ToLower(id))
	})
}

var uuidPattern = regexp.MustCompile(`(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// isQuota reports whether a class or a text is about a used-up quota. The API's own class is QuotaLimitExceed; what comes
// through from OpenStack is OverQuota, "Quota exceeded for resources: ...".
func isQuota(text string) bool { return quotaPattern.MatchString(text) }

var quotaPattern = regexp.MustCompile(`(?i)quota ?(limit)? ?(\w+ )*exceed|over ?quota`)

// lockPattern is what the API was seen to say of a group ("already locked by another task") and of a load balancer's pool
// ("currently locked by running task").
var lockPattern = regexp.MustCompile(`(?i)locked by .*task`)

// TransportError is a request without a usable answer: no connection, a connection that broke, a timeout, or an answer of
// status 2xx that cannot be read.
type TransportError struct {
	Address    string // of the API
	Method     string
	Path       string // escaped, without the query
	StatusCode int    // 0: no answer
	Sent       bool   // there was a connection, so that the API may have received the request
	Err        error
}

func (e *TransportError) Error() string { return fmt.Sprintf("%v (%s)", e.Err, e.Request()) }

// Request is what was sent, and the status if there was an answer.
func (e *TransportError) Request() string { return request(e.Method, e.Path, e.StatusCode) }

// Unwrap returns the cause, for instance the context's error.
func (e *TransportError) Unwrap() error { return e.Err }

// Is matches ErrUnreachable, and ErrNotProcessed unless the next try would fail alike.
func (e *TransportError) Is(target error) bool {
	switch target {
	case ErrUnreachable:
		return !e.Sent && !errors.Is(e.Err, context.Canceled)
	case ErrNotProcessed:
		return !e.Sent && !permanent(e.Err)
	}
	return false
}
