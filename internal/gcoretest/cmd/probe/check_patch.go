package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

// pair are two ways to write a rule: it is stored by the first and sent again by the second.
type pair struct {
	name          string // also the description that tells the stored rule, unless the pair is about that
	stored, again object
	same          bool // the second is the stored rule, which keeps its id
}

const anotherDescription = "another description"

// pairs are all rules of one group: no two of them are the same rule.
func pairs(groupID, upperGroupID string) []pair {
	prefix := func(text string, more object) object {
		rule := ingress(object{"remote_ip_prefix": text})
		for name, value := range more {
			rule[name] = value
		}
		return rule
	}
	v6 := object{"ethertype": "IPv6"}
	return []pair{
		{"IPv6 in upper case and long", prefix("2001:db8::/32", v6), prefix("2001:DB8:0:0::/32", v6), true},
		{"a netmask", prefix("198.51.100.0/24", nil), prefix("198.51.100.0/255.255.255.0", nil), true},
		{"ethertype left out", prefix("192.0.2.1/32", object{"ethertype": "IPv4"}), prefix("192.0.2.1/32", nil), true},
		{"protocol null", prefix("192.0.2.2/32", nil), prefix("192.0.2.2/32", object{"protocol": nil}), true},
		{"remote group in upper case", ingress(object{"remote_group_id": groupID}),
			ingress(object{"remote_group_id": upperGroupID}), true},
		{"1-65535 and no ports", ingress(object{"protocol": "tcp"}),
			ingress(object{"protocol": "tcp", "port_range_min": 1, "port_range_max": 65535}), false},
		{"0.0.0.0/0 and no prefix", ingress(object{"protocol": "esp"}), prefix("0.0.0.0/0", object{"protocol": "esp"}), false},
		{"ipencap and ipip", ingress(object{"protocol": "ipip"}), ingress(object{"protocol": "ipencap"}), false},
		{anotherDescription, tcp(81), tcp(81), false},
	}
}

func described(rule object, description string) object {
	copied := object{"description": description}
	for name, value := range rule {
		copied[name] = value
	}
	return copied
}

// lists are the rules to store, then those in which only the equal pairs are written otherwise, then those in which
// all are.
func lists(all []pair) (stored, equal, other []object) {
	for _, pr := range all {
		first, second := described(pr.stored, pr.name), described(pr.again, pr.name)
		if pr.name == anotherDescription {
			second["description"] = "other words"
		}
		stored, other = append(stored, first), append(other, second)
		if pr.same {
			equal = append(equal, second)
		} else {
			equal = append(equal, first)
		}
	}
	return stored, equal, other
}

func checkPatchMatch(ctx context.Context, p *probe) error {
	all := pairs(p.bench.ID, upper(p.bench.ID))
	stored, equal, other := lists(all)
	if _, err := p.patch(ctx, p.bench.ID, object{"rules": stored}); err != nil {
		return preparing(err)
	}
	g, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return preparing(err)
	}
	ids := map[string]string{} // by the pair's name
	for _, r := range g.Rules {
		ids[text(r.Description)] = r.ID
	}
	tasks, err := p.patch(ctx, p.bench.ID, object{"rules": equal})
	if err != nil {
		return err
	}
	if err := p.wantKept(ctx, all, ids, func(pair) bool { return true }); err != nil {
		return err
	}
	if tasks > 0 {
		return differs("a PATCH with rules that are all there makes a task")
	}
	if _, err := p.patch(ctx, p.bench.ID, object{"rules": other}); err != nil {
		return err
	}
	if err := p.wantKept(ctx, all, ids, func(pr pair) bool { return pr.same }); err != nil {
		return err
	}
	return p.emptyDescription(ctx)
}

// wantKept tells the rules that keep their ids, since the request matches them, from those that are recreated.
func (p *probe) wantKept(ctx context.Context, all []pair, ids map[string]string, want func(pair) bool) error {
	g, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return err
	}
	for _, pr := range all {
		switch kept := g.rule(ids[pr.name]) != nil; {
		case kept && !want(pr):
			return differs("%s: the rule stays as it is", pr.name)
		case !kept && want(pr):
			return differs("%s: the rule is recreated", pr.name)
		}
	}
	return nil
}

// emptyDescription is about the automatic rules, whose description is "": one that is left out and "" are the same.
func (p *probe) emptyDescription(ctx context.Context) error {
	before, err := p.read(ctx, p.template.ID)
	if err != nil {
		return preparing(err)
	}
	for what, list := range map[string]func(rule) object{
		"without a description":   rule.request,
		`with the description ""`: func(r rule) object { return described(r.request(), "") },
	} {
		var rules []object
		for _, r := range before.Rules {
			rules = append(rules, list(r))
		}
		tasks, err := p.patch(ctx, before.ID, object{"rules": rules})
		if err != nil {
			return err
		}
		if tasks > 0 {
			return differs("a PATCH with the automatic rules, %s, makes a task", what)
		}
	}
	return nil
}

// checkPatchTime: a rule is asked for, then a list without it. If the list is compared when its task runs, it goes.
func checkPatchTime(ctx context.Context, p *probe) error {
	ruleTask, err := p.changeOne(ctx, http.MethodPost, p.groupPath(p.bench.ID, "rules"), tcp(1234))
	if err != nil {
		return preparing(err)
	}
	patchTask, err := p.changeOne(ctx, http.MethodPatch, p.groupPath(p.bench.ID), object{"rules": []object{tcp(4321)}})
	if err != nil {
		_, _ = p.await(ctx, makesRule, ruleTask) // the next check finds the group at rest
		if refused, ok := errors.AsType[*refusal](err); ok && refused.status == http.StatusConflict {
			return notChecked(lockedMeanwhile)
		}
		return preparing(err)
	}
	atAcceptance, err := p.poll(ctx, ruleTask)
	if err != nil {
		return err
	}
	made, err := p.await(ctx, makesRule, ruleTask)
	if err != nil {
		return err
	}
	compared, err := p.await(ctx, changesGroup, patchTask)
	if err != nil {
		return err
	}
	g, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return err
	}
	stays := slices.Contains(g.lines(), "ingress IPv4 tcp 1234-1234")
	switch {
	case ended(atAcceptance.State):
		return notChecked("the rule was there before the PATCH could be accepted")
	case !stays:
		return nil
	case text(made.FinishedOn) < text(compared.FinishedOn):
		return differs("a rule that came after a PATCH was accepted, and before its task ended, stays")
	}
	return notChecked("the PATCH ran before the rule came")
}

// checkPatchOrder sees of the order only that rules go before rules come: otherwise this rule would meet itself.
func checkPatchOrder(ctx context.Context, p *probe) error {
	for _, words := range []string{"first", "second"} {
		rules := []object{described(tcp(2222), words)}
		if _, err := p.patch(ctx, p.bench.ID, object{"rules": rules, "tags": object{"order": words}}); err != nil {
			return err
		}
	}
	g, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return err
	}
	if value, _ := g.tag("order"); len(g.Rules) != 1 || text(g.Rules[0].Description) != "second" || value != "second" {
		return differs("a rule with a new description and a tag, in one PATCH, come to %d rules and the tag %q", len(g.Rules), value)
	}
	return nil
}

func checkPatchTags(ctx context.Context, p *probe) error {
	ids, err := p.change(ctx, http.MethodPatch, p.groupPath(p.bench.ID), object{"tags": object{"alone": "1"}})
	if err != nil {
		return err
	}
	there, err := p.hasTag(ctx, "alone")
	if err != nil {
		return err
	}
	if len(ids) != 0 || !there {
		return differs("a tag alone makes %d tasks; set when the answer comes: %t", len(ids), there)
	}
	patch := object{"tags": object{"beside": "1"}, "description": "beside a tag"}
	taskID, err := p.changeOne(ctx, http.MethodPatch, p.groupPath(p.bench.ID), patch)
	if err != nil {
		return err
	}
	early, err := p.hasTag(ctx, "beside")
	if err != nil {
		return err
	}
	then, err := p.poll(ctx, taskID)
	if err != nil {
		return err
	}
	if _, err := p.await(ctx, changesGroup, taskID); err != nil {
		return err
	}
	there, err = p.hasTag(ctx, "beside")
	switch {
	case err != nil:
		return err
	case !there:
		return differs("a tag beside another change is not there when the task has finished")
	case early && !ended(then.State):
		return differs("a tag beside another change is there before the task ends")
	}
	return nil
}

func (p *probe) hasTag(ctx context.Context, key string) (bool, error) {
	g, err := p.read(ctx, p.bench.ID)
	_, there := g.tag(key)
	return there, err
}

// checkTagCase uses a group of its own: Neutron keeps trying for minutes.
func checkTagCase(ctx context.Context, p *probe) error {
	g, err := p.makeGroup(ctx, object{"name": p.name + "-tags", "rules": []object{}})
	if err != nil {
		return preparing(err)
	}
	_, err = p.patch(ctx, g.ID, object{"tags": object{"Case": "1", "case": "2"}})
	if err := wantRefusal("two tags that differ only in case", err, http.StatusConflict, ""); err != nil {
		return err
	}
	return preparing(p.remove(ctx, g.ID))
}
