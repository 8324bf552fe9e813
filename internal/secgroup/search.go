package secgroup

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// byTask finds the object of a POST whose answer was lost: a task of its time that no resource of this process has made
// it, and it is in every respect what was asked for. It returns "" if nothing was created. Something that looks like it
// and that no task made is somebody else's: the error is MadeNothing, with the candidates.
func (s *Service) byTask(ctx context.Context, spec createSpec, p Pending) (string, error) {
	var found candidates
	_, err := s.client.Repeat(ctx, visibleWithin, func(ctx context.Context) (_ bool, err error) {
		found, err = s.search(ctx, spec, p)
		return len(found.unclaimed) > 0, err
	})
	if err == nil && len(found.unclaimed) == 0 && len(found.unexplained) > 0 {
		err = spec.failed(MadeNothing, nil, found.unexplained...)
	}
	return spec.single(found.unclaimed, err)
}

// byContent finds the object of a task that the API has forgotten, or that ended in ERROR although it had its effect:
// it is what was asked for, and no other task explains it.
func (s *Service) byContent(ctx context.Context, spec createSpec, p Pending) (string, error) {
	var found candidates
	_, err := s.client.Repeat(ctx, visibleWithin, func(ctx context.Context) (_ bool, err error) {
		found, err = s.search(ctx, spec, p)
		return len(found.unexplained) > 0, err
	})
	return spec.single(found.unexplained, err)
}

// single is the only one of the ids, "" if there is none.
func (spec createSpec) single(ids []string, err error) (string, error) {
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

// search compares the objects with the tasks that could have created them. The objects are listed first: what a task of
// this time created before that is then explained by the task, which has ended.
func (s *Service) search(ctx context.Context, spec createSpec, p Pending) (candidates, error) {
	since, err := s.since(ctx, spec, p)
	if err != nil {
		return candidates{}, err
	}
	if err := s.awaitTasks(ctx, spec.group.Location, spec.taskType, since); err != nil {
		return candidates{}, err
	}
	alike, err := spec.lookalikes(ctx, since)
	if err != nil {
		return candidates{}, err
	}
	var result candidates
	explained := map[string]bool{}
	filter := client.TaskFilter{Location: spec.group.Location, Type: spec.taskType, From: since}
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
			if slices.Contains(alike, id) && !s.known.has(task.ID) && !s.known.has(id) {
				result.unclaimed = append(result.unclaimed, id)
			}
		}
	}
	for _, id := range alike {
		if !explained[id] && !s.known.has(id) {
			result.unexplained = append(result.unexplained, id)
		}
	}
	return result, nil
}

// since is when a create began, by the server's clock.
func (s *Service) since(ctx context.Context, spec createSpec, p Pending) (time.Time, error) {
	if !p.Since.IsZero() {
		return p.Since, nil
	}
	// Any answer gives the server's time, if none has yet.
	if _, known := s.client.ServerTime(p.Began); !known {
		if _, err := spec.lookalikes(ctx, p.Began); err != nil {
			return time.Time{}, err
		}
	}
	since, known := s.client.ServerTime(p.Began)
	if !known {
		return time.Time{}, errors.New("the server's answers have no date, so what was made since cannot be told")
	}
	return since, nil
}

// awaitTasks waits until the tasks of a type that began at that time or later have ended, but for those that a resource
// of this process waits for itself.
func (s *Service) awaitTasks(ctx context.Context, at client.Location, taskType string, since time.Time) error {
	filter := client.TaskFilter{Location: at, Type: taskType, From: since, States: []string{client.TaskNew, client.TaskRunning}}
	_, err := s.client.Repeat(ctx, 0, func(ctx context.Context) (bool, error) {
		for task, err := range s.client.Tasks(ctx, filter) {
			if err != nil || !s.known.has(task.ID) {
				return false, err
			}
		}
		return true, nil
	})
	return err
}

// createdSince reports whether something was created at that time or later. What has no time that can be read may have
// been.
func createdSince(created client.Time, since time.Time) bool {
	return created.IsZero() || !created.Before(since)
}
