package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroupRule) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config).Errors()...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	release, err := r.locks.shared(ctx, plan.location(), plan.GroupID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	defer release()

	creation := r.ruleCreation(plan)
	pending := pending{Began: time.Now()}
	id, err := r.start(ctx, creation, &pending)
	if _, unresolved := errors.AsType[*unresolvedError](err); err != nil && !unresolved {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	// From here on the rule may exist: how to find it goes into the state
	// before the wait, so that no end of this run can lose it.
	resp.Diagnostics.Append(pending.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(saveKnown(req.Plan, &resp.State)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	if err == nil && id == "" {
		id, err = r.resolve(ctx, creation, pending, r.client.WaitForTask)
	}
	if errors.Is(err, errMadeNothing) {
		resp.State.RemoveResource(ctx)
	}
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	r.claims.add(id)
	plan.ID = types.StringValue(id)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("id"), plan.ID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, pendingKey)...)
	if err := r.confirm(ctx, plan); err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// ruleCreation is the create of a rule. The model is a plan, or the state that
// a create left behind.
func (c *configured) ruleCreation(model securityGroupRuleModel) creation {
	at, groupID, wanted := model.location(), model.GroupID.ValueString(), model.entry().rule("")
	request := ruleRequest(wanted, groupID)
	return creation{
		taskType: client.TaskCreateSecurityGroupRule,
		at:       at,
		name:     "rule " + wanted.Name() + " of " + groupID,
		send: func(ctx context.Context) (string, error) {
			return c.client.CreateSecurityGroupRule(ctx, at, groupID, request)
		},
		blocker: func(ctx context.Context) (inTheWay error, err error) {
			alike, err := c.rulesAlike(ctx, at, groupID, wanted.Key())
			if err != nil || len(alike) == 0 {
				return nil, err
			}
			return ruleExists(at, groupID, alike[0]), nil
		},
		made:         createdRules,
		resourceType: ruleType,
		importID:     func(id string) string { return groupImportID(at, groupID) + "/" + id },
		lookalikes: func(ctx context.Context, since time.Time) (ids []string, err error) {
			alike, err := c.rulesAlike(ctx, at, groupID, wanted.Key())
			for _, r := range alike {
				if text(r.Description) == wanted.Description && !r.CreatedAt.Before(since) {
					ids = append(ids, r.ID)
				}
			}
			return ids, err
		},
	}
}

func createdRules(task client.Task) []string { return task.CreatedSecurityGroupRules }

// rulesAlike lists the rules of a group that have the given identity.
func (c *configured) rulesAlike(ctx context.Context, at client.Location, groupID string, key rule.Key) ([]client.SecurityGroupRule, error) {
	group, err := c.group(ctx, at, groupID)
	if err == nil && group.Rules == nil {
		err = errNoRules
	}
	var alike []client.SecurityGroupRule
	for _, r := range oldestFirst(group.Rules) {
		if ruleFromAPI("", r).Key() == key {
			alike = append(alike, r)
		}
	}
	return alike, err
}

func ruleExists(at client.Location, groupID string, r client.SecurityGroupRule) error {
	return &existsError{
		what:         fmt.Sprintf("rule %s (%s) of security group %s", ruleFromAPI("", r).Name(), r.ID, groupID),
		resourceType: ruleType, importID: groupImportID(at, groupID) + "/" + r.ID,
	}
}

// confirm reads the new rule back: it has to be there, and to say what the
// plan says.
func (r *securityGroupRule) confirm(ctx context.Context, plan securityGroupRuleModel) error {
	var found client.SecurityGroupRule
	var there, told bool
	_, err := r.readUntil(ctx, plan.location(), plan.GroupID.ValueString(), func(group client.SecurityGroup) bool {
		told = group.Rules != nil
		found, there = findRule(group, plan.ID.ValueString())
		return there
	})
	switch {
	case err != nil:
		return err
	case !told:
		return errNoRules
	case !there:
		return errors.New("the API reports success, but the rule is not in its group")
	}
	if made := ruleFromAPI("", found); made.Key() != plan.entry().rule("").Key() {
		return fmt.Errorf("the API made another rule than it was asked for: %s", made.Name())
	}
	return nil
}

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

// Update has nothing to send: whatever the cloud would see makes the rule anew.
func (r *securityGroupRule) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(forget(ctx, resp.Private, importedMark)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

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
