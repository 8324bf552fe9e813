package gcoretest

import (
	"fmt"
	"testing"
	"time"
)

// seen tells what reads show of a group: its description by GET and by the list, "-" for no group.
func (c *client) seen(id string) string {
	c.t.Helper()
	read := "-"
	if r := c.do("GET", readPath+"/"+id, ""); r.status == 200 {
		read = fmt.Sprint(r.body["description"])
	}
	return read + " " + c.listed(id)
}

func (c *client) listed(id string) string {
	c.t.Helper()
	for _, entry := range c.want(200, "GET", readPath, "").body["results"].([]any) {
		if group := entry.(map[string]any); group["id"] == id {
			return fmt.Sprint(group["description"])
		}
	}
	return "-"
}

func TestLateEffectByReads(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	// Of a create: the task names the group, which reads do not find.
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: LateEffect{Reads: 3}})
	id := c.createGroup(`{"name":"web","description":"one"}`)
	for i, want := range []string{"- -", "- one", "one one"} {
		if got := c.seen(id); got != want {
			t.Errorf("reads %d of the new group: %s, want %s", i, got, want)
		}
	}
	// Of an update, with a task.
	s.Fail(Fault{Operation: OperationUpdateGroup, Times: 1, Effect: LateEffect{Reads: 2}})
	c.finished("PATCH", groupsPath+"/"+id, `{"description":"two"}`)
	for i, want := range []string{"one one", "two two"} {
		if got := c.seen(id); got != want {
			t.Errorf("reads %d of the changed group: %s, want %s", i, got, want)
		}
	}
	// Of a deletion, which has no task. Writes see what is really there.
	s.Fail(Fault{Operation: OperationDeleteGroup, Times: 1, Effect: LateEffect{Reads: 2}})
	c.want(204, "DELETE", readPath+"/"+id, "")
	if _, ok := s.Group(id); ok {
		t.Error("the group is still there")
	}
	c.want(404, "DELETE", readPath+"/"+id, "")
	for i, want := range []string{"two two", "- -"} {
		if got := c.seen(id); got != want {
			t.Errorf("reads %d of the deleted group: %s, want %s", i, got, want)
		}
	}
}

func TestLateEffectByTime(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	s.Fail(Fault{Effect: LateEffect{Duration: time.Minute}, Operation: OperationUpdateGroup, Times: 1})
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Description: "one"})
	task := c.taskID(c.want(200, "PATCH", groupsPath+"/"+id, `{"description":"two"}`))
	steps := []struct {
		advance             time.Duration
		state, really, seen string
	}{
		{0, "NEW", "one", "one one"},
		{time.Second, "FINISHED", "two", "one one"},
		{time.Minute - 1, "FINISHED", "two", "one one"},
		{1, "FINISHED", "two", "two two"},
	}
	for _, step := range steps {
		now.advance(step.advance)
		c.wantTask(task, step.state)
		if g, _ := s.Group(id); g.Description != step.really {
			t.Errorf("really %s, want %s", g.Description, step.really)
		}
		if got := c.seen(id); got != step.seen {
			t.Errorf("reads show %s, want %s", got, step.seen)
		}
	}
}

func TestLateEffectUntilReadsAndTimeHavePassed(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	s.Fail(Fault{Operation: OperationUpdateGroup, Times: 1, Effect: LateEffect{Reads: 3, Duration: time.Minute}})
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Description: "one"})
	c.finished("PATCH", groupsPath+"/"+id, `{"description":"two"}`)
	now.advance(time.Hour)
	for _, want := range []string{"one one", "one two"} {
		if got := c.seen(id); got != want {
			t.Errorf("reads show %s, want %s", got, want)
		}
	}
}

func TestLateEffectCountsReadsOfItsGroupOnly(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	s.Fail(Fault{Operation: OperationUpdateGroup, Times: 1, Effect: LateEffect{Reads: 1}})
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Description: "one"})
	other := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "other", Description: "other"})
	c.finished("PATCH", groupsPath+"/"+id, `{"description":"two"}`)
	c.want(200, "GET", readPath+"/"+other, "")
	c.want(200, "GET", "/cloud/v1/securitygroups/1/3", "")
	c.want(404, "GET", "/cloud/v1/securitygroups/1/3/"+id, "")
	if got := c.seen(id); got != "one two" {
		t.Errorf("reads show %s", got)
	}
}

func TestLateEffectsDoNotGoBackAndForth(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	s.Fail(Fault{Operation: OperationUpdateGroup, Times: 2, Effect: LateEffect{Reads: 2}})
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Description: "one"})
	var got []string
	for _, description := range []string{"two", "three", "four"} {
		c.finished("PATCH", groupsPath+"/"+id, `{"description":"`+description+`"}`)
		got = append(got, c.listed(id))
	}
	got = append(got, c.listed(id))
	if want := "[one one one four]"; fmt.Sprint(got) != want {
		t.Errorf("reads show %v, want %s", got, want)
	}
}

func TestLateEffectOfAGroupThatWasNotThereLong(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	s.Fail(Fault{Effect: LateEffect{Reads: 9}, Operation: OperationCreateGroup})
	id := c.createGroup(newGroup)
	c.want(204, "DELETE", readPath+"/"+id, "")
	if got := c.seen(id); got != "- -" {
		t.Errorf("reads show %s", got)
	}
}
