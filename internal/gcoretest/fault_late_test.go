package gcoretest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestProcessLater(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now, TaskDuration: time.Second})
	c := newClient(t, s)
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: ProcessLater{After: 9 * time.Second}})
	c.want(504, "POST", groupsPath, newGroup)
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: Together{DelayTask{time.Minute}, ProcessLater{After: 5 * time.Second, Then: Reset{}}}})
	if r, err := c.try("POST", groupsPath, `{"name":"second"}`, nil); err == nil {
		t.Errorf("an answer: %s", r.text)
	}
	tasks := func() string {
		var lines []string
		for _, entry := range c.want(200, "GET", "/cloud/v1/tasks?order_by=asc", "").body["results"].([]any) {
			task := entry.(map[string]any)
			lines = append(lines, fmt.Sprint(strings.TrimPrefix(task["created_on"].(string), "2026-11-22T03:33:"), " ", task["state"]))
		}
		return strings.Join(lines, ", ")
	}
	for _, step := range []struct {
		advance time.Duration
		tasks   string
		groups  int
	}{
		{0, "", 0},
		{5*time.Second - 1, "", 0},
		{1, "22 NEW", 0},
		{4 * time.Second, "22 NEW, 26 NEW", 0},
		{time.Second, "22 NEW, 26 FINISHED", 1},
		{time.Hour, "22 FINISHED, 26 FINISHED", 2},
	} {
		now.advance(step.advance)
		if got := tasks(); got != step.tasks || len(s.Groups(1, 2)) != step.groups {
			t.Errorf("after %s: %q and %d groups, want %+v", step.advance, got, len(s.Groups(1, 2)), step)
		}
	}
	// What the API refuses is refused late too: nothing comes of it.
	s.Fail(Fault{Times: 1, Effect: ProcessLater{After: time.Second}})
	c.want(504, "POST", groupsPath, `{"name":"default"}`)
	now.advance(time.Hour)
	if got := len(s.Groups(1, 2)); got != 2 {
		t.Errorf("%d groups", got)
	}
}

func TestProcessLaterMeetsALaterLock(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Reading: Live, Now: now.Now, TaskDuration: time.Second})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	s.Fail(Fault{Operation: OperationCreateRule, Times: 1, Effect: ProcessLater{After: 1500 * time.Millisecond}})
	c.want(504, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`)
	now.advance(time.Second)
	c.want(200, "PATCH", groupsPath+"/"+id, `{"description":"new"}`)
	now.advance(time.Hour) // nobody looks in between
	if g, _ := s.Group(id); len(g.Rules) != 0 || g.Description != "new" {
		t.Errorf("group %+v", g)
	}
}

// shown tells what a GET of a group says of it: its description and how many rules it has, "-" for no group.
func (c *client) shown(id string) string {
	c.t.Helper()
	r := c.do("GET", readPath+"/"+id, "")
	if r.status == 404 {
		return "-"
	}
	rules, _ := r.body["security_group_rules"].([]any)
	return fmt.Sprint(r.body["description"], " ", len(rules))
}

func TestStaleRead(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","description":"one","rules":[{"direction":"ingress"},{"direction":"egress"}]}`)
	now.advance(time.Minute)
	_, made := c.finished("POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress","protocol":"tcp"}`)
	now.advance(time.Minute)
	c.finished("PATCH", groupsPath+"/"+id, `{"description":"two"}`)
	stale := func(effect StaleRead, read func() string) string {
		t.Helper()
		s.Fail(Fault{Times: 1, Effect: effect})
		return read()
	}
	get := func() string { return c.shown(id) }
	list := func() string { return c.listed(id) }
	count := func() string { return fmt.Sprint(c.want(200, "GET", "/cloud/v1/tasks", "").body["count"]) }
	var got []string
	for _, effect := range []StaleRead{
		{}, {Age: time.Second}, {Age: time.Minute + time.Second}, {Age: time.Hour}, {Changes: 1}, {Changes: 2}, {Changes: 3},
		{Without: []string{made[0]}}, {Without: []string{id}}, {Changes: 1, Age: time.Minute + time.Second},
	} {
		got = append(got, stale(effect, get)+", "+stale(effect, list)+", "+stale(effect, count))
	}
	want := []string{"two 3, two, 3", "one 3, one, 2", "one 2, one, 1", "-, -, 0", "one 3, one, 3", "one 2, one, 3", "-, -, 3", "two 2, two, 3", "-, -, 3", "one 2, one, 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reads (-want +got):\n%s", diff)
	}
	if shown := get(); shown != "two 3" {
		t.Errorf("the read after it shows %s", shown)
	}
	// A deleted group is still there in the past.
	now.advance(time.Minute)
	c.want(204, "DELETE", readPath+"/"+id, "")
	if shown := stale(StaleRead{Changes: 1}, get) + ", " + stale(StaleRead{Age: time.Second}, list) + ", " + get(); shown != "two 3, two, -" {
		t.Errorf("reads of the deleted group: %s", shown)
	}
}

func TestStaleReadOfATask(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now, TaskDuration: 4 * time.Second})
	c := newClient(t, s)
	id := c.taskID(c.want(200, "POST", groupsPath, newGroup))
	now.advance(time.Minute)
	for age, want := range map[time.Duration]string{0: "FINISHED", 57 * time.Second: "RUNNING", time.Minute: "NEW", time.Hour: ""} {
		s.Fail(Fault{Times: 1, Effect: StaleRead{Age: age}})
		got := c.do("GET", "/cloud/v1/tasks/"+id, "").body
		state, _ := got["state"].(string)
		if state != want || (got["created_resources"] != nil) != (want == "FINISHED") {
			t.Errorf("%s ago: %v, want %s", age, got, want)
		}
	}
}

func TestVersionsAreBounded(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(newGroup)
	for i := range 2 * maxVersions {
		s.ChangeGroup(id, func(g *Group) { g.Description = fmt.Sprint(i) })
	}
	if got := len(s.versions[id]); got != maxVersions {
		t.Errorf("%d versions", got)
	}
}
