package secgroup

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Owners is the register of the resources that manage the rules of each group, as far as this process has seen them. Either one
// owner has all rules of a group, or single rules are side by side: both together would undo each other's work for
// ever. Two single rules never have the same rule.
//
// Only what stays in the configuration is an owner. What a plan deletes is not, so that rules can change hands. A
// register knows of one plan, or of one apply. The zero value is empty and ready to use.
type Owners struct {
	mu     sync.Mutex
	groups map[lockKey]*ownedGroup
}

// ownedGroup is what the register knows of one group.
type ownedGroup struct {
	all       *Owner  // of all rules; nil: none yet
	single    []Owner // of one rule each
	departing []Departing
}

// Owner manages rules of a group.
type Owner struct {
	Kind string // how messages name it
	Rule string // the label of a single rule
	ID   string // of a single rule, in the state before the plan; empty: none, or not known
	// Declares is nil while the rules are not known.
	Declares map[rule.Key]bool
	// Unchanged is true if the owner sends no rules in this run. It would not restore a rule that another resource
	// deletes.
	Unchanged bool
	// Existed is true if the resource has a prior state.
	Existed bool
	// Mark tells a resource that is planned twice from a second owner; "": it is planned once.
	Mark string
}

// Departing is a resource that the plan deletes, and the rules that go with it.
type Departing struct {
	Kind  string
	Rules []rule.Rule
	// IDs are those of the rules, with "" for one that is not known; none if no id is known.
	IDs []string
	// Everything is true if all rules of the group are deleted, whatever they are.
	Everything bool
}

// OwnersConflictError is two owners of the rules of one group, of which at least one has all of them.
type OwnersConflictError struct {
	Group      Ref
	One, Other Owner
}

func (e *OwnersConflictError) Error() string {
	return fmt.Sprintf("the rules of security group %s have two owners: %s and %s", e.Group.ID, e.One.Kind, e.Other.Kind)
}

// SameRuleError is two single rules that would be one in their group.
type SameRuleError struct {
	Group      Ref
	One, Other Owner
}

func (e *SameRuleError) Error() string {
	return fmt.Sprintf("two resources have rule %s of security group %s", e.One.Rule, e.Group.ID)
}

// LossError is a resource that the plan deletes while another one, which has nothing to send, declares the same rules.
type LossError struct {
	Group Ref
	From  Owner
	By    Departing
	Rules []rule.Rule // that both declare; none if all rules of the group go
}

func (e *LossError) Error() string {
	return fmt.Sprintf("deleting %s takes rules of security group %s from %s", e.By.Kind, e.Group.ID, e.From.Kind)
}

// group is called with the lock held.
func (o *Owners) group(ref Ref) *ownedGroup {
	if o.groups == nil {
		o.groups = map[lockKey]*ownedGroup{}
	}
	key := keyOf(ref.Location, ref.ID)
	if o.groups[key] == nil {
		o.groups[key] = &ownedGroup{}
	}
	return o.groups[key]
}

// isSame reports whether both are one resource that is planned twice, as Terraform plans a replacement.
func (o Owner) isSame(earlier Owner) bool { return o.Mark != "" && o.Mark == earlier.Mark }

// OwnAll registers the owner of all rules of a group. The error is an *OwnersConflictError or a *LossError.
func (o *Owners) OwnAll(ref Ref, by Owner) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	group := o.group(ref)
	switch {
	case group.all != nil && by.isSame(*group.all):
		// A replacement begins with what is there, and corrects it.
		by.Unchanged = false
	case group.all != nil:
		return &OwnersConflictError{ref, by, *group.all}
	case len(group.single) > 0:
		return &OwnersConflictError{ref, by, group.single[0]}
	}
	group.all = &by
	return lossOf(ref, by, group.departing...)
}

// hasRuleOf reports whether two single rules are one, now or after the apply.
func (o Owner) hasRuleOf(other Owner) bool {
	for key := range o.Declares {
		if other.Declares[key] {
			return true
		}
	}
	return o.ID != "" && strings.EqualFold(o.ID, other.ID)
}

// OwnOne registers the owner of a single rule. The errors are those of OwnAll, or a *SameRuleError.
func (o *Owners) OwnOne(ref Ref, by Owner) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	group := o.group(ref)
	if group.all != nil {
		return &OwnersConflictError{ref, by, *group.all}
	}
	for _, other := range group.single {
		if by.hasRuleOf(other) && !by.isSame(other) {
			return &SameRuleError{ref, by, other}
		}
	}
	group.single = append(group.single, by)
	return lossOf(ref, by, group.departing...)
}

// Depart registers a resource that the plan deletes. The error is a *LossError: an owner would lose a rule that it does
// not create again.
func (o *Owners) Depart(ref Ref, by Departing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	group := o.group(ref)
	group.departing = append(group.departing, by)
	if group.all != nil {
		return lossOf(ref, *group.all, by)
	}
	for _, owner := range group.single {
		if err := lossOf(ref, owner, by); err != nil {
			return err
		}
	}
	return nil
}

// ofAll is the kind of the owner of all rules of a group; "" if there is none.
func (o *Owners) ofAll(ref Ref) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if all := o.group(ref).all; all != nil {
		return all.Kind
	}
	return ""
}

// isOwned reports whether a resource of this run has rules of a group.
func (o *Owners) isOwned(ref Ref) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	group := o.group(ref)
	return group.all != nil || len(group.single) > 0
}

// declaring is the kind of the owner of all rules of a group, if it declares that rule; otherwise "".
func (o *Owners) declaring(ref Ref, r rule.Rule) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if all := o.group(ref).all; all != nil && all.Declares[keyIn(ref, r)] {
		return all.Kind
	}
	return ""
}

// keep reports whether the resource that has the rule of that id keeps it as it is.
func (o *Owners) keep(ref Ref, id string, r rule.Rule) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.group(ref).single, func(owner Owner) bool {
		return strings.EqualFold(owner.ID, id) && owner.Declares[keyIn(ref, r)]
	})
}

// lossOf is the error of an owner from which departing resources take rules away. An owner that sends its rules in this run restores
// them, but not a single rule that it sends before all rules of the group are deleted.
func lossOf(ref Ref, from Owner, departing ...Departing) error {
	for _, by := range departing {
		var taken []rule.Rule
		if by.isBeside(from) || !from.Unchanged && (!by.Everything || from.Rule == "") {
			continue
		}
		for _, r := range by.Rules {
			if from.Declares[keyIn(ref, r)] {
				taken = append(taken, r)
			}
		}
		if len(taken) > 0 || by.Everything {
			return &LossError{Group: ref, From: from, By: by, Rules: taken}
		}
	}
	return nil
}

// isBeside reports whether a single rule is none of the rules that go, although it may be equal to one: the cloud can hold
// one rule twice.
func (d Departing) isBeside(from Owner) bool {
	maybe := func(id string) bool { return id == "" || strings.EqualFold(id, from.ID) }
	return from.ID != "" && len(d.IDs) > 0 && !slices.ContainsFunc(d.IDs, maybe)
}

// keyIn is the identity of a rule of a group, which may name the group by its id.
func keyIn(ref Ref, r rule.Rule) rule.Key {
	if strings.EqualFold(r.RemoteGroupID, ref.ID) {
		r.RemoteGroupID = rule.Self
	}
	return r.Key()
}
