package gcoretest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestRuleIsMadeAndDeleted(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[]}`)
	now.advance(time.Minute)
	groups, rules := c.finished("POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress","remote_group_id":"`+id+`"}`)
	if len(groups) != 0 || len(rules) != 1 {
		t.Fatalf("created groups %v, rules %v", groups, rules)
	}
	g, _ := s.Group(id)
	if len(g.Rules) != 1 || g.Rules[0].ID != rules[0] || *g.Rules[0].RemoteGroupID != id || *g.Rules[0].Description != "" {
		t.Errorf("rules %+v", g.Rules)
	}
	if g.RevisionNumber != 3 || g.UpdatedAt.Sub(g.CreatedAt) != time.Minute || g.Rules[0].CreatedAt != g.UpdatedAt {
		t.Errorf("revision %d, updated %s after creation", g.RevisionNumber, g.UpdatedAt.Sub(g.CreatedAt))
	}
	path := groupsPath + "/" + id + "/rules/" + rules[0]
	if groups, rules := c.finished("DELETE", path, ""); len(groups)+len(rules) != 0 {
		t.Errorf("a deletion created %v %v", groups, rules)
	}
	if g, _ := s.Group(id); len(g.Rules) != 0 || g.RevisionNumber != 4 {
		t.Errorf("group %+v", g)
	}
	if r := c.want(404, "DELETE", path, ""); r.body["message"] != "SecurityGroupRule "+rules[0]+" could not be found" {
		t.Errorf("%s", r.text)
	}
	c.want(204, "DELETE", readPath+"/"+id, "")
	c.want(404, "DELETE", path, "")
	c.want(404, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`)
}

func TestRuleLimit(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "full"})
	for i := range 250 {
		s.AddRule(id, Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(i + 1), PortRangeMax: new(i + 1)})
	}
	// The limit wins over what Neutron would say of the rule, but not over the contract.
	r := c.want(400, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress","port_range_min":1}`)
	if r.body["exception_class"] != "QuotaLimitExceed" || !strings.Contains(r.text, `"current_usage":250,"limit":250,"requested_usage":251`) {
		t.Errorf("%s", r.text)
	}
	c.want(400, "POST", groupsPath+"/"+id+"/rules", `{"direction":"up"}`)
}

func TestRuleThatIsThereAlready(t *testing.T) {
	t.Parallel()
	s := New(t, Config{AcceptIPv6ICMP: true})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress","ethertype":"IPv6","protocol":"icmp"}]}`)
	g, _ := s.Group(id)
	r := c.want(409, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress","ethertype":"IPv6","protocol":"ipv6-icmp","remote_ip_prefix":"::/0","description":"other"}`)
	if want := "Security group rule already exists. Rule id is " + g.Rules[0].ID + "."; r.body["message"] != want {
		t.Errorf("%s, want %s", r.text, want)
	}
}

// TestRuleTasksSeeWhatHappenedMeanwhile: what was right at acceptance may be wrong when the task runs.
func TestRuleTasksSeeWhatHappenedMeanwhile(t *testing.T) {
	t.Parallel()
	const rule = `{"direction":"ingress","protocol":"tcp"}`
	tests := []struct {
		name, method, body string
		meanwhile          func(s *Server, group, rule, remote string)
		want               string
	}{
		{"same rule made", "POST", rule, func(s *Server, group, _, _ string) {
			s.AddRule(group, Rule{ID: "first", Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("6")})
		}, "Security group rule already exists. Rule id is first."},
		{"group gone", "POST", rule, func(s *Server, group, _, _ string) { s.DeleteGroup(group) }, "Security group GROUP does not exist"},
		{"remote group gone", "POST", `{"direction":"ingress","remote_group_id":"REMOTE"}`, func(s *Server, _, _, remote string) { s.DeleteGroup(remote) }, "Security group REMOTE does not exist"},
		{"group full", "POST", rule, func(s *Server, group, _, _ string) {
			s.AddRule(group, Rule{Direction: "ingress", Ethertype: new("IPv6")})
		}, "Quota limit for security_group_rule_count exceeded by 1"},
		{"rule gone", "DELETE", "", func(s *Server, _, rule, _ string) { s.DeleteRule(rule) }, "Security group rule RULE does not exist"},
		{"group of the rule gone", "DELETE", "", func(s *Server, group, _, _ string) { s.DeleteGroup(group) }, "Security group GROUP does not exist"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			limit := 3
			if test.name == "group full" {
				limit = 2
			}
			s := New(t, Config{TaskDuration: time.Second, Now: now.Now, RuleLimit: limit})
			c := newClient(t, s)
			group := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
			remote := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "remote"})
			rule := s.AddRule(group, Rule{Direction: "egress", Ethertype: new("IPv4")})
			path := groupsPath + "/" + group + "/rules"
			if test.method == "DELETE" {
				path += "/" + rule
			}
			names := strings.NewReplacer("GROUP", group, "REMOTE", remote, "RULE", rule)
			task := c.taskID(c.want(200, test.method, path, names.Replace(test.body)))
			test.meanwhile(s, group, rule, remote)
			before, _ := s.Group(group)
			now.advance(time.Second)
			got := c.task(task)
			if got["state"] != "ERROR" || got["error"] != names.Replace(test.want) || got["created_resources"] != nil {
				t.Errorf("task %v: %v, want %q", got["state"], got["error"], names.Replace(test.want))
			}
			if after, _ := s.Group(group); after.RevisionNumber != before.RevisionNumber {
				t.Error("the group changed")
			}
		})
	}
}

func TestParallelTasksOfOneRule(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{NoLock: true, TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	var tasks []string
	for range 3 {
		tasks = append(tasks, c.taskID(c.want(200, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress"}`)))
	}
	now.advance(time.Second)
	var states []string
	for _, task := range tasks {
		states = append(states, fmt.Sprint(c.task(task)["state"]))
	}
	if got := strings.Join(states, " "); got != "FINISHED ERROR ERROR" {
		t.Errorf("states %s", got)
	}
	if g, _ := s.Group(id); len(g.Rules) != 1 {
		t.Errorf("%d rules, want 1", len(g.Rules))
	}
}

func TestRemoteGroupOfAnotherRegionDoesNotExist(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
	remote := s.AddGroup(Group{ProjectID: 1, RegionID: 3, Name: "far"})
	newClient(t, s).want(404, "POST", groupsPath+"/"+id+"/rules", `{"direction":"ingress","remote_group_id":"`+remote+`"}`)
}

func TestHostBits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		hostBits HostBits
		sent     string
		want     string // "" is a 400
	}{
		{HostBitsRefuse, "10.0.0.1/8", ""},
		{HostBitsKeep, "10.0.0.1/8", "10.0.0.1/8"},
		{HostBitsMask, "10.0.0.1/8", "10.0.0.0/8"},
		{HostBitsMask, "10.0.0.1", "10.0.0.1/32"},
		{HostBitsRefuse, "2001:db8::1/32", ""},
		{HostBitsKeep, "2001:DB8::1/32", "2001:db8::1/32"},
		{HostBitsMask, "2001:db8::1/32", "2001:db8::/32"},
		{HostBitsKeep, "0.0.0.0", "0.0.0.0/32"},
	}
	for _, test := range tests {
		s := New(t, Config{HostBits: test.hostBits})
		id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "web"})
		ethertype := map[bool]string{true: "IPv6", false: "IPv4"}[strings.Contains(test.sent, ":")]
		r := newClient(t, s).do("POST", groupsPath+"/"+id+"/rules",
			fmt.Sprintf(`{"direction":"ingress","ethertype":%q,"remote_ip_prefix":%q}`, ethertype, test.sent))
		got := ""
		if g, _ := s.Group(id); len(g.Rules) == 1 {
			got = *g.Rules[0].RemoteIPPrefix
		}
		if got != test.want || (r.status == 400) != (test.want == "") {
			t.Errorf("%v %s: status %d, stored %q, want %q", test.hostBits, test.sent, r.status, got, test.want)
		}
	}
}
