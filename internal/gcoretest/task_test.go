package gcoretest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// noOtherResources are the empty lists of created_resources that have nothing to do with groups.
func noOtherResources(t *testing.T) string {
	t.Helper()
	loaded, err := loadContract(variant{})
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, kind := range loaded.createdKinds {
		if !strings.HasPrefix(kind, "security_group") {
			fields = append(fields, fmt.Sprintf("%q:[]", kind))
		}
	}
	if len(fields) < 30 {
		t.Errorf("only %d kinds of resources", len(fields))
	}
	return strings.Join(fields, ",")
}

func TestTaskPassesThroughItsStates(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{TaskDuration: time.Minute, Now: now.Now})
	c := newClient(t, s)
	r := c.want(200, "POST", groupsPath, `{"name":"web","rules":[]}`)
	id := c.taskID(r)
	steps := []struct {
		advance                    time.Duration
		state                      string
		updatedOn, finishedOn, rid any
	}{
		{0, "NEW", nil, nil, nil},
		{15*time.Second - 1, "NEW", nil, nil, nil},
		{1, "RUNNING", "2026-11-22T03:33:32", nil, nil},
		{45*time.Second - 1, "RUNNING", "2026-11-22T03:33:32", nil, nil},
		{1, "FINISHED", "2026-11-22T03:34:17", "2026-11-22T03:34:17", nil},
		{time.Hour, "FINISHED", "2026-11-22T03:34:17", "2026-11-22T03:34:17", nil},
	}
	for _, step := range steps {
		now.advance(step.advance)
		exists := len(s.Groups(1, 2)) == 1
		body := c.task(id)
		if body["state"] != step.state || body["updated_on"] != step.updatedOn || body["finished_on"] != step.finishedOn {
			t.Errorf("state %v, updated %v, finished %v, want %v", body["state"], body["updated_on"], body["finished_on"], step)
		}
		if finished := step.state == "FINISHED"; exists != finished || (body["created_resources"] != nil) != finished {
			t.Errorf("%s: the group exists: %t, created_resources %v", step.state, exists, body["created_resources"])
		}
	}
	g := s.Groups(1, 2)[0]
	if want := time.Date(2026, 11, 22, 3, 34, 17, 0, time.UTC); !g.CreatedAt.Equal(want) {
		t.Errorf("the group was made at %s, want the end of its task, %s", g.CreatedAt, want)
	}
	body := c.task(id)
	want := fmt.Sprintf(`{"id":%q,"user_id":1001,"user_client_id":501,"client_id":501,"project_id":1,"region_id":2,
		"task_type":"create_security_group","state":"FINISHED","detailed_state":null,"error":null,"request_id":%q,"job_id":null,
		"schedule_id":null,"lifecycle_policy_id":null,
		"data":{"name":"web","description":null,"rules":[],"tags":null},
		"created_resources":{"security_groups":[%q],"security_group_rules":[],`+noOtherResources(t)+`},
		"created_on":"2026-11-22T03:33:17","updated_on":"2026-11-22T03:34:17","finished_on":"2026-11-22T03:34:17",
		"acknowledged_at":null,"acknowledged_by":null}`, id, s.Requests()[0].ID, g.ID)
	tree, err := parseJSON([]byte(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tree, any(body)); diff != "" {
		t.Errorf("task (-want +got):\n%s", diff)
	}
}

func TestTasksTakeEffectInTheOrderOfTheirEnds(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{NoLock: true, TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	for i := range 5 {
		c.want(200, "PATCH", groupsPath+"/"+id, fmt.Sprintf(`{"description":"%d","rules":[{"direction":"ingress","description":"%d"}]}`, i, i))
		now.advance(100 * time.Millisecond)
	}
	now.advance(time.Hour) // nobody looks in between
	if g, _ := s.Group(id); g.Description != "4" {
		t.Errorf("description %q, want that of the last task", g.Description)
	}
	var times []string
	for _, change := range s.History() {
		if change.Kind == RuleAdded {
			times = append(times, change.Time.Format("05.0"))
		}
	}
	if diff := cmp.Diff([]string{"18.5", "18.6", "18.7", "18.8", "18.9"}, times); diff != "" {
		t.Errorf("each change has the time of its task (-want +got):\n%s", diff)
	}
}

func TestUnknownTask(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	r := newClient(t, s).want(404, "GET", "/cloud/v1/tasks/nope", "")
	if r.body["exception_class"] != "NotFoundError" {
		t.Errorf("%s", r.text)
	}
}

// taskTypes lists the tasks of a query by type and project/region.
func taskTypes(c *client, query string) []string {
	c.t.Helper()
	got := []string{}
	for _, entry := range c.want(200, "GET", "/cloud/v1/tasks"+query, "").body["results"].([]any) {
		task := entry.(map[string]any)
		kind := strings.TrimPrefix(task["task_type"].(string), "create_security_")
		got = append(got, fmt.Sprintf("%s %v/%v", kind, task["project_id"], task["region_id"]))
	}
	return got
}

func TestListOfTasks(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{TaskDuration: time.Minute, Now: now.Now})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	c.want(200, "POST", groupsPath, `{"name":"one"}`)
	now.advance(2 * time.Minute)
	c.want(200, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`)
	now.advance(30 * time.Second)
	c.want(200, "POST", "/cloud/v2/security_groups/1/3", `{"name":"two"}`)
	tests := []struct {
		query string
		want  []string
	}{
		{"", []string{"group 1/3", "group_rule 1/2", "group 1/2"}},
		{"?order_by=asc", []string{"group 1/2", "group_rule 1/2", "group 1/3"}},
		{"?order_by=desc&limit=1&offset=1", []string{"group_rule 1/2"}},
		{"?offset=3", []string{}},
		{"?project_id=1&region_id=2", []string{"group_rule 1/2", "group 1/2"}},
		{"?region_id=3&region_id=2", []string{"group 1/3", "group_rule 1/2", "group 1/2"}},
		{"?project_id=9", []string{}},
		{"?state=NEW", []string{"group 1/3"}},
		{"?state=NEW&state=RUNNING", []string{"group 1/3", "group_rule 1/2"}},
		{"?state=FINISHED", []string{"group 1/2"}},
		{"?state=ERROR", []string{}},
		{"?task_type=create_security_group_rule", []string{"group_rule 1/2"}},
		{"?from_timestamp=2026-11-22T03:35:17.5", []string{"group 1/3", "group_rule 1/2"}},
		{"?from_timestamp=2026-11-22T03:35:18Z", []string{"group 1/3"}},
		{"?from_timestamp=2026-11-22T04:35:18%2B01:00", []string{"group 1/3"}},
		{"?to_timestamp=2026-11-22T03:33:18", []string{"group 1/2"}},
		{"?from_timestamp=2026-11-22T03:34:00Z&to_timestamp=2026-11-22T03:35:30Z", []string{"group_rule 1/2"}},
		{"?is_acknowledged=false&limit=1", []string{"group 1/3"}},
		{"?is_acknowledged=true", []string{}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, taskTypes(c, test.query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
	if got := fmt.Sprint(c.want(200, "GET", "/cloud/v1/tasks?limit=1", "").body["count"]); got != "3" {
		t.Errorf("count %s, want that of all pages", got)
	}
}

func TestListOfTasksHasAPageOfTen(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	for i := range 12 {
		c.want(200, "POST", groupsPath, fmt.Sprintf(`{"name":"web-%02d"}`, i))
	}
	if got := len(taskTypes(c, "")); got != 10 {
		t.Errorf("%d tasks, want 10", got)
	}
	if got := len(taskTypes(c, "?limit=1000")); got != 12 {
		t.Errorf("%d tasks, want 12", got)
	}
}

// names lists the groups of a query, in the order of the answer, with their ids.
func names(c *client, query string) (names, ids []string) {
	c.t.Helper()
	names = []string{}
	for _, entry := range c.want(200, "GET", readPath+query, "").body["results"].([]any) {
		group := entry.(map[string]any)
		names = append(names, group["name"].(string))
		ids = append(ids, group["id"].(string))
		if _, ok := group["security_group_rules"].([]any); !ok {
			c.t.Errorf("no rules in a list's entry: %v", group)
		}
	}
	return names, ids
}

func TestListOfGroups(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	for name, tags := range map[string]map[string]string{
		"one": {"a": "1", "b": "2"}, "two": {"a": "2"}, "Two": {}, "three": {"b": "2"},
	} {
		group := Group{ProjectID: 1, RegionID: 2, Name: name}
		for key, value := range tags {
			group.Tags = append(group.Tags, Tag{Key: key, Value: value})
		}
		s.AddGroup(group)
	}
	s.AddGroup(Group{ProjectID: 1, RegionID: 3, Name: "elsewhere"})
	s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "two"})
	tests := []struct {
		query string
		want  []string
	}{
		{"", []string{"Two", "one", "three", "two", "two"}},
		{"?name=two", []string{"two", "two"}},
		{"?name=tw", []string{}},
		{"?tag_key=a", []string{"one", "two"}},
		{"?tag_key=a&tag_key=b", []string{"one"}},
		{"?tag_key_value=%7B%22a%22%3A%222%22%7D", []string{"two"}},
		{"?tag_key_value=%7B%22a%22%3A%221%22%2C%22b%22%3A%222%22%7D", []string{"one"}},
		{"?tag_key_value=%7B%22c%22%3A%22%22%7D", []string{}},
		{"?tag_key_value=%7B%7D&name=three", []string{"three"}},
		{"?offset=5", []string{}},
		{"?offset=900", []string{}},
	}
	for _, test := range tests {
		got, ids := names(c, test.query)
		if !slices.IsSorted(ids) {
			t.Errorf("%s: not in the order of the ids: %v", test.query, ids)
		}
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
}

func TestPagesOfGroups(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	all := map[string]bool{}
	for i := range 25 {
		all[s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: fmt.Sprintf("web-%d", i)})] = true
	}
	if _, ids := names(c, ""); len(ids) != 10 {
		t.Errorf("%d groups without a limit, want 10", len(ids))
	}
	seen := map[string]bool{}
	for offset := 0; offset < 25; offset += 7 {
		_, ids := names(c, fmt.Sprintf("?limit=7&offset=%d", offset))
		for _, id := range ids {
			seen[id] = true
		}
	}
	if !maps.Equal(all, seen) {
		t.Errorf("the pages show %d groups, want 25", len(seen))
	}
	if got := c.want(200, "GET", readPath+"?limit=7", "").body["count"]; got != json.Number("25") {
		t.Errorf("count %v", got)
	}
}
