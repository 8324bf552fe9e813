package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	imported := state.Direction.IsNull()
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject(), imported))
		return
	}
	state.ProjectID, state.RegionID, diags = r.locate(ctx, state.subject(), state.GroupID, state.ProjectID, state.RegionID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
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
	case err != nil && imported:
		resp.Diagnostics.Append(state.subject().failed("import", &importError{err, importForm("group_id", "rule_id")}))
		return
	case errors.Is(err, client.ErrNotFound):
		resp.Diagnostics.Append(vanished(state.subject()))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
		return
	case left == nil:
		resp.Diagnostics.Append(forget(ctx, resp.Private, replacementKey)...)
	default:
		r.claims.add(left.ID)
		resp.Diagnostics.Append(halfWay(state, *left))
	}
	r.claims.add(found.ID)
	state = state.refresh(found)
	if imported {
		resp.Diagnostics.Append(state.warnOfImport()...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// halfWay warns that two rules are in one's place. Terraform forgets the second
// one when the resource is tainted or leaves the state, and no one else knows it.
func halfWay(state securityGroupRuleModel, left replacement) diag.Diagnostic {
	return diag.NewWarningDiagnostic("A change of a rule was cut off", fmt.Sprintf(
		"There are two rules in the place of %s: the old one, and %q (%s), which the change has made. The next apply keeps the one that "+
			"the configuration describes and deletes the other, and a destroy deletes both. Until then do not taint the resource, or remove it from the state: "+
			"the second rule would be forgotten.", state.subject(), left.rule().Name(), left.ID))
}

// readReplacement is a read's part: it finds out what became of a change that
// was cut off before the id of the new rule was known, and lets a rule show that
// was made a moment ago. It returns nil if the change came to nothing, and what
// it was given as long as that is open.
func (r *securityGroupRule) readReplacement(
	ctx context.Context, state securityGroupRuleModel, left *replacement, resp *resource.ReadResponse,
) *replacement {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	at, groupID := state.location(), state.GroupID.ValueString()
	now, err := r.settled(ctx, at, groupID, left, r.client.Task)
	if err == nil {
		err = r.awaitVisible(ctx, r.ruleCreation(at, groupID, now.rule()), now.ID)
	}
	switch {
	case errors.Is(err, errMadeNothing):
		resp.Diagnostics.Append(cameToNothing(state.subject(), err))
		return nil
	case errors.Is(err, errStillRunning), errors.Is(err, context.DeadlineExceeded):
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s is still being changed", capitalised(state.subject().title())),
			"An earlier run was cut off while the new rule was being made, and what became of it is not certain yet. "+sentence(err.Error()))
		return left
	case err != nil:
		resp.Diagnostics.Append(state.subject().failed("read", err))
	case left.ID == "":
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
	group, err := withRules(r.recentGroup(ctx, state.location(), state.GroupID.ValueString()))
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
