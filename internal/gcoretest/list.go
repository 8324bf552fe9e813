package gcoretest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultLimit is the page size of a request for a list of groups or tasks that names none; clients that want all have to
// page.
const defaultLimit = 10

// page cuts a list by the query's limit and offset.
func page[T any](c *call, all []T, limit int) []T {
	offset := 0
	if number := intField(c.query, "limit"); number != nil {
		limit = *number
	}
	if number := intField(c.query, "offset"); number != nil {
		offset = *number
	}
	offset = min(offset, len(all))
	return all[offset:min(offset+limit, len(all))]
}

// listGroups answers in the order of the ids, which is random, and with the rules of each group.
func (s *Server) listGroups(c *call, now time.Time) (answer, *refusal) {
	found := slices.DeleteFunc(s.showAll(c, now), func(g *Group) bool { return !fits(g, c.query) })
	results := []groupBody{}
	for _, g := range page(c, found, defaultLimit) {
		results = append(results, s.groupBody(g))
	}
	return jsonAnswer(http.StatusOK, pageBody[groupBody]{len(found), results}), nil
}

// fits applies the list's filters: the whole name, every given tag key, every given pair.
func fits(g *Group, query map[string]any) bool {
	if name := textField(query, "name"); name != nil && *name != g.Name {
		return false
	}
	tags := map[string]string{}
	for _, tag := range g.Tags {
		tags[tag.Key] = tag.Value
	}
	keys, _ := query["tag_key"].([]any)
	for _, key := range keys {
		if _, ok := tags[key.(string)]; !ok {
			return false
		}
	}
	pairs := map[string]string{}
	if text := textField(query, "tag_key_value"); text != nil {
		if err := json.Unmarshal([]byte(*text), &pairs); err != nil { // the contract's format excludes it
			return false
		}
	}
	for key, value := range pairs {
		if have, ok := tags[key]; !ok || have != value {
			return false
		}
	}
	return true
}

func (s *Server) pollTask(c *call, now time.Time) (answer, *refusal) {
	now = c.asOf(now)
	t, ok := s.tasks[c.path["task_id"]]
	if !ok {
		return answer{}, notFound("Task", c.path["task_id"])
	}
	known := t.known(now)
	t.outcome.unseen.reads-- // this one counts
	if !known {
		return answer{}, notFound("Task", c.path["task_id"])
	}
	return jsonAnswer(http.StatusOK, s.taskBody(t, now)), nil
}

// listTasks answers in the order of creation, the newest first unless order_by says asc.
func (s *Server) listTasks(c *call, now time.Time) (answer, *refusal) {
	now = c.asOf(now)
	var found []*task
	for _, t := range s.taskOrder {
		if t.known(now) && s.taskFits(t, now, c.query) {
			found = append(found, t)
		}
	}
	if order := textField(c.query, "order_by"); order == nil || *order == "desc" {
		slices.Reverse(found)
	}
	results := []taskBody{}
	for _, t := range page(c, found, defaultLimit) {
		results = append(results, s.taskBody(t, now))
	}
	return jsonAnswer(http.StatusOK, pageBody[taskBody]{len(found), results}), nil
}

// taskFits applies the list's filters. Timestamps compare with the time of acceptance, bounds included.
func (s *Server) taskFits(t *task, now time.Time, query map[string]any) bool {
	if !among(query["project_id"], json.Number(strconv.FormatInt(t.projectID, 10))) ||
		!among(query["region_id"], json.Number(strconv.FormatInt(t.regionID, 10))) ||
		!among(query["state"], t.state(now)) {
		return false
	}
	if taskType := textField(query, "task_type"); taskType != nil && *taskType != t.taskType {
		return false
	}
	// Nothing here acknowledges a task.
	if acknowledged, _ := query["is_acknowledged"].(bool); acknowledged {
		return false
	}
	created := t.createdAt.Add(s.config.TaskTimeOffset)
	if from := timeField(query, "from_timestamp"); !from.IsZero() && created.Before(from) {
		return false
	}
	to := timeField(query, "to_timestamp")
	return to.IsZero() || !created.After(to)
}

// among tells whether a repeated query parameter is absent or holds the value.
func among(list any, value any) bool {
	values, _ := list.([]any)
	return len(values) == 0 || slices.Contains(values, value)
}

func timeField(query map[string]any, name string) time.Time {
	text := textField(query, name)
	if text == nil {
		return time.Time{}
	}
	parsed, err := parseTimestamp(strings.TrimSpace(*text))
	if err != nil { // the contract's format excludes it
		return time.Time{}
	}
	return parsed
}
