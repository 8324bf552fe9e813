package modeltest

import (
	"maps"
	"slices"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// Readings are what the real API may do: what was seen of it, and what was assumed before.
func Readings() map[string]gcoretest.Config {
	return map[string]gcoretest.Config{
		"live":              {Reading: gcoretest.Live},
		"live, no lock":     {Reading: gcoretest.Live, NoLock: true},
		"refusals in tasks": {Reading: gcoretest.Live, RefuseInTask: true},
		// Groups and rules have another clock, tasks say nothing of their request, and default egress is added.
		"clocks differ": {
			Reading: gcoretest.Live, DateOffset: 1500 * time.Millisecond, TaskTimeOffset: 1500 * time.Millisecond,
			NoTaskData: true, AddDefaultEgress: true, RefusePort25: true,
		},
	}
}

// ReadingNames are the keys of Readings, in order.
func ReadingNames() []string { return slices.Sorted(maps.Keys(Readings())) }

// Faults are all that may hit one of the API's writes. Those that need a cloud of their own are left out.
func Faults() []Fault {
	var faults []Fault
	scenarios := gcoretest.Scenarios()
	for _, name := range slices.Sorted(maps.Keys(scenarios)) {
		if name == "none" || scenarios[name].Config.LockGroups {
			continue
		}
		for _, operation := range []string{
			gcoretest.OperationCreateGroup, gcoretest.OperationUpdateGroup, gcoretest.OperationDeleteGroup,
			gcoretest.OperationCreateRule, gcoretest.OperationDeleteRule,
		} {
			faults = append(faults, Fault{name, operation})
		}
	}
	return faults
}
