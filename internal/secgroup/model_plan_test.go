package secgroup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/modeltest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// modelOperation is a create, update or delete of a plan. It begins when those that it names have ended.
type modelOperation struct {
	name  string // "destroy rule.r1", "make rule.r1" for a create or an update
	after []string
	run   func(ctx context.Context, s *Service) error
}

// walk runs operations as Terraform does: as many at a time as it may, those that are ready in any order, and none whose
// predecessor has failed.
func walk(operations []*modelOperation, parallelism int, order *rand.Rand, do func(*modelOperation) error) error {
	type result struct {
		of  *modelOperation
		err error
	}
	waiting, failed, results := map[string]bool{}, map[string]bool{}, make(chan result)
	for _, o := range operations {
		waiting[o.name] = true
	}
	ready := func(o *modelOperation) bool {
		return !slices.ContainsFunc(o.after, func(name string) bool { return waiting[name] })
	}
	var errs []error
	for running := 0; running > 0 || len(operations) > 0; {
		order.Shuffle(len(operations), func(i, j int) { operations[i], operations[j] = operations[j], operations[i] })
		for running < parallelism {
			next := slices.IndexFunc(operations, ready)
			if next < 0 {
				break
			}
			o := operations[next]
			operations = slices.Delete(operations, next, next+1)
			if slices.ContainsFunc(o.after, func(name string) bool { return failed[name] }) {
				waiting[o.name], failed[o.name] = false, true
				continue
			}
			running++
			go func() { results <- result{o, do(o)} }()
		}
		if running == 0 {
			if len(operations) > 0 {
				return errors.New("the plan has a circle")
			}
			break
		}
		ended := <-results
		running--
		waiting[ended.of.name] = false
		if ended.err != nil {
			failed[ended.of.name] = true
			errs = append(errs, fmt.Errorf("%s: %w", ended.of.name, ended.err))
		}
	}
	return errors.Join(errs...)
}

// dependencies are the addresses that the configuration of a resource names.
func dependencies(config modeltest.Config, address string) []string {
	kind, label, _ := strings.Cut(address, ".")
	var named []string
	var rules []rule.Rule
	switch kind {
	case "group":
		rules = slices.Collect(maps.Values(config.Groups[label].Rules))
	case "rule":
		named, rules = []string{config.Rules[label].Group}, []rule.Rule{config.Rules[label].Rule}
	case "set":
		named, rules = []string{config.Sets[label].Group}, slices.Collect(maps.Values(config.Sets[label].Rules))
	}
	for _, r := range rules {
		if r.RemoteGroupID != "" && r.RemoteGroupID != rule.Self {
			named = append(named, r.RemoteGroupID)
		}
	}
	var addresses []string
	for _, group := range named {
		addresses = append(addresses, "group."+group)
	}
	return addresses
}

// planning is a plan in the making.
type planning struct {
	*caller
	config     modeltest.Config
	replace    map[string]bool // addresses that are deleted and made again
	operations []*modelOperation
}

// plan compares the state with the configuration.
func (c *caller) plan(s *Service, config modeltest.Config, replace []string) ([]*modelOperation, error) {
	p := &planning{caller: c, config: config, replace: map[string]bool{}}
	wanted := config.Addresses()
	for address, e := range c.state {
		p.replace[address] = e.tainted || slices.Contains(replace, address)
	}
	for _, address := range wanted { // groups come first
		e := c.state[address]
		if e != nil && e.kind() != "group" {
			p.replace[address] = p.replace[address] || p.groupID(address) != e.group
		}
		if e == nil || p.replace[address] {
			p.make(address, p.create)
			continue
		}
		update, err := p.update(s, e)
		if err != nil {
			return nil, err
		}
		if update != nil {
			p.make(address, update)
		}
	}
	for _, address := range slices.Sorted(maps.Keys(c.state)) {
		if !slices.Contains(wanted, address) || p.replace[address] {
			p.destroy(c.state[address])
		}
	}
	p.orderDestroys()
	return p.operations, nil
}

// groupID is the id of the group that a rule or a rule set is for, "" if that is not known yet.
func (p *planning) groupID(address string) string {
	group := dependencies(p.config, address)[0]
	if e := p.state[group]; e != nil && !p.replace[group] {
		return e.id
	}
	return ""
}

// resolve is what a rule of a group says, with ids; known is false if it names a group that has none yet.
func (p *planning) resolve(r rule.Rule) (_ rule.Rule, known bool) {
	if r.RemoteGroupID == "" || r.RemoteGroupID == rule.Self {
		return r, true
	}
	address := "group." + r.RemoteGroupID
	e := p.state[address]
	if e == nil || e.id == "" {
		return r, false
	}
	r.RemoteGroupID = e.id
	return r, !p.replace[address]
}

// resolveAll is resolve for a map.
func (p *planning) resolveAll(rules map[string]rule.Rule) (resolved []rule.Rule, known bool) {
	known = true
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		r, ok := p.resolve(rules[key])
		resolved, known = append(resolved, r), known && ok
	}
	if rules != nil && resolved == nil {
		resolved = []rule.Rule{}
	}
	return resolved, known
}

// single is what a single rule says: it has no self, but the id of its group.
func (p *planning) single(label, groupID string) (rule.Rule, bool) {
	r := p.config.Rules[label].Rule
	if r.RemoteGroupID == rule.Self {
		r.RemoteGroupID = groupID
		return r, groupID != ""
	}
	return p.resolve(r)
}

// make adds a create or an update.
func (p *planning) make(address string, run func(ctx context.Context, s *Service, e *entry) error) {
	e := p.state[address]
	if e == nil {
		e = &entry{address: address, gone: true}
		p.state[address] = e
	}
	o := &modelOperation{name: "make " + address, after: []string{"destroy " + address}}
	for _, other := range slices.Concat(dependencies(p.config, address), e.depends) {
		o.after = append(o.after, "destroy "+other)
	}
	for _, other := range dependencies(p.config, address) {
		o.after = append(o.after, "make "+other)
	}
	o.run = func(ctx context.Context, s *Service) error {
		e.depends = dependencies(p.config, address)
		return run(ctx, s, e)
	}
	p.operations = append(p.operations, o)
}

// orderDestroys lets what depends on a resource go before that goes, or changes.
func (p *planning) orderDestroys() {
	byName := map[string]*modelOperation{}
	for _, o := range p.operations {
		byName[o.name] = o
	}
	for address, e := range p.state {
		destroy := "destroy " + address
		if byName[destroy] == nil {
			continue
		}
		for _, other := range e.depends {
			for _, later := range []string{"destroy " + other, "make " + other} {
				if o := byName[later]; o != nil {
					o.after = append(o.after, destroy)
				}
			}
		}
	}
}

func (p *planning) destroy(e *entry) {
	p.operations = append(p.operations, &modelOperation{name: "destroy " + e.address, run: func(ctx context.Context, s *Service) error {
		err := e.destroy(ctx, s, p.caller)
		e.gone = err == nil
		return err
	}})
}

func (e *entry) destroy(ctx context.Context, s *Service, c *caller) (err error) {
	if err := c.find(ctx, s, e, true); err != nil {
		if IsNothing(err) {
			return nil
		}
		return err
	}
	switch {
	case e.kind() == "group":
		return s.DeleteGroup(ctx, e.ref())
	case e.kind() == "rule":
		_, _, err = s.DeleteRule(ctx, e.ref(), e.id, e.meaning, e.replaces)
	case e.removes:
		_, err = s.RemoveRules(ctx, e.ref(), e.rules)
	}
	return err
}

func (p *planning) create(ctx context.Context, s *Service, e *entry) (err error) {
	label := strings.TrimPrefix(e.address, e.kind()+".")
	*e = entry{address: e.address, depends: e.depends, gone: true}
	switch e.kind() {
	case "group":
		group := p.config.Groups[label]
		e.spec = GroupSpec{Location: here, Name: group.Name, Description: group.Description, Tags: group.Tags}
		e.spec.Rules, _ = p.resolveAll(group.Rules)
		_, err = s.CreateGroup(ctx, e.spec, e)
	case "rule":
		e.group = p.state[e.depends[0]].id
		e.meaning, _ = p.single(label, e.group)
		_, err = s.CreateRule(ctx, e.ref(), e.meaning, e)
	case "set":
		e.group, e.removes = p.state[e.depends[0]].id, p.config.Sets[label].Remove
		e.rules, _ = p.resolveAll(p.config.Sets[label].Rules)
		e.own(s, e.rules)
		if err = s.SetRules(ctx, e.ref(), RulesDiff{Wanted: e.rules, Creating: true}); err == nil {
			e.id = e.group
		}
	}
	e.tainted = err != nil
	e.gone = err != nil && (e.id == "" && e.created.isNone() || IsNothing(err))
	return err
}

// own registers the owner of all rules of a group, as the provider does when it plans once more at the apply.
func (e *entry) own(s *Service, rules []rule.Rule) {
	if rules != nil {
		_ = s.owners.OwnAll(e.ref(), Owner{Kind: e.kind(), Declares: rule.Keys(rules)})
	}
}

// update returns what changes a resource, nil if nothing does.
func (p *planning) update(s *Service, e *entry) (func(ctx context.Context, s *Service, e *entry) error, error) {
	label := strings.TrimPrefix(e.address, e.kind()+".")
	switch e.kind() {
	case "group":
		return p.updateGroup(s, e, p.config.Groups[label])
	case "rule":
		wanted, known := p.single(label, e.group)
		if known && e.replaces == nil && wanted.Content() == e.meaning.Content() {
			return nil, nil
		}
		return func(ctx context.Context, s *Service, e *entry) error {
			wanted, _ := p.single(label, e.group)
			result, err := s.ReplaceRule(ctx, RuleReplacement{Group: e.ref(), ID: e.id, Old: e.meaning, To: e.ref(), Wanted: wanted, Left: e.replaces}, e)
			if err == nil {
				e.id, e.meaning, e.replaces = result.ID, wanted, nil
			}
			return err
		}, nil
	}
	set := p.config.Sets[label]
	if rules, known := p.resolveAll(set.Rules); known && rule.Same(rules, e.rules) && set.Remove == e.removes {
		return nil, nil
	}
	return func(ctx context.Context, s *Service, e *entry) error {
		wanted, _ := p.resolveAll(set.Rules)
		e.own(s, wanted)
		diff := RulesDiff{Wanted: wanted, Known: e.rules}
		if !diff.Empty() {
			if err := s.SetRules(ctx, e.ref(), diff); err != nil {
				return err
			}
		}
		e.rules, e.removes = wanted, set.Remove
		return nil
	}, nil
}

func (p *planning) updateGroup(s *Service, e *entry, group modeltest.Group) (func(context.Context, *Service, *entry) error, error) {
	wanted, known := p.resolveAll(group.Rules)
	sameRules := wanted == nil && e.spec.Rules == nil || wanted != nil && e.spec.Rules != nil && known && rule.Same(wanted, e.spec.Rules)
	if sameRules && group.Name == e.spec.Name && group.Description == e.spec.Description && maps.Equal(group.Tags, e.spec.Tags) {
		return nil, nil
	}
	var shown []rule.Rule // that the plan names, as the state does not have them
	takesOver := wanted != nil && e.spec.Rules == nil
	if takesOver {
		current, err := s.ReadRules(p.t.Context(), e.ref())
		if err != nil {
			return nil, err
		}
		shown = RulesFromAPI(current)
	}
	return func(ctx context.Context, s *Service, e *entry) error {
		wanted, _ := p.resolveAll(group.Rules)
		e.own(s, wanted)
		update := GroupUpdate{Tags: TagsDiff(e.spec.Tags, group.Tags)}
		if group.Name != e.spec.Name {
			update.Name = &group.Name
		}
		if group.Description != e.spec.Description {
			update.Description = &group.Description
		}
		diff := RulesDiff{Wanted: wanted, Known: slices.Concat(e.spec.Rules, shown)}
		if wanted != nil && (takesOver || !diff.Empty()) {
			update.Rules = &diff
		}
		if !update.Empty() {
			if err := s.UpdateGroup(ctx, e.ref(), update); err != nil {
				return err
			}
		}
		e.spec.Name, e.spec.Description, e.spec.Tags, e.spec.Rules = group.Name, group.Description, group.Tags, wanted
		return nil
	}, nil
}
