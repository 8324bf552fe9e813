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
		"bad request":           {400, "ValidationError", "Correct the configuration as the message says"},
		"unauthorized":          {401, "not_authenticated", "Check api_key or GCORE_API_KEY"},
		"forbidden":             {403, "ForbiddenError", "Check the user's role"},
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
		for _, want := range []string{test.want, fmt.Sprintf("PATCH %s: %d", answer.Path, test.status), "Words of the API", "request id r1", thisGroup + ") in project 1, region 76"} {
			if !strings.Contains(said.Detail(), want) {
				t.Errorf("%s: %q is not said in %s", name, want, said.Detail())
			}
		}
		if said.Summary() != `Cannot update security group "web"` {
			t.Errorf("%s: %s", name, said.Summary())
		}
		if other, taken := steps[nextStep(answer)]; taken {
			t.Errorf("%s and %s have the same next step", name, other)
		}
		steps[nextStep(answer)] = name
	}
	for _, status := range []int{502, 503, 504} {
		if got, want := nextStep(&client.Error{StatusCode: status}), nextStep(&client.Error{StatusCode: 500}); got != want {
			t.Errorf("%d: %s", status, got)
		}
	}
}
