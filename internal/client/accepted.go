package client

import (
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

func (o oneTask) id() string { return (*o.Tasks)[0] }
