package client_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// FuzzAnswers lets every call read arbitrary answers. No call may panic, an answer that is not 2xx is an *Error with its
// status, and the texts of errors are bounded and have no line breaks.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		groupAnswer, taskAnswer("RUNNING", ""), listAnswer(2, 0, 2), apiError("NotFoundError", "gone"), "", "null", "[]", "{}",
		`{"tasks":["t"]}`, `{"count":1,"results":[{"instance_id":"i"}]}`, `{"id":"x","state":"ERROR","error":{"a":[1]}}`,
		`{"exception_class":1,"invalid_fields":{"a":[{"b":["c"]}],"":{"":""}},"info":[]}`, "<html>", "\xff\x00",
	} {
		for _, status := range []int{200, 204, 302, 404, 500} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 999 {
			return
		}
		c := newClient(t, client.Config{})
		c.Answer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}, nil
		})
		ctx := t.Context()
		var failures []error
		for _, operation := range operations {
			failures = append(failures, operation.call(ctx, c))
		}
		task, taskErr := c.Task(ctx, taskID)
		if taskErr == nil && (task.ID == "" || task.State == "") {
			t.Errorf("task %+v without an error", task)
		}
		_, _, instancesErr := c.SecurityGroupInstances(ctx, here, groupID)
		failures = append(failures, taskErr, instancesErr)
		for _, err := range c.SecurityGroups(ctx, here, client.SecurityGroupFilter{}) {
			failures = append(failures, err)
		}
		for _, err := range failures {
			checkFailure(t, status, err)
		}
	})
}

func checkFailure(t *testing.T, status int, err error) {
	t.Helper()
	if err == nil {
		if status/100 != 2 {
			t.Errorf("%d is no error", status)
		}
		return
	}
	var answer *client.Error
	if status/100 != 2 && (!errors.As(err, &answer) || answer.StatusCode != status) {
		t.Errorf("%d became %v", status, err)
	}
	if status != http.StatusNotFound && errors.Is(err, client.ErrNotFound) {
		t.Errorf("%d became not found: %v", status, err)
	}
	if text := err.Error(); len(text) > 1<<20 || strings.ContainsAny(text, "\n\r\x00") {
		t.Errorf("%d bytes of text: %.300q", len(text), text)
	}
}
