package gcoretest

import (
	"fmt"
	"testing"
	"time"
)

const newGroup = `{"name":"web","rules":[]}`

// wantTask checks what a poll and the list of tasks say; state "" is a task that the API does not know.
func (c *client) wantTask(id, state string) {
	c.t.Helper()
	listed := ""
	for _, entry := range c.want(200, "GET", "/cloud/v1/tasks", "").body["results"].([]any) {
		if task := entry.(map[string]any); task["id"] == id {
			listed = fmt.Sprint(task["state"])
		}
	}
	polled := ""
	if r := c.do("GET", "/cloud/v1/tasks/"+id, ""); r.status == 200 {
		polled = fmt.Sprint(r.body["state"])
	} else if r.status != 404 || r.body["exception_class"] != "NotFoundError" {
		c.t.Errorf("task: %d %s", r.status, r.text)
	}
	if polled != state || listed != state {
		c.t.Errorf("task is polled as %q and listed as %q, want %q", polled, listed, state)
	}
}

func TestFaultsOfTasks(t *testing.T) {
	t.Parallel()
	const second = time.Second
	type step struct {
		at     time.Duration // after the request
		state  string
		groups int
	}
	tests := []struct {
		name   string
		effect Effect
		steps  []step
		ended  step // after EndTasks
	}{
		{"none", nil, []step{{0, "NEW", 0}, {second, "FINISHED", 1}}, step{0, "FINISHED", 1}},
		{"longer", DelayTask{time.Hour}, []step{{second, "NEW", 0}, {time.Hour - 1, "RUNNING", 0}, {time.Hour, "FINISHED", 1}}, step{0, "FINISHED", 1}},
		{"at once", DelayTask{0}, []step{{0, "FINISHED", 1}}, step{0, "FINISHED", 1}},
		{"longer, ended", DelayTask{time.Hour}, []step{{second, "NEW", 0}}, step{0, "FINISHED", 1}},
		{"stalled", StallTask{}, []step{{0, "NEW", 0}, {second, "RUNNING", 0}, {1000 * time.Hour, "RUNNING", 0}}, step{0, "FINISHED", 1}},
		{"stalled early", StallTask{}, []step{{0, "NEW", 0}}, step{0, "FINISHED", 1}},
		{"stalled with the effect", StallTask{Effect: true}, []step{{0, "NEW", 0}, {second, "RUNNING", 1}, {time.Hour, "RUNNING", 1}}, step{0, "FINISHED", 1}},
		{"forgotten", ForgetTask{}, []step{{0, "", 0}, {second, "", 1}}, step{0, "", 1}},
		{"forgotten when done", ForgetTask{WhenDone: true}, []step{{0, "NEW", 0}, {second - 1, "RUNNING", 0}, {second, "", 1}}, step{0, "", 1}},
		{"forgotten and lost", ForgetTask{Lost: true}, []step{{0, "", 0}, {second, "", 0}}, step{0, "", 0}},
		{"lost when done", ForgetTask{WhenDone: true, Lost: true}, []step{{0, "NEW", 0}, {second, "", 0}}, step{0, "", 0}},
		{"failed", FailTask{}, []step{{0, "NEW", 0}, {second, "ERROR", 0}}, step{0, "ERROR", 0}},
		{"failed with the effect", FailTask{Effect: true}, []step{{0, "NEW", 0}, {second, "ERROR", 1}}, step{0, "ERROR", 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			s := New(t, Config{TaskDuration: second, Now: now.Now})
			c := newClient(t, s)
			s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: test.effect})
			id := c.taskID(c.want(200, "POST", groupsPath, newGroup))
			passed := time.Duration(0)
			check := func(want step) {
				t.Helper()
				c.wantTask(id, want.state)
				if got := len(s.Groups(1, 2)); got != want.groups {
					t.Errorf("after %s: %d groups, want %d", passed, got, want.groups)
				}
			}
			for _, step := range test.steps {
				now.advance(step.at - passed)
				passed = step.at
				check(step)
			}
			s.EndTasks()
			check(test.ended)
			s.EndTasks()
			check(test.ended)
			// The fault hit one request only.
			other := c.taskID(c.want(200, "POST", groupsPath, newGroup))
			now.advance(second)
			c.wantTask(other, "FINISHED")
		})
	}
}

func TestFaultsOfTasksLeaveRequestsWithoutATaskAlone(t *testing.T) {
	t.Parallel()
	for _, effect := range []Effect{DelayTask{time.Hour}, StallTask{}, ForgetTask{Lost: true}, FailTask{}} {
		s := New(t, Config{})
		c := newClient(t, s)
		id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
		s.Fail(Fault{Effect: effect})
		c.want(200, "GET", readPath+"/"+id, "")
		c.want(204, "DELETE", readPath+"/"+id, "")
		if len(s.Groups(1, 2)) != 0 {
			t.Errorf("%T: the group is still there", effect)
		}
	}
}

func TestAStalledTaskEndsAsItWouldHave(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	s.Fail(Fault{Operation: OperationCreateRule, Effect: StallTask{}})
	task := c.taskID(c.want(200, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`))
	s.DeleteGroup(id)
	c.wantTask(task, "RUNNING")
	s.EndTasks()
	if got := c.task(task); got["state"] != "ERROR" || got["error"] != "Security group "+id+" does not exist" {
		t.Errorf("task %v", got)
	}
}
