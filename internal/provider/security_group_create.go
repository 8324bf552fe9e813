package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroup) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	entries, diags := decodeRules(ctx, plan.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.deadline(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()

	rules := rulesOf(entries, "")
	taskID, err := r.client.CreateSecurityGroup(ctx, plan.location(), createRequest(plan, rules))
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	// From here on the group may exist: the task goes into the state before
	// the wait, so that no end of this run can lose it.
	resp.Diagnostics.Append(rememberTask(ctx, resp.Private, taskID)...)
	resp.Diagnostics.Append(saveKnown(req.Plan, &resp.State)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)

	id, err := r.createdGroup(ctx, taskID)
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	plan.ID = types.StringValue(id)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute("id"), plan.ID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, createTask)...)

	group, err := r.client.SecurityGroup(ctx, plan.location(), id)
	if err == nil && !plan.Rules.IsNull() {
		group, err = r.completeRules(ctx, plan.location(), group, rules)
	}
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	plan.fill(group)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// createdGroup waits for the task that makes a group and returns its id.
func (r *securityGroup) createdGroup(ctx context.Context, taskID string) (string, error) {
	task, err := r.client.WaitForTask(ctx, taskID)
	if err != nil {
		return "", err
	}
	return oneCreated(task, task.CreatedSecurityGroups)
}

// oneCreated is the id of the one object that a finished task made.
func oneCreated(task client.Task, created []string) (string, error) {
	if len(created) != 1 || created[0] == "" {
		return "", fmt.Errorf("task %s has finished but names %d created objects where one was expected", task.ID, len(created))
	}
	return created[0], nil
}

// visibility is how long a finished change may take to show in a read.
const visibility = 5 * time.Second

// completeRules brings the rules of a new group to what is wanted. The create
// cannot do it alone: a rule that names its own group needs the group's id, and
// the API may add default egress rules to a list that has none.
func (r *securityGroup) completeRules(
	ctx context.Context, at client.Location, group client.SecurityGroup, wanted []rule.Rule,
) (client.SecurityGroup, error) {
	have := rulesFromAPI(group)
	if sameRules(wanted, have) {
		return group, nil
	}
	if mayStillAppear(wanted, have) {
		var err error
		if group, err = r.readUntil(ctx, at, group.ID, wanted); err != nil || sameRules(wanted, rulesFromAPI(group)) {
			return group, err
		}
	}
	if err := r.update(ctx, at, group.ID, client.UpdateSecurityGroupRequest{Rules: rulesRequest(wanted, group)}); err != nil {
		return group, fmt.Errorf("the group exists, its rules could not be completed: %w", err)
	}
	return r.readRules(ctx, at, group.ID, wanted)
}

// mayStillAppear tells whether all that differs is rules that were sent with
// the create and are not visible yet.
func mayStillAppear(wanted, have []rule.Rule) bool {
	if len(missingFrom(wanted, have)) > 0 || overflowsWithDefaults(wanted) {
		return false
	}
	for _, r := range missingFrom(have, wanted) {
		if r.RemoteGroupID == rule.Self {
			return false
		}
	}
	return true
}

// saveKnown puts a plan into the state before its unknown values are known:
// null stands for them, since a state cannot hold unknown ones.
func saveKnown(plan tfsdk.Plan, state *tfsdk.State) diag.Diagnostics {
	var diags diag.Diagnostics
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsKnown() {
			return value, nil
		}
		return tftypes.NewValue(value.Type(), nil), nil
	})
	if err != nil {
		diags.AddError("Cannot save the plan into the state", sentence(err.Error()))
		return diags
	}
	state.Raw = raw
	return diags
}
