package client

import (
	"cmp"
	"context"
	"errors"
	"net/http"
)

// Instance is an instance that uses a group. Both texts are bounded, on one line, without the API key.
type Instance struct{ ID, Name string }

// SecurityGroupInstances returns instances that use a group: the first page of them, enough to explain why the group
// cannot be deleted.
func (c *Client) SecurityGroupInstances(ctx context.Context, location Location, groupID string) ([]Instance, error) {
	answer, err := fetch[page[wireInstance]](ctx, c, exchange{
		operation: "list the instances of security group " + groupID,
		method:    http.MethodGet, collection: groupsV1, location: &location, elements: []string{groupID, "instances"},
	})
	if err != nil {
		return nil, err
	}
	instances := make([]Instance, 0, len(*answer.Results))
	for _, w := range *answer.Results {
		instances = append(instances, w.instance(c.mask))
	}
	return instances, nil
}

// wireInstance is an instance in an answer. It is not published which of the two spellings the API uses.
type wireInstance struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	InstanceID   string `json:"instance_id"`
	InstanceName string `json:"instance_name"`
}

func (w wireInstance) validate(m mask) error {
	if w.instance(m).ID == "" {
		return errors.New("an instance has no id")
	}
	return nil
}

func (w wireInstance) instance(m mask) Instance {
	return Instance{
		ID:   m.line(cmp.Or(w.ID, w.InstanceID), longestText),
		Name: m.line(cmp.Or(w.Name, w.InstanceName), longestText),
	}
}
