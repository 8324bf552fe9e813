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
	left, diags := loadReplacement(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject(), state.Direction.IsNull()))
		return
	}
	if state.ID.IsNull() {
		creation := r.ruleCreation(state.location(), state.GroupID.ValueString(), state.entry().rule(""))
		state.ID = r.readPending(ctx, state.subject(), creation, req, resp)
		if state.ID.IsNull() {
			return
		}
	}
	if left != nil {
		if left = r.readReplacement(ctx, state, left, resp); resp.Diagnostics.HasError() || left != nil && left.ID == "" {
			return
		}
	}
	found, left, err := r.read(ctx, state, left)
	switch {
	case errors.Is(err, client.ErrNotFound):
		resp.Diagnostics.Append(vanished(state.subject()))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
		return
	}
	if left == nil {
		resp.Diagnostics.Append(forget(ctx, resp.Private, replacementKey)...)
	} else {
		r.claims.add(left.ID)
	}
	r.claims.add(found.ID)
	state = state.refresh(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// readReplacement is a read's part: it finds out what became of a change that
// was cut off before the id of the new rule was known. It returns nil if that
// made nothing, and what it was given as long as that is open.
func (r *securityGroupRule) readReplacement(
	ctx context.Context, state securityGroupRuleModel, left *replacement, resp *resource.ReadResponse,
) *replacement {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	now, err := r.settled(ctx, state.location(), state.GroupID.ValueString(), left, r.client.Task)
	switch {
	case errors.Is(err, errStillRunning), errors.Is(err, context.DeadlineExceeded):
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s is still being changed", capitalised(state.subject().title())),
			"An earlier run was cut off while the new rule was being made, and what became of it is not certain yet. "+sentence(err.Error()))
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
	case now != nil && left.ID == "":
		resp.Diagnostics.Append(now.save(ctx, resp.Private)...)
	}
	return now
}

// read finds a rule in its group. A rule that is missing from an answer which
// has rules is as gone as one whose group is; an answer without them says
// nothing. Where only the replacement is left of a change that was cut off, it
// is the rule. The replacement is returned as long as both are there.
func (r *securityGroupRule) read(
	ctx context.Context, state securityGroupRuleModel, left *replacement,
) (client.SecurityGroupRule, *replacement, error) {
	group, err := r.groupWithRules(ctx, state.location(), state.GroupID.ValueString())
	if err != nil {
		return client.SecurityGroupRule{}, nil, err
	}
	found, there := findRule(group, state.ID.ValueString())
	if left != nil {
		made, hasMade := findRule(group, left.ID)
		switch {
		case !hasMade:
			left = nil
		case !there:
			return made, nil, nil
		}
	}
	if !there {
		return found, nil, fmt.Errorf("rule %s is not in its group: %w", state.ID.ValueString(), client.ErrNotFound)
	}
	return found, left, nil
}
