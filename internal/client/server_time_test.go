package client_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func TestServerTime(t *testing.T) {
	t.Parallel()
	local := time.Date(2026, 5, 1, 12, 0, 0, 700_000_000, time.UTC)
	date := func(value string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", value)
			_, _ = w.Write([]byte(`{"count":0,"results":[]}`))
		}
	}
	at := func(hour, minute, second int) time.Time {
		return time.Date(2026, 5, 1, hour, minute, second, 0, time.UTC)
	}
	type want struct {
		date  string
		known bool
		time  time.Time
	}
	answers := []want{
		{"not a date", false, at(12, 0, 0)},
		{"Fri, 01 May 2026 12:01:00 GMT", true, at(12, 1, 0)},
		// The earliest counts: a gateway whose clock is ahead must not hide what was created.
		{"Fri, 01 May 2026 12:00:59 GMT", true, at(12, 0, 59)},
		// But none that is far from the others, before or after them.
		{"Fri, 01 May 2026 13:00:59 GMT", true, at(12, 0, 59)},
		{"Fri, 01 May 2026 11:00:59 GMT", true, at(12, 0, 59)},
	}
	// An answer is forgotten after some more.
	for range 5 {
		answers = append(answers, want{"Fri, 01 May 2026 12:01:00 GMT", true, at(12, 0, 59)})
	}
	answers = append(answers, want{"Fri, 01 May 2026 12:01:00 GMT", true, at(12, 1, 0)})
	var steps []step
	for _, answer := range answers {
		steps = append(steps, step{act: date(answer.date)})
	}
	s := play(t, steps...)
	c := s.client(client.WithClock(func() time.Time { return local }))
	for i, want := range answers {
		for _, err := range c.Tasks(t.Context(), client.TaskFilter{}) {
			t.Error(err)
		}
		if got, known := c.ServerTime(local); known != want.known || !got.Equal(want.time) {
			t.Errorf("after answer %d: %s, %t; want %s, %t", i, got, known, want.time, want.known)
		}
	}
}
