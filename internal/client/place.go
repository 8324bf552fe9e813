package client

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// Project is a project as the API gives it.
type Project struct {
	ID          int64  `json:"id"`
	ClientID    int64  `json:"client_id"`
	Name        string `json:"name"`
	Description string `json:"description"` // also "" if the API says null
	State       string `json:"state"`
	IsDefault   bool   `json:"is_default"`
	CreatedAt   Time   `json:"created_at"`
}

func (p Project) validate(mask) error { return placeProblem("project", p.ID, p.Name) }

// Region is a region as the API gives it, but for what it has of other products.
type Region struct {
	ID           int64  `json:"id"`
	DisplayName  string `json:"display_name"`
	KeystoneName string `json:"keystone_name"`
	State        string `json:"state"`
	Country      string `json:"country"`
	Zone         string `json:"zone"` // also "" if the API says null
	EndpointType string `json:"endpoint_type"`
	AccessLevel  string `json:"access_level"`
	CreatedAt    Time   `json:"created_at"`
}

func (r Region) validate(mask) error { return placeProblem("region", r.ID, r.DisplayName) }

func placeProblem(kind string, id int64, name string) error {
	if id <= 0 || name == "" {
		return errors.New("a " + kind + " has no id or no name")
	}
	return nil
}

// Projects lists the projects that the key may see, without the deleted ones. Nothing follows an error.
func (c *Client) Projects(ctx context.Context) iter.Seq2[Project, error] {
	return listAll(ctx, c, exchange{
		operation: "list projects", method: http.MethodGet, collection: "v1/projects", query: url.Values{},
	}, func(p Project) string { return strconv.FormatInt(p.ID, 10) })
}

// Regions lists the regions that the key may see. Nothing follows an error.
func (c *Client) Regions(ctx context.Context) iter.Seq2[Region, error] {
	return listAll(ctx, c, exchange{
		operation: "list regions", method: http.MethodGet, collection: "v1/regions", query: url.Values{},
	}, func(r Region) string { return strconv.FormatInt(r.ID, 10) })
}
