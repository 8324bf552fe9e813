package gcoretest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// patched sends a PATCH and returns the group after it; wantTask says whether a task is due.
func patched(c *client, id, body string, wantTask bool) Group {
	c.t.Helper()
	if wantTask {
		c.finished("PATCH", groupsPath+"/"+id, body)
	} else if r := c.want(200, "PATCH", groupsPath+"/"+id, body); r.text != `{"tasks":[]}` {
		c.t.Errorf("PATCH %s: %s, want no task", body, r.text)
	}
	g, _ := c.server.Group(id)
	return g
}

func TestPatchOfFields(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","description":"old","rules":[{"direction":"egress"}]}`)
	before, _ := s.Group(id)
	tests := []struct {
		body              string
		task              bool
		name, description string
		revisions         int64
	}{
		{`{}`, false, "web", "old", 0},
		{`{"name":"web","description":"old"}`, false, "web", "old", 0},
		{`{"name":"www"}`, true, "www", "old", 1},
		{`{"description":""}`, true, "www", "", 1},
		{`{"name":"web","description":"new"}`, true, "web", "new", 1},
	}
	revision := before.RevisionNumber
	for _, test := range tests {
		g := patched(c, id, test.body, test.task)
		revision += test.revisions
		got := fmt.Sprint(g.Name, "/", g.Description, "/", g.RevisionNumber)
		if want := fmt.Sprint(test.name, "/", test.description, "/", revision); got != want {
			t.Errorf("after %s: %s, want %s", test.body, got, want)
		}
		if diff := cmp.Diff(before.Rules, g.Rules); diff != "" {
			t.Errorf("%s changed the rules: %s", test.body, diff)
		}
	}
}

func TestPatchDescriptionOverNull(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "old", NullDescription: true})
	if g := patched(newClient(t, s), id, `{"description":""}`, true); g.NullDescription {
		t.Error("the description is still null")
	}
}

// TestPatchMatchesRulesByTheirText: each stored rule meets one wanted spelling of it; kept is whether the rule keeps
// its id.
func TestPatchMatchesRulesByTheirText(t *testing.T) {
	t.Parallel()
	v4, v6, empty := new("IPv4"), new("IPv6"), new("")
	tests := []struct {
		name   string
		stored Rule
		wanted string
		kept   bool
	}{
		{"as stored", Rule{Ethertype: v4, Protocol: new("tcp"), PortRangeMin: new(80), PortRangeMax: new(80), Description: empty}, `"protocol":"tcp","port_range_min":80,"port_range_max":80`, true},
		{"written out", Rule{Ethertype: v4, Description: empty}, `"ethertype":"IPv4","protocol":null,"description":""`, true},
		{"another port", Rule{Ethertype: v4, Protocol: new("tcp"), PortRangeMin: new(80), PortRangeMax: new(80), Description: empty}, `"protocol":"tcp","port_range_min":80,"port_range_max":81`, false},
		{"another description", Rule{Ethertype: v4, Description: new("a")}, `"description":"b"`, false},
		{"omitted description, null", Rule{Ethertype: v4}, ``, true},
		{"empty description, null", Rule{Ethertype: v4}, `"description":""`, false},
		{"omitted protocol, any", Rule{Ethertype: v4, Protocol: new("any"), Description: empty}, ``, true},
		{"omitted ethertype, null", Rule{Description: empty}, ``, true},
		{"ethertype, null", Rule{Description: empty}, `"ethertype":"IPv4"`, false},
		{"omitted ethertype, IPv6", Rule{Ethertype: v6, Description: empty}, ``, false},
		{"no prefix, 0.0.0.0/0", Rule{Ethertype: v4, RemoteIPPrefix: new("0.0.0.0/0"), Description: empty}, ``, false},
		{"0.0.0.0/0", Rule{Ethertype: v4, RemoteIPPrefix: new("0.0.0.0/0"), Description: empty}, `"remote_ip_prefix":"0.0.0.0/0"`, true},
		{"0.0.0.0/0, no prefix", Rule{Ethertype: v4, Description: empty}, `"remote_ip_prefix":"0.0.0.0/0"`, false},
		{"address without a length", Rule{Ethertype: v4, RemoteIPPrefix: new("10.0.0.1/32"), Description: empty}, `"remote_ip_prefix":"10.0.0.1"`, true},
		{"spelling of IPv6", Rule{Ethertype: v6, RemoteIPPrefix: new("2001:db8::/32"), Description: empty}, `"ethertype":"IPv6","remote_ip_prefix":"2001:DB8:0::/32"`, true},
		{"1-65535, no ports", Rule{Ethertype: v4, Protocol: new("tcp"), Description: empty}, `"protocol":"tcp","port_range_min":1,"port_range_max":65535`, false},
		{"icmp, ipv6-icmp", Rule{Ethertype: v6, Protocol: new("ipv6-icmp"), Description: empty}, `"ethertype":"IPv6","protocol":"icmp"`, false},
		{"tcp, 6", Rule{Ethertype: v4, Protocol: new("6"), Description: empty}, `"protocol":"tcp"`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(t, Config{NullDescriptions: true, AcceptIPv6ICMP: true})
			id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
			test.stored.Direction = "ingress"
			rule := s.AddRule(id, test.stored)
			body := `{"rules":[{` + strings.TrimSuffix(`"direction":"ingress",`+test.wanted, ",") + `}]}`
			g := patched(newClient(t, s), id, body, !test.kept)
			if len(g.Rules) != 1 {
				t.Fatalf("%d rules, want 1", len(g.Rules))
			}
			if kept := g.Rules[0].ID == rule; kept != test.kept {
				t.Errorf("kept %t, want %t: %s", kept, test.kept, body)
			}
			if want := map[bool]int64{true: 2, false: 4}[test.kept]; g.RevisionNumber != want {
				t.Errorf("revision %d, want %d", g.RevisionNumber, want)
			}
		})
	}
}

func TestPatchOfRulesRemovesThenAdds(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress","protocol":"tcp"},{"direction":"ingress","protocol":"udp"}]}`)
	before, _ := s.Group(id)
	mark := len(s.History())
	g := patched(c, id, `{"rules":[{"direction":"ingress","protocol":"tcp"},{"direction":"ingress","protocol":"udp","description":"new"},{"direction":"egress"}]}`, true)
	var kept []string
	for _, rule := range g.Rules {
		if i := before.ruleIndex(rule.ID); i >= 0 {
			kept = append(kept, *before.Rules[i].Protocol)
		}
	}
	if len(g.Rules) != 3 || !slices.Equal(kept, []string{"tcp"}) {
		t.Errorf("%d rules, kept %v", len(g.Rules), kept)
	}
	var kinds []ChangeKind
	for _, change := range s.History()[mark:] {
		kinds = append(kinds, change.Kind)
	}
	if want := []ChangeKind{RuleRemoved, RuleAdded, RuleAdded}; !slices.Equal(kinds, want) {
		t.Errorf("changes %v, want %v", kinds, want)
	}
	if g = patched(c, id, `{"rules":[]}`, true); len(g.Rules) != 0 {
		t.Errorf("%d rules left", len(g.Rules))
	}
}

func TestPatchRefused(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress"}]}`)
	before, _ := s.Group(id)
	standard := s.AddDefaultGroup(1, 2)
	tests := []struct {
		id, body, class string
		status          int
	}{
		{id, `{"name":"DEFAULT"}`, "SecurityGroupDefaultAlreadyExists", 409},
		{standard, `{"name":"web"}`, "SecurityGroupCannotUpdateDefault", 409},
		{id, `{"name":"x"}`, "ValidationError", 400},
		{id, `{"description":"` + strings.Repeat("d", 256) + `"}`, "HTTPBadRequest", 400},
		{id, `{"rules":[{"direction":"ingress"},{"direction":"ingress","description":"again"}]}`, "SecurityGroupRuleExists", 409},
		{id, `{"rules":[{"direction":"ingress"},{"direction":"ingress"}]}`, "SecurityGroupRuleExists", 409},
		{id, `{"rules":[{"direction":"egress"},{"direction":"egress","remote_ip_prefix":"0.0.0.0/0"}]}`, "DuplicateSecurityGroupRuleInPost", 409},
		{id, `{"rules":[{"direction":"ingress","protocol":"tcp","port_range_min":2,"port_range_max":1}]}`, "SecurityGroupInvalidPortRange", 400},
		{id, `{"rules":[{"direction":"ingress","remote_group_id":"11111111-1111-4111-8111-111111111111"}]}`, "SecurityGroupNotFound", 404},
		{"11111111-1111-4111-8111-111111111111", `{"name":"www"}`, "NotFoundError", 404},
	}
	for _, test := range tests {
		r := c.want(test.status, "PATCH", groupsPath+"/"+test.id, test.body)
		if r.body["exception_class"] != test.class {
			t.Errorf("%s: %s, want %s", test.body, r.text, test.class)
		}
		if holder := before.Rules[0].ID; test.class == "SecurityGroupRuleExists" && !strings.Contains(r.text, holder) {
			t.Errorf("%s does not name rule %s", r.text, holder)
		}
	}
	after, _ := s.Group(id)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("refused requests changed the group: %s", diff)
	}
	// The default group's description and rules may change, and its own name is no change.
	if g := patched(c, standard, `{"name":"default","description":"mine","rules":[]}`, true); g.Description != "mine" {
		t.Errorf("description %q", g.Description)
	}
}

func TestPatchTakesEffectWithItsTask(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: defaultEgress()})
	before, _ := s.Group(id)
	task := c.taskID(c.want(200, "PATCH", groupsPath+"/"+id, `{"name":"www","tags":{"a":"b"},"rules":[{"direction":"egress"}]}`))
	// A rule that comes between acceptance and effect is not in the wanted list: it goes.
	foreign := s.AddRule(id, Rule{Direction: "ingress", Ethertype: new("IPv4")})
	now.advance(time.Second - 1)
	if g, _ := s.Group(id); g.Name != "web" || len(g.Tags) != 0 || len(g.Rules) != 3 {
		t.Errorf("effect before the end of the task: %+v", g)
	}
	now.advance(1)
	g, _ := s.Group(id)
	if g.Name != "www" || len(g.Tags) != 1 || len(g.Rules) != 1 || g.ruleIndex(foreign) >= 0 || before.ruleIndex(g.Rules[0].ID) < 0 {
		t.Errorf("after the task: %+v", g)
	}
	if got := c.task(task)["state"]; got != "FINISHED" {
		t.Errorf("task is %v", got)
	}
}

func TestPatchFailsInItsTask(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	remote := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "remote"})
	path := groupsPath + "/" + id
	withRemote := c.taskID(c.want(200, "PATCH", path, `{"name":"www","rules":[{"direction":"egress","remote_group_id":"`+remote+`"}]}`))
	s.DeleteGroup(remote)
	now.advance(time.Second)
	if task := c.task(withRemote); task["state"] != "ERROR" || task["error"] != "Security group "+remote+" does not exist" {
		t.Errorf("task %v", task)
	}
	if g, _ := s.Group(id); g.Name != "web" || g.RevisionNumber != 1 {
		t.Errorf("a task in ERROR left something behind: %+v", g)
	}
	withGroup := c.taskID(c.want(200, "PATCH", path, `{"name":"www"}`))
	s.DeleteGroup(id)
	now.advance(time.Second)
	if task := c.task(withGroup); task["state"] != "ERROR" {
		t.Errorf("task %v", task)
	}
}

func TestPatchOfTags(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[],"tags":{"a":"1","b":"2"}}`)
	s.SetTag(id, "system", "yes", true)
	own := func(pairs ...string) []Tag {
		tags := []Tag{{"system", "yes", true}}
		for i := 0; i < len(pairs); i += 2 {
			tags = append(tags, Tag{Key: pairs[i], Value: pairs[i+1]})
		}
		sortTags(tags)
		return tags
	}
	steps := []struct {
		body      string
		revisions int64
		want      []Tag
	}{
		{`{"tags":{}}`, 0, own("a", "1", "b", "2")},
		{`{"tags":{"a":"1","system":"yes","gone":null}}`, 0, own("a", "1", "b", "2")},
		{`{"tags":{"a":null,"b":"3","c":"4"}}`, 1, own("b", "3", "c", "4")},
		{`{"tags":null}`, 1, own()},
		{`{"tags":null}`, 0, own()},
	}
	g, _ := s.Group(id)
	for _, step := range steps {
		revision := g.RevisionNumber + step.revisions
		g = patched(c, id, step.body, false)
		if diff := cmp.Diff(step.want, g.Tags); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", step.body, diff)
		}
		if g.RevisionNumber != revision {
			t.Errorf("after %s: revision %d, want %d", step.body, g.RevisionNumber, revision)
		}
	}
	for body, status := range map[string]int{
		`{"tags":{"system":"no"}}`: 400, `{"tags":{"system":null}}`: 400, `{"tags":{"System":"x"}}`: 409,
		`{"name":"www","tags":{"system":"no"}}`: 400,
	} {
		c.want(status, "PATCH", groupsPath+"/"+id, body)
	}
	if after, _ := s.Group(id); after.RevisionNumber != g.RevisionNumber {
		t.Errorf("refused tags changed the group: %+v", after)
	}
	s.DeleteTag(id, "system")
	if after, _ := s.Group(id); len(after.Tags) != 0 || after.RevisionNumber != g.RevisionNumber+1 {
		t.Errorf("the tag is still there: %+v", after)
	}
}
