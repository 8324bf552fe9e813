package client_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// escapedKey is testKey as a server may write it in JSON.
var escapedKey = func() string {
	var text strings.Builder
	for _, character := range testKey {
		fmt.Fprintf(&text, `\u%04X`, character)
	}
	return text.String()
}()

func compressed(body string) http.HandlerFunc {
	var buffer bytes.Buffer
	zipper := gzip.NewWriter(&buffer)
	_, _ = io.WriteString(zipper, body)
	_ = zipper.Close()
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(buffer.Bytes())
	}
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// endless promises no length, and writes until the client hangs up.
func endless(status int, piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		for range 1 << 20 {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	}
}

// hostile are the ways in which whatever answers in place of the API may misbehave.
var hostile = map[string]http.HandlerFunc{
	"endless answer":          endless(200, strings.Repeat(" ", 1<<16)),
	"endless error":           endless(500, strings.Repeat("x", 1<<16)),
	"endless refusal":         endless(400, strings.Repeat("x", 1<<16)),
	"a group of many rules":   compressed(`{"id":"g","security_group_rules":[` + strings.Repeat("{},", 1<<20) + `{}]}`),
	"a group of many tags":    compressed(`{"id":"g","tags_v2":[` + strings.Repeat("{},", 1<<20) + `{}]}`),
	"a page of many groups":   compressed(`{"results":[` + strings.Repeat("{},", 4<<20) + `{}]}`),
	"a page of many numbers":  compressed(`{"results":[` + strings.Repeat("1,", 8<<20) + `1]}`),
	"deep nesting":            answering(200, strings.Repeat(`{"results":[`, 1<<16)),
	"deep error":              answering(400, strings.Repeat(`{"invalid_fields":`, 1<<16)),
	"escape sequences":        answering(200, `{"id":"\u001b[2J","results":[{"id":"\u001b]0;x\u0007"}],"tasks":["\u001b[31m"],"state":"\u009b31m"}`),
	"raw escape sequences":    answering(400, "\x1b[2J\x1b]0;owned\x07 \u202e \u009b31m\r\n"),
	"escape sequences refuse": answering(400, `{"exception_class":"\u001b[31mA","message":"\u001b[2J\nB","request_id":"\u0007","invalid_fields":{"\u001b":["\u202e"]}}`),
	"dots as ids":             answering(200, `{"id":"..","results":[{"id":".."}],"tasks":[".."],"state":"NEW"}`),
	"the key":                 answering(200, `{"id":"`+testKey+`","results":[{"id":"`+testKey+`","state":"`+testKey+`"}],"tasks":["`+testKey+`"],"state":"NEW"}`),
	"the key, in texts":       answering(200, `{"id":"g","name":"`+testKey+`","results":[{"id":"g","name":"`+testKey+`"}],"tasks":[]}`),
	"the key, escaped":        answering(200, `{"id":"g","description":"`+escapedKey+`","results":[{"id":"g","tags_v2":[{"key":"`+escapedKey+`"}]}]}`),
	"the key, refused":        answering(401, `{"message":"no such key: `+testKey+`","request_id":"`+escapedKey+`","`+escapedKey+`":1}`),
	"the key, in HTML":        answering(403, `<html>Authorization: APIKey `+testKey+` `+escapedKey+`</html>`),
	"the key, elsewhere": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://example.com/?key="+testKey)
		w.Header().Set("request_id", testKey)
		w.WriteHeader(http.StatusFound)
	},
	"no HTTP": func(w http.ResponseWriter, _ *http.Request) { write(w, "key "+testKey+" \x1b[2J\r\n\r\n") },
	"endless header": func(w http.ResponseWriter, _ *http.Request) {
		write(w, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 4<<20))
	},
	"a status of nothing": func(w http.ResponseWriter, _ *http.Request) {
		write(w, "HTTP/1.1 000 \x1b[2J\r\nContent-Length: 0\r\n\r\n")
	},
	"a header of escapes": func(w http.ResponseWriter, _ *http.Request) {
		write(w, "HTTP/1.1 400 Bad\r\nrequest_id: \x1b[2J\r\nRetry-After: 99999999999999999999\r\nDate: \x1b[2J\r\nContent-Length: 0\r\n\r\n")
	},
	"bad gzip": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "{}")
	},
	"wrong types":  answering(200, `{"id":1,"results":{"a":1},"tasks":{"a":1},"state":[],"security_group_rules":"x","tags_v2":7}`),
	"huge numbers": answering(200, `{"id":"g","project_id":1e400,"count":1e400,"results":[],"tasks":[1e400],"state":1e400}`),
	"not UTF-8":    answering(200, "{\"id\":\"\xff\xfe\",\"results\":[{\"id\":\"\xff\"}],\"tasks\":[\"\xff\"],\"state\":\"\xff\"}"),
	"a trickle": func(w http.ResponseWriter, r *http.Request) {
		for {
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	},
	"repeated names": answering(200, `{"id":"g","id":null,"id":"..","tasks":["t"],"tasks":null,"results":[],"results":null}`),
}

// hostileCalls are all calls that read an answer.
func hostileCalls(ctx context.Context, c *client.Client) (failures []error, values string) {
	note := func(value any, err error) {
		failures = append(failures, err)
		values += fmt.Sprintf("%+v\n", value)
	}
	for _, operation := range operations {
		note("", operation.call(ctx, c))
	}
	group, err := c.SecurityGroup(ctx, here, groupID)
	note(group, err)
	rule, err := c.CreateSecurityGroupRule(ctx, here, groupID, client.RuleRequest{Direction: "ingress"})
	note(rule, err)
	note("", c.DeleteSecurityGroup(ctx, here, groupID))
	note("", c.RevertSecurityGroup(ctx, here, groupID))
	task, err := c.Task(ctx, taskID)
	note(task, err)
	instances, _, err := c.SecurityGroupInstances(ctx, here, groupID)
	note(instances, err)
	for group, err := range c.SecurityGroups(ctx, here, client.SecurityGroupFilter{}) {
		note(group, err)
	}
	for task, err := range c.Tasks(ctx, client.TaskFilter{}) {
		note(task.ID+task.State, err)
	}
	for project, err := range c.Projects(ctx) {
		note(project, err)
	}
	for region, err := range c.Regions(ctx) {
		note(region, err)
	}
	return failures, values
}

// withKeyIn are answers that are right but for the key in one field.
func withKeyIn() map[string]http.HandlerFunc {
	const texts = `"name":"NAME","description":"DESCRIPTION","display_name":"DISPLAY","keystone_name":"KEYSTONE","state":"STATE","country":"COUNTRY",` +
		`"zone":"ZONE","region":"REGION","tags_v2":[{"key":"TAG","value":"VALUE"}],"security_group_rules":[{"id":"RULE","security_group_id":"GROUP",` +
		`"direction":"DIRECTION","ethertype":"ETHERTYPE","protocol":"PROTOCOL","remote_ip_prefix":"PREFIX","remote_group_id":"REMOTE","description":"SAYS"}]`
	answers := map[string]http.HandlerFunc{}
	for _, field := range regexp.MustCompile(`"[A-Z]+"`).FindAllString(texts, -1) {
		for way, key := range map[string]string{"": testKey, ", escaped": escapedKey} {
			withKey := strings.Replace(texts, field, `"x`+key+`y"`, 1)
			answers["the key as "+field+way] = func(w http.ResponseWriter, r *http.Request) {
				id := `"` + groupID + `"`
				if strings.HasSuffix(r.URL.Path, "/projects") || strings.HasSuffix(r.URL.Path, "/regions") {
					id = "1"
				}
				_, _ = io.WriteString(w, `{"id":`+id+`,`+withKey+`,"tasks":["t"],"count":1,"results":[{"id":`+id+`,`+withKey+`}]}`)
			}
		}
	}
	return answers
}

// Whatever answers in place of the API: no call panics, each ends, and neither the key nor a control
// character reaches a message, a log or a value.
func TestHostileAnswers(t *testing.T) {
	answers := withKeyIn()
	maps.Copy(answers, hostile)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answers[name])
			defer server.Close()
			journal := &journal{t: t}
			limit := 20 * time.Second
			if name == "a trickle" {
				limit = 50 * time.Millisecond
			}
			// Without a deadline, which would let reads be repeated until then.
			ctx := context.WithValue(t.Context(), contextKey{}, "caller")
			c := newClient(t, client.Config{BaseURL: server.URL, RequestTimeout: limit}, client.WithLogger(journal))
			began := time.Now()
			failures, values := hostileCalls(ctx, c)
			if took := time.Since(began); took > time.Minute {
				t.Errorf("the calls took %s", took)
			}
			texts := values + journal.entries
			for _, err := range failures {
				if err == nil {
					continue
				}
				text := err.Error()
				texts += text
				if len(text) > 4000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\u009b' || r == '\u202e' }) {
					t.Errorf("%d bytes of text: %.500q", len(text), text)
				}
			}
			if strings.Contains(texts, testKey) || strings.Contains(strings.ToUpper(texts), strings.ToUpper(escapedKey)) {
				t.Errorf("the key is in %.2000q", texts)
			}
		})
	}
}

// A few KiB that decode to millions of entries cost little memory.
func TestManyEntriesAreNotDecoded(t *testing.T) {
	for _, name := range []string{"a group of many rules", "a group of many tags", "a page of many groups", "a page of many numbers"} {
		server := httptest.NewServer(hostile[name])
		c := newClient(t, client.Config{BaseURL: server.URL})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, err := range c.SecurityGroups(t.Context(), here, client.SecurityGroupFilter{}) {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		_, _ = c.SecurityGroup(t.Context(), here, groupID)
		runtime.ReadMemStats(&after)
		server.Close()
		// The bytes of the answer are read, and grow by doubling; the entries would take 200 bytes and more each.
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 400 {
			t.Errorf("%s: %d MiB", name, used)
		}
	}
}

// A list of ever new entries ends, after 20 full pages.
func TestListWithoutEnd(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		page := int(requests.Add(1)) - 1
		_, _ = io.WriteString(w, listAnswer(1_000_000_000, page*1000, page*1000+1000))
	}))
	t.Cleanup(server.Close)
	c := newClient(t, client.Config{BaseURL: server.URL})
	var last error
	for _, err := range c.SecurityGroups(t.Context(), here, client.SecurityGroupFilter{}) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "does not end") || requests.Load() != 20 {
		t.Errorf("%d requests, error %v", requests.Load(), last)
	}
}
