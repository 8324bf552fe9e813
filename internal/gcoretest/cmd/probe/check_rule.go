package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
)

func checkHostBits(ctx context.Context, p *probe) error {
	stored, err := p.addRule(ctx, p.bench.ID, ingress(object{"remote_ip_prefix": "10.0.0.1/8"}))
	if err == nil {
		return differs("10.0.0.1/8 is accepted and stored as %s", text(stored.RemoteIPPrefix))
	}
	if err := wantRefusal("10.0.0.1/8", err, http.StatusBadRequest, ""); err != nil {
		return err
	}
	_, err = p.patch(ctx, p.bench.ID, object{"rules": []object{
		ingress(object{"remote_ip_prefix": "192.0.2.1"}),
		ingress(object{"remote_ip_prefix": "198.51.100.0/255.255.255.0"}),
		ingress(object{"ethertype": "IPv6", "remote_ip_prefix": "2001:DB8:0:0::/32"}),
		ingress(object{"ethertype": "IPv6", "remote_ip_prefix": "2001:db8::1"}),
	}})
	if err != nil {
		return err
	}
	return p.wantLines(ctx, "ingress IPv4 from 192.0.2.1/32", "ingress IPv4 from 198.51.100.0/24",
		"ingress IPv6 from 2001:db8::/32", "ingress IPv6 from 2001:db8::1/128")
}

// wantLines compares the rules of the bench.
func (p *probe) wantLines(ctx context.Context, lines ...string) error {
	g, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return err
	}
	if difference := compareLines(lines, g.lines()); difference != "" {
		return differs("what is stored is otherwise, %s", difference)
	}
	return nil
}

func checkIPEncap(ctx context.Context, p *probe) error {
	stored, err := p.addRule(ctx, p.bench.ID, ingress(object{"protocol": "ipencap"}))
	if err != nil {
		return err
	}
	if text(stored.Protocol) != "ipencap" {
		return differs("ipencap is stored as %s", text(stored.Protocol))
	}
	_, err = p.addRule(ctx, p.bench.ID, ingress(object{"protocol": "ipip"}))
	return wantRefusal("an ipip rule beside an equal ipencap rule", err, http.StatusConflict, "")
}

func checkFullRange(ctx context.Context, p *probe) error {
	all := func(protocol any) object {
		return ingress(object{"protocol": protocol, "port_range_min": 1, "port_range_max": 65535})
	}
	if _, err := p.patch(ctx, p.bench.ID, object{"rules": []object{all("tcp"), all("gre"), all("icmp"), all(nil)}}); err != nil {
		return err
	}
	return p.wantLines(ctx, "ingress IPv4 tcp", "ingress IPv4 gre", "ingress IPv4 icmp", "ingress IPv4")
}

// checkNeutronWords asks for what Neutron refuses, and for what Gcore's schema refuses.
func checkNeutronWords(ctx context.Context, p *probe) error {
	there, err := p.addRule(ctx, p.bench.ID, tcp(443))
	if err != nil {
		return preparing(err)
	}
	for _, request := range []struct {
		what    string
		rule    object
		status  int
		class   string
		message string
	}{
		{"port 0", tcp(0), http.StatusBadRequest, "SecurityGroupInvalidPortValue", "Invalid value for port 0"},
		{"a rule that is there", tcp(443), http.StatusConflict, "SecurityGroupRuleExists",
			"Security group rule already exists. Rule id is " + there.ID + "."},
	} {
		_, err := p.addRule(ctx, p.bench.ID, request.rule)
		refused, err := refusalOf(request.what, err, request.status, request.class)
		if err != nil {
			return err
		}
		if refused.message != request.message {
			return differs("%s gets %s", request.what, refused.words())
		}
	}
	const field = "rules.0.direction"
	_, err = p.patch(ctx, p.bench.ID, object{"rules": []object{{"direction": "sideways"}}})
	refused, err := refusalOf("a bad direction", err, http.StatusBadRequest, "ValidationError")
	if err != nil {
		return err
	}
	if _, ok := refused.fields[field]; !ok {
		return differs("a bad direction gets %s, and %s is none of its invalid_fields: %v", refused.words(), field, refused.fields)
	}
	return nil
}

// checkEarlyRefusal asks for rules that only Neutron can refuse. One that were accepted would end as a failed task.
func checkEarlyRefusal(ctx context.Context, p *probe) error {
	for _, refused := range []struct {
		what   string
		rule   object
		status int
	}{
		{"ports without a protocol", ingress(object{"port_range_min": 80, "port_range_max": 80}), http.StatusBadRequest},
		{"a CIDR of the other family", ingress(object{"remote_ip_prefix": "2001:db8::/32"}), http.StatusBadRequest},
		{"an unknown remote group", ingress(object{"remote_group_id": unknownID}), http.StatusNotFound},
	} {
		_, err := p.addRule(ctx, p.bench.ID, refused.rule)
		if err := wantRefusal(refused.what, err, refused.status, ""); err != nil {
			return err
		}
	}
	return nil
}

// checkLateRefusal deletes a group after a rule and a PATCH that name it have been accepted.
func checkLateRefusal(ctx context.Context, p *probe) error {
	remote, err := p.makeGroup(ctx, object{"name": p.name + "-vanishing", "rules": []object{}})
	if err != nil {
		return preparing(err)
	}
	before, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return preparing(err)
	}
	naming := ingress(object{"remote_group_id": remote.ID})
	ruleTask, err := p.changeOne(ctx, http.MethodPost, p.groupPath(p.template.ID, "rules"), naming)
	if err != nil {
		return preparing(err)
	}
	patch := object{"description": "never", "rules": []object{naming}}
	patchTask, err := p.changeOne(ctx, http.MethodPatch, p.groupPath(p.bench.ID), patch)
	if err != nil {
		return preparing(err)
	}
	if err := p.remove(ctx, remote.ID); err != nil {
		return err
	}
	words := "Security group " + remote.ID + " does not exist"
	ruleErr := p.wantLateRefusal(ctx, makesRule, ruleTask, words)
	patchErr := p.wantLateRefusal(ctx, changesGroup, patchTask, words)
	if err := cmp.Or(ruleErr, patchErr); err != nil {
		return err
	}
	after, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return err
	}
	if text(after.Description) != text(before.Description) || !slices.Equal(after.lines(), before.lines()) {
		return differs("a PATCH whose task failed changed its group: description %q, rules %s",
			text(after.Description), strings.Join(after.lines(), ", "))
	}
	return nil
}

func (p *probe) wantLateRefusal(ctx context.Context, kind, taskID, words string) error {
	last, err := p.await(ctx, kind, taskID)
	switch {
	case err == nil:
		return notChecked("the task of the %s had ended before the remote group was gone", kind)
	case last.State != stateFailed:
		return err
	case text(last.Error) != words:
		return differs("the task of the %s ends with the words %q", kind, text(last.Error))
	}
	return nil
}

// checkDuplicateRace sends the same rule several times at once.
func checkDuplicateRace(ctx context.Context, p *probe) error {
	const times = 4
	taskIDs, refusals := [times]string{}, [times]error{}
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() {
			taskIDs[i], refusals[i] = p.changeOne(ctx, http.MethodPost, p.groupPath(p.bench.ID, "rules"), tcp(4444))
		})
	}
	all.Wait()
	for i := range times {
		err := refusals[i]
		if err == nil {
			_, err = p.await(ctx, makesRule, taskIDs[i])
		}
		if err := tolerateConflict(err); err != nil {
			return err
		}
	}
	g, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return err
	}
	twins := slices.DeleteFunc(g.lines(), func(line string) bool { return line != "ingress IPv4 tcp 4444-4444" })
	if len(twins) != 1 {
		return differs("of %d equal rules sent at once %d got in", times, len(twins))
	}
	return nil
}

// tolerateConflict lets the ways pass in which a rule is refused that another request has made.
func tolerateConflict(err error) error {
	if refused, ok := errors.AsType[*refusal](err); ok && refused.status == http.StatusConflict {
		return nil
	}
	if _, ok := errors.AsType[*taskFailed](err); ok {
		return nil
	}
	return err
}

// checkLimits: 251 rules are refused in a list and one by one. In the end the group is empty again.
func checkLimits(ctx context.Context, p *probe) error {
	judged := p.limits(ctx)
	_, err := p.patch(ctx, p.bench.ID, object{"rules": []object{}})
	return cmp.Or(judged, preparing(err))
}

func (p *probe) limits(ctx context.Context) error {
	rules := func(n int) (list []object) {
		for i := range n {
			list = append(list, tcp(10001+i))
		}
		return list
	}
	_, err := p.patch(ctx, p.bench.ID, object{"rules": rules(251)})
	if err := wantRefusal("a list of 251 rules", err, http.StatusBadRequest, ""); err != nil {
		return err
	}
	if _, err := p.patch(ctx, p.bench.ID, object{"rules": rules(250)}); err != nil {
		return err
	}
	// Neutron would refuse port 0: the limit comes first.
	_, err = p.addRule(ctx, p.bench.ID, tcp(0))
	return wantRefusal("the 251st rule", err, http.StatusBadRequest, "QuotaLimitExceed")
}

func checkIPv6ICMP(ctx context.Context, p *probe) error {
	const words = "Protocol icmp is prohibited for ethertype IPv6. You should specify ipv6-icmp for ethertype: IPv6"
	_, err := p.addRule(ctx, p.bench.ID, ingress(object{"ethertype": "IPv6", "protocol": "icmp"}))
	refused, err := refusalOf("icmp with IPv6", err, http.StatusBadRequest, "ValidationError")
	if err != nil {
		return err
	}
	if refused.message != words {
		return differs("icmp with IPv6 gets %s", refused.words())
	}
	return nil
}

// checkPort25 asks for egress that covers port 25, as a rule of its own and in lists.
func checkPort25(ctx context.Context, p *probe) error {
	if _, err := p.addRule(ctx, p.bench.ID, object{"direction": "egress", "protocol": "tcp", "port_range_min": 20, "port_range_max": 30}); err != nil {
		return err
	}
	if _, err := p.patch(ctx, p.bench.ID, object{"rules": []object{{"direction": "egress"}, {"direction": "egress", "ethertype": "IPv6"}}}); err != nil {
		return err
	}
	g, err := p.makeGroup(ctx, object{"name": p.name + "-egress", "rules": []object{{"direction": "egress"}}})
	if err != nil {
		return err
	}
	return preparing(p.remove(ctx, g.ID))
}
