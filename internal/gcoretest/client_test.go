package gcoretest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is an injected clock: time passes only when a test says so.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 3, 33, 17, 500_000_000, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// reply is an answer as a client sees it.
type reply struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

// client is the plainest possible client of the API.
type client struct {
	t      testing.TB
	server *Server
	http   *http.Client
}

const groupsPath = "/cloud/v2/security_groups/1/2"

func newClient(t testing.TB, server *Server) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t, server, &http.Client{Transport: transport}}
}

// try sends a request; an error is one of the connection.
func (c *client) try(method, path, body string, header map[string]string) (reply, error) {
	return c.tryContext(c.t.Context(), method, path, body, header)
}

func (c *client) tryContext(ctx context.Context, method, path, body string, header map[string]string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.server.URL()+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Authorization", "APIKey "+c.server.APIKey())
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{status: response.StatusCode, header: response.Header, text: string(data)}
	if decoder := json.NewDecoder(bytes.NewReader(data)); len(data) > 0 {
		decoder.UseNumber()
		_ = decoder.Decode(&r.body)
	}
	return r, nil
}

func (c *client) do(method, path, body string) reply {
	c.t.Helper()
	r, err := c.try(method, path, body, nil)
	if err != nil {
		c.t.Errorf("%s %s: %v", method, path, err)
	}
	return r
}

// want sends a request and checks the status.
func (c *client) want(status int, method, path, body string) reply {
	c.t.Helper()
	r := c.do(method, path, body)
	if r.status != status {
		c.t.Errorf("%s %s %s: status %d, want %d: %s", method, path, body, r.status, status, r.text)
	}
	return r
}

// taskID returns the one task of an answer.
func (c *client) taskID(r reply) string {
	c.t.Helper()
	tasks, _ := r.body["tasks"].([]any)
	if len(tasks) != 1 {
		c.t.Errorf("%d tasks, want 1: %s", len(tasks), r.text)
		return "none"
	}
	id, _ := tasks[0].(string)
	return id
}

func (c *client) task(id string) map[string]any {
	c.t.Helper()
	return c.want(200, "GET", "/cloud/v1/tasks/"+id, "").body
}

// finished sends a request whose task must be FINISHED at the first poll, and returns the ids of what it made.
func (c *client) finished(method, path, body string) (groups, rules []string) {
	c.t.Helper()
	task := c.task(c.taskID(c.want(200, method, path, body)))
	if task["state"] != "FINISHED" {
		c.t.Errorf("%s %s: task is %v: %v", method, path, task["state"], task["error"])
	}
	created, _ := task["created_resources"].(map[string]any)
	return texts(created["security_groups"]), texts(created["security_group_rules"])
}

// createGroup makes a group and returns its id.
func (c *client) createGroup(body string) string {
	c.t.Helper()
	groups, _ := c.finished("POST", groupsPath, body)
	if len(groups) != 1 {
		c.t.Errorf("created groups %v, want one", groups)
		return "none"
	}
	return groups[0]
}

func texts(value any) []string {
	list, _ := value.([]any)
	result := []string{}
	for _, entry := range list {
		text, _ := entry.(string)
		result = append(result, text)
	}
	return result
}

// program starts a server whose violations do not fail the test, which looks at them itself.
func program(t testing.TB, config Config) *Server {
	t.Helper()
	server, err := Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}
