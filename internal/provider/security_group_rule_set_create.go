package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Create brings the group to the rules of the map. It removes none: those that
// the group has and the map has not were in no plan.
//
// A create that fails leaves no state, although some of its rules may be there:
// the next one finds them, and goes on. A state would be tainted, and what is
// tainted is destroyed first, which with on_destroy = "remove" would take away
// also the rules that were there before.
func (r *securityGroupRuleSet) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupRuleSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(checkRuleSet(ctx, req.Config).Errors()...)
	entries, diags := decodeRules(ctx, plan.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()

	err := r.checkRevert(ctx, plan)
	if err == nil {
		err = r.createRules(ctx, plan.location(), plan.GroupID.ValueString(), rulesOf(entries, plan.GroupID.ValueString()))
	}
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", &resumableError{err}))
		return
	}
	plan.ID = plan.GroupID
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// createRules makes the rules that are missing. Rules in the way get some time
// to go: the same run may delete them one by one.
func (r *securityGroupRuleSet) createRules(ctx context.Context, at client.Location, groupID string, wanted []rule.Rule) error {
	var inTheWay *undeclaredRulesError
	_, err := r.client.Repeat(ctx, handover, func(ctx context.Context) (bool, error) {
		inTheWay = nil
		err := r.changeRules(ctx, at, groupID, rulesChange{wanted: wanted, unseen: func(foreign []rule.Rule) error {
			return &undeclaredRulesError{at: at, groupID: groupID, rules: foreign}
		}})
		if errors.As(err, &inTheWay) {
			return false, nil
		}
		return err == nil, err
	})
	switch {
	case inTheWay != nil && err != nil:
		return fmt.Errorf("%w: %w", inTheWay, err)
	case inTheWay != nil:
		return inTheWay
	}
	return err
}

// undeclaredRulesError is rules of the group that a new rule set does not hold.
type undeclaredRulesError struct {
	at      client.Location
	groupID string
	rules   []rule.Rule
}

func (e *undeclaredRulesError) Error() string {
	return fmt.Sprintf("the group has rules that the rule set does not hold, and a create removes no rule that a plan has not shown:\n\n%s\n\n"+
		"Nothing was sent", bullets(e.rules))
}

// resumableError is a create that leaves no state, and that the next one
// carries on.
type resumableError struct{ error }

func (e *resumableError) Unwrap() error { return e.error }

// checkRevert refuses what could not be reverted later.
func (r *securityGroupRuleSet) checkRevert(ctx context.Context, plan securityGroupRuleSetModel) error {
	if !plan.reverts() {
		return nil
	}
	group, err := r.group(ctx, plan.location(), plan.GroupID.ValueString())
	if err != nil {
		return err
	}
	return plan.mayRevert(group)
}

// mayRevert is the error of a group other than the default one that is to be
// reverted. What the API makes of such a group is not published.
func (m securityGroupRuleSetModel) mayRevert(group client.SecurityGroup) error {
	if !m.reverts() || group.Name == defaultGroup {
		return nil
	}
	return &notDefaultError{group.Name}
}

type notDefaultError struct{ name string }

func (e *notDefaultError) Error() string {
	return fmt.Sprintf(`on_destroy is %q, which is for the group named %q only, and this one is named %q. Nothing was sent`,
		onDestroyRevert, defaultGroup, e.name)
}
