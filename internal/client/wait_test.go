package client_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const pollRequest = "GET /cloud/v1/tasks/" + taskID

func poll(state string) step { return step{want: pollRequest, answer: taskAnswer(state, "")} }

func TestReadTask(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer string
		want   client.Task
	}{
		"new": {
			taskAnswer("NEW", `,"created_on":"2019-06-18T11:56:16","finished_on":null,"created_resources":null,
				"project_id":null,"error":null,"request_id":null`),
			client.Task{State: client.TaskNew, CreatedOn: moment(11, 56, 16)},
		},
		"finished": {
			taskAnswer("FINISHED", `,"created_on":null,"finished_on":"2019-06-18T11:56:16Z",
				"project_id":11,"region_id":22,"request_id":"r",
				"created_resources":{"security_groups":["g"],"security_group_rules":["a","b"],"instances":[],"other":{"x":1}},"data":[1]`),
			client.Task{
				State: client.TaskFinished, FinishedOn: moment(11, 56, 16), RequestID: "r",
				CreatedSecurityGroups: []string{"g"}, CreatedSecurityGroupRules: []string{"a", "b"},
			},
		},
		"absent kinds": {
			taskAnswer("FINISHED", `,"created_resources":{"security_groups":null}`), client.Task{State: client.TaskFinished},
		},
		"twice, and no ids": {
			taskAnswer("FINISHED", `,"created_resources":{"security_groups":["g","g",7,null],"security_group_rules":"r"}`),
			client.Task{State: client.TaskFinished, CreatedSecurityGroups: []string{"g"}},
		},
		"another shape": {taskAnswer("FINISHED", `,"created_resources":["g"]`), client.Task{State: client.TaskFinished}},
		"failed": {
			taskAnswer("ERROR", `,"error":"Quota\nexceeded by `+testKey+`"`),
			client.Task{State: client.TaskFailed, Error: "Quota exceeded by ***"},
		},
		"failed in another form": {
			taskAnswer("ERROR", `,"error":{"code":5}`), client.Task{State: client.TaskFailed, Error: `{"code":5}`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{want: pollRequest, answer: test.answer})
			got, err := s.client().Task(t.Context(), taskID)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			want.ID, want.Type = taskID, client.TaskCreateSecurityGroup
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("task differs (-want +got):\n%s", diff)
			}
		})
	}
}

// The data of a task is any object or null. What the API was seen to keep there is the request, word by word.
func TestRequestOfTask(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		data string
		want *client.TaskRequest
	}{
		"a rule": {
			`{"security_group_id": "g", "rule": {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp",
				"port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0", "remote_group_id": null,
				"description": "Allow SSH", "security_group_id": null}}`,
			&client.TaskRequest{SecurityGroupID: "g", Rule: &client.RuleRequest{
				Direction: "ingress", Ethertype: "IPv4", Protocol: "tcp", PortRangeMin: new(int64(22)), PortRangeMax: new(int64(22)),
				RemoteIPPrefix: "0.0.0.0/0", Description: "Allow SSH",
			}},
		},
		"no rule":            {`{"security_group_id": "g", "rule": null}`, &client.TaskRequest{SecurityGroupID: "g"}},
		"a rule's deletion":  {`{"security_group_id":"g","security_group_rule_id":"r"}`, &client.TaskRequest{SecurityGroupID: "g", SecurityGroupRuleID: "r"}},
		"rules left out":     {`{"name":"web","rules":null}`, &client.TaskRequest{Name: new("web")}},
		"a patch of nothing": {`{"name":null,"description":null,"rules":null,"tags":null,"security_group_id":"g"}`, &client.TaskRequest{SecurityGroupID: "g"}},
		"a group": {
			`{"name":"web","description":"","rules":[{"direction":"egress","protocol":"any"}],"tags":{"a":"b","c":null}}`,
			&client.TaskRequest{
				Name: new("web"), Description: new(""), Tags: map[string]*string{"a": new("b"), "c": nil},
				Rules: &[]client.RuleRequest{{Direction: "egress", Protocol: "any"}},
			},
		},
		"an empty list of rules":    {`{"rules":[]}`, &client.TaskRequest{Rules: &[]client.RuleRequest{}}},
		"fields that are not known": {`{"name":"web","volumes":[1]}`, &client.TaskRequest{Name: new("web")}},
		"null":                      {`null`, nil},
		"a list":                    {`[1]`, nil},
		"a text":                    {`"web"`, nil},
		"another type":              {`{"name":"web","rules":{"direction":"egress"}}`, nil},
		"a number for a protocol":   {`{"rule":{"direction":"egress","protocol":6}}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := play(t, step{answer: taskAnswer("FINISHED", `,"data":`+test.data)}).client().Task(t.Context(), taskID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.Request); diff != "" {
				t.Errorf("request differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWaitForTask(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 1000)
	missing := step{status: 404, answer: apiError("NotFoundError", "Task "+taskID+" could not be found")}
	tests := map[string]struct {
		steps   []step
		state   string
		failed  string   // words of the TaskError
		waiting string   // words of the WaitError
		kinds   []string // of the error
	}{
		"finished": {steps: []step{poll("NEW"), poll("RUNNING"), poll("RUNNING"), poll("FINISHED")}, state: "FINISHED"},
		"at once":  {steps: []step{poll("FINISHED")}, state: "FINISHED"},
		"failed": {
			steps: []step{poll("RUNNING"), {answer: taskAnswer("ERROR", `,"error":"no quota","request_id":"r9"`)}},
			state: "ERROR", failed: "no quota (task ",
		},
		"no words": {steps: []step{poll("ERROR")}, state: "ERROR", failed: "failed"},
		"many words": {
			steps: []step{{answer: taskAnswer("ERROR", `,"error":"`+long+`"`)}}, state: "ERROR", failed: long[:1000] + "...",
		},
		"unknown":    {steps: []step{poll("NEW"), poll("PAUSED")}, state: "PAUSED", failed: `unknown state "PAUSED"`},
		"other case": {steps: []step{poll("running")}, state: "running", failed: `unknown state "running"`},
		"polls repeated": {steps: []step{
			{act: reset}, {status: 408}, {status: 429}, {status: 500}, {status: 503, answer: "<html>"}, {answer: "garbage"},
			{answer: "{}"}, poll("RUNNING"), {act: reset}, poll("FINISHED"),
		}, state: "FINISHED"},
		"forgotten": {
			// half a minute of 404s
			steps: slices.Concat([]step{poll("RUNNING")}, slices.Repeat([]step{missing}, 14)),
			state: "RUNNING", waiting: taskID + " could not be found", kinds: []string{"not found"},
		},
		"missing, in other words": {
			steps: []step{{status: 404, answer: apiError("TaskNotFound", "no such task")}, poll("FINISHED")}, state: "FINISHED",
		},
		"missing for a while": {steps: []step{missing, missing, poll("RUNNING"), missing, poll("FINISHED")}, state: "FINISHED"},
		"gateway's 404":       {steps: []step{{status: 404, answer: "<html>"}}, waiting: "404", kinds: []string{"unknown path"}},
		"unauthorized":        {steps: []step{{status: 401}}, waiting: "401", kinds: []string{"unauthorized"}},
		"forbidden":           {steps: []step{poll("NEW"), {status: 403}}, state: "NEW", waiting: "403", kinds: []string{"forbidden"}},
		"bad request":         {steps: []step{{status: 400}}, waiting: "400"},
		"wrong type":          {steps: []step{{answer: taskAnswer("RUNNING", `,"task_type":11`)}}, waiting: "task_type"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task, err := play(t, test.steps...).client().WaitForTask(t.Context(), taskID)
			if task.ID != taskID || task.State != test.state {
				t.Errorf("task %s in state %q, want %q", task.ID, task.State, test.state)
			}
			var failed *client.TaskError
			var waiting *client.WaitError
			switch {
			case errors.As(err, &failed):
				if test.failed == "" || !strings.Contains(err.Error(), test.failed) {
					t.Errorf("error %v, want %q", err, test.failed)
				}
				if diff := cmp.Diff(task, failed.Task); diff != "" {
					t.Errorf("the error's task differs:\n%s", diff)
				}
			case errors.As(err, &waiting):
				if test.waiting == "" || !strings.Contains(err.Error(), test.waiting) || !strings.Contains(err.Error(), taskID) {
					t.Errorf("error %v, want %q", err, test.waiting)
				}
				if waiting.TaskID != taskID || waiting.LastState != test.state {
					t.Errorf("the error has task %q, state %q", waiting.TaskID, waiting.LastState)
				}
			case err != nil || test.failed != "" || test.waiting != "":
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(test.kinds, kinds(err)); diff != "" {
				t.Errorf("kinds of %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestPollIntervals(t *testing.T) {
	t.Parallel()
	const unit = time.Millisecond
	tests := map[string]struct {
		longest time.Duration
		jitter  float64
		want    []time.Duration
	}{
		"default": {0, 0, []time.Duration{
			200 * unit, 300 * unit, 450 * unit, 675 * unit, 1012500 * time.Microsecond, 1518750 * time.Microsecond,
			2278125 * time.Microsecond, 3000 * unit, 3000 * unit,
		}},
		"longest": {400 * unit, 0, []time.Duration{200 * unit, 300 * unit, 400 * unit, 400 * unit}},
		"short":   {50 * unit, 0, []time.Duration{50 * unit, 50 * unit, 50 * unit}},
		"jitter":  {400 * unit, 0.5, []time.Duration{190 * unit, 285 * unit, 380 * unit, 380 * unit}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var steps []step
			for range len(test.want) - 1 {
				steps = append(steps, poll("RUNNING"))
			}
			var waited waits
			s := play(t, append(steps, poll("FINISHED"))...)
			c := newClient(t, client.Config{BaseURL: s.server.URL, PollInterval: test.longest}, client.WithSleep(waited.sleep))
			c.FixJitter(test.jitter)
			if _, err := c.WaitForTask(t.Context(), taskID); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.want, waited.all); diff != "" {
				t.Errorf("waits differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	reason := errors.New("the apply was interrupted")
	t.Run("while waiting", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		polled := 0
		c := play(t, poll("RUNNING")).client(client.WithSleep(func(ctx context.Context, _ time.Duration) error {
			if polled++; polled == 2 {
				cancel(reason)
			}
			return ctx.Err()
		}))
		task, err := c.WaitForTask(ctx, taskID)
		var waiting *client.WaitError
		if !errors.As(err, &waiting) || waiting.LastState != client.TaskRunning || task.State != client.TaskRunning ||
			!errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("while polling", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		_, err := play(t, poll("NEW"), step{act: hang}).client().WaitForTask(ctx, taskID)
		var waiting *client.WaitError
		if !errors.As(err, &waiting) || waiting.LastState != client.TaskNew || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("while polls fail", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		waits := 0
		c := play(t, step{status: 502, answer: "down"}, step{status: 502, answer: "down"}).client(
			client.WithSleep(func(ctx context.Context, _ time.Duration) error {
				if waits++; waits == 3 {
					cancel()
				}
				return ctx.Err()
			}))
		_, err := c.WaitForTask(ctx, taskID)
		var answer *client.Error
		if !errors.Is(err, context.Canceled) || !errors.As(err, &answer) || answer.StatusCode != http.StatusBadGateway {
			t.Errorf("error %v", err)
		}
	})
}

func TestWaitWithoutDeadlineHasALimit(t *testing.T) {
	t.Parallel()
	limited := func(ctx context.Context, _ time.Duration) error {
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); !ok || left < 59*time.Minute || left > time.Hour {
			t.Errorf("deadline %t, in %s", ok, left)
		}
		return nil
	}
	c := play(t, poll("NEW"), poll("FINISHED")).client(client.WithSleep(limited))
	if _, err := c.WaitForTask(t.Context(), taskID); err != nil {
		t.Error(err)
	}
}
