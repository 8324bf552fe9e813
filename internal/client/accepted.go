package client

import (
	"context"
	"errors"
	"fmt"
)

// anyTasks is the answer to a request that may have had its effect already. The field is documented as required, so
// that its absence is no promise of anything.
type anyTasks struct {
	Tasks *[]string `json:"tasks"`
}

func (a anyTasks) validate() error {
	if a.Tasks == nil {
		return errors.New("the answer has no tasks field")
	}
	for _, id := range *a.Tasks {
		if id == "" {
			return errors.New("a task has no id")
		}
	}
	return nil
}

func (a anyTasks) ids() []string {
	if a.Tasks == nil {
		return nil
	}
	return *a.Tasks
}

// oneTask is the answer to a request that creates one object, with one task.
type oneTask struct{ anyTasks }

func (o oneTask) validate() error {
	if err := o.anyTasks.validate(); err != nil {
		return err
	}
	if count := len(*o.Tasks); count != 1 {
		return fmt.Errorf("the answer names %d tasks, not one", count)
	}
	return nil
}

// begin performs an exchange that begins tasks, and returns their ids.
func begin[T interface {
	answer
	ids() []string
}](ctx context.Context, c *Client, taskType string, e exchange) ([]string, error) {
	began := c.now()
	answer, err := fetch[T](ctx, c, e)
	if err != nil {
		return nil, err
	}
	origin := taskOrigin{kind: taskKind{*e.location, taskType}}
	origin.group, _ = e.writes()
	if since, known := c.ServerTime(began); known {
		origin.since = since
	}
	c.polls.accept(origin, answer.ids())
	return answer.ids(), nil
}

// beginOne is begin for an exchange that makes one object, with one task.
func beginOne(ctx context.Context, c *Client, taskType string, e exchange) (taskID string, err error) {
	ids, err := begin[oneTask](ctx, c, taskType, e)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}
