package modeltest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Where all groups are.
const (
	Project = 1
	Region  = 76
)

// Subject is what is tested: it brings the cloud to a configuration and keeps a state.
type Subject interface {
	// Apply forgets, moves and imports what the step says, refreshes unless the step says otherwise, plans, calls between,
	// and applies that plan.
	// Imports has the id of what is imported, "<group>" or "<group>/<rule>", by address.
	Apply(step Step, imports map[string]string, between func()) error
	// Plan refreshes and plans. It says what a plan would do, and what a refresh finds that the state does not have;
	// "" if nothing.
	Plan(c Config) (string, error)
	// IDs are those of the state, by address. What has no id yet has "".
	IDs() map[string]string
}

// The scenario after which so many reads of a group show it as it was.
const (
	lateEffect = "effect visible late"
	lateReads  = 3
)

// Interruptible is a Subject whose Apply can be interrupted, once.
type Interruptible interface {
	Subject
	Interrupt()
}

// betweenSteps is how far the cloud's clock goes on from one step to the next. Nobody applies twice in a second, as the
// tests do, and the API's dates are in whole seconds.
const betweenSteps = time.Minute

// Run runs a sequence in a cloud of its own, and returns the first promise that is broken.
func Run(t testing.TB, s Sequence, start func(*gcoretest.Server) Subject) error {
	t.Helper()
	r := &run{ids: map[string]string{}}
	config := gcoretest.Readings()[s.Reading]
	config.TaskDuration = time.Millisecond
	config.Now = func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }
	r.cloud = gcoretest.New(t, config)
	defer r.cloud.Close()
	r.subject = start(r.cloud)
	r.addOthers()
	for i, step := range s.Steps {
		if err := r.step(step); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		r.ahead.Add(int64(betweenSteps))
	}
	return nil
}

// run is a sequence in its course.
type run struct {
	cloud   *gcoretest.Server
	ahead   atomic.Int64 // how far the cloud's clock is ahead of the machine's
	subject Subject
	world   World
	ids     map[string]string // of our groups, by label
	others  []gcoretest.Group // that nobody may touch
}

// addOthers adds groups that look like ours and are somebody else's.
func (r *run) addOthers() {
	old := time.Now().Add(-24 * time.Hour)
	for _, name := range []string{"web", "theirs"} {
		id := r.cloud.AddGroup(gcoretest.Group{
			ProjectID: Project, RegionID: Region, Name: name, CreatedAt: old, UpdatedAt: old,
			Rules: []gcoretest.Rule{{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("gre"), CreatedAt: old, UpdatedAt: old}},
		})
		group, _ := r.cloud.Group(id)
		r.others = append(r.others, group)
	}
}

// step applies a step until the plan is empty, and compares everything.
func (r *run) step(step Step) error {
	shown := r.snapshot()
	for _, change := range step.Before {
		r.disturb(change)
	}
	if !step.NoRefresh {
		shown = r.snapshot()
	}
	prepared, next, ids := r.world.prepared(step), r.world.After(step), r.subject.IDs()
	var before map[string]held
	between := func() {
		if before != nil {
			return
		}
		for _, change := range step.Between {
			r.disturb(change)
		}
		if step.Later {
			r.ahead.Add(int64(time.Hour))
		}
		before = r.snapshot()
	}
	err := r.first(step, between)
	between()
	if unseen := r.unseenRemoval(step, shown, before); unseen != "" && !strings.Contains(step.Fault.Scenario, "read lags") {
		return errors.New(unseen)
	}
	if step.Twin != (Twin{}) && !step.namesTwin(err) {
		return fmt.Errorf("two single rules say the same, and the error does not say so: %w", err)
	}
	if err = r.converge(step, ids, err); err != nil {
		return err
	}
	kept := r.keptIDs(step, prepared, next, before)
	r.world = next
	return errors.Join(r.compare(), kept)
}

// namesTwin reports whether an error names the rule that two resources have. What messages call a group is its id.
func (s Step) namesTwin(err error) bool {
	says := s.Config.Rules[s.Twin.Of].Rule
	return err != nil && (says.RemoteGroupID != "" || strings.Contains(err.Error(), says.Name()))
}

// first is the first apply of a step, with its mistake or its fault.
func (r *run) first(step Step, between func()) error {
	if step.Twin != (Twin{}) {
		step.Config = step.Config.twinned(step.Twin)
	}
	return r.applyWithFault(step, between)
}

func (r *run) applyWithFault(step Step, between func()) error {
	imports := r.imports(step)
	end := func() {}
	switch scenario := step.Fault.Scenario; scenario {
	case "":
	case Interrupted:
		end = r.interruptAt(gcoretest.Fault{Operation: step.Fault.Operation, Times: 1})
	case InterruptedAtLongTask:
		end = r.interruptAt(gcoretest.Fault{Operation: step.Fault.Operation, Times: 1, Effect: gcoretest.StallTask{Effect: true}})
	case NamesAnother:
		other := r.others[0]
		named := gcoretest.TaskResources{Groups: []string{other.ID}, Rules: []string{other.Rules[0].ID}}
		end = r.cloud.Fail(gcoretest.Fault{Operation: step.Fault.Operation, Times: 1, Effect: named}).Clear
	default:
		end = gcoretest.Scenarios()[scenario].Apply(r.cloud, step.Fault.Operation)
	}
	defer end()
	return r.subject.Apply(step, imports, between)
}

// interruptAt interrupts the subject when the fault hits. It returns what ends the fault, and its tasks.
func (r *run) interruptAt(fault gcoretest.Fault) (end func()) {
	handle, over := r.cloud.Fail(fault), make(chan struct{})
	go func() {
		select {
		case <-handle.FirstHit():
			if subject, ok := r.subject.(Interruptible); ok {
				subject.Interrupt()
			}
		case <-over:
		}
	}()
	return func() { close(over); handle.Clear(); r.cloud.EndTasks() }
}

// converge applies again until the plan is empty. err is how the first apply ended.
func (r *run) converge(step Step, ids map[string]string, err error) error {
	most := r.world.mostApplies(step)
	if step.Fault.Scenario == lateEffect {
		// What reads do not show yet cannot be planned.
		for range lateReads {
			_, _ = r.subject.Plan(step.Config)
		}
	}
	for applies := 1; ; applies++ {
		r.learn()
		todo, planErr := r.subject.Plan(step.Config)
		if planErr == nil && todo == "" && (err == nil || applies > 1) {
			return nil
		}
		if applies == most {
			return errors.Join(fmt.Errorf("it has not converged after %d applies; the plan after the last one: %s", applies, todo), err, planErr)
		}
		again := r.again(step, ids)
		err = r.subject.Apply(again, r.imports(again), func() {})
	}
}

// again is what is left to do of a step, after an apply that did not do it all.
func (r *run) again(step Step, before map[string]string) Step {
	now := r.subject.IDs()
	step.Import = slices.Concat(step.Import, r.advised(step))
	slices.Sort(step.Import)
	step.Import = slices.DeleteFunc(slices.Compact(step.Import), func(address string) bool { _, is := now[address]; return is })
	step.Before, step.Between, step.Forget, step.Fault, step.NoRefresh, step.Later = nil, nil, nil, Fault{}, false, false
	step.Config = step.Config.createLast()
	step.Replace = slices.DeleteFunc(slices.Clone(step.Replace), func(address string) bool {
		id, is := now[address]
		return !is || id != before[address]
	})
	return step
}

// advised are the imports that the errors of an apply print: a rule set that met rules which nobody had shown, and a single
// rule that somebody else had made before.
func (r *run) advised(step Step) []string {
	var all []string
	held, found := r.snapshot(), r.world.prepared(step)
	for _, change := range step.Between {
		found.disturb(change)
	}
	for label, set := range step.Config.Sets {
		declared := rule.Keys(slices.Collect(maps.Values(set.Rules)))
		if slices.ContainsFunc(held[set.Group].rules, func(r heldRule) bool { return !declared[r.rule.Key()] }) {
			all = append(all, setPrefix+label)
		}
	}
	for label, single := range step.Config.Rules {
		group := found.Groups[single.Group]
		if at := group.find(single.Rule.Key()); at >= 0 && group.Rules[at].Single == "" {
			all = append(all, rulePrefix+label)
		}
	}
	return all
}

// learn remembers the ids of our groups.
func (r *run) learn() {
	for address, id := range r.subject.IDs() {
		if label, isGroup := strings.CutPrefix(address, groupPrefix); isGroup && id != "" {
			r.ids[label] = id
		}
	}
}

// imports are the ids of what a step imports. What is no longer there cannot be imported, nor a rule that a resource has.
func (r *run) imports(step Step) map[string]string {
	found := map[string]string{}
	held := r.snapshot()
	for _, address := range step.Import {
		kind, label, _ := strings.Cut(address, ".")
		switch kind + "." {
		case groupPrefix:
			found[address] = held[label].id
		case setPrefix:
			found[address] = held[step.Config.Sets[label].Group].id
		case rulePrefix:
			single := step.Config.Rules[label]
			group := held[single.Group]
			if i := group.find(single.Rule.Key()); i >= 0 {
				found[address] = group.id + "/" + group.rules[i].id
			}
		}
	}
	have := r.subject.IDs()
	maps.DeleteFunc(have, func(address, _ string) bool { return slices.Contains(step.Forget, address) })
	maps.DeleteFunc(found, func(address, id string) bool {
		_, ruleID, isRule := strings.Cut(id, "/")
		return id == "" || isRule && slices.Contains(slices.Collect(maps.Values(have)), ruleID)
	})
	return found
}
