package provider

import (
	"fmt"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// Errors of an update contain the API's words and the next step, and leave the
// group and its state unchanged.
func TestStatusesOfAChange(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	const limit = "\ntimeouts = { update = \"30m\" }"
	w.configure(web("rules = {" + httpsEntry + "}" + limit))
	w.must(0, "apply", "-auto-approve")
	w.configure(web("rules = {}\ndescription = \"x\"" + limit))
	for _, test := range []struct {
		answer gcoretest.Answer
		words  []string
	}{
		{gcoretest.Answer{Status: 400, Body: `{"exception_class": "ValidationError", "message": "No", "invalid_fields": {"rules.0": ["odd"]}}`}, []string{"No (invalid fields: rules.0: odd)", "400 Bad Request, ValidationError", "Correct the value that the API rejected"}},
		{gcoretest.Answer{Status: 401}, []string{"401 Unauthorized", "Check api_key or GCORE_API_KEY"}},
		{gcoretest.Answer{Status: 403}, []string{"403 Forbidden", "Check the role of the key's user"}},
		{gcoretest.NotFound("SecurityGroup", c.only(t).ID), []string{"404 Not Found", "the request needs no longer exists"}},
		{gcoretest.NotFound("SecurityGroup", otherGroup), []string{"404 Not Found", "such as remote_group_id", "Check project_id and region_id"}},
		{gcoretest.HTMLPage(404, false), []string{"404 Not Found", "Check base_url or GCORE_BASE_URL"}},
		{gcoretest.Answer{Status: 409}, []string{"409 Conflict", "Another operation is changing the object"}},
		{gcoretest.TooManyRequests(""), []string{"429 Too Many Requests", "-parallelism=2"}},
	} {
		fault := c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Effect: test.answer})
		says(t, w.must(1, "apply", "-auto-approve", "-no-color"), append(test.words, `Cannot update security group "web"`)...)
		fault.Clear()
		if diff := c.differs([]group{{name: "web", rules: []string{httpsLine}}}); diff != "" {
			t.Errorf("after a %d: %s", test.answer.Status, diff)
		}
	}
	w.must(0, "apply", "-auto-approve")
	if diff := c.differs([]group{{name: "web", description: "x"}}); diff != "" {
		t.Error(diff)
	}
}

// preconditionFailed is the response when the object has changed.
func preconditionFailed() gcoretest.Answer {
	return gcoretest.Answer{Status: 412, Body: `{"exception_class": "PreconditionFailed", "message": "Constrained to 5, but current revision is 6"}`}
}

// If the group changes between the read and the PATCH, the provider reads it
// again. It retries the PATCH unless it finds a rule that no plan showed.
func TestGroupChangedMeanwhile(t *testing.T) {
	t.Parallel()
	unplanned := gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp")}
	tests := map[string]struct {
		times     int
		unplanned bool
		code      int
		says      []string
		patches   int // 0: any number
		rules     []string
	}{
		"and continues":   {times: 1, patches: 2},
		"by another rule": {times: 1, unplanned: true, code: 1, says: []string{"rules that the plan did not show", "egress-ipv4-udp"}, patches: 1, rules: []string{httpsLine, "egress IPv4 udp"}},
		"every time":      {code: 1, says: []string{"Constrained to 5, but current revision is 6.", "412 Precondition Failed", "Plan again: the plan shows the other change"}, rules: []string{httpsLine}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			w.configure(web("rules = {" + httpsEntry + "}"))
			w.must(0, "apply", "-auto-approve")
			w.configure(web("rules = {}"))
			w.must(0, "plan", "-out=saved")
			c.ResetRequests()
			c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: test.times, Effect: preconditionFailed()})
			if test.unplanned {
				// The first read precedes the PATCH, the second follows it.
				id := c.only(t).ID
				c.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Skip: 1, Times: 1, Effect: gcoretest.Meanwhile{Before: func() { c.AddRule(id, unplanned) }}})
			}
			says(t, w.must(test.code, "apply", "-no-color", "saved"), test.says...)
			patches := c.Count(func(r gcoretest.Request) bool { return r.Method == "PATCH" })
			if test.patches > 0 && patches != test.patches || patches == 0 || patches > 100 {
				t.Errorf("%d PATCHes", patches)
			}
			if diff := c.differs([]group{{name: "web", rules: test.rules}}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A rule has no revision that could change: its 412 is reported.
func TestRuleChangedMeanwhile(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	w.configure(fmt.Sprintf("resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = %q\n  direction = \"ingress\"\n%s\n}\n", id, anyLines))
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: preconditionFailed()})
	says(t, w.must(1, "apply", "-auto-approve", "-no-color"), "Cannot create security group rule", "412", "Plan again: the plan shows the other change")
	if n := c.Count(func(r gcoretest.Request) bool { return r.Method == "POST" }); n != 1 {
		t.Errorf("%d POSTs", n)
	}
	w.must(0, "apply", "-auto-approve", "-no-color")
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Times: 1, Effect: preconditionFailed()})
	says(t, w.must(1, "destroy", "-auto-approve", "-no-color"), "Cannot delete security group rule", "412", "Plan again")
	w.must(0, "destroy", "-auto-approve", "-no-color")
}
