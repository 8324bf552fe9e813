package gcoretest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLateTask(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: LateTask{Polls: 1}})
	id := c.taskID(c.want(200, "POST", groupsPath, newGroup))
	if r := c.want(404, "GET", "/cloud/v1/tasks/"+id, ""); r.body["message"] != "Task "+id+" could not be found" {
		t.Errorf("%s", r.text)
	}
	c.wantTask(id, "FINISHED")
	// For a time, with the group itself.
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: Together{LateTask{Duration: 9 * time.Second}, LateEffect{Duration: 9 * time.Second}}})
	id = c.taskID(c.want(200, "POST", groupsPath, `{"name":"late"}`))
	c.wantTask(id, "")
	if got := c.want(200, "GET", readPath+"?name=late", "").body["count"]; fmt.Sprint(got) != "0" {
		t.Errorf("the group is listed: %v", got)
	}
	now.advance(9 * time.Second)
	c.wantTask(id, "FINISHED")
	if got := c.want(200, "GET", readPath+"?name=late", "").body["count"]; fmt.Sprint(got) != "1" {
		t.Errorf("the group is not listed: %v", got)
	}
}

func TestTaskResources(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		effect TaskResources
		want   string // of the task; $ID is the group
	}{
		"absent":     {TaskResources{Absent: true}, "absent"},
		"null":       {TaskResources{Null: true}, "null"},
		"doubled":    {TaskResources{Doubled: true}, `["$ID","$ID"] []`},
		"another":    {TaskResources{Groups: []string{"other"}}, `["other"] []`},
		"none":       {TaskResources{Groups: []string{}}, `[] []`},
		"also rules": {TaskResources{Rules: []string{"rule"}}, `["$ID"] ["rule"]`},
		"text":       {TaskResources{Value: "web"}, `"web"`},
		"list":       {TaskResources{Value: []string{"web"}}, `["web"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(t, Config{})
			c := newClient(t, s)
			s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: test.effect})
			task := c.task(c.taskID(c.want(200, "POST", groupsPath, newGroup)))
			value, present := task["created_resources"]
			got := "absent"
			if object, ok := value.(map[string]any); ok {
				got = string(jsonAnswer(0, object["security_groups"]).body) + " " + string(jsonAnswer(0, object["security_group_rules"]).body)
			} else if present {
				got = string(jsonAnswer(0, value).body)
			}
			if want := strings.ReplaceAll(test.want, "$ID", s.Groups(1, 2)[0].ID); got != want || task["state"] != "FINISHED" {
				t.Errorf("%v with created_resources %s, want %s", task["state"], got, want)
			}
			c.want(200, "GET", "/cloud/v1/tasks", "")
			c.createGroup(`{"name":"again"}`)
		})
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	s.Fail(Fault{Times: 1, Effect: Together{DelayTask{time.Minute}, FailTask{Text: "no"}, WrongDate{time.Hour}}})
	r := c.want(200, "POST", groupsPath, newGroup)
	id := c.taskID(r)
	c.wantTask(id, "NEW")
	now.advance(time.Minute)
	c.wantTask(id, "ERROR")
	if got := r.header.Get("Date"); got != "Sun, 22 Nov 2026 04:33:17 GMT" {
		t.Errorf("Date %s", got)
	}
	s.Fail(Fault{Times: 1, Effect: Together{DelayTask{time.Minute}, Answer{Status: 502, Processed: true}}})
	c.want(502, "POST", groupsPath, newGroup)
	if got := fmt.Sprint(c.want(200, "GET", "/cloud/v1/tasks?state=NEW", "").body["count"]); got != "1" {
		t.Errorf("%s new tasks", got)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	const right, wrong = "Sun, 22 Nov 2026 03:33:17 GMT", "Sun, 22 Nov 2026 04:33:17 GMT"
	for _, test := range []struct {
		effect Effect
		status int
		want   []string
	}{
		{WrongDate{time.Hour}, 200, []string{wrong}},
		{NoDate{}, 200, nil},
		{Together{WrongDate{time.Hour}, TooManyRequests("1")}, 429, []string{wrong}},
		{Together{NoDate{}, Answer{Status: 504}}, 504, nil},
		{Answer{Status: 429, Header: map[string]string{"Date": wrong}}, 429, []string{wrong}},
		{Answer{Status: 429, Header: map[string]string{"date": ""}}, 429, nil},
		{nil, 200, []string{right}},
	} {
		s.Fail(Fault{Times: 1, Effect: test.effect})
		r := c.want(test.status, "GET", readPath, "")
		if diff := cmp.Diff(test.want, r.header["Date"]); diff != "" {
			t.Errorf("%+v: Date (-want +got):\n%s", test.effect, diff)
		}
		if r.header.Get("request_id") == "" {
			t.Errorf("%+v: no request_id", test.effect)
		}
	}
}

func TestEmptyPage(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	for range 3 {
		s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	}
	s.Fail(Fault{Operation: OperationListGroups, Effect: EmptyPage{}})
	var got []string
	for _, query := range []string{"?limit=2", "?limit=2&offset=2"} {
		body := c.want(200, "GET", readPath+query, "").body
		got = append(got, fmt.Sprint(len(body["results"].([]any)), " of ", body["count"]))
	}
	if diff := cmp.Diff([]string{"2 of 3", "0 of 3"}, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestTwiceInAnswer(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: []Rule{{Direction: "ingress"}, {Direction: "egress"}}})
	s.Fail(Fault{Effect: TwiceInAnswer{}})
	one := c.want(200, "GET", readPath+"/"+id, "").body
	entry := c.want(200, "GET", readPath, "").body["results"].([]any)[0].(map[string]any)
	for _, group := range []map[string]any{one, entry} {
		rules := group["security_group_rules"].([]any)
		if len(rules) != 3 || !cmp.Equal(rules[0], rules[2]) || cmp.Equal(rules[0], rules[1]) {
			t.Errorf("rules %v", rules)
		}
	}
	if g, _ := s.Group(id); len(g.Rules) != 2 {
		t.Errorf("%d rules are stored", len(g.Rules))
	}
}

func TestSetField(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: []Rule{{Direction: "ingress"}, {Direction: "egress"}}})
	for _, test := range []struct{ field, json, want string }{
		{"id", "null", `"id":null`},
		{"security_group_rules", "[null]", `"security_group_rules":[null]`},
		{"security_group_rules.id", "null", `"id":null`},
		{"tags_v2", `[null]`, `"tags_v2":[null]`},
		{"nothing", "1", `"name":"web"`},
		{"name.nothing", "1", `"name":"web"`},
	} {
		for _, path := range []string{readPath + "/" + id, readPath} {
			s.Fail(Fault{Times: 1, Effect: SetField{test.field, test.json}})
			if r := c.want(200, "GET", path, ""); !strings.Contains(r.text, test.want) || strings.Contains(r.text, "nothing") {
				t.Errorf("%s: %s", test.field, r.text)
			}
		}
	}
	s.Fail(Fault{Times: 1, Effect: SetField{"id", "null"}})
	if r := c.want(200, "GET", readPath, ""); strings.HasPrefix(r.text, `{"id"`) {
		t.Errorf("a page gets an id: %s", r.text)
	}
}

func TestMoreReadyAnswers(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	s.Fail(Fault{Times: 1, Effect: ServiceUnavailable("7")})
	if r := c.want(503, "POST", groupsPath, newGroup); r.header.Get("Retry-After") != "7" || r.body["exception_class"] != "HTTPError" {
		t.Errorf("%s, Retry-After %q", r.text, r.header.Get("Retry-After"))
	}
	s.Fail(Fault{Times: 1, Effect: NotFound("Project", "1")})
	c.wantRefused(404, "NotFoundError", "Project 1 could not be found", "GET", readPath, "")
	if len(s.Groups(1, 2)) != 0 {
		t.Error("a group was made")
	}
}

// A 429 to a PATCH, with a rule that somebody adds meanwhile.
func TestMeanwhileWithAnotherAnswer(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	ended := make(chan struct{})
	s.Fail(Fault{Operation: OperationUpdateGroup, Times: 1, Effect: Meanwhile{
		Before: func() { s.AddRule(id, Rule{Direction: "ingress"}) }, Then: TooManyRequests("6"), After: func() { close(ended) },
	}})
	if r := c.want(429, "PATCH", groupsPath+"/"+id, `{"rules":[]}`); r.header.Get("Retry-After") != "6" {
		t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
	}
	<-ended
	if g, _ := s.Group(id); len(g.Rules) != 1 {
		t.Errorf("%d rules, want the one that was added", len(g.Rules))
	}
}
