package client_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const (
	latency  = 50 * time.Millisecond // of a request and its answer
	taskTime = time.Second
)

// fakeAPI is an API in memory: POST of groups, and POST and DELETE of rules start tasks.
type fakeAPI struct {
	mu    sync.Mutex
	tasks map[string]fakeTask
	// requests counts the requests by kind.
	requests map[string]int
	// list changes the answer to a list of tasks; nil: no change.
	list func(tasks []map[string]any) (status int, answer any)
	// end changes the body of a task that has ended; nil: it is finished.
	end map[string]any
}

type fakeTask struct {
	kind, place string
	due         time.Time
}

func (f *fakeAPI) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{BaseURL: "http://localhost", APIKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	f.tasks, f.requests = map[string]fakeTask{}, map[string]int{}
	c.Answer(func(r *http.Request) (*http.Response, error) {
		timer := time.NewTimer(latency / 2)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		status, answer := f.answer(r)
		text, err := json.Marshal(answer)
		<-time.After(latency / 2)
		return &http.Response{
			StatusCode: status, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}},
			Body: io.NopCloser(strings.NewReader(string(text))),
		}, err
	})
	return c
}

func (f *fakeAPI) answer(r *http.Request) (status int, answer any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	elements := strings.Split(strings.TrimPrefix(r.URL.Path, "/cloud/"), "/")
	switch {
	case r.Method != http.MethodGet:
		f.requests["write"]++
		kind := client.TaskDeleteSecurityGroupRule
		switch {
		case len(elements) == 4:
			kind = client.TaskCreateSecurityGroup
		case r.Method == http.MethodPost:
			kind = client.TaskCreateSecurityGroupRule
		}
		id := fmt.Sprintf("task%d", len(f.tasks))
		f.tasks[id] = fakeTask{kind, elements[2] + "/" + elements[3], time.Now().Add(taskTime)}
		return http.StatusOK, map[string]any{"tasks": []string{id}}
	case elements[1] == "securitygroups":
		f.requests["group"]++
		return http.StatusOK, map[string]any{"id": elements[4], "security_group_rules": []any{}}
	case len(elements) == 3:
		f.requests["task"]++
		return http.StatusOK, f.body(elements[2])
	}
	f.requests["list"]++
	query := r.URL.Query()
	found := f.found(query)
	if f.list != nil {
		return f.list(found)
	}
	return http.StatusOK, map[string]any{"count": len(found), "results": found}
}

// found are the tasks of a list: one page, the newest first.
func (f *fakeAPI) found(query url.Values) (found []map[string]any) {
	ids := slices.SortedFunc(maps.Keys(f.tasks), func(a, b string) int { return f.tasks[b].due.Compare(f.tasks[a].due) })
	for _, id := range ids {
		task := f.tasks[id]
		since := task.due.Add(-taskTime).Format(time.RFC3339)
		if task.kind == query.Get("task_type") && task.place == query.Get("project_id")+"/"+query.Get("region_id") &&
			since >= query.Get("from_timestamp") {
			found = append(found, f.body(id))
		}
	}
	limit := 10
	if given, err := strconv.Atoi(query.Get("limit")); err == nil {
		limit = given
	}
	return found[:min(len(found), limit)]
}

func (f *fakeAPI) body(id string) map[string]any {
	body := map[string]any{"id": id, "task_type": f.tasks[id].kind, "state": "RUNNING"}
	if time.Now().Before(f.tasks[id].due) {
		return body
	}
	created := map[string]any{"security_group_rules": []string{"rule-of-" + id}}
	if f.tasks[id].kind == client.TaskCreateSecurityGroup {
		created = map[string]any{"security_groups": []string{"group-of-" + id}}
	}
	body["state"], body["created_resources"] = "FINISHED", created
	maps.Copy(body, f.end)
	return body
}
