package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
)

// SecurityGroupRule is a rule exactly as the API gives it: null is nil, nothing is interpreted.
type SecurityGroupRule struct {
	ID              string  `json:"id"`
	SecurityGroupID string  `json:"security_group_id"`
	Direction       string  `json:"direction"`
	Ethertype       *string `json:"ethertype"`
	// Protocol may be nil, a name, "any", or a number as text: also one that the API gave as a JSON number.
	Protocol       *string `json:"protocol"`
	PortRangeMin   *int64  `json:"port_range_min"`
	PortRangeMax   *int64  `json:"port_range_max"`
	RemoteIPPrefix *string `json:"remote_ip_prefix"`
	RemoteGroupID  *string `json:"remote_group_id"`
	Description    *string `json:"description"`
	RevisionNumber int64   `json:"revision_number"`
	CreatedAt      Time    `json:"created_at"`
	UpdatedAt      Time    `json:"updated_at"`
}

// RuleRequest is a rule as it is sent. What is nil or "" is left out, and the API applies its default: all protocols, and
// "" for the description.
type RuleRequest struct {
	Direction      string `json:"direction"`
	Ethertype      string `json:"ethertype,omitempty"`
	Protocol       string `json:"protocol,omitempty"`
	PortRangeMin   *int64 `json:"port_range_min,omitempty"`
	PortRangeMax   *int64 `json:"port_range_max,omitempty"`
	RemoteIPPrefix string `json:"remote_ip_prefix,omitempty"`
	RemoteGroupID  string `json:"remote_group_id,omitempty"`
	Description    string `json:"description,omitempty"`
}

// CreateSecurityGroupRule adds a rule to a group and returns the task that creates it. The rule's id is in the finished
// task's CreatedSecurityGroupRules. A rule that the group already has is ErrConflict.
func (c *Client) CreateSecurityGroupRule(
	ctx context.Context, location Location, groupID string, rule RuleRequest,
) (taskID string, err error) {
	return startOneTask(ctx, c, TaskCreateSecurityGroupRule, exchange{
		operation: "create a rule in security group " + groupID,
		method:    http.MethodPost, collection: groupsV2, location: &location, elements: []string{groupID, "rules"}, body: rule,
	})
}

// DeleteSecurityGroupRule deletes a rule and returns the tasks that do it; none: it is done already. A rule or group that
// does not exist is ErrNotFound.
func (c *Client) DeleteSecurityGroupRule(
	ctx context.Context, location Location, groupID, ruleID string,
) (taskIDs []string, err error) {
	return startTasks[anyTasks](ctx, c, TaskDeleteSecurityGroupRule, exchange{
		operation: "delete rule " + ruleID + " of security group " + groupID,
		method:    http.MethodDelete, collection: groupsV2, location: &location, elements: []string{groupID, "rules", ruleID},
	})
}

func (r SecurityGroupRule) validate(m mask) error {
	if !m.isID(r.ID) || r.Direction == "" {
		return errors.New("a rule has no id that can be one, or no direction")
	}
	return nil
}

// UnmarshalJSON accepts a number as the protocol too: old rules have it in place of a name.
func (r *SecurityGroupRule) UnmarshalJSON(data []byte) error {
	type fields SecurityGroupRule // without this method
	var rule struct {
		fields
		Protocol json.RawMessage `json:"protocol"`
	}
	if err := unmarshalFields(data, &rule); err != nil {
		return err
	}
	*r = SecurityGroupRule(rule.fields)
	text := string(rule.Protocol)
	switch {
	case text == "" || json.Unmarshal(rule.Protocol, &r.Protocol) == nil:
		return nil
	case strings.ContainsAny(text[:1], "-0123456789"):
		r.Protocol = &text
		return nil
	}
	return &json.UnmarshalTypeError{Value: excerpt(text, 20), Type: reflect.TypeFor[string](), Field: "protocol"}
}
