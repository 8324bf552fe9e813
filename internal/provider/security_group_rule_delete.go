package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
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
	ids := []string{state.ID.ValueString()}
	if left != nil && left.ID != "" {
		ids = append(ids, left.ID)
	}
	if removed := r.deleteRules(ctx, state.location(), state.GroupID.ValueString(), ids...); removed != nil || err != nil {
		resp.Diagnostics.Append(state.subject().failed("delete", errors.Join(err, removed)))
	}
}

// deleteRules deletes rules of a group and waits until it is done.
func (c *configured) deleteRules(ctx context.Context, at client.Location, groupID string, ids ...string) error {
	release, err := c.locks.shared(ctx, at, groupID)
	if err != nil {
		return err
	}
	defer release()
	for _, id := range ids {
		err = errors.Join(err, c.removeRule(ctx, at, groupID, id))
	}
	return err
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
