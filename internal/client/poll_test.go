package client_test

import (
	"context"
	"encoding/json"
	"errors"
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
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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

// makeRules makes as many rules at once, and reads the group after each.
func makeRules(ctx context.Context, t *testing.T, c *client.Client, count int) {
	t.Helper()
	var work sync.WaitGroup
	for range count {
		work.Go(func() {
			id, err := c.CreateSecurityGroupRule(ctx, here, groupID, client.RuleRequest{Direction: "egress"})
			if err != nil {
				t.Error(err)
				return
			}
			task, err := c.WaitForTask(ctx, id)
			if err != nil || task.ID != id || !slices.Equal(task.CreatedSecurityGroupRules, []string{"rule of " + id}) {
				t.Errorf("task %s: %+v, error %v", id, task, err)
			}
			if _, err := c.RecentSecurityGroup(ctx, here, groupID); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
}

func changed(id string, with map[string]any) func([]map[string]any) (int, any) {
	return func(tasks []map[string]any) (int, any) {
		for _, task := range tasks {
			if task["id"] == id || id == "" {
				maps.Copy(task, with)
			}
		}
		return http.StatusOK, map[string]any{"count": len(tasks), "results": tasks}
	}
}

// Waits for several tasks share lists, and what is read then shares a request. Whatever the list says, each task comes
// to its end.
func TestTasksInFlightTogether(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rules int
		list  func([]map[string]any) (int, any)
		want  map[string]int
		// within is how long it takes at most.
		within time.Duration
	}{
		"one":     {rules: 1, want: map[string]int{"write": 1, "task": 3, "group": 1}, within: 1300 * time.Millisecond},
		"ten":     {rules: 10, want: map[string]int{"write": 10, "list": 3, "group": 1}, within: 1300 * time.Millisecond},
		"hundred": {rules: 100, want: map[string]int{"write": 100, "list": 3, "group": 1}, within: 1300 * time.Millisecond},
		"list forbidden": {
			rules: 3, want: map[string]int{"write": 3, "list": 1, "task": 9, "group": 1}, within: 1500 * time.Millisecond,
			list: func([]map[string]any) (int, any) { return http.StatusForbidden, map[string]any{} },
		},
		"list unreadable": {
			rules: 3, want: map[string]int{"write": 3, "list": 1, "task": 9, "group": 1}, within: 1500 * time.Millisecond,
			list: changed("", map[string]any{"state": ""}),
		},
		"list empty": {
			rules: 3, want: map[string]int{"write": 3, "list": 1, "task": 9, "group": 1}, within: 1500 * time.Millisecond,
			list: func([]map[string]any) (int, any) {
				return http.StatusOK, map[string]any{"count": 0, "results": []any{}}
			},
		},
		"list without one": {
			rules: 3, want: map[string]int{"write": 3, "list": 3, "task": 3, "group": 1}, within: 1500 * time.Millisecond,
			list: changed("task1", map[string]any{"id": "another"}),
		},
		// The list is no proof of a failure, nor of what was made.
		"list with an error": {
			rules: 3, want: map[string]int{"write": 3, "list": 3, "task": 3, "group": 1}, within: 1500 * time.Millisecond,
			list: changed("task1", map[string]any{"state": "ERROR"}),
		},
		"list without what was made": {
			rules: 3, want: map[string]int{"write": 3, "list": 3, "task": 3, "group": 1}, within: 1500 * time.Millisecond,
			list: changed("", map[string]any{"created_resources": nil}),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := &office{list: test.list}
				c := o.client(t)
				began := time.Now()
				makeRules(t.Context(), t, c, test.rules)
				if took := time.Since(began); took > test.within {
					t.Errorf("it took %s", took)
				}
				// Jitter spreads what is read alone, and the reads of the group with it.
				if test.list != nil {
					o.asked["group"] = min(o.asked["group"], 1)
				}
				if diff := cmp.Diff(test.want, o.asked); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Tasks of other kinds and places, and those that another process began, are not looked for in a list of these.
func TestTasksThatShareNoList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		c := o.client(t)
		var work sync.WaitGroup
		o.tasks["foreign"] = officeTask{due: time.Now()}
		wait := func(id string, err error) {
			if err == nil {
				_, err = c.WaitForTask(t.Context(), id)
			}
			if err != nil {
				t.Error(err)
			}
		}
		work.Go(func() {
			wait(c.CreateSecurityGroupRule(t.Context(), here, groupID, client.RuleRequest{Direction: "egress"}))
		})
		work.Go(func() {
			wait(c.CreateSecurityGroupRule(t.Context(), client.Location{ProjectID: 11, RegionID: 23}, groupID, client.RuleRequest{Direction: "egress"}))
		})
		work.Go(func() {
			ids, err := c.DeleteSecurityGroupRule(t.Context(), here, groupID, ruleID)
			wait(ids[0], err)
		})
		work.Go(func() { wait("foreign", nil) })
		work.Wait()
		if o.asked["list"] != 0 {
			t.Errorf("requests %v", o.asked)
		}
	})
}

// Waits that began one after the other share lists too, and none of them learns of the end later than it would alone.
func TestTasksThatFollowEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		c := o.client(t)
		c.FixJitter(0)
		var work sync.WaitGroup
		for range 30 {
			work.Go(func() {
				began := time.Now()
				makeRules(t.Context(), t, c, 1)
				if took := time.Since(began); took > 1700*time.Millisecond {
					t.Errorf("a rule took %s", took)
				}
			})
			<-time.After(100 * time.Millisecond)
		}
		work.Wait()
		// Alone each would need three or four.
		if polls := o.asked["list"] + o.asked["task"]; polls > 40 {
			t.Errorf("requests %v", o.asked)
		}
	})
}

// Whoever asks for the list may go: the others ask again.
func TestWaitThatLeavesTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		c := o.client(t)
		c.FixJitter(0)
		var work sync.WaitGroup
		work.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), distance+200*time.Millisecond+distance/4)
			defer cancel()
			id, err := c.CreateSecurityGroupRule(ctx, here, groupID, client.RuleRequest{Direction: "egress"})
			if err == nil {
				_, err = c.WaitForTask(ctx, id)
			}
			var waiting *client.WaitError
			if !errors.As(err, &waiting) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
		})
		work.Go(func() {
			<-time.After(time.Millisecond) // so that the other one leads
			makeRules(t.Context(), t, c, 5)
		})
		work.Wait()
		// That of the first was cut off on its way.
		if o.asked["list"] != 3 || o.asked["task"] != 0 {
			t.Errorf("requests %v", o.asked)
		}
	})
}

// A task that failed says why, in the words of its own answer.
func TestFailedTasksTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{end: map[string]any{"state": "ERROR", "error": "no capacity"}}
		c := o.client(t)
		var work sync.WaitGroup
		for range 3 {
			work.Go(func() {
				id, err := c.CreateSecurityGroupRule(t.Context(), here, groupID, client.RuleRequest{Direction: "egress"})
				if err != nil {
					t.Error(err)
				}
				_, err = c.WaitForTask(t.Context(), id)
				var failed *client.TaskError
				if !errors.As(err, &failed) || failed.Task.Error != "no capacity" {
					t.Errorf("error %v", err)
				}
			})
		}
		work.Wait()
	})
}

// Every write, and the end of its task, is seen by the reads that follow.
func TestWritesAreRead(t *testing.T) {
	t.Parallel()
	name := "www"
	egress := client.RuleRequest{Direction: "egress"}
	for what, write := range map[string]func(context.Context, *client.Client) (again bool, err error){
		"nothing": func(context.Context, *client.Client) (bool, error) { return true, nil },
		"POST of a rule": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.CreateSecurityGroupRule(ctx, here, strings.ToUpper(groupID), egress)
			return false, err
		},
		"DELETE of a rule": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.DeleteSecurityGroupRule(ctx, here, groupID, ruleID)
			return false, err
		},
		"PATCH": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.UpdateSecurityGroup(ctx, here, groupID, client.UpdateSecurityGroupRequest{Name: &name})
			return false, err
		},
		"DELETE of another group": func(ctx context.Context, c *client.Client) (bool, error) {
			return false, c.DeleteSecurityGroup(ctx, here, "other")
		},
		"POST of a rule in another group": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.CreateSecurityGroupRule(ctx, here, "other", egress)
			return true, err
		},
		"task": func(ctx context.Context, c *client.Client) (bool, error) {
			id, err := c.CreateSecurityGroupRule(ctx, here, groupID, egress)
			if _, err := c.RecentSecurityGroup(ctx, here, groupID); err != nil {
				return false, err
			}
			if err == nil {
				_, err = c.WaitForTask(ctx, id)
			}
			return false, err
		},
		"task that was not waited for to its end": func(ctx context.Context, c *client.Client) (bool, error) {
			id, err := c.CreateSecurityGroupRule(ctx, here, groupID, egress)
			if _, err := c.RecentSecurityGroup(ctx, here, groupID); err != nil {
				return false, err
			}
			ctx, cancel := context.WithTimeout(ctx, taskTime/2)
			defer cancel()
			if _, waited := c.WaitForTask(ctx, id); waited == nil {
				err = errors.New("it was waited for")
			}
			return false, err
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := &office{}
				c := o.client(t)
				if _, err := c.RecentSecurityGroup(t.Context(), here, groupID); err != nil {
					t.Fatal(err)
				}
				again, err := write(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				before := o.asked["group"]
				if _, err := c.RecentSecurityGroup(t.Context(), here, groupID); err != nil {
					t.Fatal(err)
				}
				if (o.asked["group"] == before) != again {
					t.Errorf("the answer serves again: %t, want %t", !again, again)
				}
			})
		})
	}
}
