package secgroup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// controlled are the rules that a Kubernetes controller makes in these tests.
var controlled = rule.Matchers{{DescriptionPrefix: new("k8s-")}}

// addControlled adds rules of a controller for these UDP ports.
func addControlled(cloud *gcoretest.Server, group Ref, ports ...int) {
	for _, port := range ports {
		cloud.AddRule(group.ID, gcoretest.Rule{
			Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp"), PortRangeMin: &port, PortRangeMax: &port,
			Description: new(fmt.Sprintf("k8s-%d", port)),
		})
	}
}

// contentOf are the labels of a group's rules, in order.
func contentOf(cloud *gcoretest.Server, group Ref) []string {
	held, _ := cloud.Group(group.ID)
	var labels []string
	for _, r := range held.Rules {
		label := *r.Protocol
		if r.PortRangeMin != nil {
			label += fmt.Sprint(" ", *r.PortRangeMin)
		}
		if r.Description != nil && *r.Description != "" {
			label += " " + *r.Description
		}
		labels = append(labels, label)
	}
	return slices.Sorted(slices.Values(labels))
}

// What matches and is not declared stays in every PATCH, with its id and its description; what the state has is ours and
// goes, although it matches; what does not match stops a change as ever.
func TestOthersStay(t *testing.T) {
	t.Parallel()
	udp := func(port int64) rule.Rule {
		return rule.Rule{Direction: rule.Ingress, Protocol: "udp", PortRangeMin: &port, PortRangeMax: &port, Description: fmt.Sprintf("k8s-%d", port)}
	}
	set := func(diff RulesDiff) func(context.Context, *Service, Ref) error {
		diff.Others = controlled
		return func(ctx context.Context, s *Service, group Ref) error { return s.SetRules(ctx, group, diff) }
	}
	remove := func(known ...rule.Rule) func(context.Context, *Service, Ref) error {
		return func(ctx context.Context, s *Service, group Ref) error {
			_, err := s.RemoveRules(ctx, group, known)
			return err
		}
	}
	for name, test := range map[string]struct {
		run     func(context.Context, *Service, Ref) error
		want    []string
		refused bool
	}{
		"a change":               {set(RulesDiff{Known: allTCP(443, 22), Wanted: allTCP(443, 80)}), []string{"tcp 443", "tcp 80", "udp 1 k8s-1", "udp 2 k8s-2"}, false},
		"of all rules":           {set(RulesDiff{Known: allTCP(443, 22), Wanted: allTCP()}), []string{"udp 1 k8s-1", "udp 2 k8s-2"}, false},
		"of nothing":             {set(RulesDiff{Known: allTCP(443, 22), Wanted: allTCP(443, 22)}), []string{"tcp 22", "tcp 443", "udp 1 k8s-1", "udp 2 k8s-2"}, false},
		"a new rule set":         {set(RulesDiff{Wanted: allTCP(443, 22, 80), Creating: true}), []string{"tcp 22", "tcp 443", "tcp 80", "udp 1 k8s-1", "udp 2 k8s-2"}, false},
		"ours, which goes":       {set(RulesDiff{Known: append(allTCP(443, 22), udp(1)), Wanted: allTCP(443)}), []string{"tcp 443", "udp 2 k8s-2"}, false},
		"ours, which stays":      {set(RulesDiff{Known: append(allTCP(443, 22), udp(1)), Wanted: []rule.Rule{udp(1)}}), []string{"udp 1 k8s-1", "udp 2 k8s-2"}, false},
		"taken over":             {set(RulesDiff{Found: append(allTCP(443, 22), udp(1), udp(2)), Wanted: allTCP(443)}), []string{"tcp 443", "udp 1 k8s-1", "udp 2 k8s-2"}, false},
		"taken over, declared":   {set(RulesDiff{Found: append(allTCP(443, 22), udp(1), udp(2)), Wanted: append(allTCP(443), udp(1))}), []string{"tcp 443", "udp 1 k8s-1", "udp 2 k8s-2"}, false},
		"a rule of nobody":       {set(RulesDiff{Known: allTCP(443), Wanted: allTCP(443, 80)}), []string{"tcp 22", "tcp 443", "udp 1 k8s-1", "udp 2 k8s-2"}, true},
		"a new rule set's other": {set(RulesDiff{Wanted: allTCP(443), Creating: true}), []string{"tcp 22", "tcp 443", "udp 1 k8s-1", "udp 2 k8s-2"}, true},
		"a removed rule set":     {remove(allTCP(443, 22)...), []string{"udp 1 k8s-1", "udp 2 k8s-2"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{})
			group := webGroup(cloud, 443, 22)
			addControlled(cloud, group, 1, 2)
			before, _ := cloud.Group(group.ID)
			err := test.run(t.Context(), newService(t, cloud), group)
			if _, refused := errors.AsType[*UnplannedRulesError](err); refused != test.refused || !refused && err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, contentOf(cloud, group)); diff != "" {
				t.Error(diff)
			}
			after, _ := cloud.Group(group.ID)
			for _, was := range before.Rules {
				is := func(r gcoretest.Rule) bool { return r.ID == was.ID }
				if slices.Contains(test.want, "udp 2 k8s-2") && *was.PortRangeMin == 2 && !slices.ContainsFunc(after.Rules, is) {
					t.Error("a rule of somebody else got another id")
				}
			}
		})
	}
}

// Whether rules of others may stay is asked of the group as it is just before a PATCH, and also if none is needed; a refusal
// sends nothing.
func TestOthersAreJudged(t *testing.T) {
	t.Parallel()
	refusal := errors.New("not beside these")
	for name, wanted := range map[string][]rule.Rule{"a change": allTCP(443, 80), "nothing to send": allTCP(443)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{})
			group := webGroup(cloud, 443)
			addControlled(cloud, group, 1, 2)
			cloud.ResetRequests()
			var asked []string
			err := newService(t, cloud).SetRules(t.Context(), group, RulesDiff{Wanted: wanted, Others: controlled, Creating: true, Judge: func(theirs []rule.Rule) error {
				for _, r := range theirs {
					asked = append(asked, r.Description)
				}
				return refusal
			}})
			if !errors.Is(err, refusal) {
				t.Error(err)
			}
			if diff := cmp.Diff([]string{"k8s-1", "k8s-2"}, slices.Sorted(slices.Values(asked))); diff != "" {
				t.Error(diff)
			}
			if n := cloud.Count(func(r gcoretest.Request) bool { return r.Method != "GET" }); n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// A change of what somebody else has sends nothing.
func TestOthersAreNoChange(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{})
	group := webGroup(cloud, 443)
	addControlled(cloud, group, 1)
	cloud.ResetRequests()
	diff := RulesDiff{Known: allTCP(443, 22), Wanted: allTCP(443), Others: controlled}
	if err := newService(t, cloud).SetRules(t.Context(), group, diff); err != nil {
		t.Fatal(err)
	}
	if n := cloud.Count(func(r gcoretest.Request) bool {
		return r.Method == "PATCH" && strings.Contains(r.Body, "rules")
	}); n != 0 {
		t.Errorf("%d PATCHes", n)
	}
	found := RulesDiff{Wanted: allTCP(443), Known: allTCP(443), Found: []rule.Rule{{Direction: rule.Ingress, Protocol: "udp", Description: "k8s-1"}}}
	if found.Empty() {
		t.Error("a rule that was found goes, and that is no change")
	}
	if found.Others = controlled; !found.Empty() {
		t.Error("a rule of somebody else is a change")
	}
}

// A PATCH that could not keep what belongs to others is not sent.
func TestOthersThatCannotStay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		add  func(*gcoretest.Server, Ref)
		want string
	}{
		"too many": {func(cloud *gcoretest.Server, group Ref) {
			var ports []int
			for port := range rule.GroupLimit - 1 {
				ports = append(ports, port+1)
			}
			addControlled(cloud, group, ports...)
		}, "the group would have 251 rules, and the API takes 250 at most: 2 that are declared and 249 that ignore_rules leaves to others"},
		"no protocol of the API": {func(cloud *gcoretest.Server, group Ref) {
			cloud.AddRule(group.ID, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("99"), Description: new("k8s-odd")})
		}, `ingress-ipv4-99 ("k8s-odd")`},
		"host bits": {func(cloud *gcoretest.Server, group Ref) {
			cloud.AddRule(group.ID, gcoretest.Rule{
				Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("udp"), RemoteIPPrefix: new("10.0.0.1/8"), Description: new("k8s-odd"),
			})
		}, `ingress-ipv4-udp-from-10_0_0_1-8 ("k8s-odd")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, gcoretest.Config{})
			group := webGroup(cloud, 443)
			test.add(cloud, group)
			held := len(contentOf(cloud, group))
			err := newService(t, cloud).SetRules(t.Context(), group, RulesDiff{Known: allTCP(443), Wanted: allTCP(443, 80), Others: controlled})
			if _, is := errors.AsType[*KeepError](err); !is || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Nothing was sent") {
				t.Errorf("the error is %v", err)
			}
			if n := cloud.CountOperations()[gcoretest.OperationUpdateGroup]; n != 0 || len(contentOf(cloud, group)) != held {
				t.Errorf("%d PATCHes", n)
			}
		})
	}
}

// A rule that a controller adds to a new group before its rules are complete stays, and does not stop the create.
func TestOthersInANewGroup(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{})
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Times: 1, Skip: 1, Effect: gcoretest.Meanwhile{Before: func() {
		addControlled(cloud, Ref{here, cloud.Groups(here.ProjectID, here.RegionID)[0].ID}, 1)
	}}})
	st := &state{}
	spec := GroupSpec{
		Location: here, Name: "web", Others: controlled,
		Rules: []rule.Rule{tcp(443, ""), {Direction: rule.Ingress, Protocol: "icmp", RemoteGroupID: rule.Self}},
	}
	if _, err := newService(t, cloud).CreateGroup(t.Context(), spec, st.groupJournal()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"icmp", "tcp 443", "udp 1 k8s-1"}, contentOf(cloud, st.group)); diff != "" {
		t.Error(diff)
	}
}

// Rules of others that are the same rule twice are sent once, since the API would refuse the request otherwise.
func TestTwinsOfOthers(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		cloud := gcoretest.New(t, gcoretest.Config{AllowDuplicates: true, PatchKeepsTwins: keeps})
		group := webGroup(cloud, 443)
		addControlled(cloud, group, 1, 1)
		diff := RulesDiff{Known: allTCP(443), Wanted: allTCP(443, 80), Others: controlled}
		if err := newService(t, cloud).SetRules(t.Context(), group, diff); err != nil {
			t.Errorf("keeps twins %t: %v", keeps, err)
		}
		if got := slices.Compact(contentOf(cloud, group)); !slices.Equal(got, []string{"tcp 443", "tcp 80", "udp 1 k8s-1"}) {
			t.Errorf("keeps twins %t: %v", keeps, got)
		}
	}
}

// A lost create is found by its group although somebody else has tagged it and added a rule to it meanwhile.
func TestOthersAndALostCreate(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{NoTaskData: true})
	spec := GroupSpec{
		Location: here, Name: "web", Rules: allTCP(443), Tags: map[string]string{"team": "web"},
		Others: controlled, IgnoredTags: IgnoredTags{Keys: []string{"Cost"}, Prefixes: []string{"billing/"}},
	}
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Times: 1, Effect: gcoretest.Reset{Processed: true}})
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Times: 1, Effect: gcoretest.Meanwhile{Before: func() {
		for _, made := range cloud.Groups(here.ProjectID, here.RegionID) {
			cloud.SetTag(made.ID, "cost", "42", false)
			cloud.SetTag(made.ID, "billing/unit", "7", false)
			addControlled(cloud, Ref{here, made.ID}, 1)
		}
	}}})
	st := &state{}
	if _, err := newService(t, cloud).CreateGroup(t.Context(), spec, st.groupJournal()); err != nil {
		t.Fatal(err)
	}
	if groups := cloud.Groups(here.ProjectID, here.RegionID); len(groups) != 1 || groups[0].ID != st.group.ID || len(groups[0].Rules) != 2 {
		t.Errorf("the cloud has %v", groups)
	}
}
