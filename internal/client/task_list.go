package client

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// A list has at least this many tasks. The newest come first: those that are waited for are among them, unless
	// somebody else starts more at the same time.
	shortestList = 50
	listTimeout  = 10 * time.Second
	// listPause is how long no list is requested after one failed.
	listPause = time.Minute
)

// pollSharing lets the waits for several tasks share requests: one list has the states of them all. Lists only ever save
// requests. A task is read by itself if a list lacks it, or shows it as anything but running or finished; and all tasks
// are for a while after a list failed.
type pollSharing struct {
	mu sync.Mutex
	// origins has the tasks that this client started, until somebody waits for them.
	origins     map[string]taskOrigin
	waits       map[string]*taskWait // by task id
	running     map[taskKind]*taskList
	pausedUntil time.Time
}

func newPollSharing() *pollSharing {
	return &pollSharing{
		origins: map[string]taskOrigin{}, waits: map[string]*taskWait{}, running: map[taskKind]*taskList{},
	}
}

// taskOrigin describes the request that started a task.
type taskOrigin struct {
	kind  taskKind
	group groupKey  // the group that the task changes; its id is "" for a new group
	since time.Time // the earliest start, by the server's clock; zero: unknown
}

// taskKind selects the tasks that one list has.
type taskKind struct {
	location Location
	taskType string
}

// taskList is one request for a list, and the waits that it is to answer.
type taskList struct {
	kind  taskKind
	from  time.Time
	waits map[string]*taskWait // by task id
	done  chan struct{}
}

// taskWait is one call's wait for a task.
type taskWait struct {
	client *Client
	id     string
	origin taskOrigin
	// All below is guarded by the mutex of pollSharing.
	unlisted    bool // the task is not looked for in lists
	marked      bool // the end of the write is marked for the reads
	update      *Task
	cancelPause context.CancelFunc // nil: the wait is in no pause
}

// remember keeps the origin of tasks for the waits that follow.
func (l *pollSharing) remember(origin taskOrigin, ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.origins[id] = origin
	}
}

func (c *Client) newTaskWait(taskID string) *taskWait {
	l := c.polls
	l.mu.Lock()
	defer l.mu.Unlock()
	origin, known := l.origins[taskID]
	delete(l.origins, taskID)
	// Without the earliest start a list might begin after the task.
	w := &taskWait{client: c, id: taskID, origin: origin, unlisted: !known || origin.since.IsZero()}
	if !w.unlisted {
		l.waits[taskID] = w
	}
	return w
}

// stop ends the wait. Whatever the task did to its group counts as done: this client will not learn more.
func (w *taskWait) stop() {
	l := w.client.polls
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waits[w.id] == w {
		delete(l.waits, w.id)
	}
	w.markWritten()
}

func (w *taskWait) markWritten() {
	if !w.marked && w.origin.group.id != "" {
		w.client.reads.wrote(w.origin.group)
	}
	w.marked = true
}

// poll waits for one pause and then reads the task's state. A list that another wait requested can cut the pause short;
// the next pause is then as long as this one, so that no poll comes later than it would without lists.
func (w *taskWait) poll(ctx context.Context, pacer *pacer) (Task, error) {
	pause, cancelPause := context.WithCancel(ctx)
	defer cancelPause()
	update := w.takeUpdate(cancelPause)
	if update == nil {
		err := pacer.wait(pause)
		if update = w.takeUpdate(nil); update == nil && err != nil {
			return Task{}, err
		}
	}
	for update == nil {
		list := w.shareList(ctx)
		if list == nil {
			return w.client.Task(ctx, w.id)
		}
		select {
		case <-list.done:
		case <-ctx.Done():
			return Task{}, Ended(ctx)
		}
		update = w.takeUpdate(nil)
	}
	return *update, nil
}

// takeUpdate takes what a list said of the task since the last call; nil: nothing. cancelPause ends the pause that
// follows when a list says something.
func (w *taskWait) takeUpdate(cancelPause context.CancelFunc) *Task {
	w.client.polls.mu.Lock()
	defer w.client.polls.mu.Unlock()
	update := w.update
	w.update, w.cancelPause = nil, cancelPause
	return update
}

// shareList returns the list that answers the wait. If none is under way it requests one first, and returns when that
// has ended. It returns nil if the task has to be read by itself.
func (w *taskWait) shareList(ctx context.Context) *taskList {
	list, isNew := w.joinList()
	if isNew {
		list.request(ctx, w.client)
	}
	return list
}

func (w *taskWait) joinList() (list *taskList, isNew bool) {
	l, kind := w.client.polls, w.origin.kind
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.unlisted || w.client.now().Before(l.pausedUntil) {
		return nil, false
	}
	if list := l.running[kind]; list != nil {
		return list, false
	}
	list = &taskList{kind: kind, from: w.origin.since, waits: map[string]*taskWait{}, done: make(chan struct{})}
	for id, wait := range l.waits {
		if wait.origin.kind != kind || wait.unlisted {
			continue
		}
		list.waits[id] = wait
		if wait.origin.since.Before(list.from) {
			list.from = wait.origin.since
		}
	}
	if len(list.waits) < 2 {
		return nil, false
	}
	l.running[kind] = list
	return list, true
}

// request requests the list and notifies the waits. If the list fails they read their tasks themselves; if it only ends
// with the caller's context, one of them requests the next.
func (list *taskList) request(ctx context.Context, c *Client) {
	var tasks map[string]Task
	var pausedUntil time.Time
	defer func() { c.polls.notify(list, tasks, pausedUntil) }()
	limited, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	query := TaskFilter{Location: list.kind.location, Type: list.kind.taskType, From: list.from}.query()
	query.Set("order_by", "desc")
	query.Set("limit", strconv.Itoa(min(max(2*len(list.waits), shortestList), pageSize)))
	answer, err := fetch[page[wireTask]](limited, c, exchange{
		operation: "list tasks", method: http.MethodGet, collection: tasksV1, query: query, single: true, masked: true,
	})
	if err != nil {
		if ctx.Err() == nil {
			pausedUntil = c.now().Add(listPause)
		}
		return
	}
	tasks = map[string]Task{}
	for _, entry := range *answer.Results {
		tasks[entry.ID] = entry.task(c.mask)
	}
}

// notify hands the tasks of a list to its waits; nil: the list failed. Nobody goes on before the ends of all writes are
// marked: the reads that follow can then share a request.
func (l *pollSharing) notify(list *taskList, tasks map[string]Task, pausedUntil time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, wait := range list.waits {
		task := tasks[id]
		complete := wait.complete(task)
		switch {
		case complete || task.State == TaskNew || task.State == TaskRunning:
			wait.update = &task
			if complete {
				wait.markWritten()
			}
			if wait.cancelPause != nil {
				wait.cancelPause()
			}
		case tasks != nil:
			wait.unlisted = true
		}
	}
	if !pausedUntil.IsZero() {
		l.pausedUntil = pausedUntil
	}
	delete(l.running, list.kind)
	close(list.done)
}

// complete reports whether a list has all that a finished task says: if it creates something, also what.
func (w *taskWait) complete(task Task) bool {
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
