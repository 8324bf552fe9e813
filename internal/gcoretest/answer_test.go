package gcoretest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The fake's own answers are held to the contract. Here they break it since the state was changed past all checks.
func TestAnAnswerOfTheFakeThatBreaksTheContract(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Group)
		want   string
	}{
		"a value": {func(g *Group) { g.Name = "-" }, "name: String should match"},
		"a rule":  {func(g *Group) { g.Rules[0].Direction = "up" }, "security_group_rules.0.direction: Input should be 'egress', 'ingress'"},
		"a null":  {func(g *Group) { g.NullDescription = true }, "description: Input should be a valid string"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := program(t, Config{})
			c := newClient(t, s)
			id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress"}]}`)
			c.want(200, "GET", readPath+"/"+id, "")
			if got := s.Violations(); len(got) != 0 {
				t.Fatalf("violations %q", got)
			}
			s.mu.Lock()
			test.change(s.groups[id])
			s.mu.Unlock()
			c.want(200, "GET", readPath+"/"+id, "")
			c.want(200, "GET", readPath, "")
			got := strings.Join(s.Violations(), "\n")
			if strings.Count(got, "the fake's answer 200 to GET ") != 2 || strings.Count(got, test.want) != 2 {
				t.Errorf("violations:\n%s\nwant twice: %s", got, test.want)
			}
		})
	}
}

// What a test puts in is answered as it is.
func TestAnAnswerShowsWhatATestPutIn(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	id := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "-", NullDescription: true,
		Rules: []Rule{{Direction: "ingress", Protocol: new("99")}}, Tags: []Tag{{Key: "", Value: ""}}})
	s.AddRule(id, Rule{Direction: "ingress", RemoteIPPrefix: new("10.0.0.1/8")})
	s.UseGroup(id, Instance{ID: "vm", Name: "vm"})
	c.want(200, "GET", readPath+"/"+id+"/instances", "")
	// A rule of the API's own may name a planted group whose id is none of the API's.
	odd := s.AddGroup(Group{ID: "11111111-1111-1111-1111-111111111111", ProjectID: 1, RegionID: 2, Name: "odd"})
	s.ChangeGroup(id, func(g *Group) { g.Rules = append(g.Rules, Rule{Direction: "ingress", RemoteGroupID: &odd}) })
	other := c.createGroup(`{"name":"web","rules":[{"direction":"egress"}]}`)
	g, _ := s.Group(other)
	s.ChangeRule(g.Rules[0].ID, func(r *Rule) { r.Protocol = new("any thing") })
	c.want(200, "GET", readPath+"/"+id, "")
	c.want(200, "GET", readPath, "")
}

func TestAnAnswerShowsWhatNeutronTakes(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Neutron: true})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web","rules":[{"direction":"ingress","protocol":"112"}]}`)
	c.want(200, "GET", readPath+"/"+id, "")
}

// What a fault makes of an answer is not held to the contract.
func TestFaultsMayBreakTheContract(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	for _, effect := range []Effect{WrongShape(`{"tasks":null}`, false), Omit{Field: "count"}, Answer{Status: 418}} {
		s.Fail(Fault{Times: 1, Effect: effect})
		c.do("GET", readPath, "")
	}
}

func BenchmarkContract(b *testing.B) {
	for _, rules := range []int{0, 10, 250} {
		b.Run(fmt.Sprint("answer with rules=", rules), func(b *testing.B) {
			s, err := Start(Config{TaskDuration: time.Second})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			g := Group{ID: newUUID(), ProjectID: 1, RegionID: 2, Name: "web"}
			for range rules {
				g.Rules = append(g.Rules, Rule{Direction: "ingress", Ethertype: new("IPv4"), ID: newUUID(), GroupID: newUUID()})
			}
			body := jsonAnswer(200, s.groupBody(&g)).body
			loaded, err := loadContract(variant{})
			if err != nil {
				b.Fatal(err)
			}
			o, _, _ := loaded.find("GET", readPath+"/"+g.ID)
			c := &call{operation: o}
			for b.Loop() {
				clear(s.sound)
				if found := s.checkAnswerBody(c, answer{status: 200, body: body}, o.answers[200]); len(found) > 0 {
					b.Fatal(found)
				}
			}
		})
	}
	b.Run("request", func(b *testing.B) {
		loaded, err := loadContract(variant{})
		if err != nil {
			b.Fatal(err)
		}
		o, _, _ := loaded.find("POST", groupsPath+"/"+newUUID()+"/rules")
		for b.Loop() {
			value, err := parseJSON([]byte(`{"direction":"ingress","protocol":"tcp","port_range_min":80,"port_range_max":80,"description":"web"}`))
			if err != nil || len(o.checkBody(value)) > 0 {
				b.Fatal(err, o.checkBody(value))
			}
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := newContract(variant{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
