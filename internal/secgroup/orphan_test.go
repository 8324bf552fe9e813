package secgroup

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// All looks for orphans of a place share one list. It leaves out what is old, or in a state.
func TestOrphans(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{})
	add := func(name string, age time.Duration) string {
		return cloud.AddGroup(gcoretest.Group{
			ProjectID: here.ProjectID, RegionID: here.RegionID, Name: name, CreatedAt: time.Now().Add(-age),
		})
	}
	orphan, claimed := add("web", 50*time.Minute), add("web", 0)
	add("web", 70*time.Minute)
	add("web-2", 0)
	s := newService(t, cloud)
	s.Claim(claimed)
	look := func(at client.Location, name string, want ...string) {
		t.Helper()
		if got, err := s.Orphans(t.Context(), at, name); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	var looking sync.WaitGroup
	for n := range 20 {
		looking.Go(func() { look(here, fmt.Sprint(n)) })
	}
	looking.Wait()
	look(here, "web", orphan)
	look(client.Location{ProjectID: 1, RegionID: 8}, "web")
	if n := len(cloud.Requests()); n != 2 {
		t.Errorf("%d requests for two places", n)
	}
	_, cancel := s.Operation(t.Context(), time.Hour, nil)
	cancel()
	look(here, "web")
	look(client.Location{ProjectID: 1, RegionID: 9}, "web")
	if n := len(cloud.Requests()); n != 2 {
		t.Errorf("%d requests in an apply", n-2)
	}
}

// A list that fails is an error once, not once for each new group.
func TestOrphansUnknown(t *testing.T) {
	t.Parallel()
	cloud := gcoretest.New(t, gcoretest.Config{})
	cloud.Fail(gcoretest.Fault{Operation: gcoretest.OperationListGroups, Effect: refusal(403)})
	s := newService(t, cloud)
	for n := range 3 {
		_, err := s.Orphans(t.Context(), here, "web")
		if (n == 0) != errors.Is(err, client.ErrForbidden) {
			t.Errorf("look %d: %v", n, err)
		}
	}
	if n := len(cloud.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}
