package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// The register returns the same result in any order of calls.
func TestOwners(t *testing.T) {
	t.Parallel()
	here := client.Location{ProjectID: 1, RegionID: 76}
	config := func(text string) tftypes.Value { return tftypes.NewValue(tftypes.String, text) }
	https, ssh := tcp(443, ""), tcp(22, "admins")
	inline := owner{resourceType: groupType, declares: keysOf([]rule.Rule{https}), config: config("a"), existed: true}
	set := owner{resourceType: ruleSetType, declares: keysOf([]rule.Rule{https}), config: config("a"), existed: true}
	single := owner{resourceType: ruleType, declares: keysOf([]rule.Rule{ssh})}
	changed := func(o owner, change func(*owner)) owner { change(&o); return o }
	steady := func(o owner) owner { return changed(o, func(o *owner) { o.steady = true }) }
	all := func(o owner) func(*owners) error {
		return func(r *owners) error { return r.ownAll(here, thisGroup, o) }
	}
	one := func(o owner) func(*owners) error {
		return func(r *owners) error { return r.ownOne(here, thisGroup, o) }
	}
	departs := func(l leaver) func(*owners) error {
		return func(r *owners) error { return r.leave(here, thisGroup, l) }
	}
	deletes := func(rules ...rule.Rule) func(*owners) error {
		return departs(leaver{resourceType: ruleType, rules: rules})
	}
	replacement := all(changed(set, func(o *owner) { o.existed = false }))
	tests := map[string]struct {
		steps []func(*owners) error
		want  any // a pointer to the error's type; nil: none
	}{
		"single rules side by side":                     {[]func(*owners) error{one(single), one(single)}, nil},
		"a group and a single rule":                     {[]func(*owners) error{all(inline), one(single)}, new(*rivalsError)},
		"a rule set and a single rule":                  {[]func(*owners) error{all(set), one(single)}, new(*rivalsError)},
		"a group and its rule set":                      {[]func(*owners) error{all(inline), all(set)}, new(*rivalsError)},
		"two rule sets of other configurations":         {[]func(*owners) error{all(set), all(changed(set, func(o *owner) { o.config = config("b"); o.existed = false }))}, new(*rivalsError)},
		"two rule sets of one configuration":            {[]func(*owners) error{all(set), all(set)}, new(*rivalsError)},
		"two new rule sets of one configuration":        {[]func(*owners) error{replacement, replacement}, new(*rivalsError)},
		"a replacement, planned twice":                  {[]func(*owners) error{all(set), replacement}, nil},
		"a replacement, and another rule set like it":   {[]func(*owners) error{all(set), replacement, all(set)}, new(*rivalsError)},
		"another project":                               {[]func(*owners) error{all(set), func(r *owners) error { return r.ownAll(client.Location{ProjectID: 2, RegionID: 76}, thisGroup, set) }}, nil},
		"another group":                                 {[]func(*owners) error{all(set), func(r *owners) error { return r.ownOne(here, otherGroup, single) }}, nil},
		"the same group in capitals":                    {[]func(*owners) error{all(set), func(r *owners) error { return r.ownOne(here, strings.ToUpper(thisGroup), single) }}, new(*rivalsError)},
		"a deleted rule":                                {[]func(*owners) error{all(set), deletes(https)}, nil},
		"a deleted rule that is declared":               {[]func(*owners) error{all(steady(set)), deletes(https)}, new(*lossError)},
		"a deleted rule that is not declared":           {[]func(*owners) error{all(steady(set)), deletes(ssh)}, nil},
		"a rule deleted from a replaced rule set":       {[]func(*owners) error{all(steady(set)), replacement, deletes(https)}, nil},
		"a deleted single rule that stays":              {[]func(*owners) error{one(steady(single)), deletes(ssh)}, new(*lossError)},
		"a deleted single rule that is created":         {[]func(*owners) error{one(single), deletes(ssh)}, nil},
		"all rules deleted":                             {[]func(*owners) error{all(steady(set)), departs(leaver{resourceType: ruleSetType, everything: true})}, new(*lossError)},
		"a deleted rule set that keeps its rules":       {[]func(*owners) error{all(steady(set)), departs(leaver{resourceType: ruleSetType})}, nil},
		"a rule in another description":                 {[]func(*owners) error{all(steady(set)), deletes(tcp(443, "x"))}, new(*lossError)},
		"rules not known yet":                           {[]func(*owners) error{all(steady(owner{resourceType: ruleSetType})), deletes(https)}, nil},
		"rules not known yet, all deleted":              {[]func(*owners) error{all(owner{resourceType: ruleSetType}), departs(leaver{everything: true})}, nil},
		"a single rule beside rules that are not known": {[]func(*owners) error{all(owner{resourceType: ruleSetType}), one(single)}, new(*rivalsError)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, reverse := range []bool{false, true} {
				steps := test.steps
				if reverse && len(steps) == 2 {
					steps = []func(*owners) error{steps[1], steps[0]}
				}
				var register owners
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

// Only an owner of all rules protects a rule from deletion, and only a rule
// that it declares.
func TestOwnersDeclaring(t *testing.T) {
	t.Parallel()
	here := client.Location{ProjectID: 1, RegionID: 76}
	const peerGroup = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
	var register owners
	if owner := register.declaring(here, thisGroup, tcp(443, "")); owner != "" {
		t.Errorf("%s declares a rule of a group that nobody owns", owner)
	}
	must(register.ownOne(here, otherGroup, owner{resourceType: ruleType, declares: keysOf([]rule.Rule{tcp(443, "")})}))
	must(register.ownAll(here, thisGroup, owner{resourceType: ruleSetType, declares: keysOf([]rule.Rule{tcp(443, "")})}))
	for _, test := range []struct {
		groupID string
		port    int64
		want    string
	}{{thisGroup, 443, ruleSetType}, {strings.ToUpper(thisGroup), 443, ruleSetType}, {thisGroup, 22, ""}, {otherGroup, 443, ""}} {
		if got := register.declaring(here, test.groupID, tcp(test.port, "x")); got != test.want {
			t.Errorf("port %d of %s is declared by %q, not %q", test.port, test.groupID, got, test.want)
		}
	}
	// A rule may name its own group by id.
	must(register.ownAll(here, peerGroup, owner{resourceType: groupType, declares: keysOf([]rule.Rule{{Direction: rule.Ingress, RemoteGroupID: rule.Self}})}))
	if got := register.declaring(here, peerGroup, rule.Rule{Direction: rule.Ingress, RemoteGroupID: strings.ToUpper(peerGroup)}); got != groupType {
		t.Errorf("a rule about the group itself is declared by %q", got)
	}
	if got := register.ofAll(here, otherGroup); got != "" {
		t.Errorf("%s owns the rules of a group that has single ones", got)
	}
}
