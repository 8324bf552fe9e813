package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// The states of a task.
const (
	stateNew      = "NEW"
	stateRunning  = "RUNNING"
	stateFinished = "FINISHED"
	stateFailed   = "ERROR"
)

const (
	longestPollWait = 5 * time.Second
	longestTask     = 2 * time.Minute
	// closelyWatched is how many tasks are polled at once and often, to see them in all their states.
	closelyWatched = 5
)

// kinds of tasks, by the request that made them.
const (
	makesGroup   = "group creation"
	changesGroup = "group update"
	makesRule    = "rule creation"
	removesRule  = "rule deletion"
)

// observation is what the polls of one task showed, in order, for the assumptions about tasks as such.
type observation struct {
	kind  string
	polls []task
}

// taskFailed is a task that ended otherwise than FINISHED.
type taskFailed struct {
	kind string
	task task
}

func (f *taskFailed) Error() string {
	return fmt.Sprintf("the %s is accepted, and its task ends in %s: %s", f.kind, f.task.State, text(f.task.Error))
}

// change sends a request that makes tasks and returns their ids.
func (p *probe) change(ctx context.Context, method, path string, body any) ([]string, error) {
	got, err := call[accepted](ctx, p.api, method, path, body)
	switch {
	case err != nil:
		return nil, err
	case got.Tasks == nil:
		return nil, differs("the answer to %s %s has no tasks field", method, path)
	}
	return *got.Tasks, nil
}

// changeOne is change for a request that makes exactly one task.
func (p *probe) changeOne(ctx context.Context, method, path string, body any) (taskID string, err error) {
	ids, err := p.change(ctx, method, path, body)
	switch {
	case err != nil:
		return "", err
	case len(ids) != 1:
		return "", differs("%s %s makes %d tasks, not one", method, path, len(ids))
	}
	return ids[0], nil
}

// patch changes a group, waits, and returns how many tasks that took.
func (p *probe) patch(ctx context.Context, groupID string, body object) (tasks int, err error) {
	ids, err := p.change(ctx, http.MethodPatch, p.groupPath(groupID), body)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := p.await(ctx, changesGroup, id); err != nil {
			return len(ids), err
		}
	}
	return len(ids), nil
}

// await polls a task ever more seldom, until it has ended. One that did not end well is a *taskFailed.
func (p *probe) await(ctx context.Context, kind, id string) (task, error) {
	watched := &observation{kind: kind}
	p.observed = append(p.observed, watched)
	next, waited := 500*time.Millisecond, time.Duration(0)
	pause := func() error {
		defer func() { waited, next = waited+next, min(next+500*time.Millisecond, longestPollWait) }()
		return p.sleep(ctx, next)
	}
	if len(p.observed) > closelyWatched {
		next = 2 * time.Second
		if err := pause(); err != nil {
			return task{}, err
		}
	}
	for {
		got, err := p.poll(ctx, id)
		if err != nil {
			return got, fmt.Errorf("waiting for the %s: %w", kind, err)
		}
		watched.polls = append(watched.polls, got)
		switch got.State {
		case stateFinished:
			return got, nil
		case stateNew, stateRunning:
		default:
			return got, &taskFailed{kind, got}
		}
		if waited >= longestTask {
			return got, fmt.Errorf("the task %s of the %s is %s after %s", id, kind, got.State, waited)
		}
		if err := pause(); err != nil {
			return got, err
		}
	}
}

func (p *probe) poll(ctx context.Context, id string) (task, error) {
	return call[task](ctx, p.api, http.MethodGet, "/cloud/v1/tasks/"+url.PathEscape(id), nil)
}

// ended tells whether a state is a last one.
func ended(state string) bool { return !slices.Contains([]string{stateNew, stateRunning}, state) }

// parseDate reads a date in any of the API's forms. Without a zone it is UTC.
func parseDate(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700"} {
		if parsed, err := time.Parse(layout, text); err == nil {
			return parsed.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("the date %q has no known form", text)
}
