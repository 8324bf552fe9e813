package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// Each status that the API documents, or that it or a proxy returns, has its
// own diagnosis and next step.
func TestEachStatusHasItsNextStep(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		class  string
		want   string
	}{
		"bad request":           {400, "ValidationError", "Correct the value that the API rejected"},
		"unauthorized":          {401, "not_authenticated", "Check api_key or GCORE_API_KEY"},
		"forbidden":             {403, "ForbiddenError", "Check the role of the key's user"},
		"not found":             {404, "SecurityGroupNotFound", "the request needs no longer exists"},
		"another thing missing": {404, "NotFoundError", "Check project_id and region_id"},
		"not found, by a proxy": {404, "", "Check base_url or GCORE_BASE_URL"},
		"conflict":              {409, "ConflictError", "Another operation is changing the object"},
		"quota":                 {409, "QuotaLimitExceed", "ask Gcore for a higher limit"},
		"precondition failed":   {412, "PreconditionFailed", "Plan again: the plan shows the other change"},
		"too many requests":     {429, "", "-parallelism=2"},
		"a fault":               {500, "InternalServerError", "give the request id to Gcore's support"},
		"any other":             {418, "Teapot", "TF_LOG_PROVIDER=DEBUG"},
	}
	of := subject{kind: "security group", name: "web", id: thisGroup, location: client.Location{ProjectID: 1, RegionID: 76}}
	steps := map[string]string{}
	for name, test := range tests {
		answer := &client.Error{Method: "PATCH", Path: "/p", StatusCode: test.status, Class: test.class, Message: "Words of the API", RequestID: "r1"}
		if name == "not found" {
			answer.Path, answer.Message = "/p/"+thisGroup, answer.Message+": "+thisGroup
		}
		said := of.failed("update", fmt.Errorf("update security group: %w", answer))
		object := fmt.Sprintf("Security group \"web\" (%s) in project 1, region 76.", thisGroup)
		if name == "not found" { // its request has the id
			object = "Security group \"web\" in project 1, region 76."
		}
		last := -1
		for _, want := range []string{test.want, object, "Update security group: Words of the API", fmt.Sprintf("\n  PATCH %s: %d", answer.Path, test.status), "request id r1"} {
			at := strings.Index(said.Detail(), want)
			if at <= last {
				t.Errorf("%s: %q is missing, or too early, in:\n%s", name, want, said.Detail())
			}
			last = at
		}
		if said.Summary() != `Cannot update security group "web"` {
			t.Errorf("%s: %s", name, said.Summary())
		}
		if other, taken := steps[nextStep("update", answer)]; taken {
			t.Errorf("%s and %s have the same next step", name, other)
		}
		steps[nextStep("update", answer)] = name
	}
	for _, status := range []int{502, 503, 504} {
		if got, want := nextStep("update", &client.Error{StatusCode: status}), nextStep("update", &client.Error{StatusCode: 500}); got != want {
			t.Errorf("%d: %s", status, got)
		}
	}
}

func TestCapitalised(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{"": "", "quota": "Quota", "Quota": "Quota", "доступ запрещён": "Доступ запрещён", "\xff": "\ufffd", "1": "1"} {
		if got := capitalised(words); got != want {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
}

func TestTimeLimitAsOneWritesIt(t *testing.T) {
	t.Parallel()
	for limit, want := range map[time.Duration]string{
		90 * time.Second: "1m30s", 20 * time.Minute: "20m", time.Hour: "1h", 90 * time.Minute: "1h30m", 10 * time.Second: "10s", 10 * time.Hour: "10h",
	} {
		if got := (timeLimit{limit, "x"}).Error(); got != "timed out after "+want+" (x)" {
			t.Errorf("%v: %s", limit, got)
		}
	}
}

// Each request keeps its line, since its request id is what support asks for. A task that a poll names has none.
func TestRequestsOfAnError(t *testing.T) {
	t.Parallel()
	answer := func(path string, status int, id string) error {
		return &client.Error{Method: "GET", Path: path, StatusCode: status, Message: "no", RequestID: id}
	}
	poll := &client.WaitError{TaskID: "5a0f", Err: answer("/v1/tasks/5a0f", 503, "3")}
	got := explain(fmt.Errorf("%w; %w; %w", answer("/sg/1/76/abc", 404, "1"), answer("/sg/1/76", 503, "2"), poll)).requests
	want := []string{
		"GET /sg/1/76/abc: 404 Not Found, request id 1", "GET /sg/1/76: 503 Service Unavailable, request id 2",
		"GET /v1/tasks/5a0f: 503 Service Unavailable, request id 3",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A warning does not use up the one full explanation, and another place has its own.
func TestExplainedOnce(t *testing.T) {
	t.Parallel()
	d := &providerData{}
	of := func(name string, project int64) subject {
		return subject{kind: "security group", name: name, location: client.Location{ProjectID: project, RegionID: 76}}
	}
	unknown := &client.Error{Method: "GET", Path: "/x", StatusCode: 404, Message: "no Route matched"}
	refers := func(name string, diagnostic diag.Diagnostic, want string) {
		t.Helper()
		if got := strings.HasPrefix(diagnostic.Detail(), "The same error as for "); got != (want != "") || !strings.Contains(diagnostic.Detail(), want) {
			t.Errorf("%s: %s", name, diagnostic.Detail())
		}
	}
	refers("a warning of a plan", d.failedInPlan(of("a", 1), "read", unknown), "")
	refers("the first error", d.failed(of("b", 1), "read", unknown), "")
	refers("the second error", d.failed(of("c", 1), "read", unknown), `security group "b" in project 1, region 76`)
	refers("another project", d.failed(of("d", 2), "read", unknown), "")
}

// A create that ended before anything was sent has left nothing in the state, and says so.
func TestCreateThatSentNothing(t *testing.T) {
	t.Parallel()
	empty := tfsdk.State{Raw: tftypes.NewValue(tftypes.Object{}, nil)}
	pending := tfsdk.State{Raw: tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{})}
	ended := fmt.Errorf("waiting for the lock: %w", context.Canceled)
	if advice := nextStep(actionCreate, unsent(empty, ended)); !strings.Contains(advice, "Nothing was created") || strings.Contains(advice, "tainted") {
		t.Error(advice)
	}
	if advice := nextStep(actionCreate, unsent(pending, ended)); !strings.Contains(advice, "The state records the create") {
		t.Error(advice)
	}
}
