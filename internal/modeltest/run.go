package modeltest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
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
	// Apply forgets, moves and imports what the step says, refreshes, plans, calls between, and applies that plan.
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

// mostApplies is how often a configuration may be applied until the plan is empty.
const mostApplies = 3

// betweenSteps is how far the cloud's clock goes on from one step to the next. Nobody applies twice in a second, as the
// tests do, and the API's dates are in whole seconds.
const betweenSteps = time.Minute

// Run runs a sequence in a cloud of its own, and returns the first promise that is broken.
func Run(t testing.TB, s Sequence, start func(*gcoretest.Server) Subject) error {
	t.Helper()
	var ahead atomic.Int64
	config := gcoretest.Readings()[s.Reading]
	config.TaskDuration = time.Millisecond
	config.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	cloud := gcoretest.New(t, config)
	defer cloud.Close()
	r := &run{cloud: cloud, subject: start(cloud), ids: map[string]string{}}
	r.addOthers()
	for i, step := range s.Steps {
		if err := r.step(step); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		ahead.Add(int64(betweenSteps))
	}
	return nil
}

// run is a sequence in its course.
type run struct {
	cloud   *gcoretest.Server
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
	for _, change := range step.Before {
		r.disturb(change)
	}
	prepared, next, ids := r.world.prepared(step), r.world.After(step), r.subject.IDs()
	var shown, before map[string]held
	between := func() {
		if before == nil {
			shown = r.snapshot()
			for _, change := range step.Between {
				r.disturb(change)
			}
			before = r.snapshot()
		}
	}
	err := r.applyWithFault(step, between)
	between()
	if unseen := r.unseenRemoval(shown, before); unseen != "" && !strings.Contains(step.Fault.Scenario, "read lags") {
		return errors.New(unseen)
	}
	if err = r.converge(step, ids, err); err != nil {
		return err
	}
	kept := r.keptIDs(step, prepared, next, before)
	r.world = next
	return errors.Join(r.compare(), kept)
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
	most := 1
	if r.world.meets(step) || len(step.Between) > 0 || step.Fault != (Fault{}) {
		most = mostApplies
	}
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
	step.Before, step.Between, step.Forget, step.Fault = nil, nil, nil, Fault{}
	step.Import = slices.DeleteFunc(slices.Clone(step.Import), func(address string) bool { _, is := now[address]; return is })
	// A rule set that met rules which nobody had shown prints the block that imports it.
	held := r.snapshot()
	for label, set := range step.Config.Sets {
		declared := rule.Keys(slices.Collect(maps.Values(set.Rules)))
		more := slices.ContainsFunc(held[set.Group].rules, func(r heldRule) bool { return !declared[r.rule.Key()] })
		if _, is := now[setPrefix+label]; !is && more && !slices.Contains(step.Import, setPrefix+label) {
			step.Import = append(step.Import, setPrefix+label)
		}
	}
	step.Replace = slices.DeleteFunc(slices.Clone(step.Replace), func(address string) bool {
		id, is := now[address]
		return !is || id != before[address]
	})
	return step
}

// learn remembers the ids of our groups.
func (r *run) learn() {
	for address, id := range r.subject.IDs() {
		if label, isGroup := strings.CutPrefix(address, groupPrefix); isGroup && id != "" {
			r.ids[label] = id
		}
	}
}

// imports are the ids of what a step imports. What is no longer there cannot be imported.
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
	maps.DeleteFunc(found, func(_, id string) bool { return id == "" })
	return found
}

// held is one of our groups as the cloud has it, in the words of the model.
type held struct {
	id    string
	group gcoretest.Group
	rules []heldRule
}

type heldRule struct {
	rule rule.Rule
	id   string
}

func (h held) find(key rule.Key) int {
	return slices.IndexFunc(h.rules, func(r heldRule) bool { return r.rule.Key() == key })
}

func (h held) has(id string) bool {
	return slices.ContainsFunc(h.rules, func(r heldRule) bool { return r.id == id })
}

func (h held) meanings() []rule.Rule {
	var rules []rule.Rule
	for _, r := range h.rules {
		rules = append(rules, r.rule)
	}
	return rules
}

// snapshot reads our groups, by label.
func (r *run) snapshot() map[string]held {
	labels := map[string]string{}
	for label, id := range r.ids {
		labels[id] = label
	}
	found := map[string]held{}
	for label, id := range r.ids {
		group, exists := r.cloud.Group(id)
		if !exists {
			continue
		}
		h := held{id: id, group: group}
		for _, stored := range group.Rules {
			h.rules = append(h.rules, heldRule{meaning(stored, id, labels), stored.ID})
		}
		found[label] = h
	}
	return found
}

// meaning is what a stored rule says, where groups are called by their labels.
func meaning(r gcoretest.Rule, own string, labels map[string]string) rule.Rule {
	said := rule.Rule{
		Direction: r.Direction, Ethertype: text(r.Ethertype), Protocol: text(r.Protocol), RemoteIPPrefix: text(r.RemoteIPPrefix),
		PortRangeMin: number(r.PortRangeMin), PortRangeMax: number(r.PortRangeMax), Description: text(r.Description),
	}
	switch remote := text(r.RemoteGroupID); {
	case remote == own:
		said.RemoteGroupID = rule.Self
	case labels[remote] != "":
		said.RemoteGroupID = labels[remote]
	default:
		said.RemoteGroupID = remote
	}
	return said
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func number(value *int) *int64 {
	if value == nil {
		return nil
	}
	return new(int64(*value))
}

// disturb makes a change of somebody else's in the cloud.
func (r *run) disturb(change Change) {
	group, exists := r.snapshot()[change.Group]
	if !exists {
		return
	}
	at, to := group.find(change.Rule.Key()), group.find(change.To.Key())
	switch change.Kind {
	case AddRule:
		if at < 0 {
			r.cloud.AddRule(group.id, r.stored(change.Rule, group.id))
		}
	case ChangeRule:
		if at >= 0 && (to < 0 || to == at) {
			said := r.stored(change.To, group.id)
			r.cloud.ChangeRule(group.rules[at].id, func(stored *gcoretest.Rule) {
				stored.RemoteIPPrefix, stored.Description = said.RemoteIPPrefix, said.Description
			})
		}
	case DeleteRule:
		if at >= 0 {
			r.cloud.DeleteRule(group.rules[at].id)
		}
	case DeleteGroup:
		r.cloud.DeleteGroup(group.id)
	case SetTag:
		r.cloud.SetTag(group.id, change.Key, change.Value, false)
	case DeleteTag:
		r.cloud.DeleteTag(group.id, change.Key)
	case Rename:
		r.cloud.ChangeGroup(group.id, func(g *gcoretest.Group) { g.Name = change.Value })
	case Describe:
		r.cloud.ChangeGroup(group.id, func(g *gcoretest.Group) { g.Description = change.Value })
	}
}

// stored is a rule as the cloud holds it.
func (r *run) stored(said rule.Rule, own string) gcoretest.Rule {
	said = said.Canonical()
	given := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	narrow := func(n *int64) *int {
		if n == nil {
			return nil
		}
		return new(int(*n))
	}
	remote := said.RemoteGroupID
	if remote == rule.Self {
		remote = own
	} else if id := r.ids[remote]; id != "" {
		remote = id
	}
	return gcoretest.Rule{
		Direction: said.Direction, Ethertype: given(said.Ethertype), Protocol: given(said.Protocol),
		PortRangeMin: narrow(said.PortRangeMin), PortRangeMax: narrow(said.PortRangeMax),
		RemoteIPPrefix: given(said.RemoteIPPrefix), RemoteGroupID: given(remote), Description: &said.Description,
	}
}

// unseenRemoval says which rule went that somebody added after the plan, though its group stayed. One that the
// configuration wants too may get the configuration's description, and with it another id.
func (r *run) unseenRemoval(shown, before map[string]held) string {
	now := r.snapshot()
	for label, group := range before {
		for _, added := range group.rules {
			is := now[label]
			if is.id == group.id && !shown[label].has(added.id) && !is.has(added.id) && is.find(added.rule.Key()) < 0 {
				return fmt.Sprintf("the apply removed a rule that no plan has shown: %s of group %s", added.rule.Label(), label)
			}
		}
	}
	return ""
}

// compare compares the cloud and the state with the world.
func (r *run) compare() error {
	var problems []error
	problem := func(format string, values ...any) { problems = append(problems, fmt.Errorf(format, values...)) }
	ids, groups := r.subject.IDs(), r.snapshot()
	for _, was := range r.others {
		if is, _ := r.cloud.Group(was.ID); !reflect.DeepEqual(was, is) {
			problem("somebody else's group %q is not what it was: %v, was %v", was.Name, is, was)
		}
	}
	for label, want := range r.world.Groups {
		got, exists := groups[label]
		if !exists || ids[groupPrefix+label] != got.id {
			problem("group %s is not there; the state has the id %q", label, ids[groupPrefix+label])
			continue
		}
		for _, difference := range want.differences(got) {
			problem("group %s: %s", label, difference)
		}
	}
	for _, group := range r.cloud.Groups(Project, Region) {
		ours := slices.ContainsFunc(slices.Collect(maps.Keys(r.world.Groups)), func(label string) bool { return r.ids[label] == group.ID })
		if !ours && !slices.ContainsFunc(r.others, func(other gcoretest.Group) bool { return other.ID == group.ID }) {
			problem("an orphan: group %q (%s)", group.Name, group.ID)
		}
	}
	if got, want := slices.Sorted(maps.Keys(ids)), r.world.Config.Addresses(); !slices.Equal(got, want) {
		problem("the state has %v, the configuration %v", got, want)
	}
	for label, single := range r.world.Config.Rules {
		group := groups[single.Group]
		if at := group.find(single.Rule.Key()); at >= 0 && group.rules[at].id != ids[rulePrefix+label] {
			problem("rule %s has the id %s in the cloud and %q in the state", label, group.rules[at].id, ids[rulePrefix+label])
		}
	}
	return errors.Join(problems...)
}

// differences says how a group is not as it has to be.
func (h Held) differences(got held) []string {
	var found []string
	differs := func(what string, want, got any) {
		found = append(found, fmt.Sprintf("%s is %v, want %v", what, got, want))
	}
	tags := map[string]string{}
	for _, tag := range got.group.Tags {
		tags[tag.Key] = tag.Value
	}
	if !maps.Equal(tags, h.Tags) {
		differs("tags", h.Tags, tags)
	}
	if h.Name != got.group.Name {
		differs("name", h.Name, got.group.Name)
	}
	if h.Description != got.group.Description {
		differs("description", h.Description, got.group.Description)
	}
	var rules []rule.Rule
	for _, r := range h.Rules {
		rules = append(rules, r.Rule)
	}
	if missing := rule.Missing(got.meanings(), rules); len(missing) > 0 {
		found = append(found, "rules are missing:\n"+rule.Bullets(missing))
	}
	if more := rule.Missing(rules, got.meanings()); len(more) > 0 {
		found = append(found, "rules too many:\n"+rule.Bullets(more))
	}
	return found
}

// keptIDs says which rules have another id although nothing was to become of them.
func (r *run) keptIDs(step Step, prepared, next World, before map[string]held) error {
	now := r.snapshot()
	for label, was := range before {
		is, stays := now[label]
		if !stays || is.id != was.id {
			continue
		}
		set := prepared.Config.setOf(label)
		_, setStays := next.Config.Sets[set]
		if prepared.Config.Sets[set].Remove && (!setStays || slices.Contains(step.Replace, setPrefix+set)) {
			continue // it deletes them
		}
		for _, old := range was.rules {
			owner, nextOwner := prepared.Groups[label].owner(old.rule), next.Groups[label].owner(old.rule)
			at := slices.IndexFunc(is.rules, func(r heldRule) bool { return r.rule.Content() == old.rule.Content() })
			// A rule that one resource gives up is deleted, and the resource that takes it creates it again.
			handed := owner != "" && owner != nextOwner
			remote := old.rule.RemoteGroupID
			if at < 0 || handed || before[remote].id != now[remote].id || slices.Contains(step.Replace, rulePrefix+owner) || is.rules[at].id == old.id {
				continue
			}
			return fmt.Errorf("rule %s of group %s has got another id", old.rule.Label(), label)
		}
	}
	return nil
}

// owner is the label of the single rule that a rule of the group belongs to.
func (h Held) owner(r rule.Rule) string {
	if i := h.find(r.Key()); i >= 0 {
		return h.Rules[i].Single
	}
	return ""
}
