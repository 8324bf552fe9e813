package gcoretest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// task is an operation that the API has accepted and carries out later.
type task struct {
	id, taskType        string
	projectID, regionID int64
	groupID             string // that the task changes; "" for a new group
	requestID           string
	data                map[string]any // the request
	createdAt           time.Time
	runningAt           time.Time
	due                 time.Time
	effect              func(now time.Time) (createdResources, *refusal)
	outcome             taskOutcome
	late                lateness

	carriedOut bool
	done       bool
	failure    string // not "": the task ended in ERROR
	created    createdResources
}

// createdResources are the ids of what a task made.
type createdResources struct {
	Groups, Rules []string
}

// groupData is a request for a group, or for a change of one, as a task holds it: null is what was not given.
func groupData(body map[string]any, rules []plannedRule) map[string]any {
	data := map[string]any{"name": body["name"], "description": body["description"], "rules": nil, "tags": body["tags"]}
	if _, given := body["rules"].([]any); given {
		list := []any{}
		for _, p := range rules {
			list = append(list, p.request.data())
		}
		data["rules"] = list
	}
	return data
}

// data is a rule of a request as a task holds it.
func (r ruleRequest) data() map[string]any {
	ethertype := r.ethertype
	if ethertype == nil {
		ethertype = new("IPv4")
	}
	return map[string]any{
		"direction": r.direction, "ethertype": ethertype, "protocol": r.protocol,
		"port_range_min": r.portRangeMin, "port_range_max": r.portRangeMax,
		"remote_ip_prefix": r.prefix, "remote_group_id": r.remoteGroupID, "description": r.description,
		"security_group_id": nil,
	}
}

// accept registers a task and answers with its id. data is the request as the task holds it. The effect runs when the
// task becomes FINISHED; a refusal then makes it ERROR.
func (s *Server) accept(
	c *call, taskType string, data map[string]any, effect func(time.Time) (createdResources, *refusal),
) answer {
	now, duration := c.at, s.config.TaskDuration
	if c.outcome.duration != nil {
		duration = *c.outcome.duration
	}
	t := &task{
		id: newUUID(), taskType: taskType, projectID: c.projectID(), regionID: c.regionID(), requestID: c.record.ID,
		groupID:   c.pathID("group_id"),
		data:      data,
		createdAt: now,
		runningAt: now.Add(duration / 4),
		due:       now.Add(duration),
		effect:    effect, outcome: c.outcome, late: c.late,
	}
	if t.groupID != "" {
		s.busy[t.groupID]++
	}
	if c.outcome.resources != nil {
		s.planted[t.id] = true
	}
	s.tasks[t.id] = t
	s.taskOrder = append(s.taskOrder, t)
	if len(s.taskOrder) > maxTasks {
		delete(s.tasks, s.taskOrder[0].id)
		s.taskOrder = s.taskOrder[1:]
	}
	at, _ := slices.BinarySearchFunc(s.pending, t.due, func(p *task, due time.Time) int {
		if p.due.After(due) {
			return 1
		}
		return -1 // before or equal: tasks that are due together run in the order of their acceptance
	})
	s.pending = slices.Insert(s.pending, at, t)
	return taskAnswer(t.id)
}

func taskAnswer(ids ...string) answer {
	return jsonAnswer(http.StatusOK, map[string][]string{"tasks": append([]string{}, ids...)})
}

// settle carries out every task, and every request that is processed late, that is due, each at its own time, so that
// the state is that of now. Everything that reads or changes the state calls it first, with the lock held: there is no
// goroutine that could be late.
func (s *Server) settle() time.Time {
	now := s.now()
	for {
		var due time.Time
		switch {
		case len(s.delayed) > 0 && (len(s.pending) == 0 || s.delayed[0].due.Before(s.pending[0].due)):
			due = s.delayed[0].due
		case len(s.pending) > 0:
			due = s.pending[0].due
		default:
			return now
		}
		if due.After(now) {
			return now
		}
		if len(s.pending) > 0 && s.pending[0].due.Equal(due) {
			t := s.pending[0]
			s.pending = s.pending[1:]
			s.finish(t)
			continue
		}
		c := s.delayed[0].call
		s.delayed = s.delayed[1:]
		c.serve(due)
	}
}

// finish does what a task was to do and ends it, at its due time, as far as its outcome lets it.
func (s *Server) finish(t *task) {
	if !t.outcome.endless || t.outcome.effectFirst {
		s.carryOut(t)
	}
	if t.outcome.endless {
		return
	}
	t.done = true
	if t.outcome.failure != "" {
		t.failure = t.outcome.failure
	}
	if s.busy[t.groupID]--; s.busy[t.groupID] <= 0 {
		delete(s.busy, t.groupID)
	}
}

// carryOut does once what a task was to do, unless that is lost.
func (s *Server) carryOut(t *task) {
	if t.carriedOut || t.outcome.lost {
		return
	}
	t.carriedOut = true
	before := s.snapshot(t.late)
	created, refused := t.effect(t.due)
	s.hide(before, t.late, t.due)
	s.commit(t.due)
	t.created = created
	if refused != nil {
		t.failure = refused.message
	}
}

func (t *task) state(now time.Time) string {
	done := t.done && !now.Before(t.due)
	switch {
	case done && t.failure != "":
		return "ERROR"
	case done:
		return "FINISHED"
	case now.Before(t.runningAt):
		return "NEW"
	default:
		return "RUNNING"
	}
}

// taskBody is the API's Task. What has nothing to do with security groups is always null.
type taskBody struct {
	ID                string          `json:"id"`
	UserID            int64           `json:"user_id"`
	UserClientID      *int64          `json:"user_client_id"`
	ClientID          *int64          `json:"client_id"`
	ProjectID         *int64          `json:"project_id"`
	RegionID          *int64          `json:"region_id"`
	TaskType          string          `json:"task_type"`
	State             string          `json:"state"`
	DetailedState     *string         `json:"detailed_state"`
	Error             *string         `json:"error"`
	RequestID         *string         `json:"request_id"`
	JobID             *string         `json:"job_id"`
	ScheduleID        *string         `json:"schedule_id"`
	LifecyclePolicyID *int64          `json:"lifecycle_policy_id"`
	Data              any             `json:"data"`
	CreatedResources  json.RawMessage `json:"created_resources,omitempty"`
	CreatedOn         string          `json:"created_on"`
	UpdatedOn         *string         `json:"updated_on"`
	FinishedOn        *string         `json:"finished_on"`
	AcknowledgedAt    *string         `json:"acknowledged_at"`
	AcknowledgedBy    *int64          `json:"acknowledged_by"`
}

// taskTime is the form of a task's dates: no zone, UTC meant.
func (s *Server) taskTime(t time.Time) string {
	return t.Add(s.config.TaskTimeOffset).UTC().Format("2006-01-02T15:04:05")
}

// resources are the created_resources of a finished task: every kind of object that the contract names, or null.
func (s *Server) resources(t *task) json.RawMessage {
	none := t.created.Groups == nil && t.created.Rules == nil && !s.config.EmptyTaskResources
	all := map[string]any{}
	for _, kind := range s.contract.createdKinds {
		all[kind] = []string{}
	}
	all["security_groups"] = append([]string{}, t.created.Groups...)
	all["security_group_rules"] = append([]string{}, t.created.Rules...)
	switch {
	case t.outcome.resources != nil:
		return t.outcome.resources.apply(all)
	case none:
		return json.RawMessage("null")
	}
	return jsonAnswer(0, all).body
}

func (s *Server) taskBody(t *task, now time.Time) taskBody {
	body := taskBody{CreatedResources: json.RawMessage("null"),
		ID: t.id, UserID: userID, UserClientID: new(int64(clientID)), ClientID: new(int64(clientID)),
		ProjectID: &t.projectID, RegionID: &t.regionID,
		TaskType: t.taskType, State: t.state(now), RequestID: &t.requestID, CreatedOn: s.taskTime(t.createdAt),
	}
	if !s.config.NoTaskData {
		body.Data = t.data
	}
	switch body.State {
	case "RUNNING":
		body.UpdatedOn = new(s.taskTime(t.runningAt))
	case "ERROR":
		body.Error = &t.failure
		body.UpdatedOn, body.FinishedOn = new(s.taskTime(t.due)), new(s.taskTime(t.due))
	case "FINISHED":
		body.UpdatedOn, body.FinishedOn = new(s.taskTime(t.due)), new(s.taskTime(t.due))
		body.CreatedResources = s.resources(t)
	}
	return body
}
