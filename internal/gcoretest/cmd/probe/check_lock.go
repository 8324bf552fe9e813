package main

import (
	"cmp"
	"context"
	"net/http"
)

const lockedMeanwhile = "the group is locked while a task of it runs"

// checkLocks asks for a second write of each kind while the first one's task goes on.
func checkLocks(ctx context.Context, p *probe) error {
	there, err := p.addRule(ctx, p.bench.ID, tcp(6000))
	if err != nil {
		return preparing(err)
	}
	first, err := p.changeOne(ctx, http.MethodPost, p.groupPath(p.bench.ID, "rules"), tcp(6001))
	if err != nil {
		return preparing(err)
	}
	judged := p.wantLocked(ctx, first, there.ID)
	_, err = p.await(ctx, makesRule, first)
	return cmp.Or(judged, preparing(err))
}

func (p *probe) wantLocked(ctx context.Context, first, ruleID string) error {
	for _, write := range []struct {
		what, kind, method, path string
		body                     any
	}{
		{"a rule", makesRule, http.MethodPost, p.groupPath(p.bench.ID, "rules"), tcp(6002)},
		{"the deletion of a rule", removesRule, http.MethodDelete, p.groupPath(p.bench.ID, "rules", ruleID), nil},
		{"a PATCH", changesGroup, http.MethodPatch, p.groupPath(p.bench.ID), object{"description": "locked"}},
	} {
		taskIDs, outcome := p.change(ctx, write.method, write.path, write.body)
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
		if want := "Resource `" + p.bench.ID + "` is already locked by another task. Please try again later."; refused.message != want {
			return differs("while a task of the group runs, %s gets %s", write.what, refused.words())
		}
	}
	return nil
}
