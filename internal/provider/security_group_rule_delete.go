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
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	if state.ID.IsNull() {
		id, diags := r.deletePending(ctx, state.subject(), r.ruleCreation(state), req.Private)
		resp.Diagnostics.Append(diags...)
		if id == "" {
			return
		}
		state.ID = types.StringValue(id)
	}
	if err := r.deleteRule(ctx, state); err != nil {
		resp.Diagnostics.Append(state.subject().failed("delete", err))
	}
}

// deleteRule deletes a rule and waits until it is done. A rule that went
// before, with its group or with its remote group, is deleted; so is one whose
// task failed, or was forgotten, but that is gone.
func (r *securityGroupRule) deleteRule(ctx context.Context, state securityGroupRuleModel) error {
	release, err := r.locks.shared(ctx, state.location(), state.GroupID.ValueString())
	if err != nil {
		return err
	}
	defer release()
	var taskIDs []string
	err = r.pastConflicts(ctx, nil, func(ctx context.Context) error {
		taskIDs, err = r.client.DeleteSecurityGroupRule(ctx, state.location(), state.GroupID.ValueString(), state.ID.ValueString())
		return err
	})
	if errors.Is(err, client.ErrNotFound) {
		return nil
	}
	for _, taskID := range taskIDs {
		if err == nil {
			_, err = r.client.WaitForTask(ctx, taskID)
		}
	}
	if err == nil {
		return nil
	}
	gone, _ := r.client.Repeat(ctx, visibility, func(ctx context.Context) (bool, error) {
		_, err := r.read(ctx, state)
		if errors.Is(err, client.ErrNotFound) {
			return true, nil
		}
		return false, err
	})
	if gone {
		return nil
	}
	return err
}
