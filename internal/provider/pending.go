package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// pendingKey holds, in private state, a create whose object has no known id
// yet. It is written before the wait begins, so no end of the run loses it.
const pendingKey = "create"

// pending is a create that has been sent and whose object is not known yet.
type pending struct {
	// TaskID is empty if the answer to the request was lost.
	TaskID string `json:"task_id,omitempty"`
	// Began is when the request was first sent, by this machine's clock.
	Began time.Time `json:"began"`
}

func (p pending) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	value, err := json.Marshal(p)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Cannot remember the create", sentence(err.Error()))
		return diags
	}
	return private.SetKey(ctx, pendingKey, value)
}

// errNothingPending is a state without an id that says nothing of how to find
// it.
var errNothingPending = errors.New("the state holds neither an id nor the task that would tell it")

func loadPending(ctx context.Context, private privateReader) (pending, error) {
	value, diags := private.GetKey(ctx, pendingKey)
	var p pending
	if diags.HasError() || json.Unmarshal(value, &p) != nil || p.Began.IsZero() {
		return pending{}, errNothingPending
	}
	return p, nil
}

// creation is a POST that makes one object, and how to tell that object from
// all others if its answer, or its task, is lost. The API knows no idempotency
// key, so a POST is never repeated before it is certain that nothing came of
// the last one.
type creation struct {
	taskType string
	at       client.Location
	// name keeps creations of the same name apart while their fate is open.
	name string
	send func(ctx context.Context) (taskID string, err error)
	// blocker finds the object that stands in the way when the API answers 409;
	// nil means that none does, so that the 409 is a lock.
	blocker func(ctx context.Context) (inTheWay error, err error)
	made    func(client.Task) []string
	// lookalikes lists the objects that are in every respect what was asked
	// for and were made at that time, by the server's clock, or later.
	lookalikes func(ctx context.Context, since time.Time) ([]string, error)
}

// claims are the ids of the objects that resources of this process have, and of
// the tasks whose objects they will have. They are nobody else's.
type claims struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (c *claims) add(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil {
		c.ids = map[string]bool{}
	}
	c.ids[id] = true
}

func (c *claims) has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids[id]
}

// unresolvedError is a create of which it could not be found out whether it
// made something. The state has to remember it.
type unresolvedError struct{ sent, looked error }

func (e *unresolvedError) Error() string {
	return fmt.Sprintf("%v; looking for what it made: %v", e.sent, e.looked)
}

func (e *unresolvedError) Unwrap() []error { return []error{e.sent, e.looked} }

// start sends the POST until its fate is certain. It returns the task that
// makes the object; or, after a lost answer, the object itself.
func (c *configured) start(ctx context.Context, n creation, p *pending) (id string, err error) {
	ctx, cancel := c.write(ctx)
	defer cancel()
	release, err := c.locks.exclusive(ctx, n.at, n.name)
	if err != nil {
		return "", err
	}
	defer release()
	for {
		p.TaskID, err = c.sendPast(ctx, n)
		if err == nil {
			c.claims.add(p.TaskID)
			return "", nil
		}
		if !errors.Is(err, client.ErrAmbiguous) {
			return "", err
		}
		id, looked := c.lookByTask(ctx, n, *p)
		if looked != nil {
			return "", &unresolvedError{sent: err, looked: looked}
		}
		if id != "" {
			return id, nil
		}
		// Nothing was made: it can be sent again.
	}
}

// sendPast sends the POST, past the locks and the objects that are about to go.
func (c *configured) sendPast(ctx context.Context, n creation) (taskID string, err error) {
	err = c.pastConflicts(ctx, n.blocker, func(ctx context.Context) error {
		taskID, err = n.send(ctx)
		return err
	})
	return taskID, err
}

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

// lookByTask finds what a POST made whose answer was lost: there is a task of
// its time that nobody in this process has, and what it made is in every
// respect what was asked for. It returns "" if nothing was made; whatever is
// less certain is an error.
func (c *configured) lookByTask(ctx context.Context, n creation, p pending) (string, error) {
	var found []string
	_, err := c.client.Repeat(ctx, visibility, func(ctx context.Context) (bool, error) {
		look, err := c.look(ctx, n, p)
		if err != nil {
			return false, err
		}
		found = look.unclaimed
		if len(found) == 0 && len(look.unexplained) > 0 {
			return false, doubt(look.unexplained)
		}
		return len(found) > 0, nil
	})
	return atMostOne(found, err)
}

// lookByContent finds what a task made that the API has forgotten, or that
// ended in ERROR although it had its effect: an object that is what was asked
// for, and that no other task explains.
func (c *configured) lookByContent(ctx context.Context, n creation, p pending) (string, error) {
	var found []string
	_, err := c.client.Repeat(ctx, visibility, func(ctx context.Context) (bool, error) {
		look, err := c.look(ctx, n, p)
		found = look.unexplained
		return len(found) > 0, err
	})
	return atMostOne(found, err)
}

func atMostOne(ids []string, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case len(ids) > 1:
		return "", doubt(ids)
	case len(ids) == 1:
		return ids[0], nil
	}
	return "", nil
}

// doubtError lists objects that could be the one that was asked for.
type doubtError struct{ ids []string }

func doubt(ids []string) error { return &doubtError{ids} }

func (e *doubtError) Error() string {
	return fmt.Sprintf("it is not certain which of these it made, if any: %s", joined(e.ids))
}

// look is what there is that could come of a POST.
type look struct {
	unclaimed   []string // made by a task that nobody in this process has
	unexplained []string // made by no task of the list
}

// look compares what there is with the tasks that could have made it. The
// objects are listed first: what a task of this time made before that is then
// explained by the task, which has ended.
func (c *configured) look(ctx context.Context, n creation, p pending) (look, error) {
	// Any answer tells the server's clock, if none has yet.
	if _, known := c.client.ServerTime(p.Began); !known {
		if _, err := n.lookalikes(ctx, p.Began); err != nil {
			return look{}, err
		}
	}
	since, known := c.client.ServerTime(p.Began)
	if !known {
		return look{}, errors.New("the server's answers have no date, so what was made since cannot be told")
	}
	if err := c.settle(ctx, n.at, n.taskType, since); err != nil {
		return look{}, err
	}
	alike, err := n.lookalikes(ctx, since)
	if err != nil {
		return look{}, err
	}
	var result look
	explained := map[string]bool{}
	for task, err := range c.client.Tasks(ctx, client.TaskFilter{Location: n.at, Type: n.taskType, From: since}) {
		if err != nil {
			return look{}, err
		}
		for _, id := range n.made(task) {
			explained[id] = true
			if slices.Contains(alike, id) && !c.claims.has(task.ID) && !c.claims.has(id) {
				result.unclaimed = append(result.unclaimed, id)
			}
		}
	}
	for _, id := range alike {
		if !explained[id] && !c.claims.has(id) {
			result.unexplained = append(result.unexplained, id)
		}
	}
	return result, nil
}

// settle waits until the tasks of a kind that began at that time or later have
// ended, but for those that a resource of this process waits for itself.
func (c *configured) settle(ctx context.Context, at client.Location, taskType string, since time.Time) error {
	_, err := c.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		filter := client.TaskFilter{Location: at, Type: taskType, From: since, States: []string{client.TaskNew, client.TaskRunning}}
		for task, err := range c.client.Tasks(ctx, filter) {
			if err != nil || !c.claims.has(task.ID) {
				return false, err
			}
		}
		return true, nil
	})
	return err
}

// errMadeNothing is a create that failed without making anything.
var errMadeNothing = errors.New("it made nothing")

// errStillRunning is a create whose task has not ended.
var errStillRunning = errors.New("its task has not ended")

// resolve finds out what became of a create: the id of what it made,
// errMadeNothing, errStillRunning, or an error that leaves it open. The task is
// looked at once or waited for, as await does it.
func (c *configured) resolve(
	ctx context.Context, n creation, p pending, await func(context.Context, string) (client.Task, error),
) (string, error) {
	if p.TaskID == "" {
		return orNothing(c.lookByTask(ctx, n, p))
	}
	task, err := await(ctx, p.TaskID)
	if err == nil {
		switch task.State {
		case client.TaskFinished:
			return oneCreated(task, n.made(task))
		case client.TaskNew, client.TaskRunning:
			return "", errStillRunning
		}
		err = &client.TaskError{Task: task}
	}
	forgotten := errors.Is(err, client.ErrNotFound)
	if failed, ok := errors.AsType[*client.TaskError](err); !forgotten && (!ok || failed.Task.State != client.TaskFailed) {
		return "", err
	}
	id, looked := c.lookByContent(ctx, n, p)
	switch {
	case looked != nil:
		return "", &unresolvedError{sent: err, looked: looked}
	case id == "":
		return "", fmt.Errorf("%w; %w", err, errMadeNothing)
	}
	return id, nil
}

func orNothing(id string, err error) (string, error) {
	if id == "" && err == nil {
		return "", errMadeNothing
	}
	return id, err
}

// oneCreated is the id of the one object that a finished task made.
func oneCreated(task client.Task, created []string) (string, error) {
	if len(created) != 1 || created[0] == "" {
		return "", fmt.Errorf("task %s has finished but names %d created objects where one was expected", task.ID, len(created))
	}
	return created[0], nil
}
