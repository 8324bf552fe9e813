package secgroup

import (
	"context"
	"errors"
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// request is something to send until its outcome is certain.
type request struct {
	// send builds the request from what is there, sends it, and may wait for its tasks.
	send func(ctx context.Context) error
	// conflict returns what a 409 means that the request cannot get past, or nil to send it again. Nil: the conflict is
	// a lock, unless a quota is used up.
	conflict func(ctx context.Context, answer error) error
	// lost finds out whether a request whose answer was lost had its effect; if not, it is sent again. Nil: a lost
	// answer is an error.
	lost func(ctx context.Context, answer error) (done bool, err error)
	// rebuilds marks a send that builds the request from the object as it is. Only then does it help to send it again after
	// somebody else changed the object in the same moment.
	rebuilds bool
}

// mostChanges is how often a request is built again because somebody else changed the object in the same moment. With
// the pauses in between that is about half a minute.
const mostChanges = 15

// attempt sends a request until its outcome is certain or ctx ends. This is the only place that sends a write again:
//
//	answer         what the API did   what follows
//	2xx            accepted it        done
//	409            nothing            what stands in the way decides: stop, or send again until ctx ends
//	412            nothing            if it is built from the object: build and send again, mostChanges times
//	lost           unknown            look: it is done, or nothing came of it and it is sent again
//	anything else  nothing            the error
//
// An answer is lost if the connection broke, the answer was a 5xx or cannot be read, or the API has forgotten the task.
// What certainly was not processed (no connection, 429), and every GET and DELETE, internal/client repeats by itself.
func (s *Service) attempt(ctx context.Context, r request) error {
	var refusal error // the last answer after which the request was due again
	changes := 0
	_, err := s.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		err := r.send(ctx)
		switch {
		case err == nil:
			return true, nil
		case isLost(err) && r.lost != nil:
			refusal = nil
			return r.lost(ctx, err)
		case errors.Is(err, client.ErrConflict):
			refusal = err
			return false, r.stopAt(ctx, err)
		case errors.Is(err, client.ErrChanged) && r.rebuilds && changes < mostChanges:
			changes++
			refusal = err
			return false, nil
		case ctx.Err() == nil || !errors.Is(err, ctx.Err()):
			refusal = nil // otherwise the end of ctx cut the request off, and the answer before it says more
		}
		return false, err
	})
	if err != nil && refusal != nil && !errors.Is(err, refusal) {
		return fmt.Errorf("%w: %w", err, refusal)
	}
	return err
}

func (r request) stopAt(ctx context.Context, answer error) error {
	if r.conflict != nil {
		return r.conflict(ctx, answer)
	}
	return stopAtQuota(ctx, answer)
}

func stopAtQuota(_ context.Context, answer error) error {
	if IsQuota(answer) {
		return answer
	}
	return nil
}

// isLost reports whether the outcome of a request is unknown.
func isLost(err error) bool {
	if wait, ok := errors.AsType[*client.WaitError](err); ok {
		return errors.Is(wait, client.ErrNotFound)
	}
	return errors.Is(err, client.ErrAmbiguous)
}

// IsQuota reports whether an error is a used-up quota.
func IsQuota(err error) bool {
	answer, ok := errors.AsType[*client.Error](err)
	return ok && answer.Class == "QuotaLimitExceed"
}
