package gcoretest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const readPath = "/cloud/v1/securitygroups/1/2"

func TestGroupAnswerHasTheDocumentedShape(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","tags":{"b":"2","a":"1=x"},"rules":[
		{"direction":"ingress","protocol":"tcp","port_range_min":80,"port_range_max":443,"remote_ip_prefix":"2001:DB8::/32","ethertype":"IPv6","description":"d"}]}`)
	s.SetTag(id, "system", "yes", true)

	got := c.want(200, "GET", readPath+"/"+id, "").body
	rules := got["security_group_rules"].([]any)
	ruleID := rules[0].(map[string]any)["id"].(string)
	want := fmt.Sprintf(`{"id":%q,"name":"web","description":"","project_id":1,"region_id":2,"region":"Region-2",
		"created_at":"2026-11-22T03:33:17+0000","updated_at":"2026-11-22T03:33:17+0000","revision_number":4,
		"tags":["a=1=x","b=2","system=yes"],
		"metadata":[{"key":"a","value":"1=x","read_only":false},{"key":"b","value":"2","read_only":false},{"key":"system","value":"yes","read_only":true}],
		"tags_v2":[{"key":"a","value":"1=x","read_only":false},{"key":"b","value":"2","read_only":false},{"key":"system","value":"yes","read_only":true}],
		"security_group_rules":[{"id":%q,"security_group_id":%q,"direction":"ingress","ethertype":"IPv6","protocol":"tcp",
			"port_range_min":80,"port_range_max":443,"remote_ip_prefix":"2001:db8::/32","remote_group_id":null,"description":"d",
			"revision_number":0,"created_at":"2026-11-22T03:33:17+0000","updated_at":"2026-11-22T03:33:17+0000"}]}`, id, ruleID, id)
	tree, err := parseJSON([]byte(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tree, any(got)); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
}

func TestDescriptionCanBeNullAsInOlderAnswers(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "old", NullDescription: true})
	if got, present := c.want(200, "GET", readPath+"/"+id, "").body["description"]; got != nil || !present {
		t.Errorf("description = %v (present %t), want null", got, present)
	}
}

var sameRuleContent = cmpopts.IgnoreFields(Rule{}, "ID", "GroupID", "CreatedAt", "UpdatedAt")

func sortedRules(rules []Rule) []Rule {
	rules = slices.Clone(rules)
	slices.SortFunc(rules, func(a, b Rule) int {
		return strings.Compare(fmt.Sprint(a.key()), fmt.Sprint(b.key()))
	})
	return rules
}

func TestRulesOfANewGroup(t *testing.T) {
	t.Parallel()
	ingress := Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), Description: new("")}
	egress := Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp"), Description: new("")}
	const ingressJSON, egressJSON = `{"direction":"ingress","protocol":"tcp"}`, `{"direction":"egress","protocol":"udp"}`
	tests := []struct {
		name   string
		config Config
		rules  string
		want   []Rule
	}{
		{"omitted: the default template", Config{}, ``, EgressTemplate()},
		{"omitted: the older template", Config{Reading: Older}, ``, DefaultRules()},
		{"omitted: another template", Config{DefaultRules: []Rule{ingress}}, ``, []Rule{ingress}},
		{"empty", Config{AddDefaultEgress: true}, `,"rules":[]`, []Rule{}},
		{"given", Config{}, `,"rules":[` + ingressJSON + `]`, []Rule{ingress}},
		{"egress is added", Config{AddDefaultEgress: true}, `,"rules":[` + ingressJSON + `]`, append(defaultEgress(), ingress)},
		{"egress is there", Config{AddDefaultEgress: true}, `,"rules":[` + egressJSON + `]`, []Rule{egress}},
	}
	for _, test := range tests {
		if test.config.Reading != Older {
			for i := range test.want {
				test.want[i].Description = new("")
			}
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(t, test.config)
			id := newClient(t, s).createGroup(`{"name":"web"` + test.rules + `}`)
			g, _ := s.Group(id)
			if diff := cmp.Diff(sortedRules(test.want), sortedRules(g.Rules), sameRuleContent, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if want := s.config.FirstRevision + int64(len(test.want)); g.RevisionNumber != want {
				t.Errorf("revision %d, want %d", g.RevisionNumber, want)
			}
			if !slices.IsSortedFunc(g.Rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) }) {
				t.Error("rules are not in the order of their ids")
			}
		})
	}
}

func TestCreateGroupRefused(t *testing.T) {
	t.Parallel()
	const missing = "11111111-1111-4111-8111-111111111111"
	manyRules := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"direction":"ingress","protocol":"tcp","port_range_min":%d,"port_range_max":%[1]d}`, i+1))
		}
		return strings.Join(list, ",")
	}
	tests := []struct {
		name, body string
		config     Config
		status     int
		class      string
		field      string // of invalid_fields
	}{
		{"name too short", `{"name":"ab"}`, Config{}, 400, "ValidationError", "name"},
		{"name ends with a hyphen", `{"name":"web-"}`, Config{}, 400, "ValidationError", "name"},
		{"default", `{"name":"Default"}`, Config{}, 409, "SecurityGroupDefaultAlreadyExists", ""},
		{"bad prefix", `{"name":"web","rules":[{"direction":"ingress","remote_ip_prefix":"10.0.0.0/33"}]}`, Config{}, 400, "ValidationError", "rules.0.remote_ip_prefix"},
		{"host bits", `{"name":"web","rules":[{"direction":"ingress","remote_ip_prefix":"10.0.0.1/8"}]}`, Config{}, 400, "ValidationError", "rules.0.remote_ip_prefix"},
		{"protocol any", `{"name":"web","rules":[{"direction":"ingress","protocol":"any"}]}`, Config{}, 400, "ValidationError", "rules.0.protocol"},
		{"neutron's rule", `{"name":"web","rules":[{"direction":"ingress","protocol":"tcp","port_range_min":1}]}`, Config{}, 400, "SecurityGroupInvalidPortRange", ""},
		{"duplicate", `{"name":"web","rules":[{"direction":"ingress","description":"a"},{"direction":"ingress","remote_ip_prefix":"0.0.0.0/0"}]}`, Config{}, 409, "DuplicateSecurityGroupRuleInPost", ""},
		{"remote group missing", `{"name":"web","rules":[{"direction":"ingress","remote_group_id":"` + missing + `"}]}`, Config{}, 404, "SecurityGroupNotFound", ""},
		{"remote group no version 4", `{"name":"web","rules":[{"direction":"ingress","remote_group_id":"11111111-1111-1111-1111-111111111111"}]}`, Config{}, 400, "ValidationError", "rules.0.remote_group_id"},
		{"251 rules", `{"name":"web","rules":[` + manyRules(251) + `]}`, Config{}, 400, "ValidationError", "rules"},
		{"250 rules and default egress", `{"name":"web","rules":[` + manyRules(250) + `]}`, Config{AddDefaultEgress: true}, 400, "QuotaLimitExceed", ""},
		{"tag key with a space", `{"name":"web","tags":{"a b":"c"}}`, Config{}, 400, "ValidationError", "tags.a b"},
		{"tag value padded", `{"name":"web","tags":{"a":" c"}}`, Config{}, 400, "ValidationError", "tags.a"},
		{"tag keys differ in case", `{"name":"web","tags":{"a":"c","A":"d"}}`, Config{}, 409, "ConflictError", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(t, test.config)
			r := newClient(t, s).want(test.status, "POST", groupsPath, test.body)
			if r.body["exception_class"] != test.class {
				t.Errorf("exception_class %v, want %s: %s", r.body["exception_class"], test.class, r.text)
			}
			fields, _ := r.body["invalid_fields"].(map[string]any)
			if _, ok := fields[test.field]; test.field != "" && !ok {
				t.Errorf("invalid_fields %v, want %s", fields, test.field)
			}
			if id, _ := r.body["request_id"].(string); len(id) != 32 {
				t.Errorf("request_id %q, want 32 digits", id)
			}
			if groups := s.Groups(1, 2); len(groups) != 0 {
				t.Errorf("%d groups were made", len(groups))
			}
		})
	}
}

func TestQuotaOfGroups(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{GroupLimit: 1, TaskDuration: time.Second, Now: now.Now})
	c := newClient(t, s)
	// Nothing counts what is only accepted: both get in, and the second one fails in its task.
	first := c.taskID(c.want(200, "POST", groupsPath, `{"name":"one"}`))
	second := c.taskID(c.want(200, "POST", groupsPath, `{"name":"two"}`))
	now.advance(time.Second)
	if got := c.task(first)["state"]; got != "FINISHED" {
		t.Errorf("first task is %v", got)
	}
	failed := c.task(second)
	if failed["state"] != "ERROR" || failed["error"] != "Quota limit for firewall_count exceeded by 1" || failed["created_resources"] != nil {
		t.Errorf("second task is %v", failed)
	}
	r := c.want(400, "POST", groupsPath, `{"name":"two"}`)
	want := `{"attribute":"firewall_count","current_usage":1,"limit":1,"requested_usage":2}`
	if !strings.Contains(r.text, `"info":`+want) {
		t.Errorf("info missing in %s", r.text)
	}
	newClient(t, s).want(200, "POST", "/cloud/v2/security_groups/1/3", `{"name":"elsewhere"}`)
}

func TestDeleteGroup(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web"}`)
	path := readPath + "/" + id
	s.UseGroup(id, Instance{Name: "vm"})
	if got := c.want(409, "DELETE", path, "").body["exception_class"]; got != "SecurityGroupInUse" {
		t.Errorf("class %v", got)
	}
	instances := c.want(200, "GET", path+"/instances", "").body
	if fmt.Sprint(instances["count"]) != "1" || instances["results"].([]any)[0].(map[string]any)["name"] != "vm" {
		t.Errorf("instances %v", instances)
	}
	s.ReleaseGroup(id)
	if r := c.want(204, "DELETE", path, ""); r.text != "" {
		t.Errorf("204 with a body: %q", r.text)
	}
	for _, method := range []string{"GET", "DELETE"} {
		r := c.want(404, method, path, "")
		if r.body["exception_class"] != "NotFoundError" || r.body["message"] != "SecurityGroup "+id+" could not be found" {
			t.Errorf("%s: %s", method, r.text)
		}
	}
	c.want(409, "DELETE", readPath+"/"+s.AddDefaultGroup(1, 2), "")
}

func TestDeletingAGroupTakesRulesThatNameItAlong(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	remote := c.createGroup(`{"name":"remote","rules":[]}`)
	id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress","remote_group_id":"` + strings.ToUpper(remote) + `"},
		{"direction":"egress","remote_group_id":"` + remote + `"},{"direction":"egress","protocol":"tcp"}]}`)
	before, _ := s.Group(id)
	c.want(204, "DELETE", readPath+"/"+remote, "")
	after, _ := s.Group(id)
	if len(after.Rules) != 1 || after.RevisionNumber != before.RevisionNumber+1 {
		t.Errorf("%d rules at revision %d, want 1 at %d", len(after.Rules), after.RevisionNumber, before.RevisionNumber+1)
	}
}

func TestGroupOfAnotherProjectOrRegionIsNotFound(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web"}`)
	c.want(404, "GET", "/cloud/v1/securitygroups/1/3/"+id, "")
	c.want(404, "GET", "/cloud/v1/securitygroups/2/2/"+id, "")
	c.want(200, "GET", readPath+"/"+strings.ToUpper(id), "")
	if r := c.want(http.StatusBadRequest, "GET", readPath+"/nope", ""); !strings.Contains(r.text, "group_id") {
		t.Errorf("no invalid field: %s", r.text)
	}
}

func TestRevertGivesTheDefaultRulesBack(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddDefaultGroup(1, 2)
	before, _ := s.Group(id)
	s.AddRule(id, Rule{Direction: "ingress", Ethertype: new("IPv4")})
	c.want(200, "POST", readPath+"/"+id+"/revert", "")
	after, _ := s.Group(id)
	if diff := cmp.Diff(sortedRules(before.Rules), sortedRules(after.Rules), sameRuleContent); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	for _, rule := range after.Rules {
		if before.ruleIndex(rule.ID) >= 0 {
			t.Errorf("rule %s kept its id", rule.ID)
		}
	}
}
