package client_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

type contextKey struct{}

// journal keeps what is logged.
type journal struct {
	t       *testing.T
	mutex   sync.Mutex
	info    []map[string]any
	debug   []map[string]any
	trace   []map[string]any
	entries string // all of it as text
}

func (j *journal) add(ctx context.Context, list *[]map[string]any, message string, fields map[string]any) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if ctx.Value(contextKey{}) != "caller" {
		j.t.Error("the logger did not get the caller's context")
	}
	*list = append(*list, fields)
	j.entries += fmt.Sprintf("%s %v\n", message, fields)
}

func (j *journal) Info(ctx context.Context, message string, fields map[string]any) {
	j.add(ctx, &j.info, message, fields)
}

func (j *journal) Debug(ctx context.Context, message string, fields map[string]any) {
	j.add(ctx, &j.debug, message, fields)
}

func (j *journal) Trace(ctx context.Context, message string, fields map[string]any) {
	j.add(ctx, &j.trace, message, fields)
}

func TestLog(t *testing.T) {
	t.Parallel()
	path, listPath := "/cloud/v2/security_groups/11/22", "/cloud/v1/securitygroups/11/22"
	s := play(t,
		step{answer: `{"tasks":["t"]}`, header: map[string]string{"X-Request-Id": "edge"}},
		step{status: 429, answer: `{"exception_class":"Slow","request_id":"a1","message":"key ` + testKey + ` is too fast"}`},
		step{answer: listAnswer(0, 0, 0)},
		step{act: reset},
	)
	journal := &journal{t: t}
	var waited clock
	waited.time = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	c := s.client(client.WithLogger(journal), client.WithSleep(waited.sleep), client.WithClock(waited.now))
	ctx := context.WithValue(t.Context(), contextKey{}, "caller")

	group := client.CreateSecurityGroupRequest{Name: "web", Description: testKey}
	if _, err := c.CreateSecurityGroup(ctx, here, group); err != nil {
		t.Error(err)
	}
	for _, err := range c.SecurityGroups(ctx, here, client.SecurityGroupFilter{Name: testKey}) {
		t.Errorf("an entry came of an empty list, with the error %v", err)
	}
	_, err := c.UpdateSecurityGroup(ctx, here, groupID, client.UpdateSecurityGroupRequest{Name: new("db")})
	if err == nil {
		t.Error("no error")
	}

	want := []map[string]any{
		{"method": "POST", "path": path, "attempt": 1, "duration": "0s", "status": 200, "request_id": "edge"},
		{
			"method": "GET", "path": listPath, "attempt": 1, "duration": "0s", "status": 429, "request_id": "a1",
			"query": "limit=1000&name=***&offset=0",
		},
		{
			"method": "GET", "path": listPath, "attempt": 2, "duration": "0s", "status": 200,
			"query": "limit=1000&name=***&offset=0",
		},
		{"method": "PATCH", "path": path + "/" + groupID, "attempt": 1, "duration": "0s", "error": ""},
	}
	if len(journal.debug) == len(want) {
		text, _ := journal.debug[3]["error"].(string)
		if !strings.Contains(err.Error(), text) || text == "" {
			t.Errorf("error %q is logged as %q", err, text)
		}
		journal.debug[3]["error"] = ""
	}
	if diff := cmp.Diff(want, journal.debug); diff != "" {
		t.Errorf("debug entries differ (-want +got):\n%s", diff)
	}
	wantBodies := []map[string]any{
		{
			"method": "POST", "path": path, "attempt": 1, "request_body": `{"name":"web","description":"***"}`,
			"response_body": `{"tasks":["t"]}`,
		},
		{
			"method": "GET", "path": listPath, "attempt": 1, "request_body": "",
			"response_body": `{"exception_class":"Slow","request_id":"a1","message":"key *** is too fast"}`,
		},
		{"method": "GET", "path": listPath, "attempt": 2, "request_body": "", "response_body": `{"count":0,"results":[]}`},
		{"method": "PATCH", "path": path + "/" + groupID, "attempt": 1, "request_body": `{"name":"db"}`, "response_body": ""},
	}
	if diff := cmp.Diff(wantBodies, journal.trace); diff != "" {
		t.Errorf("trace entries differ (-want +got):\n%s", diff)
	}
	if strings.Contains(journal.entries, "test-key") || strings.Contains(journal.entries, "APIKey") {
		t.Errorf("the log has the key or its header:\n%s", journal.entries)
	}
}

func TestLoggedBodiesAreBounded(t *testing.T) {
	t.Parallel()
	s := play(t, step{answer: `{"id":"g","name":"` + strings.Repeat("g", 3*client.LoggedBodies) + `"}`})
	journal := &journal{t: t}
	ctx := context.WithValue(t.Context(), contextKey{}, "caller")
	if _, err := s.client(client.WithLogger(journal)).SecurityGroup(ctx, here, groupID); err != nil {
		t.Fatal(err)
	}
	body, _ := journal.trace[0]["response_body"].(string)
	if len(body) > client.LoggedBodies+10 || !strings.HasSuffix(body, "(cut)") {
		t.Errorf("%d bytes are logged", len(body))
	}
}

// net/http quotes an answer that is not HTTP, the key included.
func TestKeyInTransportErrors(t *testing.T) {
	t.Parallel()
	s := play(t, step{act: func(w http.ResponseWriter, _ *http.Request) { write(w, "key "+testKey+" is bad\r\n\r\n") }},
		step{answer: "key " + testKey + " is bad"})
	journal := &journal{t: t}
	ctx := context.WithValue(t.Context(), contextKey{}, "caller")
	c := s.client(client.WithLogger(journal))
	for range 2 {
		_, err := c.CreateSecurityGroup(ctx, here, client.CreateSecurityGroupRequest{Name: "web"})
		if err == nil || !strings.Contains(err.Error(), "***") || strings.Contains(err.Error(), testKey) {
			t.Errorf("error %v", err)
		}
	}
	if strings.Contains(journal.entries, testKey) {
		t.Errorf("the log has the key:\n%s", journal.entries)
	}
}

// A wait of more than ten seconds is logged once, by what it is for, also if it is one pause. A shorter one is not.
func TestLogOfWaits(t *testing.T) {
	t.Parallel()
	never := func(context.Context) (bool, error) { return false, nil }
	for name, test := range map[string]struct {
		wait func(ctx context.Context, c *client.Client) error
		want string // "": nothing
	}{
		"short": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Repeat(ctx, "it", 8*time.Second, never)
			return err
		}, ""},
		"long": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Repeat(ctx, "it, "+testKey, time.Minute, never)
			return err
		}, "it, ***"},
		"short pause": {func(ctx context.Context, c *client.Client) error {
			return c.Backoff(ctx, 9, &client.Error{StatusCode: 429, RetryAfter: 5 * time.Second})
		}, ""},
		"long pause": {func(ctx context.Context, c *client.Client) error {
			return c.Backoff(ctx, 1, &client.Error{StatusCode: 429, RetryAfter: 40 * time.Second, Message: "too many"})
		}, "too many"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			journal := &journal{t: t}
			var waited clock
			c := play(t).client(client.WithLogger(journal), client.WithSleep(waited.sleep), client.WithClock(waited.now))
			if err := test.wait(context.WithValue(t.Context(), contextKey{}, "caller"), c); err != nil {
				t.Error(err)
			}
			if test.want == "" && len(journal.info) == 0 {
				return
			}
			if len(journal.info) != 1 || !strings.Contains(fmt.Sprint(journal.info[0]["for"]), test.want) {
				t.Errorf("logged is %q", journal.entries)
			}
		})
	}
}
