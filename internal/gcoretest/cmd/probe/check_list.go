package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
)

func checkDateForms(_ context.Context, p *probe) error {
	objectDate := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$`)
	taskDate := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`)
	for _, g := range []group{p.bench, p.template} {
		dates := []string{g.CreatedAt, g.UpdatedAt}
		for _, r := range g.Rules {
			dates = append(dates, r.CreatedAt, r.UpdatedAt)
		}
		for _, date := range dates {
			if !objectDate.MatchString(date) {
				return differs("a group or rule has the date %s", date)
			}
		}
	}
	for _, done := range p.finished() {
		for _, date := range []*string{done.CreatedOn, done.FinishedOn} {
			if date == nil || !taskDate.MatchString(*date) {
				return differs("a finished task has the date %s", text(date))
			}
		}
	}
	return nil
}

func checkListPaging(ctx context.Context, p *probe) error {
	const size = 10
	longest := 0
	for _, path := range []string{p.readPath(), p.tasksPath("")} {
		got, err := call[page[struct{}]](ctx, p.api, http.MethodGet, path, nil)
		if err != nil {
			return err
		}
		if want := min(size, got.Count); len(got.Results) != want {
			return differs("%s without a limit has %d of %d entries, not %d", path, len(got.Results), got.Count, want)
		}
		longest = max(longest, got.Count)
	}
	if longest <= size {
		return notChecked("no list has more than %d entries", size)
	}
	return nil
}

func checkListOrder(ctx context.Context, p *probe) error {
	groups, err := p.listGroups(ctx)
	if err != nil {
		return err
	}
	var ids, ruleIDs, keys []string
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	if _, err := p.patch(ctx, p.template.ID, object{"tags": object{"order-c": "1", "order-a": "1", "order-b": "1"}}); err != nil {
		return preparing(err)
	}
	g, err := p.read(ctx, p.template.ID)
	if err != nil {
		return err
	}
	for _, r := range g.Rules {
		ruleIDs = append(ruleIDs, r.ID)
	}
	for _, t := range g.Tags {
		keys = append(keys, t.Key)
	}
	for _, list := range []struct {
		what   string
		values []string
	}{{"groups", ids}, {"rules", ruleIDs}, {"tags", keys}} {
		if err := inOrder(list.what, list.values); err != nil {
			return err
		}
	}
	return newestFirst(ctx, p)
}

func inOrder(what string, values []string) error {
	for i := 1; i < len(values); i++ {
		if values[i] < values[i-1] {
			return differs("the %s are not in the order of their ids or keys: %s before %s", what, values[i-1], values[i])
		}
	}
	return nil
}

func newestFirst(ctx context.Context, p *probe) error {
	got, err := call[page[task]](ctx, p.api, http.MethodGet, p.tasksPath("limit=50"), nil)
	if err != nil {
		return err
	}
	for i := 1; i < len(got.Results); i++ {
		newer, older := text(got.Results[i-1].CreatedOn), text(got.Results[i].CreatedOn)
		if newer < older {
			return differs("a task of %s is listed before one of %s", newer, older)
		}
	}
	return nil
}

// tasksPath is the list of the project's and region's tasks.
func (p *probe) tasksPath(query string) string {
	path := fmt.Sprintf("/cloud/v1/tasks?project_id=%d&region_id=%d", p.settings.projectID, p.settings.regionID)
	if query != "" {
		path += "&" + query
	}
	return path
}
