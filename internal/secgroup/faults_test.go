package secgroup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// operation is one operation of the engine, as a caller with a state makes it.
type operation struct {
	// request is the operation of the API that the fault hits.
	request string
	// prepare puts the cloud and the state into what they are before. It runs without a fault.
	prepare func(ctx context.Context, s *Service, st *state) error
	// apply brings the cloud to what is wanted, from whatever the state is. It runs again after an error.
	apply func(ctx context.Context, s *Service, st *state) error
	// want are the rules of the group afterwards; nil: there is no group.
	want []string
	// tags and description of the group afterwards.
	tags, description string
}

// state is what a caller keeps between two runs.
type state struct {
	group     Ref
	groupWas  Pending // of a create that was cut off; zero: none
	ruleID    string
	ruleWas   Pending
	replacing *Replacement
	rule      rule.Rule // what the rule of ruleID says
	tainted   bool
}

// journal writes into a state.
type journal struct {
	pending *Pending
	id      *string
}

func (j journal) Pending(p Pending) { *j.pending = p }
func (j journal) Created(id string) { *j.id, *j.pending = id, Pending{} }

func (st *state) Replacing(r *Replacement) { st.replacing = r }
func (st *state) CameToNothing(error)      { st.replacing = nil }
func (st *state) Adopted(r client.SecurityGroupRule) {
	st.ruleID, st.rule, st.replacing = r.ID, RuleFromAPI("", r), nil
}
func (st *state) groupJournal() journal { return journal{&st.groupWas, &st.group.ID} }
func (st *state) ruleJournal() journal  { return journal{&st.ruleWas, &st.ruleID} }
func (p Pending) isNone() bool          { return p.Began.IsZero() }

// createGroup does what Terraform does about a group that its configuration has: a read that resolves a create which was
// cut off, the replacement of what is tainted, and the create.
func createGroup(spec GroupSpec) func(context.Context, *Service, *state) error {
	return func(ctx context.Context, s *Service, st *state) error {
		if st.group.ID == "" && !st.groupWas.isNone() {
			id, err := s.FindCreatedGroup(ctx, spec, &st.groupWas, true)
			if err != nil && !IsNothing(err) {
				return err
			}
			st.group.ID, st.groupWas, st.tainted = id, Pending{}, id != ""
		}
		if st.tainted && st.group.ID != "" {
			if err := s.DeleteGroup(ctx, st.group); err != nil {
				return err
			}
			st.group.ID = ""
		}
		if st.group.ID != "" {
			return nil
		}
		st.group.Location, st.tainted = spec.Location, true
		_, err := s.CreateGroup(ctx, spec, st.groupJournal())
		st.tainted = err != nil
		if IsNothing(err) {
			st.groupWas = Pending{}
		}
		return err
	}
}

// createRule is createGroup for a rule.
func createRule(wanted rule.Rule) func(context.Context, *Service, *state) error {
	return func(ctx context.Context, s *Service, st *state) error {
		if st.ruleID == "" && !st.ruleWas.isNone() {
			id, err := s.FindCreatedRule(ctx, st.group, wanted, &st.ruleWas, true)
			if err != nil && !IsNothing(err) {
				return err
			}
			st.ruleID, st.ruleWas, st.tainted = id, Pending{}, id != ""
		}
		if st.tainted && st.ruleID != "" {
			if _, _, err := s.DeleteRule(ctx, st.group, st.ruleID, wanted, nil); err != nil {
				return err
			}
			st.ruleID = ""
		}
		if st.ruleID != "" {
			return nil
		}
		_, err := s.CreateRule(ctx, st.group, wanted, st.ruleJournal())
		st.tainted, st.rule = err != nil, wanted
		if IsNothing(err) {
			st.ruleWas = Pending{}
		}
		return err
	}
}

func replaceRule(wanted rule.Rule) func(context.Context, *Service, *state) error {
	return func(ctx context.Context, s *Service, st *state) error {
		result, err := s.ReplaceRule(ctx, RuleReplacement{
			Group: st.group, ID: st.ruleID, Old: st.rule, To: st.group, Wanted: wanted, Left: st.replacing,
		}, st)
		if err == nil {
			st.ruleID, st.rule, st.replacing = result.ID, wanted, nil
		}
		return err
	}
}

func updateGroup(update GroupUpdate) func(context.Context, *Service, *state) error {
	return func(ctx context.Context, s *Service, st *state) error {
		err := s.UpdateGroup(ctx, st.group, update)
		return err
	}
}

func inOrder(steps ...func(context.Context, *Service, *state) error) func(context.Context, *Service, *state) error {
	return func(ctx context.Context, s *Service, st *state) error {
		for _, step := range steps {
			if err := step(ctx, s, st); err != nil {
				return err
			}
		}
		return nil
	}
}

// operations are all that change something.
func operations() map[string]operation {
	self := rule.Rule{Direction: rule.Ingress, RemoteGroupID: rule.Self}
	https, ssh, egress := tcp(443, ""), tcp(22, "admins"), rule.Rule{Direction: rule.Egress, Protocol: "esp"}
	described, udp := tcp(22, "all"), rule.Rule{Direction: rule.Ingress, Protocol: "udp"}
	spec := GroupSpec{Location: here, Name: "web", Tags: map[string]string{"a": "1"}, Rules: []rule.Rule{https, self}}
	bare := GroupSpec{Location: here, Name: "web", Description: "x"}
	empty := GroupSpec{Location: here, Name: "web"}
	create, createBare, createEmpty := createGroup(spec), createGroup(bare), createGroup(empty)
	const httpsLine, sshLine, selfLine = "ingress-ipv4-tcp-443", `ingress-ipv4-tcp-22 ("admins")`, "ingress-ipv4-all-from-self"
	deleteGroup := func(ctx context.Context, s *Service, st *state) error { return s.DeleteGroup(ctx, st.group) }
	deleteRule := func(ctx context.Context, s *Service, st *state) error {
		_, _, err := s.DeleteRule(ctx, st.group, st.ruleID, st.rule, st.replacing)
		return err
	}
	set := func(diff RulesDiff) func(context.Context, *Service, *state) error {
		return func(ctx context.Context, s *Service, st *state) error { return s.SetRules(ctx, st.group, diff) }
	}
	remove := func(ctx context.Context, s *Service, st *state) error {
		_, err := s.RemoveRules(ctx, st.group, []rule.Rule{https, ssh})
		return err
	}
	both := set(RulesDiff{Wanted: []rule.Rule{https, ssh}, Creating: true})
	none := func(context.Context, *Service, *state) error { return nil }
	ofOthers := rule.Rule{Direction: rule.Ingress, Protocol: "udp", Description: "k8s-web"}
	addOfOthers := func(ctx context.Context, s *Service, st *state) error {
		_, err := s.CreateRule(ctx, st.group, ofOthers, journal{new(Pending), new(string)})
		return err
	}
	beside := RulesDiff{Wanted: []rule.Rule{https, self}, Known: []rule.Rule{https, ssh}, Others: rule.Matchers{{DescriptionPrefix: new("k8s-")}}}
	return map[string]operation{
		"create group with rules": {gcoretest.OperationCreateGroup, none, create, []string{httpsLine, selfLine}, "a=1", ""},
		"create group":            {gcoretest.OperationCreateGroup, none, createBare, []string{}, "", "x"},
		"complete group":          {gcoretest.OperationUpdateGroup, none, create, []string{httpsLine, selfLine}, "a=1", ""},
		"update group with rules": {gcoretest.OperationUpdateGroup, create, updateGroup(GroupUpdate{
			Tags: map[string]*string{"a": nil, "b": new("2")}, Rules: &RulesDiff{Wanted: []rule.Rule{https, egress}, Known: spec.Rules},
		}), []string{"egress-ipv4-esp", httpsLine}, "b=2", ""},
		"update group": {gcoretest.OperationUpdateGroup, createBare, updateGroup(GroupUpdate{Description: new("y")}), []string{}, "", "y"},
		"delete group": {gcoretest.OperationDeleteGroup, create, deleteGroup, nil, "", ""},
		"create rule":  {gcoretest.OperationCreateRule, createEmpty, createRule(ssh), []string{sshLine}, "", ""},
		"update rule":  {gcoretest.OperationCreateRule, inOrder(createEmpty, createRule(ssh)), replaceRule(udp), []string{"ingress-ipv4-udp"}, "", ""},
		"update rule, second": {
			gcoretest.OperationDeleteRule, inOrder(createEmpty, createRule(ssh)), replaceRule(udp), []string{"ingress-ipv4-udp"}, "", "",
		},
		"describe rule": {
			gcoretest.OperationDeleteRule, inOrder(createEmpty, createRule(ssh)), replaceRule(described), []string{`ingress-ipv4-tcp-22 ("all")`}, "", "",
		},
		"describe rule, second": {
			gcoretest.OperationCreateRule, inOrder(createEmpty, createRule(ssh)), replaceRule(described), []string{`ingress-ipv4-tcp-22 ("all")`}, "", "",
		},
		"delete rule":  {gcoretest.OperationDeleteRule, inOrder(createEmpty, createRule(ssh)), deleteRule, []string{}, "", ""},
		"set rules":    {gcoretest.OperationUpdateGroup, createEmpty, both, []string{sshLine, httpsLine}, "", ""},
		"change rules": {gcoretest.OperationUpdateGroup, inOrder(createEmpty, both), set(RulesDiff{Wanted: []rule.Rule{https, self}, Known: []rule.Rule{https, ssh}}), []string{selfLine, httpsLine}, "", ""},
		"change rules beside others": {
			gcoretest.OperationUpdateGroup, inOrder(createEmpty, both, addOfOthers), set(beside),
			[]string{selfLine, httpsLine, ofOthers.Label()}, "", "",
		},
		"remove rules": {gcoretest.OperationUpdateGroup, inOrder(createEmpty, both), remove, []string{}, "", ""},
	}
}

// TestFaults runs every operation with every fault, and then again, in a process of its own each time, until it succeeds.
// Nothing is lost: the cloud holds what is wanted, and no other object. `make test-faults` does so in each reading of the API,
// `make test` in one of them, taken in turn.
func TestFaults(t *testing.T) {
	t.Parallel()
	all := os.Getenv("TEST_FAULTS") == "all"
	readings, scenarios, operations := gcoretest.Readings(), gcoretest.Scenarios(), operations()
	for i, faultName := range slices.Sorted(maps.Keys(scenarios)) {
		for j, name := range slices.Sorted(maps.Keys(operations)) {
			for k, reading := range slices.Sorted(maps.Keys(readings)) {
				if !all && (i+j)%len(readings) != k {
					continue
				}
				scenario, op := scenarios[faultName], operations[name]
				t.Run(reading+"/"+name+"/"+faultName, func(t *testing.T) {
					t.Parallel()
					config := scenario.In(readings[reading])
					config.TaskDuration = max(config.TaskDuration, 2*time.Millisecond)
					runScenario(t, op, scenario, config)
				})
			}
		}
	}
}

func runScenario(t *testing.T, op operation, scenario gcoretest.Scenario, config gcoretest.Config) {
	t.Helper()
	cloud := gcoretest.New(t, config)
	st := &state{group: Ref{Location: here}}
	process := func() *Service { return newService(t, cloud) }
	faulty := serviceFor(t, scenario, cloud)
	if err := op.prepare(t.Context(), process(), st); err != nil {
		t.Fatal(err)
	}
	limit := 10 * time.Minute
	if scenario.Passes {
		limit = time.Hour
	}
	cloud.ResetRequests()
	end := scenario.Apply(cloud, op.request)
	err := run(t, op, faulty, st, limit)
	end()
	// The deletion of a group makes no task.
	accepted := cloud.Count(func(r gcoretest.Request) bool {
		return r.Operation == op.request && r.Status/100 == 2 && r.Operation != gcoretest.OperationDeleteGroup
	})
	if scenario.MustPass(op.request) && err != nil {
		t.Errorf("the operation fails: %v", err)
	}
	if err != nil && scenario.OfTask && accepted == 1 && !strings.Contains(err.Error(), "task") {
		t.Errorf("the error does not name the task: %v", err)
	}
	for tries := 0; err != nil; tries++ {
		if tries == 3 {
			t.Fatalf("it does not converge: %v", err)
		}
		err = run(t, op, process(), st, time.Hour)
	}
	checkCloud(t, cloud, op, st)
}

func run(t *testing.T, op operation, s *Service, st *state, limit time.Duration) error {
	t.Helper()
	ctx, cancel := s.Operation(t.Context(), limit, nil)
	defer cancel()
	return op.apply(ctx, s, st)
}

// checkCloud compares the cloud with what is wanted, and with the ids of the state.
func checkCloud(t *testing.T, cloud *gcoretest.Server, op operation, st *state) {
	t.Helper()
	groups := cloud.Groups(here.ProjectID, here.RegionID)
	if op.want == nil {
		if len(groups) > 0 {
			t.Errorf("%d groups are left", len(groups))
		}
		return
	}
	if len(groups) != 1 || groups[0].ID != st.group.ID {
		t.Fatalf("the cloud has the groups %v, the state %s", groups, st.group.ID)
	}
	var group client.SecurityGroup
	var err error
	for range 5 { // a change may show late
		if group, err = newService(t, cloud).fresh(t.Context(), st.group); err != nil {
			t.Fatal(err)
		}
	}
	got := []string{}
	for _, r := range RulesFromAPI(group) {
		got = append(got, r.Label())
	}
	slices.Sort(got)
	want := slices.Sorted(slices.Values(op.want))
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("the rules (-want +got):\n%s", diff)
	}
	tags := []string{}
	for key, value := range UserTags(group) {
		tags = append(tags, fmt.Sprintf("%s=%s", key, value))
	}
	if got := strings.Join(tags, " "); got != op.tags || group.Description != op.description {
		t.Errorf("tags %q and description %q, want %q and %q", got, group.Description, op.tags, op.description)
	}
}

// A rule that somebody adds between the create of a group and the PATCH that completes it stays, and stops the create.
func TestGuardOfCompletion(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{TaskDuration: 2 * time.Millisecond})
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: 1, Skip: 1, Effect: gcoretest.Meanwhile{Before: func() {
		cloud.AddRule(cloud.Groups(here.ProjectID, here.RegionID)[0].ID, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp")})
	}}})
	st := &state{}
	spec := GroupSpec{Location: here, Name: "web", Rules: []rule.Rule{tcp(443, ""), {Direction: rule.Ingress, RemoteGroupID: rule.Self}}}
	_, err := newService(t, cloud).CreateGroup(t.Context(), spec, st.groupJournal())
	unplanned, ok := errors.AsType[*UnplannedRulesError](err)
	if !ok || len(unplanned.Rules) != 1 || !unplanned.Completing || unplanned.Rules[0].Name() != "ingress-ipv4-udp" {
		t.Errorf("the error is %v", err)
	}
	if rules := cloud.Groups(here.ProjectID, here.RegionID)[0].Rules; len(rules) != 2 {
		t.Errorf("the group has the rules %v", rules)
	}
	if st.group.ID == "" {
		t.Error("the journal has no id")
	}
}
