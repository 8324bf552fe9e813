package secgroup

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// byTask finds the object of a POST whose answer was lost. A task created it that started after the POST, that repeats the
// request in its data or whose object matches the request in every field, and that no resource of this process has. It
// returns "" if nothing was created. An object that matches and that no task created is somebody else's: the error is
// MadeNothing, with the candidates.
func (s *Service) byTask(ctx context.Context, spec createSpec, p Pending) (string, error) {
	var found candidates
	_, err := s.client.Repeat(ctx, visibleWithin, func(ctx context.Context) (_ bool, err error) {
		found, err = s.search(ctx, spec, p)
		return len(found.unclaimed) > 0, err
	})
	if err == nil && len(found.unclaimed) == 0 && len(found.unexplained) > 0 {
		err = spec.failed(MadeNothing, nil, found.unexplained...)
	}
	return spec.onlyID(found.unclaimed, err)
}

// byContent finds the object of a task that the API has forgotten, or that ended in ERROR although it had its effect:
// it is what was asked for, and no other task explains it.
func (s *Service) byContent(ctx context.Context, spec createSpec, p Pending) (string, error) {
	var found candidates
	_, err := s.client.Repeat(ctx, visibleWithin, func(ctx context.Context) (_ bool, err error) {
		found, err = s.search(ctx, spec, p)
		return len(found.unexplained) > 0, err
	})
	return spec.onlyID(found.unexplained, err)
}

// onlyID returns the only id, "" if there is none, and an error for several.
func (spec createSpec) onlyID(ids []string, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case len(ids) > 1:
		return "", spec.failed(Doubtful, nil, ids...)
	case len(ids) == 1:
		return ids[0], nil
	}
	return "", nil
}

// candidates are the ids of what may have come of a POST.
type candidates struct {
	unclaimed   []string // created by a task that no resource of this process has
	unexplained []string // created by no task of the list
}

// search waits for running tasks, lists the objects that match, then lists the tasks. In this order every listed object
// that a task of this time created has its task in the list.
func (s *Service) search(ctx context.Context, spec createSpec, p Pending) (candidates, error) {
	since, err := s.since(ctx, spec, p)
	if err != nil {
		return candidates{}, err
	}
	if err := s.awaitRunningTasks(ctx, spec.group.Location, spec.taskType, since, spec.asked); err != nil {
		return candidates{}, err
	}
	alike, err := spec.lookalikes(ctx)
	if err != nil {
		return candidates{}, err
	}
	var result candidates
	explained := map[string]bool{}
	filter := client.TaskFilter{Location: spec.group.Location, Type: spec.taskType, From: since.Add(-explainedFor)}
	for task, err := range s.client.Tasks(ctx, filter) {
		if err != nil {
			return candidates{}, err
		}
		for _, id := range spec.created(task) {
			if task.ID == p.TaskID {
				// The list still has what a read of the task no longer finds.
				return candidates{unexplained: []string{id}}, nil
			}
			explained[id] = true
			if spec.mayBe(task, id, alike, since) && !s.known.has(task.ID) && !s.known.has(id) {
				result.unclaimed = append(result.unclaimed, id)
			}
		}
	}
	for _, object := range alike {
		if !explained[object.id] && !s.known.has(object.id) && createdSince(object.created, since.Add(-clockSlack)) {
			result.unexplained = append(result.unexplained, object.id)
		}
	}
	return result, nil
}

// explainedFor is how far back the tasks are listed: an object that one of them created is not ours by its content alone.
const explainedFor = time.Hour

// clockSlack is by how much the clock of the dates of objects may be behind that of the header Date and of tasks.
const clockSlack = 5 * time.Second

// lookalike is an object that is in every respect what was asked for.
type lookalike struct {
	id      string
	created client.Time
}

// mayBe reports whether a task, and what it created, is that of the POST. The task's data repeats its request; where the
// API leaves it out, the object has to be what was asked for. The date of the object does not count: it may come from
// another clock than that of the tasks.
func (spec createSpec) mayBe(task client.Task, id string, alike []lookalike, since time.Time) bool {
	if !createdSince(task.CreatedOn, since) {
		return false
	}
	if task.Request != nil {
		return spec.asked(*task.Request)
	}
	return slices.ContainsFunc(alike, func(object lookalike) bool { return object.id == id })
}

// since is when a create began, by the server's clock.
func (s *Service) since(ctx context.Context, spec createSpec, p Pending) (time.Time, error) {
	if !p.Since.IsZero() {
		return p.Since, nil
	}
	// Any answer gives the server's time, if none has yet.
	if _, known := s.client.ServerTime(p.Began); !known {
		if _, err := spec.lookalikes(ctx); err != nil {
			return time.Time{}, err
		}
	}
	since, known := s.client.ServerTime(p.Began)
	if !known {
		return time.Time{}, errors.New("the server's answers have no date, so what was made since cannot be told")
	}
	return since, nil
}

// awaitRunningTasks waits until the tasks of a type that began at that time or later have ended, but for those that a resource
// of this process waits for itself, and those whose data shows another request.
func (s *Service) awaitRunningTasks(
	ctx context.Context, at client.Location, taskType string, since time.Time, asked func(client.TaskRequest) bool,
) error {
	filter := client.TaskFilter{Location: at, Type: taskType, From: since, States: []string{client.TaskNew, client.TaskRunning}}
	_, err := s.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
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

// createdSince reports whether something was created at that time or later, as far as its date can be read.
func createdSince(created client.Time, since time.Time) bool {
	return created.IsZero() || !created.Before(since)
}
