// Package modeltest tests by a model: it makes random sequences of configurations, of changes behind the provider's
// back and of faults, knows what the cloud has to hold after each, and finds the shortest sequence that fails.
//
// What is tested is a [Subject]: the engine with a small caller (internal/secgroup), or the provider under real
// Terraform (internal/provider). Both run the same sequences against the fake API.
//
// Everything here is plain data and pure functions, but for [Run], which acts on the fake.
package modeltest

import (
	"maps"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Config is a configuration: its resources by their labels. A rule names a group, as its remote, by the label of the
// group in RemoteGroupID.
type Config struct {
	Groups      map[string]Group
	Rules       map[string]Single
	Sets        map[string]Set
	DefaultTags map[string]string // of the provider
}

// Group is a gcore_cloud_security_group.
type Group struct {
	Name, Description string
	Tags              map[string]string
	Rules             map[string]rule.Rule // nil: not managed here
	CreateFirst       bool                 // lifecycle { create_before_destroy = true }
}

// Single is a gcore_cloud_security_group_rule in the group of that label.
type Single struct {
	Group       string
	Rule        rule.Rule
	CreateFirst bool // lifecycle { create_before_destroy = true }
}

// Set is a gcore_cloud_security_group_rule_set for the group of that label.
type Set struct {
	Group  string
	Rules  map[string]rule.Rule
	Remove bool // on_destroy = "remove", not "keep"
}

// Step is one change of the configuration, with what goes on around it. Addresses are those of Addresses.
type Step struct {
	Config  Config
	Before  []Change          // what others do before the plan
	Between []Change          // what others do between the plan and its apply
	Forget  []string          // addresses that leave the state first, and nothing is deleted
	Import  []string          // addresses that are imported: what the cloud has of them
	Moved   map[string]string // single rules that get another label, from the old to the new address
	Replace []string          // addresses that are replaced although nothing requires it
	Twin    Twin              // a mistake that is corrected after the first apply
	Fault   Fault

	NoRefresh   bool // the first plan is made from the state alone
	Later       bool // the plan is saved, and applied an hour later
	Parallelism int
}

// Twin is a single rule that at first says what another one of its group says. It is a new one, or one that the step leaves
// alone. The zero value is none.
type Twin struct{ Label, Of string }

// Fault is one of gcoretest.Scenarios, or an interruption, that hits an operation of the API. The zero value is none.
type Fault struct{ Scenario, Operation string }

// Change is what somebody else does to one of our groups, or to what the configuration has there.
type Change struct {
	Kind  Kind
	Group string    // the label
	Rule  rule.Rule // that is added, changed or deleted; if the group has none of its key, nothing happens
	To    rule.Rule // what ChangeRule makes of it
	Key   string    // of a tag
	Value string    // of a tag, or the new name or description
}

// Kind is what a Change does.
type Kind string

// The kinds of change.
const (
	AddRule     Kind = "add rule"
	ChangeRule  Kind = "change rule"
	DeleteRule  Kind = "delete rule"
	DeleteGroup Kind = "delete group"
	SetTag      Kind = "set tag"
	DeleteTag   Kind = "delete tag"
	Rename      Kind = "rename"
	Describe    Kind = "describe"
)

// Sequence is a whole test: its steps begin with an empty state, and a cloud in which only others have groups.
type Sequence struct {
	Seed    uint64 // that it was made from
	Reading string // which of gcoretest.Readings the cloud is
	Steps   []Step
}

// The kinds of address: "group.a" is the group of label a.
const (
	groupPrefix = "group."
	rulePrefix  = "rule."
	setPrefix   = "set."
)

// Addresses are those of all resources of the configuration.
func (c Config) Addresses() []string {
	var all []string
	for label := range c.Groups {
		all = append(all, groupPrefix+label)
	}
	for label := range c.Rules {
		all = append(all, rulePrefix+label)
	}
	for label := range c.Sets {
		all = append(all, setPrefix+label)
	}
	slices.Sort(all)
	return all
}

// clone copies everything that an edit could change.
func (c Config) clone() Config {
	copied := Config{
		Groups: map[string]Group{}, Rules: map[string]Single{}, Sets: map[string]Set{}, DefaultTags: maps.Clone(c.DefaultTags),
	}
	for label, g := range c.Groups {
		g.Tags, g.Rules = maps.Clone(g.Tags), maps.Clone(g.Rules)
		copied.Groups[label] = g
	}
	maps.Copy(copied.Rules, c.Rules)
	for label, set := range c.Sets {
		set.Rules = maps.Clone(set.Rules)
		copied.Sets[label] = set
	}
	return copied
}

// setOf returns the label of the rule set of a group, "" if it has none.
func (c Config) setOf(group string) string {
	for _, label := range slices.Sorted(maps.Keys(c.Sets)) {
		if c.Sets[label].Group == group {
			return label
		}
	}
	return ""
}

// declared are all rules of a group if one resource has them all: its rules map or its rule set.
func (c Config) declared(group string) (rules map[string]rule.Rule, all bool) {
	if rules := c.Groups[group].Rules; rules != nil {
		return rules, true
	}
	if label := c.setOf(group); label != "" {
		return c.Sets[label].Rules, true
	}
	return nil, false
}

// Tags are all tags of a group: its own over the provider's.
func (c Config) Tags(group string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, c.DefaultTags)
	maps.Copy(all, c.Groups[group].Tags)
	return all
}

// singlesOf are the labels of the single rules of a group.
func (c Config) singlesOf(group string) []string {
	var labels []string
	for _, label := range slices.Sorted(maps.Keys(c.Rules)) {
		if c.Rules[label].Group == group {
			labels = append(labels, label)
		}
	}
	return labels
}

// twinned is the configuration with the mistake of a step.
func (c Config) twinned(twin Twin) Config {
	c = c.clone()
	single := c.Rules[twin.Of]
	single.CreateFirst = c.Rules[twin.Label].CreateFirst
	c.Rules[twin.Label] = single
	return c
}

// createLast drops create_before_destroy from the single rules, which cannot be created beside themselves.
func (c Config) createLast() Config {
	c = c.clone()
	for label, single := range c.Rules {
		single.CreateFirst = false
		c.Rules[label] = single
	}
	return c
}

// without drops a group, with all that names it.
func (c Config) without(group string) Config {
	c = c.clone()
	delete(c.Groups, group)
	for label, other := range c.Groups {
		dropNaming(other.Rules, group)
		c.Groups[label] = other
	}
	for label, single := range c.Rules {
		if single.Group == group || single.Rule.RemoteGroupID == group {
			delete(c.Rules, label)
		}
	}
	for label, set := range c.Sets {
		dropNaming(set.Rules, group)
		if set.Group == group {
			delete(c.Sets, label)
		}
	}
	return c
}

func dropNaming(rules map[string]rule.Rule, group string) {
	maps.DeleteFunc(rules, func(_ string, r rule.Rule) bool { return r.RemoteGroupID == group })
}
