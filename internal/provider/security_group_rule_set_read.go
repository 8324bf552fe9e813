package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func (r *securityGroupRuleSet) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupRuleSetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	prior, diags := decodeRules(ctx, state.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject(), state.Rules.IsNull()))
		return
	}
	group, err := r.groupWithRules(ctx, state.location(), state.GroupID.ValueString())
	switch {
	case errors.Is(err, client.ErrNotFound):
		resp.Diagnostics.Append(vanished(state.subject()))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
		return
	}
	state.Rules, diags = encodeRules(entriesFromAPI(prior, group.ID, group.Rules))
	resp.Diagnostics.Append(diags...)
	if state.OnDestroy.IsNull() {
		// An import cannot tell, and destroys nothing.
		state.OnDestroy = types.StringValue(onDestroyKeep)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
