package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// finished are the observed tasks that ended FINISHED, each as last seen.
func (p *probe) finished() []task {
	var done []task
	for _, seen := range p.observed {
		if last := seen.last(); last.State == stateFinished {
			done = append(done, last)
		}
	}
	return done
}

// last is the latest poll, or none.
func (o *observation) last() task {
	if len(o.polls) == 0 {
		return task{}
	}
	return o.polls[len(o.polls)-1]
}

// checkTaskStates looks at all tasks so far: each is NEW, RUNNING and FINISHED or ERROR, in this order.
func checkTaskStates(_ context.Context, p *probe) error {
	order := []string{stateNew, stateRunning, stateFinished, stateFailed}
	seen := map[string]bool{}
	for _, o := range p.observed {
		at := 0
		for _, poll := range o.polls {
			now := slices.Index(order, poll.State)
			if now < at {
				return differs("the task of a %s is %s after %s", o.kind, poll.State, order[at])
			}
			at, seen[poll.State] = now, true
		}
	}
	for _, state := range []string{stateNew, stateRunning} {
		if !seen[state] {
			return notChecked("no task was seen in the state %s", state)
		}
	}
	return nil
}

// checkTaskResources makes a task of each kind, and then looks at all tasks so far.
func checkTaskResources(ctx context.Context, p *probe) error {
	r, err := p.addRule(ctx, p.bench.ID, tcp(5555))
	if err != nil {
		return preparing(err)
	}
	taskID, err := p.changeOne(ctx, http.MethodDelete, p.groupPath(p.bench.ID, "rules", r.ID), nil)
	if err != nil {
		return preparing(err)
	}
	if _, err := p.await(ctx, removesRule, taskID); err != nil {
		return preparing(err)
	}
	want := map[string]string{
		makesGroup: "1 groups, 0 rules", changesGroup: "1 groups, 0 rules",
		makesRule: "0 groups, 1 rules", removesRule: "null",
	}
	for _, o := range p.observed {
		for _, poll := range o.polls {
			expected := "null"
			if poll.State == stateFinished {
				expected = want[o.kind]
			}
			if got := poll.Created.String(); got != expected {
				return differs("the created_resources of a %s are, %s: %s; not %s", o.kind, poll.State, got, expected)
			}
		}
	}
	return nil
}

// checkTaskData looks at all tasks so far: each has what was asked for.
func checkTaskData(_ context.Context, p *probe) error {
	want := map[string][]string{
		makesGroup: {"name", "description", "rules", "tags"}, changesGroup: {"name", "description", "rules", "tags", "security_group_id"},
		makesRule: {"rule", "security_group_id"}, removesRule: {"security_group_id", "security_group_rule_id"},
	}
	for _, o := range p.observed {
		data := o.last().Data
		for _, field := range want[o.kind] {
			if _, ok := data[field]; !ok {
				return differs("the data of the task of a %s has no %s: %d fields", o.kind, field, len(data))
			}
		}
	}
	return nil
}

// checkClocks compares the dates of a new group, of its task and of the answer.
func checkClocks(ctx context.Context, p *probe) error {
	before, err := p.api.send(ctx, http.MethodGet, p.readPath(p.bench.ID), nil)
	if err != nil {
		return err
	}
	started, err := http.ParseTime(before.header.Get("Date"))
	if err != nil {
		return differs("an answer has the Date %q", before.header.Get("Date"))
	}
	g, err := p.makeGroup(ctx, object{"name": p.name + "-clocks", "rules": []object{}})
	if err != nil {
		return preparing(err)
	}
	o := p.observed[len(p.observed)-1].last()
	accepted, err := parseDate(text(o.CreatedOn))
	if err != nil {
		return differs("created_on: %v", err)
	}
	finished, err := parseDate(text(o.FinishedOn))
	if err != nil {
		return differs("finished_on: %v", err)
	}
	made, err := parseDate(g.CreatedAt)
	if err != nil {
		return differs("created_at: %v", err)
	}
	const slack = 2 * time.Second // dates have whole seconds, and a request takes its time
	if accepted.Before(started.Add(-slack)) || accepted.After(started.Add(5*slack)) {
		return differs("a task begun at %s by the header Date was created at %s", started.Format(time.TimeOnly), accepted.Format(time.TimeOnly))
	}
	if made.Before(accepted.Add(-slack)) || made.After(finished.Add(slack)) {
		return differs("a group was made at %s, by a task from %s to %s", made.Format(time.TimeOnly), accepted.Format(time.TimeOnly), finished.Format(time.TimeOnly))
	}
	return preparing(p.remove(ctx, g.ID))
}

func (c *createdResources) String() string {
	if c == nil {
		return "null"
	}
	count := func(ids *[]string) string {
		if ids == nil {
			return "no"
		}
		return fmt.Sprint(len(*ids))
	}
	return count(c.Groups) + " groups, " + count(c.Rules) + " rules"
}

// checkTaskTimes looks for one task by times around that of its acceptance.
func checkTaskTimes(ctx context.Context, p *probe) error {
	wanted := p.finished()[0]
	created, err := parseDate(text(wanted.CreatedOn))
	if err != nil {
		return differs("created_on: %v", err)
	}
	created = created.Truncate(time.Second)
	const local, zoned = "2006-01-02T15:04:05", "2006-01-02T15:04:05Z"
	next := created.Add(time.Second)
	for _, search := range []struct {
		from, to string
		found    bool
	}{
		{created.Format(local), next.Format(local), true},
		{created.Format(zoned), next.Format(zoned), true},
		{next.Format(zoned), next.Add(time.Hour).Format(zoned), false},
		{created.Add(-time.Hour).Format(zoned), created.Add(-time.Second).Format(zoned), false},
	} {
		query := url.Values{
			"from_timestamp": {search.from}, "to_timestamp": {search.to}, "limit": {"1000"}, "is_acknowledged": {"false"},
		}
		got, err := call[page[task]](ctx, p.api, http.MethodGet, p.tasksPath(query.Encode()), nil)
		if err != nil {
			return err
		}
		found := slices.ContainsFunc(got.Results, func(t task) bool { return t.ID == wanted.ID })
		if found != search.found {
			return differs("a task of %s, among the unacknowledged from %s to %s: %t", text(wanted.CreatedOn), search.from, search.to, found)
		}
	}
	return nil
}

// checkReadAfterWrite looks back at everything that was read after the task that made it.
func checkReadAfterWrite(_ context.Context, p *probe) error {
	if len(p.late) > 0 {
		return differs("after its task had finished it took %s", strings.Join(p.late, ", "))
	}
	return nil
}

// checkTaskRetention asks for the oldest task of the run again. That is minutes old: it tells nothing of days.
func checkTaskRetention(ctx context.Context, p *probe) error {
	_, err := p.poll(ctx, p.finished()[0].ID)
	return err
}
