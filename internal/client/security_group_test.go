package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// groupAnswer has each form of a field: dates with and without an offset, null, a number as protocol, unknown fields.
const groupAnswer = `{
	"id": "` + groupID + `", "name": "web", "description": null, "project_id": 11, "region_id": 22,
	"region": "Luxembourg-2", "created_at": "2019-06-18T11:56:16+0000", "updated_at": "2019-06-18T13:56:17.5+02:00",
	"revision_number": 7, "tags": ["a=b"], "new_field": {"x": [1]},
	"tags_v2": [{"key": "a", "value": "b", "read_only": false}, {"key": "p", "value": "q", "read_only": true}],
	"security_group_rules": [
		{"id": "` + ruleID + `", "security_group_id": "` + groupID + `", "direction": "ingress", "ethertype": "IPv4",
		 "protocol": "tcp", "port_range_min": 0, "port_range_max": 443, "remote_ip_prefix": "10.0.0.1/8",
		 "remote_group_id": null, "description": "https", "revision_number": 1,
		 "created_at": "2019-06-18T11:56:16", "updated_at": "next Tuesday"},
		{"id": "r2", "direction": "egress", "ethertype": null, "protocol": null, "port_range_min": null,
		 "port_range_max": null, "remote_ip_prefix": null, "remote_group_id": "` + groupID + `", "description": null,
		 "created_at": null, "updated_at": 12},
		{"id": "r3", "direction": "egress", "protocol": 112, "description": ""},
		{"id": "r4", "direction": "egress", "protocol": "any"},
		{"id": "r5", "direction": "egress", "protocol": "51"}
	]}`

func moment(hour, minute, second int) client.Time {
	return client.Time{Time: time.Date(2019, 6, 18, hour, minute, second, 0, time.UTC)}
}

func TestReadSecurityGroup(t *testing.T) {
	t.Parallel()
	s := play(t, step{want: "GET /cloud/v1/securitygroups/11/22/" + groupID, answer: groupAnswer})
	got, err := s.client().SecurityGroup(t.Context(), here, groupID)
	if err != nil {
		t.Fatal(err)
	}
	want := client.SecurityGroup{
		ID: groupID, Name: "web", ProjectID: 11, RegionID: 22, Region: "Luxembourg-2",
		CreatedAt: moment(11, 56, 16), UpdatedAt: client.Time{Time: moment(11, 56, 17).Add(500 * time.Millisecond)},
		RevisionNumber: 7,
		Tags:           []client.Tag{{Key: "a", Value: "b"}, {Key: "p", Value: "q", ReadOnly: true}},
		Rules: []client.SecurityGroupRule{
			{
				ID: ruleID, SecurityGroupID: groupID, Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"),
				PortRangeMin: new(int64(0)), PortRangeMax: new(int64(443)), RemoteIPPrefix: new("10.0.0.1/8"),
				Description: new("https"), RevisionNumber: 1, CreatedAt: moment(11, 56, 16),
			},
			{ID: "r2", Direction: "egress", RemoteGroupID: new(groupID)},
			{ID: "r3", Direction: "egress", Protocol: new("112"), Description: new("")},
			{ID: "r4", Direction: "egress", Protocol: new("any")},
			{ID: "r5", Direction: "egress", Protocol: new("51")},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("group differs (-want +got):\n%s", diff)
	}
}

func TestRulesFieldAbsentAndEmpty(t *testing.T) {
	t.Parallel()
	for rules, wantNil := range map[string]bool{
		``:                              true,
		`,"security_group_rules": null`: true,
		`,"security_group_rules": []`:   false,
	} {
		s := play(t, step{answer: `{"id":"g"` + rules + `}`})
		group, err := s.client().SecurityGroup(t.Context(), here, "g")
		if err != nil {
			t.Error(err)
		}
		if got := group.Rules == nil; got != wantNil || len(group.Rules) != 0 {
			t.Errorf("%q: rules %#v, want nil: %t", rules, group.Rules, wantNil)
		}
	}
}

// A rule that the answer repeats, with the same id, is one rule, of a group and of a list.
func TestRepeatedRule(t *testing.T) {
	t.Parallel()
	const group = `{"id":"g","security_group_rules":[
		{"id":"r1","direction":"egress"},{"id":"r2","direction":"egress"},{"id":"r1","direction":"egress"}
	]}`
	s := play(t, step{answer: group}, step{answer: `{"count":1,"results":[` + group + `]}`})
	check := func(got client.SecurityGroup, err error) {
		want := client.SecurityGroup{ID: "g", Rules: []client.SecurityGroupRule{{ID: "r1", Direction: "egress"}, {ID: "r2", Direction: "egress"}}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("error %v, group (-want +got):\n%s", err, diff)
		}
	}
	check(s.client().SecurityGroup(t.Context(), here, "g"))
	for got, err := range s.client().SecurityGroups(t.Context(), here, client.SecurityGroupFilter{}) {
		check(got, err)
	}
}

func TestWrongTypesNameTheField(t *testing.T) {
	t.Parallel()
	for answer, field := range map[string]string{
		`{"id":"g","project_id":"eleven"}`:                                        `"project_id"`,
		`{"id":"g","tags_v2":{"a":"b"}}`:                                          `"tags_v2"`,
		`{"id":"g","security_group_rules":[{"id":"r","port_range_min":"80"}]}`:    `"security_group_rules.port_range_min"`,
		`{"id":"g","security_group_rules":[{"id":"r","port_range_min":80.5}]}`:    `"security_group_rules.port_range_min"`,
		`{"id":"g","security_group_rules":[{"id":"r","protocol":{"number": 6}}]}`: `"security_group_rules.protocol"`,
		`{"id":"g","security_group_rules":[{"id":"r","protocol":[]}]}`:            `"security_group_rules.protocol"`,
		`{"id":"g","security_group_rules":[{"id":"r","protocol":true}]}`:          `"security_group_rules.protocol"`,
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			// There is one request only: a retry would get the same answer.
			s := play(t, step{answer: answer})
			group, err := s.client().SecurityGroup(t.Context(), here, "g")
			if err == nil || !strings.Contains(err.Error(), "the field "+field) ||
				!strings.Contains(err.Error(), "/cloud/v1/securitygroups/11/22/g") {
				t.Errorf("error %v, want one that names %s and the path", err, field)
			}
			if diff := cmp.Diff(client.SecurityGroup{}, group); diff != "" {
				t.Errorf("something was returned beside the error:\n%s", diff)
			}
		})
	}
}

func TestCreateSecurityGroup(t *testing.T) {
	t.Parallel()
	lowest, highest := int64(1), int64(65535)
	type request = client.CreateSecurityGroupRequest
	tests := map[string]struct {
		group request
		body  string
	}{
		"name alone": {request{Name: "web"}, `{"name":"web"}`},
		"nothing in anything": {
			request{Name: "web", Rules: &[]client.RuleRequest{}, Tags: map[string]string{}},
			`{"name":"web","rules":[]}`,
		},
		"nil list":   {request{Name: "web", Rules: new([]client.RuleRequest)}, `{"name":"web","rules":[]}`},
		"HTML's own": {request{Name: "web", Description: `<a> & "b"`}, `{"name":"web","description":"<a> & \"b\""}`},
		"everything": {
			request{
				Name: "web", Description: "front", Tags: map[string]string{"k": "v"},
				Rules: &[]client.RuleRequest{
					{Direction: "egress"},
					{
						Direction: "ingress", Ethertype: "IPv6", Protocol: "tcp", PortRangeMin: &lowest, PortRangeMax: &highest,
						RemoteIPPrefix: "::/0", Description: "all",
					},
					{Direction: "ingress", Protocol: "icmp", PortRangeMin: new(int64(0)), RemoteGroupID: groupID},
				},
			},
			`{"name":"web","description":"front","tags":{"k":"v"},"rules":[{"direction":"egress"},
			  {"direction":"ingress","ethertype":"IPv6","protocol":"tcp","port_range_min":1,"port_range_max":65535,
			   "remote_ip_prefix":"::/0","description":"all"},
			  {"direction":"ingress","protocol":"icmp","port_range_min":0,"remote_group_id":"` + groupID + `"}]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{
				want: "POST /cloud/v2/security_groups/11/22", body: test.body, answer: `{"tasks":["` + taskID + `"]}`,
			})
			got, err := s.client().CreateSecurityGroup(t.Context(), here, test.group)
			if err != nil || got != taskID {
				t.Errorf("task %q, error %v", got, err)
			}
		})
	}
}

func TestUpdateSecurityGroup(t *testing.T) {
	t.Parallel()
	type request = client.UpdateSecurityGroupRequest
	tests := map[string]struct {
		change request
		body   string
		answer string
		want   []string
	}{
		"name": {request{Name: new("db")}, `{"name":"db"}`, `{"tasks":["t1"]}`, []string{"t1"}},
		"description removed": {
			request{Description: new("")}, `{"description":""}`, `{"tasks":["t1","t2"]}`, []string{"t1", "t2"},
		},
		"no rules":  {request{Rules: &[]client.RuleRequest{}}, `{"rules":[]}`, `{"tasks":["t1"]}`, []string{"t1"}},
		"nil rules": {request{Rules: new([]client.RuleRequest)}, `{"rules":[]}`, `{"tasks":["t1"]}`, []string{"t1"}},
		"a rule": {
			request{Rules: &[]client.RuleRequest{{Direction: "egress"}}},
			`{"rules":[{"direction":"egress"}]}`, `{"tasks":["t1"]}`, []string{"t1"},
		},
		"tags, done at once": {
			request{Tags: map[string]*string{"a": new("b"), "c": nil}},
			`{"tags":{"a":"b","c":null}}`, `{"tasks":[]}`, []string{},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{
				want: "PATCH /cloud/v2/security_groups/11/22/" + groupID, body: test.body, answer: test.answer,
			})
			got, err := s.client().UpdateSecurityGroup(t.Context(), here, groupID, test.change)
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("tasks differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpdateWithNothingToSay(t *testing.T) {
	t.Parallel()
	s := play(t)
	c := s.client()
	for _, change := range []client.UpdateSecurityGroupRequest{{}, {Tags: map[string]*string{}}} {
		if tasks, err := c.UpdateSecurityGroup(t.Context(), here, groupID, change); err != nil || len(tasks) != 0 {
			t.Errorf("tasks %v, error %v", tasks, err)
		}
	}
}

func TestRequestsForRules(t *testing.T) {
	t.Parallel()
	path := "/cloud/v2/security_groups/11/22/" + groupID + "/rules"
	s := play(t,
		step{
			want: "POST " + path, answer: `{"tasks":["t1"]}`,
			body: `{"direction":"ingress","ethertype":"IPv4","protocol":"udp","port_range_min":53,"port_range_max":53}`,
		},
		step{want: "DELETE " + path + "/" + ruleID, answer: `{"tasks":["t2"]}`},
		step{want: "DELETE " + path + "/" + ruleID, answer: `{"tasks":[]}`},
	)
	c := s.client()
	task, err := c.CreateSecurityGroupRule(t.Context(), here, groupID, client.RuleRequest{
		Direction: "ingress", Ethertype: "IPv4", Protocol: "udp", PortRangeMin: new(int64(53)), PortRangeMax: new(int64(53)),
	})
	if err != nil || task != "t1" {
		t.Errorf("task %q, error %v", task, err)
	}
	for _, want := range [][]string{{"t2"}, {}} {
		got, err := c.DeleteSecurityGroupRule(t.Context(), here, groupID, ruleID)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tasks differ (-want +got):\n%s", diff)
		}
	}
}

func TestRevertSecurityGroup(t *testing.T) {
	t.Parallel()
	want := "POST /cloud/v1/securitygroups/11/22/" + groupID + "/revert"
	status := func(code int, class string) step {
		return step{want: want, status: code, answer: apiError(class, "words about "+groupID)}
	}
	for name, test := range map[string]struct {
		step  step
		kinds []string
	}{
		"done":    {step{want: want, answer: groupAnswer}, nil},
		"a page":  {step{want: want, answer: "<html>Welcome</html>"}, []string{"ambiguous"}},
		"lost":    {step{want: want, act: reset}, []string{"ambiguous"}},
		"gone":    {status(404, "SecurityGroupNotFound"), []string{"not found"}},
		"locked":  {status(409, "ConflictError"), []string{"conflict"}},
		"refused": {status(403, "ForbiddenError"), []string{"forbidden"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := play(t, test.step).client().RevertSecurityGroup(t.Context(), here, groupID)
			if diff := cmp.Diff(test.kinds, kinds(err)); diff != "" {
				t.Errorf("kinds of %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// These answers of 2xx name no task. The request was accepted, so that a retry could do the work twice.
func TestTasksThatAreNotNamed(t *testing.T) {
	t.Parallel()
	answers := []string{`{}`, `null`, `{"tasks":null}`, `{"tasks":[""]}`, `{"tasks":[null]}`, `{"tasks":"t1"}`, `[]`, `"ok"`, ``}
	for _, answer := range append(answers, `{"tasks":[]}`, `{"tasks":["a","b"]}`) {
		t.Run("POST "+answer, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{answer: answer}, step{answer: answer})
			c := s.client()
			_, group := c.CreateSecurityGroup(t.Context(), here, client.CreateSecurityGroupRequest{Name: "web"})
			_, rule := c.CreateSecurityGroupRule(t.Context(), here, groupID, client.RuleRequest{Direction: "egress"})
			for _, err := range []error{group, rule} {
				if !errors.Is(err, client.ErrAmbiguous) {
					t.Errorf("error %v, want an ambiguous one", err)
				}
			}
		})
	}
	for _, answer := range answers {
		t.Run("PATCH "+answer, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{answer: answer})
			change := client.UpdateSecurityGroupRequest{Name: new("db")}
			_, err := s.client().UpdateSecurityGroup(t.Context(), here, groupID, change)
			if !errors.Is(err, client.ErrAmbiguous) {
				t.Errorf("error %v, want an ambiguous one", err)
			}
		})
	}
	t.Run("DELETE", func(t *testing.T) {
		t.Parallel()
		_, err := play(t, step{answer: `{}`}).client().DeleteSecurityGroupRule(t.Context(), here, groupID, ruleID)
		if !errors.Is(err, client.ErrAmbiguous) {
			t.Errorf("error %v, want an ambiguous one", err)
		}
	})
}

// An answer without ids is unreadable, and the request is retried.
func TestAnswersWithoutIdentity(t *testing.T) {
	t.Parallel()
	read := func(ctx context.Context, c *client.Client) error {
		_, err := c.SecurityGroup(ctx, here, "g")
		return err
	}
	task := func(ctx context.Context, c *client.Client) error {
		_, err := c.Task(ctx, taskID)
		return err
	}
	instances := func(ctx context.Context, c *client.Client) error {
		_, _, err := c.SecurityGroupInstances(ctx, here, "g")
		return err
	}
	tests := []struct {
		call      func(context.Context, *client.Client) error
		bad, good string
	}{
		{read, `{"name":"web"}`, `{"id":"g"}`},
		{read, `{"id":"g","security_group_rules":[{"direction":"egress"}]}`, `{"id":"g"}`},
		{read, `{"id":"g","security_group_rules":[{"id":"r"}]}`, `{"id":"g"}`},
		{read, `{"id":"g","security_group_rules":[null]}`, `{"id":"g"}`},
		{read, `{"id":"g","tags_v2":[null]}`, `{"id":"g"}`},
		{read, `{"id":"g","tags_v2":[{"key":null,"value":"x"}]}`, `{"id":"g"}`},
		{read, `{"id":"g","tags_v2":[{"value":"x"}]}`, `{"id":"g"}`},
		{task, `{"state":"NEW"}`, poll("NEW").answer},
		{task, `{"id":"t","state":null}`, poll("NEW").answer},
		{instances, `{"results":[{"name":"one"}]}`, `{"results":[]}`},
	}
	for _, test := range tests {
		t.Run(test.bad, func(t *testing.T) {
			t.Parallel()
			if err := test.call(t.Context(), play(t, step{answer: test.bad}, step{answer: test.good}).client()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSecurityGroupInstances(t *testing.T) {
	t.Parallel()
	path := "GET /cloud/v1/securitygroups/11/22/" + groupID + "/instances"
	s := play(t,
		step{want: path, answer: `{"count":2,"results":[{"id":"i1","name":"one"},{"instance_id":"i2","instance_name":"two"}]}`},
		step{want: path, answer: `{"count":0,"results":[]}`},
		step{want: path, answer: `{"count":7,"results":[{"id":"i1","name":"one"}]}`},
		step{want: path, answer: `{"results":[{"id":"i1","name":"one"}]}`},
	)
	counts := []int64{2, 0, 7, 1}
	c := s.client()
	for _, want := range [][]client.Instance{{{ID: "i1", Name: "one"}, {ID: "i2", Name: "two"}}, {}, {{ID: "i1", Name: "one"}}, {{ID: "i1", Name: "one"}}} {
		got, count, err := c.SecurityGroupInstances(t.Context(), here, groupID)
		if err != nil || count != counts[0] {
			t.Errorf("%d are counted, want %d: %v", count, counts[0], err)
		}
		counts = counts[1:]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("instances differ (-want +got):\n%s", diff)
		}
	}
}
