package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	// Since is the same by the server's clock, as early as it can have been:
	// the next run may be on a machine whose clock differs. Zero if no answer
	// has told the server's time.
	Since time.Time `json:"since,omitzero"`
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
	conflicts
	made func(client.Task) []string
	// visible tells whether a read shows the object yet.
	visible func(ctx context.Context, id string) (bool, error)
	// resourceType and importID are for the block that imports an object.
	resourceType string
	importID     func(id string) string
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

func (c *claims) add(id string) { c.take(id) }

// take claims an id, and tells whether nobody had it before.
func (c *claims) take(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil {
		c.ids = map[string]bool{}
	}
	taken := c.ids[id]
	c.ids[id] = true
	return !taken
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
		if errors.Is(looked, errMadeNothing) {
			return "", fmt.Errorf("%w; %w", err, looked)
		}
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
	err = c.pastConflicts(ctx, n.conflicts, func(ctx context.Context) error {
		taskID, err = n.send(ctx)
		return err
	})
	return taskID, err
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
