package provider

import (
	"fmt"
	"strings"
	"testing"

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
