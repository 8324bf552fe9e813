package client_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// makeRules creates count rules at once, and reads the group after each.
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
			if err != nil || task.ID != id || !slices.Equal(task.CreatedSecurityGroupRules, []string{"rule-of-" + id}) {
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

// Waits for several tasks share lists, and the reads that follow share a request. Whatever the list says, each wait ends
// with its task.
func TestTasksInFlightTogether(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rules  int
		list   func([]map[string]any) (int, any)
		want   map[string]int
		within time.Duration // at most
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
		// A list proves neither a failure nor what was created.
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
				api := &fakeAPI{list: test.list}
				c := api.client(t)
				began := time.Now()
				makeRules(t.Context(), t, c, test.rules)
				if took := time.Since(began); took > test.within {
					t.Errorf("it took %s", took)
				}
				// Jitter spreads the single reads of tasks, and with them the reads of the group.
				if test.list != nil {
					api.requests["group"] = min(api.requests["group"], 1)
				}
				if diff := cmp.Diff(test.want, api.requests); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Fifty groups that are created at once need 103 requests with lists and 251 without.
func TestManyGroups(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		list func([]map[string]any) (int, any)
		want map[string]int
	}{
		"with lists": {want: map[string]int{"write": 50, "list": 3, "group": 50}},
		"without": {
			want: map[string]int{"write": 50, "list": 1, "task": 150, "group": 50},
			list: func([]map[string]any) (int, any) { return http.StatusForbidden, map[string]any{} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &fakeAPI{list: test.list}
				c := api.client(t)
				var work sync.WaitGroup
				for range 50 {
					work.Go(func() {
						id, err := c.CreateSecurityGroup(t.Context(), here, client.CreateSecurityGroupRequest{Name: "web"})
						if err != nil {
							t.Error(err)
							return
						}
						task, err := c.WaitForTask(t.Context(), id)
						if err != nil {
							t.Error(err)
							return
						}
						if _, err := c.SecurityGroup(t.Context(), here, task.CreatedSecurityGroups[0]); err != nil {
							t.Error(err)
						}
					})
				}
				work.Wait()
				if diff := cmp.Diff(test.want, api.requests); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Tasks of other kinds and places, and those that another process started, are not looked for in one list.
func TestTasksThatShareNoList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		c := api.client(t)
		var work sync.WaitGroup
		api.tasks["foreign"] = fakeTask{due: time.Now()}
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
		if api.requests["list"] != 0 {
			t.Errorf("requests %v", api.requests)
		}
	})
}

// Waits that begin one after the other share lists too, and none of them ends later than it would alone.
func TestTasksThatFollowEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		c := api.client(t)
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
		// Without lists each would need three or four.
		if polls := api.requests["list"] + api.requests["task"]; polls > 40 {
			t.Errorf("requests %v", api.requests)
		}
	})
}

// The wait that requests a list may end: the others request the next.
func TestWaitThatLeavesTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		c := api.client(t)
		c.FixJitter(0)
		var work sync.WaitGroup
		work.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), latency+200*time.Millisecond+latency/4)
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
			<-time.After(time.Millisecond) // so that the other one requests the list
			makeRules(t.Context(), t, c, 5)
		})
		work.Wait()
		// The first list was canceled.
		if api.requests["list"] != 3 || api.requests["task"] != 0 {
			t.Errorf("requests %v", api.requests)
		}
	})
}

// The error of a task that failed comes from the task's own answer.
func TestFailedTasksTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{end: map[string]any{"state": "ERROR", "error": "no capacity"}}
		c := api.client(t)
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
