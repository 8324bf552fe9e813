package terraform

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

func TestEnvironmentForgetsTheCallers(t *testing.T) {
	t.Parallel()
	place := Place{Project: 1, Region: 76}
	cloud := gcoretest.New(t, gcoretest.Config{})
	callers := []string{"PATH=/bin", "GCORE_API_KEY=of-the-caller", "TF_VAR_office=::/0", "tf_workspace=x", "HOME=/home", "NOT_TF_=1"}
	got := Environment(callers, "/tmp/demo.tfrc", cloud, place, false)
	want := []string{
		"PATH=/bin", "HOME=/home", "NOT_TF_=1",
		"CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE=/tmp/demo.tfrc", "TF_IN_AUTOMATION=1",
		"GCORE_BASE_URL=" + cloud.URL(), "GCORE_API_KEY=test-key", "GCORE_CLOUD_PROJECT_ID=1", "GCORE_CLOUD_REGION_ID=76",
		"TF_CLI_ARGS=-no-color",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if coloured := Environment(nil, "", cloud, place, true); slices.Contains(coloured, "TF_CLI_ARGS=-no-color") {
		t.Errorf("a terminal gets no colours: %v", coloured)
	}
}
