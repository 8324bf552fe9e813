package client

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const (
	firstPoll = 200 * time.Millisecond
	// waitWithoutDeadline bounds the wait for a task whose context has no deadline.
	waitWithoutDeadline = time.Hour
)

var errWaitedLong = fmt.Errorf("a task is waited for %s at most", waitWithoutDeadline)

// TaskError is a task that ended in the state ERROR, or is in a state that this package does not know: Task.State tells
// which.
type TaskError struct{ Task Task }

// Error has the task's own words.
func (e *TaskError) Error() string {
	var text strings.Builder
	text.WriteString("task " + e.Task.ID)
	if e.Task.Type != "" {
		text.WriteString(" (" + excerpt(e.Task.Type, longestText) + ")")
	}
	if e.Task.State == TaskFailed {
		text.WriteString(" failed")
	} else {
		fmt.Fprintf(&text, " is in the unknown state %q", excerpt(e.Task.State, longestText))
	}
	if e.Task.Error != "" {
		text.WriteString(": " + excerpt(e.Task.Error, longestMessage))
	}
	if e.Task.RequestID != "" {
		text.WriteString(" (request id " + excerpt(e.Task.RequestID, longestText) + ")")
	}
	return text.String()
}

// WaitError is a wait that ended before the task did: the context ended, or a poll failed in a way that repeating does
// not cure. What became of the task is not known.
type WaitError struct {
	TaskID    string
	LastState string // "" if no poll succeeded
	Err       error
}

func (e *WaitError) Error() string {
	if e.LastState == "" {
		return fmt.Sprintf("waiting for task %s: %v", e.TaskID, e.Err)
	}
	state := excerpt(e.LastState, longestText)
	return fmt.Sprintf("waiting for task %s, last seen in state %s: %v", e.TaskID, state, e.Err)
}

// Unwrap gives the context's error, or that of the poll: ErrNotFound is a task that the API forgot.
func (e *WaitError) Unwrap() error { return e.Err }

// WaitForTask polls a task until it is finished. The first poll comes after 200 ms; the waits grow by half up to
// Config.PollInterval. The context bounds the wait, or an hour if it has no deadline; polls that fail are repeated
// within that time where this can help. Waits for several tasks that this client began share requests.
//
// The error is a *TaskError if the task failed or is in an unknown state, else a *WaitError. The task is returned as
// last seen also with an error.
func (c *Client) WaitForTask(ctx context.Context, taskID string) (Task, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, waitWithoutDeadline, errWaitedLong)
		defer cancel()
	}
	wait := c.newTaskWait(taskID)
	defer wait.stop()
	last := Task{ID: taskID}
	for pauses := c.pauses(); ; {
		task, err := wait.poll(ctx, pauses)
		if err != nil {
			return last, &WaitError{TaskID: taskID, LastState: last.State, Err: err}
		}
		last = task
		switch task.State {
		case TaskNew, TaskRunning:
		case TaskFinished:
			return task, nil
		default:
			return task, &TaskError{Task: task}
		}
	}
}

// Repeat calls attempt until it is done or fails, or until the waits between the calls add up to patience; a patience of
// zero has no end but the context's. The waits are those of WaitForTask. It tells whether attempt was done; the error is
// attempt's own, or says why the context ended.
func (c *Client) Repeat(
	ctx context.Context, patience time.Duration, attempt func(context.Context) (done bool, err error),
) (bool, error) {
	for pause := c.pauses(); ; {
		if done, err := attempt(ctx); done || err != nil {
			return done, err
		}
		if patience > 0 && pause.waited >= patience {
			return false, nil
		}
		if err := pause.wait(ctx); err != nil {
			return false, err
		}
	}
}

// pauses are the waits between two looks at something that takes its time.
type pauses struct {
	client       *Client
	next, waited time.Duration
}

func (c *Client) pauses() *pauses { return &pauses{client: c, next: min(firstPoll, c.pollInterval)} }

// wait waits once. The next wait is longer by half, up to the poll interval; each is less up to a tenth at random, so
// that many waits do not end at once. The error says why the context ended.
func (p *pauses) wait(ctx context.Context) error {
	jitter := time.Duration(float64(p.next) * p.client.random() / 10)
	if err := p.client.pause(ctx, p.next-jitter); err != nil {
		return err
	}
	p.waited += p.next
	p.next = min(p.next+p.next/2, p.client.pollInterval)
	return nil
}
