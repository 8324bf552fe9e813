package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroupRule) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan, state securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config).Errors()...)
	left, diags := loadReplacement(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkCreated(state.subject(), state.ID)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	// A state that another provider wrote need not name the place; the plan does.
	state.ProjectID, state.RegionID = plan.ProjectID, plan.RegionID
	change := ruleChange{configured: r.configured, state: state, wanted: plan.entry().rule(""), resp: resp}
	id, err := change.run(ctx, left)
	if err != nil && change.oldGone {
		err = fmt.Errorf("the old rule is deleted, and the new one is not known to be there: %w", err)
	}
	if err != nil {
		resp.Diagnostics.Append(state.subject().failed("update", err))
		return
	}
	plan.ID = types.StringValue(id)
	resp.Diagnostics.Append(forget(ctx, resp.Private, replacementKey)...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, importedMark)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// ruleChange brings a rule from what it says to what it shall say. The API
// cannot change a rule: a new one is made, and only then the old one deleted,
// so that there is no moment without a matching rule.
type ruleChange struct {
	*configured
	// state has the old rule until the change is done.
	state  securityGroupRuleModel
	wanted rule.Rule
	// resp holds the new rule in private state, from the moment it may exist.
	resp *resource.UpdateResponse
	// oldGone tells that the old rule is deleted.
	oldGone bool
}

func (x *ruleChange) at() client.Location { return x.state.location() }
func (x *ruleChange) groupID() string     { return x.state.GroupID.ValueString() }

// done tells whether the old rule says what is wanted.
func (x *ruleChange) done() bool {
	return !x.oldGone && statementOf(x.state.entry().rule("")) == statementOf(x.wanted)
}

// run returns the id of the rule that says what is wanted.
func (x *ruleChange) run(ctx context.Context, left *replacement) (id string, err error) {
	if left == nil && x.done() {
		return x.state.ID.ValueString(), nil
	}
	release, err := x.locks.shared(ctx, x.at(), x.groupID())
	if err != nil {
		return "", err
	}
	defer release()
	if left != nil {
		if id, err = x.resume(ctx, left); id != "" || err != nil {
			return id, err
		}
	}
	// The API holds no two rules of one key, whatever is said about them.
	if x.state.entry().rule("").Key() == x.wanted.Key() {
		if err := x.makeRoom(ctx); err != nil {
			return "", err
		}
	}
	id, err = x.bringNew(ctx)
	if errors.Is(err, errMadeNothing) && x.wasFull(ctx) {
		id, err = x.bringNew(ctx)
	}
	if err != nil {
		return "", err
	}
	return id, x.finish(ctx, id)
}

// resume begins with what an earlier change left. If one of the two rules says
// what is wanted it is kept, and its id returned. Else only one is left, if any,
// which is the old one then.
func (x *ruleChange) resume(ctx context.Context, left *replacement) (id string, err error) {
	left, err = x.settled(ctx, x.at(), x.groupID(), left, x.client.WaitForTask)
	switch {
	case errors.Is(err, errMadeNothing):
		x.resp.Diagnostics.Append(cameToNothing(x.state.subject(), err))
		left = &replacement{}
	case err != nil:
		return "", err
	default:
		x.remember(ctx, left)
	}
	group, err := x.groupWithRules(ctx, x.at(), x.groupID())
	if err != nil {
		return "", err
	}
	_, hasOld := findRule(group, x.state.ID.ValueString())
	made, hasNew := findRule(group, left.ID)
	switch {
	case !hasNew:
		x.oldGone = !hasOld
		x.remember(ctx, nil)
	case !hasOld:
		x.adopt(ctx, made)
	case statementOf(ruleFromAPI("", made)) == statementOf(x.wanted):
		return made.ID, x.finish(ctx, made.ID)
	default:
		if err := x.removeRule(ctx, x.at(), x.groupID(), made.ID); err != nil {
			return "", err
		}
		x.remember(ctx, nil)
	}
	if x.done() {
		return x.state.ID.ValueString(), nil
	}
	return "", nil
}

// bringNew makes the new rule.
func (x *ruleChange) bringNew(ctx context.Context) (id string, err error) {
	n := x.ruleCreation(x.at(), x.groupID(), x.wanted)
	n.makeRoom = x.makeRoom
	request := ruleRequest(x.wanted, x.groupID())
	id, err = x.bring(ctx, n, func(p pending) { x.remember(ctx, &replacement{Create: &p, Rule: request}) })
	switch {
	case err == nil:
		x.remember(ctx, &replacement{ID: id, Rule: request})
	case errors.Is(err, errMadeNothing):
		x.remember(ctx, nil)
	}
	return id, err
}

// wasFull tells whether the group had no place for the new rule, as the API may
// find out as late as in the task: other rules may be coming and going. If it has
// none now, the old rule makes room.
func (x *ruleChange) wasFull(ctx context.Context) bool {
	group, err := x.group(ctx, x.at(), x.groupID())
	if err != nil || x.oldGone || len(group.Rules) <= ruleLimit-atOnce {
		return false
	}
	return len(group.Rules) < ruleLimit || x.makeRoom(ctx) == nil
}

// atOnce is how many things Terraform does at a time, unless it is told
// otherwise. No more rules than that are deleted side by side either.
const atOnce = 10

// finish deletes the old rule once the new one can be seen.
func (x *ruleChange) finish(ctx context.Context, id string) error {
	if err := x.confirm(ctx, x.at(), x.groupID(), id, x.wanted); err != nil {
		return err
	}
	return x.makeRoom(ctx)
}

// makeRoom deletes the old rule.
func (x *ruleChange) makeRoom(ctx context.Context) error {
	if x.oldGone {
		return nil
	}
	err := x.removeRule(ctx, x.at(), x.groupID(), x.state.ID.ValueString())
	x.oldGone = err == nil
	return err
}

// remember keeps the new rule, or nil, beside the state.
func (x *ruleChange) remember(ctx context.Context, made *replacement) {
	if made == nil {
		x.resp.Diagnostics.Append(forget(ctx, x.resp.Private, replacementKey)...)
		return
	}
	x.resp.Diagnostics.Append(made.save(ctx, x.resp.Private)...)
}

// adopt makes the new rule the old one, which is gone.
func (x *ruleChange) adopt(ctx context.Context, made client.SecurityGroupRule) {
	x.state = x.state.refresh(made)
	x.resp.Diagnostics.Append(x.resp.State.Set(ctx, x.state)...)
	x.resp.Diagnostics.Append(x.resp.Identity.Set(ctx, x.state.identity())...)
	x.remember(ctx, nil)
}
