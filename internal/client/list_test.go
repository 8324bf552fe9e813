package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// listAnswer is a page with the groups g<from>, ..., g<to-1>.
func listAnswer(count, from, to int) string {
	results := []map[string]string{}
	for i := range to - from {
		results = append(results, map[string]string{"id": fmt.Sprintf("g%d", from+i)})
	}
	text, _ := json.Marshal(map[string]any{"count": count, "results": results})
	return string(text)
}

func pageRequest(offset int) string {
	return fmt.Sprintf("GET /cloud/v1/securitygroups/11/22?limit=1000&offset=%d", offset)
}

func TestListPages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		steps []step
		want  int    // entries g0, g1, ...
		err   string // "": none
	}{
		"none":     {[]step{{want: pageRequest(0), answer: listAnswer(0, 0, 0)}}, 0, ""},
		"one page": {[]step{{want: pageRequest(0), answer: listAnswer(3, 0, 3)}}, 3, ""},
		"two pages": {[]step{
			{want: pageRequest(0), answer: listAnswer(1001, 0, 1000)},
			{want: pageRequest(1000), answer: listAnswer(1001, 1000, 1001)},
		}, 1001, ""},
		"a full page and no more": {[]step{
			{want: pageRequest(0), answer: listAnswer(1000, 0, 1000)},
			{want: pageRequest(1000), answer: listAnswer(1000, 0, 0)},
		}, 1000, ""},
		"the server gives less than asked for": {[]step{
			{want: pageRequest(0), answer: listAnswer(25, 0, 10)},
			{want: pageRequest(10), answer: listAnswer(25, 10, 20)},
			{want: pageRequest(20), answer: listAnswer(25, 20, 25)},
		}, 25, ""},
		"the server does not count": {[]step{
			{want: pageRequest(0), answer: listAnswer(0, 0, 1000)},
			{want: pageRequest(1000), answer: listAnswer(0, 1000, 1500)},
		}, 1500, ""},
		"an entry that comes shifts the pages": {[]step{
			{want: pageRequest(0), answer: listAnswer(1000, 0, 1000)},
			{want: pageRequest(1000), answer: listAnswer(1001, 999, 1000)},
		}, 1000, ""},
		"it breaks off": {[]step{
			{want: pageRequest(0), answer: listAnswer(9, 0, 3)},
			{want: pageRequest(3), answer: listAnswer(9, 0, 0)},
			{want: pageRequest(0), answer: listAnswer(9, 0, 3)},
			{want: pageRequest(3), answer: listAnswer(9, 0, 0)},
		}, 3, "the list breaks off after 3 of 9 entries"},
		"it breaks off once": {[]step{
			{want: pageRequest(0), answer: listAnswer(9, 0, 3)},
			{want: pageRequest(3), answer: listAnswer(9, 0, 0)},
			{want: pageRequest(0), answer: listAnswer(9, 0, 5)},
			{want: pageRequest(5), answer: listAnswer(9, 5, 9)},
		}, 9, ""},
		"it breaks off at once": {[]step{
			{want: pageRequest(0), answer: listAnswer(3, 0, 0)},
			{want: pageRequest(0), answer: listAnswer(3, 0, 0)},
		}, 0, "the list breaks off after 0 of 3 entries"},
		"it breaks off, then fails": {[]step{
			{want: pageRequest(0), answer: listAnswer(9, 0, 3)},
			{want: pageRequest(3), answer: listAnswer(9, 0, 0)},
			{want: pageRequest(0), status: http.StatusForbidden, answer: apiError("ForbiddenError", "no more")},
		}, 3, "no more"},
		"entries go meanwhile": {[]step{
			{want: pageRequest(0), answer: listAnswer(5, 0, 3)},
			{want: pageRequest(3), answer: listAnswer(3, 0, 0)},
		}, 3, ""},
		"the offset is ignored": {[]step{
			{want: pageRequest(0), answer: listAnswer(5000, 0, 1000)},
			{want: pageRequest(1000), answer: listAnswer(5000, 0, 1000)},
		}, 1000, "after 1000 different entries the list does not end"},
		"an error in the middle": {[]step{
			{want: pageRequest(0), answer: listAnswer(2000, 0, 1000)},
			{want: pageRequest(1000), status: http.StatusForbidden, answer: apiError("ForbiddenError", "no more")},
		}, 1000, "no more"},
		"an entry without id": {[]step{
			{want: pageRequest(0), answer: `{"count":1,"results":[{"name":"web"}]}`},
			{want: pageRequest(0), answer: listAnswer(1, 0, 1)},
		}, 1, ""},
		"an answer without results": {[]step{
			{want: pageRequest(0), answer: `{"count":0}`},
			{want: pageRequest(0), answer: listAnswer(1, 0, 1)},
		}, 1, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, test.steps...)
			got := 0
			var failure error
			for group, err := range s.client().SecurityGroups(t.Context(), here, client.SecurityGroupFilter{}) {
				if failure != nil {
					t.Fatal("something followed the error")
				}
				if failure = err; err != nil {
					continue
				}
				if want := fmt.Sprintf("g%d", got); group.ID != want {
					t.Fatalf("entry %q, want %q", group.ID, want)
				}
				got++
			}
			if got != test.want {
				t.Errorf("%d entries, want %d", got, test.want)
			}
			if (failure == nil) != (test.err == "") || failure != nil && !strings.Contains(failure.Error(), test.err) {
				t.Errorf("error %v, want %q", failure, test.err)
			}
		})
	}
}

func TestListStopsWhenItsReaderDoes(t *testing.T) {
	t.Parallel()
	s := play(t, step{answer: listAnswer(5000, 0, 1000)}, step{answer: listAnswer(5000, 0, 1000)})
	list := s.client().SecurityGroups(t.Context(), here, client.SecurityGroupFilter{})
	// The sequence can be used twice, and starts from the first page each time.
	for range 2 {
		for group, err := range list {
			if err != nil || group.ID != "g0" {
				t.Errorf("first entry %q, error %v", group.ID, err)
			}
			break
		}
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	query := func(r *http.Request) url.Values { return r.URL.Query() }
	var got []url.Values
	keep := func(w http.ResponseWriter, r *http.Request) {
		got = append(got, query(r))
		_, _ = w.Write([]byte(`{"count":0,"results":[]}`))
	}
	s := play(t, step{act: keep}, step{act: keep}, step{act: keep})
	c := s.client()
	for _, err := range c.SecurityGroups(t.Context(), here, client.SecurityGroupFilter{
		Name: "a b&c", TagKeys: []string{"x", "y"}, TagKeyValue: map[string]string{"k": `v"1`, "a": "<b>"},
	}) {
		t.Errorf("an entry came of an empty list, with the error %v", err)
	}
	for _, err := range c.Tasks(t.Context(), client.TaskFilter{}) {
		t.Errorf("an entry came of an empty list, with the error %v", err)
	}
	for _, err := range c.Tasks(t.Context(), client.TaskFilter{
		Location: here, Type: client.TaskUpdateSecurityGroup, States: []string{client.TaskNew, client.TaskRunning},
		From: time.Date(2026, 5, 1, 12, 0, 0, 999, time.FixedZone("", 2*3600)),
	}) {
		t.Errorf("an entry came of an empty list, with the error %v", err)
	}
	page := func(more url.Values) url.Values {
		more.Set("limit", "1000")
		more.Set("offset", "0")
		return more
	}
	want := []url.Values{
		page(url.Values{"name": {"a b&c"}, "tag_key": {"x", "y"}, "tag_key_value": {`{"a":"\u003cb\u003e","k":"v\"1"}`}}),
		page(url.Values{"order_by": {"asc"}}),
		page(url.Values{
			"order_by": {"asc"}, "project_id": {"11"}, "region_id": {"22"}, "task_type": {"update_security_group"},
			"state": {"NEW", "RUNNING"}, "from_timestamp": {"2026-05-01T10:00:00Z"},
		}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queries differ (-want +got):\n%s", diff)
	}
}

func TestListErrorsAreOfTheirKind(t *testing.T) {
	t.Parallel()
	s := play(t, step{status: http.StatusUnauthorized, answer: apiError("not_authenticated", "who?")})
	for _, err := range s.client().Tasks(t.Context(), client.TaskFilter{}) {
		if !errors.Is(err, client.ErrUnauthorized) {
			t.Errorf("error %v", err)
		}
	}
}
