package gcoretest

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func TestAnswerFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		effect Answer
		text   string
		made   int
	}{
		{"HTML before processing", Answer{Status: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html"}, "<html>Bad Gateway</html>", 0},
		{"HTML after processing", Answer{Status: 502, Body: "<html>Bad Gateway</html>", ContentType: "text/html", Processed: true}, "<html>Bad Gateway</html>", 1},
		{"JSON", Answer{Status: 429, Body: `{"a":1}`, Header: map[string]string{"Retry-After": "7"}}, `{"a":1}`, 0},
		{"the API's error", Answer{Status: 503}, "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(t, Config{})
			c := newClient(t, s)
			s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: test.effect})
			r := c.want(test.effect.Status, "POST", groupsPath, `{"name":"web"}`)
			if test.text != "" && r.text != test.text {
				t.Errorf("body %q, want %q", r.text, test.text)
			}
			if test.text == "" && (r.body["exception_class"] != "HTTPError" || r.body["request_id"] != s.Requests()[0].ID) {
				t.Errorf("body %s", r.text)
			}
			wantType := test.effect.ContentType
			if wantType == "" {
				wantType = "application/json"
			}
			if got := r.header.Get("Content-Type"); got != wantType {
				t.Errorf("Content-Type %s, want %s", got, wantType)
			}
			if got := r.header.Get("Retry-After"); got != test.effect.Header["Retry-After"] {
				t.Errorf("Retry-After %q", got)
			}
			if got := len(s.Groups(1, 2)); got != test.made {
				t.Errorf("%d groups, want %d", got, test.made)
			}
			if got := s.Requests()[0].Status; got != test.effect.Status {
				t.Errorf("logged status %d", got)
			}
			c.createGroup(`{"name":"web"}`)
		})
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	for _, processed := range []bool{false, true} {
		s := New(t, Config{})
		c := newClient(t, s)
		handle := s.Fail(Fault{Operation: OperationCreateGroup, Effect: Reset{Processed: processed}})
		if r, err := c.try("POST", groupsPath, `{"name":"web"}`, nil); err == nil {
			t.Errorf("an answer in place of a reset: %s", r.text)
		}
		if got := len(s.Groups(1, 2)) == 1; got != processed {
			t.Errorf("the group exists: %t, want %t", got, processed)
		}
		if got := s.Requests(); len(got) != 1 || got[0].Status != 0 {
			t.Errorf("logged as %+v", got)
		}
		handle.Clear()
		c.createGroup(`{"name":"web"}`)
	}
}

func TestFailTask(t *testing.T) {
	t.Parallel()
	for _, effect := range []bool{false, true} {
		s := New(t, Config{})
		c := newClient(t, s)
		s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: FailTask{Text: "Out of luck", Effect: effect}})
		task := c.task(c.taskID(c.want(200, "POST", groupsPath, `{"name":"web"}`)))
		if task["state"] != "ERROR" || task["error"] != "Out of luck" || task["created_resources"] != nil || task["finished_on"] == nil {
			t.Errorf("task %v", task)
		}
		if got := len(s.Groups(1, 2)) == 1; got != effect {
			t.Errorf("the group exists: %t, want %t", got, effect)
		}
	}
	s := New(t, Config{})
	c := newClient(t, s)
	s.Fail(Fault{Effect: FailTask{}})
	if task := c.task(c.taskID(c.want(200, "POST", groupsPath, `{"name":"web"}`))); task["error"] != "Internal error" {
		t.Errorf("task %v", task)
	}
	c.want(200, "GET", readPath, "") // makes no task
}

func TestWhichRequestsAFaultHits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault Fault
		want  []int
	}{
		{"all", Fault{}, []int{500, 500, 500, 500, 500}},
		{"one operation", Fault{Operation: OperationListGroups}, []int{500, 404, 500, 404, 500}},
		{"another operation", Fault{Operation: OperationPollTask}, []int{200, 404, 200, 404, 200}},
		{"the first two", Fault{Times: 2}, []int{500, 500, 200, 404, 200}},
		{"the second of its kind", Fault{Operation: OperationListGroups, Skip: 1, Times: 1}, []int{200, 404, 500, 404, 200}},
		{"each second", Fault{Every: 2}, []int{500, 404, 500, 404, 500}},
		{"each third, later", Fault{Skip: 1, Every: 3}, []int{200, 500, 200, 404, 500}},
		{"by content", Fault{Match: func(r Request) bool { return r.Query.Get("limit") == "2" }}, []int{200, 404, 500, 404, 200}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(t, Config{})
			c := newClient(t, s)
			test.fault.Effect = Answer{Status: 500}
			handle := s.Fail(test.fault)
			const missing = readPath + "/11111111-1111-4111-8111-111111111111"
			var got []int
			hits := 0
			for _, path := range []string{readPath, missing, readPath + "?limit=2", missing, readPath} {
				status := c.do("GET", path, "").status
				got = append(got, status)
				if status == 500 {
					hits++
				}
			}
			if !slices.Equal(got, test.want) || handle.Hits() != hits {
				t.Errorf("statuses %v with %d hits, want %v", got, handle.Hits(), test.want)
			}
			handle.Clear()
			handle.Clear() // twice is harmless
			c.want(200, "GET", readPath, "")
		})
	}
}

func TestTheFirstOfSeveralFaultsActs(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	s.Fail(Fault{Times: 1, Effect: Answer{Status: 500}})
	s.Fail(Fault{Times: 1, Effect: Answer{Status: 503}})
	for _, status := range []int{500, 503, 200} {
		c.want(status, "GET", readPath, "")
	}
}

func TestMeanwhile(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[]}`)
	foreign := Rule{Direction: "ingress", Ethertype: new("IPv4")}
	s.Fail(Fault{Operation: OperationReadGroup, Effect: Meanwhile{
		Before: func() { s.AddRule(id, foreign) },
		After:  func() { s.SetTag(id, "late", "yes", false) },
	}})
	body := c.want(200, "GET", readPath+"/"+id, "").body
	if rules, tags := len(body["security_group_rules"].([]any)), len(body["tags_v2"].([]any)); rules != 1 || tags != 0 {
		t.Errorf("%d rules and %d tags, want what came before and not what came after", rules, tags)
	}
	if g, _ := s.Group(id); len(g.Tags) != 1 {
		t.Errorf("tags %v", g.Tags)
	}
}

func TestMeanwhileOfAWrite(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[]}`)
	holder := ""
	foreign := Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(22), PortRangeMax: new(22)}
	s.Fail(Fault{Operation: OperationCreateRule, Times: 1, Effect: Meanwhile{
		Before: func() { holder = s.AddRule(id, foreign) },
	}})
	const rule = `{"direction":"ingress","protocol":"tcp","port_range_min":22,"port_range_max":22}`
	r := c.want(409, "POST", groupsPath+"/"+id+"/rules", rule)
	if holder == "" || r.body["message"] != "Security group rule already exists. Rule id is "+holder+"." {
		t.Errorf("want that the foreign rule %s is there: %s", holder, r.text)
	}

	var made []string
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 1, Effect: Meanwhile{
		Before: func() { s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "twin"}) },
		After: func() {
			for _, g := range s.Groups(1, 2) {
				made = append(made, g.Name)
				s.AddRule(g.ID, Rule{Direction: "ingress", Ethertype: new("IPv6")})
			}
		},
	}})
	twin := c.createGroup(`{"name":"twin","rules":[]}`)
	if want := []string{"twin", "twin", "web"}; !slices.Equal(made, want) {
		t.Errorf("after the request there are %v, want %v", made, want)
	}
	if g, _ := s.Group(twin); len(g.Rules) != 1 {
		t.Errorf("%d rules, want the foreign one", len(g.Rules))
	}
}

func TestFirstHit(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	handle := s.Fail(Fault{Skip: 1})
	reached := func() bool {
		select {
		case <-handle.FirstHit():
			return true
		default:
			return false
		}
	}
	for i := range 3 {
		c.want(200, "GET", readPath, "")
		if got := reached(); got != (i > 0) {
			t.Errorf("after request %d: reached %t", i, got)
		}
	}
}

// A server that is gone for a moment while many write: nothing is made of a request whose client was refused.
func TestFaultsAndManyClients(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	hung := s.Fail(Fault{Operation: OperationCreateGroup, Times: 3, Effect: Hang{Processed: true}})
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 3, Effect: Truncate{}})
	s.Fail(Fault{Operation: OperationCreateGroup, Times: 3, Effect: LateEffect{Reads: 5}})
	restore := s.Refuse()
	var answered, refused atomic.Int32
	var clients sync.WaitGroup
	for i := range 20 {
		clients.Go(func() {
			c := newClient(t, s)
			for {
				_, err := c.try("POST", groupsPath, newGroup, nil)
				if !errors.Is(err, syscall.ECONNREFUSED) {
					if err == nil {
						answered.Add(1)
					}
					return
				}
				if refused.Add(1) == 1 {
					restore()
				}
				if i%2 == 0 {
					_, _ = c.try("GET", readPath, "", nil)
				}
			}
		})
	}
	<-hung.FirstHit()
	hung.Clear()
	clients.Wait()
	if answered.Load() != 17 || refused.Load() == 0 || len(s.Groups(1, 2)) != 20 {
		t.Errorf("%d answers and %d refusals, %d groups, want 17, some and 20", answered.Load(), refused.Load(), len(s.Groups(1, 2)))
	}
}
