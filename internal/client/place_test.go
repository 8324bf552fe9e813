package client_test

import (
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// The answers are the examples of the vendor's document. Dates have no zone.
func TestPlaces(t *testing.T) {
	t.Parallel()
	made := client.Time{Time: time.Date(2019, 12, 31, 23, 59, 59, 0, time.UTC)}
	s := play(t,
		step{want: "GET /cloud/v1/projects?limit=1000&offset=0", answer: `{"count": 2, "results": [
			{"client_id": 42, "created_at": "2019-12-31T23:59:59", "deleted_at": null, "description": "Test project", "id": 1, "is_default": true,
				"name": "test", "state": "ACTIVE", "task_id": null},
			{"client_id": 42, "created_at": "2019-12-31T23:59:59", "deleted_at": null, "description": null, "id": 2, "is_default": false,
				"name": "Prod (EU)", "state": "ACTIVE", "task_id": null}]}`},
		step{want: "GET /cloud/v1/regions?limit=1000&offset=0", answer: `{"count": 1, "results": [
			{"id": 76, "display_name": "Luxembourg-2", "keystone_name": "ED-16", "slug": "lux-2", "state": "ACTIVE", "country": "LU", "zone": null,
				"endpoint_type": "public", "access_level": "core", "created_at": "2019-12-31T23:59:59", "has_k8s": true, "coordinates": null}]}`},
	)
	if diff := cmp.Diff([]client.Project{
		{ID: 1, ClientID: 42, Name: "test", Description: "Test project", State: "ACTIVE", IsDefault: true, CreatedAt: made},
		{ID: 2, ClientID: 42, Name: "Prod (EU)", State: "ACTIVE", CreatedAt: made},
	}, allOf(t, s.client().Projects(t.Context()))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]client.Region{{
		ID: 76, DisplayName: "Luxembourg-2", KeystoneName: "ED-16", State: "ACTIVE", Country: "LU", EndpointType: "public", AccessLevel: "core", CreatedAt: made,
	}}, allOf(t, s.client().Regions(t.Context()))); diff != "" {
		t.Error(diff)
	}
}

// An entry without an id or a name is of no use.
func TestPlacesWithoutNames(t *testing.T) {
	t.Parallel()
	nameless := step{answer: `{"count": 1, "results": [{"id": 3, "name": "", "display_name": ""}]}`}
	c := play(t, nameless, nameless, nameless, nameless, nameless, nameless).client()
	for _, err := range c.Projects(t.Context()) {
		if err == nil || !strings.Contains(err.Error(), "a project has no id or no name") {
			t.Error(err)
		}
	}
	for _, err := range c.Regions(t.Context()) {
		if err == nil || !strings.Contains(err.Error(), "a region has no id or no name") {
			t.Error(err)
		}
	}
}

func allOf[T any](t *testing.T, list iter.Seq2[T, error]) (all []T) {
	t.Helper()
	for one, err := range list {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}
