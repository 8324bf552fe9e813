package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
)

// SecurityGroup is a group as the API gives it.
type SecurityGroup struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Description    string `json:"description"` // also "" if the API says null
	ProjectID      int64  `json:"project_id"`
	RegionID       int64  `json:"region_id"`
	Region         string `json:"region"` // the region's display name
	CreatedAt      Time   `json:"created_at"`
	UpdatedAt      Time   `json:"updated_at"`
	RevisionNumber int64  `json:"revision_number"`
	Tags           []Tag  `json:"tags_v2"` // also those that the user cannot change
	// Rules are in no order. Nil only if the answer has no rules, or null, which says nothing about the rules; a group
	// without rules has an empty list.
	Rules []SecurityGroupRule `json:"security_group_rules"`
}

// UnmarshalJSON takes a rule that the answer repeats, with the same id, as one rule.
func (g *SecurityGroup) UnmarshalJSON(data []byte) error {
	type fields SecurityGroup // without this method
	var group struct {
		fields
		Tags  entries[Tag]               `json:"tags_v2"`
		Rules entries[SecurityGroupRule] `json:"security_group_rules"`
	}
	if err := unmarshalFields(data, &group); err != nil {
		return err
	}
	*g = SecurityGroup(group.fields)
	seen := make(map[string]bool, len(group.Rules))
	g.Tags, g.Rules = group.Tags, slices.DeleteFunc(group.Rules, func(r SecurityGroupRule) bool {
		repeated := seen[r.ID]
		seen[r.ID] = true
		return repeated
	})
	return nil
}

func (g SecurityGroup) validate(m mask) error {
	if !m.isID(g.ID) {
		return errors.New("the group has no id that can be one")
	}
	if slices.ContainsFunc(g.Tags, func(t Tag) bool { return t.Key == "" }) {
		return errors.New("a tag has no key")
	}
	for _, rule := range g.Rules {
		if err := rule.validate(m); err != nil {
			return err
		}
	}
	return nil
}

// Tag is one tag of a group. A read-only tag belongs to the platform and cannot be changed.
type Tag struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	ReadOnly bool   `json:"read_only"`
}

// CreateSecurityGroupRequest describes a new group.
type CreateSecurityGroupRequest struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Rules nil leaves them out, and the API adds its default rules; a pointer to an empty list asks for none.
	Rules *[]RuleRequest    `json:"rules,omitempty"`
	Tags  map[string]string `json:"tags,omitempty"`
}

// UpdateSecurityGroupRequest describes a change of a group: what is nil stays as it is.
type UpdateSecurityGroupRequest struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	// Rules is the full list wanted: the API removes every other rule. A pointer to an empty list removes all.
	Rules *[]RuleRequest `json:"rules,omitempty"`
	// Tags is a JSON merge patch (RFC 7386): nil removes a tag, what is not named stays. Left out when empty.
	Tags map[string]*string `json:"tags,omitempty"`
}

// Empty reports whether the request changes nothing.
func (r UpdateSecurityGroupRequest) Empty() bool {
	return r.Name == nil && r.Description == nil && r.Rules == nil && len(r.Tags) == 0
}

// CreateSecurityGroup creates a group and returns the task that does it. The group's id is in the finished task's
// CreatedSecurityGroups.
func (c *Client) CreateSecurityGroup(
	ctx context.Context, location Location, group CreateSecurityGroupRequest,
) (taskID string, err error) {
	group.Rules = notNull(group.Rules)
	return startOneTask(ctx, c, TaskCreateSecurityGroup, exchange{
		operation: fmt.Sprintf("create security group %q", group.Name),
		method:    http.MethodPost, collection: groupsV2, location: &location,
		body: group,
	})
}

// UpdateSecurityGroup changes a group and returns the tasks that do it; none: it is done already. An empty request is not
// sent.
func (c *Client) UpdateSecurityGroup(
	ctx context.Context, location Location, groupID string, change UpdateSecurityGroupRequest,
) (taskIDs []string, err error) {
	if change.Empty() {
		return nil, nil
	}
	change.Rules = notNull(change.Rules)
	return startTasks[anyTasks](ctx, c, TaskUpdateSecurityGroup, exchange{
		operation: "update security group " + groupID,
		method:    http.MethodPatch, collection: groupsV2, location: &location, elements: []string{groupID},
		body: change,
	})
}

// SecurityGroup reads a group with its rules, by a request that starts after the call. A group that does not exist is
// ErrNotFound. Calls that wait at the same time may share the answer: callers must not change what it points to.
func (c *Client) SecurityGroup(ctx context.Context, location Location, groupID string) (SecurityGroup, error) {
	return c.sharedGroup(ctx, location, groupID, false)
}

// RecentSecurityGroup is SecurityGroup for callers that may miss changes by others in the last ten seconds: an answer that
// is not older is reused, if its request started after all writes of this client to the group had ended, including the
// tasks that the client waited for.
func (c *Client) RecentSecurityGroup(ctx context.Context, location Location, groupID string) (SecurityGroup, error) {
	return c.sharedGroup(ctx, location, groupID, true)
}

func (c *Client) sharedGroup(ctx context.Context, location Location, groupID string, reuse bool) (SecurityGroup, error) {
	e := exchange{
		operation: "read security group " + groupID,
		method:    http.MethodGet, collection: groupsV1, location: &location, elements: []string{groupID},
	}
	single := e
	single.single = true
	var group SecurityGroup
	e.shared = func(ctx context.Context) (err error) {
		group, err = c.reads.read(ctx, keyOf(location, groupID), reuse, func(ctx context.Context) (SecurityGroup, error) {
			return fetch[SecurityGroup](ctx, c, single)
		})
		return err
	}
	err := c.do(ctx, e)
	return group, err
}

// SecurityGroupFilter narrows a list of groups; the zero value does not.
type SecurityGroupFilter struct {
	Name        string            // the whole name; several groups may have it
	TagKeys     []string          // tags that a group must have
	TagKeyValue map[string]string // tags that a group must have, with their values
}

// Empty reports whether the filter selects all groups.
func (f SecurityGroupFilter) Empty() bool {
	return f.Name == "" && len(f.TagKeys) == 0 && len(f.TagKeyValue) == 0
}

// Matches reports whether a group has all that the filter names, compared exactly. It is not documented how the API
// compares, whether it ignores case, and whether all filters or one of several have to match.
func (f SecurityGroupFilter) Matches(group SecurityGroup) bool {
	tags := make(map[string]string, len(group.Tags))
	for _, tag := range group.Tags {
		tags[tag.Key] = tag.Value
	}
	for _, key := range f.TagKeys {
		if _, has := tags[key]; !has {
			return false
		}
	}
	for key, value := range f.TagKeyValue {
		if got, has := tags[key]; !has || got != value {
			return false
		}
	}
	return f.Name == "" || f.Name == group.Name
}

// SecurityGroups lists the groups with their rules and reads page after page as the caller goes on. Nothing follows an
// error. The groups are those that the API selects by the filter, see [SecurityGroupFilter.Matches].
func (c *Client) SecurityGroups(
	ctx context.Context, location Location, filter SecurityGroupFilter,
) iter.Seq2[SecurityGroup, error] {
	query := url.Values{"tag_key": slices.Clone(filter.TagKeys)}
	if filter.Name != "" {
		query.Set("name", filter.Name)
	}
	if len(filter.TagKeyValue) > 0 {
		// A map of strings always encodes.
		text, _ := json.Marshal(filter.TagKeyValue)
		query.Set("tag_key_value", string(text))
	}
	return listAll(ctx, c, exchange{
		operation: "list security groups",
		method:    http.MethodGet, collection: groupsV1, location: &location, query: query,
	}, func(g SecurityGroup) string { return g.ID })
}

// DeleteSecurityGroup deletes a group and its rules, and returns when that is done. A group that an instance uses is
// ErrConflict, one that does not exist ErrNotFound.
func (c *Client) DeleteSecurityGroup(ctx context.Context, location Location, groupID string) error {
	return c.do(ctx, exchange{
		operation: "delete security group " + groupID,
		method:    http.MethodDelete, collection: groupsV1, location: &location, elements: []string{groupID},
	})
}

// RevertSecurityGroup replaces all rules of a group by the API's default rules, with new ids, and returns when that is
// done. The vendor documents it for the group named default only.
//
// All rules get new ids, which shows after a lost answer whether it was processed. One that is processed late deletes what was
// made meanwhile.
func (c *Client) RevertSecurityGroup(ctx context.Context, location Location, groupID string) error {
	_, err := fetch[SecurityGroup](ctx, c, exchange{
		operation: "revert security group " + groupID,
		method:    http.MethodPost, collection: groupsV1, location: &location, elements: []string{groupID, "revert"},
	})
	return err
}

// notNull makes a nil list that is pointed to an empty one: it would be sent as null, which the API refuses.
func notNull(rules *[]RuleRequest) *[]RuleRequest {
	if rules != nil && *rules == nil {
		return &[]RuleRequest{}
	}
	return rules
}

// Instance is an instance that uses a group. Both texts are bounded, on one line, without the API key.
type Instance struct{ ID, Name string }

// SecurityGroupInstances returns the instances that use a group, by one request, and how many the API counts. The API
// documents no pages of this list: a count above the number of instances says that some are missing.
func (c *Client) SecurityGroupInstances(
	ctx context.Context, location Location, groupID string,
) (instances []Instance, count int64, err error) {
	answer, err := fetch[page[wireInstance]](ctx, c, exchange{
		operation: "list the instances of security group " + groupID,
		method:    http.MethodGet, collection: groupsV1, location: &location, elements: []string{groupID, "instances"}, masked: true,
	})
	if err != nil {
		return nil, 0, err
	}
	instances = make([]Instance, 0, len(*answer.Results))
	for _, w := range *answer.Results {
		instances = append(instances, w.instance(c.mask))
	}
	return instances, max(answer.Count, int64(len(instances))), nil
}

// wireInstance is an instance in an answer. It is not published which of the two spellings the API uses.
type wireInstance struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	InstanceID   string `json:"instance_id"`
	InstanceName string `json:"instance_name"`
}

func (w wireInstance) validate(m mask) error {
	if w.instance(m).ID == "" {
		return errors.New("an instance has no id")
	}
	return nil
}

func (w wireInstance) instance(m mask) Instance {
	return Instance{
		ID:   m.line(cmp.Or(w.ID, w.InstanceID), longestText),
		Name: m.line(cmp.Or(w.Name, w.InstanceName), longestText),
	}
}
