package gcoretest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// neutronRequest is Neutron's attribute layer: it reads each field of a rule alone, in the order of its attribute map.
// It stands in for Gcore's schema when Config.Neutron is set.
func neutronRequest(tree map[string]any) (ruleRequest, *refusal) {
	var request ruleRequest
	var refused *refusal
	steps := []func() *refusal{
		func() *refusal { return neutronDirection(tree, &request) },
		func() *refusal { return neutronProtocolField(tree, &request) },
		func() *refusal { request.portRangeMin, refused = neutronPort(tree["port_range_min"]); return refused },
		func() *refusal { request.portRangeMax, refused = neutronPort(tree["port_range_max"]); return refused },
		func() *refusal { return neutronEthertype(tree, &request) },
		func() *refusal { return neutronPrefixField(tree, &request) },
		func() *refusal { return neutronDescription(tree, &request) },
	}
	for _, step := range steps {
		if refused := step(); refused != nil {
			return ruleRequest{}, refused
		}
	}
	request.remoteGroupID = textField(tree, "remote_group_id")
	if request.remoteGroupID != nil && *request.remoteGroupID == "" {
		return ruleRequest{}, serverError()
	}
	return request, nil
}

func neutronDirection(tree map[string]any, request *ruleRequest) *refusal {
	request.direction, _ = tree["direction"].(string)
	if request.direction != "ingress" && request.direction != "egress" {
		return badRequest("HTTPBadRequest", fmt.Sprintf(
			"Invalid input for direction. Reason: %s is not in valid_values.", request.direction))
	}
	return nil
}

func neutronProtocolField(tree map[string]any, request *ruleRequest) *refusal {
	var text string
	switch value := tree["protocol"].(type) {
	case string:
		text = value
	case json.Number:
		text = value.String()
	default:
		return nil
	}
	protocol, refused := neutronProtocol(text)
	request.protocol = &protocol
	return refused
}

func neutronPort(value any) (*int, *refusal) {
	var text string
	switch value := value.(type) {
	case string:
		text = value
	case json.Number:
		text = value.String()
	default:
		return nil, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return nil, badRequest("SecurityGroupInvalidPortValue", "Invalid value for port "+text)
	}
	return &port, nil
}

func neutronEthertype(tree map[string]any, request *ruleRequest) *refusal {
	value, given := tree["ethertype"]
	if !given {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		text = "None"
	}
	for _, known := range []string{"IPv4", "IPv6"} {
		if strings.EqualFold(text, known) {
			request.ethertype = new(known)
			return nil
		}
	}
	return badRequest("SecurityGroupRuleInvalidEtherType", fmt.Sprintf(
		"Security group rule for ethertype '%s' not supported. Allowed values are ['IPv4', 'IPv6'].", text))
}

func neutronPrefixField(tree map[string]any, request *ruleRequest) *refusal {
	text, _ := tree["remote_ip_prefix"].(string)
	if text == "" {
		return nil
	}
	parsed, refused := neutronPrefix(text)
	if refused == nil {
		request.prefix = new(parsed.String())
	}
	return refused
}

func neutronDescription(tree map[string]any, request *ruleRequest) *refusal {
	value, given := tree["description"]
	if !given {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return badRequest("HTTPBadRequest", "Invalid input for description. Reason: 'None' is not a valid string.")
	}
	request.description = &text
	return checkDescription(&text)
}

// checkDescription is Neutron's limit for the description of a group and of a rule, in characters. Gcore's contract
// names it for rules only.
func checkDescription(text *string) *refusal {
	if text == nil || utf8.RuneCountInString(*text) <= 255 {
		return nil
	}
	return badRequest("HTTPBadRequest", fmt.Sprintf(
		"Invalid input for description. Reason: '%s' exceeds maximum length of 255.", *text))
}
