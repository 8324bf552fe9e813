package secgroup

import (
	"errors"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// The groups of the tests, and a rule.
const (
	thisGroup  = "00000000-0000-4000-8000-000000000001"
	otherGroup = "00000000-0000-4000-8000-000000000002"
	thisRule   = "00000000-0000-4000-8000-0000000000a1"
)

var (
	here  = client.Location{ProjectID: 1, RegionID: 76}
	web   = Ref{here, thisGroup}
	other = Ref{here, otherGroup}
)

// The register returns the same result in any order of calls.
func TestOwners(t *testing.T) {
	t.Parallel()
	https, ssh := tcp(443, ""), tcp(22, "admins")
	inline := Owner{Kind: "group", Declares: rule.Keys([]rule.Rule{https}), Existed: true, Mark: "group"}
	set := Owner{Kind: "rule set", Declares: rule.Keys([]rule.Rule{https}), Existed: true, Mark: "set"}
	single := Owner{Kind: "rule", Declares: rule.Keys([]rule.Rule{ssh})}
	changed := func(o Owner, change func(*Owner)) Owner { change(&o); return o }
	steady := func(o Owner) Owner { return changed(o, func(o *Owner) { o.Unchanged = true }) }
	all := func(o Owner) func(*Owners) error {
		return func(r *Owners) error { return r.OwnAll(web, o) }
	}
	one := func(o Owner) func(*Owners) error {
		return func(r *Owners) error { return r.OwnOne(web, o) }
	}
	departs := func(l Departing) func(*Owners) error {
		return func(r *Owners) error { return r.Depart(web, l) }
	}
	deletes := func(rules ...rule.Rule) func(*Owners) error {
		return departs(Departing{Kind: "rule", Rules: rules})
	}
	replacement := all(changed(set, func(o *Owner) { o.Existed = false }))
	created := Owner{Kind: "rule set", Declares: set.Declares}
	tests := map[string]struct {
		steps []func(*Owners) error
		want  any // a pointer to the error's type; nil: none
	}{
		"single rules side by side":                   {[]func(*Owners) error{one(single), one(Owner{Kind: "rule", Declares: rule.Keys([]rule.Rule{https})})}, nil},
		"a group and a single rule":                   {[]func(*Owners) error{all(inline), one(single)}, new(*OwnersConflictError)},
		"a rule set and a single rule":                {[]func(*Owners) error{all(set), one(single)}, new(*OwnersConflictError)},
		"a group and its rule set":                    {[]func(*Owners) error{all(inline), all(set)}, new(*OwnersConflictError)},
		"a rule set and a new one like it":            {[]func(*Owners) error{all(set), all(created)}, new(*OwnersConflictError)},
		"two rule sets":                               {[]func(*Owners) error{all(set), all(changed(set, func(o *Owner) { o.Mark = "another" }))}, new(*OwnersConflictError)},
		"two new rule sets":                           {[]func(*Owners) error{all(created), all(created)}, new(*OwnersConflictError)},
		"a replacement, planned twice":                {[]func(*Owners) error{all(set), replacement}, nil},
		"a replacement, and another rule set like it": {[]func(*Owners) error{all(set), replacement, all(created)}, new(*OwnersConflictError)},
		"another project": {[]func(*Owners) error{all(set), func(r *Owners) error {
			return r.OwnAll(Ref{client.Location{ProjectID: 2, RegionID: 76}, thisGroup}, set)
		}}, nil},
		"another group":                           {[]func(*Owners) error{all(set), func(r *Owners) error { return r.OwnOne(other, single) }}, nil},
		"the same group in capitals":              {[]func(*Owners) error{all(set), func(r *Owners) error { return r.OwnOne(Ref{here, strings.ToUpper(thisGroup)}, single) }}, new(*OwnersConflictError)},
		"a deleted rule":                          {[]func(*Owners) error{all(set), deletes(https)}, nil},
		"a deleted rule that is declared":         {[]func(*Owners) error{all(steady(set)), deletes(https)}, new(*LossError)},
		"a deleted rule that is not declared":     {[]func(*Owners) error{all(steady(set)), deletes(ssh)}, nil},
		"a rule deleted from a replaced rule set": {[]func(*Owners) error{all(steady(set)), replacement, deletes(https)}, nil},
		"a deleted single rule that stays":        {[]func(*Owners) error{one(steady(single)), deletes(ssh)}, new(*LossError)},
		"a deleted single rule that is created":   {[]func(*Owners) error{one(single), deletes(ssh)}, nil},
		"all rules deleted":                       {[]func(*Owners) error{all(steady(set)), departs(Departing{Kind: "rule set", Everything: true})}, new(*LossError)},
		"all rules deleted before all are sent":   {[]func(*Owners) error{all(set), departs(Departing{Kind: "rule set", Everything: true})}, nil},
		"all rules deleted beside a new single rule": {
			[]func(*Owners) error{one(changed(single, func(o *Owner) { o.Rule = "ssh" })), departs(Departing{Kind: "rule set", Everything: true})}, new(*LossError),
		},
		"a deleted rule set that keeps its rules":       {[]func(*Owners) error{all(steady(set)), departs(Departing{Kind: "rule set"})}, nil},
		"a rule in another description":                 {[]func(*Owners) error{all(steady(set)), deletes(tcp(443, "x"))}, new(*LossError)},
		"rules not known yet":                           {[]func(*Owners) error{all(steady(Owner{Kind: "rule set"})), deletes(https)}, nil},
		"rules not known yet, all deleted":              {[]func(*Owners) error{all(Owner{Kind: "rule set"}), departs(Departing{Everything: true})}, nil},
		"a single rule beside rules that are not known": {[]func(*Owners) error{all(Owner{Kind: "rule set"}), one(single)}, new(*OwnersConflictError)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, reverse := range []bool{false, true} {
				steps := test.steps
				if reverse && len(steps) == 2 {
					steps = []func(*Owners) error{steps[1], steps[0]}
				}
				var register Owners
				var err error
				for i, step := range steps {
					if err = step(&register); err != nil && i < len(steps)-1 {
						t.Fatalf("step %d: %v", i, err)
					}
				}
				if test.want == nil && err != nil || test.want != nil && !errors.As(err, test.want) {
					t.Errorf("reversed %t: the error is %v", reverse, err)
				}
			}
		})
	}
}

// Two single rules of one identity are an error, unless they are one resource that is planned as what it is and as its
// replacement. So are two that have one id, whatever they become.
func TestSameRuleTwice(t *testing.T) {
	t.Parallel()
	const otherRule = "00000000-0000-4000-8000-0000000000b2"
	owner := func(id string, existed bool, mark string, rules ...rule.Rule) Owner {
		return Owner{Kind: "rule", ID: id, Existed: existed, Mark: mark, Declares: rule.Keys(rules)}
	}
	https, described, ssh := tcp(443, ""), tcp(443, "web"), tcp(22, "")
	spelled := rule.Rule{Direction: "ingress", Ethertype: "IPv4", Protocol: "6", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443)), RemoteIPPrefix: "0.0.0.0/0"}
	stays := owner(thisRule, true, "a", https)
	tests := map[string]struct {
		one, other Owner
		twice      bool
	}{
		"two creates":                                    {owner("", false, "", https), owner("", false, "", https), true},
		"two creates, one described":                     {owner("", false, "", https), owner("", false, "", described), true},
		"two creates in two spellings":                   {owner("", false, "", https), owner("", false, "", spelled), true},
		"two creates of different rules":                 {owner("", false, "", https), owner("", false, "", ssh), false},
		"two creates, one not known":                     {owner("", false, "", https), owner("", false, ""), false},
		"two creates, neither known":                     {owner("", false, ""), owner("", false, ""), false},
		"two existing rules":                             {stays, owner(otherRule, true, "b", https), true},
		"two existing rules, one of unknown id":          {stays, owner("", true, "b", https), true},
		"two existing rules that swap":                   {stays, owner(otherRule, true, "b", ssh), false},
		"an existing rule whose change is not known":     {stays, owner(otherRule, true, "b"), false},
		"a rule and its replacement":                     {stays, owner("", false, "a", https), false},
		"a rule and a create":                            {stays, owner("", false, "", https), true},
		"a rule and a create of another rule":            {stays, owner("", false, "", ssh), false},
		"one id, one rule":                               {stays, owner(strings.ToUpper(thisRule), true, "b", https), true},
		"one id, one of two resources gives the rule up": {stays, owner(thisRule, true, "b", ssh), true},
		"one id, a change not known":                     {stays, owner(thisRule, true, "b"), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][2]Owner{{test.one, test.other}, {test.other, test.one}} {
				var register Owners
				if err := register.OwnOne(web, pair[0]); err != nil {
					t.Fatal(err)
				}
				if err := register.OwnOne(other, pair[1]); err != nil {
					t.Errorf("in another group: %v", err)
				}
				err := register.OwnOne(web, pair[1])
				if twice, is := errors.AsType[*SameRuleError](err); is != test.twice || !is && err != nil {
					t.Errorf("the error is %v", err)
				} else if is && (twice.One.ID != pair[1].ID || twice.Other.ID != pair[0].ID) {
					t.Errorf("the error names %+v and %+v", twice.One, twice.Other)
				}
			}
		})
	}
	t.Run("a replacement and another resource", func(t *testing.T) {
		t.Parallel()
		var register Owners
		for i, by := range []Owner{stays, owner("", false, "a", https), owner("", false, "", https)} {
			if err := register.OwnOne(web, by); (err != nil) != (i == 2) {
				t.Errorf("the error of resource %d is %v", i, err)
			}
		}
	})
}

// A single rule loses nothing if an equal one of another id is deleted: the cloud can hold one rule twice.
func TestOneOfTwoEqualRulesGoes(t *testing.T) {
	t.Parallel()
	stays := Owner{Kind: "rule", ID: thisRule, Existed: true, Unchanged: true, Declares: rule.Keys([]rule.Rule{tcp(443, "")})}
	for id, loses := range map[string]bool{"": true, strings.ToUpper(thisRule): true, "00000000-0000-4000-8000-0000000000b2": false} {
		departing := Departing{Kind: "rule", Rules: []rule.Rule{tcp(443, "")}, IDs: []string{id}}
		for _, first := range []string{"owner", "departing"} {
			var register Owners
			own, depart := func() error { return register.OwnOne(web, stays) }, func() error { return register.Depart(web, departing) }
			steps := []func() error{own, depart}
			if first == "departing" {
				steps = []func() error{depart, own}
			}
			if err := errors.Join(steps[0](), steps[1]()); (err != nil) != loses {
				t.Errorf("the %s first, and %q goes: the error is %v", first, id, err)
			}
		}
	}
}

// Only an owner of all rules protects a rule from deletion, and only a rule
// that it declares.
func TestOwnersDeclaring(t *testing.T) {
	t.Parallel()
	const peerGroup = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
	var register Owners
	if owner := register.declaring(web, tcp(443, "")); owner != "" {
		t.Errorf("%s declares a rule of a group that nobody owns", owner)
	}
	if err := register.OwnOne(other, Owner{Kind: "rule", Declares: rule.Keys([]rule.Rule{tcp(443, "")})}); err != nil {
		t.Fatal(err)
	}
	if err := register.OwnAll(web, Owner{Kind: "rule set", Declares: rule.Keys([]rule.Rule{tcp(443, "")})}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		groupID string
		port    int64
		want    string
	}{{thisGroup, 443, "rule set"}, {strings.ToUpper(thisGroup), 443, "rule set"}, {thisGroup, 22, ""}, {otherGroup, 443, ""}} {
		if got := register.declaring(Ref{here, test.groupID}, tcp(test.port, "x")); got != test.want {
			t.Errorf("port %d of %s is declared by %q, not %q", test.port, test.groupID, got, test.want)
		}
	}
	// A rule may name its own group by id.
	if err := register.OwnAll(Ref{here, peerGroup}, Owner{Kind: "group", Declares: rule.Keys([]rule.Rule{{Direction: rule.Ingress, RemoteGroupID: rule.Self}})}); err != nil {
		t.Fatal(err)
	}
	if got := register.declaring(Ref{here, peerGroup}, rule.Rule{Direction: rule.Ingress, RemoteGroupID: strings.ToUpper(peerGroup)}); got != "group" {
		t.Errorf("a rule about the group itself is declared by %q", got)
	}
	if got := register.ofAll(other); got != "" {
		t.Errorf("%s owns the rules of a group that has single ones", got)
	}
}
