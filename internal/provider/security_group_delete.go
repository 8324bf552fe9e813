package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// defaultGroup is the name of the group that the cloud makes in each project
// by itself and never deletes.
const defaultGroup = "default"

func (r *securityGroup) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	entries, diags := decodeRules(ctx, state.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	if state.Name.ValueString() == defaultGroup {
		resp.Diagnostics.AddError(`The security group "default" cannot be deleted`, defaultGroupAdvice)
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.ID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if state.ID.IsNull() {
		id, diags := r.deletePending(ctx, state.subject(), r.groupCreation(state, rulesOf(entries, "")), req.Private)
		resp.Diagnostics.Append(diags...)
		if id == "" {
			return
		}
		state.ID = types.StringValue(id)
	}
	if err := r.deleteGroup(ctx, state.location(), state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(state.subject().failed("delete", err))
	}
}

var defaultGroupAdvice = `The cloud makes the group named "default" in each project and does not let it go. Nothing was sent.

To keep the group and let Terraform forget it, replace its resource block by:

` + removedBlock(groupType)

// deleteGroup deletes a group. One that is gone is deleted. One that is in use
// is tried again until the time for the operation is over: what uses it may be
// on its way out in the same run.
func (r *securityGroup) deleteGroup(ctx context.Context, at client.Location, groupID string) error {
	release, err := r.locks.exclusive(ctx, at, groupID)
	if err != nil {
		return err
	}
	defer release()
	var conflict error
	_, err = r.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		err := r.client.DeleteSecurityGroup(ctx, at, groupID)
		switch {
		case errors.Is(err, client.ErrNotFound):
			return true, nil
		case errors.Is(err, client.ErrConflict):
			conflict = err
			return false, nil
		}
		return err == nil, err
	})
	if conflict == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &inUseError{instances: r.holders(ctx, at, groupID), conflict: conflict}
}

// inUseError is a group that could not be deleted in time since something
// holds it.
type inUseError struct {
	instances []client.Instance // as far as the API tells
	conflict  error
}

func (e *inUseError) Error() string {
	names := make([]string, len(e.instances))
	for i, instance := range e.instances {
		names[i] = fmt.Sprintf("%q (%s)", instance.Name, instance.ID)
	}
	if len(names) == 0 {
		return fmt.Sprintf("the group stayed in use: %v", e.conflict)
	}
	return fmt.Sprintf("the group stayed in use by instance %s: %v", strings.Join(names, ", "), e.conflict)
}

func (e *inUseError) Unwrap() error { return e.conflict }

// holders lists the instances that use a group, if the API tells. The time for
// the operation is over when it is asked.
func (r *securityGroup) holders(ctx context.Context, at client.Location, groupID string) []client.Instance {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.grace)
	defer cancel()
	instances, err := r.client.SecurityGroupInstances(ctx, at, groupID)
	if err != nil {
		return nil
	}
	return instances
}
