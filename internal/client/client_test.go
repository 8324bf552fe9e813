package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func TestNewBaseURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		base string
		want string // in the error; "": accepted
	}{
		{"", ""},
		{"https://api.gcore.com", ""},
		{"https://api.gcore.com/", ""},
		{" https://api.gcore.com\n", ""},
		{"http://localhost:8080", ""},
		{"http://LOCALHOST", ""},
		{"http://127.0.0.1:1", ""},
		{"http://127.8.9.10", ""},
		{"http://[::1]:8080", ""},
		{"http://[::ffff:127.0.0.1]", ""},
		{"http://api.gcore.com", "use https://"},
		{"http://10.0.0.1", "use https://"},
		{"http://localhost.example", "use https://"},
		{"http://127.0.0.1.example", "use https://"},
		{"api.gcore.com", "names no host"},
		{"https://", "names no host"},
		{"https://:443", "names no host"},
		{"ftp://api.gcore.com", "must begin with https://"},
		{"https://api.gcore.com/?a=b", "query or fragment"},
		{"https://api.gcore.com/#a", "query or fragment"},
		{"https://user:pass-word@api.gcore.com", "must not contain a user"},
		{"https://api.gcore.com/cloud", "must not contain a path, not even /cloud, which each request adds by itself: write https://api.gcore.com"},
		{"https://api.gcore.com/cloud/", "write https://api.gcore.com"},
		{"http://127.0.0.1:8080//a%2Fb", "write http://127.0.0.1:8080"},
		{"https://api.gcore.com//", ""},
		{"https://api.gcore.com:port", "malformed"},
		{"https://user:pass-word@[::1", "malformed"},
	}
	for _, test := range tests {
		t.Run(test.base, func(t *testing.T) {
			t.Parallel()
			_, err := client.New(client.Config{BaseURL: test.base, APIKey: testKey})
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want one with %q", err, test.want)
			case err != nil && strings.Contains(err.Error(), "pass-word"):
				t.Errorf("the error repeats the password: %v", err)
			}
		})
	}
}

func TestNewRefusesOtherConfiguration(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config client.Config
		want   string
	}{
		"no key":            {client.Config{}, "API key is empty"},
		"newline in key":    {client.Config{APIKey: "se-cret\n"}, "bare key"},
		"scheme before key": {client.Config{APIKey: "APIKey se-cret"}, "bare key"},
		"control character": {client.Config{APIKey: "se-cret\x7f"}, "bare key"},
		"not ASCII":         {client.Config{APIKey: "se-cret“"}, "bare key"},
		"user agent":        {client.Config{APIKey: "se-cret", UserAgent: "a\r\nX-Other: b"}, "user agent"},
		"poll interval":     {client.Config{APIKey: "se-cret", PollInterval: -1}, "negative"},
		"request timeout":   {client.Config{APIKey: "se-cret", RequestTimeout: -1}, "negative"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.New(test.config)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "se-cret") {
				t.Errorf("the error repeats the key: %v", err)
			}
		})
	}
}

func TestHeadersAndPaths(t *testing.T) {
	t.Parallel()
	for _, slashes := range []string{"", "/", "//"} {
		t.Run(slashes, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{act: func(w http.ResponseWriter, r *http.Request) {
				if r.RequestURI != groupPath {
					t.Errorf("path %s, want %s", r.RequestURI, groupPath)
				}
				for name, value := range map[string]string{
					"Authorization": "APIKey " + testKey, "Accept": "application/json",
					"User-Agent": "agent/1.0 (test)", "Content-Type": "",
				} {
					if got := r.Header.Get(name); got != value {
						t.Errorf("%s: %q, want %q", name, got, value)
					}
				}
				w.WriteHeader(http.StatusNoContent)
			}})
			c := newClient(t, client.Config{BaseURL: s.server.URL + slashes, UserAgent: "agent/1.0 (test)"})
			if err := c.DeleteSecurityGroup(t.Context(), here, groupID); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOddIDs(t *testing.T) {
	t.Parallel()
	s := play(t, step{want: "DELETE /cloud/v1/securitygroups/11/22/a%2F..%3Fb%20%25", status: http.StatusNoContent})
	c := s.client()
	if err := c.DeleteSecurityGroup(t.Context(), here, "a/..?b %"); err != nil {
		t.Error(err)
	}
	// A key that is passed as an id by mistake is not printed.
	if err := newClient(t, client.Config{BaseURL: nowhere}).DeleteSecurityGroup(t.Context(), here, testKey+"\n"); err == nil ||
		strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), testKey) {
		t.Errorf("error %v", err)
	}
	for _, id := range []string{"", ".", ".."} {
		if err := c.DeleteSecurityGroup(t.Context(), here, id); err == nil {
			t.Errorf("the id %q was accepted", id)
		}
	}
	for _, location := range []client.Location{{}, {ProjectID: 1}, {RegionID: 1}, {ProjectID: -1, RegionID: 1}} {
		if err := c.DeleteSecurityGroup(t.Context(), location, groupID); err == nil {
			t.Errorf("%+v was accepted", location)
		}
		if _, err := c.SecurityGroup(t.Context(), location, groupID); err == nil {
			t.Errorf("%+v was accepted", location)
		}
		for _, err := range c.SecurityGroups(t.Context(), location, client.SecurityGroupFilter{}) {
			if err == nil {
				t.Errorf("%+v was accepted", location)
			}
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s went to another host, with Authorization %q", r.Method, r.RequestURI, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			location := map[string]string{"Location": elsewhere.URL + "/login?token=abc"}
			s := play(t, step{status: status, header: location}, step{status: status, header: location})
			c := s.client()
			_, err := c.SecurityGroup(t.Context(), here, groupID)
			var answer *client.Error
			if !errors.As(err, &answer) || answer.StatusCode != status {
				t.Fatalf("error %v", err)
			}
			if text := err.Error(); !strings.Contains(text, elsewhere.URL) || strings.Contains(text, "token") ||
				!strings.Contains(text, "base URL") {
				t.Errorf("error %v", err)
			}
			_, err = c.CreateSecurityGroup(t.Context(), here, client.CreateSecurityGroupRequest{Name: "web"})
			if !errors.As(err, &answer) || answer.StatusCode != status || errors.Is(err, client.ErrAmbiguous) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestRedirectToAnUnreadableAddress(t *testing.T) {
	t.Parallel()
	s := play(t, step{status: http.StatusFound, header: map[string]string{"Location": "http://[" + testKey}})
	_, err := s.client().CreateSecurityGroup(t.Context(), here, client.CreateSecurityGroupRequest{Name: "web"})
	if err == nil || strings.Contains(err.Error(), testKey) {
		t.Errorf("error %v", err)
	}
}

func TestFormatHidesTheKey(t *testing.T) {
	t.Parallel()
	config := client.Config{BaseURL: "https://api.gcore.com", APIKey: testKey, PollInterval: time.Second}
	c := newClient(t, config)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{config, &config, c, struct{ Nested client.Config }{config}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "test-key") {
				t.Errorf("%s of %T shows the key: %s", verb, value, text)
			}
		}
	}
	if text := fmt.Sprint(c, (*client.Client)(nil)); !strings.Contains(text, "https://api.gcore.com") {
		t.Errorf("the client is %s", text)
	}
}

// cancelAfterAnswer cancels a context after the first answer: at once, or while the client waits for its next try.
type cancelAfterAnswer struct {
	cancel context.CancelFunc
	after  time.Duration
}

func (l cancelAfterAnswer) Debug(context.Context, string, map[string]any) {
	if l.after == 0 {
		l.cancel()
		return
	}
	time.AfterFunc(l.after, l.cancel)
}

func (l cancelAfterAnswer) Info(context.Context, string, map[string]any) {}

func (l cancelAfterAnswer) Trace(context.Context, string, map[string]any) {}

func TestRealWaits(t *testing.T) {
	t.Parallel()
	s := play(t, poll("NEW"), poll("FINISHED"))
	c, err := client.New(client.Config{BaseURL: s.server.URL, APIKey: testKey, PollInterval: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.WaitForTask(t.Context(), taskID); err != nil {
		t.Error(err)
	}
}

func TestSleepSelectsOnTheContext(t *testing.T) {
	t.Parallel()
	s := play(t, step{status: http.StatusBadGateway})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := client.New(client.Config{BaseURL: s.server.URL, APIKey: testKey},
		client.WithLogger(cancelAfterAnswer{cancel, 20 * time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SecurityGroup(ctx, here, groupID)
	var answer *client.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &answer) || answer.StatusCode != http.StatusBadGateway {
		t.Errorf("error %v", err)
	}
}
