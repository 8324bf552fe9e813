package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// plannedRules is a `rules` map whose resource owns all rules of a group.
type plannedRules struct {
	resourceType        string
	projectID, regionID types.Int64
	groupID             types.String
	prior, planned      types.Map
	// replaced tells that this is the first plan of a replacement: Terraform
	// asks for another one, as if there were no state.
	replaced bool
}

// planOwner registers the planned owner of all rules of a group. What is not
// known yet is left to the apply, which plans again, and what is replaced to
// the second plan of it.
func (c *configured) planOwner(ctx context.Context, req resource.ModifyPlanRequest, p plannedRules) diag.Diagnostics {
	existed := !req.State.Raw.IsNull()
	if p.replaced || !allKnown(p.projectID, p.regionID, p.groupID) {
		return nil
	}
	by, id := owner{resourceType: p.resourceType, config: req.Config.Raw, existed: existed}, p.groupID.ValueString()
	planned, known, diags := knownEntries(ctx, p.planned)
	prior, more := decodeRules(ctx, p.prior)
	diags.Append(more...)
	if known {
		rules := rulesChange{wanted: rulesOf(planned, id), known: rulesOf(prior, id)}
		by.declares = keysOf(rules.wanted)
		by.steady = existed && !p.prior.IsNull() && !rules.changes()
	}
	diags.Append(ownership(attribute("rules"), c.owners.ownAll(location(p.projectID, p.regionID), id, by))...)
	return diags
}

// planOwner registers a rule that is planned by itself. In another place it is
// another rule, and the old one goes.
func (r *securityGroupRule) planOwner(exists bool, state, plan securityGroupRuleModel) diag.Diagnostics {
	stays := plan.ProjectID.Equal(state.ProjectID) && plan.RegionID.Equal(state.RegionID) && plan.GroupID.Equal(state.GroupID)
	if exists && !stays {
		return r.leaves(state)
	}
	if !allKnown(plan.ProjectID, plan.RegionID, plan.GroupID) {
		return nil
	}
	by, id := owner{resourceType: ruleType}, plan.GroupID.ValueString()
	if plan.entry().keyKnown() {
		r := plan.entry().rule(id)
		by.rule, by.declares = r.Name(), keysOf([]rule.Rule{r})
		by.steady = exists && by.declares[state.entry().rule(id).Key()]
	}
	return ownership(attribute("group_id"), r.owners.ownOne(plan.location(), id, by))
}

// planLeaver registers a rule that is planned to go, and with it what a change
// has left half-way.
func (r *securityGroupRule) planLeaver(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var state securityGroupRuleModel
	diags := req.State.Get(ctx, &state)
	left, more := loadReplacement(ctx, req.Private)
	diags.Append(more...)
	if diags.HasError() {
		return diags
	}
	if left == nil {
		return r.leaves(state)
	}
	return r.leaves(state, left.rule())
}

func (r *securityGroupRule) leaves(state securityGroupRuleModel, others ...rule.Rule) diag.Diagnostics {
	by := leaver{resourceType: ruleType, rules: append(others, state.entry().rule(""))}
	return ownership(path.Empty(), r.owners.leave(state.location(), state.GroupID.ValueString(), by))
}

// handedOver says that a resource went and that rules of it stayed.
func handedOver(of subject, owner string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is handed over", capitalised(of.title())), fmt.Sprintf(
		"%s leaves the state. What %s of the same run declares of it stays in the cloud, and nothing was sent for that.",
		capitalised(of.String()), owner))
}

func allKnown(values ...attr.Value) bool {
	return !slices.ContainsFunc(values, func(value attr.Value) bool { return value.IsUnknown() })
}

// ownership is the diagnostic of an error of the register. The path is empty
// for a resource that goes.
func ownership(at path.Path, err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	title := "The rules of a security group have two owners"
	if _, loses := errors.AsType[*lossError](err); loses {
		title = "Rules would be lost"
	}
	if at.Equal(path.Empty()) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(title, err.Error())}
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, title, err.Error())}
}

// rivalsError is two owners of the rules of one group, of which at least one
// has all of them.
type rivalsError struct {
	at         client.Location
	groupID    string
	one, other owner
}

func (e *rivalsError) Error() string {
	return fmt.Sprintf("%s manages the rules of %s, and so does %s. Who owns all rules of a group removes what it does not list, "+
		"so the two would undo each other's work for ever.\n\nKeep one of them: all rules in one rules map, or single rules and no map. "+
		"The guide on rules shows how rules change hands without a gap.", e.one, groupWords(e.at, e.groupID), e.other.beside(e.one.resourceType))
}

// lossError is a resource that the plan destroys while another one, which has
// nothing to send, declares the same rules.
type lossError struct {
	at      client.Location
	groupID string
	from    owner
	by      leaver
	rules   []rule.Rule // those that both declare; none if all rules of the group go
}

func (e *lossError) Error() string {
	list := "."
	if len(e.rules) > 0 {
		list = ":\n\n" + bullets(e.rules)
	}
	return fmt.Sprintf("The plan destroys a %s, and with it rules that %s declares and has no reason to send again. "+
		"%s would be without them until the next apply%s\n\n"+
		"Let the resource go from the state and leave its rules in the cloud: put this block in its place, and apply.\n\n%s",
		e.by.resourceType, e.from.beside(e.by.resourceType), capitalised(groupWords(e.at, e.groupID)), list, removedBlock(e.by.resourceType))
}

// String names an owner as a message does. Terraform does not tell a provider
// the address of a resource.
func (o owner) String() string {
	switch {
	case o.resourceType == groupType:
		return groupType + " with its rules"
	case o.rule != "":
		return fmt.Sprintf("%s (%s)", o.resourceType, o.rule)
	}
	return o.resourceType
}

// beside names an owner where a resource of that type was named before.
func (o owner) beside(resourceType string) string {
	if o.resourceType == resourceType {
		return "another " + o.String()
	}
	return o.String()
}

func groupWords(at client.Location, groupID string) string {
	return subject{kind: "security group", id: groupID, location: at}.String()
}
