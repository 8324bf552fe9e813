package secgroup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/modeltest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// caller is a small provider with a state: it refreshes, plans and applies as Terraform does with the real one. Each
// plan and each apply is a process of its own.
type caller struct {
	t     *testing.T
	cloud *gcoretest.Server
	order *rand.Rand
	state map[string]*entry

	mu        sync.Mutex
	interrupt context.CancelFunc // of the apply that is running
}

// Interrupt is a Ctrl-C.
func (c *caller) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interrupt()
}

// entry is a resource of the state.
type entry struct {
	address string
	depends []string // addresses, as they were at the last apply
	id      string
	created Pending // of a create that was cut off
	tainted bool
	gone    bool // it leaves the state

	spec     GroupSpec    // of a group
	seen     []rule.Rule  // of a group whose rules are not managed: those that the last read found; nil: no read
	group    string       // the id of the group of a rule or rule set
	meaning  rule.Rule    // of a single rule
	replaces *Replacement // of a single rule
	rules    []rule.Rule  // of a rule set
	removes  bool         // of a rule set
	sent     *SentRules   // of a rule set
}

func (e *entry) Pending(p Pending)        { e.created = p }
func (e *entry) Created(id string)        { e.id, e.created = id, Pending{} }
func (e *entry) Replacing(r *Replacement) { e.replaces = r }
func (e *entry) CameToNothing(error)      { e.replaces = nil }
func (e *entry) Adopted(r client.SecurityGroupRule) {
	e.id, e.group, e.meaning, e.replaces = r.ID, r.SecurityGroupID, RuleFromAPI("", r), nil
}

func (e *entry) kind() string { kind, _, _ := strings.Cut(e.address, "."); return kind }

// ref is the group: that of the resource, or the resource itself.
func (e *entry) ref() Ref {
	if e.kind() == "group" {
		return Ref{here, e.id}
	}
	return Ref{here, e.group}
}

// String is what the state says, for a comparison.
func (e *entry) String() string {
	labels := func(rules []rule.Rule) []string {
		lines := []string{}
		for _, r := range rules {
			lines = append(lines, r.Label())
		}
		slices.Sort(lines)
		return lines
	}
	words := fmt.Sprint(e.address, " ", e.id, " ", e.group)
	switch e.kind() {
	case "group":
		words += fmt.Sprintf(" %q %q %v", e.spec.Name, e.spec.Description, e.spec.Tags)
		if e.spec.Rules != nil {
			words += fmt.Sprint(labels(e.spec.Rules))
		}
	case "rule":
		words += " " + e.meaning.Label()
	default:
		words += fmt.Sprint(labels(e.rules))
	}
	return words
}

func (c *caller) String() string {
	var lines []string
	for _, address := range slices.Sorted(maps.Keys(c.state)) {
		lines = append(lines, c.state[address].String())
	}
	return strings.Join(lines, "\n")
}

func (c *caller) IDs() map[string]string {
	ids := map[string]string{}
	for address, e := range c.state {
		if !e.isDeposed() {
			ids[address] = e.id
		}
	}
	return ids
}

// deposed begins what follows the address of an object that another one has replaced, and that is still to be deleted.
const deposed = " deposed "

func (e *entry) isDeposed() bool { return strings.Contains(e.address, deposed) }

// settle drops what leaves the state. What was to be replaced takes its place again if there is nothing new.
func (c *caller) settle() {
	maps.DeleteFunc(c.state, func(_ string, e *entry) bool { return e.gone })
	for _, address := range slices.Sorted(maps.Keys(c.state)) {
		if current, _, is := strings.Cut(address, deposed); is && c.state[current] == nil {
			c.state[current] = c.state[address]
			c.state[current].address = current
			delete(c.state, address)
		}
	}
}

// Plan is a plan, and before it a plan -refresh-only.
func (c *caller) Plan(config modeltest.Config) (string, error) {
	s := c.service(modeltest.Fault{})
	before := c.String()
	if err := c.refresh(s); err != nil {
		return "", err
	}
	if after := c.String(); after != before {
		return "the refresh finds\n" + after + "\nwhere the state has\n" + before, nil
	}
	steps, err := c.plan(s, config, nil)
	c.settle()
	var lines []string
	for _, step := range steps {
		lines = append(lines, step.name)
	}
	return strings.Join(lines, ", "), err
}

func (c *caller) Apply(step modeltest.Step, imports map[string]string, between func()) error {
	run, interrupt := context.WithCancel(c.t.Context())
	defer interrupt()
	c.mu.Lock()
	c.interrupt = interrupt
	c.mu.Unlock()
	s := c.service(step.Fault)
	for _, address := range step.Forget {
		delete(c.state, address)
	}
	for from, to := range step.Moved {
		if e := c.state[from]; e != nil {
			delete(c.state, from)
			e.address, c.state[to] = to, e
		}
	}
	if !step.NoRefresh {
		if err := c.refresh(s); err != nil {
			return err
		}
	}
	for _, address := range slices.Sorted(maps.Keys(imports)) {
		if err := c.take(s, step.Config, address, imports[address]); err != nil {
			return err
		}
	}
	operations, err := c.plan(s, step.Config, step.Replace)
	if err == nil {
		between()
		err = c.carryOut(run, step, operations)
	}
	c.settle()
	return err
}

// carryOut runs the operations of a plan. What has not begun when an interruption comes is left out.
func (c *caller) carryOut(run context.Context, step modeltest.Step, operations []*modelOperation) error {
	limit := time.Hour
	if scenario, ok := gcoretest.Scenarios()[step.Fault.Scenario]; ok && !scenario.Passes {
		limit = 100 * time.Second
	}
	s := c.service(step.Fault)
	return walk(operations, max(step.Parallelism, 1), c.order, func(o *modelOperation) error {
		if run.Err() != nil {
			return run.Err()
		}
		ctx, cancel := s.Operation(run, limit, nil)
		defer cancel()
		return o.run(ctx, s)
	})
}

func (c *caller) service(fault modeltest.Fault) *Service {
	return serviceFor(c.t, gcoretest.Scenarios()[fault.Scenario], c.cloud)
}

// take imports an object, and reads it.
func (c *caller) take(s *Service, config modeltest.Config, address, id string) error {
	if c.state[address] != nil {
		return nil
	}
	e := &entry{address: address, depends: dependencies(config, address)}
	groupID, ruleID, isRule := strings.Cut(id, "/")
	e.id, e.group = groupID, groupID
	switch {
	case isRule:
		e.id = ruleID
	case e.kind() == "group":
		e.spec.Rules = []rule.Rule{}
	}
	if err := c.read(s, e); err != nil {
		return fmt.Errorf("import of %s: %w", address, err)
	}
	c.state[address] = e
	return nil
}

// refresh reads what the state has. What is gone leaves it.
func (c *caller) refresh(s *Service) error {
	for _, address := range slices.Sorted(maps.Keys(c.state)) {
		e := c.state[address]
		err := c.find(c.t.Context(), s, e, false)
		isGone := IsNothing(err)
		switch {
		case err == nil:
			err = c.read(s, e)
			isGone = errors.Is(err, client.ErrNotFound) || errors.Is(err, ErrTaken)
		case OutcomeOf(err) == StillRunning:
			continue
		}
		if isGone {
			delete(c.state, address)
			continue
		}
		if err != nil {
			return fmt.Errorf("refresh of %s: %w", address, err)
		}
	}
	return nil
}

// find finds out what became of a create, or of a replacement, that was cut off.
func (c *caller) find(ctx context.Context, s *Service, e *entry, wait bool) (err error) {
	switch {
	case e.kind() == "group" && e.id == "":
		e.id, err = s.FindCreatedGroup(ctx, e.spec, &e.created, wait)
	case e.kind() == "rule" && e.id == "":
		e.id, err = s.FindCreatedRule(ctx, e.ref(), e.meaning, &e.created, wait)
	case e.kind() == "rule" && !wait:
		e.replaces, err = s.FindReplacement(ctx, e.ref(), e.replaces, false)
		if IsNothing(err) {
			e.replaces, err = nil, nil
		}
	}
	return err
}

// read compares a resource with the cloud.
func (c *caller) read(s *Service, e *entry) error {
	ctx := c.t.Context()
	if e.kind() == "rule" {
		found, left, err := s.ReadRule(ctx, e.ref(), e.id, e.replaces, true)
		if err == nil {
			e.id, e.group, e.meaning, e.replaces = found.ID, found.SecurityGroupID, RuleFromAPI("", found), left
		}
		return err
	}
	group, err := s.ReadRules(ctx, e.ref())
	if err != nil {
		return err
	}
	if e.kind() == "set" {
		e.rules = RulesFromAPI(group)
		return nil
	}
	s.Claim(e.id)
	e.spec.Location, e.spec.Name, e.spec.Description, e.spec.Tags = here, group.Name, group.Description, UserTags(group)
	if e.spec.Rules == nil {
		e.seen = RulesFromAPI(group)
	} else {
		e.spec.Rules = RulesFromAPI(group)
	}
	return nil
}
