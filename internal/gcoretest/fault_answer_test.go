package gcoretest

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestReadyAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		effect     Answer
		status     int
		retryAfter string
		html, json bool // what the body is
		made       int
	}{
		{"429", TooManyRequests(""), 429, "", false, true, 0},
		{"429 with seconds", TooManyRequests("7"), 429, "7", false, true, 0},
		{"429 with a date", TooManyRequests("Sun, 22 Nov 2026 03:33:17 GMT"), 429, "Sun, 22 Nov 2026 03:33:17 GMT", false, true, 0},
		{"500", Answer{Status: 500}, 500, "", false, true, 0},
		{"500, processed", Answer{Status: 500, Processed: true}, 500, "", false, true, 1},
		{"502", Answer{Status: 502}, 502, "", false, true, 0},
		{"502, processed", Answer{Status: 502, Processed: true}, 502, "", false, true, 1},
		{"503", Answer{Status: 503}, 503, "", false, true, 0},
		{"503, processed", Answer{Status: 503, Processed: true}, 503, "", false, true, 1},
		{"page 404", HTMLPage(404, false), 404, "", true, false, 0},
		{"page 502", HTMLPage(502, false), 502, "", true, false, 0},
		{"page 502, processed", HTMLPage(502, true), 502, "", true, false, 1},
		{"garbage", GarbageJSON(false), 200, "", false, false, 0},
		{"garbage, processed", GarbageJSON(true), 200, "", false, false, 1},
		{"wrong shape", WrongShape("{}", false), 200, "", false, true, 0},
		{"null, processed", WrongShape("null", true), 200, "", false, true, 1},
		{"nothing, processed", WrongShape("", true), 200, "", false, false, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			s := New(t, Config{Now: now.Now})
			c := newClient(t, s)
			s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: test.effect})
			r := c.want(test.status, "POST", groupsPath, `{"name":"web"}`)
			if got := r.header.Get("Retry-After"); got != test.retryAfter {
				t.Errorf("Retry-After %q", got)
			}
			if got := json.Valid([]byte(r.text)); got != test.json {
				t.Errorf("the body is JSON: %t, want %t: %q", got, test.json, r.text)
			}
			isPage := strings.HasPrefix(r.header.Get("Content-Type"), "text/html") && strings.HasPrefix(r.text, "<html>")
			if isPage != test.html {
				t.Errorf("the body is a page: %t, want %t: %q", isPage, test.html, r.text)
			}
			if got := r.header.Get("Date"); got != "Sun, 22 Nov 2026 03:33:17 GMT" {
				t.Errorf("Date %q, want that of the server's clock", got)
			}
			if got := len(s.Groups(1, 2)); got != test.made {
				t.Errorf("%d groups, want %d", got, test.made)
			}
		})
	}
}

func TestOutageOfOneEndpoint(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.taskID(c.want(200, "POST", groupsPath, `{"name":"web"}`))
	outage := s.Fail(Fault{Operation: OperationListTasks, Effect: Answer{Status: 503}})
	for range 3 {
		c.want(503, "GET", "/cloud/v1/tasks", "")
		c.want(200, "GET", "/cloud/v1/tasks/"+id, "")
	}
	if outage.Hits() != 3 {
		t.Errorf("%d hits", outage.Hits())
	}
	outage.Clear()
	c.want(200, "GET", "/cloud/v1/tasks", "")
}

func TestOmit(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web"}`)
	const field = "security_group_rules"
	s.Fail(Fault{Skip: 2, Effect: Omit{Field: field}})
	read := func() (map[string]any, map[string]any) {
		one := c.want(200, "GET", readPath+"/"+id, "").body
		list := c.want(200, "GET", readPath, "").body
		return one, list["results"].([]any)[0].(map[string]any)
	}
	one, entry := read()
	for _, group := range []map[string]any{one, entry} {
		if rules, _ := group[field].([]any); len(rules) == 0 {
			t.Errorf("no rules before the fault: %v", group)
		}
	}
	one, entry = read()
	for _, group := range []map[string]any{one, entry} {
		if _, ok := group[field]; ok || group["id"] != id || group["tags_v2"] == nil {
			t.Errorf("want all of the group but its rules: %v", group)
		}
	}
	if r := c.want(404, "GET", readPath+"/11111111-1111-4111-8111-111111111111", ""); r.body["exception_class"] != "NotFoundError" {
		t.Errorf("an error is answered as usual: %s", r.text)
	}
	if r := c.want(204, "DELETE", readPath+"/"+id, ""); r.text != "" {
		t.Errorf("an answer without a body got one: %s", r.text)
	}
}
