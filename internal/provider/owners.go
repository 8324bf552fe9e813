package provider

import (
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// owners is the register of who looks after the rules of which group in the
// configuration, as far as Terraform has asked this process. Either one owner
// has all rules of a group, or single rules are side by side: both together
// would undo each other's work for ever.
//
// Only what stays in the configuration is an owner. What a plan destroys or
// lets go is none, so that rules can change hands. Terraform configures the
// provider anew for each walk over the configuration, so the register knows of
// one plan, or of one apply.
type owners struct {
	mu     sync.Mutex
	groups map[lockKey]*ownedGroup
}

// ownedGroup is what the register knows of one group.
type ownedGroup struct {
	all     *owner  // of all rules; nil if there is none yet
	single  []owner // of one rule each
	leaving []leaver
}

// owner is a resource that is planned with rules of a group.
type owner struct {
	resourceType string
	rule         string // the readable name of a single one
	// declares is nil while the rules are not known.
	declares map[rule.Key]bool
	// steady tells that it sends nothing about its rules in this run. What
	// another resource takes away from it is not made again then.
	steady bool
	// config and existed tell a second resource from one that is planned
	// twice; replaced tells that this one was. See isAgain.
	config            tftypes.Value
	existed, replaced bool
}

// leaver is a resource that the plan destroys, and the rules that go with it.
type leaver struct {
	resourceType string
	rules        []rule.Rule
	// everything tells that all rules of the group go, whatever they are.
	everything bool
}

// group is called with the lock held.
func (o *owners) group(at client.Location, groupID string) *ownedGroup {
	if o.groups == nil {
		o.groups = map[lockKey]*ownedGroup{}
	}
	key := keyOf(at, groupID)
	if o.groups[key] == nil {
		o.groups[key] = &ownedGroup{}
	}
	return o.groups[key]
}

// isAgain tells whether both are one resource that is planned twice. Terraform
// plans a replacement with the prior state, then once more without it. Two
// resources have either both a prior state or none, or other configurations.
func (o owner) isAgain(earlier owner) bool {
	return o.resourceType == earlier.resourceType && o.existed != earlier.existed && !earlier.replaced && o.config.Equal(earlier.config)
}

// ownAll registers the owner of all rules of a group. The error is a
// *rivalsError or a *lossError.
func (o *owners) ownAll(at client.Location, groupID string, by owner) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	group := o.group(at, groupID)
	switch {
	case group.all != nil && by.isAgain(*group.all):
		// A replacement begins with what is there, and mends it.
		by.replaced, by.steady = true, false
	case group.all != nil:
		return &rivalsError{at, groupID, by, *group.all}
	case len(group.single) > 0:
		return &rivalsError{at, groupID, by, group.single[0]}
	}
	group.all = &by
	return lost(at, groupID, by, group.leaving...)
}

// ownOne registers the owner of a single rule. The errors are those of ownAll.
func (o *owners) ownOne(at client.Location, groupID string, by owner) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	group := o.group(at, groupID)
	if group.all != nil {
		return &rivalsError{at, groupID, by, *group.all}
	}
	group.single = append(group.single, by)
	return lost(at, groupID, by, group.leaving...)
}

// leave registers a resource that the plan destroys. The error is a
// *lossError: an owner would lose a rule that it does not make again.
func (o *owners) leave(at client.Location, groupID string, by leaver) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	group := o.group(at, groupID)
	group.leaving = append(group.leaving, by)
	if group.all != nil {
		return lost(at, groupID, *group.all, by)
	}
	for _, owner := range group.single {
		if err := lost(at, groupID, owner, by); err != nil {
			return err
		}
	}
	return nil
}

// ofAll is the type of the owner of all rules of a group in this run; empty if
// there is none.
func (o *owners) ofAll(at client.Location, groupID string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if all := o.group(at, groupID).all; all != nil {
		return all.resourceType
	}
	return ""
}

// declaring is the type of the owner of all rules of a group, if it declares
// that rule in this run; else it is empty.
func (o *owners) declaring(at client.Location, groupID string, r rule.Rule) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if all := o.group(at, groupID).all; all != nil && all.declares[keyIn(groupID, r)] {
		return all.resourceType
	}
	return ""
}

// lost is the error of an owner that resources which go take rules away from.
func lost(at client.Location, groupID string, from owner, leaving ...leaver) error {
	if !from.steady {
		return nil
	}
	for _, by := range leaving {
		var taken []rule.Rule
		for _, r := range by.rules {
			if from.declares[keyIn(groupID, r)] {
				taken = append(taken, r)
			}
		}
		if len(taken) > 0 || by.everything {
			return &lossError{at: at, groupID: groupID, from: from, by: by, rules: taken}
		}
	}
	return nil
}

// keyIn is the identity of a rule of a group, which may name the group by its
// id.
func keyIn(groupID string, r rule.Rule) rule.Key {
	if strings.EqualFold(r.RemoteGroupID, groupID) {
		r.RemoteGroupID = rule.Self
	}
	return r.Key()
}

// keysOf are the identities of rules.
func keysOf(rules []rule.Rule) map[rule.Key]bool {
	keys := make(map[rule.Key]bool, len(rules))
	for _, r := range rules {
		keys[r.Key()] = true
	}
	return keys
}
