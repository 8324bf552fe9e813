package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Short names for the values in the tables.
var (
	str = types.StringValue
	num = types.Int64Value
	yes = types.BoolValue(true)
	no  = types.BoolValue(false)
)

func TestPlanEntry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ config, want ruleEntry }{
		"a direction alone is open to the world": {
			ruleEntry{Direction: str("ingress")},
			ruleEntry{Direction: str("ingress"), Ethertype: str("IPv4"), RemoteIPPrefix: str("0.0.0.0/0"), Self: no, Description: str("")},
		},
		"tcp without ports has all": {
			ruleEntry{Protocol: str("tcp"), RemoteIPPrefix: str("2001:DB8::/32")},
			ruleEntry{
				Ethertype: str("IPv6"), Protocol: str("tcp"), PortRangeMin: num(1), PortRangeMax: num(65535),
				RemoteIPPrefix: str("2001:DB8::/32"), Self: no, Description: str(""),
			},
		},
		"a lone bound is not completed": {
			ruleEntry{Protocol: str("tcp"), PortRangeMin: num(80)},
			ruleEntry{Ethertype: str("IPv4"), Protocol: str("tcp"), PortRangeMin: num(80), RemoteIPPrefix: str("0.0.0.0/0"), Self: no, Description: str("")},
		},
		"a bound whose sibling is unknown is unknown": {
			ruleEntry{Protocol: str("tcp"), PortRangeMin: types.Int64Unknown()},
			ruleEntry{
				Ethertype: str("IPv4"), Protocol: str("tcp"), PortRangeMin: types.Int64Unknown(), PortRangeMax: types.Int64Unknown(),
				RemoteIPPrefix: str("0.0.0.0/0"), Self: no, Description: str(""),
			},
		},
		"an ipv6 protocol": {
			ruleEntry{Protocol: str("ipv6-frag")},
			ruleEntry{Ethertype: str("IPv6"), Protocol: str("ipv6-frag"), RemoteIPPrefix: str("::/0"), Self: no, Description: str("")},
		},
		"an unknown prefix leaves the family open": {
			ruleEntry{RemoteIPPrefix: types.StringUnknown()},
			ruleEntry{Ethertype: types.StringUnknown(), RemoteIPPrefix: types.StringUnknown(), Self: no, Description: str("")},
		},
		"an unknown prefix beside a family": {
			ruleEntry{Ethertype: str("IPv6"), RemoteIPPrefix: types.StringUnknown()},
			ruleEntry{Ethertype: str("IPv6"), RemoteIPPrefix: types.StringUnknown(), Self: no, Description: str("")},
		},
		"an unknown protocol leaves ports, family and prefix open": {
			ruleEntry{Protocol: types.StringUnknown()},
			ruleEntry{
				Ethertype: types.StringUnknown(), Protocol: types.StringUnknown(), PortRangeMin: types.Int64Unknown(), PortRangeMax: types.Int64Unknown(),
				RemoteIPPrefix: types.StringUnknown(), Self: no, Description: str(""),
			},
		},
		"a remote group has no prefix": {
			ruleEntry{RemoteGroupID: str("g")},
			ruleEntry{Ethertype: str("IPv4"), RemoteGroupID: str("g"), Self: no, Description: str("")},
		},
		"an unknown remote group leaves the prefix open": {
			ruleEntry{RemoteGroupID: types.StringUnknown()},
			ruleEntry{Ethertype: str("IPv4"), RemoteGroupID: types.StringUnknown(), RemoteIPPrefix: types.StringUnknown(), Self: no, Description: str("")},
		},
		"self has no prefix": {
			ruleEntry{Self: yes},
			ruleEntry{Ethertype: str("IPv4"), Self: yes, Description: str("")},
		},
		"an unknown self leaves the prefix open": {
			ruleEntry{Self: types.BoolUnknown()},
			ruleEntry{Ethertype: str("IPv4"), RemoteIPPrefix: types.StringUnknown(), Self: types.BoolUnknown(), Description: str("")},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, planEntry(test.config)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKeepSpelling(t *testing.T) {
	t.Parallel()
	group, shouted := "0d1e3c2a-aaaa-4bbb-8ccc-000000000001", "0D1E3C2A-AAAA-4BBB-8CCC-000000000001"
	tests := map[string]struct{ config, prior, want ruleEntry }{
		"the same CIDR":         {ruleEntry{RemoteIPPrefix: str("2001:DB8::/32")}, ruleEntry{RemoteIPPrefix: str("2001:db8::/32")}, ruleEntry{RemoteIPPrefix: str("2001:db8::/32")}},
		"a bare address":        {ruleEntry{RemoteIPPrefix: str("10.0.0.1")}, ruleEntry{RemoteIPPrefix: str("10.0.0.1/32")}, ruleEntry{RemoteIPPrefix: str("10.0.0.1/32")}},
		"another CIDR":          {ruleEntry{RemoteIPPrefix: str("10.0.0.2")}, ruleEntry{RemoteIPPrefix: str("10.0.0.1/32")}, ruleEntry{RemoteIPPrefix: str("10.0.0.2")}},
		"two names of one":      {ruleEntry{Protocol: str("ipencap")}, ruleEntry{Protocol: str("ipip")}, ruleEntry{Protocol: str("ipip")}},
		"icmp on IPv6":          {ruleEntry{Ethertype: str("IPv6"), Protocol: str("icmp")}, ruleEntry{Protocol: str("ipv6-icmp")}, ruleEntry{Ethertype: str("IPv6"), Protocol: str("ipv6-icmp")}},
		"icmp, family unknown":  {ruleEntry{Ethertype: types.StringUnknown(), Protocol: str("icmp")}, ruleEntry{Protocol: str("ipv6-icmp")}, ruleEntry{Ethertype: types.StringUnknown(), Protocol: str("ipv6-icmp")}},
		"icmp on IPv4":          {ruleEntry{Ethertype: str("IPv4"), Protocol: str("icmp")}, ruleEntry{Protocol: str("ipv6-icmp")}, ruleEntry{Ethertype: str("IPv4"), Protocol: str("icmp")}},
		"a group id's case":     {ruleEntry{RemoteGroupID: str(shouted)}, ruleEntry{RemoteGroupID: str(group)}, ruleEntry{RemoteGroupID: str(group)}},
		"unknown stays unknown": {ruleEntry{RemoteIPPrefix: types.StringUnknown()}, ruleEntry{RemoteIPPrefix: str("10.0.0.1/32")}, ruleEntry{RemoteIPPrefix: types.StringUnknown()}},
		"null is never kept":    {ruleEntry{}, ruleEntry{RemoteIPPrefix: str("10.0.0.1/32"), Protocol: str("tcp"), RemoteGroupID: str(group)}, ruleEntry{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, keepSpelling(test.config, test.config, test.prior)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
