package gcoretest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wantRefused sends a request and checks the whole refusal. It returns the answer.
func (c *client) wantRefused(status int, class, message, method, path, body string) reply {
	c.t.Helper()
	r := c.want(status, method, path, body)
	if r.body["exception_class"] != class || r.body["message"] != message {
		c.t.Errorf("%s %s %s: %s, want %s %q", method, path, body, r.text, class, message)
	}
	return r
}

func TestTheLiveAPILocksGroups(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config Config
		status int
	}{
		"live":            {Config{Reading: Live}, 409},
		"live, no lock":   {Config{Reading: Live, NoLock: true}, 200},
		"older":           {Config{Reading: Older}, 200},
		"older, locked":   {Config{Reading: Older, LockGroups: true}, 409},
		"older, no locks": {Config{Reading: Older, NoLock: true}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.config.TaskDuration = time.Hour
			s := New(t, test.config)
			c := newClient(t, s)
			id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
			c.want(200, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`)
			r := c.want(test.status, "POST", groupsPath+"/"+id+"/rules", `{"direction":"egress"}`)
			if words := "Resource `" + id + "` is already locked by another task. Please try again later."; test.status == 409 && r.body["message"] != words {
				t.Errorf("%s", r.text)
			}
		})
	}
}

func TestRequestIDIsAHeaderToo(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	for _, r := range []reply{c.want(404, "GET", readPath+"/"+newUUID(), ""), c.want(200, "POST", groupsPath, newGroup)} {
		id := s.Requests()[len(s.Requests())-1].ID
		if r.status == 404 {
			id = fmt.Sprint(r.body["request_id"])
		}
		if got := r.header.Get("request_id"); len(got) != 32 || got != id {
			t.Errorf("header request_id %q, want %q", got, id)
		}
	}
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	const ours, neutrons = "Quota limit for %s exceeded by 1", "Quota exceeded for resources: ['%s']."
	for name, test := range map[string]struct {
		config          Config
		status          int
		class           string
		group, rule     string // words
		withInformation bool
	}{
		"live":       {Config{Reading: Live}, 400, "QuotaLimitExceed", fmt.Sprintf(ours, groupCount), fmt.Sprintf(ours, ruleCount), true},
		"older":      {Config{Reading: Older}, 409, "QuotaLimitExceed", fmt.Sprintf(ours, groupCount), fmt.Sprintf(ours, ruleCount), true},
		"validation": {Config{Quota: Quota{400, "ValidationError"}}, 400, "ValidationError", fmt.Sprintf(ours, groupCount), fmt.Sprintf(ours, ruleCount), true},
		"conflict":   {Config{Quota: Quota{409, "ConflictError"}}, 409, "ConflictError", fmt.Sprintf(neutrons, "security_group"), fmt.Sprintf(neutrons, "security_group_rule"), false},
		"Neutron":    {Config{Quota: Quota{409, "OverQuota"}}, 409, "OverQuota", fmt.Sprintf(neutrons, "security_group"), fmt.Sprintf(neutrons, "security_group_rule"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.config.GroupLimit, test.config.RuleLimit = 2, 3
			s := New(t, test.config)
			c := newClient(t, s)
			id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: []Rule{{Direction: "ingress"}, {Direction: "egress"}, {Direction: "egress"}}})
			s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "other"})
			var info []string
			for _, r := range []reply{
				c.wantRefused(test.status, test.class, test.group, "POST", groupsPath, newGroup),
				c.wantRefused(test.status, test.class, test.rule, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`),
				c.wantRefused(test.status, test.class, test.rule, "PATCH", groupsPath+"/"+id, `{"rules":[`+strings.Repeat(`{"direction":"ingress"},`, 3)+`{"direction":"egress"}]}`),
			} {
				if r.body["info"] != nil {
					info = append(info, fmt.Sprint(r.body["info"]))
				}
			}
			want := []string{
				"map[attribute:firewall_count current_usage:2 limit:2 requested_usage:3]",
				"map[attribute:security_group_rule_count current_usage:3 limit:3 requested_usage:4]",
				"map[attribute:security_group_rule_count current_usage:3 limit:3 requested_usage:4]",
			}
			if !test.withInformation {
				want = nil
			}
			if diff := cmp.Diff(want, info); diff != "" {
				t.Errorf("info (-want +got):\n%s", diff)
			}
		})
	}
}

// A quota of all rules of a project and region: what adds none passes.
func TestQuotaOfAllRules(t *testing.T) {
	t.Parallel()
	s := New(t, Config{RuleQuota: 3})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: []Rule{{Direction: "ingress"}, {Direction: "egress"}}})
	s.AddGroup(Group{ProjectID: 1, RegionID: 3, Name: "elsewhere", Rules: DefaultRules()})
	const one, two = `{"direction":"ingress","protocol":"tcp"}`, `{"direction":"ingress","protocol":"udp"}`
	refused := func(method, path, body string) {
		t.Helper()
		if r := c.do(method, path, body); r.body["exception_class"] != "QuotaLimitExceed" || !strings.Contains(r.text, `"limit":3`) {
			t.Errorf("%s %s: %s", method, path, r.text)
		}
	}
	refused("POST", groupsPath, `{"name":"new"}`)
	c.finished("POST", groupsPath+"/"+id+"/rules", one)
	refused("POST", groupsPath+"/"+id+"/rules", two)
	refused("POST", groupsPath, `{"name":"new","rules":[`+one+`]}`)
	refused("PATCH", groupsPath+"/"+id, `{"rules":[{"direction":"ingress"},{"direction":"egress"},`+one+`,`+two+`]}`)
	c.finished("PATCH", groupsPath+"/"+id, `{"rules":[{"direction":"ingress"},`+one+`,`+two+`]}`)
	c.createGroup(newGroup)
}

func TestRulesOfANewGroupOfTheLiveAPI(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Reading: Live})
	c := newClient(t, s)
	rules := func(body string) []string {
		t.Helper()
		g, _ := s.Group(c.createGroup(body))
		var lines []string
		for _, r := range sortedRules(g.Rules) {
			line := r.Direction + " " + *r.Ethertype
			if r.Protocol != nil {
				line += " " + *r.Protocol
			}
			if r.PortRangeMin != nil {
				line += fmt.Sprintf(" %d-%d", *r.PortRangeMin, *r.PortRangeMax)
			}
			if *r.Description != "" {
				t.Errorf("%s has the description %q", line, *r.Description)
			}
			lines = append(lines, line)
		}
		return lines
	}
	template := rules(`{"name":"web"}`)
	if len(template) != 39 {
		t.Errorf("%d rules, want 39", len(template))
	}
	text := strings.Join(template, "\n")
	for _, line := range []string{"egress IPv4 tcp 1-24", "egress IPv6 udp 26-65535", "egress IPv6 ipv6-icmp", "egress IPv4 icmp", "egress IPv4 vrrp"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %s in:\n%s", line, text)
		}
	}
	if strings.Contains(text, "ingress") || strings.Contains(text, "IPv4 ipv6") || strings.Contains(text, "IPv6 icmp") {
		t.Errorf("template:\n%s", text)
	}
	if got := rules(newGroup); len(got) != 0 {
		t.Errorf("an empty list: %v", got)
	}
	for _, g := range s.Groups(1, 2) {
		if want := int64(2 + len(g.Rules)); g.RevisionNumber != want {
			t.Errorf("a new group with %d rules has revision %d, want %d", len(g.Rules), g.RevisionNumber, want)
		}
	}
	if diff := cmp.Diff([]string{"ingress IPv4 tcp"}, rules(`{"name":"web","rules":[{"direction":"ingress","protocol":"tcp"}]}`)); diff != "" {
		t.Errorf("a list without egress (-want +got):\n%s", diff)
	}
}

// A missing description is "" in the live reading, and a PATCH that says so, or nothing, keeps the rule.
func TestDescriptionOfARule(t *testing.T) {
	t.Parallel()
	for _, reading := range []Reading{Live, Older} {
		s := New(t, Config{Reading: reading})
		c := newClient(t, s)
		id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web", Rules: []Rule{{Direction: "ingress", Ethertype: new("IPv4")}}})
		added := s.AddRule(id, Rule{Direction: "egress", Ethertype: new("IPv4")})
		s.ChangeRule(added, func(r *Rule) { r.Description = nil })
		want := map[Reading]any{Live: "", Older: nil}[reading]
		for _, rule := range c.want(200, "GET", readPath+"/"+id, "").body["security_group_rules"].([]any) {
			if got := rule.(map[string]any)["description"]; got != want {
				t.Errorf("reading %d: description %#v, want %#v", reading, got, want)
			}
		}
		r := c.want(200, "PATCH", groupsPath+"/"+id, `{"rules":[{"direction":"ingress","description":""},{"direction":"egress"}]}`)
		if tasks := len(r.body["tasks"].([]any)); (tasks == 0) != (reading == Live) {
			t.Errorf("reading %d: %d tasks", reading, tasks)
		}
	}
}

func TestICMPWithIPv6(t *testing.T) {
	t.Parallel()
	const rule, words = `{"direction":"ingress","ethertype":"IPv6","protocol":"icmp"}`,
		"Protocol icmp is prohibited for ethertype IPv6. You should specify ipv6-icmp for ethertype: IPv6"
	s := New(t, Config{Reading: Live})
	c := newClient(t, s)
	id := c.createGroup(newGroup)
	c.wantRefused(400, "ValidationError", words, "POST", groupsPath+"/"+id+"/rules", rule)
	c.wantRefused(400, "ValidationError", words, "POST", groupsPath, `{"name":"web","rules":[`+rule+`]}`)
	c.wantRefused(400, "ValidationError", words, "PATCH", groupsPath+"/"+id, `{"rules":[`+rule+`]}`)
	s = New(t, Config{Reading: Live, AcceptIPv6ICMP: true})
	c = newClient(t, s)
	g, _ := s.Group(c.createGroup(`{"name":"web","rules":[` + rule + `]}`))
	if *g.Rules[0].Protocol != "ipv6-icmp" {
		t.Errorf("stored as %s", *g.Rules[0].Protocol)
	}
}

func TestPort25(t *testing.T) {
	t.Parallel()
	const words = "Opening egress port 25 for TCP or UDP traffic is prohibited. Please, contact support."
	s := New(t, Config{RefusePort25: true})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[]}`)
	for rule, refused := range map[string]bool{
		`{"direction":"egress"}`:                                                             true,
		`{"direction":"egress","protocol":null,"ethertype":"IPv6"}`:                          true,
		`{"direction":"egress","protocol":"tcp"}`:                                            true,
		`{"direction":"egress","protocol":"tcp","port_range_min":1,"port_range_max":65535}`:  true,
		`{"direction":"egress","protocol":"udp","port_range_min":25,"port_range_max":25}`:    true,
		`{"direction":"egress","protocol":"tcp","port_range_min":20,"port_range_max":30}`:    true,
		`{"direction":"egress","protocol":"tcp","remote_ip_prefix":"10.0.0.0/8"}`:            true,
		`{"direction":"egress","protocol":"tcp","port_range_min":1,"port_range_max":24}`:     false,
		`{"direction":"egress","protocol":"udp","port_range_min":26,"port_range_max":65535}`: false,
		`{"direction":"egress","protocol":"sctp"}`:                                           false,
		`{"direction":"egress","protocol":"icmp"}`:                                           false,
		`{"direction":"ingress"}`:                                                            false,
		`{"direction":"ingress","protocol":"tcp","port_range_min":25,"port_range_max":25}`:   false,
	} {
		for _, request := range [][3]string{
			{"POST", groupsPath, `{"name":"new","rules":[{"direction":"ingress","protocol":"ah"},` + rule + `]}`},
			{"PATCH", groupsPath + "/" + id, `{"rules":[` + rule + `]}`},
			{"PATCH", groupsPath + "/" + id, `{"rules":[]}`},
			{"POST", groupsPath + "/" + id + "/rules", rule},
		} {
			if refused && !strings.Contains(request[2], `"rules":[]`) {
				c.wantRefused(400, "ValidationError", words, request[0], request[1], request[2])
			} else if r := c.want(200, request[0], request[1], request[2]); len(r.body["tasks"].([]any)) > 0 {
				c.task(c.taskID(r))
			}
		}
	}
	// By default it is not refused, and the template opens everything but port 25.
	c = newClient(t, New(t, Config{}))
	c.createGroup(`{"name":"web","rules":[{"direction":"egress"}]}`)
}

// Duplicates, limits and missing remote groups, refused in the task; all else is refused at the request as ever.
func TestRefusalsInTheTask(t *testing.T) {
	t.Parallel()
	s := New(t, Config{RefuseInTask: true, GroupLimit: 1, RuleLimit: 3})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	there := s.AddRule(id, Rule{Direction: "ingress", Ethertype: new("IPv4")})
	missing := newUUID()
	failed := func(words, method, path, body string) {
		t.Helper()
		task := c.task(c.taskID(c.want(200, method, path, body)))
		if task["state"] != "ERROR" || task["error"] != words || task["created_resources"] != nil {
			t.Errorf("%s %s %s: %v %v, want ERROR %q", method, path, body, task["state"], task["error"], words)
		}
	}
	group := groupsPath + "/" + id
	failed("Security group rule already exists. Rule id is "+there+".", "POST", group+"/rules", `{"direction":"ingress"}`)
	failed("Security group "+missing+" does not exist", "POST", group+"/rules", `{"direction":"ingress","remote_group_id":"`+missing+`"}`)
	failed("Security group "+missing+" does not exist", "PATCH", group, `{"rules":[{"direction":"ingress","remote_group_id":"`+missing+`"}]}`)
	failed("Duplicate Security Group Rule in POST.", "PATCH", group, `{"rules":[{"direction":"egress"},{"direction":"egress"}]}`)
	failed("Quota limit for firewall_count exceeded by 1", "POST", groupsPath, newGroup)
	for _, protocol := range []string{"tcp", "udp"} {
		c.finished("POST", group+"/rules", `{"direction":"ingress","protocol":"`+protocol+`"}`)
	}
	failed("Quota limit for security_group_rule_count exceeded by 1", "POST", group+"/rules", `{"direction":"ingress","protocol":"sctp"}`)
	c.want(400, "POST", group+"/rules", `{"direction":"ingress","port_range_min":1}`)
	c.want(409, "PATCH", group, `{"name":"default"}`)
}

func TestDuplicatesThatGetIn(t *testing.T) {
	t.Parallel()
	s := New(t, Config{AllowDuplicates: true})
	c := newClient(t, s)
	const rule = `{"direction":"ingress"}`
	id := c.createGroup(`{"name":"web","rules":[` + rule + `,` + rule + `]}`)
	c.finished("POST", groupsPath+"/"+id+"/rules", rule)
	if g, _ := s.Group(id); len(g.Rules) != 3 {
		t.Errorf("%d rules, want 3", len(g.Rules))
	}
	// A PATCH with one of them removes the others, unless it compares what rules say, not how many there are.
	for keeps, want := range map[bool]int{false: 1, true: 3} {
		s := New(t, Config{AllowDuplicates: true, PatchKeepsTwins: keeps})
		c := newClient(t, s)
		id := c.createGroup(`{"name":"web","rules":[` + rule + `,` + rule + `,` + rule + `]}`)
		r := c.want(200, "PATCH", groupsPath+"/"+id, `{"rules":[`+rule+`]}`)
		if g, _ := s.Group(id); len(g.Rules) != want || keeps != (len(r.body["tasks"].([]any)) == 0) {
			t.Errorf("PatchKeepsTwins %t: %d rules, want %d: %s", keeps, len(g.Rules), want, r.text)
		}
	}
}

func TestTasksOfTheLiveAPI(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Reading: Live})
	c := newClient(t, s)
	group := c.createGroup(`{"name":"web","tags":{"a":"b"},"rules":[{"direction":"ingress","remote_ip_prefix":"10.0.0.1","protocol":"tcp"}]}`)
	rules := c.want(200, "GET", readPath+"/"+group, "").body["security_group_rules"].([]any)
	_, made := c.finished("POST", groupsPath+"/"+group+"/rules", `{"direction":"ingress","ethertype":"IPv4","protocol":"tcp","port_range_min":22,"port_range_max":22,"remote_ip_prefix":"0.0.0.0/0","description":"Allow SSH"}`)
	c.finished("DELETE", groupsPath+"/"+group+"/rules/"+fmt.Sprint(rules[0].(map[string]any)["id"]), "")
	c.finished("PATCH", groupsPath+"/"+group, `{"description":"new","tags":{"a":null}}`)
	id := fmt.Sprint(rules[0].(map[string]any)["id"])
	prefixed := func(direction, low, high, prefix, description string) string {
		return `{"direction":"` + direction + `","ethertype":"IPv4","protocol":"tcp","port_range_min":` + low + `,"port_range_max":` + high +
			`,"remote_ip_prefix":"` + prefix + `","remote_group_id":null,"description":` + description + `,"security_group_id":null}`
	}
	want := []struct {
		kind, data    string
		groups, rules []string // of created_resources; nil for both: null
	}{
		{"create_security_group", `{"name":"web","description":null,"tags":{"a":"b"},"rules":[` + prefixed("ingress", "null", "null", "10.0.0.1/32", "null") + `]}`, []string{group}, []string{}},
		{"create_security_group_rule", `{"security_group_id":"` + group + `","rule":` + prefixed("ingress", "22", "22", "0.0.0.0/0", `"Allow SSH"`) + `}`, []string{}, made},
		{"delete_security_group_rule", `{"security_group_id":"` + group + `","security_group_rule_id":"` + id + `"}`, nil, nil},
		{"update_security_group", `{"name":null,"description":"new","rules":null,"tags":{"a":null},"security_group_id":"` + group + `"}`, []string{group}, []string{}},
	}
	tasks := c.want(200, "GET", "/cloud/v1/tasks?order_by=asc", "").body["results"].([]any)
	if len(tasks) != len(want) {
		t.Fatalf("%d tasks", len(tasks))
	}
	for i, entry := range tasks {
		task := entry.(map[string]any)
		data, err := parseJSON([]byte(want[i].data))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(data, task["data"]); diff != "" || task["task_type"] != want[i].kind {
			t.Errorf("data of %v (-want +got):\n%s", task["task_type"], diff)
		}
		created, _ := task["created_resources"].(map[string]any)
		if want[i].groups == nil {
			if task["created_resources"] != nil {
				t.Errorf("created_resources of %s: %v", want[i].kind, created)
			}
			continue
		}
		if diff := cmp.Diff([][]string{want[i].groups, want[i].rules}, [][]string{texts(created["security_groups"]), texts(created["security_group_rules"])}); diff != "" {
			t.Errorf("created_resources of %s (-want +got):\n%s", want[i].kind, diff)
		}
	}
}

func TestTaskSwitches(t *testing.T) {
	t.Parallel()
	c := newClient(t, New(t, Config{Reading: Live, NoTaskData: true, EmptyTaskResources: true}))
	id := c.createGroup(newGroup)
	task := c.task(c.taskID(c.want(200, "PATCH", groupsPath+"/"+id, `{"description":"new"}`)))
	created, _ := task["created_resources"].(map[string]any)
	if task["data"] != nil || len(created) < 30 || len(texts(created["security_groups"])) != 0 {
		t.Errorf("task %v", task)
	}
}

func TestClocksThatDiffer(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now, DateOffset: time.Hour, TaskTimeOffset: -time.Minute, ObjectTimeOffset: time.Minute})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress"}]}`)
	r := c.want(200, "GET", readPath+"/"+id, "")
	rule := r.body["security_group_rules"].([]any)[0].(map[string]any)
	task := c.want(200, "GET", "/cloud/v1/tasks", "").body["results"].([]any)[0].(map[string]any)
	got := fmt.Sprint(r.header.Get("Date"), " ", r.body["created_at"], " ", r.body["updated_at"], " ", rule["created_at"], " ", task["created_on"], " ", task["finished_on"])
	want := "Sun, 22 Nov 2026 04:33:17 GMT 2026-11-22T03:34:17+0000 2026-11-22T03:34:17+0000 2026-11-22T03:34:17+0000 2026-11-22T03:32:17 2026-11-22T03:32:17"
	if got != want {
		t.Errorf("dates\n%s, want\n%s", got, want)
	}
	for query, count := range map[string]string{"?from_timestamp=2026-11-22T03:32:17Z": "1", "?from_timestamp=2026-11-22T03:32:18Z": "0"} {
		if got := fmt.Sprint(c.want(200, "GET", "/cloud/v1/tasks"+query, "").body["count"]); got != count {
			t.Errorf("%s: %s tasks, want %s", query, got, count)
		}
	}
	if at := s.History()[0].Time; !at.Equal(now.Now()) {
		t.Errorf("the history has the time %s, want that of the server's clock", at)
	}
}
