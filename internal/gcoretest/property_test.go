package gcoretest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestManyClientsAtOnce: whatever many clients do at once, the state stays consistent with the history and with the
// rules of the API, and tasks only go forward.
func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	const clients, steps = 10, 50
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	now := newClock()
	s := New(t, Config{TaskDuration: 100 * time.Millisecond, Now: now.Now})
	var groups []string
	for i := range 3 {
		groups = append(groups, s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: fmt.Sprintf("web-%d", i)}))
	}
	var wait sync.WaitGroup
	for n := range clients {
		wait.Go(func() {
			w := worker{newClient(t, s), now, rand.New(rand.NewPCG(seed, uint64(n)))}
			for range steps {
				w.step(groups)
				now.advance(time.Duration(w.random.IntN(20)) * time.Millisecond)
			}
		})
	}
	wait.Wait()
	now.advance(time.Hour)
	checkConsistent(t, s)
	counts := s.CountOperations()
	for _, operation := range []string{OperationCreateGroup, OperationUpdateGroup, OperationCreateRule, OperationDeleteRule, OperationDeleteGroup} {
		if counts[operation] == 0 {
			t.Errorf("no request to %s: the test shows nothing", operation)
		}
	}
}

// worker is one of many clients that act at random.
type worker struct {
	*client
	clock  *clock
	random *rand.Rand
}

// step does one random thing to one of the groups, which all clients share.
func (w worker) step(groups []string) {
	c, random := w.client, w.random
	id := groups[random.IntN(len(groups))]
	rule := func() string {
		return fmt.Sprintf(`{"direction":"ingress","protocol":"tcp","port_range_min":%d,"port_range_max":80}`, 1+random.IntN(20))
	}
	switch random.IntN(9) {
	case 0, 1, 2:
		w.follow(c.do("POST", groupsPath+"/"+id+"/rules", rule()))
	case 3:
		w.follow(c.do("PATCH", groupsPath+"/"+id, `{"rules":[`+rule()+`],"tags":{"a":"`+fmt.Sprint(random.IntN(3))+`"}}`))
	case 4, 5:
		if g, ok := c.server.Group(id); ok && len(g.Rules) > 0 {
			w.follow(c.do("DELETE", groupsPath+"/"+id+"/rules/"+g.Rules[random.IntN(len(g.Rules))].ID, ""))
		}
	case 6:
		c.want(200, "GET", readPath+"?limit=1000", "")
		c.want(200, "GET", "/cloud/v1/tasks?state=RUNNING", "")
		c.server.History()
	case 7:
		c.server.AddRule(id, Rule{Direction: "egress", RemoteGroupID: &groups[random.IntN(len(groups))], Description: new(newUUID())})
	case 8:
		r := c.want(200, "POST", groupsPath, `{"name":"short-lived","rules":[`+rule()+`]}`)
		if task := w.follow(r); task != nil {
			created := task["created_resources"].(map[string]any)["security_groups"]
			c.want(204, "DELETE", readPath+"/"+texts(created)[0], "")
		}
	}
}

// follow polls the task of an answer to its end, letting time pass; nil if it has none or fails.
func (w worker) follow(r reply) map[string]any {
	c := w.client
	order := []string{"NEW", "RUNNING", "FINISHED"}
	tasks := texts(r.body["tasks"])
	if len(tasks) == 0 {
		if r.status != 200 && r.status != 404 && r.status != 409 {
			c.t.Errorf("status %d: %s", r.status, r.text)
		}
		return nil
	}
	for last := 0; ; {
		task := c.task(tasks[0])
		state, _ := task["state"].(string)
		if state == "ERROR" {
			return nil
		}
		at := slices.Index(order, state)
		if at < last {
			c.t.Errorf("task goes from %s to %q", order[last], state)
			return nil
		}
		if last = at; state == "FINISHED" {
			return task
		}
		w.clock.advance(5 * time.Millisecond)
	}
}

// checkConsistent compares the state with the replayed history.
func checkConsistent(t *testing.T, s *Server) {
	t.Helper()
	replayed := map[string]map[string]bool{}
	for _, change := range s.History() {
		if replayed[change.GroupID] == nil {
			replayed[change.GroupID] = map[string]bool{}
		}
		if change.Kind == RuleRemoved {
			delete(replayed[change.GroupID], change.Rule.ID)
		} else {
			replayed[change.GroupID][change.Rule.ID] = true
		}
	}
	for _, g := range s.Groups(1, 2) {
		ids := map[string]bool{}
		keys := map[ruleKey]bool{}
		for _, rule := range g.Rules {
			ids[rule.ID] = true
			if keys[rule.key()] && rule.Direction == "ingress" {
				t.Errorf("group %s has two rules of key %+v", g.Name, rule.key())
			}
			keys[rule.key()] = true
		}
		if !maps.Equal(ids, replayed[g.ID]) && len(ids)+len(replayed[g.ID]) > 0 {
			t.Errorf("group %s has %d rules, its history says %d", g.Name, len(ids), len(replayed[g.ID]))
		}
		if !slices.IsSortedFunc(g.Rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("group %s: rules are not in order", g.Name)
		}
	}
}
