package provider

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// planRequest is the framework's request to the plan modifier of a rules map.
func planRequest(t testing.TB, config types.Map, state securityGroupModel) planmodifier.MapRequest {
	t.Helper()
	written := state
	written.ID, written.Rules = types.StringNull(), config
	return planmodifier.MapRequest{
		Path: path.Root("rules"), Config: tfsdk.Config(held(t, &securityGroup{}, written)), ConfigValue: config, PlanValue: config,
		State: held(t, &securityGroup{}, state), StateValue: state.Rules,
	}
}

// modified is a rules map after its plan modifier.
func modified(t testing.TB, req planmodifier.MapRequest) planmodifier.MapResponse {
	t.Helper()
	var resp planmodifier.MapResponse
	planRules{groupID: attribute("id")}.PlanModifyMap(t.Context(), req, &resp)
	return resp
}

// validatedAndPlanned runs the provider's part of a validation and a plan
// without a change.
func validatedAndPlanned(t testing.TB, n int) func() {
	t.Helper()
	entries := manyEntries(n)
	config := ruleMap(t, entries, nil)
	for name, entry := range entries {
		entries[name] = entryFromRule(entry.rule(""))
	}
	state := groupModel(ruleMap(t, entries, nil))
	state.ID = str(thisGroup)
	req := planRequest(t, config, state)
	return func() {
		t.Helper()
		if diags := checkRules(t.Context(), req.Path, config, types.StringNull()); len(diags) > 0 {
			t.Fatal(diags)
		}
		if resp := modified(t, req); !resp.PlanValue.Equal(state.Rules) {
			t.Fatalf("the plan is not empty: %v", resp.Diagnostics)
		}
	}
}

func BenchmarkValidateAndPlan(b *testing.B) {
	for _, n := range []int{1, 10, 100, 250} {
		b.Run(fmt.Sprintf("%d rules", n), func(b *testing.B) {
			run := validatedAndPlanned(b, n)
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}

// Four times as many rules cost about four times as much, not sixteen. The test
// measures memory, which does not depend on the load of the machine, and does
// not run in parallel, because other tests' memory would count.
func TestValidateAndPlanGrowLinearly(t *testing.T) {
	few, many := allocated(validatedAndPlanned(t, 60)), allocated(validatedAndPlanned(t, 240))
	if ratio := float64(many) / float64(few); ratio > 5 {
		t.Errorf("60 rules take %d bytes and 240 take %d: %.1f times as many", few, many, ratio)
	}
}

// allocated is the number of bytes that a run of a function allocates.
func allocated(run func()) uint64 {
	var before, after runtime.MemStats
	run()
	runtime.ReadMemStats(&before)
	for range 5 {
		run()
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / 5
}
