package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func (r *securityGroup) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state securityGroupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Terraform 1.11 blocks a resource whose read sets no identity, also when
	// the read removes it.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject()))
		return
	}
	if state.ID.IsNull() {
		state.ID = r.resolveCreate(ctx, state.subject(), createdGroups, req, resp)
		if state.ID.IsNull() {
			return
		}
	}
	group, err := r.client.SecurityGroup(ctx, state.location(), state.ID.ValueString())
	switch {
	case errors.Is(err, client.ErrNotFound):
		resp.Diagnostics.Append(vanished(state.subject()))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
		return
	}
	imported := state.Name.IsNull()
	prior, diags := decodeRules(ctx, state.Rules)
	resp.Diagnostics.Append(diags...)
	if group.Rules == nil && (imported || !state.Rules.IsNull()) {
		resp.Diagnostics.Append(state.subject().failed("read", errNoRules))
		return
	}
	managesRules := !state.Rules.IsNull() || imported && len(group.Rules) > 0
	state = state.refresh(group, r.defaultTags)
	if managesRules {
		state.Rules, diags = encodeRules(ctx, entriesFromAPI(prior, group.ID, group.Rules))
		resp.Diagnostics.Append(diags...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

func createdGroups(task client.Task) []string { return task.CreatedSecurityGroups }
