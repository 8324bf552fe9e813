package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// templateLines are the rules that a group made without rules was seen to have.
func templateLines() []string {
	var lines []string
	for _, family := range []struct{ ethertype, protocols string }{
		{"IPv4", "ah dccp egp esp gre icmp igmp ospf pgm rsvp sctp udplite vrrp"},
		{"IPv6", "ah dccp egp esp gre igmp ipv6-encap ipv6-frag ipv6-icmp ipv6-nonxt ipv6-opts ipv6-route ospf pgm rsvp sctp udplite vrrp"},
	} {
		for _, protocol := range strings.Fields(family.protocols) {
			lines = append(lines, "egress "+family.ethertype+" "+protocol)
		}
		for _, ports := range []string{"tcp 1-24", "tcp 26-65535", "udp 1-24", "udp 26-65535"} {
			lines = append(lines, "egress "+family.ethertype+" "+ports)
		}
	}
	return lines
}

// revertedLines are the rules that the vendor's firewall page lists for the group `default` since June 2026.
func revertedLines() []string {
	lines := []string{"egress IPv4", "egress IPv6", "ingress IPv4 icmp", "ingress IPv6 ipv6-icmp"}
	for _, family := range []string{"IPv4", "IPv6"} {
		for _, port := range []string{"tcp 22-22", "tcp 3389-3389", "udp 3389-3389"} {
			lines = append(lines, "ingress "+family+" "+port)
		}
	}
	return lines
}

func checkDefaultTemplate(_ context.Context, p *probe) error {
	if difference := compareLines(templateLines(), p.template.lines()); difference != "" {
		return differs("a group made without rules has others, %s", difference)
	}
	return nil
}

// checkDescriptions is about rules that nobody described.
func checkDescriptions(ctx context.Context, p *probe) error {
	made, err := p.addRule(ctx, p.bench.ID, tcp(7777))
	if err != nil {
		return err
	}
	for _, r := range append([]rule{made}, p.template.Rules...) {
		if text(r.Description) != "" {
			return differs("the rule %q has the description %q, not an empty one", r, text(r.Description))
		}
	}
	return nil
}

// checkExtraFields is about the fields of a group that no document has.
func checkExtraFields(ctx context.Context, p *probe) error {
	if _, err := p.patch(ctx, p.bench.ID, object{"tags": object{"extra": "1=2"}}); err != nil {
		return preparing(err)
	}
	g, err := call[struct {
		Tags     []string `json:"tags"`
		Metadata []tag    `json:"metadata"`
	}](ctx, p.api, http.MethodGet, p.readPath(p.bench.ID), nil)
	if err != nil {
		return err
	}
	if !slices.Contains(g.Tags, "extra=1=2") || !slices.Contains(g.Metadata, tag{"extra", "1=2"}) {
		return differs("a group with the tag extra has tags %v and metadata %v", g.Tags, g.Metadata)
	}
	return nil
}

func checkDefaultEgress(ctx context.Context, p *probe) error {
	g, err := p.makeGroup(ctx, object{"name": p.name + "-ingress", "rules": []object{tcp(443)}})
	if err != nil {
		return err
	}
	if difference := compareLines([]string{"ingress IPv4 tcp 443-443"}, g.lines()); difference != "" {
		return differs("a group made with one ingress rule: %s", difference)
	}
	return preparing(p.remove(ctx, g.ID))
}

func checkGroupDescription(ctx context.Context, p *probe) error {
	if _, err := p.patch(ctx, p.bench.ID, object{"description": strings.Repeat("ä", 255)}); err != nil {
		return err
	}
	_, err := p.change(ctx, http.MethodPatch, p.groupPath(p.bench.ID), object{"description": strings.Repeat("ä", 256)})
	return wantRefusal("a description of 256 characters", err, http.StatusBadRequest, "")
}

// checkNames asks for "Default", not for "default": where that were accepted, instances could land in the new group.
func checkNames(ctx context.Context, p *probe) error {
	twin, err := p.makeGroup(ctx, object{"name": p.bench.Name, "rules": []object{}})
	if err != nil {
		return err
	}
	_, err = p.patch(ctx, twin.ID, object{"name": "Default"})
	if err := wantRefusal("the new name Default", err, http.StatusConflict, ""); err != nil {
		return err
	}
	_, err = p.makeGroup(ctx, object{"name": "Default", "rules": []object{}})
	if err := wantRefusal("a new group Default", err, http.StatusConflict, ""); err != nil {
		return err
	}
	return preparing(p.remove(ctx, twin.ID))
}

func checkRemoteCascade(ctx context.Context, p *probe) error {
	remote, err := p.makeGroup(ctx, object{"name": p.name + "-remote", "rules": []object{}})
	if err != nil {
		return preparing(err)
	}
	named := func(protocol string) object {
		return ingress(object{"protocol": protocol, "remote_group_id": remote.ID})
	}
	if _, err := p.patch(ctx, p.bench.ID, object{"rules": []object{named("tcp"), named("udp"), tcp(80)}}); err != nil {
		return preparing(err)
	}
	before, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return preparing(err)
	}
	if err := p.remove(ctx, remote.ID); err != nil {
		return err
	}
	after, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return err
	}
	if difference := compareLines([]string{"ingress IPv4 tcp 80-80"}, after.lines()); difference != "" {
		return differs("after the remote group is gone: %s", difference)
	}
	if grown := after.RevisionNumber - before.RevisionNumber; grown != 1 {
		return differs("two rules that go with their remote group count for %d revisions, not 1", grown)
	}
	return nil
}

func checkRevert(ctx context.Context, p *probe) error {
	before, err := p.read(ctx, p.template.ID)
	if err != nil {
		return preparing(err)
	}
	answered, err := call[group](ctx, p.api, http.MethodPost, p.readPath(before.ID, "revert"), nil)
	if err != nil {
		return err
	}
	after, err := p.read(ctx, p.template.ID)
	if err != nil {
		return err
	}
	for _, g := range []group{answered, after} {
		if difference := compareLines(revertedLines(), g.lines()); difference != "" {
			return differs("a reverted group has not the rules of the group default, %s", difference)
		}
	}
	for _, r := range before.Rules {
		if after.rule(r.ID) != nil {
			return differs("the rule %q keeps its id", r)
		}
	}
	return nil
}

func checkRevisions(ctx context.Context, p *probe) error {
	for _, g := range []group{p.bench, p.template} {
		if want := int64(2 + len(g.Rules)); g.RevisionNumber != want {
			return differs("a new group with %d rules has revision %d, not %d", len(g.Rules), g.RevisionNumber, want)
		}
	}
	g, err := p.read(ctx, p.bench.ID)
	if err != nil {
		return preparing(err)
	}
	revision := g.RevisionNumber
	for _, step := range []struct {
		what  string
		count int64
		patch object
	}{
		{"two new tags", 1, object{"tags": object{"revision-a": "1", "revision-b": "2"}}},
		{"a new description", 1, object{"description": "revisions"}},
		{"no change", 0, object{"description": "revisions"}},
		{"two rules in place of all others", int64(2 + len(g.Rules)), object{"rules": []object{tcp(1001), tcp(1002)}}},
	} {
		if _, err := p.patch(ctx, g.ID, step.patch); err != nil {
			return err
		}
		now, err := p.read(ctx, g.ID)
		if err != nil {
			return err
		}
		if grown := now.RevisionNumber - revision; grown != step.count {
			return differs("%s: %d revisions, not %d", step.what, grown, step.count)
		}
		revision = now.RevisionNumber
	}
	return nil
}

// checkGroupDeletion is about a group that nothing uses or names.
func checkGroupDeletion(ctx context.Context, p *probe) error {
	g, err := p.makeGroup(ctx, object{"name": p.name + "-deleted", "rules": []object{tcp(80)}})
	if err != nil {
		return preparing(err)
	}
	path := p.readPath(g.ID)
	got, err := p.api.send(ctx, http.MethodDelete, path, nil)
	switch {
	case err != nil:
		return err
	case got.status >= 300:
		return newRefusal(http.MethodDelete, path, got)
	case got.status != http.StatusNoContent || len(got.body) > 0:
		return differs("the answer is %d with %d bytes, not an empty 204", got.status, len(got.body))
	}
	_, err = p.read(ctx, g.ID)
	if err := wantRefusal("reading a deleted group", err, http.StatusNotFound, "NotFoundError"); err != nil {
		return err
	}
	delete(p.groups, g.ID)
	return nil
}
