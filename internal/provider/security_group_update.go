package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroup) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan, state securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkGroup(ctx, req.Config, state.ID).Errors()...)
	planned, diags := decodeRules(ctx, plan.Rules)
	resp.Diagnostics.Append(diags...)
	prior, diags := decodeRules(ctx, state.Rules)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkCreated(state.subject(), state.ID)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()

	id := plan.ID.ValueString()
	update := groupUpdate{state: state, plan: plan, rules: rulesChange{wanted: rulesOf(planned, id), known: rulesOf(prior, id)}}
	if update.changes() {
		removed, err := r.update(ctx, update)
		if err != nil {
			resp.Diagnostics.Append(plan.subject().failed("update", err))
			return
		}
		resp.Diagnostics.Append(removalWarning(plan.subject(), "The apply removed", removed)...)
	}
	resp.Diagnostics.Append(forget(ctx, resp.Private, importedMark)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// groupUpdate is the way of a group from its state to its plan.
type groupUpdate struct {
	state, plan securityGroupModel
	rules       rulesChange
}

// takesOver tells whether `rules` goes from omitted to given.
func (u groupUpdate) takesOver() bool { return u.state.Rules.IsNull() && !u.plan.Rules.IsNull() }

// changesRules tells whether the rules say something else than before. Another
// key, or another spelling, is nothing.
func (u groupUpdate) changesRules() bool {
	return !u.plan.Rules.IsNull() && (u.takesOver() || u.rules.changes())
}

func (u groupUpdate) changes() bool {
	return u.changesRules() || !updateRequest(u.state, u.plan).Empty()
}

// differs says in what a group is not as planned, as far as the update changes
// it; empty if in nothing.
func (u groupUpdate) differs(group client.SecurityGroup) string {
	tags := userTags(group)
	for key, value := range updateRequest(u.state, u.plan).Tags {
		if got, there := tags[key]; there != (value != nil) || value != nil && got != *value {
			return "tag " + key
		}
	}
	switch {
	case group.Name != u.plan.Name.ValueString():
		return "name"
	case group.Description != u.plan.Description.ValueString():
		return "description"
	case u.changesRules():
		return u.rules.differs(group)
	}
	return ""
}

// update brings a group to its plan. It returns the rules that went although
// the state did not know them, which only happens when `rules` is taken over.
func (r *securityGroup) update(ctx context.Context, u groupUpdate) (removed []rule.Rule, err error) {
	if u.takesOver() {
		u.rules.unseen = func(foreign []rule.Rule) error { removed = foreign; return nil }
	}
	err = r.patch(ctx, u.plan.location(), u.plan.ID.ValueString(), change{
		rules: u.changesRules(),
		build: func(ctx context.Context) (client.UpdateSecurityGroupRequest, error) {
			request := updateRequest(u.state, u.plan)
			if !u.changesRules() {
				return request, nil
			}
			removed = nil
			group, err := r.groupWithRules(ctx, u.plan.location(), u.plan.ID.ValueString())
			if err == nil {
				request.Rules, err = u.rules.request(group)
			}
			return request, err
		},
		differs: u.differs,
	})
	return removed, err
}

// removalWarning names the rules that go, or went, when `rules` is given for a
// group whose rules were not managed before.
func removalWarning(of subject, what string, rules []rule.Rule) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(rules) > 0 {
		diags.AddAttributeWarning(attribute("rules"), fmt.Sprintf("%s %s of %s", what, count(len(rules), "rule"), of.title()), fmt.Sprintf(
			"The rules of %s were not managed, and rules does not hold these:\n\n%s", of, bullets(rules)))
	}
	return diags
}
