package main

import (
	"cmp"
	"context"
	"net/http"
)

const lockedMeanwhile = "the group is locked while a task of it runs"

// checkLocks asks for a second write of each kind while the first one's task goes on, in a group of its own: a write that
// is not refused may delete it.
func checkLocks(ctx context.Context, p *probe) error {
	g, err := p.makeGroup(ctx, object{"name": p.name + "-locked", "rules": []object{tcp(6000)}})
	if err != nil {
		return preparing(err)
	}
	first, err := p.changeOne(ctx, http.MethodPost, p.groupPath(g.ID, "rules"), tcp(6001))
	if err != nil {
		return preparing(err)
	}
	judged := p.wantLocked(ctx, first, g)
	_, err = p.await(ctx, makesRule, first)
	return cmp.Or(judged, preparing(err), preparing(p.remove(ctx, g.ID)))
}

// wantLocked expects each write of a group to be refused while the first task goes on.
func (p *probe) wantLocked(ctx context.Context, first string, g group) error {
	changes := func(method, path string, body any) func() ([]string, error) {
		return func() ([]string, error) { return p.change(ctx, method, path, body) }
	}
	for _, write := range []struct {
		what, kind string
		send       func() (taskIDs []string, err error)
	}{
		{"a rule", makesRule, changes(http.MethodPost, p.groupPath(g.ID, "rules"), tcp(6002))},
		{"the deletion of a rule", removesRule, changes(http.MethodDelete, p.groupPath(g.ID, "rules", g.Rules[0].ID), nil)},
		{"a PATCH", changesGroup, changes(http.MethodPatch, p.groupPath(g.ID), object{"description": "locked"})},
		{"a revert", "", func() ([]string, error) {
			_, err := call[group](ctx, p.api, http.MethodPost, p.readPath(g.ID, "revert"), nil)
			return nil, err
		}},
		{"the deletion of the group", "", func() ([]string, error) { return nil, p.remove(ctx, g.ID) }},
	} {
		taskIDs, outcome := write.send()
		then, err := p.poll(ctx, first)
		if err != nil {
			return preparing(err)
		}
		for _, id := range taskIDs {
			_, _ = p.await(ctx, write.kind, id) // the next check finds the group at rest
		}
		if ended(then.State) && outcome == nil {
			return notChecked("the first task had ended before the second write could be accepted")
		}
		refused, err := refusalOf("while a task of the group runs, "+write.what, outcome, http.StatusConflict, "ConflictError")
		if err != nil {
			return err
		}
		if want := "Resource `" + g.ID + "` is already locked by another task. Please try again later."; refused.message != want {
			return differs("while a task of the group runs, %s gets %s", write.what, refused.words())
		}
	}
	return nil
}
