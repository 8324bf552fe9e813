package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	firstPoll = 200 * time.Millisecond
	// waitWithoutDeadline bounds the wait for a task whose context has no deadline.
	waitWithoutDeadline = time.Hour
	// showsWithin is for how long a task may be missing that the API has accepted.
	showsWithin = 30 * time.Second
)

var errWaitedLong = fmt.Errorf("a task is waited for %s at most", waitWithoutDeadline)

// TaskError is a task that ended in the state ERROR, or is in a state that this package does not know; see Task.State.
type TaskError struct{ Task Task }

// Error contains the task's own error text, then the task in parentheses.
func (e *TaskError) Error() string {
	words := excerpt(e.Task.Error, longestMessage)
	switch {
	case e.Task.State != TaskFailed:
		words = strings.TrimSpace(fmt.Sprintf("the task is in the unknown state %q %s", excerpt(e.Task.State, longestText), words))
	case words == "":
		words = "the task failed without a reason"
	}
	return words + " (" + e.Request() + ")"
}

// Request is the task, and the request id that it has.
func (e *TaskError) Request() string {
	text := "task " + excerpt(e.Task.ID, longestText)
	if e.Task.Type != "" {
		text += ": " + excerpt(e.Task.Type, longestText)
	}
	return withRequestID(text, excerpt(e.Task.RequestID, longestText))
}

// Is matches ErrExists, ErrQuota and ErrMail by the task's own error text: a task has no class and no status.
func (e *TaskError) Is(target error) bool {
	if e.Task.State != TaskFailed {
		return false
	}
	switch target {
	case ErrExists:
		return existsPattern.MatchString(e.Task.Error)
	case ErrQuota:
		return isQuota(e.Task.Error)
	case ErrMail:
		return strings.Contains(e.Task.Error, "egress port 25")
	}
	return false
}

var existsPattern = regexp.MustCompile(`(?i)already exists|RuleExists`)

// WaitError is a wait that ended before the task did: the context ended, or a poll failed and a retry cannot help. The
// outcome of the task is unknown.
type WaitError struct {
	TaskID    string
	LastState string // "" if no poll succeeded
	Err       error
}

func (e *WaitError) Error() string {
	words := "while the task was still running"
	if e.LastState != "" {
		words = "while the task was " + excerpt(e.LastState, longestText)
	}
	return fmt.Sprintf("%v, %s (%s)", e.Err, words, e.Request())
}

// Request is the task.
func (e *WaitError) Request() string { return "task " + excerpt(e.TaskID, longestText) }

// Unwrap returns the context's error, or that of the poll: ErrNotFound means that the API does not know the task, or no longer.
func (e *WaitError) Unwrap() error { return e.Err }

// WaitForTask polls a task until it is finished. The first poll comes after 200 ms, or a little before the last task of
// its type would have ended; the pauses grow by half up to Config.PollInterval. The wait times out at the context's deadline, or after an hour if it has none; until then polls
// that fail are retried if this can help, also for half a minute if the API does not know the task: the copy of its data
// that was read may be behind. Waits for several tasks that this client started share requests.
//
// The error is a *TaskError if the task failed or is in an unknown state, else a *WaitError. The task is returned as last
// seen, also with an error.
func (c *Client) WaitForTask(ctx context.Context, taskID string) (Task, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, waitWithoutDeadline, errWaitedLong)
		defer cancel()
	}
	wait := c.newTaskWait(taskID)
	defer wait.stop()
	last := Task{ID: taskID}
	pacer := c.newPacer(&last)
	if learned := c.durations.firstPause(wait.origin.kind.taskType, c.pollInterval); learned > pacer.next {
		pacer.next, pacer.grown = learned, pacer.next
	}
	for seen := time.Duration(0); ; seen = pacer.waited {
		task, err := wait.poll(ctx, pacer)
		for IsMissingTask(err) && pacer.waited-seen < showsWithin {
			task, err = wait.poll(ctx, pacer)
		}
		if err != nil {
			return last, &WaitError{TaskID: taskID, LastState: last.State, Err: err}
		}
		last = task
		switch task.State {
		case TaskNew, TaskRunning:
		case TaskFinished:
			c.durations.add(task.Type, pacer.waited)
			return task, nil
		default:
			return task, &TaskError{Task: task}
		}
	}
}

// IsMissingTask reports whether the API did not know the task that was read, in any words: a task has no place that could be
// the wrong one.
func IsMissingTask(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnknownReference)
}

// Repeat calls attempt until it is done or fails, or until the pauses between the calls add up to limit; a limit of zero
// means that only the context ends it. The pauses are those of WaitForTask. The result is whether attempt was done; the
// error is attempt's own, or says why the context ended. What is waited for is logged if that takes long, unless it is nil.
func (c *Client) Repeat(
	ctx context.Context, what any, limit time.Duration, attempt func(context.Context) (done bool, err error),
) (bool, error) {
	for pacer := c.newPacer(what); ; {
		if done, err := attempt(ctx); done || err != nil {
			return done, err
		}
		if limit > 0 && pacer.waited >= limit {
			return false, nil
		}
		if err := pacer.wait(ctx); err != nil {
			return false, err
		}
	}
}

// durations has how long the last task of each type was waited for.
type durations struct {
	mu     sync.Mutex
	ofType map[string]time.Duration
}

func (d *durations) add(taskType string, waited time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ofType == nil {
		d.ofType = map[string]time.Duration{}
	}
	d.ofType[taskType] = waited
}

// firstPause is a tenth shorter than the last task of the type took: while tasks get no slower, each wait comes closer to
// the time they take, and a task is rarely polled more than twice. Zero: no task of the type has ended yet.
func (d *durations) firstPause(taskType string, longest time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := d.ofType[taskType]
	return min(last-last/10, longest)
}

// pacer makes the pauses between polls.
type pacer struct {
	client       *Client
	what         any // that is waited for
	began        time.Time
	logged       bool
	next, waited time.Duration
	grown        time.Duration // the pause that follows next; 0: longer than next by half
}

func (c *Client) newPacer(what any) *pacer {
	return &pacer{client: c, what: what, began: c.now(), next: min(firstPoll, c.pollInterval)}
}

// wait waits once. Each pause is longer by half than the one before, up to the poll interval, less up to a tenth at
// random, so that many do not end at once. The error says why the context ended.
func (p *pacer) wait(ctx context.Context) error {
	if !p.logged && p.client.now().Sub(p.began) >= longWait {
		p.client.logWait(ctx, p.what)
		p.logged = true
	}
	jitter := time.Duration(float64(p.next) * p.client.random() / 10)
	if err := p.client.Pause(ctx, p.next-jitter); err != nil {
		return err
	}
	p.waited += p.next
	p.next = min(cmp.Or(p.grown, p.next+p.next/2), p.client.pollInterval)
	p.grown = 0
	return nil
}
