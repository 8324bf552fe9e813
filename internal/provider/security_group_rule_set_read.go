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
	imported := state.Rules.IsNull()
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject(), imported))
		return
	}
	group, err := withRules(r.recentGroup(ctx, state.location(), state.GroupID.ValueString()))
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
	if imported {
		// An import cannot tell, and destroys nothing.
		state.OnDestroy = types.StringValue(onDestroyKeep)
	}
	if imported && len(group.Rules) <= ruleLimit {
		state.Rules, diags = importedRules(ctx, state.subject(), group, "")
	} else {
		state.Rules, diags = encodeRules(entriesFromAPI(prior, group.ID, group.Rules))
	}
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
