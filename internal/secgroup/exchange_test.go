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
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// fleet is a configuration of single rules of one group, as Terraform runs it: each rule is a resource with a state, each apply a
// process of its own.
type fleet struct {
	*testing.T
	cloud  *gcoretest.Server
	group  Ref
	mu     sync.Mutex
	states map[string]*state
	failed []error // of the last apply
	errors []error // of all
}

func newFleet(t *testing.T, config gcoretest.Config, ports map[string]int64) *fleet {
	t.Helper()
	if config.TaskDuration == 0 {
		config.TaskDuration = 2 * time.Millisecond
	}
	cloud := gcoretest.New(t, config)
	id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
	f := &fleet{T: t, cloud: cloud, group: Ref{here, id}, states: map[string]*state{}}
	for name, port := range ports {
		id := cloud.AddRule(f.group.ID, portRule(port))
		f.states[name] = &state{group: f.group, ruleID: id, rule: tcp(port, "")}
	}
	return f
}

// process is the engine of a new process. Nothing here is about answers that are late, however busy the machine is.
func (f *fleet) process(options ...client.Option) *Service {
	f.Helper()
	api, err := client.New(client.Config{BaseURL: f.cloud.URL(), APIKey: f.cloud.APIKey()}, slices.Concat(fastWaits, options)...)
	if err != nil {
		f.Fatal(err)
	}
	return New(api, new(Owners), 5*time.Second)
}

func portRule(port int64) gcoretest.Rule {
	return gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(int(port)), PortRangeMax: new(int(port))}
}

// step is an operation that Terraform plans.
type step struct {
	name string
	run  func(ctx context.Context, s *Service) error
}

// plan lists what makes the states those of a configuration.
func (f *fleet) plan(wanted map[string]rule.Rule) (steps []step) {
	for name, st := range f.states {
		if _, stays := wanted[name]; stays {
			continue
		}
		steps = append(steps, step{name, func(ctx context.Context, s *Service) error {
			_, _, err := s.DeleteRule(ctx, st.group, st.ruleID, st.rule, st.replacing)
			if err == nil {
				f.forget(name)
			}
			return err
		}})
	}
	for name, r := range wanted {
		st := f.states[name]
		switch {
		case st == nil:
			st = &state{group: f.group}
			steps = append(steps, step{name, func(ctx context.Context, s *Service) error {
				f.mu.Lock()
				f.states[name] = st
				f.mu.Unlock()
				err := createRule(r)(ctx, s, st)
				if IsNothing(err) || err != nil && st.ruleID == "" && st.ruleWas.isNone() {
					f.forget(name)
				}
				return err
			}})
		case st.ruleID == "" || st.tainted:
			steps = append(steps, step{name, func(ctx context.Context, s *Service) error { return createRule(r)(ctx, s, st) }})
		case st.replacing != nil || st.rule.Content() != r.Content():
			steps = append(steps, step{name, func(ctx context.Context, s *Service) error { return replaceRule(r)(ctx, s, st) }})
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return strings.Compare(a.name, b.name) })
	return steps
}

func (f *fleet) forget(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.states, name)
}

// refresh reads the resources, in the order of their names or backwards.
func (f *fleet) refresh(backwards bool) {
	f.Helper()
	s := f.process()
	names := slices.Sorted(maps.Keys(f.states))
	if backwards {
		slices.Reverse(names)
	}
	for _, name := range names {
		st := f.states[name]
		if st.ruleID == "" {
			continue
		}
		left, err := s.FindReplacement(f.Context(), st.group, st.replacing, true)
		if IsNothing(err) {
			left, err = nil, nil
		}
		if err != nil {
			f.Fatal(err)
		}
		found, left, err := s.ReadRule(f.Context(), st.group, st.ruleID, left, true)
		switch {
		case errors.Is(err, ErrTaken), errors.Is(err, client.ErrNotFound):
			f.forget(name)
		case err != nil:
			f.Fatal(err)
		default:
			st.group.ID, st.ruleID, st.rule, st.replacing = found.SecurityGroupID, found.ID, RuleFromAPI("", found), left
		}
	}
}

// apply runs the steps in their order, so many at a time, and none after ctx has ended.
func (f *fleet) apply(ctx context.Context, workers int, steps []step) {
	f.applyWith(ctx, f.process(), workers, steps)
}

func (f *fleet) applyWith(ctx context.Context, s *Service, workers int, steps []step) {
	f.mu.Lock()
	f.failed = nil
	f.mu.Unlock()
	var running sync.WaitGroup
	slots := make(chan struct{}, workers)
	for _, next := range steps {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := s.Operation(ctx, time.Hour, nil)
			defer cancel()
			if err := next.run(ctx, s); err != nil {
				f.mu.Lock()
				f.failed = append(f.failed, fmt.Errorf("%s: %w", next.name, err))
				f.mu.Unlock()
			}
		})
	}
	running.Wait()
	f.mu.Lock()
	f.errors = append(f.errors, f.failed...)
	f.mu.Unlock()
}

// awaitWaiting returns once an operation waits for another one.
func awaitWaiting(ctx context.Context, e *exchange) {
	for ctx.Err() == nil {
		e.mu.Lock()
		waits := e.changed != nil
		e.mu.Unlock()
		if waits {
			return
		}
		_ = fast.Sleep(ctx, time.Second)
	}
}

// converge applies until the plan is empty, after a refresh each time, and returns how often that was.
func (f *fleet) converge(workers int, wanted map[string]rule.Rule) (applies int) {
	f.Helper()
	for ; applies < 4; applies++ {
		f.refresh(applies%2 == 1)
		steps := f.plan(wanted)
		if len(steps) == 0 {
			return applies
		}
		rand.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		f.apply(f.Context(), workers, steps)
	}
	f.Errorf("it does not converge: %v", f.errors)
	return applies
}

// check compares the cloud with the configuration, the states and what somebody else made.
func (f *fleet) check(wanted map[string]rule.Rule, foreign ...string) {
	f.Helper()
	var want, got []string
	group, _ := f.cloud.Group(f.group.ID)
	ids := slices.Clone(foreign)
	for name, r := range wanted {
		want = append(want, r.Name())
		if st := f.states[name]; st != nil {
			ids = append(ids, st.ruleID)
		}
	}
	var there []string
	for _, r := range group.Rules {
		there = append(there, r.ID)
		if !slices.Contains(foreign, r.ID) {
			got = append(got, fmt.Sprintf("ingress-ipv4-tcp-%d", *r.PortRangeMin))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	slices.Sort(there)
	slices.Sort(ids)
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("the rules (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(slices.Compact(ids), there); diff != "" {
		f.Errorf("the ids of the states and those of the cloud (-states +cloud):\n%s", diff)
	}
}

// has reports whether the group has a rule of that id.
func (f *fleet) has(id string) bool {
	group, _ := f.cloud.Group(f.group.ID)
	return slices.ContainsFunc(group.Rules, func(r gcoretest.Rule) bool { return r.ID == id })
}

// gaps lists the ports that were there before, are wanted after, and for a moment were not there.
func (f *fleet) gaps(before map[string]int64, wanted map[string]rule.Rule) (ports []int64) {
	changes := f.cloud.History()
	for _, port := range before {
		if !slices.ContainsFunc(slices.Collect(maps.Values(wanted)), func(r rule.Rule) bool { return *r.PortRangeMin == port }) {
			continue
		}
		if _, opened := gcoretest.Gap(changes, f.group.ID, func(r gcoretest.Rule) bool { return int64(*r.PortRangeMin) == port }); opened {
			ports = append(ports, port)
		}
	}
	return ports
}

// list is a configuration of one rule for each port, by index.
func list(ports ...int64) map[string]int64 {
	config := map[string]int64{}
	for i, port := range ports {
		config[fmt.Sprintf("r%02d", i)] = port
	}
	return config
}

func upTo(first, last int64) (ports []int64) {
	for port := first; port <= last; port++ {
		ports = append(ports, port)
	}
	return ports
}

func rulesOf(ports map[string]int64) map[string]rule.Rule {
	rules := map[string]rule.Rule{}
	for name, port := range ports {
		rules[name] = tcp(port, "")
	}
	return rules
}

// changes are configurations whose rules take each other's places.
func changes() map[string][2]map[string]int64 {
	return map[string][2]map[string]int64{
		"swap":                {list(1, 2), list(2, 1)},
		"rotation":            {list(1, 2, 3), list(2, 3, 1)},
		"shift up":            {list(1, 2, 3), list(2, 3, 4)},
		"shift down":          {list(2, 3, 4), list(1, 2, 3)},
		"loses its first":     {list(1, 2, 3, 4), list(2, 3, 4)},
		"loses one in it":     {list(1, 2, 3), list(1, 3)},
		"swap and a new rule": {list(1, 2), list(2, 1, 3)},
	}
}

// refusals are the ways in which the API refuses a rule that is there, with its lock and without.
func refusals() map[string]gcoretest.Config {
	return map[string]gcoretest.Config{
		"early, lock":    {},
		"early, no lock": {NoLock: true},
		"late, lock":     {RefuseInTask: true},
		"late, no lock":  {RefuseInTask: true, NoLock: true},
	}
}

// permutations calls each with every order of the steps.
func permutations(steps []step, each func([]step)) {
	var permute func(int)
	permute = func(n int) {
		if n == len(steps) {
			each(slices.Clone(steps))
			return
		}
		for i := n; i < len(steps); i++ {
			steps[n], steps[i] = steps[i], steps[n]
			permute(n + 1)
			steps[n], steps[i] = steps[i], steps[n]
		}
	}
	permute(0)
}

// hasty lists the resources whose update deleted its own rule while the wanted one was not there.
func (f *fleet) hasty(before map[string]string, wanted map[string]rule.Rule) (names []string) {
	there := map[int]int{}
	for _, change := range f.cloud.History() {
		if change.Kind != gcoretest.RuleRemoved {
			there[*change.Rule.PortRangeMin]++
			continue
		}
		there[*change.Rule.PortRangeMin]--
		for name, id := range before {
			if r, stays := wanted[name]; stays && id == change.Rule.ID && there[int(*r.PortRangeMin)] == 0 {
				names = append(names, name)
			}
		}
	}
	return names
}

func (f *fleet) ids() map[string]string {
	ids := map[string]string{}
	for name, st := range f.states {
		ids[name] = st.ruleID
	}
	return ids
}

// Rules that take each other's places get there in one apply, in whatever order Terraform runs them, one at a time.
func TestExchangeInAnyOrder(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		for name, change := range changes() {
			t.Run(name+", "+reading, func(t *testing.T) {
				t.Parallel()
				wanted := rulesOf(change[1])
				orders := 0
				permutations(newFleet(t, config, change[0]).plan(wanted), func([]step) { orders++ })
				for order := range orders {
					f := newFleet(t, config, change[0])
					before := f.ids()
					n := 0
					permutations(f.plan(wanted), func(steps []step) {
						if n == order {
							f.apply(t.Context(), 1, steps)
						}
						n++
					})
					for _, err := range f.failed {
						t.Errorf("order %d: %v", order, err)
					}
					f.check(wanted)
					if names := f.hasty(before, wanted); len(names) > 0 {
						t.Errorf("order %d: %v went before their successors came", order, names)
					}
					if n := f.converge(1, wanted); n != 0 {
						t.Errorf("order %d: the plan after the apply is not empty", order)
					}
				}
			})
		}
	}
}

// While those that take each other's places run at the same time, none of the rules is away for a moment.
func TestExchangeWithoutAGap(t *testing.T) {
	t.Parallel()
	moves := changes()
	moves["long shift"] = [2]map[string]int64{list(upTo(1, 30)...), list(upTo(2, 31)...)}
	for reading, config := range refusals() {
		for name, change := range moves {
			t.Run(name+", "+reading, func(t *testing.T) {
				t.Parallel()
				wanted := rulesOf(change[1])
				f := newFleet(t, config, change[0])
				steps := f.plan(wanted)
				updates := 0
				for _, s := range steps {
					if _, before := change[0][s.name]; before && wanted[s.name].Direction != "" {
						updates++
					}
				}
				s := f.process()
				// The first write, and each delete, waits until all updates have begun.
				begun := func() bool {
					seeking := 0
					for p := range s.exchange.running {
						if p.seeks != (identity{}) {
							seeking++
						}
					}
					return seeking == updates
				}
				all := sync.OnceFunc(func() {
					s.exchange.mu.Lock()
					defer s.exchange.mu.Unlock()
					if err := s.exchange.await(t.Context(), begun); err != nil {
						t.Error(err)
					}
				})
				f.cloud.Fail(gcoretest.Fault{Match: gcoretest.Request.Writes, Effect: gcoretest.Meanwhile{Before: all}})
				for i, next := range steps {
					if _, stays := wanted[next.name]; !stays {
						steps[i].run = func(ctx context.Context, s *Service) error { all(); return next.run(ctx, s) }
					}
				}
				f.applyWith(t.Context(), s, len(steps), steps)
				for _, err := range f.failed {
					t.Error(err)
				}
				f.check(wanted)
				if ports := f.gaps(change[0], wanted); len(ports) > 0 {
					t.Errorf("for a moment there is no rule for the ports %v", ports)
				}
			})
		}
	}
}

// A long list that shifts, as Terraform runs it: ten at a time, in no certain order.
func TestLongShift(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		for name, change := range map[string][2]map[string]int64{
			"up":        {list(upTo(1, 30)...), list(upTo(2, 31)...)},
			"down":      {list(upTo(2, 31)...), list(upTo(1, 30)...)},
			"one fewer": {list(upTo(1, 30)...), list(upTo(2, 30)...)},
		} {
			for _, workers := range []int{1, 10, 30} {
				t.Run(fmt.Sprintf("%s, %s, %d workers", name, reading, workers), func(t *testing.T) {
					t.Parallel()
					wanted := rulesOf(change[1])
					f := newFleet(t, config, change[0])
					before := f.ids()
					if n := f.converge(workers, wanted); n != 1 {
						t.Errorf("it took %d applies: %v", n, f.errors)
					}
					f.check(wanted)
					if names := f.hasty(before, wanted); len(names) > 0 {
						t.Errorf("%v went before their successors came", names)
					}
				})
			}
		}
	}
}

// afterwards are what an apply that did not get through may be followed by: the same configuration, the one before, or none.
func afterwards(change [2]map[string]int64) map[string]map[string]rule.Rule {
	return map[string]map[string]rule.Rule{"goes on": rulesOf(change[1]), "goes back": rulesOf(change[0]), "is destroyed": {}}
}

// An apply that is interrupted after any of its requests, or one of whose deletions is refused, is followed by plain applies of
// the same configuration or of another one: they get there, nothing is left, and nobody else's rule is touched. So it is if the
// first of them does not refresh.
func TestExchangeInterrupted(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		for name, change := range changes() {
			for then, wanted := range afterwards(change) {
				for _, refreshes := range []bool{true, false} {
					if !refreshes && then != "goes on" {
						continue
					}
					t.Run(fmt.Sprintf("%s, %s, %s, refresh %t", name, reading, then, refreshes), func(t *testing.T) {
						t.Parallel()
						for at := 1; ; at++ {
							cut := cutApply{config: config, change: change, at: at, then: wanted, refreshes: refreshes}
							interrupted := cut.converges(t)
							cut.refused = true
							if refused := cut.converges(t); t.Failed() || !interrupted && !refused {
								return
							}
						}
					})
				}
			}
		}
	}
}

// cutApply is an apply of a change that does not get through, and what follows.
type cutApply struct {
	config    gcoretest.Config
	change    [2]map[string]int64
	at        int  // it is interrupted after so many requests
	refused   bool // or rather that deletion is refused
	then      map[string]rule.Rule
	refreshes bool
}

// converges reports false if the apply got through.
func (cut cutApply) converges(t *testing.T) bool {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var requests atomic.Int32
	cut.config.Log = func(gcoretest.Request) {
		if requests.Add(1) == int32(cut.at) && !cut.refused {
			interrupt()
		}
	}
	f := newFleet(t, cut.config, cut.change[0])
	foreign := f.cloud.AddRule(f.group.ID, portRule(999))
	if cut.refused {
		f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Skip: cut.at - 1, Times: 1, Effect: gcoretest.Answer{Status: 403}})
	}
	steps := f.plan(rulesOf(cut.change[1]))
	rand.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	f.apply(ctx, 1+cut.at%2*9, steps)
	if ctx.Err() == nil && len(f.failed) == 0 {
		return false
	}
	first := f.failed
	if !cut.refreshes {
		f.apply(t.Context(), 10, f.plan(cut.then))
	}
	if n := f.converge(10, cut.then); n > 3 {
		t.Errorf("%d applies", n)
	}
	f.check(cut.then, foreign)
	if t.Failed() {
		t.Errorf("cut off at %d, refused %t: %v", cut.at, cut.refused, first)
	}
	return true
}

// An update takes over the rule of a resource that goes or changes, and is not completed: its own rule cannot be deleted. Whenever
// the other one gives the rule up, it is left to nobody.
func TestTakenOverInVain(t *testing.T) {
	t.Parallel()
	next := map[string]map[string]int64{"goes": {}, "changes": {"other": 3}}
	for name, others := range next {
		for _, when := range []string{"before", "during", "after"} {
			for then, port := range map[string]int64{"goes on": 2, "goes back": 1, "changes": 4, "is destroyed": 0} {
				t.Run(fmt.Sprintf("the other one %s %s it, and it %s", name, when, then), func(t *testing.T) {
					t.Parallel()
					f := newFleet(t, gcoretest.Config{NoLock: true}, map[string]int64{"taker": 1, "other": 2})
					wanted, own := maps.Clone(others), f.states["taker"].ruleID
					wanted["taker"] = 2
					steps := f.plan(rulesOf(wanted))
					other, taker := steps[0], steps[1]
					s := f.process()
					var beside sync.WaitGroup
					leave := func() { f.applyWith(t.Context(), s, 1, []step{other}) }
					refusal := gcoretest.Fault{
						Match: func(r gcoretest.Request) bool {
							return strings.HasSuffix(r.Path, own) && r.Method == "DELETE"
						},
						Effect: gcoretest.Answer{Status: 403},
					}
					switch when {
					case "before":
						f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Times: 1, Effect: gcoretest.Meanwhile{Before: func() {
							beside.Go(func() { f.applyWith(t.Context(), s, 1, []step{taker}) })
							awaitWaiting(t.Context(), &s.exchange)
						}}})
					case "during":
						refusal.Effect = gcoretest.Meanwhile{Before: leave, Then: refusal.Effect}
					}
					refused := f.cloud.Fail(refusal)
					if when == "before" {
						leave()
						beside.Wait()
					} else {
						f.applyWith(t.Context(), s, 1, []step{taker})
					}
					if when == "after" {
						leave()
					}
					refused.Clear()
					if wanted["taker"] = port; port == 0 {
						delete(wanted, "taker")
					}
					f.converge(1, rulesOf(wanted))
					f.check(rulesOf(wanted))
				})
			}
		}
	}
}

// A rule that somebody made by hand in the place of the wanted one is taken over, whatever its description.
func TestExchangeWithARuleMadeByHand(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		for description, applies := range map[string]int{"": 1, "by hand": 2} {
			t.Run(fmt.Sprintf("%s, %q", reading, description), func(t *testing.T) {
				t.Parallel()
				f := newFleet(t, config, list(1, 2))
				byHand := portRule(3)
				byHand.Description = &description
				id := f.cloud.AddRule(f.group.ID, byHand)
				wanted := rulesOf(list(3, 2))
				f.apply(t.Context(), 1, f.plan(wanted))
				if len(f.failed) > 0 || f.states["r00"].ruleID != id {
					t.Errorf("rule %s is not taken over: %v", id, f.failed)
				}
				if n := f.converge(1, wanted); n != applies-1 {
					t.Errorf("it took %d applies more", n)
				}
				f.check(wanted)
			})
		}
	}
}

// Two resources that want the same rule: one of them gets it, and the error of the other names it.
func TestTwoWantTheSameRule(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		t.Run(reading, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, config, list(1, 2))
			f.apply(t.Context(), 1, f.plan(rulesOf(list(3, 3))))
			if len(f.failed) != 1 || OutcomeOf(f.failed[0]) != Exists || !errors.Is(f.failed[0], ErrTaken) {
				t.Errorf("the errors are %v", f.failed)
			}
			if group, _ := f.cloud.Group(f.group.ID); len(group.Rules) != 2 {
				t.Errorf("the group has %d rules", len(group.Rules))
			}
		})
	}
}

// An update does not take over a rule that another resource of the apply keeps, whether Terraform runs that resource before,
// after or not at all. One that the other resource gives up it does.
func TestUpdateOverARuleThatIsKept(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		for name, becomes := range map[string]rule.Rule{"kept": tcp(2, ""), "described": tcp(2, "other"), "given up": tcp(3, "")} {
			t.Run(reading+", "+name, func(t *testing.T) {
				t.Parallel()
				f := newFleet(t, config, list(1, 2))
				s, holder := f.process(), f.states["r01"].ruleID
				by := Owner{Kind: "rule", ID: holder, Existed: true, Declares: rule.Keys([]rule.Rule{becomes})}
				if err := s.owners.OwnOne(f.group, by); err != nil {
					t.Fatal(err)
				}
				f.applyWith(t.Context(), s, 1, f.plan(rulesOf(list(2, 2))))
				if taken := f.states["r00"].ruleID == holder; taken != (name == "given up") {
					t.Errorf("taken over: %t, and the errors are %v", taken, f.failed)
				}
				if name != "given up" && (len(f.failed) != 1 || !errors.Is(f.failed[0], ErrTaken) || !strings.Contains(f.failed[0].Error(), holder)) {
					t.Errorf("the errors are %v", f.failed)
				}
				if group, _ := f.cloud.Group(f.group.ID); name != "given up" && len(group.Rules) != 2 {
					t.Errorf("the group has %d rules", len(group.Rules))
				}
			})
		}
	}
}

// A create and an update meet: the update takes the new rule over before the create knows that it is there. One of them gets it.
// The other one leaves nothing behind, whatever follows.
func TestCreateMeetsUpdate(t *testing.T) {
	t.Parallel()
	for name, completes := range map[string]bool{"the update completes": true, "the update fails": false} {
		for then, next := range map[string]map[string]int64{"both": {"creator": 2, "taker": 1}, "creator": {"creator": 2}, "taker": {"taker": 2}, "none": {}} {
			t.Run(name+", then "+then, func(t *testing.T) {
				t.Parallel()
				f := newFleet(t, gcoretest.Config{NoLock: true, TaskDuration: time.Nanosecond}, map[string]int64{"taker": 1})
				wanted := rulesOf(map[string]int64{"creator": 2, "taker": 2})
				steps := f.plan(wanted)
				s := f.process()
				if !completes {
					f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Times: 1, Effect: gcoretest.Answer{Status: 403}})
				}
				f.cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1, Effect: gcoretest.Meanwhile{Before: func() {
					f.applyWith(t.Context(), s, 1, steps[1:])
				}}})
				f.applyWith(t.Context(), s, 1, steps[:1])
				creator, taker := f.states["creator"], f.states["taker"]
				switch {
				case completes && (creator != nil || len(f.failed) != 1 || !errors.Is(f.failed[0], ErrTaken)):
					t.Errorf("the create has %v although the update has the rule: %v", creator, f.failed)
				case !completes && (creator.ruleID == "" || creator.ruleID == taker.ruleID):
					t.Errorf("the create has %v although the update gave the rule up: %v", creator, f.failed)
				}
				f.converge(1, rulesOf(next))
				f.check(rulesOf(next))
			})
		}
	}
}

// A create over a rule that nobody gives up fails soon, and takes nothing over.
func TestCreateOverARule(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		t.Run(reading, func(t *testing.T) {
			t.Parallel()
			var waited time.Duration
			f := newFleet(t, config, nil)
			id := f.cloud.AddRule(f.group.ID, portRule(1))
			s := f.process(client.WithSleep(func(ctx context.Context, pause time.Duration) error {
				waited += pause
				select {
				case <-ctx.Done():
				case <-time.After(pause / 1000):
				}
				return ctx.Err()
			}))
			f.applyWith(t.Context(), s, 1, f.plan(rulesOf(list(1))))
			if len(f.failed) != 1 || OutcomeOf(f.failed[0]) != Exists || !strings.Contains(f.failed[0].Error(), id) {
				t.Errorf("the errors are %v", f.failed)
			}
			// Three seconds, and the pauses between polls before and after that.
			if waited > 6*time.Second {
				t.Errorf("it waited for %s", waited)
			}
			f.check(nil, id)
		})
	}
}

// Many rules move to other addresses of the configuration without a moved block: the creates leave room for the deletes.
func TestManyRulesMoveWithoutAMovedBlock(t *testing.T) {
	t.Parallel()
	for reading, config := range refusals() {
		for workers, rules := range map[int]int64{1: 10, 10: 60} {
			t.Run(fmt.Sprintf("%s, %d workers", reading, workers), func(t *testing.T) {
				t.Parallel()
				f := newFleet(t, config, list(upTo(1, rules)...))
				wanted := map[string]rule.Rule{}
				for name, r := range rulesOf(list(upTo(1, rules)...)) {
					wanted["moved-"+name] = r
				}
				if n := f.converge(workers, wanted); n > 2 {
					t.Errorf("it took %d applies: %v", n, f.errors)
				}
				f.check(wanted)
				// Each rule is created and deleted. No create is refused twice, but for those that show the lock.
				if writes := f.cloud.Count(gcoretest.Request.Writes); writes > 3*int(rules)+workers {
					t.Errorf("%d writes", writes)
				}
			})
		}
	}
}
