package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// errNoRules is an answer that says nothing about the rules of a group, which
// the API's contract allows. It must not be taken for a group without rules.
var errNoRules = errors.New("the API's answer has no rules in it (field security_group_rules)")

// update sends a PATCH and waits until it is done. An empty list of tasks is
// success too: nothing had to be changed, or only tags, which change at once.
func (c *configured) update(ctx context.Context, at client.Location, groupID string, request client.UpdateSecurityGroupRequest) error {
	taskIDs, err := c.client.UpdateSecurityGroup(ctx, at, groupID, request)
	if err != nil {
		return err
	}
	for _, taskID := range taskIDs {
		if _, err := c.client.WaitForTask(ctx, taskID); err != nil {
			return err
		}
	}
	return nil
}

// readUntil reads a group until it has all the wanted rules, or for as long as
// a finished change may take to show.
func (c *configured) readUntil(ctx context.Context, at client.Location, groupID string, wanted []rule.Rule) (client.SecurityGroup, error) {
	var group client.SecurityGroup
	_, err := c.client.Repeat(ctx, visibility, func(ctx context.Context) (done bool, err error) {
		group, err = c.client.SecurityGroup(ctx, at, groupID)
		if err == nil && group.Rules == nil {
			err = errNoRules
		}
		return len(missingFrom(rulesFromAPI(group), wanted)) == 0, err
	})
	return group, err
}

// readRules is readUntil with an error if a wanted rule does not appear. What
// is there beyond them is left for the next plan to show.
func (c *configured) readRules(ctx context.Context, at client.Location, groupID string, wanted []rule.Rule) (client.SecurityGroup, error) {
	group, err := c.readUntil(ctx, at, groupID, wanted)
	if err != nil {
		return group, err
	}
	if missing := missingFrom(rulesFromAPI(group), wanted); len(missing) > 0 {
		return group, fmt.Errorf("the API reports success, but these rules are not there:\n\n%s", bullets(missing))
	}
	return group, nil
}
