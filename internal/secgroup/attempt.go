package secgroup

import (
	"context"
	"errors"
	"fmt"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// retriedWrite is a write to send until its outcome is certain.
type retriedWrite struct {
	// turn is the place among the writes of the group.
	turn *turn
	// build builds the request from the object as it is. It comes before each send. Only with it does it help to send again
	// after somebody else changed the object in the same moment. Nil: the request depends on nothing.
	build func(ctx context.Context) error
	// send sends the request, once. The end of the operation does not cut it off.
	send func(ctx context.Context) error
	// finish follows an accepted request: it waits for the tasks, and may read the outcome back. Its error ends the write,
	// unless the API has forgotten the task. The end of the operation does not cut it off. Nil: the answer was all.
	finish func(ctx context.Context) error
	// conflict is called after a 409 or a used-up quota. It returns an error to stop, or nil to send again. If the field
	// is nil, only a quota stops the write.
	conflict func(ctx context.Context, answer error) error
	// lost is called after a lost answer. It reports whether the write had its effect; if not, it is sent again. The end of
	// the operation does not cut it off. If the field is nil, a lost answer is an error.
	lost func(ctx context.Context, answer error) (done bool, err error)
	// waits reports whether lost, after that answer, waits until nothing more can come of the write. Nil: it never does.
	waits func(answer error) bool
}

const (
	// maxRebuilds is how often a request is built again because somebody else changed the object in the same moment. With
	// the pauses in between that is 20 to 50 seconds, depending on the poll interval.
	maxRebuilds = 12
	// maxLost is how many answers to a write may be lost. With the pauses in between that is about 15 seconds.
	maxLost = 6
	// maxLostAndWaited is maxLost where each loss is waited for, which takes minutes.
	maxLostAndWaited = 3
)

// attempt sends a write until its outcome is certain or ctx ends. It decides, for every write, which answer lets it be sent
// again:
//
//	answer               what the API did   what follows
//	2xx                  accepted it        done
//	429, no connection   nothing            pause, and send again until ctx ends
//	409 lock             nothing            wait for the turn, or for somebody else's task, and send again until ctx ends
//	409, quota           nothing            conflict decides: stop, or send again until ctx ends
//	412                  nothing            with build: build and send again, maxRebuilds times
//	lost                 unknown            lost decides: it is done, or pause and send again, until maxLost are lost,
//	                                        or maxLostAndWaited
//	anything else                           the error
//
// An answer is lost if the connection broke, the request timed out, the answer was a 408 or 5xx or cannot be read, or the
// API has forgotten the task. A pause is as long as the answer asks, else longer each time. Nothing is sent, and nothing is
// built, once ctx has ended. internal/client sends a write once and leaves the rest to this loop.
func (s *Service) attempt(ctx context.Context, w retriedWrite) error {
	a := attempts{retriedWrite: w, client: s.client}
	_, err := s.client.Repeat(ctx, &a, 0, a.next)
	if err != nil && a.refusal != nil && !errors.Is(err, a.refusal) {
		return fmt.Errorf("%w: %w", err, a.refusal)
	}
	return err
}

// attempts are the attempts at one write.
type attempts struct {
	retriedWrite
	client                    *client.Client
	refusal                   error // the last answer after which the request was due again
	rebuilds, refused, losses int
}

// String is why the write is not done yet.
func (a *attempts) String() string {
	if a.refusal == nil {
		return "an answer to a write"
	}
	return a.refusal.Error()
}

// next is one attempt. It returns false without an error if another has to follow.
func (a *attempts) next(ctx context.Context) (done bool, err error) {
	if err := a.turn.take(); err != nil {
		return false, err
	}
	accepted, err := a.once(ctx)
	switch {
	case err == nil:
		return true, nil
	case isLost(err) && a.lost != nil:
		return a.afterLoss(ctx, err)
	case accepted:
		return false, err
	case errors.Is(err, client.ErrNotProcessed):
		a.refused++
		a.refusal = err
		return false, a.client.Backoff(ctx, a.refused, err)
	case errors.Is(err, client.ErrLocked):
		a.refusal = err
		a.turn.refused()
		return false, nil
	case errors.Is(err, client.ErrConflict), errors.Is(err, client.ErrQuota):
		a.refusal = err
		a.turn.end() // nothing is running, and getting past the conflict may take a write
		return false, a.stopAt(ctx, err)
	case errors.Is(err, client.ErrChanged) && a.build != nil && a.rebuilds < maxRebuilds:
		a.rebuilds++
		a.refusal = err
		return false, nil
	case ctx.Err() == nil || !errors.Is(err, ctx.Err()) || errors.Is(err, client.ErrAmbiguous):
		a.refusal = nil // kept only if ctx ended before the request: the answer before it then explains more
	}
	return false, err
}

// once builds the request, sends it and waits for what follows. It reports whether the API has accepted it.
func (a *attempts) once(ctx context.Context) (accepted bool, err error) {
	if a.build != nil {
		if err := a.build(ctx); err != nil {
			return false, err
		}
	}
	if ctx.Err() != nil {
		return false, client.Ended(ctx)
	}
	if err := a.send(begun(ctx)); err != nil {
		return false, err
	}
	a.refusal = nil
	if a.finish == nil {
		return true, nil
	}
	return true, a.finish(begun(ctx))
}

// afterLoss follows a lost answer.
func (a *attempts) afterLoss(ctx context.Context, answer error) (done bool, err error) {
	a.refusal = answer
	if done, err = a.lost(begun(ctx), answer); done || err != nil {
		return done, err
	}
	most := maxLost
	if a.waits != nil && a.waits(answer) {
		most = maxLostAndWaited
	}
	if a.losses++; a.losses < most {
		return false, a.client.Backoff(ctx, a.losses, answer)
	}
	// It is known what came of it: nothing. So the error is no longer an ambiguous one.
	if said, ok := errors.AsType[*client.Error](answer); ok {
		answer, a.refusal = said, nil
	}
	return false, fmt.Errorf("sent %d times, and not done: %w", a.losses, answer)
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
		return client.IsMissingTask(wait)
	}
	return errors.Is(err, client.ErrAmbiguous)
}
