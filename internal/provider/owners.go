package provider

import (
	"cmp"
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
func (d *providerData) planOwner(req resource.ModifyPlanRequest, p plannedOwner) diag.Diagnostics {
	if p.replaced || !allKnown(p.projectID, p.regionID, p.groupID) {
		return nil
	}
	group := secgroup.Ref{Location: location(p.projectID, p.regionID), ID: p.groupID.ValueString()}
	by := secgroup.Owner{Kind: p.kind, Config: req.Config.Raw, Existed: !req.State.Raw.IsNull()}
	if p.rules.planned.known() {
		by.Declares = rule.Keys(p.rules.diff.Wanted)
		by.Unchanged = by.Existed && p.rules.prior.managed() && p.rules.diff.Empty()
	}
	return ownership(attribute("rules"), d.owners.OwnAll(group, by))
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
func ownership(at path.Path, err error) diag.Diagnostics {
	var title, text string
	if err == nil {
		return nil
	}
	if conflict, ok := errors.AsType[*secgroup.OwnersConflictError](err); ok {
		title, text = "The rules of a security group have two owners", conflictText(conflict)
	}
	if loss, ok := errors.AsType[*secgroup.LossError](err); ok {
		title, text = "Rules would be lost", lossText(loss)
	}
	if same, ok := errors.AsType[*secgroup.SameRuleError](err); ok {
		at, title, text = path.Empty(), "The same rule twice", sameRuleText(same)
	}
	if at.Equal(path.Empty()) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(title, text)}
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, title, text)}
}

func conflictText(e *secgroup.OwnersConflictError) string {
	return fmt.Sprintf("%s manages the rules of %s, and so does %s. The owner of all rules of a group removes the rules that it does not list, "+
		"so each of the two would undo the changes of the other.\n\nKeep one of them: all rules in one rules map, or single rules and no map. "+
		"The guide on rules shows how rules change hands without a gap.", ownerWords(e.One), groupWords(e.Group), besideWords(e.Other, e.One.Kind))
}

func sameRuleText(e *secgroup.SameRuleError) string {
	kind, group := e.One.Kind, groupWords(e.Group)
	both := fmt.Sprintf("  - this one: %s\n  - the other one: %s", ruleWords(e.One), ruleWords(e.Other))
	if e.One.ID != "" && strings.EqualFold(e.One.ID, e.Other.ID) {
		return fmt.Sprintf("Two %s resources have the same rule of %s in the state:\n\n%s\n\n"+
			"If an apply was interrupted, plan without -refresh=false: the refresh removes the rule from the state of one of them. "+
			"If you are importing the rule, keep only one of the two resources.", kind, group, both)
	}
	return fmt.Sprintf("Two %s resources describe the same rule of %s:\n\n%s\n\n%s", kind, group, both, sameRuleAdvice)
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

func lossText(e *secgroup.LossError) string {
	list := "."
	if len(e.Rules) > 0 {
		list = ":\n\n" + rule.Bullets(e.Rules)
	}
	return fmt.Sprintf("The plan destroys a %s, and with it rules that %s declares and, having no changes, would not create again. "+
		"%s would lack them until the next apply%s\n\n"+
		"Remove the resource from the state and keep its rules in the cloud: replace its block with this one and apply.\n\n%s",
		e.By.Kind, besideWords(e.From, e.By.Kind), capitalised(groupWords(e.Group)), list, removedBlock(e.By.Kind))
}

// ownerWords names an owner. Terraform does not tell a provider the address of a resource.
func ownerWords(o secgroup.Owner) string {
	switch {
	case o.Kind == groupType:
		return groupType + " with its rules"
	case o.Rule != "":
		return fmt.Sprintf("%s %s", o.Kind, o.Rule)
	}
	return o.Kind
}

// besideWords names an owner where a resource of that type was named before.
func besideWords(o secgroup.Owner, kind string) string {
	if o.Kind == kind {
		return "another " + ownerWords(o)
	}
	return ownerWords(o)
}

func groupWords(group secgroup.Ref) string {
	return subject{kind: "security group", id: group.ID, location: group.Location}.String()
}
