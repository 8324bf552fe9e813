package secgroup

import (
	"context"
	"errors"
	"fmt"
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
	// Since is the same by the server's clock, as early as it can have been: the next run may be on a machine whose
	// clock differs. Zero if no answer has given the server's time.
	Since time.Time `json:"since,omitzero"`
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
	// makeRoom deletes what the caller has in a place that is full, or that the holder may be waiting for in turn. Nil:
	// there is nothing to delete.
	makeRoom func(ctx context.Context) error
	// full reports whether the place is full by its own limit. A quota of the whole project is no reason to make room.
	full    func(ctx context.Context) bool
	created func(client.Task) []string
	visible func(ctx context.Context, id string) (bool, error)
	// lookalikes lists the objects that are in every respect what was asked for.
	lookalikes func(ctx context.Context) ([]lookalike, error)
	// asked reports whether a request, as a task's data repeats it, is the POST.
	asked func(client.TaskRequest) bool
}

func (spec createSpec) failed(outcome Outcome, cause error, candidates ...string) *CreateError {
	return &CreateError{Outcome: outcome, Group: spec.group, IsRule: spec.isRule, Cause: cause, Candidates: candidates}
}

// unresolved is a create that may have made something, as the search for it failed too.
func (spec createSpec) unresolved(cause, search error) error {
	e := spec.failed(Unresolved, cause)
	e.Search = search
	if doubt, ok := errors.AsType[*CreateError](search); ok {
		e.Candidates = doubt.Candidates
	}
	return e
}

// create creates an object and returns its id. From the moment before the object may exist, remember is told how to find
// it.
func (s *Service) create(ctx context.Context, spec createSpec, remember func(Pending)) (string, error) {
	var p Pending
	turn := s.turns.of(ctx, spec.group)
	defer turn.end()
	id, err := s.send(ctx, spec, &p, turn, remember)
	switch outcome := OutcomeOf(err); {
	case err != nil && p.Began.IsZero():
		return "", err
	case err != nil && outcome == 0:
		return "", spec.failed(Refused, err)
	case err != nil && outcome != Unresolved:
		return "", err
	}
	if since, known := s.client.ServerTime(p.Began); known {
		p.Since = since
	}
	remember(p)
	if err == nil && id == "" {
		id, err = s.outcome(begun(ctx), spec, p, func(ctx context.Context, taskID string) (client.Task, error) {
			defer turn.end()
			return s.client.WaitForTask(ctx, taskID)
		})
	}
	return s.claim(spec, id, err)
}

// claim takes an object for the caller. No other resource of this process may have it.
func (s *Service) claim(spec createSpec, id string, err error) (string, error) {
	if err == nil && !s.known.add(id) {
		return "", spec.failed(Doubtful, nil, id)
	}
	return id, err
}

// send sends the POST until its outcome is certain. It returns the id of the object if it had to look for it; otherwise
// the task that creates it is in p.
func (s *Service) send(
	ctx context.Context, spec createSpec, p *Pending, turn *turn, remember func(Pending),
) (id string, err error) {
	release, err := s.locks.acquire(ctx, keyOf(spec.group.Location, spec.lockName), alone)
	if err != nil {
		return "", err
	}
	defer release()
	doubt := false // an earlier request may still have its effect
	err = s.attempt(ctx, retriedWrite{
		turn: turn,
		send: func(ctx context.Context) (err error) {
			if !doubt {
				p.Began = time.Now()
				p.Since = time.Time{}
			}
			if since, known := s.client.ServerTime(p.Began); known {
				p.Since = since
			}
			remember(*p)
			p.TaskID, err = spec.post(ctx)
			return err
		},
		conflict: func(ctx context.Context, answer error) error { return s.passHolder(ctx, &spec, answer) },
		lost: func(ctx context.Context, answer error) (bool, error) {
			doubt = true
			var search error
			id, search = s.byTask(ctx, spec, *p)
			switch found, ok := errors.AsType[*CreateError](search); {
			case search == nil:
				return id != "", nil
			case ok && found.Outcome == MadeNothing:
				return false, spec.failed(MadeNothing, answer, found.Candidates...)
			}
			return false, spec.unresolved(answer, search)
		},
	})
	if err == nil && id == "" {
		s.known.add(p.TaskID)
	}
	return id, err
}

// passHolder finds out, by looking, what a 409 to a create means. A used-up quota stays, unless the caller can make
// room; an object in the place of the new one gets some time to be deleted, then it is the error; anything else is a
// lock.
func (s *Service) passHolder(ctx context.Context, spec *createSpec, answer error) error {
	quota := errors.Is(answer, client.ErrQuota)
	if quota && (spec.makeRoom == nil || !spec.full(ctx)) {
		return answer
	}
	holder, err := spec.holder(ctx)
	if err != nil || holder == nil && !quota {
		return err
	}
	if spec.makeRoom != nil {
		err, spec.makeRoom = spec.makeRoom(ctx), nil
	}
	if err != nil || holder == nil {
		return err
	}
	free, err := s.client.Repeat(ctx, patience, func(ctx context.Context) (_ bool, err error) {
		holder, err = spec.holder(ctx)
		return holder == nil, err
	})
	if err != nil || free {
		return err
	}
	holder.Cause = answer
	return holder
}

// readTask returns a task, or its last state: at once, or when it has ended.
type readTask func(ctx context.Context, taskID string) (client.Task, error)

// outcome finds out what came of a create: the id of its object, or a *CreateError, or an error that leaves it open.
func (s *Service) outcome(ctx context.Context, spec createSpec, p Pending, await readTask) (string, error) {
	if p.TaskID == "" {
		id, err := s.byTask(ctx, spec, p)
		if id == "" && err == nil {
			err = spec.failed(MadeNothing, nil)
		}
		return id, err
	}
	task, err := await(ctx, p.TaskID)
	if err == nil {
		switch task.State {
		case client.TaskFinished:
			return onlyOne(task, spec.created(task))
		case client.TaskNew, client.TaskRunning:
			return "", spec.failed(StillRunning, nil)
		}
		err = &client.TaskError{Task: task}
	}
	forgotten := errors.Is(err, client.ErrNotFound)
	if failed, ok := errors.AsType[*client.TaskError](err); !forgotten && (!ok || failed.Task.State != client.TaskFailed) {
		return "", err
	}
	switch {
	case errors.Is(err, client.ErrExists):
		return "", s.existing(ctx, spec, err)
	case errors.Is(err, client.ErrQuota):
		return "", spec.failed(MadeNothing, err)
	}
	id, search := s.byContent(ctx, spec, p)
	switch {
	case search != nil:
		return "", spec.unresolved(err, search)
	case id == "":
		return "", spec.failed(MadeNothing, err)
	}
	return id, nil
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

// onlyOne is the id of the one object that a finished task created.
func onlyOne(task client.Task, created []string) (string, error) {
	if len(created) != 1 || created[0] == "" {
		return "", fmt.Errorf("task %s has finished but names %d created objects where one was expected", task.ID, len(created))
	}
	return created[0], nil
}

// findCreated finds out what came of a create that was cut off, and waits until a read shows its object. With wait it
// lets the task end first. The memory is nil if there is none.
func (s *Service) findCreated(ctx context.Context, spec createSpec, p *Pending, wait bool) (string, error) {
	if p == nil {
		return "", spec.failed(Forgotten, nil)
	}
	await := s.client.Task
	if wait {
		await = s.client.WaitForTask
	}
	id, err := s.outcome(ctx, spec, *p, await)
	id, err = s.claim(spec, id, err)
	if err == nil {
		err = s.awaitVisible(ctx, spec, id)
	}
	return id, err
}

// awaitVisible waits for a new object to show in a read. A read before that would report it missing and drop it from
// the state.
func (s *Service) awaitVisible(ctx context.Context, spec createSpec, id string) error {
	_, err := s.client.Repeat(ctx, visibleWithin, func(ctx context.Context) (bool, error) { return spec.visible(ctx, id) })
	return err
}
