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
	s := play(t, step{act: date("not a date")}, step{act: date("Fri, 01 May 2026 12:01:00 GMT")}, step{act: date("Fri, 01 May 2026 12:00:59 GMT")})
	c := s.client(client.WithClock(func() time.Time { return local }))
	for _, want := range []struct {
		known bool
		time  time.Time
	}{
		{false, time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)},
		{true, time.Date(2026, 5, 1, 12, 1, 0, 0, time.UTC)},
		// The earliest counts: a gateway whose clock is ahead must not hide what was created.
		{true, time.Date(2026, 5, 1, 12, 0, 59, 0, time.UTC)},
	} {
		for _, err := range c.Tasks(t.Context(), client.TaskFilter{}) {
			t.Error(err)
		}
		if got, known := c.ServerTime(local); known != want.known || !got.Equal(want.time) {
			t.Errorf("got %s, %t; want %s, %t", got, known, want.time, want.known)
		}
	}
}
