package gcoretest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recordedCase is one line of testdata/rule-cases.jsonl.
type recordedCase struct {
	ID       string         `json:"id"`
	Rule     map[string]any `json:"rule"`
	Existing *recordedRule  `json:"existing"`
	Status   int            `json:"status"`
	Stored   *recordedRule  `json:"stored"`
	Error    string         `json:"error"`
	Message  string         `json:"message"`
}

// recordedRule is a rule as Neutron answers it.
type recordedRule struct {
	Direction      string  `json:"direction"`
	Ethertype      *string `json:"ethertype"`
	Protocol       *string `json:"protocol"`
	PortRangeMin   *int    `json:"port_range_min"`
	PortRangeMax   *int    `json:"port_range_max"`
	RemoteIPPrefix *string `json:"remote_ip_prefix"`
	RemoteGroupID  *string `json:"remote_group_id"`
	Description    *string `json:"description"`
}

func (r recordedRule) rule(otherGroup string) Rule {
	rule := Rule{Direction: r.Direction, Ethertype: r.Ethertype, Protocol: r.Protocol, PortRangeMin: r.PortRangeMin,
		PortRangeMax: r.PortRangeMax, RemoteIPPrefix: r.RemoteIPPrefix, RemoteGroupID: r.RemoteGroupID,
		Description: r.Description}
	if rule.RemoteGroupID != nil {
		rule.RemoteGroupID = new(strings.ReplaceAll(*rule.RemoteGroupID, "$SG2", otherGroup))
	}
	return rule
}

func recordedCases(t testing.TB) []recordedCase {
	t.Helper()
	data, err := os.ReadFile("testdata/rule-cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var cases []recordedCase
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		var c recordedCase
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&c); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 385 {
		t.Fatalf("%d cases, want 385", len(cases))
	}
	return cases
}

// verdict is what a server made of a case.
type verdict struct {
	Status  int
	Class   string
	Message string
	Stored  *Rule
}

// recorded is the verdict of the real server, in the terms of the fake: 201 is a task that ends well.
func (c recordedCase) recorded(otherGroup, firstRule, egressRule string) verdict {
	want := verdict{Status: c.Status, Class: c.Error}
	replacer := strings.NewReplacer("$SG2", otherGroup, "$FIRST_RULE", firstRule, "$UUID", egressRule)
	want.Message = replacer.Replace(c.Message)
	if c.Stored != nil {
		want.Stored = new(c.Stored.rule(otherGroup))
	}
	return want
}

// run plays a case on a fresh pair of groups and returns the fake's verdict beside the recorded one.
func (c recordedCase) run(t *testing.T, s *Server, api *client) (got, want verdict) {
	t.Helper()
	other := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "other"})
	// As Neutron makes a group: with the two egress rules.
	group := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "own", Rules: defaultEgress()})
	egress, _ := s.Group(group)
	first := ""
	if c.Existing != nil {
		first = s.AddRule(group, c.Existing.rule(other))
	}
	var egressRule string
	for _, rule := range egress.Rules {
		if *rule.Ethertype == "IPv4" {
			egressRule = rule.ID
		}
	}
	sent := maps.Clone(c.Rule)
	if text, ok := sent["remote_group_id"].(string); ok {
		sent["remote_group_id"] = strings.ReplaceAll(text, "$SG2", other)
	}
	body, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	r := api.do("POST", groupsPath+"/"+group+"/rules", string(body))
	got = verdict{Status: r.status}
	got.Class, _ = r.body["exception_class"].(string)
	got.Message, _ = r.body["message"].(string)
	if r.status == 200 {
		got.Status = 201
		stored, _ := s.Group(group)
		id := texts(api.task(api.taskID(r))["created_resources"].(map[string]any)["security_group_rules"])[0]
		got.Stored = new(stored.Rules[stored.ruleIndex(id)])
	}
	return got, c.recorded(other, first, egressRule)
}

// TestRecordedCases: with Config.Neutron the fake gives Neutron's own verdict on each recorded case, to the letter.
func TestRecordedCases(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Neutron: true})
	api := newClient(t, s)
	for _, c := range recordedCases(t) {
		got, want := c.run(t, s, api)
		if diff := cmp.Diff(want, got, sameRuleContent); diff != "" {
			t.Errorf("%s (-recorded +fake):\n%s", c.ID, diff)
		}
	}
}

// gcoreDiffers lists the recorded cases in which Gcore's contract gives another status than Neutron, and why.
func gcoreDiffers() map[string]string {
	const (
		hostBits = "host bits are refused"
		form     = "an address form that Python's ipaddress does not know"
		version4 = "no uuid of version 4"
	)
	return map[string]string{
		`value/remote_ip_prefix/IPv4/"10.0.0.1/8"`:     hostBits,
		`value/remote_ip_prefix/IPv6/"2001:db8::1/32"`: hostBits,
		`value/remote_ip_prefix/IPv4/"10.1"`:           form,
		`value/remote_ip_prefix/IPv4/"10.0.0.0/8 "`:    form,
		"remote/unknown":    version4,
		"remote/not-a-uuid": version4,
	}
}

// TestRecordedCasesUnderGcoresContract: the default reading differs from Neutron's in the listed cases and in no
// other. Where both refuse with the same status, the words are Neutron's unless the contract alone already refuses.
func TestRecordedCasesUnderGcoresContract(t *testing.T) {
	t.Parallel()
	s := program(t, Config{AcceptIPv6ICMP: true})
	api := newClient(t, s)
	differs := gcoreDiffers()
	for _, c := range recordedCases(t) {
		got, want := c.run(t, s, api)
		_, listed := differs[c.ID]
		delete(differs, c.ID)
		switch {
		case listed && (got.Status != 400 || want.Status == 400):
			t.Errorf("%s: status %d, recorded %d: it does not belong in the list", c.ID, got.Status, want.Status)
		case listed:
		case got.Class == "ValidationError" && want.Status == 400 && contractRefuses(c):
		default:
			if diff := cmp.Diff(want, got, sameRuleContent); diff != "" {
				t.Errorf("%s (-recorded +fake):\n%s", c.ID, diff)
			}
		}
	}
	for id, why := range differs {
		t.Errorf("listed, but not among the cases: %s (%s)", id, why)
	}
	if violations := s.Violations(); len(violations) > 0 {
		t.Errorf("cases are taken for mistakes of the program: %v", violations)
	}
}

// contractRefuses tells, apart from the checker, whether a field alone breaks Gcore's contract.
func contractRefuses(c recordedCase) bool {
	for _, name := range []string{"port_range_min", "port_range_max"} {
		if number, ok := c.Rule[name].(json.Number); ok {
			if port, err := number.Int64(); err != nil || port < 0 || port > 65535 {
				return true
			}
		}
	}
	description, _ := c.Rule["description"].(string)
	remote, _ := c.Rule["remote_group_id"].(string)
	return len(description) > 255 || c.Error == "InvalidCIDR" || strings.HasPrefix(remote, "11111111-1111-1111")
}

// TestProtocolsOfTheTwoReadings: beyond the recorded names, what Neutron takes and what Gcore takes.
func TestProtocolsOfTheTwoReadings(t *testing.T) {
	t.Parallel()
	// What is stored for direction ingress and the protocol; "" is a 400.
	tests := []struct {
		protocol, ethertype, neutron, gcore string
	}{
		{`"tcp"`, "IPv4", "tcp", "tcp"},
		{`"TCP"`, "IPv4", "tcp", ""},
		{`"6"`, "IPv4", "6", ""},
		{`"256"`, "IPv4", "", ""},
		{`"any"`, "IPv4", "", ""},
		{`""`, "IPv4", "", ""},
		{`" tcp"`, "IPv4", "", ""},
		{`"icmpv6"`, "IPv6", "ipv6-icmp", ""},
		{`"icmpv6"`, "IPv4", "", ""},
		{`"icmp"`, "IPv6", "ipv6-icmp", "ipv6-icmp"},
		{`"1"`, "IPv6", "58", ""},
		{`"58"`, "IPv6", "58", ""},
		{`"hopopt"`, "IPv4", "hopopt", ""},
		{`"ip"`, "IPv4", "ip", ""},
		{`"ipencap"`, "IPv4", "", "ipencap"},
		{`"igmp"`, "IPv6", "igmp", "igmp"},
	}
	for _, reading := range []string{"neutron", "gcore"} {
		s := program(t, Config{Neutron: reading == "neutron", AcceptIPv6ICMP: true})
		api := newClient(t, s)
		for _, test := range tests {
			want := map[string]string{"neutron": test.neutron, "gcore": test.gcore}[reading]
			group := s.AddGroup(Group{ProjectID: 1, RegionID: 2, Name: "own"})
			r := api.do("POST", groupsPath+"/"+group+"/rules",
				fmt.Sprintf(`{"direction":"ingress","ethertype":%q,"protocol":%s}`, test.ethertype, test.protocol))
			g, _ := s.Group(group)
			got := ""
			if len(g.Rules) == 1 {
				got = *g.Rules[0].Protocol
			}
			if got != want || (want == "" && r.status != 400) {
				t.Errorf("%s: %s %s: status %d, stored %q, want %q", reading, test.protocol, test.ethertype, r.status, got, want)
			}
		}
		if violations := s.Violations(); len(violations) > 0 {
			t.Errorf("%s: %v", reading, violations)
		}
	}
}

func TestOddProtocolNumbersAreAServerErrorInNeutron(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"06", "+6", " 6"} {
		if _, refused := neutronProtocol(text); refused == nil || refused.status != 500 {
			t.Errorf("%q: %v, want a 500", text, refused)
		}
	}
}

func TestIPEncapAndIPIPAreOneProtocol(t *testing.T) {
	t.Parallel()
	for _, asIPIP := range []bool{false, true} {
		s := New(t, Config{IPEncapAsIPIP: asIPIP})
		c := newClient(t, s)
		id := c.createGroup(`{"name":"web","rules":[]}`)
		rulesPath := groupsPath + "/" + id + "/rules"
		c.finished("POST", rulesPath, `{"direction":"ingress","protocol":"ipencap"}`)
		g, _ := s.Group(id)
		if want := map[bool]string{false: "ipencap", true: "ipip"}[asIPIP]; *g.Rules[0].Protocol != want {
			t.Errorf("stored as %s, want %s", *g.Rules[0].Protocol, want)
		}
		c.want(409, "POST", rulesPath, `{"direction":"ingress","protocol":"ipip"}`)
	}
}

func TestContractNamesGcoresProtocols(t *testing.T) {
	t.Parallel()
	published, err := newDocument("openapi.json", publishedJSON, variant{})
	if err != nil {
		t.Fatal(err)
	}
	names := published.parsed.Components.Schemas["SecurityGroupProtocolEnumV2"].Value.Enum
	if len(names) != 23 {
		t.Errorf("%d protocols, want 23", len(names))
	}
	for _, name := range names {
		if text, _ := name.(string); protocolNumber(text) < 0 {
			t.Errorf("protocol %v has no number", name)
		}
	}
}
