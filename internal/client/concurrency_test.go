package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// silent is a logger that drops everything.
type silent struct{}

func (silent) Info(context.Context, string, map[string]any) {}

func (silent) Debug(context.Context, string, map[string]any) {}

func (silent) Trace(context.Context, string, map[string]any) {}

// Many goroutines use one client, against a server that fails every third read.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && count.Add(1)%3 == 0 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		elements := strings.Split(r.URL.Path, "/")
		last := elements[len(elements)-1]
		switch {
		case r.Method == http.MethodPost:
			var rule client.RuleRequest
			if err := json.NewDecoder(r.Body).Decode(&rule); err != nil {
				t.Error(err)
			}
			_, _ = fmt.Fprintf(w, `{"tasks":["task-of-%s"]}`, rule.Description)
		case strings.Contains(r.URL.Path, "/tasks/"):
			_, _ = fmt.Fprintf(w, `{"id":%q,"state":"FINISHED","created_resources":{"security_group_rules":[%q]}}`, last, last)
		default:
			_, _ = fmt.Fprintf(w, `{"id":%q,"security_group_rules":[{"id":"r","direction":"egress","protocol":6}]}`, last)
		}
	}))
	t.Cleanup(server.Close)
	c := newClient(t, client.Config{BaseURL: server.URL}, client.WithLogger(silent{}))
	// By chance one call could fail five times in a row; with a deadline there are more tries.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var workers sync.WaitGroup
	for worker := range 16 {
		workers.Go(func() {
			for round := range 10 {
				name := fmt.Sprintf("w%d-%d", worker, round)
				task, err := c.CreateSecurityGroupRule(ctx, here, groupID, client.RuleRequest{Direction: "egress", Description: name})
				if err != nil {
					t.Error(err)
					return
				}
				done, err := c.WaitForTask(ctx, task)
				if err != nil || task != "task-of-"+name || done.CreatedSecurityGroupRules[0] != task {
					t.Errorf("task %q became %+v, error %v", task, done, err)
					return
				}
				group, err := c.SecurityGroup(ctx, here, name)
				if err != nil || group.ID != name || *group.Rules[0].Protocol != "6" {
					t.Errorf("group %+v, error %v", group, err)
					return
				}
			}
		})
	}
	workers.Wait()
}
