package provider

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

const (
	thisGroup  = "00000000-0000-4000-8000-000000000001"
	otherGroup = "00000000-0000-4000-8000-000000000002"
)

// apiRule is a rule as the API returns it, created at the given second.
func apiRule(id string, second int, change func(*client.SecurityGroupRule)) client.SecurityGroupRule {
	r := client.SecurityGroupRule{
		ID: id, Direction: "ingress", Ethertype: new("IPv4"), Description: new(""),
		CreatedAt: client.Time{Time: time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC)},
	}
	change(&r)
	return r
}

func port(n int64) func(*client.SecurityGroupRule) {
	return func(r *client.SecurityGroupRule) {
		r.Protocol, r.PortRangeMin, r.PortRangeMax = new("tcp"), &n, &n
	}
}

func TestEntriesFromAPI(t *testing.T) {
	t.Parallel()
	https := entryFromRule(rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443))})
	spelled := https
	spelled.RemoteIPPrefix = str("0.0.0.0/0")
	described := https
	described.Description = str("by hand")
	self := entryFromRule(rule.Rule{Direction: "ingress", RemoteGroupID: rule.Self})
	fromOffice := https
	fromOffice.RemoteIPPrefix = str("192.0.2.0/24")
	office := func(r *client.SecurityGroupRule) { port(443)(r); r.RemoteIPPrefix = new("192.0.2.0/24") }

	tests := map[string]struct {
		prior  map[string]ruleEntry
		server []client.SecurityGroupRule
		want   map[string]ruleEntry
	}{
		"nothing":                       {nil, nil, map[string]ruleEntry{}},
		"a declared rule keeps its key": {map[string]ruleEntry{"web": spelled}, []client.SecurityGroupRule{apiRule("a", 1, port(443))}, map[string]ruleEntry{"web": spelled}},
		"a deleted one is dropped":      {map[string]ruleEntry{"web": https}, []client.SecurityGroupRule{}, map[string]ruleEntry{}},
		"an unplanned rule gets a readable name": {
			map[string]ruleEntry{}, []client.SecurityGroupRule{apiRule("a", 1, port(443))},
			map[string]ruleEntry{"ingress-ipv4-tcp-443": https},
		},
		"a readable name takes no key of the state": {
			map[string]ruleEntry{"ingress-ipv4-tcp-443": self}, []client.SecurityGroupRule{apiRule("a", 1, port(443))},
			map[string]ruleEntry{"ingress-ipv4-tcp-443-2": https},
		},
		"a new description shows": {
			map[string]ruleEntry{"web": https},
			[]client.SecurityGroupRule{apiRule("a", 1, func(r *client.SecurityGroupRule) { port(443)(r); r.Description = new("by hand") })},
			map[string]ruleEntry{"web": described},
		},
		"a null description is an empty one": {
			map[string]ruleEntry{"web": https},
			[]client.SecurityGroupRule{apiRule("a", 1, func(r *client.SecurityGroupRule) { port(443)(r); r.Description = nil })},
			map[string]ruleEntry{"web": https},
		},
		"of twins the one as declared is meant": {
			map[string]ruleEntry{"web": described},
			[]client.SecurityGroupRule{
				apiRule("a", 1, port(443)),
				apiRule("b", 2, func(r *client.SecurityGroupRule) { port(443)(r); r.Description = new("by hand") }),
			},
			map[string]ruleEntry{"web": described, "ingress-ipv4-tcp-443": https},
		},
		"unplanned twins are named by age": {
			nil,
			[]client.SecurityGroupRule{
				apiRule("a", 2, func(r *client.SecurityGroupRule) { port(443)(r); r.Description = new("by hand") }),
				apiRule("b", 1, port(443)),
			},
			map[string]ruleEntry{"ingress-ipv4-tcp-443": https, "ingress-ipv4-tcp-443-2": described},
		},
		"its own group is self": {
			nil, []client.SecurityGroupRule{apiRule("a", 1, func(r *client.SecurityGroupRule) { r.RemoteGroupID = new(thisGroup) })},
			map[string]ruleEntry{"ingress-ipv4-all-from-self": self},
		},
		"the literal id of its own group keeps its spelling": {
			map[string]ruleEntry{"x": {ruleAttributes: ruleAttributes{Direction: str("ingress"), Ethertype: str("IPv4"), RemoteGroupID: str(thisGroup), Description: str("")}, Self: no}},
			[]client.SecurityGroupRule{apiRule("a", 1, func(r *client.SecurityGroupRule) { r.RemoteGroupID = new(thisGroup) })},
			map[string]ruleEntry{"x": {ruleAttributes: ruleAttributes{Direction: str("ingress"), Ethertype: str("IPv4"), RemoteGroupID: str(thisGroup), Description: str("")}, Self: no}},
		},
		"an edited rule keeps its key": {
			map[string]ruleEntry{"web": https}, []client.SecurityGroupRule{apiRule("a", 1, office)}, map[string]ruleEntry{"web": fromOffice},
		},
		"one of two edited rules is not guessed": {
			map[string]ruleEntry{"web": https},
			[]client.SecurityGroupRule{
				apiRule("a", 1, office),
				apiRule("b", 2, func(r *client.SecurityGroupRule) { port(443)(r); r.RemoteGroupID = new(thisGroup) }),
			},
			map[string]ruleEntry{
				"ingress-ipv4-tcp-443-from-192_0_2_0-24": fromOffice,
				"ingress-ipv4-tcp-443-from-self":         entryFromRule(rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443)), RemoteGroupID: rule.Self}),
			},
		},
		"the spelling of what has not changed stays": {
			map[string]ruleEntry{"web": {ruleAttributes: ruleAttributes{
				Direction: str("ingress"), Ethertype: str("IPv6"), Protocol: str("icmp"), RemoteIPPrefix: str("2001:DB8::/32"), Description: str(""),
			}, Self: no}},
			[]client.SecurityGroupRule{apiRule("a", 1, func(r *client.SecurityGroupRule) {
				r.Ethertype, r.Protocol, r.RemoteIPPrefix = new("IPv6"), new("ipv6-icmp"), new("2001:db8::/48")
			})},
			map[string]ruleEntry{"web": {ruleAttributes: ruleAttributes{
				Direction: str("ingress"), Ethertype: str("IPv6"), Protocol: str("icmp"), RemoteIPPrefix: str("2001:db8::/48"), Description: str(""),
			}, Self: no}},
		},
		"legacy spellings are read by their meaning": {
			nil,
			[]client.SecurityGroupRule{apiRule("a", 1, func(r *client.SecurityGroupRule) {
				port(443)(r)
				r.Ethertype, r.Protocol, r.RemoteIPPrefix = nil, new("6"), new("0.0.0.0/0")
			})},
			map[string]ruleEntry{"ingress-ipv4-tcp-443": https},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := entriesFromAPI(test.prior, thisGroup, test.server)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if reread := entriesFromAPI(got, thisGroup, test.server); !cmp.Equal(got, reread) {
				t.Errorf("a second read differs: %s", cmp.Diff(got, reread))
			}
		})
	}
}

// Whatever the state and the group hold: each rule of the group is there exactly once, a rule that has not changed keeps
// its key, and a second read says the same.
func TestEntriesFromAPIProperties(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 0))
		held := func(rules []client.SecurityGroupRule) []rule.Rule {
			return secgroup.RulesFromAPI(client.SecurityGroup{ID: thisGroup, Rules: rules})
		}
		prior := map[string]ruleEntry{}
		for name, r := range rule.Named(held(someAPIRules(random))) {
			prior[fmt.Sprintf("%x-%s", random.Uint32(), name)] = entryFromRule(r)
		}
		now := someAPIRules(random)
		got := entriesFromAPI(prior, thisGroup, now)
		var entries []rule.Rule
		for entry := range maps.Values(got) {
			entries = append(entries, entry.rule(thisGroup))
		}
		if !rule.Same(entries, held(now)) {
			t.Fatalf("seed %d: the group has\n%s\nand the entries say\n%s", seed, rule.Bullets(held(now)), rule.Bullets(entries))
		}
		there := rule.Keys(held(now))
		for name, entry := range prior {
			if key := entry.rule(thisGroup).Key(); there[key] && got[name].rule(thisGroup).Key() != key {
				t.Fatalf("seed %d: %s has lost its key", seed, name)
			}
		}
		slices.Reverse(now)
		if reread := entriesFromAPI(got, thisGroup, now); !cmp.Equal(got, reread) {
			t.Fatalf("seed %d: a second read differs: %s", seed, cmp.Diff(got, reread))
		}
	}
}

// someAPIRules are rules of few values, so that many resemble each other and some are twins.
func someAPIRules(random *rand.Rand) []client.SecurityGroupRule {
	pick := func(texts ...string) *string { return &texts[random.IntN(len(texts))] }
	rules := make([]client.SecurityGroupRule, random.IntN(12))
	for i := range rules {
		rules[i] = apiRule(fmt.Sprint(i), random.IntN(4), func(r *client.SecurityGroupRule) {
			port(random.Int64N(3) + 1)(r)
			r.Direction, r.Protocol, r.Description = *pick("ingress", "egress"), pick("tcp", "udp"), pick("", "x")
			r.RemoteIPPrefix = pick("0.0.0.0/0", "10.0.0.0/8", "192.0.2.0/24")
		})
	}
	return rules
}
