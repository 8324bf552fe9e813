package client

import (
	"context"
	"time"
)

// Repeat calls attempt until it is done or fails, or until the waits between the calls add up to patience; a patience of
// zero has no end of its own. The waits are those of WaitForTask. It tells whether attempt was done; the error is
// attempt's, or says why the context ended.
func (c *Client) Repeat(
	ctx context.Context, patience time.Duration, attempt func(context.Context) (done bool, err error),
) (bool, error) {
	var waited time.Duration
	for interval := min(firstPoll, c.pollInterval); ; interval = min(interval+interval/2, c.pollInterval) {
		if done, err := attempt(ctx); done || err != nil {
			return done, err
		}
		if patience > 0 && waited >= patience {
			return false, nil
		}
		if err := c.sleep(ctx, interval); err != nil {
			return false, contextError(ctx)
		}
		waited += interval
	}
}
