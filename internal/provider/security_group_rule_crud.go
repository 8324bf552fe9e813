package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func (r *securityGroupRule) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.deadline(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()

	groupID := plan.GroupID.ValueString()
	taskID, err := r.client.CreateSecurityGroupRule(ctx, plan.location(), groupID, ruleRequest(plan.entry().rule(""), groupID))
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	// From here on the rule may exist: the task goes into the state before the
	// wait, so that no end of this run can lose it.
	resp.Diagnostics.Append(rememberTask(ctx, resp.Private, taskID)...)
	resp.Diagnostics.Append(saveKnown(req.Plan, &resp.State)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)

	id, err := r.createdRule(ctx, taskID)
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	plan.ID = types.StringValue(id)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("id"), plan.ID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, createTask)...)
	if err := r.confirm(ctx, plan); err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// createdRule waits for the task that makes a rule and returns its id.
func (r *securityGroupRule) createdRule(ctx context.Context, taskID string) (string, error) {
	task, err := r.client.WaitForTask(ctx, taskID)
	if err != nil {
		return "", err
	}
	return oneCreated(task, task.CreatedSecurityGroupRules)
}

// confirm reads the new rule back: it has to be there, and to say what the
// plan says.
func (r *securityGroupRule) confirm(ctx context.Context, plan securityGroupRuleModel) error {
	var found client.SecurityGroupRule
	visible, err := r.client.Repeat(ctx, visibility, func(ctx context.Context) (done bool, err error) {
		group, err := r.client.SecurityGroup(ctx, plan.location(), plan.GroupID.ValueString())
		if err == nil && group.Rules == nil {
			err = errNoRules
		}
		if err == nil {
			found, done = findRule(group, plan.ID.ValueString())
		}
		return done, err
	})
	switch {
	case err != nil:
		return err
	case !visible:
		return errors.New("the API reports success, but the rule is not in its group")
	}
	if made := ruleFromAPI("", found); made.Key() != plan.entry().rule("").Key() {
		return fmt.Errorf("the API made another rule than it was asked for: %s", made.Name())
	}
	return nil
}

func (r *securityGroupRule) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state securityGroupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if r.client == nil {
		resp.Diagnostics.Append(unreadable(state.subject()))
		return
	}
	if state.ID.IsNull() {
		state.ID = r.resolveCreate(ctx, state.subject(), createdRules, req, resp)
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
	state = state.refresh(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

func createdRules(task client.Task) []string { return task.CreatedSecurityGroupRules }

// read finds a rule in its group. A rule that is missing from an answer which
// has rules is as gone as one whose group is; an answer without them says
// nothing.
func (r *securityGroupRule) read(ctx context.Context, state securityGroupRuleModel) (client.SecurityGroupRule, error) {
	group, err := r.client.SecurityGroup(ctx, state.location(), state.GroupID.ValueString())
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
	var state securityGroupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.deadline(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	if state.ID.IsNull() {
		id, err := r.awaitRememberedCreate(ctx, req.Private, r.createdRule)
		if err != nil {
			resp.Diagnostics.Append(state.subject().failed("find out what became of the create of", err))
			return
		}
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
// task fails over it.
func (r *securityGroupRule) deleteRule(ctx context.Context, state securityGroupRuleModel) error {
	taskIDs, err := r.client.DeleteSecurityGroupRule(ctx, state.location(), state.GroupID.ValueString(), state.ID.ValueString())
	for _, taskID := range taskIDs {
		if err == nil {
			_, err = r.client.WaitForTask(ctx, taskID)
		}
	}
	var failed *client.TaskError
	switch {
	case errors.As(err, &failed):
		if _, readErr := r.read(ctx, state); errors.Is(readErr, client.ErrNotFound) {
			return nil
		}
	case errors.Is(err, client.ErrNotFound) && len(taskIDs) == 0:
		return nil
	}
	return err
}
