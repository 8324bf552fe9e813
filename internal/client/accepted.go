package client

import (
	"context"
	"errors"
	"fmt"
)

// anyTasks is the answer to a request that may be done already. The API documents the field as required, so that an
// answer without it proves nothing.
type anyTasks struct {
	Tasks *[]string `json:"tasks"`
}

func (a anyTasks) validate(m mask) error {
	if a.Tasks == nil {
		return errors.New("the answer has no tasks field")
	}
	for _, id := range *a.Tasks {
		if !m.isID(id) {
			return errTaskID
		}
	}
	return nil
}

func (a anyTasks) ids() []string { return *a.Tasks }

// oneTask is the answer to a request that creates one object, with one task.
type oneTask struct{ anyTasks }

func (o oneTask) validate(m mask) error {
	if err := o.anyTasks.validate(m); err != nil {
		return err
	}
	if count := len(*o.Tasks); count != 1 {
		return fmt.Errorf("the answer names %d tasks, not one", count)
	}
	return nil
}

// startTasks makes a call that starts tasks, and returns their ids.
func startTasks[T interface {
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
	c.polls.remember(origin, answer.ids())
	return answer.ids(), nil
}

// startOneTask is startTasks for a call that creates one object.
func startOneTask(ctx context.Context, c *Client, taskType string, e exchange) (taskID string, err error) {
	ids, err := startTasks[oneTask](ctx, c, taskType, e)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}
