package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// contrary is an API that is otherwise than the fake assumes in one point.
type contrary struct {
	config gcoretest.Config
	// request changes what the fake gets, answer what the probe gets. They run one at a time.
	request func(r *http.Request, body map[string]any)
	answer  func(c cloud, asked asked, got *given)
	// whole: the check looks back at the run, and needs all of it. Else it is the only one.
	whole bool
	// want is a part of the probe's line.
	want string
	// also are further lines that change; it cannot be helped.
	also []string
}

// asked is a request: its route has a * for each id.
type asked struct {
	route, id string // id is that of the group
	query     string
	body      map[string]any
}

// given is an answer with its JSON tree, nil for none.
type given struct {
	status int
	body   map[string]any
	header http.Header
}

func (g *given) refuse(status int, class string) {
	g.status, g.body = status, map[string]any{"exception_class": class, "message": "no", "request_id": "1"}
}

func newAsked(r *http.Request, body map[string]any) asked {
	a := asked{query: r.URL.RawQuery, body: body}
	elements := strings.Split(r.URL.Path, "/")
	for i, element := range elements {
		if len(element) == 36 {
			if a.id == "" {
				a.id = element
			}
			elements[i] = "*"
		}
	}
	a.route = r.Method + " " + strings.Join(elements, "/")
	return a
}

const (
	createGroup = "POST /cloud/v2/security_groups/1/76"
	patchGroup  = "PATCH /cloud/v2/security_groups/1/76/*"
	createRule  = "POST /cloud/v2/security_groups/1/76/*/rules"
	listGroups  = "GET /cloud/v1/securitygroups/1/76"
	readGroup   = "GET /cloud/v1/securitygroups/1/76/*"
	deleteGroup = "DELETE /cloud/v1/securitygroups/1/76/*"
	revertGroup = "POST /cloud/v1/securitygroups/1/76/*/revert"
	pollTask    = "GET /cloud/v1/tasks/*"
	listTasks   = "GET /cloud/v1/tasks"
)

// between is the handler that makes a fake a contrary API.
func (k contrary) between(t *testing.T, c cloud) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body := decode(t, r.Body)
		if k.request != nil {
			k.request(r, body)
		}
		if body != nil {
			text, err := json.Marshal(body)
			if err != nil {
				t.Error(err)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		}
		recorded := httptest.NewRecorder()
		c.ServeHTTP(recorded, r)
		got := given{recorded.Code, decode(t, recorded.Body), recorded.Header()}
		if k.answer != nil {
			k.answer(c, newAsked(r, body), &got)
		}
		got.header.Del("Content-Length")
		maps.Copy(w.Header(), got.header)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(got.status)
		if got.body != nil {
			if err := json.NewEncoder(w).Encode(got.body); err != nil {
				t.Error(err)
			}
		}
	})
}

func decode(t *testing.T, from io.Reader) map[string]any {
	text, err := io.ReadAll(from)
	if err != nil {
		t.Error(err)
	}
	if len(text) == 0 {
		return nil
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Errorf("%v in %s", err, text)
	}
	return tree
}

// rulesOf are the rules in an answer or a request.
func rulesOf(body map[string]any, field string) []map[string]any {
	var rules []map[string]any
	list, _ := body[field].([]any)
	for _, entry := range list {
		if rule, ok := entry.(map[string]any); ok {
			rules = append(rules, rule)
		}
	}
	return rules
}

// An API that is otherwise in one point gets "differs" for that point, and each check can say so. Where the fake itself
// is otherwise, all other lines stay as they are.
func TestDiffers(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for name, k := range contraries() {
		assumed, _, _ := strings.Cut(name, ": ")
		tried[assumed] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.config.TaskDuration = 4 * time.Second
			c := startCloud(t, k.config)
			checked := table()
			if k.request != nil || k.answer != nil {
				c = c.behind(t, k.between(t, c))
				if !k.whole {
					checked = slices.DeleteFunc(checked, func(a assumption) bool { return a.name != assumed })
				}
			}
			lines, log, code := c.check(t.Context(), defaultBounds(), checked)
			if code != exitDiffers {
				t.Errorf("exit status %d", code)
			}
			if said := lines[assumed]; !strings.HasPrefix(said, "differs: ") || !strings.Contains(said, k.want) {
				t.Errorf("the probe says %q, which has no %q", said, k.want)
			}
			want := holding(checked)
			for _, other := range append(k.also, assumed) {
				delete(want, other)
				delete(lines, other)
			}
			if diff := cmp.Diff(want, lines); diff != "" {
				t.Errorf("the other lines (-want +got):\n%s\n%s", diff, log)
			}
			c.wantNothingLeft(t)
		})
	}
	for _, a := range table() {
		if a.check != nil && !tried[a.name] {
			t.Errorf("no API differs in %s", a.name)
		}
	}
}
