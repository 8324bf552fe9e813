package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// lookByTask finds what a POST made whose answer was lost: there is a task of
// its time that nobody in this process has, and what it made is in every
// respect what was asked for. It returns "" if nothing was made. If something
// looks like it but no task made it, it is somebody else's, and errMadeNothing
// comes with a doubt that names it.
func (c *configured) lookByTask(ctx context.Context, n creation, p pending) (string, error) {
	var found look
	_, err := c.client.Repeat(ctx, visibility, func(ctx context.Context) (_ bool, err error) {
		found, err = c.look(ctx, n, p)
		return len(found.unclaimed) > 0, err
	})
	if err == nil && len(found.unclaimed) == 0 && len(found.unexplained) > 0 {
		err = fmt.Errorf("%w, but %w", errMadeNothing, n.doubt(found.unexplained))
	}
	return n.atMostOne(found.unclaimed, err)
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
	return n.atMostOne(found, err)
}

func (n creation) atMostOne(ids []string, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case len(ids) > 1:
		return "", n.doubt(ids)
	case len(ids) == 1:
		return ids[0], nil
	}
	return "", nil
}

// doubtError lists objects that could be the one that was asked for.
type doubtError struct{ ids, adoptions []string }

func (n creation) doubt(ids []string) error {
	e := &doubtError{ids: ids}
	for _, id := range ids {
		e.adoptions = append(e.adoptions, importBlock(n.resourceType, n.importID(id)))
	}
	return e
}

func (e *doubtError) Error() string {
	return "what was made at that time and looks like it: " + strings.Join(e.ids, ", ")
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
	since, err := c.since(ctx, n, p)
	if err != nil {
		return look{}, err
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
			if task.ID == p.TaskID {
				// The list still has what a read of the task no longer finds.
				return look{unexplained: []string{id}}, nil
			}
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

// since is when a create began, by the server's clock.
func (c *configured) since(ctx context.Context, n creation, p pending) (time.Time, error) {
	if !p.Since.IsZero() {
		return p.Since, nil
	}
	// Any answer tells the server's clock, if none has yet.
	if _, known := c.client.ServerTime(p.Began); !known {
		if _, err := n.lookalikes(ctx, p.Began); err != nil {
			return time.Time{}, err
		}
	}
	since, known := c.client.ServerTime(p.Began)
	if !known {
		return time.Time{}, errors.New("the server's answers have no date, so what was made since cannot be told")
	}
	return since, nil
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
