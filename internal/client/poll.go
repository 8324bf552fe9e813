package client

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// listAtLeast and listAtMost bound how many tasks a list asks for. The newest come first: those that are waited for
	// are among them, unless somebody makes more at the same time.
	listAtLeast = 50
	listAtMost  = pageSize
	// listPatience is how long the waits that share a list wait for it.
	listPatience = 10 * time.Second
	// listRest is how long no list is asked for after one that failed.
	listRest = time.Minute
)

// polls lets the waits for several tasks share requests: one list of tasks tells the state of them all. It only ever
// saves requests. A task that the list does not have, or of which it says anything but that it goes on or is finished,
// is read by itself; and so are all while the list cannot be had.
type polls struct {
	mu sync.Mutex
	// accepted tells of the tasks that this client has begun, until somebody has waited for them.
	accepted map[string]taskOrigin
	queues   map[taskKind]*pollQueue
	resting  time.Time // until when no list is asked for
}

// taskOrigin is what is known of a task from the request that began it.
type taskOrigin struct {
	kind  taskKind
	group groupKey  // that it changes; its id is "" for a new group
	since time.Time // the earliest that it can have been accepted, by the server's clock
}

// taskKind is what one list tells of.
type taskKind struct {
	location Location
	taskType string
}

// pollQueue has the waits for tasks of one kind.
type pollQueue struct {
	waits map[string]*taskWait
	list  *pollList // under way; nil: none
}

// pollList is one list of tasks and the waits that it is to answer.
type pollList struct {
	waits map[string]*taskWait
	done  chan struct{}
}

// taskWait is somebody who waits for a task.
type taskWait struct {
	client *Client
	id     string
	origin taskOrigin
	// All below is guarded by the mutex of polls.
	alone bool // lists do not tell of the task
	told  bool // the reads know that the write has ended
	heard *Task
	wake  context.CancelFunc // ends the pause that the wait is in; nil: it is in none
}

// accept remembers the tasks that a request has begun. A task of which it is not known since when it can be there is
// not looked for in lists.
func (p *polls) accept(origin taskOrigin, ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.accepted == nil {
		p.accepted = map[string]taskOrigin{}
	}
	for _, id := range ids {
		p.accepted[id] = origin
	}
}

// waitFor begins the wait for a task.
func (c *Client) waitFor(taskID string) *taskWait {
	p := &c.polls
	p.mu.Lock()
	defer p.mu.Unlock()
	origin, known := p.accepted[taskID]
	delete(p.accepted, taskID)
	w := &taskWait{client: c, id: taskID, origin: origin, alone: !known || origin.since.IsZero()}
	if w.alone {
		return w
	}
	if p.queues == nil {
		p.queues = map[taskKind]*pollQueue{}
	}
	if p.queues[origin.kind] == nil {
		p.queues[origin.kind] = &pollQueue{waits: map[string]*taskWait{}}
	}
	p.queues[origin.kind].waits[taskID] = w
	return w
}

// end ends the wait. What the task did, as far as this client will know, is done.
func (w *taskWait) end() {
	p := &w.client.polls
	p.mu.Lock()
	defer p.mu.Unlock()
	if queue := p.queues[w.origin.kind]; queue != nil && queue.waits[w.id] == w {
		delete(queue.waits, w.id)
	}
	w.wrote()
}

// wrote tells the reads once that the task has changed its group.
func (w *taskWait) wrote() {
	if !w.told && w.origin.group.id != "" {
		w.client.groups.wrote(w.origin.group)
	}
	w.told = true
}

// next waits for one pause and then looks at the task. If somebody else's list tells of the task before that, the pause
// ends; one that has ended so is made again, so that the time between two looks is never longer than for a wait alone.
func (w *taskWait) next(ctx context.Context, pause *pauses) (Task, error) {
	sleeping, wake := context.WithCancel(ctx)
	defer wake()
	heard := w.hear(wake)
	if heard == nil {
		err := pause.wait(sleeping)
		if heard = w.hear(nil); heard == nil && err != nil {
			return Task{}, err
		}
	}
	for heard == nil {
		list, leads := w.joinList()
		if list == nil {
			return w.client.Task(ctx, w.id)
		}
		if leads {
			w.runList(ctx, list)
		}
		select {
		case <-list.done:
		case <-ctx.Done():
			return Task{}, contextError(ctx)
		}
		heard = w.hear(nil)
	}
	return *heard, nil
}

// hear takes what was heard of the task, and says how to end the pause that comes.
func (w *taskWait) hear(wake context.CancelFunc) *Task {
	w.client.polls.mu.Lock()
	defer w.client.polls.mu.Unlock()
	heard := w.heard
	w.heard, w.wake = nil, wake
	return heard
}

// joinList finds the list that is to answer a wait, or begins one, which the caller then leads. It returns nil if the
// task is to be read by itself: it is the only one, the list does not tell of it, or no list can be had.
func (w *taskWait) joinList() (list *pollList, leads bool) {
	p := &w.client.polls
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := p.queues[w.origin.kind]
	if w.alone || w.client.now().Before(p.resting) {
		return nil, false
	}
	if queue.list != nil {
		return queue.list, false
	}
	waits := map[string]*taskWait{}
	for id, wait := range queue.waits {
		if !wait.alone {
			waits[id] = wait
		}
	}
	if len(waits) < 2 {
		return nil, false
	}
	queue.list = &pollList{waits: waits, done: make(chan struct{})}
	return queue.list, true
}

// runList asks for a list and tells all who wait for it. If it fails they read their tasks themselves; or, if it only
// ends with the caller's context, one of them leads the next.
func (w *taskWait) runList(ctx context.Context, list *pollList) {
	var tasks map[string]Task
	defer func() { w.client.polls.tell(w.origin.kind, list, tasks) }()
	limited, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	filter := TaskFilter{Location: w.origin.kind.location, Type: w.origin.kind.taskType, From: w.origin.since}
	for _, wait := range list.waits {
		if wait.origin.since.Before(filter.From) {
			filter.From = wait.origin.since
		}
	}
	query := filter.query()
	query.Set("order_by", "desc")
	query.Set("limit", strconv.Itoa(min(max(2*len(list.waits), listAtLeast), listAtMost)))
	answer, err := fetch[page[wireTask]](limited, w.client, exchange{
		operation: "list tasks", method: http.MethodGet, version: "v1", collection: "tasks", query: query, single: true,
	})
	if err != nil {
		if ctx.Err() == nil {
			w.client.polls.rest(w.client.now().Add(listRest))
		}
		return
	}
	tasks = map[string]Task{}
	for _, entry := range *answer.Results {
		tasks[entry.ID] = entry.task(w.client)
	}
}

func (p *polls) rest(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resting = until
}

// tell hands on what a list says; nil: nothing. A write that has ended is known to the reads before anybody goes on: who
// waited for one of several can then share a read.
func (p *polls) tell(kind taskKind, list *pollList, tasks map[string]Task) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, wait := range list.waits {
		task, listed := tasks[id]
		switch {
		case listed && (task.State == TaskNew || task.State == TaskRunning):
			wait.heard = &task
		case listed && wait.finished(task):
			wait.heard = &task
			wait.wrote()
		case tasks != nil:
			wait.alone = true
		}
	}
	for _, wait := range list.waits {
		if wait.heard != nil && wait.wake != nil {
			wait.wake()
		}
	}
	p.queues[kind].list = nil
	close(list.done)
}

// finished tells whether a list says all that is to be known of a task that has ended well: of one that makes something
// also what.
func (w *taskWait) finished(task Task) bool {
	if task.State != TaskFinished {
		return false
	}
	switch w.origin.kind.taskType {
	case TaskCreateSecurityGroup:
		return len(task.CreatedSecurityGroups) > 0
	case TaskCreateSecurityGroupRule:
		return len(task.CreatedSecurityGroupRules) > 0
	}
	return true
}
