package provider

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// validatedAndPlanned runs the provider's part of a validation and a plan without a change.
func validatedAndPlanned(t testing.TB, n int) func() {
	t.Helper()
	entries := manyEntries(n)
	config := ruleMap(t, entries, nil)
	for name, entry := range entries {
		entries[name] = entryFromRule(entry.rule(""))
	}
	state := ruleMap(t, entries, nil)
	return func() {
		t.Helper()
		if diags := checkRules(config, types.StringNull()); len(diags) > 0 {
			t.Fatal(diags)
		}
		if planned, _, diags := planRules(config, state, str(thisGroup)); !planned.value.Equal(state) {
			t.Fatalf("the plan is not empty: %v", diags)
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

// The judgement of a rule costs 37 allocations in a validation and a plan without a change, most of them the framework's.
// Each leaf that is copied, encoded again or looked at by reflection adds one at least.
func TestValidateAndPlanAllocateLittle(t *testing.T) {
	const rules, most = 250, 45
	if each := testing.AllocsPerRun(5, validatedAndPlanned(t, rules)) / rules; each > most {
		t.Errorf("a rule takes %.0f allocations, %d at most", each, most)
	}
}
