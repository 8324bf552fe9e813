package secgroup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// Pending is a create that has been sent and whose object is not known yet. It is what has to survive the run, as JSON
// in the state.
type Pending struct {
	// TaskID is empty if the answer to the request was lost.
	TaskID string `json:"task_id,omitempty"`
	// Began is when the request was first sent, by this machine's clock.
	Began time.Time `json:"began"`
	// Sent is when it was last sent, by the same clock, if it was sent more than once.
	Sent time.Time `json:"sent,omitzero"`
	// Since is Began by the server's clock, as early as it can have been: the next run may be on a machine whose
	// clock differs. Zero if no answer has given the server's time.
	Since time.Time `json:"since,omitzero"`
}

func (p Pending) lastSent() time.Time {
	if p.Sent.IsZero() {
		return p.Began
	}
	return p.Sent
}

// Journal records how far a create has come, so that no end of the run loses the object.
type Journal interface {
	// Pending is called before the request is sent, and again once its task is known. If the error of the create is then one
	// of IsNothing, the memory can be dropped.
	Pending(p Pending)
	// Created is called once the id of the object is known. What follows may still fail.
	Created(id string)
}

// createSpec is a POST that creates one object, and how to tell that object from all others if its answer, or its task,
// is lost. The API knows no idempotency key, so a POST is never sent again before it is certain that nothing came of
// the last one.
type createSpec struct {
	group    Ref // of a rule; for a new group the location alone
	isRule   bool
	taskType string
	// lockName keeps creates of equal objects apart while their outcome is open.
	lockName string
	post     func(ctx context.Context) (taskID string, err error)
	// holder finds the object that stands in the place of the new one; nil: none does.
	holder func(ctx context.Context) (*CreateError, error)
	// patience is how long the holder is given to be deleted before it is the error.
	patience time.Duration
	// repeats is how long a POST that was answered with a 503 is looked for before it is sent again, so that no second
	// object comes of it.
	repeats time.Duration
	created func(client.Task) []string
	// shown reports whether a group, as read, shows the object of that id, and how it is not what was asked for, or is older;
	// "" if it is all that.
	shown func(group client.SecurityGroup, id string, since time.Time) (there bool, different string)
	// lookalikes lists the objects that are in every respect what was asked for.
	lookalikes func(ctx context.Context) ([]lookalike, error)
	// asked reports whether a request, as a task's data repeats it, is the POST.
	asked func(client.TaskRequest) bool
}

func (spec createSpec) failed(outcome Outcome, cause error, candidates ...string) *CreateError {
	return &CreateError{Outcome: outcome, Group: spec.group, IsRule: spec.isRule, Cause: cause, Candidates: candidates}
}

// String says what is looked for.
func (spec createSpec) String() string { return "the outcome of the create of " + spec.lockName }

// place is the group to read for an object, and the id of the rule in it; "" if the object is the group.
func (spec createSpec) place(id string) (group Ref, ruleID string) {
	if spec.isRule {
		return spec.group, id
	}
	return Ref{spec.group.Location, id}, ""
}

// notYet is a create of which nothing is found so far.
func (spec createSpec) notYet(e effort, cause error, candidates ...string) error {
	outcome := Unresolved
	if e == toRead {
		outcome = StillRunning
	}
	result := spec.failed(outcome, cause, candidates...)
	result.Search = errNotYet
	return result
}

// unresolved is a create that may have made something, as the search for it failed too.
func (spec createSpec) unresolved(cause, search error) error {
	e := spec.failed(Unresolved, cause)
	e.Search = search
	return e
}

// create creates an object and returns its id, once a read shows that it is what was asked for. From the moment before the
// object may exist, remember is told how to find it.
func (s *Service) create(ctx context.Context, spec createSpec, remember func(Pending)) (string, error) {
	var p Pending
	turn := s.turns.of(ctx, spec.group)
	defer turn.end()
	err := s.send(ctx, spec, &p, turn, remember)
	switch {
	case err == nil:
	case p.Began.IsZero(), IsNothing(err):
		return "", err
	case OutcomeOf(err) == 0:
		return "", spec.failed(Refused, err)
	}
	if since, known := s.client.ServerTime(p.Began); known {
		p.Since = since
	}
	remember(p)
	if err != nil {
		return "", err
	}
	id, err := s.outcome(begun(ctx), spec, p, toCreate, func(ctx context.Context, taskID string) (client.Task, error) {
		defer turn.end()
		return s.client.WaitForTask(ctx, taskID)
	})
	return s.claim(spec, id, err)
}

// claim takes an object for the caller. No other resource of this process may have it.
func (s *Service) claim(spec createSpec, id string, err error) (string, error) {
	if err == nil && !s.known.add(id) {
		return "", spec.failed(Doubtful, nil, id)
	}
	return id, err
}

// send sends the POST until it is certain that the API has accepted it; the task is then in p. It is sent again only where
// nothing can come of the last one. Another one whose answer was lost may still be carried out, and is left open.
func (s *Service) send(ctx context.Context, spec createSpec, p *Pending, turn *turn, remember func(Pending)) error {
	release, err := s.locks.acquire(ctx, keyOf(spec.group.Location, spec.lockName), alone)
	if err != nil {
		return err
	}
	defer release()
	doubt := false // an earlier request may still have its effect
	err = s.attempt(ctx, retriedWrite{
		turn: turn,
		send: func(ctx context.Context) (err error) {
			if now := s.client.Now(); doubt {
				p.Sent = now
			} else {
				*p = Pending{Began: now}
			}
			if since, known := s.client.ServerTime(p.Began); known {
				p.Since = since
			}
			remember(*p)
			p.TaskID, err = spec.post(ctx)
			return err
		},
		conflict: func(ctx context.Context, answer error) error { return s.passHolder(ctx, spec, answer) },
		lost: func(ctx context.Context, answer error) (_ bool, err error) {
			doubt = true
			p.Since = time.Time{} // the answers to the search tell it better
			e := toCreate
			if errors.Is(answer, client.ErrOverloaded) {
				e = toRepeat
			}
			p.TaskID, err = s.findTask(ctx, spec, *p, e, answer)
			if e == toRepeat && OutcomeOf(err) == MadeNothing {
				return false, nil
			}
			return err == nil, err
		},
		waits: func(answer error) bool { return errors.Is(answer, client.ErrOverloaded) },
	})
	switch {
	case err == nil:
		s.known.add(p.TaskID)
	case doubt && (OutcomeOf(err) == 0 || s.isUnclaimed(err)):
		// What refuses the last request may be what an earlier one has made.
		return spec.unresolved(err, errNotYet)
	}
	return err
}

// isUnclaimed reports whether a create met an object that no resource of this process has.
func (s *Service) isUnclaimed(err error) bool {
	found, ok := errors.AsType[*CreateError](err)
	return ok && found.Outcome == Exists && !slices.ContainsFunc(found.Candidates, s.known.has)
}

// passHolder finds out, by looking, what a 409 to a create means. A used-up quota is the error, and so is an object that
// stays in the place of the new one; anything else is a lock.
func (s *Service) passHolder(ctx context.Context, spec createSpec, answer error) error {
	if errors.Is(answer, client.ErrQuota) {
		return answer
	}
	holder, err := spec.holder(ctx)
	if err == nil && holder != nil && spec.patience > 0 {
		_, err = s.client.Repeat(ctx, holder, spec.patience, func(ctx context.Context) (_ bool, err error) {
			holder, err = spec.holder(ctx)
			return holder == nil, err
		})
	}
	if err != nil || holder == nil {
		return err
	}
	holder.Cause = answer
	return holder
}

// readTask returns a task, or its last state: at once, or when it has ended.
type readTask func(ctx context.Context, taskID string) (client.Task, error)

// outcome finds out what came of a create: the id of its object, or a *CreateError, or an error that leaves it open.
func (s *Service) outcome(ctx context.Context, spec createSpec, p Pending, e effort, await readTask) (string, error) {
	if p.TaskID == "" {
		taskID, err := s.findTask(ctx, spec, p, e, nil)
		if err != nil {
			return "", err
		}
		p.TaskID = taskID
	}
	task, err := await(ctx, p.TaskID)
	if err == nil {
		switch task.State {
		case client.TaskFinished:
			return s.finished(ctx, spec, p, e, task)
		case client.TaskNew, client.TaskRunning:
			return "", spec.failed(StillRunning, nil)
		}
		err = &client.TaskError{Task: task}
	}
	forgotten := client.IsMissingTask(err)
	if failed, ok := errors.AsType[*client.TaskError](err); !forgotten && (!ok || failed.Task.State != client.TaskFailed) {
		return "", err
	}
	switch {
	case errors.Is(err, client.ErrExists):
		return "", s.existing(ctx, spec, err)
	case errors.Is(err, client.ErrQuota):
		return "", spec.failed(MadeNothing, err)
	}
	return s.findObject(ctx, spec, p, e, err)
}

// finished is the id of the object that a finished task made. What the task names has to be what was asked for; otherwise,
// or if it does not name one object, the object is looked for.
func (s *Service) finished(ctx context.Context, spec createSpec, p Pending, e effort, task client.Task) (string, error) {
	made := spec.created(task)
	cause := fmt.Errorf("task %s has finished but names %d objects where one was expected", task.ID, len(made))
	if len(made) == 1 {
		since := task.CreatedOn.Time
		if since.IsZero() {
			since = s.span(p).from
		}
		different, err := s.verify(ctx, spec, made[0], since, e)
		if err != nil || different == "" {
			return made[0], err
		}
		cause = fmt.Errorf("task %s has finished but names %s, which %s", task.ID, made[0], different)
	}
	return s.findObject(ctx, spec, p, e, cause)
}

// verify reads until an object shows, and says how it is not what was asked for; "" if it is. Nothing is changed on an
// object before that.
func (s *Service) verify(
	ctx context.Context, spec createSpec, id string, since time.Time, e effort,
) (different string, err error) {
	within := showsWithin
	if e == toRead {
		within = visibleWithin
	}
	group, _ := spec.place(id)
	there := false
	_, err = s.readWithin(ctx, within, group, func(current client.SecurityGroup) bool {
		there, different = spec.shown(current, id, since)
		return there
	})
	isGone := errors.Is(err, client.ErrNotFound)
	switch {
	case isGone && spec.isRule:
		return "", nil // the rule was there and is gone with its group
	case isGone, err == nil && !there:
		return "is not in the cloud", nil
	}
	return different, err
}

// existing is the error of a create whose task found that the object exists. The task made nothing, so that whatever is
// there is somebody else's.
func (s *Service) existing(ctx context.Context, spec createSpec, cause error) error {
	holder, err := spec.holder(ctx)
	if err != nil || holder == nil {
		return spec.failed(MadeNothing, cause)
	}
	holder.Cause = cause
	return holder
}

// findCreated finds out what came of a create that was cut off, and waits until a read shows its object. With wait it
// lets the task end first. The memory is nil if there is none.
func (s *Service) findCreated(ctx context.Context, spec createSpec, p *Pending, wait bool) (string, error) {
	if p == nil {
		return "", spec.failed(Forgotten, nil)
	}
	e, await := toRead, s.client.Task
	if wait {
		e, await = toSettle, s.client.WaitForTask
	}
	id, err := s.outcome(ctx, spec, *p, e, await)
	return s.claim(spec, id, err)
}
