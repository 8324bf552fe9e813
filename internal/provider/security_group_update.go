package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroup) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.deadline(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()

	request := updateRequest(state, plan)
	wanted, diags := r.changedRules(ctx, state, plan, &request)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !saysNothing(request) {
		err := r.update(ctx, plan.location(), plan.ID.ValueString(), request)
		if err == nil && request.Rules != nil {
			_, err = r.readRules(ctx, plan.location(), plan.ID.ValueString(), wanted)
		}
		if err != nil {
			resp.Diagnostics.Append(plan.subject().failed("update", err))
			return
		}
	}
	resp.Diagnostics.Append(forget(ctx, resp.Private, importedMark)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// changedRules adds the planned rules to the request if what they say differs
// from the state, and returns them. The group is read for it: rules that stay
// are sent in the server's own words, and a rule that appeared since the plan
// stops the update, since it would be removed unseen.
func (r *securityGroup) changedRules(
	ctx context.Context, state, plan securityGroupModel, request *client.UpdateSecurityGroupRequest,
) ([]rule.Rule, diag.Diagnostics) {
	if plan.Rules.IsNull() {
		return nil, nil
	}
	planned, diags := decodeRules(ctx, plan.Rules)
	known, more := decodeRules(ctx, state.Rules)
	if diags.Append(more...); diags.HasError() {
		return nil, diags
	}
	id := plan.ID.ValueString()
	wanted := rulesOf(planned, id)
	takesOver := state.Rules.IsNull()
	if !takesOver && sameRules(wanted, rulesOf(known, id)) {
		return nil, nil
	}
	group, err := r.client.SecurityGroup(ctx, plan.location(), id)
	if err == nil && group.Rules == nil {
		err = errNoRules
	}
	if err != nil {
		diags.Append(plan.subject().failed("update", err))
		return nil, diags
	}
	have := rulesFromAPI(group)
	if takesOver {
		diags.Append(removalWarning(plan.subject(), "The apply removed", undeclared(have, wanted))...)
	} else if foreign := undeclared(have, append(rulesOf(known, id), wanted...)); len(foreign) > 0 {
		diags.AddError(fmt.Sprintf("The rules of %s changed since the plan", plan.subject().title()), fmt.Sprintf(
			"%s has rules that the plan did not show, and the update would have removed them:\n\n%s\n\n"+
				"Nothing was sent. Plan again: the plan shows them in full, then apply, or declare them.",
			capitalised(plan.subject().String()), bullets(foreign)))
		return nil, diags
	}
	if !sameRules(wanted, have) {
		request.Rules = rulesRequest(wanted, group)
	}
	return wanted, diags
}

// undeclared lists the rules that have no counterpart of the same identity.
// What is said about a rule does not make it another.
func undeclared(have, declared []rule.Rule) []rule.Rule {
	known := map[rule.Key]bool{}
	for _, r := range declared {
		known[r.Key()] = true
	}
	var foreign []rule.Rule
	for _, r := range have {
		if !known[r.Key()] {
			foreign = append(foreign, r)
		}
	}
	return foreign
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

func bullets(rules []rule.Rule) string {
	lines := make([]string, len(rules))
	for i, r := range rules {
		lines[i] = "  - " + r.Name()
		if r.Description != "" {
			lines[i] += fmt.Sprintf(" (%q)", r.Description)
		}
	}
	return strings.Join(lines, "\n")
}
