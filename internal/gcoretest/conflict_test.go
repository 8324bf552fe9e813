package gcoretest

import (
	"testing"
	"time"
)

func TestLockGroups(t *testing.T) {
	t.Parallel()
	const rule = `{"direction":"ingress"}`
	now := newClock()
	s := New(t, Config{LockGroups: true, TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: []Rule{{Direction: "egress", Ethertype: new("IPv4")}}})
	before, _ := s.Group(id)
	other := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "other"})
	group, rules := groupsPath+"/"+id, groupsPath+"/"+id+"/rules"
	c.want(200, "POST", rules, rule)
	for _, write := range []struct{ method, path, body string }{
		{"POST", rules, `{"direction":"egress","ethertype":"IPv6"}`},
		{"DELETE", rules + "/" + before.Rules[0].ID, ""},
		{"PATCH", group, `{"description":"new"}`},
		{"PATCH", group, `{"tags":{"a":"1"}}`},
		{"DELETE", readPath + "/" + id, ""},
		{"POST", readPath + "/" + id + "/revert", ""},
	} {
		r := c.want(409, write.method, write.path, write.body)
		if r.body["exception_class"] != "ConflictError" ||
			r.body["message"] != "Resource `"+id+"` is already locked by another task. Please try again later." {
			t.Errorf("%s", r.text)
		}
	}
	if after, _ := s.Group(id); after.RevisionNumber != before.RevisionNumber {
		t.Error("the group has changed")
	}
	// Reads, other groups and new groups are free; a group of another project is not there.
	c.want(200, "GET", readPath+"/"+id, "")
	c.want(200, "POST", groupsPath+"/"+other+"/rules", rule)
	c.want(200, "POST", groupsPath, newGroup)
	c.want(404, "POST", "/cloud/v2/security_groups/1/3/"+id+"/rules", rule)
	now.advance(time.Second)
	c.want(200, "POST", rules, `{"direction":"egress","ethertype":"IPv6"}`)
	now.advance(time.Second)
	c.want(204, "DELETE", readPath+"/"+id, "")
}

func TestALockLastsAsLongAsTheTask(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		effect Effect
		status int // of a deletion after an hour
	}{
		"failed":                  {FailTask{}, 204},
		"forgotten":               {ForgetTask{}, 204},
		"lost":                    {ForgetTask{Lost: true}, 204},
		"late":                    {LateEffect{Duration: time.Hour}, 204},
		"delayed":                 {DelayTask{2 * time.Hour}, 409},
		"stalled":                 {StallTask{}, 409},
		"stalled with the effect": {StallTask{Effect: true}, 409},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			s := New(t, Config{LockGroups: true, TaskDuration: time.Second, Now: now.Now})
			c := newClient(t, s)
			id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
			s.Fail(Fault{Operation: OperationUpdateGroup, Times: 1, Effect: test.effect})
			c.want(200, "PATCH", groupsPath+"/"+id, `{"description":"new"}`)
			c.want(409, "DELETE", readPath+"/"+id, "")
			now.advance(time.Hour)
			c.want(test.status, "DELETE", readPath+"/"+id, "")
			if test.status == 409 {
				s.EndTasks()
				c.want(204, "DELETE", readPath+"/"+id, "")
			}
		})
	}
}

func TestWithoutALock(t *testing.T) {
	t.Parallel()
	s := New(t, Config{NoLock: true, TaskDuration: time.Hour})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	c.want(200, "PATCH", groupsPath+"/"+id, `{"description":"new"}`)
	c.want(200, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`)
	c.want(204, "DELETE", readPath+"/"+id, "")
}

func TestUniqueNames(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{UniqueNames: true, TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	other := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "other"})
	for _, r := range []reply{
		c.want(409, "POST", groupsPath, newGroup),
		c.want(409, "PATCH", groupsPath+"/"+other, `{"name":"web"}`),
	} {
		if r.body["exception_class"] != "ConflictError" {
			t.Errorf("%s", r.text)
		}
	}
	c.want(200, "POST", groupsPath, `{"name":"Web"}`)
	c.want(200, "POST", "/cloud/v2/security_groups/1/3", newGroup)
	c.want(200, "PATCH", groupsPath+"/"+other, `{"name":"other","description":"new"}`)
	// Two at once: the second one's task finds the name taken.
	first := c.taskID(c.want(200, "POST", groupsPath, `{"name":"new"}`))
	second := c.taskID(c.want(200, "POST", groupsPath, `{"name":"new"}`))
	now.advance(time.Second)
	c.wantTask(first, "FINISHED")
	c.wantTask(second, "ERROR")
}

func TestNamesNeedNotBeUniqueByDefault(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	c.createGroup(newGroup)
	c.createGroup(newGroup)
	if got := len(s.Groups(1, 2)); got != 2 {
		t.Errorf("%d groups", got)
	}
}
