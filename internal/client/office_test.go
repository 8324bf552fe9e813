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
	distance = 50 * time.Millisecond // of the API, there and back
	taskTime = time.Second
)

// office is an API in memory, in which POST and DELETE of rules make tasks.
type office struct {
	mu    sync.Mutex
	tasks map[string]officeTask
	// asked counts the requests by kind.
	asked map[string]int
	// list changes the answer to a list of tasks; nil: it is as it should be.
	list func(tasks []map[string]any) (status int, answer any)
	// end is what a task says in the end; nil: that it is finished.
	end map[string]any
}

type officeTask struct {
	kind, place string
	due         time.Time
}

func (o *office) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{BaseURL: "http://localhost", APIKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	o.tasks, o.asked = map[string]officeTask{}, map[string]int{}
	c.Answer(func(r *http.Request) (*http.Response, error) {
		timer := time.NewTimer(distance / 2)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		status, answer := o.answer(r)
		text, err := json.Marshal(answer)
		<-time.After(distance / 2)
		return &http.Response{
			StatusCode: status, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}},
			Body: io.NopCloser(strings.NewReader(string(text))),
		}, err
	})
	return c
}

func (o *office) answer(r *http.Request) (status int, answer any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	elements := strings.Split(strings.TrimPrefix(r.URL.Path, "/cloud/"), "/")
	switch {
	case r.Method != http.MethodGet:
		o.asked["write"]++
		kind := map[string]string{http.MethodPost: client.TaskCreateSecurityGroupRule, http.MethodDelete: client.TaskDeleteSecurityGroupRule}[r.Method]
		id := fmt.Sprintf("task%d", len(o.tasks))
		o.tasks[id] = officeTask{kind, elements[2] + "/" + elements[3], time.Now().Add(taskTime)}
		return http.StatusOK, map[string]any{"tasks": []string{id}}
	case elements[1] == "securitygroups":
		o.asked["group"]++
		return http.StatusOK, map[string]any{"id": elements[4], "security_group_rules": []any{}}
	case len(elements) == 3:
		o.asked["task"]++
		return http.StatusOK, o.body(elements[2])
	}
	o.asked["list"]++
	query := r.URL.Query()
	found := o.found(query)
	if o.list != nil {
		return o.list(found)
	}
	return http.StatusOK, map[string]any{"count": len(found), "results": found}
}

// found are the tasks of a list: one page, the newest first.
func (o *office) found(query url.Values) (found []map[string]any) {
	ids := slices.SortedFunc(maps.Keys(o.tasks), func(a, b string) int { return o.tasks[b].due.Compare(o.tasks[a].due) })
	for _, id := range ids {
		task := o.tasks[id]
		since := task.due.Add(-taskTime).Format(time.RFC3339)
		if task.kind == query.Get("task_type") && task.place == query.Get("project_id")+"/"+query.Get("region_id") &&
			since >= query.Get("from_timestamp") {
			found = append(found, o.body(id))
		}
	}
	limit := 10
	if given, err := strconv.Atoi(query.Get("limit")); err == nil {
		limit = given
	}
	return found[:min(len(found), limit)]
}

func (o *office) body(id string) map[string]any {
	body := map[string]any{"id": id, "task_type": o.tasks[id].kind, "state": "RUNNING"}
	if time.Now().Before(o.tasks[id].due) {
		return body
	}
	body["state"], body["created_resources"] = "FINISHED", map[string]any{"security_group_rules": []string{"rule of " + id}}
	maps.Copy(body, o.end)
	return body
}
