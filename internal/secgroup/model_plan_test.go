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
	first      map[string]bool // those of them whose new object is made before the old one is deleted
	operations []*modelOperation
}

// plan compares the state with the configuration.
func (c *caller) plan(s *Service, config modeltest.Config, replace []string) ([]*modelOperation, error) {
	p := &planning{caller: c, config: config, replace: map[string]bool{}, first: map[string]bool{}}
	wanted := config.Addresses()
	for address, e := range c.state {
		p.replace[address] = e.tainted || slices.Contains(replace, address)
	}
	for _, address := range wanted { // groups come first
		e := c.state[address]
		if err := p.register(s, address); err != nil {
			return nil, err
		}
		if e == nil || p.replace[address] {
			p.depose(address)
			p.make(address, p.create)
			continue
		}
		if update := p.update(e); update != nil {
			p.make(address, update)
		}
	}
	for _, address := range slices.Sorted(maps.Keys(c.state)) {
		if !slices.Contains(wanted, address) || p.replace[address] && !p.first[address] {
			p.destroy(c.state[address])
		}
	}
	p.orderDestroys()
	return p.operations, nil
}

// register registers the owner of a single rule. Terraform plans a replacement twice.
func (p *planning) register(s *Service, address string) error {
	if !strings.HasPrefix(address, "rule.") {
		return nil
	}
	e := p.state[address]
	err := p.ownOne(s, address, p.groupID(address), e)
	if err == nil && e != nil && p.replace[address] {
		err = p.ownOne(s, address, p.groupID(address), nil)
	}
	return err
}

// ownOne registers the owner of a single rule, if its group is known. What is nil is to be created.
func (p *planning) ownOne(s *Service, address, groupID string, e *entry) error {
	if groupID == "" {
		return nil
	}
	label, group := strings.TrimPrefix(address, "rule."), Ref{here, groupID}
	by := Owner{Kind: "rule", Existed: e != nil}
	if p.replace[address] {
		by.Mark = address
	}
	if by.Existed && e.replaces == nil {
		by.ID = e.id
	}
	if r, known := p.single(label, groupID); known {
		by.Rule, by.Declares = r.Label(), map[rule.Key]bool{keyIn(group, r): true}
	}
	return s.owners.OwnOne(group, by)
}

// depose puts an object aside that is deleted after its replacement is made.
func (p *planning) depose(address string) {
	e := p.state[address]
	if e == nil || !p.createsFirst(address) {
		return
	}
	p.first[address] = true
	e.address += deposed + e.id
	p.state[e.address] = e
	delete(p.state, address)
}

// createsFirst reports whether a resource, or one that depends on it, has create_before_destroy.
func (p *planning) createsFirst(address string) bool {
	kind, label, _ := strings.Cut(address, ".")
	if kind == "rule" && p.config.Rules[label].CreateFirst || kind == "group" && p.config.Groups[label].CreateFirst {
		return true
	}
	return kind == "group" && slices.ContainsFunc(p.config.Addresses(), func(other string) bool {
		return slices.Contains(dependencies(p.config, other), address) && p.createsFirst(other)
	})
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

// orderDestroys lets what depends on a resource go before that goes, or changes. What is deposed goes after its replacement
// is made, and after what depends on it has changed.
func (p *planning) orderDestroys() {
	for _, o := range p.operations {
		address, isDestroy := strings.CutPrefix(o.name, "destroy ")
		if !isDestroy {
			continue
		}
		current, _, isDeposed := strings.Cut(address, deposed)
		for _, other := range p.operations {
			verb, of, _ := strings.Cut(other.name, " ")
			of, _, _ = strings.Cut(of, deposed)
			switch {
			case slices.Contains(p.state[address].depends, of) && (verb == "destroy" || !isDeposed):
				other.after = append(other.after, o.name)
			case isDeposed && verb == "make" && (of == current || slices.Contains(p.dependencies(of), current)):
				o.after = append(o.after, other.name)
			}
		}
	}
}

// dependencies are those of a resource, as it is and as it will be.
func (p *planning) dependencies(address string) []string {
	return slices.Concat(dependencies(p.config, address), p.state[address].depends)
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
	default:
		err = e.leave(ctx, s)
	}
	return err
}

// leave is what becomes of the rules of a rule set. One that was never completed has no id.
func (e *entry) leave(ctx context.Context, s *Service) (err error) {
	if e.sent != nil && (e.id == "" || e.sent.GroupID != e.group || e.removes) {
		_, err = s.UndoRules(ctx, here, e.sent)
	}
	if err == nil && e.id != "" && e.removes {
		_, err = s.RemoveRules(ctx, e.ref(), e.rules)
	}
	return err
}

func (p *planning) create(ctx context.Context, s *Service, e *entry) (err error) {
	label := strings.TrimPrefix(e.address, e.kind()+".")
	last := *e
	*e = entry{address: e.address, depends: e.depends, gone: true}
	switch e.kind() {
	case "group":
		group := p.config.Groups[label]
		e.spec = GroupSpec{Location: here, Name: group.Name, Description: group.Description, Tags: p.config.Tags(label)}
		e.spec.Rules, _ = p.resolveAll(group.Rules)
		_, err = s.CreateGroup(ctx, e.spec, e)
	case "rule":
		e.group = p.state[e.depends[0]].id
		e.meaning, _ = p.single(label, e.group)
		if err = p.ownOne(s, e.address, e.group, nil); err == nil {
			_, err = s.CreateRule(ctx, e.ref(), e.meaning, e)
		}
	case "set":
		e.group, e.removes = p.state[e.depends[0]].id, p.config.Sets[label].Remove
		e.rules, _ = p.resolveAll(p.config.Sets[label].Rules)
		e.own(s, e.rules)
		diff := RulesDiff{Wanted: e.rules, Creating: true, Remember: e.remember}
		if last.id == e.group && !last.removes {
			diff.Known = last.rules // it has left them to this one
		}
		if err = s.SetRules(ctx, e.ref(), diff); err == nil {
			e.id, e.sent = e.group, nil
		}
	}
	e.tainted = err != nil
	e.gone = err != nil && (e.id == "" && e.created.isNone() && e.sent == nil || IsNothing(err))
	return err
}

func (e *entry) remember(sent *SentRules) { e.sent = sent }

// own registers the owner of all rules of a group, as the provider does when it plans once more at the apply.
func (e *entry) own(s *Service, rules []rule.Rule) {
	if rules != nil {
		_ = s.owners.OwnAll(e.ref(), Owner{Kind: e.kind(), Declares: rule.Keys(rules)})
	}
}

// update returns what changes a resource, nil if nothing does.
func (p *planning) update(e *entry) func(ctx context.Context, s *Service, e *entry) error {
	label := strings.TrimPrefix(e.address, e.kind()+".")
	switch e.kind() {
	case "group":
		return p.updateGroup(e, label)
	case "rule":
		return p.updateRule(e, label)
	}
	return p.updateSet(e, p.config.Sets[label])
}

func (p *planning) updateRule(e *entry, label string) func(context.Context, *Service, *entry) error {
	groupID := p.groupID(e.address)
	wanted, known := p.single(label, groupID)
	if known && e.replaces == nil && groupID == e.group && wanted.Content() == e.meaning.Content() {
		return nil
	}
	return func(ctx context.Context, s *Service, e *entry) error {
		to := Ref{here, p.state[dependencies(p.config, e.address)[0]].id}
		if err := p.ownOne(s, e.address, to.ID, e); err != nil {
			return err
		}
		wanted, _ := p.single(label, to.ID)
		result, err := s.ReplaceRule(ctx, RuleReplacement{Group: e.ref(), ID: e.id, Old: e.meaning, To: to, Wanted: wanted, Left: e.replaces}, e)
		if err == nil {
			e.id, e.group, e.meaning, e.replaces = result.ID, to.ID, wanted, nil
		}
		return err
	}
}

func (p *planning) updateSet(e *entry, set modeltest.Set) func(context.Context, *Service, *entry) error {
	groupID := p.groupID(e.address)
	if rules, known := p.resolveAll(set.Rules); known && e.sent == nil && groupID == e.group && rule.Same(rules, e.rules) && set.Remove == e.removes {
		return nil
	}
	return func(ctx context.Context, s *Service, e *entry) error {
		wanted, _ := p.resolveAll(set.Rules)
		to := Ref{here, p.state[dependencies(p.config, e.address)[0]].id}
		if e.sent != nil && e.sent.GroupID != to.ID {
			if _, err := s.UndoRules(ctx, here, e.sent); err != nil {
				return err
			}
			e.sent = nil
		}
		diff, moves := RulesDiff{Wanted: wanted, Known: e.rules, Sent: e.sent, Remember: e.remember}, to != e.ref()
		if moves {
			diff.Known, diff.Creating = nil, true
		}
		old := *e
		old.sent = nil
		e.group = to.ID
		e.own(s, wanted)
		e.group = old.group
		if !diff.Empty() {
			if err := s.SetRules(ctx, to, diff); err != nil {
				return err
			}
		}
		if moves {
			if err := old.leave(ctx, s); err != nil {
				return err
			}
		}
		e.id, e.group, e.rules, e.removes, e.sent = to.ID, to.ID, wanted, set.Remove, nil
		return nil
	}
}

func (p *planning) updateGroup(e *entry, label string) func(context.Context, *Service, *entry) error {
	group, tags := p.config.Groups[label], p.config.Tags(label)
	wanted, known := p.resolveAll(group.Rules)
	sameRules := wanted == nil && e.spec.Rules == nil || wanted != nil && e.spec.Rules != nil && known && rule.Same(wanted, e.spec.Rules)
	if sameRules && group.Name == e.spec.Name && group.Description == e.spec.Description && maps.Equal(tags, e.spec.Tags) {
		return nil
	}
	return func(ctx context.Context, s *Service, e *entry) error {
		wanted, _ := p.resolveAll(group.Rules)
		e.own(s, wanted)
		update := GroupUpdate{Tags: TagsDiff(e.spec.Tags, tags)}
		if group.Name != e.spec.Name {
			update.Name = &group.Name
		}
		if group.Description != e.spec.Description {
			update.Description = &group.Description
		}
		takesOver := wanted != nil && e.spec.Rules == nil
		diff := RulesDiff{Wanted: wanted, Known: e.spec.Rules}
		if takesOver {
			diff.Known = e.seen
		}
		if wanted != nil && (takesOver || !diff.Empty()) {
			update.Rules = &diff
		}
		if !update.Empty() {
			if err := s.UpdateGroup(ctx, e.ref(), update); err != nil {
				return err
			}
		}
		e.spec.Name, e.spec.Description, e.spec.Tags, e.spec.Rules = group.Name, group.Description, tags, wanted
		return nil
	}
}
