package modeltest

import (
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// held is one of our groups as the cloud has it, in the words of the model.
type held struct {
	id    string
	group gcoretest.Group
	rules []heldRule
}

type heldRule struct {
	rule rule.Rule
	id   string
}

func (h held) find(key rule.Key) int {
	return slices.IndexFunc(h.rules, func(r heldRule) bool { return r.rule.Key() == key })
}

func (h held) has(id string) bool {
	return slices.ContainsFunc(h.rules, func(r heldRule) bool { return r.id == id })
}

func (h held) meanings() []rule.Rule {
	var rules []rule.Rule
	for _, r := range h.rules {
		rules = append(rules, r.rule)
	}
	return rules
}

// snapshot reads our groups, by label.
func (r *run) snapshot() map[string]held {
	labels := map[string]string{}
	for label, id := range r.ids {
		labels[id] = label
	}
	found := map[string]held{}
	for label, id := range r.ids {
		group, exists := r.cloud.Group(id)
		if !exists {
			continue
		}
		h := held{id: id, group: group}
		for _, stored := range group.Rules {
			h.rules = append(h.rules, heldRule{meaning(stored, id, labels), stored.ID})
		}
		found[label] = h
	}
	return found
}

// meaning is what a stored rule says, where groups are called by their labels.
func meaning(r gcoretest.Rule, own string, labels map[string]string) rule.Rule {
	said := rule.Rule{
		Direction: r.Direction, Ethertype: text(r.Ethertype), Protocol: text(r.Protocol), RemoteIPPrefix: text(r.RemoteIPPrefix),
		PortRangeMin: number(r.PortRangeMin), PortRangeMax: number(r.PortRangeMax), Description: text(r.Description),
	}
	switch remote := text(r.RemoteGroupID); {
	case remote == own:
		said.RemoteGroupID = rule.Self
	case labels[remote] != "":
		said.RemoteGroupID = labels[remote]
	default:
		said.RemoteGroupID = remote
	}
	return said
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func number(value *int) *int64 {
	if value == nil {
		return nil
	}
	return new(int64(*value))
}

// disturb makes a change of somebody else's in the cloud.
func (r *run) disturb(change Change) {
	group, exists := r.snapshot()[change.Group]
	if !exists {
		return
	}
	at, to := group.find(change.Rule.Key()), group.find(change.To.Key())
	switch change.Kind {
	case AddRule:
		if at < 0 {
			r.cloud.AddRule(group.id, r.stored(change.Rule, group.id))
		}
	case ChangeRule:
		if at >= 0 && (to < 0 || to == at) {
			said := r.stored(change.To, group.id)
			r.cloud.ChangeRule(group.rules[at].id, func(stored *gcoretest.Rule) {
				stored.RemoteIPPrefix, stored.Description = said.RemoteIPPrefix, said.Description
			})
		}
	case DeleteRule:
		if at >= 0 {
			r.cloud.DeleteRule(group.rules[at].id)
		}
	case DeleteGroup:
		r.cloud.DeleteGroup(group.id)
	case SetTag:
		r.cloud.SetTag(group.id, change.Key, change.Value, false)
	case DeleteTag:
		r.cloud.DeleteTag(group.id, change.Key)
	case Rename:
		r.cloud.ChangeGroup(group.id, func(g *gcoretest.Group) { g.Name = change.Value })
	case Describe:
		r.cloud.ChangeGroup(group.id, func(g *gcoretest.Group) { g.Description = change.Value })
	}
}

// stored is a rule as the cloud holds it.
func (r *run) stored(said rule.Rule, own string) gcoretest.Rule {
	said = said.Canonical()
	given := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	narrow := func(n *int64) *int {
		if n == nil {
			return nil
		}
		return new(int(*n))
	}
	remote := said.RemoteGroupID
	if remote == rule.Self {
		remote = own
	} else if id := r.ids[remote]; id != "" {
		remote = id
	}
	return gcoretest.Rule{
		Direction: said.Direction, Ethertype: given(said.Ethertype), Protocol: given(said.Protocol),
		PortRangeMin: narrow(said.PortRangeMin), PortRangeMax: narrow(said.PortRangeMax),
		RemoteIPPrefix: given(said.RemoteIPPrefix), RemoteGroupID: given(remote), Description: &said.Description,
	}
}
