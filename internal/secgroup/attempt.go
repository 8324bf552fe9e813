package secgroup

import (
	"context"
	"errors"
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// retriedWrite is a write to send until its outcome is certain.
type retriedWrite struct {
	// send builds the request from what is there and sends it.
	send func(ctx context.Context) error
	// finish follows an accepted request: it waits for the tasks, and may read the outcome back. Its error ends the write,
	// unless the API has forgotten the task. Nil: the answer was all.
	finish func(ctx context.Context) error
	// conflict is called after a 409 or a used-up quota. It returns an error to stop, or nil to send again. If the field
	// is nil, only a quota stops the write.
	conflict func(ctx context.Context, answer error) error
	// lost is called after a lost answer. It reports whether the write had its effect; if not, it is sent again. If the
	// field is nil, a lost answer is an error.
	lost func(ctx context.Context, answer error) (done bool, err error)
	// turn is the place among the writes of the group.
	turn *turn
	// rebuilds marks a send that builds the request from the object as it is. Only then does it help to send it again after
	// somebody else changed the object in the same moment.
	rebuilds bool
}

// maxRebuilds is how often a request is built again because somebody else changed the object in the same moment. With the
// pauses in between that is 20 to 50 seconds, depending on the poll interval.
const maxRebuilds = 12

// attempt sends a write until its outcome is certain or ctx ends. It decides, for every write, which answer lets it be sent
// again:
//
//	answer         what the API did   what follows
//	2xx            accepted it        done
//	409 lock       nothing            wait for the turn, or for somebody else's task, and send again until ctx ends
//	409, quota     nothing            conflict decides: stop, or send again until ctx ends
//	412            nothing            with rebuilds: build and send again, maxRebuilds times
//	lost           unknown            lost decides: it is done, or nothing came of it and it is sent again
//	anything else                     the error
//
// An answer is lost if the connection broke, the request timed out, the answer was a 408 or 5xx or cannot be read, or the
// API has forgotten the task. internal/client repeats by itself what certainly was not processed (no connection, 429), and
// GET, DELETE and the revert of a group, which have the same effect however often they are sent.
func (s *Service) attempt(ctx context.Context, w retriedWrite) error {
	var refusal error // the last answer after which the request was due again
	rebuilds := 0
	_, err := s.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		if err := w.turn.take(); err != nil {
			return false, err
		}
		err := w.send(ctx)
		accepted := err == nil
		if accepted {
			refusal = nil
			err = w.finished(ctx)
		}
		switch {
		case err == nil:
			return true, nil
		case isLost(err) && w.lost != nil:
			refusal = err
			return w.lost(ctx, err)
		case accepted:
			return false, err
		case errors.Is(err, client.ErrLocked):
			refusal = err
			w.turn.refused()
			return false, nil
		case errors.Is(err, client.ErrConflict), errors.Is(err, client.ErrQuota):
			refusal = err
			w.turn.end() // nothing is running, and getting past the conflict may take a write
			return false, w.stopAt(ctx, err)
		case errors.Is(err, client.ErrChanged) && w.rebuilds && rebuilds < maxRebuilds:
			rebuilds++
			refusal = err
			return false, nil
		case ctx.Err() == nil || !errors.Is(err, ctx.Err()) || errors.Is(err, client.ErrAmbiguous):
			refusal = nil // kept only if ctx ended during the request: the answer before it then explains more
		}
		return false, err
	})
	if err != nil && refusal != nil && !errors.Is(err, refusal) {
		return fmt.Errorf("%w: %w", err, refusal)
	}
	return err
}

func (w retriedWrite) finished(ctx context.Context) error {
	if w.finish == nil {
		return nil
	}
	return w.finish(ctx)
}

// stopAt returns the error that ends the write after a conflict, or nil to send it again.
func (w retriedWrite) stopAt(ctx context.Context, answer error) error {
	switch {
	case w.conflict != nil:
		return w.conflict(ctx, answer)
	case errors.Is(answer, client.ErrQuota):
		return answer
	}
	return nil
}

// isLost reports whether the answer was lost, or the API has forgotten the task.
func isLost(err error) bool {
	if wait, ok := errors.AsType[*client.WaitError](err); ok {
		return errors.Is(wait, client.ErrNotFound)
	}
	return errors.Is(err, client.ErrAmbiguous)
}
