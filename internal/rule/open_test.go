package rule

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// openedBy writes what everybody may reach: the ports, and by which rules.
func openedBy(rules map[string]Given) []string {
	var lines []string
	for _, open := range OpenAdminPorts(rules) {
		lines = append(lines, open.String()+" by "+strings.Join(open.Keys, ", "))
	}
	return lines
}

func TestOpenAdminPorts(t *testing.T) {
	t.Parallel()
	type rules = map[string]Given
	of := func(protocol string, g Given) Given { return with(g, func(g *Given) { g.Protocol = new(protocol) }) }
	tests := map[string]struct {
		rules rules
		want  []string
	}{
		"nothing":                {nil, nil},
		"ssh":                    {rules{"ssh": from("0.0.0.0/0", 22, 22)}, []string{"ssh (22) by ssh"}},
		"ssh of IPv6":            {rules{"ssh": from("::/0", 22, 22)}, []string{"ssh (22) by ssh"}},
		"no remote":              {rules{"ssh": from("", 22, 22)}, []string{"ssh (22) by ssh"}},
		"from an office":         {rules{"ssh": from("203.0.113.0/24", 22, 22)}, nil},
		"a web server":           {rules{"http": from("0.0.0.0/0", 80, 80), "https": from("::/0", 443, 443)}, nil},
		"the other protocol":     {rules{"ssh": of("udp", from("0.0.0.0/0", 22, 22))}, nil},
		"udp":                    {rules{"rdp": of("udp", from("0.0.0.0/0", 3389, 3389))}, []string{"rdp (udp 3389) by rdp"}},
		"egress":                 {rules{"ssh": with(from("0.0.0.0/0", 22, 22), func(g *Given) { g.Direction = new(Egress) })}, nil},
		"a group":                {rules{"ssh": with(from("", 22, 22), func(g *Given) { g.RemoteGroupID = new(bastionGroup) })}, nil},
		"self":                   {rules{"ssh": with(from("", 22, 22), func(g *Given) { g.Self = new(true) })}, nil},
		"a range":                {rules{"low": from("0.0.0.0/0", 20, 25)}, []string{"ssh (22) by low", "telnet (23) by low"}},
		"halves":                 {rules{"lower": from("0.0.0.0/1", 22, 22), "upper": from("128.0.0.0/1", 22, 22)}, []string{"ssh (22) by lower, upper"}},
		"halves of two families": {rules{"v4": from("0.0.0.0/1", 22, 22), "v6": from("8000::/1", 22, 22)}, nil},
		"icmp":                   {rules{"type": of("icmp", from("0.0.0.0/0", 22, 0)), "all": of("ipv6-icmp", from("::/0", none, none))}, nil},
		"another protocol":       {rules{"gre": of("gre", from("0.0.0.0/0", none, none)), "sctp": of("sctp", from("0.0.0.0/0", 22, 22))}, nil},
		"all ports":              {rules{"udp": of("udp", from("0.0.0.0/0", 1, 65535))}, []string{"SQL Server browser (udp 1434) by udp", "rdp (udp 3389) by udp", "memcached (udp 11211) by udp"}},
		"no ports":               {rules{"udp": of("udp", from("0.0.0.0/0", none, none))}, []string{"SQL Server browser (udp 1434) by udp", "rdp (udp 3389) by udp", "memcached (udp 11211) by udp"}},
		"one half":               {rules{"lower": from("0.0.0.0/1", 22, 22)}, nil},
		"halves of IPv6":         {rules{"lower": from("::/1", 22, 22), "upper": from("8000::/1", 22, 22)}, []string{"ssh (22) by lower"}},
		"halves of two ranges":   {rules{"lower": from("0.0.0.0/1", 20, 22), "upper": from("128.0.0.0/1", 22, 23)}, []string{"ssh (22) by lower, upper"}},
		"all that is routed":     {rules{"ssh": from("2000::/3", 22, 22)}, []string{"ssh (22) by ssh"}},
		"with an office":         {rules{"all": from("0.0.0.0/0", 22, 22), "office": from("203.0.113.0/24", 22, 22)}, []string{"ssh (22) by all"}},
		"each by itself":         {rules{"tcp": from("0.0.0.0/0", 20, 22), "ssh": from("", 22, 22)}, []string{"ssh (22) by ssh, tcp"}},
		"both families":          {rules{"v4": from("0.0.0.0/0", 22, 22), "v6": from("::/0", 22, 22), "half": from("2000::/4", 22, 22)}, []string{"ssh (22) by v4, v6"}},
		"twice":                  {rules{"all": from("0.0.0.0/0", 22, 22), "lower": from("0.0.0.0/1", 22, 22), "upper": from("128.0.0.0/1", 22, 22)}, []string{"ssh (22) by all, lower, upper"}},
		"unknown":                {rules{"ssh": hiding(from("0.0.0.0/0", 22, 22), FieldRemoteIPPrefix), "telnet": hiding(from("0.0.0.0/0", 23, 23), FieldPortRangeMax)}, nil},
		"unknown and known":      {rules{"ssh": hiding(from("0.0.0.0/0", 22, 22), FieldRemoteIPPrefix), "all": from("0.0.0.0/0", 22, 22)}, []string{"ssh (22) by all"}},
		"description unknown":    {rules{"ssh": hiding(from("0.0.0.0/0", 22, 22), FieldDescription)}, []string{"ssh (22) by ssh"}},
		"a group, perhaps none":  {rules{"ssh": hiding(from("", 22, 22), FieldRemoteGroupID)}, nil},
	}
	everything := []string{}
	for _, service := range adminServices {
		everything = append(everything, service.String()+" by all")
	}
	tcp := from("0.0.0.0/0", none, none)
	for name, all := range (rules{"no protocol": with(tcp, func(g *Given) { g.Protocol = nil }), "any protocol": of("any", tcp)}) {
		tests[name] = struct {
			rules rules
			want  []string
		}{rules{"all": all}, everything}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, openedBy(test.rules)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is left of the Internet without private networks is still everybody; without a public one it is not.
func TestOpenButForSome(t *testing.T) {
	t.Parallel()
	for without, want := range map[string]bool{"10.0.0.0/8": true, "192.168.0.0/16": true, "224.0.0.0/3": true, "8.8.8.8/32": false, "11.0.0.0/8": false} {
		rest, err := addresses(t, "0.0.0.0/0").Subtract(addresses(t, without))
		if err != nil {
			t.Fatal(err)
		}
		rules := map[string]Given{"private": from("10.0.0.0/8", 22, 22)}
		for i, cidr := range rest.CIDRs() {
			rules[fmt.Sprint("r", i)] = from(cidr, 22, 22)
		}
		open := OpenAdminPorts(rules)
		if (len(open) == 1) != want || want && slices.Contains(open[0].Keys, "private") {
			t.Errorf("without %s: %v", without, open)
		}
	}
}

// No service is listed twice, and each has a port.
func TestAdminServices(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, service := range adminServices {
		port := fmt.Sprint(service.Protocol, service.Port)
		if known[port] || service.Name == "" || !HasPorts(service.Protocol) || !between(firstPort, service.Port, lastPort) {
			t.Errorf("%s is listed wrongly", service)
		}
		known[port] = true
	}
}

// publicSamples are the first public addresses behind each network that is not public.
var publicSamples = []string{
	"1.0.0.0", "11.0.0.0", "100.128.0.0", "128.0.0.0", "169.255.0.0", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.169.0.0", "198.20.0.0",
	"198.51.101.0", "203.0.114.0", "223.255.255.255", "2000::", "2001:db9::", "3fff:1000::",
}

// isPublic knows the blocks and the public samples only.
func isPublic(address netip.Addr) bool {
	if address.Is6() {
		return netip.MustParsePrefix("2000::/3").Contains(address)
	}
	return !address.IsUnspecified() && !address.IsMulticast() && address.Compare(netip.MustParseAddr("224.0.0.0")) < 0
}

// A port is open exactly if the definition lets every public address in: rules of a small world, tried at the first
// address behind each gap. The keys open it: none of them is without effect, and without them it is closed.
func TestOpenAdminPortsIsTrue(t *testing.T) {
	t.Parallel()
	var samples [2][]netip.Addr
	for _, text := range publicSamples {
		address := netip.MustParseAddr(text)
		samples[address.BitLen()/128] = append(samples[address.BitLen()/128], address)
	}
	for block := range 16 {
		if address := eighth([]string{IPv4, IPv6}[block/8], block%8); isPublic(address) {
			samples[block/8] = append(samples[block/8], address)
		}
	}
	open := func(rules map[string]Given, service Service) bool {
		return slices.ContainsFunc(samples[:], func(family []netip.Addr) bool {
			return !slices.ContainsFunc(family, func(address netip.Addr) bool {
				for _, g := range rules {
					if lets(g, address, service.Protocol, service.Port) {
						return false
					}
				}
				return true
			})
		})
	}
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for range 5_000 {
		rules := randomRules(random)
		got := map[Service][]string{}
		for _, port := range OpenAdminPorts(rules) {
			got[port.Service] = port.Keys
		}
		for _, service := range adminServices {
			keys, is := got[service]
			if want := open(rules, service); is != want {
				t.Fatalf("%+v: %s is open: %t", rules, service, is)
			}
			if !is {
				continue
			}
			found++
			closed := maps.Clone(rules)
			for _, key := range keys {
				does, _ := rules[key].admits(service.Protocol, service.Port)
				if delete(closed, key); !does {
					t.Fatalf("%+v: %s has nothing to do with %s", rules, key, service)
				}
			}
			if open(closed, service) {
				t.Fatalf("%+v: %s is open without %v", rules, service, keys)
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d open ports", found)
	}
}

func BenchmarkOpenAdminPorts(b *testing.B) {
	rules := map[string]Given{}
	for i := range GroupLimit {
		rules[fmt.Sprint("r", i)] = from(fmt.Sprintf("10.0.%d.0/24", i), 1, 65535)
	}
	for b.Loop() {
		OpenAdminPorts(rules)
	}
}
