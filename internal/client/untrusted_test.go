package client_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// The ids of tasks become part of paths, states and messages. An answer with anything else in their place is unreadable.
func TestIDsOfTasks(t *testing.T) {
	t.Parallel()
	for id, valid := range map[string]bool{
		taskID: true, "Task_1-b": true, strings.Repeat("a", 64): true,
		"": false, "..": false, "a/b": false, "a b": false, "a\n": false, "\x1b[31m": false, "ä": false, strings.Repeat("a", 65): false,
		"plain-key": false, "my-plain-key": false,
	} {
		quoted, _ := json.Marshal(id)
		s := play(t, step{answer: `{"tasks":[` + string(quoted) + `]}`}, step{answer: `{"results":[{"state":"NEW","id":` + string(quoted) + `}]}`})
		// A list that cannot be read is retried.
		if !valid {
			s.steps = append(s.steps, step{answer: `{"results":[]}`})
		}
		c := newClient(t, client.Config{BaseURL: s.server.URL, APIKey: "plain-key"})
		got, err := c.CreateSecurityGroup(t.Context(), here, client.CreateSecurityGroupRequest{Name: "web"})
		if (err == nil) != valid || valid && got != id || !valid && !errors.Is(err, client.ErrAmbiguous) {
			t.Errorf("%q: task %q, error %v", id, got, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: error %v", id, err)
		}
		count := 0
		for task, err := range c.Tasks(t.Context(), client.TaskFilter{}) {
			if count++; err != nil || task.ID != id {
				t.Errorf("%q: task %q, error %v", id, task.ID, err)
			}
		}
		if listed := count == 1; listed != valid {
			t.Errorf("%q: %d tasks", id, count)
		}
	}
}

// The texts of tasks and instances are on one line, bounded and without the key. No text becomes a known state by that,
// and a text that is not an id is left out of the created objects.
func TestTextsOfAnswers(t *testing.T) {
	t.Parallel()
	text := `\u001b[31m` + testKey + strings.Repeat(" long", 100)
	clean := ("[31m***" + strings.Repeat(" long", 100))[:300] + "..."
	s := play(t,
		step{answer: `{"id":"t","task_type":"` + text + `","state":"FINISHED\u202e","request_id":"` + text + `",
			"created_resources":{"security_groups":["g","..",null],"security_group_rules":["r","` + text + `"]}}`},
		step{answer: `{"results":[{"id":"` + text + `","name":"` + text + `"}]}`},
	)
	c := s.client()
	task, err := c.Task(t.Context(), "t")
	if err != nil {
		t.Error(err)
	}
	want := client.Task{
		ID: "t", Type: clean, State: "FINISHED...", RequestID: clean,
		CreatedSecurityGroups: []string{"g"}, CreatedSecurityGroupRules: []string{"r"},
	}
	if diff := cmp.Diff(want, task); diff != "" {
		t.Errorf("task differs (-want +got):\n%s", diff)
	}
	instances, _, err := c.SecurityGroupInstances(t.Context(), here, groupID)
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]client.Instance{{ID: clean, Name: clean}}, instances); diff != "" {
		t.Errorf("instances differ (-want +got):\n%s", diff)
	}
	if text := (&client.WaitError{TaskID: "\x1b[31mt", Err: errors.New("no")}).Error(); text != "no, while the task was still running (task [31mt)" {
		t.Errorf("text %q", text)
	}
}
