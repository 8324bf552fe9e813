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
		"a direction alone is everything": {
			ruleEntry{ruleAttributes: ruleAttributes{Direction: str("egress")}},
			ruleEntry{ruleAttributes: ruleAttributes{Direction: str("egress"), Ethertype: str("IPv4"), Protocol: str("any"), RemoteIPPrefix: str("0.0.0.0/0"), Description: str("")}, Self: no},
		},
		"tcp without ports has all": {
			ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("tcp"), RemoteIPPrefix: str("2001:DB8::/32")}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv6"), Protocol: str("tcp"), PortRangeMin: num(1), PortRangeMax: num(65535), RemoteIPPrefix: str("2001:DB8::/32"), Description: str("")}, Self: no},
		},
		"a lone bound is not completed": {
			ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("tcp"), PortRangeMin: num(80)}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("tcp"), PortRangeMin: num(80), RemoteIPPrefix: str("0.0.0.0/0"), Description: str("")}, Self: no},
		},
		"a bound whose sibling is unknown is unknown": {
			ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("tcp"), PortRangeMin: types.Int64Unknown()}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("tcp"), PortRangeMin: types.Int64Unknown(), PortRangeMax: types.Int64Unknown(), RemoteIPPrefix: str("0.0.0.0/0"), Description: str("")}, Self: no},
		},
		"an ipv6 protocol": {
			ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("ipv6-frag")}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv6"), Protocol: str("ipv6-frag"), RemoteIPPrefix: str("::/0"), Description: str("")}, Self: no},
		},
		"an unknown prefix leaves the family open": {
			ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: types.StringUnknown()}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: types.StringUnknown(), Protocol: str("any"), RemoteIPPrefix: types.StringUnknown(), Description: str("")}, Self: no},
		},
		"an unknown prefix beside a family": {
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv6"), RemoteIPPrefix: types.StringUnknown()}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv6"), Protocol: str("any"), RemoteIPPrefix: types.StringUnknown(), Description: str("")}, Self: no},
		},
		"an unknown protocol leaves ports, family and prefix open": {
			ruleEntry{ruleAttributes: ruleAttributes{Protocol: types.StringUnknown()}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: types.StringUnknown(), Protocol: types.StringUnknown(), PortRangeMin: types.Int64Unknown(), PortRangeMax: types.Int64Unknown(), RemoteIPPrefix: types.StringUnknown(), Description: str("")}, Self: no},
		},
		"a remote group has no prefix": {
			ruleEntry{ruleAttributes: ruleAttributes{RemoteGroupID: str("g")}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("any"), RemoteGroupID: str("g"), Description: str("")}, Self: no},
		},
		"an unknown remote group leaves the prefix open": {
			ruleEntry{ruleAttributes: ruleAttributes{RemoteGroupID: types.StringUnknown()}},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("any"), RemoteGroupID: types.StringUnknown(), RemoteIPPrefix: types.StringUnknown(), Description: str("")}, Self: no},
		},
		"self has no prefix": {
			ruleEntry{Self: yes},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("any"), Description: str("")}, Self: yes},
		},
		"an unknown self leaves the prefix open": {
			ruleEntry{Self: types.BoolUnknown()},
			ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("any"), RemoteIPPrefix: types.StringUnknown(), Description: str("")}, Self: types.BoolUnknown()},
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
		"the same CIDR":         {ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("2001:DB8::/32")}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("2001:db8::/32")}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("2001:db8::/32")}}},
		"a bare address":        {ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.1")}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.1/32")}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.1/32")}}},
		"another CIDR":          {ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.2")}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.1/32")}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.2")}}},
		"two names of one":      {ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("ipencap")}}, ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("ipip")}}, ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("ipip")}}},
		"icmp on IPv6":          {ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv6"), Protocol: str("icmp")}}, ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("ipv6-icmp")}}, ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv6"), Protocol: str("ipv6-icmp")}}},
		"icmp, family unknown":  {ruleEntry{ruleAttributes: ruleAttributes{Ethertype: types.StringUnknown(), Protocol: str("icmp")}}, ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("ipv6-icmp")}}, ruleEntry{ruleAttributes: ruleAttributes{Ethertype: types.StringUnknown(), Protocol: str("ipv6-icmp")}}},
		"icmp on IPv4":          {ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("icmp")}}, ruleEntry{ruleAttributes: ruleAttributes{Protocol: str("ipv6-icmp")}}, ruleEntry{ruleAttributes: ruleAttributes{Ethertype: str("IPv4"), Protocol: str("icmp")}}},
		"a group id's case":     {ruleEntry{ruleAttributes: ruleAttributes{RemoteGroupID: str(shouted)}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteGroupID: str(group)}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteGroupID: str(group)}}},
		"unknown stays unknown": {ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: types.StringUnknown()}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.1/32")}}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: types.StringUnknown()}}},
		"null is never kept":    {ruleEntry{}, ruleEntry{ruleAttributes: ruleAttributes{RemoteIPPrefix: str("10.0.0.1/32"), Protocol: str("tcp"), RemoteGroupID: str(group)}}, ruleEntry{}},
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
