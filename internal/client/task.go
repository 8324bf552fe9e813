package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The states of a task.
const (
	TaskNew      = "NEW"
	TaskRunning  = "RUNNING"
	TaskFinished = "FINISHED"
	TaskFailed   = "ERROR"
)

// The types of the tasks that change security groups. The deletion of a group makes no task.
const (
	TaskCreateSecurityGroup     = "create_security_group"
	TaskUpdateSecurityGroup     = "update_security_group"
	TaskCreateSecurityGroupRule = "create_security_group_rule"
	TaskDeleteSecurityGroupRule = "delete_security_group_rule"
)

// Task is work that the API has accepted and does later. All texts are bounded, on one line, without the API key.
type Task struct {
	ID    string
	Type  string
	State string
	// Error is the API's free text about a failure; "" if there is none.
	Error      string
	RequestID  string
	CreatedOn  Time // by the server's clock
	FinishedOn Time // zero until then
	// CreatedSecurityGroups and CreatedSecurityGroupRules are ids. They are nil until the task is finished, and after a
	// failure. An id has at most 64 letters, digits, hyphens and underscores, and is there once; anything else that the API
	// names is left out.
	CreatedSecurityGroups     []string
	CreatedSecurityGroupRules []string
	// Request is nil if the task has no data, or in a form that this package does not know. The API documents data as any
	// object or null: do not rely on it alone.
	Request *TaskRequest
}

// String is the task in a text for people.
func (t *Task) String() string {
	text := "task " + excerpt(t.ID, longestText)
	if t.State != "" {
		text += ", last seen in state " + excerpt(t.State, longestText)
	}
	return text
}

// TaskRequest is the request that started a task, as the task's data repeats it. Null and absent fields are nil or "".
// The texts are as sent and not cleaned: compare them, do not print them.
type TaskRequest struct {
	SecurityGroupID     string `json:"security_group_id"`
	SecurityGroupRuleID string `json:"security_group_rule_id"` // of a deletion
	// Rule is the rule of a create. It is not interpreted: a protocol may be "any".
	Rule        *RuleRequest       `json:"rule"`
	Name        *string            `json:"name"`
	Description *string            `json:"description"`
	Rules       *[]RuleRequest     `json:"rules"`
	Tags        map[string]*string `json:"tags"`
}

// UnmarshalJSON bounds the rules, which a server may repeat without end.
func (r *TaskRequest) UnmarshalJSON(data []byte) error {
	type fields TaskRequest // without this method
	var request struct {
		fields
		Rules *entries[RuleRequest] `json:"rules"`
	}
	if err := unmarshalFields(data, &request); err != nil {
		return err
	}
	*r = TaskRequest(request.fields)
	r.Rules = (*[]RuleRequest)(request.Rules)
	return nil
}

// Task reads a task. A task that the API does not know, or has forgotten, is ErrNotFound.
func (c *Client) Task(ctx context.Context, taskID string) (Task, error) {
	answer, err := fetch[wireTask](ctx, c, exchange{
		operation: "read task " + taskID,
		method:    http.MethodGet, collection: tasksV1, elements: []string{taskID}, masked: true,
	})
	return answer.task(c.mask), err
}

// TaskFilter narrows a list of tasks; the zero value does not.
type TaskFilter struct {
	Location Location // a zero id matches all
	Type     string
	States   []string  // any of them
	From     time.Time // created then or later, by the server's clock, to the second
}

// Tasks lists tasks, the oldest first so that new ones do not shift the pages, and reads page after page as the caller
// goes on. Nothing follows an error.
func (c *Client) Tasks(ctx context.Context, filter TaskFilter) iter.Seq2[Task, error] {
	query := filter.query()
	query.Set("order_by", "asc")
	e := exchange{operation: "list tasks", method: http.MethodGet, collection: tasksV1, query: query, masked: true}
	return func(yield func(Task, error) bool) {
		for entry, err := range listAll(ctx, c, e, func(w wireTask) string { return w.ID }) {
			if !yield(entry.task(c.mask), err) {
				return
			}
		}
	}
}

func (filter TaskFilter) query() url.Values {
	query := url.Values{"state": slices.Clone(filter.States)}
	if filter.Location.ProjectID != 0 {
		query.Set("project_id", strconv.FormatInt(filter.Location.ProjectID, 10))
	}
	if filter.Location.RegionID != 0 {
		query.Set("region_id", strconv.FormatInt(filter.Location.RegionID, 10))
	}
	if filter.Type != "" {
		query.Set("task_type", filter.Type)
	}
	if !filter.From.IsZero() {
		query.Set("from_timestamp", filter.From.UTC().Truncate(time.Second).Format(time.RFC3339))
	}
	return query
}

// wireTask is a task in an answer.
type wireTask struct {
	ID         string          `json:"id"`
	Type       string          `json:"task_type"`
	State      string          `json:"state"`
	Error      json.RawMessage `json:"error"`
	RequestID  string          `json:"request_id"`
	CreatedOn  Time            `json:"created_on"`
	FinishedOn Time            `json:"finished_on"`
	Created    json.RawMessage `json:"created_resources"`
	Data       json.RawMessage `json:"data"`
}

func (w wireTask) validate(m mask) error {
	if w.State == "" {
		return errors.New("the task has no state")
	}
	if !m.isID(w.ID) {
		return errTaskID
	}
	return nil
}

// task accepts error, created_resources and data in any form: what became of a task must stay readable. Texts are masked and
// bounded.
func (w wireTask) task(m mask) Task {
	task := Task{
		ID: w.ID, Type: m.line(w.Type, longestText), State: m.line(w.State, longestText),
		Error: looseText(m, w.Error, longestMessage), RequestID: m.line(w.RequestID, longestText),
		CreatedOn: w.CreatedOn, FinishedOn: w.FinishedOn,
		CreatedSecurityGroups: m.ids(w.Created, "security_groups"), CreatedSecurityGroupRules: m.ids(w.Created, "security_group_rules"),
	}
	if task.State != w.State {
		task.State += "..." // not to become a known state by losing characters
	}
	if json.Unmarshal(w.Data, &task.Request) != nil {
		task.Request = nil
	}
	return task
}

var errTaskID = errors.New("a task has no id of up to 64 letters, digits, hyphens and underscores")

// isID reports whether a text can be an id, which goes into paths, states and messages.
func (m mask) isID(text string) bool {
	const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return text != "" && len(text) <= 64 && strings.Trim(text, characters) == "" && !m.shows(text)
}

// ids are those of a kind in created_resources, each once. What is no list of ids counts as none.
func (m mask) ids(created json.RawMessage, kind string) []string {
	var kinds map[string]json.RawMessage
	var entries []any
	if json.Unmarshal(created, &kinds) != nil || json.Unmarshal(kinds[kind], &entries) != nil {
		return nil
	}
	var ids []string
	for _, entry := range entries {
		if id, ok := entry.(string); ok && m.isID(id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// anyTasks is the answer to a request that may be done already. The API documents the field as required, so that an
// answer without it proves nothing.
type anyTasks struct {
	Tasks *[]string `json:"tasks"`
}

func (a anyTasks) validate(m mask) error {
	if a.Tasks == nil {
		return errors.New("the answer has no tasks field")
	}
	for _, id := range *a.Tasks {
		if !m.isID(id) {
			return errTaskID
		}
	}
	return nil
}

func (a anyTasks) ids() []string { return *a.Tasks }

// oneTask is the answer to a request that creates one object, with one task.
type oneTask struct{ anyTasks }

func (o oneTask) validate(m mask) error {
	if err := o.anyTasks.validate(m); err != nil {
		return err
	}
	if count := len(*o.Tasks); count != 1 {
		return fmt.Errorf("the answer names %d tasks, not one", count)
	}
	return nil
}

// startTasks makes a call that starts tasks, and returns their ids.
func startTasks[T interface {
	answer
	ids() []string
}](ctx context.Context, c *Client, taskType string, e exchange) ([]string, error) {
	began := c.now()
	answer, err := fetch[T](ctx, c, e)
	if err != nil {
		return nil, err
	}
	origin := taskOrigin{kind: taskKind{*e.location, taskType}}
	origin.group, _ = e.writes()
	if since, known := c.ServerTime(began); known {
		origin.since = since
	}
	c.polls.remember(origin, answer.ids())
	return answer.ids(), nil
}

// startOneTask is startTasks for a call that creates one object.
func startOneTask(ctx context.Context, c *Client, taskType string, e exchange) (taskID string, err error) {
	ids, err := startTasks[oneTask](ctx, c, taskType, e)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}
