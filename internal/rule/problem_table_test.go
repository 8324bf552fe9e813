package rule

import "strings"

// faultyRule is a rule with the attributes that are at fault, in order; a
// warning is marked by a question mark.
type faultyRule struct {
	name  string
	given Given
	want  []string
}

// egress completes a rule by the one attribute that each has to have.
func egress(g Given) Given {
	g.Direction = new(Egress)
	return g
}

// ingress makes a rule one that has to say more.
func ingress(g Given) Given {
	g.Direction = new(Ingress)
	return g
}

// none is a bound that is left out.
const none = -99

// withPorts is a rule of a protocol, all protocols if that is empty.
func withPorts(protocol string, first, last int64) Given {
	g := egress(Given{})
	if protocol != "" {
		g.Protocol = &protocol
	}
	if first != none {
		g.PortRangeMin = &first
	}
	if last != none {
		g.PortRangeMax = &last
	}
	return g
}

func faultyRules() []faultyRule {
	var rules []faultyRule
	for _, group := range [][]faultyRule{
		faultyWords(), faultyPorts(), faultyNetworks(), faultyFamilies(), faultyRemotes(), faultyOmissions(), severalFaults(), unknownParts(),
	} {
		rules = append(rules, group...)
	}
	return rules
}

func faultyWords() []faultyRule {
	rules := []faultyRule{
		{"no direction", Given{}, []string{"direction"}},
		{"empty direction", Given{Direction: new("")}, []string{"direction"}},
		{"direction in upper case", Given{Direction: new("INGRESS")}, []string{"direction"}},
		{"direction by another word", Given{Direction: new("outbound")}, []string{"direction"}},
		{"direction both", Given{Direction: new("both")}, []string{"direction"}},
		{"empty ethertype", egress(Given{Ethertype: new("")}), []string{"ethertype"}},
		{"ethertype in lower case", egress(Given{Ethertype: new("ipv6")}), []string{"ethertype"}},
		{"ethertype that does not exist", egress(Given{Ethertype: new("IPv5")}), []string{"ethertype"}},
		{"description of 256 characters", egress(Given{Description: new(strings.Repeat("é", 256))}), []string{"description"}},
	}
	for _, protocol := range []string{
		"", "TCP", " tcp", "Any", "ALL", "*", "-1", "0", "ip", "6", "17", "06", "58", "4", "99", "256", "icmpv6", "ICMP6",
		"ipv6_icmp", "udp-lite", "hopopt", "tcp/udp", "http", strings.Repeat("x", 300), "tcp\u00a0",
	} {
		name := protocol[:min(len(protocol), 20)]
		rules = append(rules, faultyRule{"protocol " + name, egress(Given{Protocol: &protocol}), []string{"protocol"}})
	}
	return append(rules,
		// One fault: what the ports would mean cannot be told.
		faultyRule{"unknown protocol with ports", withPorts("http", 70000, 80), []string{"protocol"}},
		faultyRule{"unknown protocol in a family", Given{
			Direction: new(Egress), Ethertype: new(IPv4), Protocol: new("icmpv6"),
		}, []string{"protocol"}},
	)
}

func faultyPorts() []faultyRule {
	return []faultyRule{
		{"ports without a protocol", withPorts("", 80, 443), []string{"port_range_min"}},
		{"all ports without a protocol", withPorts("", 1, 65535), []string{"port_range_min"}},
		{"any with ports", withPorts("any", 80, 80), []string{"port_range_min"}},
		{"any with all ports", withPorts("any", 1, 65535), []string{"port_range_min"}},
		{"any with an ICMP type", withPorts("any", 8, none), []string{"port_range_min"}},
		{"port 0 without a protocol", withPorts("", 0, 0), []string{"port_range_min"}},
		{"last port without a protocol", withPorts("", none, 80), []string{"port_range_max"}},
		{"one port with gre", withPorts("gre", 80, 80), []string{"port_range_min"}},
		{"all ports with esp", withPorts("esp", 1, 65535), []string{"port_range_min"}},
		{"bad ports with vrrp", withPorts("vrrp", -1, 70000), []string{"port_range_min"}},
		{"last port with ah", withPorts("ah", none, 0), []string{"port_range_max"}},
		{"tcp 0-0", withPorts("tcp", 0, 0), []string{"port_range_min"}},
		{"tcp 0-80", withPorts("tcp", 0, 80), []string{"port_range_min"}},
		{"udp 0-65535", withPorts("udp", 0, 65535), []string{"port_range_min"}},
		{"udp -1 to -1", withPorts("udp", -1, -1), []string{"port_range_min"}},
		{"udplite 65536-65536", withPorts("udplite", 65536, 65536), []string{"port_range_min"}},
		{"sctp 80-70000", withPorts("sctp", 80, 70000), []string{"port_range_max"}},
		{"sctp 70000-80", withPorts("sctp", 70000, 80), []string{"port_range_min"}},
		{"dccp 0-70000", withPorts("dccp", 0, 70000), []string{"port_range_min", "port_range_max"}},
		{"tcp 443-80", withPorts("tcp", 443, 80), []string{"port_range_min"}},
		{"tcp 80-", withPorts("tcp", 80, none), []string{"port_range_min"}},
		{"tcp -80", withPorts("tcp", none, 80), []string{"port_range_max"}},
		{"tcp -0", withPorts("tcp", none, 0), []string{"port_range_max"}},
		{"icmp type 256", withPorts("icmp", 256, none), []string{"port_range_min"}},
		{"icmp type -1", withPorts("icmp", -1, none), []string{"port_range_min"}},
		{"icmp code 256", withPorts("icmp", 8, 256), []string{"port_range_max"}},
		{"icmp 443-443", withPorts("icmp", 443, 443), []string{"port_range_min"}},
		{"icmp 1-65535", withPorts("icmp", 1, 65535), []string{"port_range_max"}},
		{"icmp code without a type", withPorts("icmp", none, 0), []string{"port_range_max"}},
		{"icmp bad code without a type", withPorts("ipv6-icmp", none, 256), []string{"port_range_max"}},
	}
}

func faultyNetworks() []faultyRule {
	var rules []faultyRule
	for _, text := range []string{
		"", "any", "*", "0/0", "garbage", "web-server", "10/8", "10.1", "10.0.0.256/8", "010.0.0.1/8", "0xa.0.0.0/8",
		"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "/8", "10.0.0.0/08", "10.0.0.0/255.0.0.0", "10.0.0.1/255.255.0.0",
		"10.0.0.0/255.0.255.0", "10.0.0.0/0.255.255.255", " 10.0.0.0/8", "10.0.0.0 / 8", "10.0.0.0/8,10.1.0.0/16",
		"10.0.0.1-10.0.0.9", "10.0.0.1/00", "10.0.0.1/0.0.0.0", "0.0.0.0/00", " 0.0.0.0",
		"fe80::1%eth0", "fe80::1%eth0/64", "[2001:db8::]/32", "2001:db8::/129", "2001:db8", ":::/0",
		"10.0.0.1/8", "10.0.0.1/0", "2001:DB8::1/32", "::ffff:10.0.0.1/104", strings.Repeat("1", 300),
	} {
		name := text[:min(len(text), 30)]
		rules = append(rules, faultyRule{"network " + name, egress(Given{RemoteIPPrefix: &text}), []string{"remote_ip_prefix"}})
	}
	for _, text := range []string{"0.0.0.0", "::", "0:0:0:0:0:0:0:0"} {
		rules = append(rules, faultyRule{"network " + text, egress(Given{RemoteIPPrefix: &text}), []string{"remote_ip_prefix?"}})
	}
	return rules
}

func faultyFamilies() []faultyRule {
	rule := func(ethertype, protocol, prefix string) Given {
		g := egress(Given{})
		for _, attribute := range []struct {
			at   **string
			text string
		}{{&g.Ethertype, ethertype}, {&g.Protocol, protocol}, {&g.RemoteIPPrefix, prefix}} {
			if attribute.text != "" {
				*attribute.at = &attribute.text
			}
		}
		return g
	}
	return []faultyRule{
		{"IPv4 network on IPv6", rule(IPv6, "", "10.0.0.0/8"), []string{"remote_ip_prefix"}},
		{"IPv6 network on IPv4", rule(IPv4, "tcp", "2001:db8::/32"), []string{"remote_ip_prefix"}},
		{"IPv4-mapped address on IPv4", rule(IPv4, "", "::ffff:10.0.0.1"), []string{"remote_ip_prefix"}},
		{"all of IPv6 on IPv4", rule(IPv4, "", "::/0"), []string{"remote_ip_prefix"}},
		// The missing mask is not said beside the error: both end in the same words.
		{"0.0.0.0 on IPv6", rule(IPv6, "", "0.0.0.0"), []string{"remote_ip_prefix"}},
		{"IPv6 protocol on IPv4", rule(IPv4, "ipv6-icmp", ""), []string{"protocol"}},
		{"IPv6 protocol and IPv4 network", rule("", "ipv6-frag", "10.0.0.0/8"), []string{"protocol"}},
		{"IPv6 protocol in IPv4 throughout", rule(IPv4, "ipv6-icmp", "10.0.0.0/8"), []string{"protocol"}},
		{"IPv4 network in IPv6 throughout", rule(IPv6, "ipv6-route", "0.0.0.0/0"), []string{"remote_ip_prefix"}},
		{"IPv4 as the odd one", rule(IPv4, "ipv6-icmp", "2001:db8::/32"), []string{"ethertype"}},
		{"malformed network on IPv6", rule(IPv6, "", "10.0.0.0/99"), []string{"remote_ip_prefix"}},
		{"malformed ethertype and a network", rule("ipv4", "", "::/0"), []string{"ethertype"}},
	}
}

func faultyRemotes() []faultyRule {
	prefix, id := new("10.0.0.0/8"), new(otherGroup)
	rules := []faultyRule{
		{"prefix and group", egress(Given{RemoteIPPrefix: prefix, RemoteGroupID: id}), []string{"remote_ip_prefix"}},
		{"all addresses and group", egress(Given{RemoteIPPrefix: new("0.0.0.0/0"), RemoteGroupID: id}), []string{"remote_ip_prefix"}},
		{"prefix and self", egress(Given{RemoteIPPrefix: prefix, Self: new(true)}), []string{"remote_ip_prefix"}},
		{"group and self", egress(Given{RemoteGroupID: id, Self: new(true)}), []string{"remote_group_id"}},
		{"all three", egress(Given{RemoteIPPrefix: prefix, RemoteGroupID: id, Self: new(true)}), []string{"remote_ip_prefix"}},
		{"empty prefix and group", egress(Given{RemoteIPPrefix: new(""), RemoteGroupID: id}), []string{"remote_ip_prefix"}},
		{"group by name, standalone", egress(Given{RemoteGroupID: new("web"), Standalone: true}), []string{"remote_group_id"}},
		{"prefix and empty group", egress(Given{RemoteIPPrefix: prefix, RemoteGroupID: new("")}), []string{"remote_group_id"}},
	}
	for _, text := range []string{
		"", "web", "self", "11111111-1111-1111-1111-111111111111", "00000000-0000-0000-0000-000000000000",
		"0b0e6ba5-5fa5-1a94-9d4c-3a9ad7d8b5a1", "0b0e6ba5-5fa5-4a94-1d4c-3a9ad7d8b5a1",
		"0b0e6ba55fa54a949d4c3a9ad7d8b5a1", "{" + otherGroup + "}", otherGroup + " ",
		"0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5ag", strings.ReplaceAll(otherGroup, "-", "0"),
	} {
		rules = append(rules, faultyRule{"group " + text, egress(Given{RemoteGroupID: &text}), []string{"remote_group_id"}})
	}
	return rules
}

// faultyOmissions are ingress rules that leave out what has to be said.
func faultyOmissions() []faultyRule {
	anybody := func(g Given) Given { return with(ingress(g), func(g *Given) { g.RemoteIPPrefix = new("0.0.0.0/0") }) }
	return []faultyRule{
		{"ingress of nothing", ingress(Given{}), []string{"protocol", "remote_ip_prefix"}},
		{"ingress without a remote", ingress(withPorts("tcp", 22, 22)), []string{"remote_ip_prefix"}},
		{"ingress without a remote, standalone", with(ingress(withPorts("tcp", 22, 22)), func(g *Given) { g.Standalone = true }), []string{"remote_ip_prefix"}},
		{"ingress without a remote, by name", ingress(Given{Protocol: new("any"), Self: new(false)}), []string{"remote_ip_prefix"}},
		{"ingress without a remote, of IPv6", ingress(Given{Protocol: new("ipv6-icmp"), Ethertype: new(IPv6)}), []string{"remote_ip_prefix"}},
		{"ingress from an empty network", with(anybody(withPorts("udp", 53, 53)), func(g *Given) { g.RemoteIPPrefix = new("") }), []string{"remote_ip_prefix"}},
		{"ingress without a protocol", anybody(Given{}), []string{"protocol"}},
		{"ingress without a protocol, with ports", anybody(withPorts("", 22, 22)), []string{"port_range_min"}},
		{"ingress of an empty protocol", anybody(Given{Protocol: new("")}), []string{"protocol"}},
		{"ingress without ports", anybody(withPorts("tcp", none, none)), []string{"port_range_min"}},
		{"ingress without ports, of udplite", anybody(withPorts("udplite", none, none)), []string{"port_range_min"}},
		{"ingress without a last port", anybody(withPorts("tcp", 22, none)), []string{"port_range_min"}},
		{"ingress without a first port", anybody(withPorts("tcp", none, 22)), []string{"port_range_max"}},
		{"ingress from a group, without a family", ingress(Given{Protocol: new("esp"), RemoteGroupID: new(otherGroup)}), []string{"ethertype"}},
		{"ingress from itself, without a family", with(ingress(withPorts("tcp", 22, 22)), func(g *Given) { g.Self = new(true) }), []string{"ethertype"}},
		{"ingress from itself, without a family or protocol", ingress(Given{Self: new(true)}), []string{"ethertype", "protocol"}},
		{"ingress from itself, of an empty family", ingress(Given{Protocol: new("any"), Self: new(true), Ethertype: new("")}), []string{"ethertype"}},
		{"ingress from itself, of icmp without a family", ingress(Given{Protocol: new("icmp"), Self: new(true)}), []string{"ethertype"}},
		{"ingress from itself and a network", ingress(Given{Protocol: new("any"), Self: new(true), RemoteIPPrefix: new("::/0")}), []string{"remote_ip_prefix"}},
		{"ingress from itself by a protocol that does not exist", ingress(Given{Protocol: new("icmpv6"), Self: new(true)}), []string{"protocol"}},
		{"ingress by a protocol that does not exist", anybody(withPorts("TCP", none, none)), []string{"protocol"}},
	}
}

// severalFaults are rules with more than one, each to be said, in order.
func severalFaults() []faultyRule {
	return []faultyRule{
		{"everything", Given{
			Direction: new("in"), Ethertype: new("4"), Protocol: new("6"), PortRangeMin: new(int64(0)),
			RemoteIPPrefix: new("10/8"), RemoteGroupID: new("web"), Self: new(true), Description: new(strings.Repeat("d", 300)),
		}, []string{"direction", "ethertype", "protocol", "remote_ip_prefix", "remote_ip_prefix", "remote_group_id", "description"}},
		{"network of another family with host bits", egress(Given{Ethertype: new(IPv6), RemoteIPPrefix: new("10.0.0.1/8")}),
			[]string{"remote_ip_prefix", "remote_ip_prefix"}},
		{"IPv6 protocol on IPv4 with ports", Given{
			Direction: new(Egress), Ethertype: new(IPv4), Protocol: new("ipv6-opts"),
			PortRangeMin: new(int64(80)), PortRangeMax: new(int64(80)),
		}, []string{"protocol", "port_range_min"}},
		{"0.0.0.0 and bad ports", egress(Given{Protocol: new("tcp"), PortRangeMin: new(int64(80)), RemoteIPPrefix: new("0.0.0.0")}),
			[]string{"port_range_min", "remote_ip_prefix?"}},
	}
}

// unknownParts are rules that are at fault whatever the unknown turns out to be.
func unknownParts() []faultyRule {
	unknown := func(g Given, names ...Field) Given {
		g.Unknown = map[Field]bool{FieldSelf: false}
		for _, name := range names {
			g.Unknown[name] = true
		}
		return g
	}
	return []faultyRule{
		{"unknown protocol, port 70000", unknown(withPorts("", 80, 70000), FieldProtocol), []string{"port_range_max"}},
		{"unknown protocol, 443-80", unknown(withPorts("", 443, 80), FieldProtocol), []string{"port_range_min"}},
		{"unknown protocol, 0-443", unknown(withPorts("", 0, 443), FieldProtocol), []string{"port_range_min"}},
		{"unknown protocol, no first port", unknown(withPorts("", none, 80), FieldProtocol),
			[]string{"port_range_max"}},
		{"unknown ethertype, IPv6 protocol, IPv4 network", unknown(egress(Given{
			Protocol: new("ipv6-icmp"), RemoteIPPrefix: new("10.0.0.0/8"),
		}), FieldEthertype), []string{"protocol"}},
		{"unknown group, two other remotes", unknown(egress(Given{RemoteIPPrefix: new("10.0.0.0/8"), Self: new(true)}),
			FieldRemoteGroupID), []string{"remote_ip_prefix"}},
		{"ingress, unknown first port", unknown(with(ingress(withPorts("tcp", none, none)), func(g *Given) { g.Self = new(true) }), FieldPortRangeMin),
			[]string{"ethertype", "port_range_min"}},
		{"ingress, unknown ports", unknown(ingress(withPorts("", none, none)), FieldPortRangeMin, FieldPortRangeMax, FieldRemoteIPPrefix), []string{"protocol"}},
		{"ingress, unknown group without a family", unknown(ingress(withPorts("tcp", 22, 22)), FieldRemoteGroupID), []string{"ethertype"}},
		{"ingress from itself, unknown network, no family", unknown(ingress(Given{Protocol: new("any"), Self: new(true)}), FieldRemoteIPPrefix), []string{"ethertype"}},
		{"ingress from itself, unknown protocol with ports, no family", unknown(with(ingress(withPorts("", 443, 443)), func(g *Given) { g.Self = new(true) }), FieldProtocol),
			[]string{"ethertype"}},
		{"unknown first port, last port 0", unknown(withPorts("tcp", 1, 0), FieldPortRangeMin), []string{"port_range_max"}},
		{"unknown first port without a protocol", unknown(withPorts("", 1, 80), FieldPortRangeMin), []string{"port_range_max"}},
	}
}
