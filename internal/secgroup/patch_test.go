package secgroup

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// webGroup adds a group with the given rules of the TCP ports in the order of their ages. A port may be there several times.
func webGroup(cloud *gcoretest.Server, ports ...int) Ref {
	id := cloud.AddGroup(gcoretest.Group{ProjectID: here.ProjectID, RegionID: here.RegionID, Name: "web"})
	for _, port := range ports {
		cloud.AddRule(id, gcoretest.Rule{
			Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: &port, PortRangeMax: &port, Description: new(""),
		})
	}
	return Ref{here, id}
}

// portsOf lists the ports of a group's rules.
func portsOf(cloud *gcoretest.Server, group Ref) []int {
	held, _ := cloud.Group(group.ID)
	var ports []int
	for _, r := range held.Rules {
		ports = append(ports, *r.PortRangeMin)
	}
	return slices.Sorted(slices.Values(ports))
}

func allTCP(ports ...int64) []rule.Rule {
	rules := []rule.Rule{}
	for _, port := range ports {
		rules = append(rules, tcp(port, ""))
	}
	return rules
}

// Neutron lets in several rules of one key that are created in the same moment. A plan shows the twin as a rule that goes,
// and so it does, also where a PATCH takes it for the rule that stays. A twin that no plan has shown stops the change.
func TestTwins(t *testing.T) {
	t.Parallel()
	update := func(known, wanted []rule.Rule) func(context.Context, *Service, Ref) error {
		return func(ctx context.Context, s *Service, group Ref) error {
			return s.UpdateGroup(ctx, group, GroupUpdate{Rules: &RulesDiff{Wanted: wanted, Known: known}})
		}
	}
	for name, test := range map[string]struct {
		run     func(context.Context, *Service, Ref) error
		want    []int
		refused bool
	}{
		"goes":                           {update(allTCP(443, 443, 22), allTCP(443, 22)), []int{22, 443}, false},
		"with another rule":              {update(allTCP(443, 443, 22), allTCP(443, 80)), []int{80, 443}, false},
		"with its twin":                  {update(allTCP(443, 443, 22), allTCP(22)), []int{22}, false},
		"no plan has shown":              {update(allTCP(443, 22), allTCP(443, 80)), []int{22, 443, 443}, true},
		"no plan has shown, of no rules": {update(allTCP(443, 22), allTCP()), []int{22, 443, 443}, true},
		"of a new rule set":              {update(nil, allTCP(443, 22)), []int{22, 443, 443}, true},
		"of a set that is removed": {func(ctx context.Context, s *Service, g Ref) error {
			_, err := s.RemoveRules(ctx, g, allTCP(443))
			return err
		}, []int{22, 443}, false},
		"of a set that is removed, known": {func(ctx context.Context, s *Service, g Ref) error {
			_, err := s.RemoveRules(ctx, g, allTCP(443, 443))
			return err
		}, []int{22}, false},
	} {
		for _, keeps := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cloud := gcoretest.New(t, gcoretest.Config{AllowDuplicates: true, PatchKeepsTwins: keeps})
				group := webGroup(cloud, 443, 22, 443)
				err := test.run(t.Context(), newService(t, cloud), group)
				if _, refused := errors.AsType[*UnplannedRulesError](err); refused != test.refused || !refused && err != nil {
					t.Errorf("keeps twins %t: %v", keeps, err)
				}
				if got := portsOf(cloud, group); !slices.Equal(got, test.want) {
					t.Errorf("keeps twins %t: %v, want %v", keeps, got, test.want)
				}
			})
		}
	}
}

// A twin that somebody adds after the PATCH was built is left for the next plan to show.
func TestTwinAddedMeanwhile(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{AllowDuplicates: true, PatchKeepsTwins: true})
	group := webGroup(cloud, 443, 22, 443)
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.Meanwhile{After: func() {
		cloud.AddRule(group.ID, gcoretest.Rule{
			Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22),
		})
	}}})
	diff := RulesDiff{Wanted: allTCP(443, 22), Known: allTCP(443, 443, 22)}
	if err := newService(t, cloud).UpdateGroup(t.Context(), group, GroupUpdate{Rules: &diff}); err != nil {
		t.Error(err)
	}
	if got := portsOf(cloud, group); !slices.Equal(got, []int{22, 22, 443}) {
		t.Errorf("got %v", got)
	}
}

// The error of a tag that did not change says so if the cloud does not let anybody change it.
func TestReadOnlyTag(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{})
	group := webGroup(cloud)
	cloud.SetTag(group.ID, "owner", "platform", true)
	ignored := cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Effect: gcoretest.Answer{Status: 200, Body: `{"tasks": []}`}})
	err := newService(t, cloud).UpdateGroup(t.Context(), group, GroupUpdate{Tags: map[string]*string{"owner": new("me")}})
	if err == nil || !strings.Contains(err.Error(), "tag owner, which is a read-only tag of the cloud") {
		t.Errorf("a tag that is not set: %v", err)
	}
	ignored.Clear()
	err = newService(t, cloud).UpdateGroup(t.Context(), group, GroupUpdate{Tags: map[string]*string{"owner": new("me")}})
	if err == nil || !strings.Contains(err.Error(), "Tag owner is read-only") {
		t.Errorf("a tag that is refused: %v", err)
	}
}

// Whatever happens to the request that deletes a twin, the next applies leave one rule of each kind.
func TestTwinsWithFaults(t *testing.T) {
	t.Parallel()
	for name, scenario := range gcoretest.Scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := gcoretest.New(t, scenario.In(gcoretest.Config{
				AllowDuplicates: true, PatchKeepsTwins: true, TaskDuration: 2 * time.Millisecond,
			}))
			group := webGroup(cloud, 443, 22, 443)
			apply := func(limit time.Duration) error {
				s := serviceFor(t, scenario, cloud)
				ctx, cancel := s.Operation(t.Context(), limit, nil)
				defer cancel()
				current, err := s.ReadRules(ctx, group)
				if err != nil {
					return err
				}
				diff := RulesDiff{Wanted: allTCP(443, 22), Known: RulesFromAPI(current)}
				return s.UpdateGroup(ctx, group, GroupUpdate{Rules: &diff})
			}
			end := scenario.Apply(cloud, gcoretest.OperationDeleteRule)
			limit := 3 * time.Minute
			if scenario.Passes {
				limit = time.Hour
			}
			err := apply(limit)
			end()
			if scenario.Passes && err != nil {
				t.Errorf("it fails: %v", err)
			}
			for tries := 0; err != nil; tries++ {
				if tries == 3 {
					t.Fatalf("it does not converge: %v", err)
				}
				err = apply(time.Hour)
			}
			if got := portsOf(cloud, group); !slices.Equal(got, []int{22, 443}) {
				t.Errorf("the rules are of the ports %v", got)
			}
		})
	}
}

// A tag whose key the cloud has with decomposed accents is the tag of that key: it is changed and removed, and no second one
// is made.
func TestDecomposedTagKeys(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "caf\u00e9", "cafe\u0301"
	for name, test := range map[string]struct {
		have []gcoretest.Tag
		set  *string
		want map[string]string
	}{
		"changed":               {[]gcoretest.Tag{{Key: decomposed, Value: "1"}}, new("2"), map[string]string{composed: "2"}},
		"removed":               {[]gcoretest.Tag{{Key: decomposed, Value: "1"}}, nil, map[string]string{}},
		"added":                 {nil, new("2"), map[string]string{composed: "2"}},
		"both spellings":        {[]gcoretest.Tag{{Key: decomposed, Value: "1"}, {Key: composed, Value: "3"}}, new("2"), map[string]string{composed: "2"}},
		"both spellings remain": {[]gcoretest.Tag{{Key: decomposed, Value: "1"}, {Key: composed, Value: "3"}}, nil, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, group, _ := groupWithRule(t)
			cloud.ChangeGroup(group.ID, func(g *gcoretest.Group) { g.Tags = test.have })
			s := newService(t, cloud)
			if err := s.UpdateGroup(t.Context(), group, GroupUpdate{Tags: map[string]*string{composed: test.set, "other": new("x")}}); err != nil {
				t.Error(err)
			}
			test.want["other"] = "x"
			current, err := s.fresh(t.Context(), group)
			if got := UserTags(current); err != nil || !maps.Equal(got, test.want) || len(current.Tags) > max(1, len(test.have))+1 {
				t.Errorf("the group has the tags %v: %v", current.Tags, err)
			}
		})
	}
}
