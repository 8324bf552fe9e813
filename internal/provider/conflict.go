package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// conflicts is what can be in the way of a request that the API answers with
// 409. Without either of its functions that is a lock.
type conflicts struct {
	// blocker finds the object that stands in the way; nil means that none does.
	blocker func(ctx context.Context) (inTheWay error, err error)
	// makeRoom takes away what the caller has in a place that is full, or that
	// whoever stands in the way may be waiting for in turn.
	makeRoom func(ctx context.Context) error
}

// pastConflicts repeats what the API answers with 409. What 409 means is told
// by looking: a used-up quota stays; an object in the way gets some time to go,
// then it is the error; anything else is a lock, which ends at the latest with
// the time for the operation.
func (c *configured) pastConflicts(ctx context.Context, with conflicts, send func(context.Context) error) error {
	var conflict error
	_, err := c.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		err := send(ctx)
		if !errors.Is(err, client.ErrConflict) || isQuota(err) && with.makeRoom == nil {
			// A try that the time ended has no answer but the one before.
			if ctx.Err() == nil || !errors.Is(err, ctx.Err()) || errors.Is(err, client.ErrAmbiguous) {
				conflict = nil
			}
			return err == nil, err
		}
		conflict = err
		inTheWay, err := with.look(ctx)
		if err != nil || inTheWay == nil && !isQuota(conflict) {
			return false, err
		}
		if with.makeRoom != nil {
			err, with.makeRoom = with.makeRoom(ctx), nil
		}
		if err != nil || inTheWay == nil {
			return false, err
		}
		return false, c.awaitHandover(ctx, with.blocker)
	})
	if err != nil && conflict != nil {
		return fmt.Errorf("%w: %w", err, conflict)
	}
	return err
}

func (c conflicts) look(ctx context.Context) (inTheWay, err error) {
	if c.blocker == nil {
		return nil, nil
	}
	return c.blocker(ctx)
}

// awaitHandover waits until nothing stands in the way any more. The error is
// what still does.
func (c *configured) awaitHandover(ctx context.Context, blocker func(context.Context) (inTheWay error, err error)) error {
	var inTheWay error
	free, err := c.client.Repeat(ctx, handover, func(ctx context.Context) (_ bool, err error) {
		inTheWay, err = blocker(ctx)
		return inTheWay == nil, err
	})
	if err != nil || free {
		return err
	}
	return inTheWay
}

func isQuota(err error) bool {
	api, ok := errors.AsType[*client.Error](err)
	return ok && api.Class == "QuotaLimitExceed"
}
