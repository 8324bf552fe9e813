package gcoretest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is one request on its way through the server.
type call struct {
	server    *Server
	writer    http.ResponseWriter
	request   *http.Request
	operation *operation // nil: the API has no such endpoint
	pathKnown bool
	path      map[string]string
	query     map[string]any // by the contract's types: string, json.Number, bool, []any
	body      map[string]any
	problems  []problem // those that make the API answer 400
	tooLarge  bool
	cut       bool            // the client went before it had sent its whole body
	outcome   taskOutcome     // for the task that the request makes
	late      lateness        // of what the request changes
	stale     *StaleRead      // what a read shows; nil: what is there
	dateBy    time.Duration   // that the header Date is ahead
	noDate    bool            // there is none
	at        time.Time       // when the request is processed
	cleared   <-chan struct{} // closed when the fault that hit the request is cleared; nil without one
	record    Request
	start     time.Time
}

// answer is what the client gets.
type answer struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
}

func jsonAnswer(status int, body any) answer {
	text, err := json.Marshal(body)
	if err != nil { // only of types of this package, all of which can be written
		return answer{status: http.StatusInternalServerError, contentType: "text/plain", body: []byte(err.Error())}
	}
	return answer{status: status, contentType: "application/json", body: text}
}

// newCall reads a request and holds it against the contract.
func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	c := &call{server: s, writer: w, request: r, start: s.now()}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	c.tooLarge = errors.As(err, new(*http.MaxBytesError))
	c.cut = err != nil && !c.tooLarge
	c.operation, c.path, c.pathKnown = s.contract.find(r.Method, r.URL.EscapedPath())
	query, queryErr := url.ParseQuery(r.URL.RawQuery)
	c.record = Request{
		Time: c.start, ID: newRequestID(), Method: r.Method, Path: r.URL.EscapedPath(), Query: query,
		Body: string(body), UserAgent: r.UserAgent(), Authorized: s.authorized(r),
	}
	if c.operation != nil {
		c.record.Operation = c.operation.Name
	}
	if c.cut {
		return c
	}
	found := c.endpointProblems()
	if len(found) == 0 {
		found = slices.Concat(c.checkPath(), c.checkQuery(query, queryErr), c.checkBody(body))
	}
	for _, p := range found {
		if p.refused() {
			c.problems = append(c.problems, p)
		}
		if p.byProgram() {
			c.record.Violations = append(c.record.Violations, p.String())
			s.violate(r.Method + " " + c.record.Path + ": " + p.String())
		}
	}
	return c
}

// endpointProblems tells whether a client may use the endpoint at all.
func (c *call) endpointProblems() []problem {
	var text string
	switch {
	case c.operation == nil && c.pathKnown:
		text = "the API has no such method here"
	case c.operation == nil:
		text = "the API has no such endpoint"
	case c.operation.Deprecated:
		text = "deprecated endpoint"
	case c.operation.Unserved:
		text = "an endpoint of the API that this fake does not serve"
	case c.tooLarge:
		text = "the request body is too large"
	default:
		return nil
	}
	return []problem{{kind: malformed, place: inPath, message: text}}
}

func (c *call) checkPath() []problem {
	var problems []problem
	for _, name := range slices.Sorted(maps.Keys(c.path)) {
		_, found := c.operation.path[name].check([]string{c.path[name]}, inPath, name)
		problems = append(problems, found...)
	}
	return problems
}

func (c *call) checkQuery(query url.Values, err error) []problem {
	if err != nil {
		return []problem{{malformed, inQuery, "", "malformed query string"}}
	}
	c.query = map[string]any{}
	var problems []problem
	for _, name := range slices.Sorted(maps.Keys(query)) {
		parameter := c.operation.query[name]
		if parameter == nil {
			problems = append(problems, problem{unknownField, inQuery, name, "Unknown field"})
			continue
		}
		value, found := parameter.check(query[name], inQuery, name)
		c.query[name] = value
		problems = append(problems, found...)
	}
	return problems
}

func (c *call) checkBody(data []byte) []problem {
	bad := func(text string) []problem { return []problem{{malformed, inBody, "", text}} }
	if c.operation.bodies == nil {
		if len(data) > 0 {
			return []problem{{unknownField, inBody, "", "the operation takes no request body"}}
		}
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return bad("the Content-Type must be application/json")
	}
	value, err := parseJSON(data)
	if err != nil {
		return bad(fmt.Sprintf("no valid JSON: %s", err))
	}
	c.body, _ = value.(map[string]any)
	return c.operation.checkBody(value)
}

// checkBody holds a request body to each version of the contract.
func (o *operation) checkBody(value any) []problem {
	var problems []problem
	for _, schema := range o.bodies {
		for _, p := range check(schema, value, inBody, "") {
			// The versions say much the same.
			if !slices.ContainsFunc(problems, func(known problem) bool { return known.path == p.path }) {
				problems = append(problems, p)
			}
		}
	}
	return problems
}

// authorized checks the header "Authorization: APIKey <key>"; the scheme is read without regard to case, since the
// vendor publishes it as "apikey" and as "APIKey".
func (s *Server) authorized(r *http.Request) bool {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "apikey") && key == s.config.APIKey
}

// projectID and regionID are read from the path; the contract has checked them.
func (c *call) projectID() int64 { return c.pathNumber("project_id") }
func (c *call) regionID() int64  { return c.pathNumber("region_id") }

func (c *call) pathNumber(name string) int64 {
	number, _ := strconv.ParseInt(c.path[name], 10, 64)
	return number
}

// pathID returns a uuid of the path in its canonical, lower-case form.
func (c *call) pathID(name string) string { return strings.ToLower(c.path[name]) }

func (c *call) send(a answer) {
	c.head(a)
	c.log(a.status, int64(len(a.body)))
	c.writer.WriteHeader(a.status)
	_, _ = c.writer.Write(a.body) // a client that has gone is no error of the server
}

// head sets the headers of an answer, first those that every answer has. A header that the answer itself names replaces
// them; "" leaves one out.
func (c *call) head(a answer) {
	header := c.writer.Header()
	header[requestIDHeader] = []string{c.record.ID}
	// The gateway's clock, by which a client may judge what is older than its own request.
	header.Set("Date", c.server.now().Add(c.server.config.DateOffset+c.dateBy).UTC().Format(http.TimeFormat))
	if c.noDate {
		header["Date"] = nil // net/http would add one that is not there
	}
	if len(a.body) > 0 {
		header.Set("Content-Type", a.contentType)
	}
	for name, value := range a.header {
		if strings.EqualFold(name, requestIDHeader) {
			name = requestIDHeader
		} else {
			name = http.CanonicalHeaderKey(name)
		}
		header[name] = []string{value}
		if value == "" {
			header[name] = nil
		}
	}
}

// requestIDHeader is spelled as the live API spells it, which is no usual header.
const requestIDHeader = "request_id"

func (c *call) log(status int, size int64) {
	c.record.Status, c.record.ResponseBytes = status, size
	c.record.Duration = c.server.now().Sub(c.start)
	c.server.logRequest(c.record)
}
