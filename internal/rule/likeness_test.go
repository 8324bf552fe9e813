package rule

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/quick"
)

// fromTo is a TCP rule of some ports from somewhere.
func fromTo(first, last int64, prefix, description string) Rule {
	return Rule{
		Direction: Ingress, Protocol: "tcp", PortRangeMin: &first, PortRangeMax: &last, RemoteIPPrefix: prefix, Description: description,
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	const office, home, world = "192.0.2.0/24", "198.51.100.7/32", "0.0.0.0/0"
	ssh, https := fromTo(22, 22, office, "admins"), fromTo(443, 443, world, "")
	with := func(r Rule, change func(*Rule)) Rule { change(&r); return r }
	for name, test := range map[string]struct {
		before, now []Rule
		want        []int
	}{
		"nothing":             {nil, nil, nil},
		"nothing has changed": {[]Rule{ssh, https}, []Rule{https, ssh}, []int{1, 0}},
		"another remote":      {[]Rule{ssh, https}, []Rule{https, fromTo(22, 22, home, "admins")}, []int{1, 0}},
		"a group as the remote": {[]Rule{ssh}, []Rule{with(ssh, func(r *Rule) {
			r.RemoteIPPrefix, r.RemoteGroupID = "", Self
		})}, []int{0}},
		"other ports":           {[]Rule{ssh}, []Rule{fromTo(2222, 2222, office, "admins")}, []int{0}},
		"another protocol":      {[]Rule{ssh}, []Rule{with(ssh, func(r *Rule) { r.Protocol = "udp" })}, []int{0}},
		"another description":   {[]Rule{ssh}, []Rule{with(ssh, func(r *Rule) { r.Description = "" })}, []int{0}},
		"remote, protocol":      {[]Rule{ssh}, []Rule{with(ssh, func(r *Rule) { r.Protocol, r.RemoteIPPrefix = "udp", home })}, []int{0}},
		"protocol, ports":       {[]Rule{ssh}, []Rule{{Direction: Ingress, Protocol: "esp", RemoteIPPrefix: office}}, []int{0}},
		"nothing in common":     {[]Rule{ssh}, []Rule{fromTo(80, 80, home, "admins")}, []int{-1}},
		"another direction":     {[]Rule{ssh}, []Rule{with(ssh, func(r *Rule) { r.Direction = Egress })}, []int{-1}},
		"another family":        {[]Rule{https}, []Rule{with(https, func(r *Rule) { r.RemoteIPPrefix = "::/0" })}, []int{-1}},
		"no ports are no ports": {[]Rule{{Direction: Ingress, Protocol: "esp", RemoteIPPrefix: office}}, []Rule{{Direction: Ingress, Protocol: "gre", RemoteIPPrefix: home}}, []int{-1}},
		// A rule that has not changed never gives its place away.
		"the twin that stays": {[]Rule{ssh, fromTo(22, 22, home, "")}, []Rule{fromTo(22, 22, home, "")}, []int{-1, 0}},
		// The ports tell more than the remote.
		"ports before remote": {[]Rule{ssh}, []Rule{fromTo(80, 80, office, ""), fromTo(22, 22, home, "")}, []int{1}},
		// Of a range one end has moved.
		"a wider range": {
			[]Rule{fromTo(8000, 8010, world, ""), fromTo(9000, 9010, world, "")},
			[]Rule{fromTo(9000, 9100, world, ""), fromTo(7000, 8010, world, "")}, []int{1, 0},
		},
		// Never by guess.
		"two that were":     {[]Rule{fromTo(22, 22, office, ""), fromTo(22, 22, world, "")}, []Rule{fromTo(22, 22, home, "")}, []int{-1, -1}},
		"two that are":      {[]Rule{fromTo(22, 22, office, "")}, []Rule{fromTo(22, 22, home, ""), fromTo(22, 22, world, "")}, []int{-1}},
		"told by the words": {[]Rule{fromTo(22, 22, office, "a"), fromTo(22, 22, world, "b")}, []Rule{fromTo(22, 22, home, "b")}, []int{-1, 0}},
		// Doubt about the strongest likeness is not settled by a weaker one.
		"no second choice": {
			[]Rule{fromTo(22, 22, office, ""), fromTo(22, 22, world, ""), fromTo(80, 80, home, "")},
			[]Rule{fromTo(22, 22, home, "")}, []int{-1, -1, -1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Follow(test.before, test.now); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// someRules are rules of few values, so that many resemble each other and some are twins.
func someRules(random *rand.Rand) []Rule {
	rules := make([]Rule, random.IntN(12))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	for i := range rules {
		r := Rule{
			Direction: pick(Ingress, Egress), Protocol: pick("tcp", "udp", "esp", ""),
			RemoteIPPrefix: pick("", "10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"), Description: pick("", "x"),
		}
		if HasPorts(r.Protocol) {
			first := random.Int64N(3) + 1
			r.PortRangeMin, r.PortRangeMax = &first, new(first+random.Int64N(2))
		}
		rules[i] = r
	}
	return rules
}

// TestFollowProperties: no rule has two predecessors, what has not changed is itself, and what has become another rule
// resembles it. The order of neither list matters beyond that of twins.
func TestFollowProperties(t *testing.T) {
	t.Parallel()
	check := func(seed uint64) bool {
		random := rand.New(rand.NewPCG(seed, 0))
		before, now := someRules(random), someRules(random)
		pairs := Follow(before, now)
		taken := map[int]bool{}
		for i, at := range pairs {
			exact := Pair(before, now)[i]
			switch {
			case at >= 0 && taken[at], exact >= 0 && at != exact:
				t.Errorf("seed %d: %d becomes %d, which is taken (%t) or not itself (%d)", seed, i, at, taken[at], exact)
			case at >= 0 && exact < 0 && !resembles(before[i], now[at]):
				t.Errorf("seed %d: %s becomes %s", seed, before[i].Label(), now[at].Label())
			}
			taken[at] = at >= 0
		}
		slices.Reverse(now)
		for i, at := range Follow(before, now) {
			if at >= 0 != (pairs[i] >= 0) || at >= 0 && now[at].Content() != now[len(now)-1-pairs[i]].Content() {
				t.Errorf("seed %d: the order matters for %s", seed, before[i].Label())
			}
		}
		return !t.Failed()
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 3000}); err != nil {
		t.Error(err)
	}
}

// resembles says in other words what the code does.
func resembles(a, b Rule) bool {
	a, b = a.Canonical(), b.Canonical()
	ports := func(r Rule) string {
		if r.PortRangeMin == nil {
			return r.Protocol
		}
		return fmt.Sprint(*r.PortRangeMin, *r.PortRangeMax)
	}
	return a.Direction == b.Direction && a.Ethertype == b.Ethertype &&
		(a.RemoteIPPrefix+a.RemoteGroupID == b.RemoteIPPrefix+b.RemoteGroupID || ports(a) == ports(b))
}

// BenchmarkFollow: all rules of a full group have changed.
func BenchmarkFollow(b *testing.B) {
	var before, now []Rule
	for i := range int64(GroupLimit) {
		before, now = append(before, fromTo(i+1, i+1, "10.0.0.0/8", "")), append(now, fromTo(i+1, i+1, "192.0.2.0/24", ""))
	}
	for b.Loop() {
		Follow(before, now)
	}
}
