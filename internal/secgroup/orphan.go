package secgroup

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// orphanAge is how long a group counts as what a killed run may have left.
const orphanAge = time.Hour

// Orphans returns the ids of young groups of a name that no resource of this process has: what a run that was killed may
// have left. The groups of a place are listed once, for all calls; if that fails, only the first of them returns the error.
//
// Terraform asks for a plan in an apply too, where nothing was refreshed and the groups of the state are not known. The
// protocol does not tell the two apart, but an operation proves an apply: from the first one on, there is nothing to look
// for.
func (s *Service) Orphans(ctx context.Context, at client.Location, name string) ([]string, error) {
	if s.applying.Load() {
		return nil, nil
	}
	list, isNew := s.young.of(at)
	if isNew {
		defer close(list.done)
		if err := s.listYoung(ctx, at, list); err != nil {
			return nil, err
		}
	} else {
		select {
		case <-list.done:
		case <-ctx.Done():
			return nil, client.Ended(ctx)
		}
	}
	return slices.DeleteFunc(slices.Clone(list.ids[name]), s.known.has), nil
}

// young has the young groups of each place that was asked about.
type young struct {
	mu     sync.Mutex
	places map[client.Location]*youngGroups
}

// youngGroups are the ids of the young groups of one place, by name.
type youngGroups struct {
	ids  map[string][]string
	done chan struct{} // closed once the groups are listed
}

func (y *young) of(at client.Location) (list *youngGroups, isNew bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if list, ok := y.places[at]; ok {
		return list, false
	}
	if y.places == nil {
		y.places = map[client.Location]*youngGroups{}
	}
	list = &youngGroups{ids: map[string][]string{}, done: make(chan struct{})}
	y.places[at] = list
	return list, true
}

func (s *Service) listYoung(ctx context.Context, at client.Location, list *youngGroups) error {
	for group, err := range s.ListGroups(ctx, at, client.SecurityGroupFilter{}) {
		if err != nil {
			return err
		}
		if s.age(group.CreatedAt) <= orphanAge {
			list.ids[group.Name] = append(list.ids[group.Name], group.ID)
		}
	}
	return nil
}
