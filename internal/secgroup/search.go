package secgroup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const (
	// showsWithin is how long what the API has accepted may take to show in a list or a read.
	showsWithin = 30 * time.Second
	// lostFor is how long the API may take to carry out a request whose answer was lost. What began later is not ours, and if
	// nothing has come of the request by then, nothing will.
	lostFor = 2 * time.Minute
	// forgottenFor is lostFor for a request that the API has accepted and whose task it does not know.
	forgottenFor = 10 * time.Minute
	// rarely is the pause between two looks for what should have shown by now.
	rarely = 20 * time.Second
	// explainedFor is how far back the tasks are listed: an object that one of them made is not ours by its content alone.
	explainedFor = time.Hour
	// taskSlack and objectSlack are by how much the clock of the dates of tasks, and of objects, may be behind that of the
	// header Date.
	taskSlack   = 2 * time.Second
	objectSlack = time.Minute
	// clockError is by how much this machine's clock may be wrong, which counts if no answer has a date. What began at a
	// time further off is not taken, but not passed over either.
	clockError = 5 * time.Minute
)

// span is a time by the server's clock.
type span struct {
	from, to time.Time
	isGuess  bool // no answer has a date, and this machine's clock may be wrong
}

// has reports whether something began in that time, as far as its date can be read.
func (s span) has(began client.Time) bool {
	return began.IsZero() || !began.Before(s.from) && !began.After(s.to)
}

// span is when the task of a create can have begun.
func (s *Service) span(p Pending) span {
	from, known, slack := p.Since, true, taskSlack
	if from.IsZero() {
		from, known = s.client.ServerTime(p.Began)
	}
	if !known {
		slack = clockError
	}
	return span{from.Add(-slack), from.Add(p.lastSent().Sub(p.Began) + lostFor + slack), !known}
}

// effort is how long an operation searches.
type effort int

const (
	toCreate effort = iota // a create goes on as soon as its object shows
	toRead                 // a plan must not wait for long
	toSettle               // a delete, or the next change, has to know
	toRepeat               // so has whoever sends a request again that should not have been carried out
)

// search is how long a create is looked for.
type search struct {
	within time.Duration
	// settles is whether nothing more can come of the create after that.
	settles bool
	// waits is whether a task that may be meant is waited for.
	waits bool
}

// search says how long to look for a create of which something can come for a time after it was sent.
func (s *Service) search(p Pending, e effort, lasts time.Duration) search {
	age := s.client.Now().Sub(p.Began)
	if now, known := s.client.ServerTime(s.client.Now()); known && !p.Since.IsZero() {
		age = now.Sub(p.Since)
	}
	left := lasts - max(0, age-p.lastSent().Sub(p.Began))
	switch e {
	case toRead:
		return search{within: visibleWithin, settles: left <= 0}
	case toSettle, toRepeat:
		return search{within: max(showsWithin, left), settles: true, waits: true}
	}
	return search{within: showsWithin, settles: left <= 0, waits: true}
}

// sighting is what one look at objects and tasks shows of a create.
type sighting struct {
	// named is what the task of the create made, if that task is known and the list has it.
	named []string
	// tasks may be the task of the create, if that is not known: they began in its time, and their data repeats its request;
	// without data, what they made is what was asked for.
	tasks []client.Task
	// untimely may be it only if this machine's clock is wrong by more than clockError.
	untimely []client.Task
	// unexplained are objects that are what was asked for, made since, and that no task names.
	unexplained []string
	// running is whether another task, which may have made one of them, has not ended.
	running bool
	// unnamed is when the last such task ended that did not name what it made. It may have made what was there by then.
	unnamed time.Time
	// doubtful is whether one of the unexplained was.
	doubtful bool
}

// look lists the objects that are what was asked for, then the tasks. In this order every listed object that a task of
// this time made has its task in the list.
func (s *Service) look(ctx context.Context, spec createSpec, p Pending) (sighting, error) {
	alike, err := spec.lookalikes(ctx)
	if err != nil {
		return sighting{}, err
	}
	var seen sighting
	when := s.span(p)
	last := when.to
	if p.TaskID != "" {
		last = when.from.Add(forgottenFor)
	}
	explained := map[string]bool{}
	filter := client.TaskFilter{Location: spec.group.Location, Type: spec.taskType, From: when.from.Add(-explainedFor)}
	for task, err := range s.client.Tasks(ctx, filter) {
		if err != nil {
			return sighting{}, err
		}
		if task.ID == p.TaskID {
			seen.named, last = spec.created(task), task.FinishedOn.Time
			continue
		}
		for _, id := range spec.created(task) {
			explained[strings.ToLower(id)] = true
		}
		if !s.isOthers(spec, task) {
			seen.add(spec, task, alike, when)
		}
	}
	if err := s.lookAtUpdates(ctx, spec, filter, &seen); err != nil {
		return sighting{}, err
	}
	if when.isGuess && p.TaskID == "" {
		if err := s.leaveOutVain(ctx, spec, &seen); err != nil {
			return sighting{}, err
		}
	}
	for _, object := range alike {
		if !explained[strings.ToLower(object.id)] && !s.known.has(object.id) && madeBetween(object.created, when.from, last) {
			seen.unexplained = append(seen.unexplained, object.id)
			seen.doubtful = seen.doubtful || !object.created.After(seen.unnamed)
		}
	}
	return seen, nil
}

// lookAtUpdates notes the updates of a rule's group: each may have made the rule, and its task names the group only.
func (s *Service) lookAtUpdates(ctx context.Context, spec createSpec, filter client.TaskFilter, seen *sighting) error {
	if !spec.isRule {
		return nil
	}
	filter.Type = client.TaskUpdateSecurityGroup
	for task, err := range s.client.Tasks(ctx, filter) {
		switch {
		case err != nil:
			return err
		case s.known.has(task.ID), task.Request != nil && (task.Request.Rules == nil || !ofGroup(spec.group)(*task.Request)):
		case task.State == client.TaskNew, task.State == client.TaskRunning:
			seen.running = true
		case task.FinishedOn.After(seen.unnamed):
			seen.unnamed = task.FinishedOn.Time
		}
	}
	return nil
}

// isOthers reports whether a task has certainly nothing to do with a create: a resource of this process has it, or what it
// made, or its data repeats another request.
func (s *Service) isOthers(spec createSpec, task client.Task) bool {
	return s.known.has(task.ID) || slices.ContainsFunc(spec.created(task), s.known.has) ||
		task.Request != nil && !spec.asked(*task.Request)
}

// add notes what a task, which is not the known one of the create, may have to do with it.
func (seen *sighting) add(spec createSpec, task client.Task, alike []lookalike, when span) {
	made := spec.created(task)
	isAlike := slices.ContainsFunc(alike, func(object lookalike) bool { return slices.Contains(made, object.id) })
	switch isAsked := task.Request != nil || isAlike; {
	case isAsked && when.has(task.CreatedOn):
		seen.tasks = append(seen.tasks, task)
	case isAsked && when.isGuess:
		seen.untimely = append(seen.untimely, task)
	}
	switch {
	case task.State == client.TaskNew, task.State == client.TaskRunning:
		seen.running = true
	case task.State == client.TaskFinished && len(made) == 0:
		ended := task.FinishedOn.Time
		if ended.IsZero() {
			ended = when.to
		}
		if ended.After(seen.unnamed) {
			seen.unnamed = ended
		}
	}
}

// leaveOutVain leaves out the tasks of which nothing is left: they failed, or what they made is gone. Where the time tells
// nothing, they may be those of an earlier run.
func (s *Service) leaveOutVain(ctx context.Context, spec createSpec, seen *sighting) error {
	for _, tasks := range []*[]client.Task{&seen.tasks, &seen.untimely} {
		var left []client.Task
		for _, task := range *tasks {
			isVain, err := s.isVain(ctx, spec, task)
			if err != nil {
				return err
			}
			if !isVain {
				left = append(left, task)
			}
		}
		*tasks = left
	}
	return nil
}

func (s *Service) isVain(ctx context.Context, spec createSpec, task client.Task) (bool, error) {
	if made := spec.created(task); len(made) == 1 {
		group, ruleID := spec.place(made[0])
		return s.isGone(ctx, group, ruleID)
	}
	return task.State == client.TaskFailed, nil
}

// leaveOutRefused leaves out, of the tasks of a request that was sent more than once, those that found the object there: another
// one has made it. If all of them found it, one stays to say so.
func (seen *sighting) leaveOutRefused() {
	refused := func(task client.Task) bool { return errors.Is(&client.TaskError{Task: task}, client.ErrExists) }
	for len(seen.tasks) > 1 {
		at := slices.IndexFunc(seen.tasks, refused)
		if at < 0 {
			return
		}
		seen.tasks = slices.Delete(seen.tasks, at, at+1)
	}
}

// madeBetween reports whether an object was made in that time, as far as its date can be read. A zero end is open.
func madeBetween(created client.Time, since, until time.Time) bool {
	return created.IsZero() ||
		!created.Before(since.Add(-objectSlack)) && (until.IsZero() || !created.After(until.Add(objectSlack)))
}

// lookalike is an object that is in every respect what was asked for.
type lookalike struct {
	id      string
	created client.Time
}

// watch looks until a look decides, or for as long as the effort is worth. While nothing is decided since a task is running
// it goes on, but not for a plan, and not for ever: somebody else's task may hang.
func (s *Service) watch(
	ctx context.Context, spec createSpec, p Pending, how search, decided, waits func(sighting) bool,
) (seen sighting, err error) {
	until := func(enough func(sighting) bool) func(context.Context) (bool, error) {
		return func(ctx context.Context) (_ bool, err error) {
			seen, err = s.look(ctx, spec, p)
			return err == nil && enough(seen), err
		}
	}
	done, err := s.lookFor(ctx, spec, how.within, until(decided))
	if err == nil && !done && how.waits {
		_, err = s.client.Repeat(ctx, spec, forgottenFor, until(func(seen sighting) bool { return decided(seen) || !waits(seen) }))
	}
	return seen, err
}

// lookFor is client.Repeat with long pauses once what is looked for should have shown.
func (s *Service) lookFor(ctx context.Context, what any, limit time.Duration, look func(context.Context) (bool, error)) (done bool, err error) {
	done, err = s.client.Repeat(ctx, what, min(limit, showsWithin), look)
	for left := limit - showsWithin; left > 0 && err == nil && !done; left -= rarely {
		if err = s.client.Pause(ctx, min(left, rarely)); err == nil {
			done, err = look(ctx)
		}
	}
	return done, err
}

// errNotYet says that nothing has come of a request so far.
var errNotYet = errors.New("nothing was found so far; the API may still carry out the request")

// findTask finds the task of a create whose answer was lost. A task of ours began in its time and repeats its request; where
// the API leaves that out, the task made what was asked for, and no task explains another such object less. Without a task
// nothing is ours, whatever it looks like. An empty id means that nothing has come of the request, as certainly as that can
// be known.
func (s *Service) findTask(ctx context.Context, spec createSpec, p Pending, e effort, cause error) (taskID string, err error) {
	lasts := lostFor
	if e == toRepeat {
		lasts = spec.repeats
	}
	how := s.search(p, e, lasts)
	seen, err := s.watch(ctx, spec, p, how,
		func(seen sighting) bool { return len(seen.tasks) > 0 },
		func(seen sighting) bool { return seen.running })
	if !p.Sent.IsZero() {
		seen.leaveOutRefused()
	}
	switch {
	case err != nil:
		return "", spec.unresolved(cause, err)
	case len(seen.tasks) == 1 && len(seen.untimely) == 0 && (seen.tasks[0].Request != nil || len(seen.unexplained) == 0):
		return seen.tasks[0].ID, nil
	case len(seen.tasks) > 0:
		return "", spec.failed(Doubtful, cause, seen.candidates(spec)...)
	case !how.settles, seen.running && e < toSettle:
		return "", spec.notYet(e, cause, seen.candidates(spec)...)
	case len(seen.untimely) > 0:
		return "", spec.failed(Doubtful, cause, seen.candidates(spec)...)
	}
	return "", spec.failed(MadeNothing, cause, seen.unexplained...)
}

// candidates are the objects that may have come of a create whose task is not known.
func (seen sighting) candidates(spec createSpec) []string {
	ids := seen.unexplained
	for _, task := range slices.Concat(seen.tasks, seen.untimely) {
		ids = append(ids, spec.created(task)...)
	}
	return ids
}

// findObject finds the object of an accepted create whose task does not tell it, which is the cause: it is what was asked
// for, it is the only one, and no other task may have made it. None after a failed task: the create made nothing.
func (s *Service) findObject(ctx context.Context, spec createSpec, p Pending, e effort, cause error) (string, error) {
	lasts := lostFor
	if client.IsMissingTask(cause) {
		lasts = forgottenFor
	}
	how := s.search(p, e, lasts)
	seen, err := s.watch(ctx, spec, p, how,
		func(seen sighting) bool { return seen.object() != "" },
		func(seen sighting) bool { return seen.running && len(seen.unexplained) > 0 })
	_, failed := errors.AsType[*client.TaskError](cause)
	switch {
	case err != nil:
		return "", spec.unresolved(cause, err)
	case seen.object() != "":
		return seen.object(), nil
	case len(seen.unexplained) > 0:
		return "", spec.failed(Doubtful, cause, seen.unexplained...)
	case !how.settles && !failed:
		return "", spec.notYet(e, cause)
	}
	return "", spec.failed(MadeNothing, cause)
}

// object is what an accepted create has made, "" if that is not certain.
func (seen sighting) object() string {
	// The list may have what a read of the task no longer finds.
	if len(seen.named) == 1 && slices.Contains(seen.unexplained, seen.named[0]) {
		return seen.named[0]
	}
	if len(seen.unexplained) == 1 && !seen.running && !seen.doubtful {
		return seen.unexplained[0]
	}
	return ""
}

// awaitRunningTasks waits until the tasks of a type that began at that time or later have ended, but for those that a resource
// of this process waits for itself, and those whose data shows another request.
func (s *Service) awaitRunningTasks(
	ctx context.Context, at client.Location, taskType string, since time.Time, asked func(client.TaskRequest) bool,
) error {
	filter := client.TaskFilter{Location: at, Type: taskType, From: since, States: []string{client.TaskNew, client.TaskRunning}}
	_, err := s.client.Repeat(ctx, "running updates of the group", 0, func(ctx context.Context) (bool, error) {
		for task, err := range s.client.Tasks(ctx, filter) {
			other := task.Request != nil && !asked(*task.Request)
			if err != nil || !other && !s.known.has(task.ID) {
				return false, err
			}
		}
		return true, nil
	})
	return err
}
