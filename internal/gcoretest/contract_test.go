package gcoretest

import (
	"fmt"
	"strings"
	"testing"
)

func TestADocumentIsRefusedIfItIsWrong(t *testing.T) {
	t.Parallel()
	const head = `"openapi":"3.1.0","info":{"title":"t","version":"1"}`
	operation := func(content string) string {
		return `{` + head + `,"paths":{"/a":{"get":{` + content + `}}}}`
	}
	for name, text := range map[string]string{
		"no JSON":           `{`,
		"no document":       `{"openapi":"3.1.0"}`,
		"no name":           operation(`"responses":{"200":{"description":"OK"}}`),
		"unknown reference": operation(`"x-operation":"a","responses":{"200":{"$ref":"#/components/responses/A"}}`),
		"wrong pattern": operation(`"x-operation":"a","parameters":[{"in":"query","name":"q","schema":{"type":"string","pattern":"("}}],` +
			`"responses":{"200":{"description":"OK"}}`),
	} {
		d, err := newDocument("a.json", []byte(text), variant{})
		if err == nil {
			_, err = d.contract()
		}
		if err == nil {
			t.Errorf("%s: the document is accepted", name)
		}
	}
}

func TestEveryOperationOfTheContractIsServed(t *testing.T) {
	t.Parallel()
	const id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
	fill := strings.NewReplacer("{project_id}", "1", "{region_id}", "2", "{group_id}", id, "{rule_id}", id, "{task_id}", id)
	loaded, err := loadContract(variant{})
	if err != nil {
		t.Fatal(err)
	}
	s := program(t, Config{})
	c := newClient(t, s)
	for _, o := range loaded.operations {
		s.ResetRequests()
		body := map[string]string{OperationCreateGroup: `{"name":"web"}`, OperationUpdateGroup: `{}`,
			OperationCreateRule: `{"direction":"ingress"}`}[o.Name]
		before := len(s.Violations())
		r := c.do(o.Method, fill.Replace(o.Path), body)
		violated := len(s.Violations()) > before
		if withdrawn := o.Deprecated || o.Unserved; withdrawn != (r.status == 501) || withdrawn != violated {
			t.Errorf("%s: status %d, violation %t: %s", o.Name, r.status, violated, r.text)
		}
		if got := s.Requests(); len(got) != 1 || got[0].Operation != o.Name {
			t.Errorf("%s is logged as %v", o.Name, got)
		}
	}
}

func TestWhatAnswersBreachesOfTheContract(t *testing.T) {
	t.Parallel()
	typed := map[string]string{"Content-Type": "application/json"}
	plain := map[string]string{"Content-Type": "text/plain"}
	tests := []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		violation                string // "" for none
	}{
		{"unknown endpoint", "GET", "/cloud/v2/security_groups/1/2", "", nil, 405, "no such method"},
		{"unknown path", "GET", "/cloud/v1/firewalls", "", nil, 404, "no such endpoint"},
		{"trailing slash", "GET", "/cloud/v1/securitygroups/1/2/", "", nil, 404, "no such endpoint"},
		{"escaped slash", "GET", "/cloud/v1/securitygroups/1/2%2F3", "", nil, 400, "region_id: Input should be a valid integer"},
		{"no number", "GET", "/cloud/v1/securitygroups/one/2", "", nil, 400, "project_id: Input should be a valid integer"},
		{"project 0", "GET", "/cloud/v1/securitygroups/0/2", "", nil, 404, ""},
		{"unknown query", "GET", "/cloud/v1/securitygroups/1/2?colour=red", "", nil, 200, "colour: Unknown field"},
		{"repeated query", "GET", "/cloud/v1/securitygroups/1/2?limit=1&limit=2", "", nil, 400, "limit: given more than once"},
		{"page too big", "GET", "/cloud/v1/securitygroups/1/2?limit=1001", "", nil, 400, "limit"},
		{"page of nothing", "GET", "/cloud/v1/securitygroups/1/2?limit=0", "", nil, 400, "limit"},
		{"odd tag key", "GET", "/cloud/v1/securitygroups/1/2?tag_key=a%20b", "", nil, 400, ""},
		{"tag pairs no JSON", "GET", "/cloud/v1/securitygroups/1/2?tag_key_value=a", "", nil, 400, "tag_key_value"},
		{"tag pairs null", "GET", "/cloud/v1/securitygroups/1/2?tag_key_value=null", "", nil, 400, "tag_key_value"},
		{"broken query", "GET", "/cloud/v1/securitygroups/1/2?a=%zz", "", nil, 400, "malformed query"},
		{"deprecated query", "GET", "/cloud/v1/tasks?sorting=asc", "", nil, 200, "sorting: Deprecated"},
		{"unknown state", "GET", "/cloud/v1/tasks?state=DONE", "", nil, 400, "state.0"},
		{"no date", "GET", "/cloud/v1/tasks?from_timestamp=now", "", nil, 400, "from_timestamp"},
		{"body where none is", "DELETE", "/cloud/v1/securitygroups/1/2/0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1", "{}", typed, 404, "no request body"},
		{"no body", "POST", groupsPath, "", typed, 400, "no valid JSON"},
		{"no JSON", "POST", groupsPath, "name=web", typed, 400, "no valid JSON"},
		{"text behind", "POST", groupsPath, `{"name":"web"} {}`, typed, 400, "no valid JSON"},
		{"key twice", "POST", groupsPath, `{"name":"web","name":"web"}`, typed, 400, `duplicate key "name"`},
		{"other content type", "POST", groupsPath, `{"name":"web"}`, plain, 400, "Content-Type"},
		{"charset", "POST", groupsPath, `{"name":"web"}`, map[string]string{"Content-Type": "application/json; charset=utf-8"}, 200, ""},
		{"unknown field", "POST", groupsPath, `{"name":"web","colour":"red"}`, typed, 200, "colour: Unknown field"},
		{"bad name", "POST", groupsPath, `{"name":"-"}`, typed, 400, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := program(t, Config{})
			r, err := newClient(t, s).try(test.method, test.path, test.body, test.header)
			if err != nil {
				t.Fatal(err)
			}
			if r.status != test.status {
				t.Errorf("status %d, want %d: %s", r.status, test.status, r.text)
			}
			for source, violations := range map[string][]string{"server": s.Violations(), "log": s.Requests()[0].Violations} {
				got := strings.Join(violations, "; ")
				if (got == "") != (test.violation == "") || !strings.Contains(got, test.violation) {
					t.Errorf("violations of the %s: %q, want %q", source, got, test.violation)
				}
			}
		})
	}
}

// recorder stands in for the test that a server fails.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, arguments ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, arguments...))
}

func TestAViolationFailsTheTest(t *testing.T) {
	t.Parallel()
	failed := &recorder{TB: t}
	s := New(failed, Config{})
	c := newClient(t, s)
	c.want(400, "POST", groupsPath, `{"name":"-"}`)
	if len(failed.errors) != 0 {
		t.Errorf("a bad name fails the test: %v", failed.errors)
	}
	c.want(405, "PUT", groupsPath, `{"name":"web"}`)
	s.DeleteGroup("nothing")
	s.Close() // so that no handler is still writing
	if len(failed.errors) != 2 || !strings.Contains(failed.errors[0], "PUT "+groupsPath) || !strings.Contains(failed.errors[1], `"nothing"`) {
		t.Errorf("failures %q", failed.errors)
	}
}
