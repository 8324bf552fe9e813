package provider

import (
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// clock is a server's time. It stands still until it runs; then every reading
// advances it by two hours.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	runs bool
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs {
		c.now = c.now.Add(2 * time.Hour)
	}
	return c.now
}

func (c *clock) run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs = true
}

// A create that fails half-way keeps its object, or the task that creates it,
// in the state. The next apply replaces it and leaves no orphan.
func TestCreateCutOff(t *testing.T) {
	t.Parallel()
	ruleConfig := ssh(sshLines + "\ntimeouts = { create = \"3s\" }")
	groupConfig := web(`timeouts = { create = "3s" }`)
	unreadable := gcoretest.Answer{Status: 403, Body: `{"exception_class": "ForbiddenError", "message": "not now"}`}
	tests := map[string]struct {
		fault    *gcoretest.Fault
		outlasts bool // the task outlasts the operation
		create   string
		address  string
		want     string
		then     plancheck.ResourceActionType
		group    group
	}{
		"group, read back fails": {
			fault:  &gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: 1, Effect: unreadable},
			create: groupConfig, address: webGroup, want: `(?s)Cannot create security group "web".*[Nn]ot now`, then: plancheck.ResourceActionReplace, group: group{name: "web"},
		},
		"group, task outlasts the operation": {
			outlasts: true, create: groupConfig, address: webGroup, want: `(?s)Cannot create security group "web".*Timed out after.*while the task was.*(?:Task |/tasks/)`, then: plancheck.ResourceActionReplace, group: group{name: "web"},
		},
		"group, and it shows late": {
			outlasts: true, fault: &gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.LateEffect{Reads: 3}},
			create: groupConfig, address: webGroup, want: `(?s)Cannot create security group "web"`, then: plancheck.ResourceActionReplace, group: group{name: "web"},
		},
		"rule, and it shows late": {
			outlasts: true, fault: &gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.LateEffect{Reads: 3}},
			create: ruleConfig, address: sshRule, want: `(?s)Cannot create security group rule`, then: plancheck.ResourceActionReplace, group: sshGroup,
		},
		"group, task fails": {
			fault:  &gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.FailTask{Text: "no capacity"}},
			create: groupConfig, address: webGroup, want: `(?s)Cannot create security group "web".*[Nn]o\s+capacity`, then: plancheck.ResourceActionCreate, group: group{name: "web"},
		},
		"rule, read back fails": {
			// The refresh before the create reads the group once.
			fault:  &gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Skip: 1, Times: 1, Effect: unreadable},
			create: ruleConfig, address: sshRule, want: `(?s)Cannot create security group rule.*[Nn]ot now`, then: plancheck.ResourceActionReplace, group: sshGroup,
		},
		"rule, task outlasts the operation": {
			outlasts: true, create: ruleConfig, address: sshRule, want: `(?s)Cannot create security group rule.*Timed out after.*while the task was.*(?:Task |/tasks/)`, then: plancheck.ResourceActionReplace, group: sshGroup,
		},
		"rule, task fails": {
			fault:  &gcoretest.Fault{Operation: gcoretest.OperationCreateRule, Times: 1, Effect: gcoretest.FailTask{Text: "no capacity"}},
			create: ruleConfig, address: sshRule, want: `(?s)Cannot create security group rule.*[Nn]o\s+capacity`, then: plancheck.ResourceActionCreate, group: sshGroup,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			fake := gcoretest.Config{}
			if test.outlasts {
				fake = gcoretest.Config{Now: clock.time, TaskDuration: time.Hour}
			}
			c := newCloud(t, fake)
			if test.address == sshRule {
				c.AddGroup(gcoretest.Group{ID: thisGroup, ProjectID: testProject, RegionID: testRegion, Name: "web"})
				test.create = importing(webGroup, thisGroup) + test.create
			}
			if test.fault != nil {
				c.Fail(*test.fault)
			}
			failing := resource.TestStep{Config: c.block(place1) + test.create, ExpectError: regexp.MustCompile(test.want)}
			converging := planned(c.apply(test.create, test.group), action(test.address, test.then))
			c.run(t, failing, after(clock.run, converging))
		})
	}
}
