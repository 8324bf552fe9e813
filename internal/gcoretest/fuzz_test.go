package gcoretest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRequest: no request makes the fake panic, and each answer is one that the API could give.
func FuzzRequest(f *testing.F) {
	const id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
	for _, seed := range [][3]string{
		{"POST", groupsPath, `{"name":"web","rules":[{"direction":"ingress","protocol":"tcp","port_range_min":1,"port_range_max":2}],"tags":{"a":"b"}}`},
		{"PATCH", groupsPath + "/" + id, `{"description":"","rules":[{"direction":"egress","remote_ip_prefix":"::/0","ethertype":"IPv6"}],"tags":null}`},
		{"POST", groupsPath + "/" + id + "/rules", `{"direction":"ingress","remote_group_id":"` + id + `"}`},
		{"DELETE", groupsPath + "/" + id + "/rules/" + id, ``},
		{"GET", readPath + "?limit=5&offset=1&tag_key=a&tag_key_value=%7B%22a%22%3A%22b%22%7D", ``},
		{"GET", "/cloud/v1/tasks?state=NEW&from_timestamp=2026-11-22T03:33:17Z&order_by=asc", ``},
		{"GET", "/cloud/v1/tasks/x%2Fy", ``},
		{"GET", "//%00?=&;", ``},
		{"PATCH", groupsPath + "/" + id, `{"rules":[null,1,[],{}],"tags":{"":null}}`},
	} {
		f.Add(seed[0], seed[1], seed[2], false)
		f.Add(seed[0], seed[1], seed[2], true)
	}
	f.Fuzz(func(t *testing.T, method, target, body string, neutron bool) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+target, strings.NewReader(body))
		if err != nil {
			t.Skip("no request at all")
		}
		request.Header.Set("Authorization", "apikey test-key")
		request.Header.Set("Content-Type", "application/json")
		s := program(t, Config{Neutron: neutron, HostBits: HostBits(len(body) % 3)})
		s.AddGroup(Group{ID: id, ProjectID: 1, RegionID: 2, Name: "web", Rules: DefaultRules()})
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, request)
		s.Groups(1, 2) // the effect of a task, if there is one
		for _, read := range []string{readPath, readPath + "/" + id, "/cloud/v1/tasks"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+read, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "apikey test-key")
			s.ServeHTTP(httptest.NewRecorder(), request)
		}
		for _, violation := range s.Violations() {
			if strings.HasPrefix(violation, "the fake's answer") {
				t.Error(violation)
			}
		}
		if text := recorder.Body.Bytes(); len(text) > 0 && !json.Valid(text) {
			t.Errorf("%d: %s is no JSON", recorder.Code, text)
		}
		if recorder.Code < 200 || recorder.Code >= 600 || (recorder.Code == 500 && !neutron) {
			t.Errorf("status %d: %s", recorder.Code, recorder.Body)
		}
	})
}

// FuzzParseNetwork: what is written out reads as the same prefix, in both readings.
func FuzzParseNetwork(f *testing.F) {
	for _, seed := range []string{"10.0.0.1/8", "::ffff:10.0.0.1/96", "::a00:1", "10.0.0.0/255.0.0.0", "10/8", "010.1", "::/0", "fe80::1%1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if parsed, err := parseNetwork(text, HostBitsKeep); err == nil {
			again, err := parseNetwork(parsed.String(), HostBitsKeep)
			if err != nil || again != parsed {
				t.Errorf("%q is %s, which is %s (%v)", text, parsed, again, err)
			}
			if masked, err := parseNetwork(text, HostBitsMask); err != nil || masked != parsed.masked() {
				t.Errorf("%q masked is %s (%v)", text, masked, err)
			}
		}
		if parsed, refused := neutronPrefix(text); refused == nil {
			again, refused := neutronPrefix(parsed.String())
			if refused != nil || again != parsed {
				t.Errorf("Neutron: %q is %s, which is %s", text, parsed, again)
			}
		}
	})
}

// FuzzParseJSON: what is accepted is JSON, and what encoding/json refuses is refused.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,null,{"b":"c"}]}`, `{"a":1,"a":2}`, `[`, `"\ud800"`, `1e999`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := parseJSON([]byte(text)); err == nil && !json.Valid([]byte(text)) {
			t.Errorf("%q is accepted", text)
		}
	})
}
