package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func (r *securityGroup) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	// Terraform 1.11 blocks a resource whose read sets no identity, also when
	// the read removes it.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	prior, diags := decodeRules(ctx, state.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	imported := state.Name.IsNull()
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject(), imported))
		return
	}
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.ID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	// Every read of this provider sets region, so it is another's state.
	if state.Region.IsNull() && !state.ID.IsNull() {
		resp.Diagnostics.Append(setMark(ctx, resp.Private, importedMark)...)
	}
	if state.ID.IsNull() {
		state.ID = r.readPending(ctx, state.subject(), r.groupCreation(state, rulesOf(prior, "")), req, resp)
		if state.ID.IsNull() {
			return
		}
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	}
	group, err := r.recentGroup(ctx, state.location(), state.ID.ValueString())
	if err == nil && group.Rules == nil && (imported || !state.Rules.IsNull()) {
		err = errNoRules
	}
	switch {
	case err != nil && imported:
		resp.Diagnostics.Append(state.subject().failed("import", &importError{err, importForm("group_id")}))
		return
	case errors.Is(err, client.ErrNotFound):
		resp.Diagnostics.Append(vanished(state.subject()))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
		return
	}
	r.claims.add(group.ID)
	if imported {
		state, diags = state.imported(ctx, group, r.defaultTags)
	} else {
		state, diags = state.refresh(prior, group, r.defaultTags)
	}
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
