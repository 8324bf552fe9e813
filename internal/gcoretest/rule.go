package gcoretest

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// ruleRequest is a rule as a request names it, after the layer that knows single fields only (Gcore's schema or
// Neutron's attribute layer) and before the rules that span fields. nil is absent or null, which no field of a rule
// tells apart.
type ruleRequest struct {
	direction     string
	ethertype     *string
	protocol      *string
	portRangeMin  *int
	portRangeMax  *int
	prefix        *string // canonical text of a prefix
	remoteGroupID *string
	description   *string
}

// gcoreRule reads a rule that satisfies Gcore's schema. Pydantic rewrites CIDRs and uuids to their canonical text.
func gcoreRule(tree map[string]any, config Config) ruleRequest {
	request := ruleRequest{
		direction:     *textField(tree, "direction"),
		ethertype:     textField(tree, "ethertype"),
		protocol:      textField(tree, "protocol"),
		portRangeMin:  intField(tree, "port_range_min"),
		portRangeMax:  intField(tree, "port_range_max"),
		prefix:        textField(tree, "remote_ip_prefix"),
		remoteGroupID: textField(tree, "remote_group_id"),
		description:   textField(tree, "description"),
	}
	if request.prefix != nil {
		if parsed, err := parseNetwork(*request.prefix, config.HostBits); err == nil {
			request.prefix = new(parsed.String())
		}
	}
	if request.remoteGroupID != nil {
		request.remoteGroupID = new(strings.ToLower(*request.remoteGroupID))
	}
	return request
}

func textField(tree map[string]any, name string) *string {
	if text, ok := tree[name].(string); ok {
		return &text
	}
	return nil
}

func intField(tree map[string]any, name string) *int {
	number, ok := tree[name].(json.Number)
	if !ok {
		return nil
	}
	value, err := number.Float64() // 80.0 and 8e1 are integers of JSON Schema too
	if err != nil || value != math.Trunc(value) {
		return nil
	}
	return new(int(value))
}

// neutronForm turns a request into the rule that Neutron stores, or refuses it, in Neutron's order: the IPv6 name of
// ICMP, 1-65535 to no ports, then ports, CIDR against ethertype, protocol against ethertype, one remote only.
// Measured on Neutron 21.0.0.
func neutronForm(request ruleRequest) (Rule, *refusal) {
	rule := Rule{
		Direction: request.direction, Ethertype: new("IPv4"), Protocol: request.protocol,
		PortRangeMin: request.portRangeMin, PortRangeMax: request.portRangeMax,
		RemoteIPPrefix: request.prefix, RemoteGroupID: request.remoteGroupID, Description: new(""),
	}
	if request.ethertype != nil {
		rule.Ethertype = request.ethertype
	}
	if request.description != nil {
		rule.Description = request.description
	}
	if rule.Protocol != nil && *rule.Ethertype == "IPv6" {
		switch *rule.Protocol {
		case "icmp", "icmpv6":
			rule.Protocol = new("ipv6-icmp")
		case "1":
			rule.Protocol = new("58")
		}
	}
	// Before any other port check, and for every protocol, even those that have no ports.
	if rule.PortRangeMin != nil && rule.PortRangeMax != nil && *rule.PortRangeMin == 1 && *rule.PortRangeMax == 65535 {
		rule.PortRangeMin, rule.PortRangeMax = nil, nil
	}
	for _, check := range []func(Rule) *refusal{checkPorts, checkPrefixFamily, checkProtocolFamily, checkOneRemote} {
		if refused := check(rule); refused != nil {
			return Rule{}, refused
		}
	}
	return rule, nil
}

func checkPorts(rule Rule) *refusal {
	low, high := rule.PortRangeMin, rule.PortRangeMax
	if low == nil && high == nil {
		return nil
	}
	if rule.Protocol == nil {
		return badRequest("SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given.")
	}
	number := protocolNumber(*rule.Protocol)
	switch {
	case hasPorts(number):
		return checkPortRange(low, high)
	case isICMP(number):
		return checkICMP(low, high)
	default:
		return badRequest("SecurityGroupInvalidProtocolForPort", fmt.Sprintf(
			"Ports cannot be specified for protocol %d. Ports are only supported for DCCP, SCTP, TCP, UDP, UDPLITE.", number))
	}
}

func checkPortRange(low, high *int) *refusal {
	if (low != nil && *low == 0) || (high != nil && *high == 0) {
		return badRequest("SecurityGroupInvalidPortValue", "Invalid value for port 0")
	}
	if low == nil || high == nil || *low > *high {
		return badRequest("SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max")
	}
	return nil
}

// checkICMP: for ICMP the two port fields are type and code.
func checkICMP(kind, code *int) *refusal {
	const outside = "Invalid value for ICMP %s %d. It must be 0 to 255."
	if kind != nil && *kind > 255 {
		return badRequest("SecurityGroupInvalidIcmpValue", fmt.Sprintf(outside, "type (port_range_min)", *kind))
	}
	if code != nil && *code > 255 {
		return badRequest("SecurityGroupInvalidIcmpValue", fmt.Sprintf(outside, "code (port_range_max)", *code))
	}
	if kind == nil {
		return badRequest("SecurityGroupMissingIcmpType", fmt.Sprintf(
			"ICMP code (port-range-max) %d is provided but ICMP type (port-range-min) is missing.", *code))
	}
	return nil
}

func checkPrefixFamily(rule Rule) *refusal {
	if rule.RemoteIPPrefix == nil {
		return nil
	}
	parsed, err := parseNetwork(*rule.RemoteIPPrefix, HostBitsKeep)
	if err == nil && parsed.ethertype() == *rule.Ethertype {
		return nil
	}
	return badRequest("SecurityGroupRuleParameterConflict", fmt.Sprintf(
		"Conflicting value ethertype %s for CIDR %s", *rule.Ethertype, *rule.RemoteIPPrefix))
}

func checkProtocolFamily(rule Rule) *refusal {
	if rule.Protocol != nil && *rule.Ethertype == "IPv4" && onlyIPv6(protocolNumber(*rule.Protocol)) {
		return badRequest("SecurityGroupEthertypeConflictWithProtocol", fmt.Sprintf(
			"Invalid ethertype IPv4 for protocol %s.", *rule.Protocol))
	}
	return nil
}

func checkOneRemote(rule Rule) *refusal {
	if rule.RemoteIPPrefix != nil && rule.RemoteGroupID != nil {
		return badRequest("SecurityGroupMultipleRemoteEntites",
			"Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.")
	}
	return nil
}

// ruleKey is what makes two rules of one group the same rule for Neutron. The description is no part of it.
type ruleKey struct {
	direction, ethertype, protocol, prefix, remoteGroupID string
	portRangeMin, portRangeMax                            int // -1: none
}

// key follows Neutron: a name and its number are one protocol (but hopopt differs from 0 and ip, and none of them is
// "all"), 0.0.0.0/0 and ::/0 are no prefix. Other prefixes are compared as text, host bits included.
func (r Rule) key() ruleKey {
	key := ruleKey{direction: r.Direction, portRangeMin: -1, portRangeMax: -1}
	if r.Ethertype != nil {
		key.ethertype = *r.Ethertype
	}
	if r.Protocol != nil {
		key.protocol = *r.Protocol
		if number := protocolNumber(key.protocol); number >= 0 && key.protocol != "hopopt" {
			key.protocol = fmt.Sprint(number)
		}
	}
	if r.PortRangeMin != nil {
		key.portRangeMin = *r.PortRangeMin
	}
	if r.PortRangeMax != nil {
		key.portRangeMax = *r.PortRangeMax
	}
	if r.RemoteIPPrefix != nil && *r.RemoteIPPrefix != "0.0.0.0/0" && *r.RemoteIPPrefix != "::/0" {
		key.prefix = *r.RemoteIPPrefix
	}
	if r.RemoteGroupID != nil {
		key.remoteGroupID = *r.RemoteGroupID
	}
	return key
}
