package gcoretest

import (
	"context"
	"net/http"
	"time"
)

// Config says how a server behaves where the real API's behaviour is not known, and what a test wants to be different.
// The zero value is usable.
type Config struct {
	Address      string           // to listen on, loopback only; "" is 127.0.0.1:0, a free port
	APIKey       string           // "" is "test-key"
	TaskDuration time.Duration    // from the acceptance of a task to its end; 0: ended at the first poll
	Latency      time.Duration    // added to each answer
	Now          func() time.Time // nil: time.Now
	Log          func(Request)    // called for each request, one at a time; nil: none

	// Sleep lets Latency and the fault Slow pass; nil: in real time. If it returns an error, the connection is cut.
	Sleep func(ctx context.Context, duration time.Duration) error

	// Reading decides what the fields below mean at their zero values.
	Reading Reading

	// Locks. The live API takes one task of a group at a time.
	NoLock     bool // tasks of a group run side by side
	LockGroups bool // a group is locked in the older reading too

	// Limits.
	GroupLimit int   // groups that a region of a project may hold; 0: no limit
	RuleLimit  int   // rules that a group may hold; 0: 250
	RuleQuota  int   // rules that all groups of a region of a project may hold together; 0: no limit
	Quota      Quota // how a limit is refused

	// Refusals.
	RefuseInTask    bool // duplicates, limits and missing remote groups are refused in the task, not at the request
	RefusePort25    bool // egress that covers port 25 of tcp or udp is refused
	AllowDuplicates bool // a rule that is already there gets in again
	AcceptIPv6ICMP  bool // icmp with IPv6 is stored as ipv6-icmp, as Neutron does, rather than refused
	UniqueNames     bool // a group's name may be used once in a region of a project

	// Rules.
	HostBits         HostBits // of CIDRs
	Neutron          bool     // rules are read as Neutron reads them, not by Gcore's contract
	IPEncapAsIPIP    bool     // protocol ipencap is stored and answered as ipip
	DefaultRules     []Rule   // of a group made without rules, of a reverted and of the default group; nil: as they are documented
	AddDefaultEgress bool     // a list of rules at create without an egress rule gets the default egress rules
	NullDescriptions bool     // a rule without a description has null, not ""
	FirstRevision    int64    // of a new group, before its rules; 0: 2
	PatchKeepsTwins  bool     // a PATCH leaves a rule alone that is the same as one of its list, so that it sees no duplicates

	// Tasks.
	NoTaskData         bool // the data of a task is null, not the request
	EmptyTaskResources bool // created_resources of updates and deletions are empty lists, not the group and null

	// Places. Every other positive number is a project and a region too, but is in no list.
	Projects []Place // that the list has, the newest last; nil: project 1
	Regions  []Place // likewise; nil: region 76

	// Clocks. Each is ahead of Now by its offset.
	DateOffset       time.Duration // the gateway's: the header Date
	TaskTimeOffset   time.Duration // the dates of tasks
	ObjectTimeOffset time.Duration // the dates of groups and rules
}

// Reading is a set of answers to what is not published about the API.
type Reading int

// The readings.
const (
	DefaultReading Reading = iota // what a server does whose test does not say
	Live                          // the live API as it was seen in February 2026
	Older                         // what was assumed before: no lock, quotas as 409, another template, tasks without data
)

// unsaidReading is what DefaultReading stands for. It is the one place that decides.
const unsaidReading = Live

// Quota is how a request is refused that would exceed a limit.
type Quota struct {
	Status int    // 0: 400
	Class  string // the exception_class; "": QuotaLimitExceed. Gcore's words belong to it and to ValidationError, else Neutron's
}

// complete returns the configuration with all that its zero values stand for.
func (c Config) complete() Config {
	if c.Reading == DefaultReading {
		c.Reading = unsaidReading
	}
	if c.Reading == Older {
		c.NoLock = true
		c.AcceptIPv6ICMP, c.NullDescriptions = true, true
		c.NoTaskData, c.EmptyTaskResources = true, true
		if c.Quota.Status == 0 {
			c.Quota.Status = http.StatusConflict
		}
		if c.FirstRevision == 0 {
			c.FirstRevision = 1
		}
	}
	if c.FirstRevision == 0 {
		c.FirstRevision = 2
	}
	if c.LockGroups {
		c.NoLock = false
	}
	if c.Quota.Status == 0 {
		c.Quota.Status = http.StatusBadRequest
	}
	if c.Quota.Class == "" {
		c.Quota.Class = "QuotaLimitExceed"
	}
	if c.Address == "" {
		c.Address = "127.0.0.1:0"
	}
	if c.APIKey == "" {
		c.APIKey = "test-key"
	}
	if c.RuleLimit == 0 {
		c.RuleLimit = 250
	}
	if c.Projects == nil {
		c.Projects = []Place{{ID: 1}}
	}
	if c.Regions == nil {
		c.Regions = []Place{{ID: 76}}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	return c
}

// template is what a group gets that is made without rules.
func (c Config) template() []Rule {
	switch {
	case c.DefaultRules != nil:
		return c.DefaultRules
	case c.Reading == Older:
		return DefaultRules()
	default:
		return EgressTemplate()
	}
}

// reverted is what a reverted group and the group default have.
func (c Config) reverted() []Rule {
	if c.DefaultRules != nil {
		return c.DefaultRules
	}
	return DefaultRules()
}
