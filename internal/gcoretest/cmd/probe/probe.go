package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// mostGroups is how many groups one run may ask for. Unless something differs, three of them exist at a time.
const mostGroups = 12

// probe is one run. Its checks come one after the other and share two groups; what else they need they make.
type probe struct {
	settings settings
	api      *api
	sleep    sleeper
	name     string // begins the name of every group of this run

	before  map[string]bool // ids of the groups that were there already, which are never deleted
	groups  map[string]bool // ids of this run's groups
	pending []string        // tasks that may yet make a group of this run
	doubted int             // requests for a group that got no answer: they may have made one
	made    int             // groups that were asked for

	bench    group // a group without rules at first, as it was when it was new: checks do with it what they want
	template group // a group that was made without naming rules, as it was when it was new

	observed []*observation
	late     []string // what could not be read as soon as its task had finished
}

func newProbe(s settings, a *api, sleep sleeper) *probe {
	return &probe{
		settings: s, api: a, sleep: sleep, name: randomName(),
		before: map[string]bool{}, groups: map[string]bool{},
	}
}

// setUp remembers what is there, and makes the groups that several checks use.
func (p *probe) setUp(ctx context.Context) error {
	there, err := p.listGroups(ctx)
	if err != nil {
		return err
	}
	for _, g := range there {
		p.before[g.ID] = true
	}
	if p.bench, err = p.makeGroup(ctx, object{"name": p.name + "-bench", "rules": []object{}}); err != nil {
		return fmt.Errorf("making a group: %w", err)
	}
	if p.template, err = p.makeGroup(ctx, object{"name": p.name + "-template"}); err != nil {
		return fmt.Errorf("making a group without rules: %w", err)
	}
	return nil
}

// place is a path of the groups of the project and region. version is the API's: v1 names the collection otherwise.
func (p *probe) place(version, collection string, elements ...string) string {
	path := fmt.Sprintf("/cloud/%s/%s/%d/%d", version, collection, p.settings.projectID, p.settings.regionID)
	for _, element := range elements {
		path += "/" + url.PathEscape(element)
	}
	return path
}

// groupPath is where a group is changed, readPath where groups are read and deleted.
func (p *probe) groupPath(elements ...string) string {
	return p.place("v2", "security_groups", elements...)
}
func (p *probe) readPath(elements ...string) string {
	return p.place("v1", "securitygroups", elements...)
}

func (p *probe) read(ctx context.Context, groupID string) (group, error) {
	return call[group](ctx, p.api, http.MethodGet, p.readPath(groupID), nil)
}

// listGroups reads all groups of the project and region, page by page.
func (p *probe) listGroups(ctx context.Context) ([]listed, error) {
	const size, mostPages = 1000, 10
	var all []listed
	for range mostPages {
		path := fmt.Sprintf("%s?limit=%d&offset=%d", p.readPath(), size, len(all))
		got, err := call[page[listed]](ctx, p.api, http.MethodGet, path, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, got.Results...)
		if len(got.Results) == 0 || len(all) >= got.Count {
			return all, nil
		}
	}
	return nil, fmt.Errorf("there are more than %d groups here: use a project of its own", size*mostPages)
}

// makeGroup makes a group, which the end of the run deletes, and reads it.
func (p *probe) makeGroup(ctx context.Context, body object) (group, error) {
	if p.made++; p.made > mostGroups {
		return group{}, fmt.Errorf("the probe makes at most %d groups", mostGroups)
	}
	taskID, err := p.changeOne(ctx, http.MethodPost, p.groupPath(), body)
	if err != nil {
		if refused, ok := errors.AsType[*refusal](err); !ok || !refused.aboutTheRequest() {
			p.doubted++
		}
		return group{}, err
	}
	p.pending = append(p.pending, taskID)
	done, err := p.await(ctx, makesGroup, taskID)
	if err != nil {
		return group{}, err
	}
	if done.Created == nil || done.Created.Groups == nil || len(*done.Created.Groups) != 1 {
		return group{}, differs("the finished task of a group creation does not name the one group that it made")
	}
	id := (*done.Created.Groups)[0]
	p.groups[id] = true
	p.pending = slices.DeleteFunc(p.pending, func(pending string) bool { return pending == taskID })
	return p.readWith(ctx, id, "the group", func(group) bool { return true })
}

// addRule makes a rule and returns it as it is stored.
func (p *probe) addRule(ctx context.Context, groupID string, body object) (rule, error) {
	taskID, err := p.changeOne(ctx, http.MethodPost, p.groupPath(groupID, "rules"), body)
	if err != nil {
		return rule{}, err
	}
	done, err := p.await(ctx, makesRule, taskID)
	if err != nil {
		return rule{}, err
	}
	if done.Created == nil || done.Created.Rules == nil || len(*done.Created.Rules) != 1 {
		return rule{}, differs("the finished task of a rule creation does not name the one rule that it made")
	}
	id := (*done.Created.Rules)[0]
	g, err := p.readWith(ctx, groupID, "a rule", func(g group) bool { return g.rule(id) != nil })
	if err != nil {
		return rule{}, err
	}
	return *g.rule(id), nil
}

// readWith reads a group in which something has to be, since a task that made it has finished. It waits a while for
// what is not there yet, and remembers that it was late.
func (p *probe) readWith(ctx context.Context, groupID, what string, there func(group) bool) (group, error) {
	const reads, pause = 5, 2 * time.Second
	for n := range reads {
		g, err := p.read(ctx, groupID)
		if err != nil && !missing(err) {
			return group{}, err
		}
		if err == nil && there(g) {
			if n > 0 {
				p.late = append(p.late, fmt.Sprintf("%s about %s", what, time.Duration(n)*pause))
			}
			return g, nil
		}
		if err := p.sleep(ctx, pause); err != nil {
			return group{}, err
		}
	}
	p.late = append(p.late, fmt.Sprintf("%s more than %s", what, reads*pause))
	return group{}, differs("%s cannot be read %s after its task has finished", what, reads*pause)
}

func missing(err error) bool {
	refused, ok := errors.AsType[*refusal](err)
	return ok && refused.status == http.StatusNotFound
}
