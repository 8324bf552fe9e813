package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func (r *securityGroupRule) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject(), state.Direction.IsNull()))
		return
	}
	if state.ID.IsNull() {
		state.ID = r.readPending(ctx, state.subject(), r.ruleCreation(state), req, resp)
		if state.ID.IsNull() {
			return
		}
	}
	found, err := r.read(ctx, state)
	switch {
	case errors.Is(err, client.ErrNotFound):
		resp.Diagnostics.Append(vanished(state.subject()))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
		return
	}
	r.claims.add(found.ID)
	state = state.refresh(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// read finds a rule in its group. A rule that is missing from an answer which
// has rules is as gone as one whose group is; an answer without them says
// nothing.
func (r *securityGroupRule) read(ctx context.Context, state securityGroupRuleModel) (client.SecurityGroupRule, error) {
	group, err := r.group(ctx, state.location(), state.GroupID.ValueString())
	if err != nil {
		return client.SecurityGroupRule{}, err
	}
	if group.Rules == nil {
		return client.SecurityGroupRule{}, errNoRules
	}
	found, ok := findRule(group, state.ID.ValueString())
	if !ok {
		return client.SecurityGroupRule{}, fmt.Errorf("rule %s is not in its group: %w", state.ID.ValueString(), client.ErrNotFound)
	}
	return found, nil
}
