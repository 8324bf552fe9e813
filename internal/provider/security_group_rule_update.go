package provider

import (
	"context"

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
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	change := ruleChange{
		configured: r.configured, at: state.location(), groupID: state.GroupID.ValueString(), oldID: state.ID.ValueString(),
		was: state.entry().rule(""), wanted: plan.entry().rule(""),
		remember: func(made *replacement) {
			if made == nil {
				resp.Diagnostics.Append(forget(ctx, resp.Private, replacementKey)...)
				return
			}
			resp.Diagnostics.Append(made.save(ctx, resp.Private)...)
		},
	}
	id, err := change.run(ctx, left)
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
	at          client.Location
	groupID     string
	oldID       string
	was, wanted rule.Rule
	// remember keeps the new rule, or nil, beside the state, which has the old
	// one until the change is done.
	remember func(*replacement)
	// oldGone tells that the old rule has made room for the new one.
	oldGone bool
}

// run returns the id of the rule that says what is wanted. What an earlier
// change left half-way is used if it says that, else it is cleared away.
func (x *ruleChange) run(ctx context.Context, left *replacement) (id string, err error) {
	if left == nil && statementOf(x.was) == statementOf(x.wanted) {
		return x.oldID, nil
	}
	release, err := x.locks.shared(ctx, x.at, x.groupID)
	if err != nil {
		return "", err
	}
	defer release()
	left, err = x.settled(ctx, x.at, x.groupID, left, x.client.WaitForTask)
	if err != nil {
		return "", err
	}
	x.remember(left)
	if left != nil {
		if statementOf(left.wanted()) == statementOf(x.wanted) {
			return left.ID, x.finish(ctx, left.ID)
		}
		if err := x.removeRule(ctx, x.at, x.groupID, left.ID); err != nil {
			return "", err
		}
		x.remember(nil)
	}
	if statementOf(x.was) == statementOf(x.wanted) {
		return x.oldID, nil
	}
	// The API holds no two rules of one key, whatever is said about them.
	if x.was.Key() == x.wanted.Key() {
		if err := x.makeRoom(ctx); err != nil {
			return "", err
		}
	}
	made := replacement{Rule: ruleRequest(x.wanted, x.groupID)}
	made.ID, err = x.bring(ctx, x.creation(), func(p pending) {
		x.remember(&replacement{Create: &p, Rule: made.Rule})
	})
	if err != nil {
		return "", err
	}
	x.remember(&made)
	return made.ID, x.finish(ctx, made.ID)
}

// finish deletes the old rule once the new one can be seen.
func (x *ruleChange) finish(ctx context.Context, id string) error {
	if err := x.confirm(ctx, x.at, x.groupID, id, x.wanted); err != nil {
		return err
	}
	return x.makeRoom(ctx)
}

func (x *ruleChange) makeRoom(ctx context.Context) error {
	if x.oldGone {
		return nil
	}
	err := x.removeRule(ctx, x.at, x.groupID, x.oldID)
	x.oldGone = err == nil
	return err
}

// creation is the create of the new rule. Where the old one is in its way it
// goes first: in a group that is full; and when another rule holds the new
// one's place, which may be about to take the place of this one, as when two
// rules exchange what they say.
func (x *ruleChange) creation() creation {
	n := x.ruleCreation(x.at, x.groupID, x.wanted)
	send, blocker := n.send, n.blocker
	n.send = func(ctx context.Context) (string, error) {
		taskID, err := send(ctx)
		if !isQuota(err) || x.oldGone {
			return taskID, err
		}
		if err := x.makeRoom(ctx); err != nil {
			return "", err
		}
		return send(ctx)
	}
	n.blocker = func(ctx context.Context) (inTheWay, err error) {
		inTheWay, err = blocker(ctx)
		if inTheWay == nil || err != nil {
			return inTheWay, err
		}
		return inTheWay, x.makeRoom(ctx)
	}
	return n
}
