package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

const groupPath = "/cloud/v1/securitygroups/11/22/" + groupID

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	tests := map[string]struct {
		status int
		header map[string]string
		body   string
		want   client.Error // without Method, Path and StatusCode
		kinds  []string
	}{
		"validation": {
			status: 400,
			body: `{"exception_class":"ValidationError","message":"Invalid\n request","request_id":"a1b2","traceback":"...",
				"invalid_fields":{"rules":{"0":{"direction":["Field required"]},"1":[{"port":["low","odd"]}]},
				"name":"too short","list":["a",1,null,true]}}`,
			want: client.Error{
				Class: "ValidationError", Message: "Invalid request", RequestID: "a1b2",
				InvalidFields: map[string][]string{
					"rules.0.direction": {"Field required"}, "rules.1.0.port": {"low", "odd"},
					"name": {"too short"}, "list": {"a", "1", "true"},
				},
			},
		},
		"invalid fields as a list": {
			status: 400, body: `{"exception_class":"ValidationError","invalid_fields":["a","b"]}`,
			want: client.Error{Class: "ValidationError", InvalidFields: map[string][]string{"": {"a", "b"}}},
		},
		"quota": {
			status: 409,
			body: `{"exception_class":"QuotaLimitExceed","message":"Quota","request_id":"a1b2",
				"info":{"attribute":"firewall_count","limit":20,"current_usage":20,"more":{"a":[1]},"none":null}}`,
			want: client.Error{
				Class: "QuotaLimitExceed", Message: "Quota", RequestID: "a1b2",
				Info: map[string]string{"attribute": "firewall_count", "limit": "20", "current_usage": "20", "more": `{"a":[1]}`},
			},
			kinds: []string{"conflict"},
		},
		"not found": {
			status: 404, body: apiError("NotFoundError", "SecurityGroup "+groupID+" could not be found"),
			want:  client.Error{Class: "NotFoundError", Message: "SecurityGroup " + groupID + " could not be found", RequestID: "a1b2"},
			kinds: []string{"not found"},
		},
		"no such project": {
			status: 404, body: apiError("NotFoundError", "Project 11 could not be found"),
			want:  client.Error{Class: "NotFoundError", Message: "Project 11 could not be found", RequestID: "a1b2"},
			kinds: []string{"unknown reference"},
		},
		"a gateway's 404": {
			status: 404, body: `{"message":"no Route matched with those values"}`,
			want:  client.Error{Message: "no Route matched with those values"},
			kinds: []string{"unknown path"},
		},
		"an HTML 404": {
			status: 404, body: "<html>\n<h1>Not\x00 Found</h1>\x1b[31m</html>",
			want:  client.Error{Message: "the answer is a web page"},
			kinds: []string{"unknown path"},
		},
		"an empty 404":         {status: 404, kinds: []string{"unknown path"}},
		"a 404 that is a list": {status: 404, body: `["exception_class"]`, want: client.Error{Message: `["exception_class"]`}, kinds: []string{"unknown path"}},
		"a 404 of null":        {status: 404, body: `null`, want: client.Error{Message: "null"}, kinds: []string{"unknown path"}},
		"an empty class":       {status: 404, body: `{"exception_class":"","message":"gone"}`, want: client.Error{Message: "gone"}, kinds: []string{"unknown path"}},
		"a class of null":      {status: 404, body: `{"exception_class":null,"detail":"gone"}`, want: client.Error{Message: "gone"}, kinds: []string{"unknown path"}},
		"unauthorized": {
			status: 401, body: `{"exception_class":"not_authenticated","message":"Not authenticated","request_id":null}`,
			want:  client.Error{Class: "not_authenticated", Message: "Not authenticated"},
			kinds: []string{"unauthorized"},
		},
		"forbidden by a proxy": {
			status: 403, header: map[string]string{"X-Request-Id": "edge-1"}, body: "no",
			want:  client.Error{Message: "no", RequestID: "edge-1"},
			kinds: []string{"forbidden"},
		},
		"the API's header comes before the common one": {
			status: 403, header: map[string]string{"request_id": "c3d4", "X-Request-Id": "edge-1"}, body: "no",
			want:  client.Error{Message: "no", RequestID: "c3d4"},
			kinds: []string{"forbidden"},
		},
		"changed meanwhile": {
			status: 412, body: apiError("PreconditionFailed", "Constrained to 5, but current revision is 6"),
			want:  client.Error{Class: "PreconditionFailed", Message: "Constrained to 5, but current revision is 6", RequestID: "a1b2"},
			kinds: []string{"changed"},
		},
		"the body's id comes first": {
			status: 409, header: map[string]string{"X-Request-Id": "edge-1"}, body: apiError("ConflictError", "exists"),
			want:  client.Error{Class: "ConflictError", Message: "exists", RequestID: "a1b2"},
			kinds: []string{"conflict"},
		},
		"odd types": {
			status: 400, body: `{"exception_class":{"a":1},"message":["b"],"request_id":7,"invalid_fields":"c","info":"d"}`,
			want: client.Error{
				Class: `{"a":1}`, Message: `["b"]`, RequestID: "7", InvalidFields: map[string][]string{"": {"c"}},
			},
		},
		"another service's shape": {
			status: 400, body: `{"code":4,"oops":"e"}`, want: client.Error{Message: `{"code":4,"oops":"e"}`},
		},
		"a long body": {status: 400, body: long, want: client.Error{Message: long[:300] + "..."}},
		"a long message": {
			status: 400, body: apiError(long, long),
			want: client.Error{Class: long[:300] + "...", Message: long[:1000] + "...", RequestID: "a1b2"},
		},
		"the key in all of it": {
			status: 400, header: map[string]string{"X-Request-Id": testKey},
			body: `{"exception_class":"E","message":"bad \u0031\u0032\u0033$test-key",
				"invalid_fields":{"` + testKey + `":["` + testKey + `!"]},"info":{"key":"` + testKey + `"}}`,
			want: client.Error{
				Class: "E", Message: "bad ***", RequestID: "***",
				InvalidFields: map[string][]string{"***": {"***!"}}, Info: map[string]string{"key": "***"},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{status: test.status, header: test.header, answer: test.body})
			_, err := s.client().SecurityGroup(t.Context(), here, groupID)
			var got *client.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v is no *Error", err)
			}
			want := test.want
			want.Method, want.Path, want.StatusCode = http.MethodGet, groupPath, test.status
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.kinds, kinds(err)); diff != "" {
				t.Errorf("kinds differ (-want +got):\n%s", diff)
			}
			if text := err.Error(); strings.ContainsAny(text, "\n\r\x00\x1b") || strings.Contains(text, testKey) ||
				!strings.Contains(text, fmt.Sprint(test.status)) {
				t.Errorf("text %q", text)
			}
		})
	}
}

// Each status matches one error variable at most, and only ErrUnavailable matches several statuses.
func TestKindOfEachStatus(t *testing.T) {
	t.Parallel()
	all := []error{
		client.ErrNotFound, client.ErrUnknownReference, client.ErrUnknownPath, client.ErrConflict, client.ErrChanged, client.ErrUnauthorized, client.ErrForbidden,
		client.ErrTooManyRequests, client.ErrInvalid, client.ErrUnavailable, client.ErrAmbiguous,
	}
	for _, test := range []struct {
		status int
		class  string
		want   error // nil: of no kind
	}{
		{400, "ValidationError", client.ErrInvalid}, {401, "", client.ErrUnauthorized}, {403, "", client.ErrForbidden},
		{404, "NotFoundError", client.ErrUnknownReference}, {404, "", client.ErrUnknownPath}, {405, "HTTPError", nil}, {408, "", nil},
		{409, "ConflictError", client.ErrConflict}, {412, "", client.ErrChanged}, {422, "", nil}, {429, "", client.ErrTooManyRequests},
		{500, "", client.ErrUnavailable}, {502, "", client.ErrUnavailable}, {503, "", client.ErrUnavailable}, {599, "", client.ErrUnavailable},
	} {
		answer := &client.Error{StatusCode: test.status, Class: test.class}
		for _, kind := range all {
			if got := errors.Is(answer, kind); got != errors.Is(kind, test.want) {
				t.Errorf("%d %q is %q: %t", test.status, test.class, kind, got)
			}
		}
	}
}

// Only a 404 of a known class that names an object of the request's path says that it is gone.
func TestKindsOf404(t *testing.T) {
	t.Parallel()
	const rulePath, other = groupPath + "/rules/5a1d6b0e-6a0c-4b6e-8a55-0f4f0e5d7c11", "9f4bb55c-5c3a-4a46-8a64-2f9c1a2b3c4d"
	for _, test := range []struct{ path, class, message, want string }{
		{groupPath, "NotFoundError", "SecurityGroup " + groupID + " could not be found", "not found"},
		{groupPath, "SecurityGroupNotFound", "Security group " + strings.ToUpper(groupID) + " does not exist", "not found"},
		{strings.ToUpper(rulePath), "SecurityGroupNotFound", "Security group " + groupID + " does not exist", "not found"},
		{rulePath, "SecurityGroupRuleNotFound", "Security group rule 5a1d6b0e-6a0c-4b6e-8a55-0f4f0e5d7c11 does not exist", "not found"},
		{groupPath, "NotFoundError", "Project 11 could not be found", "unknown reference"},
		{groupPath, "NotFoundError", "Region 22 could not be found", "unknown reference"},
		{groupPath, "NotFoundError", "User 1 could not be found", "unknown reference"},
		{groupPath, "ProjectNotFound", "No project has the group " + groupID, "unknown reference"},
		{groupPath, "HTTPNotFound", "The resource could not be found.", "unknown reference"},
		{groupPath + "/rules", "SecurityGroupNotFound", "Security group " + other + " does not exist", "unknown reference"},
		{"/cloud/v1/securitygroups/11/22", "NotFoundError", "Region 22 could not be found", "unknown reference"},
		{groupPath, "", "no Route for " + groupID, "unknown path"},
	} {
		answer := &client.Error{StatusCode: 404, Path: test.path, Class: test.class, Message: test.message}
		if diff := cmp.Diff([]string{test.want}, kinds(answer)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", answer, diff)
		}
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := map[string]error{
		"Bad (invalid fields: none; a: one; b: two, three) (limit=5, usage=5) " +
			"(POST /cloud/v2/x: 400 Bad Request, ValidationError, request id r1)": &client.Error{
			Method: "POST", Path: "/cloud/v2/x", StatusCode: 400, Class: "ValidationError", Message: "Bad", RequestID: "r1",
			InvalidFields: map[string][]string{"b": {"two", "three"}, "a": {"one"}, "": {"none"}},
			Info:          map[string]string{"usage": "5", "limit": "5"},
		},
		"no message (GET /p: 599)":             &client.Error{Method: "GET", Path: "/p", StatusCode: 599},
		"no message (GET /p: 502 Bad Gateway)": &client.Error{Method: "GET", Path: "/p", StatusCode: 502},
		"broken (GET /p)":                      &client.TransportError{Method: "GET", Path: "/p", Err: errors.New("broken")},
		"broken (GET /p: 200 OK)":              &client.TransportError{Method: "GET", Path: "/p", StatusCode: 200, Err: errors.New("broken")},
		"a quota (task t: create, request id r)": &client.TaskError{
			Task: client.Task{ID: "t", Type: "create", State: client.TaskFailed, Error: "a\nquota", RequestID: "r"},
		},
		"the task failed without a reason (task t)":          &client.TaskError{Task: client.Task{ID: "t", State: client.TaskFailed}},
		`the task is in the unknown state "PAUSED" (task t)`: &client.TaskError{Task: client.Task{ID: "t", State: "PAUSED"}},
		"broken, while the task was still running (task t)":  &client.WaitError{TaskID: "t", Err: errors.New("broken")},
		"context canceled, while the task was NEW (task t)": &client.WaitError{
			TaskID: "t", LastState: client.TaskNew, Err: context.Canceled,
		},
	}
	for want, err := range tests {
		if got := err.Error(); got != want {
			t.Errorf("text\n%s\nwant\n%s", got, want)
		}
	}
}

func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	var fields []string
	for i := range 500 {
		fields = append(fields, fmt.Sprintf(`"f%d":[%s"m"]`, i, strings.Repeat(`"m",`, 100)))
	}
	all := strings.Join(fields, ",")
	deep := strings.Repeat(`{"a":`, 200) + `"x"` + strings.Repeat(`}`, 200)
	for name, body := range map[string]string{
		"many":          `{"exception_class":"E","invalid_fields":{` + all + `},"info":{` + all + `}}`,
		"deep":          `{"exception_class":"E","invalid_fields":` + deep + `,"info":` + deep + `}`,
		"deep list":     `{"exception_class":"E","invalid_fields":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
		"large":         `{"message":"` + strings.Repeat("large ", 1<<19) + `"}`,
		"spaces":        strings.Repeat(" ", 1<<16) + "x",
		"not UTF-8":     "\xff\xfe" + strings.Repeat("\xc3", 5000),
		"broken object": `{"exception_class":"NotFoundError","message":"x`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, step{status: http.StatusNotFound, answer: body})
			_, err := s.client().SecurityGroup(t.Context(), here, groupID)
			var answer *client.Error
			if !errors.As(err, &answer) || answer.StatusCode != http.StatusNotFound {
				t.Fatalf("error %v", err)
			}
			if size := len(err.Error()); size > 50*10*400 || len(answer.InvalidFields) > 50 || len(answer.Info) > 50 {
				t.Errorf("%d bytes, %d fields, %d details", size, len(answer.InvalidFields), len(answer.Info))
			}
			if errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrUnknownPath) != (answer.Class == "") {
				t.Errorf("class %q: %v", answer.Class, kinds(err))
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, test := range [][2]string{
		{"", ""},
		{" a\t\n b ", "a b"},
		{"12345", "12345"},
		{"123456", "12345..."},
		{"äöüßé", "äöüßé"},
		{"äöüßéx", "äöüßé..."},
		{"a\u202eb\u200bc", "a b c"},
		{"a\xffb", "a b"},
		{strings.Repeat(" ", 99), "..."},
	} {
		text, want := test[0], test[1]
		if got := client.Excerpt(text, 5); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// A page of a gateway that asks for patience, and an interruption before there was a connection, are no sign of a wrong address.
func TestSignsOfAWrongAddress(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{400: true, 403: true, 404: true, 408: false, 429: false, 500: false, 502: false} {
		page := &client.Error{StatusCode: status, Message: client.ErrWebPage.Error() + ` titled "Sorry"`}
		if got := errors.Is(page, client.ErrWebPage); got != want {
			t.Errorf("%d: %t", status, got)
		}
	}
	for err, want := range map[error]bool{errors.New("connection refused"): true, context.DeadlineExceeded: true, context.Canceled: false} {
		if got := errors.Is(&client.TransportError{Err: err}, client.ErrUnreachable); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}

// A 500 to a request with characters of four bytes says so, since some databases cannot store them.
func TestErrorOfEmoji(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(server.Close)
	c := newClient(t, client.Config{BaseURL: server.URL})
	for description, want := range map[string]bool{"gruß, 網": false, "hello 😀": true} {
		_, err := c.CreateSecurityGroupRule(t.Context(), here, groupID, client.RuleRequest{Direction: "egress", Description: description})
		if err == nil || strings.Contains(err.Error(), "emoji") != want {
			t.Errorf("%s: %v", description, err)
		}
	}
}
