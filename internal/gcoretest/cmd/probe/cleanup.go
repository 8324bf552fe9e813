package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// remove deletes a group of this run. One that is gone is fine.
func (p *probe) remove(ctx context.Context, id string) error {
	if p.before[id] {
		return fmt.Errorf("group %s was there before the probe: it is not deleted", id)
	}
	path := p.readPath(id)
	got, err := p.api.send(ctx, http.MethodDelete, path, nil)
	switch {
	case err != nil:
		return err
	case got.status == http.StatusNotFound || got.status >= 200 && got.status <= 299:
		delete(p.groups, id)
		return nil
	}
	return newRefusal(http.MethodDelete, path, got)
}

// cleanUp deletes every group of this run, whatever has happened: those it knows of, those that a task was making when
// the run ended, and those whose making got no answer, which their name tells.
func (p *probe) cleanUp(ctx context.Context, limits bounds) error {
	if p.made == 0 {
		return nil
	}
	// The run's own context may have ended: this is what has to be done then.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.cleanUpTime)
	defer cancel()
	p.api.allowMore(limits.cleanUpRequests)
	problems := []error{p.findPending(ctx, limits.cleanUpTime/2), p.findByName(ctx)}
	for _, id := range slices.Sorted(maps.Keys(p.groups)) {
		problems = append(problems, p.removeStubborn(ctx, id))
	}
	return errors.Join(problems...)
}

// findPending waits for the tasks that were making a group when the run ended, and leaves time to delete the others.
func (p *probe) findPending(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var problems []error
	for _, taskID := range p.pending {
		done, err := p.await(ctx, makesGroup, taskID)
		if _, failed := errors.AsType[*taskFailed](err); err != nil && !failed {
			problems = append(problems, err)
		}
		if done.Created != nil && done.Created.Groups != nil {
			for _, id := range *done.Created.Groups {
				p.groups[id] = true
			}
		}
	}
	return errors.Join(problems...)
}

// findByName finds this run's groups in the list of all. What a request without an answer may have started takes its
// time to show.
func (p *probe) findByName(ctx context.Context) error {
	const looks, pause = 4, 5 * time.Second
	for look := 1; ; look++ {
		there, err := p.listGroups(ctx)
		if err != nil {
			return err
		}
		for _, g := range there {
			if strings.HasPrefix(g.Name, p.name+"-") {
				p.groups[g.ID] = true
			}
		}
		if p.doubted == 0 || look == looks {
			return nil
		}
		if err := p.sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// removeStubborn tries again for a while: a task may hold the group.
func (p *probe) removeStubborn(ctx context.Context, id string) error {
	const tries, pause = 4, 5 * time.Second
	for try := 1; ; try++ {
		err := p.remove(ctx, id)
		if err == nil || try == tries {
			return err
		}
		if sleeping := p.sleep(ctx, pause); sleeping != nil {
			return errors.Join(err, sleeping)
		}
	}
}
