package provider

import (
	"cmp"
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"golang.org/x/sync/errgroup"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroupRuleSet) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var state securityGroupRuleSetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	entries, diags := decodeRules(ctx, state.Rules)
	resp.Diagnostics.Append(diags...)
	removes := state.OnDestroy.ValueString() == onDestroyRemove
	if resp.Diagnostics.HasError() || !removes && !state.reverts() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	var owner string
	var err error
	if removes {
		owner, err = r.removeRules(ctx, state.location(), state.GroupID.ValueString(), rulesOf(entries, state.GroupID.ValueString()))
	} else {
		owner, err = r.revert(ctx, state)
	}
	switch {
	case err != nil && !r.isGone(ctx, state, err):
		resp.Diagnostics.Append(state.subject().failed("delete", err))
	case owner != "":
		resp.Diagnostics.Append(handedOver(state.subject(), owner))
	}
}

// isGone tells whether an operation failed since the group is gone, and with it
// its rules. That something was not found can also be said of a task.
func (r *securityGroupRuleSet) isGone(ctx context.Context, state securityGroupRuleSetModel, err error) bool {
	if !errors.Is(err, client.ErrNotFound) {
		return false
	}
	_, err = r.group(ctx, state.location(), state.GroupID.ValueString())
	return errors.Is(err, client.ErrNotFound)
}

// errShared is a group in which others have rules, or will have.
var errShared = errors.New("others have rules in the group")

// removeRules removes the rules that the rule set knows, and no others: by one
// PATCH if there are no others. An owner that declares one of them in this run
// keeps it, and is returned.
func (r *securityGroupRuleSet) removeRules(ctx context.Context, at client.Location, groupID string, known []rule.Rule) (owner string, err error) {
	all := rulesChange{known: known, unseen: func([]rule.Rule) error { return errShared }}
	err = r.patch(ctx, at, groupID, change{
		rules: true,
		build: func(ctx context.Context) (client.UpdateSecurityGroupRequest, error) {
			var request client.UpdateSecurityGroupRequest
			if r.owners.ofAll(at, groupID) != "" {
				return request, errShared
			}
			group, err := r.groupWithRules(ctx, at, groupID)
			if err == nil {
				request.Rules, err = all.request(group)
			}
			return request, err
		},
		differs: all.differs,
	})
	if errors.Is(err, errShared) {
		return r.removeEach(ctx, at, groupID, known)
	}
	return "", err
}

// removeEach is removeRules for a group in which others have rules.
func (r *securityGroupRuleSet) removeEach(ctx context.Context, at client.Location, groupID string, known []rule.Rule) (owner string, err error) {
	group, err := r.groupWithRules(ctx, at, groupID)
	if err != nil {
		return "", err
	}
	owners := make([]string, len(group.Rules))
	var deletes errgroup.Group
	deletes.SetLimit(atOnce)
	keys := keysOf(known)
	for i, held := range group.Rules {
		meaning := ruleFromAPI(group.ID, held)
		if !keys[meaning.Key()] {
			continue
		}
		deletes.Go(func() (err error) {
			owners[i], err = r.deleteRule(ctx, at, groupID, held.ID, meaning)
			return err
		})
	}
	err = deletes.Wait()
	return cmp.Or(owners...), err
}

// revert gives the default group the rules that the cloud gives such a group,
// unless an owner of all its rules in this run says others.
func (r *securityGroupRuleSet) revert(ctx context.Context, state securityGroupRuleSetModel) (owner string, err error) {
	at, groupID := state.location(), state.GroupID.ValueString()
	release, err := r.locks.exclusive(ctx, at, groupID)
	if err != nil {
		return "", err
	}
	defer release()
	if owner := r.owners.ofAll(at, groupID); owner != "" {
		return owner, nil
	}
	if err := r.checkRevert(ctx, state); err != nil {
		return "", err
	}
	return "", r.pastConflicts(ctx, conflicts{}, func(ctx context.Context) error {
		ctx, cancel := r.write(ctx)
		defer cancel()
		return r.client.RevertSecurityGroup(ctx, at, groupID)
	})
}
