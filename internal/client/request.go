package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Location is the place of an object. It is part of the path of every call except those for tasks.
type Location struct{ ProjectID, RegionID int64 }

// The collections of the API.
const (
	groupsV1 = "v1/securitygroups"
	groupsV2 = "v2/security_groups"
	tasksV1  = "v1/tasks"
)

// exchange describes one API call: the request, and how its answer is read.
type exchange struct {
	operation string // for errors: "read security group 5c2e..."
	method    string
	// The path is /cloud/<collection>/<project>/<region>/<elements>, without the two ids if location is nil.
	collection string
	location   *Location
	elements   []string
	query      url.Values
	body       any // nil: none
	// single means one try only, whose error does not name the operation: the caller does that, and retries.
	single bool
	// paged is an answer that may hold pageSize groups with all their rules.
	paged bool
	// masked means that the caller masks each text of the answer. Others are refused if they contain the key, but the outcome of
	// a task must stay readable.
	masked bool
	// read decodes an answer of status 2xx; it is called once for each. Nil: the body is of no interest.
	read func(body []byte) error
	// shared makes each try in place of an HTTP request of the call's own: several callers may wait for one. Nil: no
	// sharing.
	shared func(ctx context.Context) error
}

// answer is a decoded body. It is valid if it has all that the caller relies on.
type answer interface{ validate(m mask) error }

// incompleteError is an answer of the right form that misses what it must have. The next one is rarely better.
type incompleteError struct{ error }

func (e *incompleteError) Unwrap() error { return e.error }

// writes reports whether the exchange may change existing groups, and which: the one in its path; or all groups of the
// place if it deletes one, since that also deletes the rules of others that name the group.
func (e exchange) writes() (key groupKey, ok bool) {
	switch {
	case e.method == http.MethodGet, e.location == nil, len(e.elements) == 0:
		return groupKey{}, false
	case e.method == http.MethodDelete && len(e.elements) == 1:
		return groupKey{location: *e.location}, true
	}
	return keyOf(*e.location, e.elements[0]), true
}

// fetch makes a call and returns its decoded answer.
func fetch[T answer](ctx context.Context, c *Client, e exchange) (T, error) {
	var result, zero T
	e.read = func(body []byte) error {
		// Nothing may remain of an earlier answer.
		result = zero
		if err := json.Unmarshal(body, &result); err != nil {
			return err
		}
		if err := result.validate(c.mask); err != nil {
			return &incompleteError{err}
		}
		if !e.masked && c.mask.isIn(body) {
			return &incompleteError{errKeyShown}
		}
		return nil
	}
	if err := c.do(ctx, e); err != nil {
		return zero, err
	}
	return result, nil
}

// do makes a call with all its tries.
func (c *Client) do(ctx context.Context, e exchange) error {
	if key, writes := e.writes(); writes {
		defer c.reads.wrote(key)
	}
	call, err := c.newCall(ctx, e)
	if err == nil {
		err = call.run(ctx)
	}
	if err == nil || e.single || hasRequest(err) {
		return err
	}
	return fmt.Errorf("%s: %w", c.mask.line(e.operation, longestText), err)
}

// hasRequest reports whether an error names its request.
func hasRequest(err error) bool { return is[*Error](err) || is[*TransportError](err) }

// endpoint builds the address. Each element is escaped by itself. An empty or a dot element is refused: it would address
// another object, for instance the collection above.
func (c *Client) endpoint(e exchange) (*url.URL, error) {
	escaped := []string{"", "cloud", e.collection}
	if l := e.location; l != nil {
		if l.ProjectID <= 0 || l.RegionID <= 0 {
			return nil, fmt.Errorf("project id %d and region id %d must both be positive", l.ProjectID, l.RegionID)
		}
		escaped = append(escaped, strconv.FormatInt(l.ProjectID, 10), strconv.FormatInt(l.RegionID, 10))
	}
	for _, element := range e.elements {
		if element == "" || element == "." || element == ".." {
			return nil, fmt.Errorf("%q cannot be an id", element)
		}
		escaped = append(escaped, url.PathEscape(element))
	}
	raw := strings.Join(escaped, "/")
	path, err := url.PathUnescape(raw)
	if err != nil {
		return nil, fmt.Errorf("building the path: %w", err)
	}
	target := *c.base
	target.Path, target.RawPath, target.RawQuery = path, raw, e.query.Encode()
	return &target, nil
}
