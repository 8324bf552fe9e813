package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// pastConflicts repeats what the API answers with 409. What 409 means is told
// by looking: a used-up quota stays; an object in the way gets some time to go,
// then it is the error; anything else is a lock, which ends at the latest with
// the time for the operation.
func (c *configured) pastConflicts(
	ctx context.Context, blocker func(context.Context) (inTheWay error, err error), send func(context.Context) error,
) error {
	var conflict error
	_, err := c.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		conflict = nil
		err := send(ctx)
		if !errors.Is(err, client.ErrConflict) || isQuota(err) {
			return err == nil, err
		}
		conflict = err
		if blocker == nil {
			return false, nil
		}
		return false, c.awaitHandover(ctx, blocker)
	})
	if err != nil && conflict != nil {
		return fmt.Errorf("%w: %w", err, conflict)
	}
	return err
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
