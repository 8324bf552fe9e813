package client

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// Logger receives one Debug entry for each HTTP request (method, path, query, status, duration, request_id, attempt,
// error) and one Trace entry with its bodies, cut to 16 KiB each. Headers are never logged, and the API key is masked. A
// Logger must be safe for concurrent use.
type Logger interface {
	Debug(ctx context.Context, message string, fields map[string]any)
	Trace(ctx context.Context, message string, fields map[string]any)
}

const (
	keyMask      = "***"
	loggedBodies = 16 << 10
)

// mask hides the API key in texts, in each form that the key has inside JSON and URLs.
type mask struct {
	replacer *strings.Replacer
	longest  int // bytes of the longest form
}

func newMask(key string) mask {
	// A string always encodes.
	quoted, _ := json.Marshal(key)
	forms := []string{key, url.QueryEscape(key), url.PathEscape(key), string(quoted[1 : len(quoted)-1])}
	var m mask
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, keyMask)
		m.longest = max(m.longest, len(form))
	}
	m.replacer = strings.NewReplacer(pairs...)
	return m
}

func (m mask) text(text string) string { return m.replacer.Replace(text) }

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
