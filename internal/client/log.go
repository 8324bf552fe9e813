package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Logger receives one Info entry for each wait of more than ten seconds (for), one Debug entry for each HTTP request
// (method, path, query, status, duration, request_id, attempt, error) and one Trace entry with its bodies, cut to 16 KiB
// each. Headers are never logged, and the API key is masked. A Logger must be safe for concurrent use.
type Logger interface {
	Info(ctx context.Context, message string, fields map[string]any)
	Debug(ctx context.Context, message string, fields map[string]any)
	Trace(ctx context.Context, message string, fields map[string]any)
}

const (
	keyMask      = "***"
	loggedBodies = 16 << 10
)

// mask hides the API key in texts, however JSON or a URL writes each of its characters.
type mask struct {
	key     string
	written *regexp.Regexp
	longest int // bytes of the longest way to write the key
}

func newMask(key string) mask {
	var pattern strings.Builder
	for _, character := range []byte(key) {
		fmt.Fprintf(&pattern, `(?:\\?%s|\\u00(?i:%02x)|%%(?i:%02[2]x))`, regexp.QuoteMeta(string(rune(character))), character)
	}
	return mask{key: key, written: regexp.MustCompile(pattern.String()), longest: len(`\u0000`) * len(key)}
}

// shows reports whether a decoded text contains the key.
func (m mask) shows(text string) bool { return strings.Contains(text, m.key) }

// isIn reports whether a body contains the key. The search for escaped forms is slow, and few bodies contain an escape.
func (m mask) isIn(body []byte) bool {
	return bytes.Contains(body, []byte(m.key)) || bytes.ContainsAny(body, `\%`) && m.written.Match(body)
}

// errKeyShown is an answer that could bring the key into the state.
var errKeyShown = errors.New("the answer repeats the API key")

func (m mask) text(text string) string { return m.written.ReplaceAllLiteralString(text, keyMask) }

// line is a bounded line without the key. The text is masked before it is cut, so that no part of the key remains.
func (m mask) line(text string, limit int) string { return excerpt(m.text(text), limit) }

// body is the beginning of a body for the log. A little more than the limit is masked, and as much is dropped at the end,
// so that no part remains of a key that straddles the cut.
func (m mask) body(body []byte) string {
	window := loggedBodies + m.longest
	if len(body) <= window {
		return m.text(string(body))
	}
	masked := m.text(string(body[:window]))
	return masked[:max(0, len(masked)-m.longest)] + "... (cut)"
}

// error replaces the text of err if it contains the key: some errors quote what a server sent.
func (m mask) error(err error) error {
	text := err.Error()
	if masked := m.text(text); masked != text {
		return &maskedError{masked, err}
	}
	return err
}

// maskedError is an error with another text, which errors.Is and errors.As can still examine.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }

func (e *maskedError) Unwrap() error { return e.err }

// longWait is how long a wait is not logged.
const longWait = 10 * time.Second

// logWait logs a wait that takes long, by what it is for; nil: a wait inside another one, which is not logged.
func (c *Client) logWait(ctx context.Context, what any) {
	if c.logger != nil && what != nil {
		c.logger.Info(ctx, "Waiting for more than "+longWait.String(), map[string]any{"for": c.mask.line(fmt.Sprint(what), longestMessage)})
	}
}

// log logs one HTTP request and its outcome.
func (c *call) log(ctx context.Context, start time.Time, reply reply, err error) {
	logger, m := c.client.logger, c.client.mask
	if logger == nil {
		return
	}
	fields := map[string]any{
		"method":   c.method,
		"path":     c.path,
		"attempt":  c.tries,
		"duration": c.client.now().Sub(start).String(),
	}
	if c.target.RawQuery != "" {
		fields["query"] = m.text(c.target.RawQuery)
	}
	if reply.status != 0 {
		fields["status"] = reply.status
		if id := requestID(m, reply); id != "" {
			fields["request_id"] = id
		}
	}
	if err != nil {
		fields["error"] = m.text(err.Error())
	}
	logger.Debug(ctx, "HTTP request to the Gcore API", fields)
	logger.Trace(ctx, "HTTP bodies", map[string]any{
		"method":        c.method,
		"path":          c.path,
		"attempt":       c.tries,
		"request_body":  m.body(c.payload),
		"response_body": m.body(reply.body),
	})
}
