package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// plannedOwner is a resource that is planned with all rules of a group.
type plannedOwner struct {
	kind                string
	projectID, regionID types.Int64
	groupID             types.String
	rules               rulesChange
	replaced            bool // the first plan of a replacement: Terraform asks for another one, as if there were no state
}

// planOwner registers the planned owner of all rules of a group. What is not known yet is left to the apply, which
// plans again, and what is replaced to the second plan of it.
func (d *providerData) planOwner(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, p plannedOwner,
) {
	if p.replaced || !allKnown(p.projectID, p.regionID, p.groupID) {
		return
	}
	group := secgroup.Ref{Location: location(p.projectID, p.regionID), ID: p.groupID.ValueString()}
	by := secgroup.Owner{Kind: p.kind, Existed: !req.State.Raw.IsNull()}
	var diags diag.Diagnostics
	by.Mark, diags = planMark(ctx, by.Existed, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	if p.rules.planned.known() {
		by.Declares = rule.Keys(p.rules.diff.Wanted)
		by.Unchanged = by.Existed && p.rules.prior.managed() && p.rules.diff.Empty()
	}
	resp.Diagnostics.Append(d.ownership(attribute("rules"), d.owners.OwnAll(group, by))...)
}

// handedOver says that a resource went, or left a group, and that rules of it stayed.
func handedOver(of subject, owner string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s: rules were kept", capitalised(of.title())), fmt.Sprintf(
		"%s no longer manages the rules that %s declares in the same run. They stay in the cloud, and nothing was sent for them.",
		capitalised(of.String()), owner))
}

func allKnown(values ...attr.Value) bool {
	return !slices.ContainsFunc(values, func(value attr.Value) bool { return value.IsUnknown() })
}

// ownership is the diagnostic of an error of the register. The path is empty for a resource that is destroyed.
func (d *providerData) ownership(at path.Path, err error) diag.Diagnostics {
	var title, text string
	if err == nil {
		return nil
	}
	if conflict, ok := errors.AsType[*secgroup.OwnersConflictError](err); ok {
		title, text = "The rules of a security group have two owners", conflictText(conflict, d.groupWords(conflict.Group))
	}
	if loss, ok := errors.AsType[*secgroup.LossError](err); ok {
		title, text = "Rules would be lost", lossText(loss, d.groupWords(loss.Group))
	}
	if same, ok := errors.AsType[*secgroup.SameRuleError](err); ok {
		at, title, text = path.Empty(), "The same rule twice", sameRuleText(same, d.groupWords(same.Group))
	}
	if at.Equal(path.Empty()) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(title, text)}
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, title, text)}
}

func conflictText(e *secgroup.OwnersConflictError, group string) string {
	return fmt.Sprintf("Keep one of the two: all rules in one rules map, or standalone rules and no map. Otherwise each undoes the changes of the other, since the owner of "+
		"all rules of a group removes those that it does not list. The guide on rules shows how rules change hands without a gap.\n\n"+
		"%s has two owners:\n\n  - this resource, %s\n  - another one, %s", capitalised(group), ownerWords(e.One), ownerWords(e.Other))
}

func sameRuleText(e *secgroup.SameRuleError, group string) string {
	kind, advice := e.One.Kind, sameRuleAdvice
	same := fmt.Sprintf("Two %s resources describe the same rule of %s", kind, group)
	if e.One.ID != "" && strings.EqualFold(e.One.ID, e.Other.ID) {
		same = fmt.Sprintf("The state of two %s resources contains the same rule of %s", kind, group)
		advice = "If an apply was interrupted, plan without -refresh=false: the refresh removes the rule from the state of one of them. " +
			"If you are importing the rule, keep only one of the two resources."
	}
	return fmt.Sprintf("%s\n\n%s:\n\n  - this one: %s\n  - the other one: %s", advice, same, ruleWords(e.One), ruleWords(e.Other))
}

const heldOnce = "A security group cannot contain the same rule twice, even with another spelling or description. "

const sameRuleAdvice = heldOnce +
	"Remove one of the two resources from the configuration, or change one of them. " +
	"If you have renamed a resource, add a moved block."

// ruleWords names a single rule. Its id tells which resource it is, in the state.
func ruleWords(o secgroup.Owner) string {
	words := cmp.Or(o.Rule, "a rule that is not known yet")
	switch {
	case o.ID != "":
		return fmt.Sprintf("%s, now rule %s", words, o.ID)
	case o.Existed:
		return words
	}
	return words + ", to be created"
}

func lossText(e *secgroup.LossError, group string) string {
	list, article := ".", "a"
	if len(e.Rules) > 0 {
		list = ":\n\n" + rule.Bullets(e.Rules)
	}
	if e.From.Kind == e.By.Kind {
		article = "another"
	}
	advice := fmt.Sprintf("To keep the rules in the cloud, replace the block of the %[1]s with this one and apply:\n\n%[2]s\n\n",
		e.By.Kind, removedBlock(e.By.Kind))
	if e.By.Everything {
		return advice + fmt.Sprintf("If it moves to another group, add its block again after that apply. "+
			"The plan reverts %s, which deletes all its rules, including those of %s %s%s", group, article, e.From.Kind, list)
	}
	return advice + fmt.Sprintf("The plan destroys it, and with it rules that %s %s declares and, having no changes, would not create again. "+
		"%s would lack them until the next apply%s", article, e.From.Kind, capitalised(group), list)
}

// ownerWords names an owner. Terraform does not tell a provider the address of a resource.
func ownerWords(o secgroup.Owner) string {
	if o.Kind == ruleType {
		return fmt.Sprintf("a %s: %s", o.Kind, ruleWords(o))
	}
	return fmt.Sprintf("a %s: all rules", o.Kind)
}

// remember keeps the name of a group for the messages about other resources.
func (d *providerData) remember(id, name types.String) {
	if !id.IsNull() && !id.IsUnknown() {
		d.groupNames.Store(strings.ToLower(id.ValueString()), name.ValueString())
	}
}

// groupWords names a group, if a resource of this run has it by its name too.
func (d *providerData) groupWords(group secgroup.Ref) string {
	of := subject{kind: "security group", id: group.ID, location: group.Location}
	if name, known := d.groupNames.Load(strings.ToLower(group.ID)); known {
		of.name, _ = name.(string)
	}
	return of.String()
}
