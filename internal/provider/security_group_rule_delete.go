package provider

import (
	"cmp"
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroupRule) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := loadReplacement(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.GroupID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if state.ID.IsNull() {
		id, diags := r.deletePending(ctx, state.subject(), r.ruleCreation(state.location(), state.GroupID.ValueString(), state.entry().rule("")), req.Private)
		resp.Diagnostics.Append(diags...)
		if id == "" {
			return
		}
		state.ID = types.StringValue(id)
	}
	left, err := r.settled(ctx, state.location(), state.GroupID.ValueString(), left, r.client.WaitForTask)
	if errors.Is(err, errMadeNothing) {
		resp.Diagnostics.Append(cameToNothing(state.subject(), err))
		err = nil
	}
	doomed := map[string]rule.Rule{state.ID.ValueString(): state.entry().rule("")}
	if left != nil && left.ID != "" {
		doomed[left.ID] = left.rule()
	}
	var owner string
	for _, id := range sortedKeys(doomed) {
		by, removed := r.deleteRule(ctx, state.location(), state.GroupID.ValueString(), id, doomed[id])
		owner, err = cmp.Or(owner, by), errors.Join(err, removed)
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("delete", err))
	case owner != "":
		resp.Diagnostics.Append(handedOver(state.subject(), owner))
	}
}

// deleteRule deletes a rule and waits until it is done. One that an owner of
// all rules of the group declares in this run stays: the owner is returned.
func (c *configured) deleteRule(ctx context.Context, at client.Location, groupID, ruleID string, r rule.Rule) (owner string, err error) {
	release, err := c.locks.shared(ctx, at, groupID)
	if err != nil {
		return "", err
	}
	defer release()
	if owner := c.owners.declaring(at, groupID, r); owner != "" {
		return owner, nil
	}
	return "", c.removeRule(ctx, at, groupID, ruleID)
}

// removeRule deletes a rule, for a caller that holds the group's lock. A rule
// that went before, with its group or with its remote group, is deleted; so is
// one whose task failed, or was forgotten, but that is gone.
func (c *configured) removeRule(ctx context.Context, at client.Location, groupID, ruleID string) error {
	var taskIDs []string
	err := c.pastConflicts(ctx, conflicts{}, func(ctx context.Context) (err error) {
		taskIDs, err = c.client.DeleteSecurityGroupRule(ctx, at, groupID, ruleID)
		return err
	})
	if errors.Is(err, client.ErrNotFound) {
		return nil
	}
	for _, taskID := range taskIDs {
		if err == nil {
			_, err = c.client.WaitForTask(ctx, taskID)
		}
	}
	if err == nil {
		return nil
	}
	gone, _ := c.client.Repeat(ctx, visibility, func(ctx context.Context) (bool, error) {
		group, err := c.groupWithRules(ctx, at, groupID)
		if errors.Is(err, client.ErrNotFound) {
			return true, nil
		}
		_, there := findRule(group, ruleID)
		return !there && err == nil, err
	})
	if gone {
		return nil
	}
	return err
}
