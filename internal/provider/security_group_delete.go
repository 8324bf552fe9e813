package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// defaultGroup is the name of the group that the cloud makes in each project
// by itself and never deletes.
const defaultGroup = "default"

func (r *securityGroup) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state securityGroupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	if state.Name.ValueString() == defaultGroup {
		resp.Diagnostics.AddError(`The security group "default" cannot be deleted`, defaultGroupAdvice)
		return
	}
	ctx, cancel := r.deadline(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	if state.ID.IsNull() {
		id, err := r.awaitRememberedCreate(ctx, req.Private, r.createdGroup)
		if err != nil {
			resp.Diagnostics.Append(state.subject().failed("find out what became of the create of", err))
			return
		}
		if id == "" {
			return
		}
		state.ID = types.StringValue(id)
	}
	if err := r.deleteGroup(ctx, state.location(), state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(state.subject().failed("delete", err))
	}
}

const defaultGroupAdvice = `The cloud makes the group named "default" in each project and does not let it go. Nothing was sent.

To keep the group and let Terraform forget it, replace its resource block by:

removed {
  from = gcore_cloud_security_group.<name>
  lifecycle {
    destroy = false
  }
}`

// deleteGroup deletes a group. One that is gone is deleted. One that is in use
// is tried again until the time for the operation is over: what uses it may be
// on its way out in the same run.
func (r *securityGroup) deleteGroup(ctx context.Context, at client.Location, groupID string) error {
	var last error
	_, err := r.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		last = r.client.DeleteSecurityGroup(ctx, at, groupID)
		switch {
		case last == nil, errors.Is(last, client.ErrNotFound):
			last = nil
			return true, nil
		case errors.Is(last, client.ErrConflict):
			return false, nil
		}
		return false, last
	})
	if last != nil && errors.Is(last, client.ErrConflict) {
		return fmt.Errorf("%w%s: %w", err, r.holders(ctx, at, groupID), last)
	}
	return err
}

// holders names the instances that use a group, if the API tells.
func (r *securityGroup) holders(ctx context.Context, at client.Location, groupID string) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	instances, err := r.client.SecurityGroupInstances(ctx, at, groupID)
	if err != nil || len(instances) == 0 {
		return ""
	}
	words := ", the group is in use by"
	for i, instance := range instances {
		if i > 0 {
			words += ","
		}
		words += fmt.Sprintf(" instance %q (%s)", instance.Name, instance.ID)
	}
	return words
}
