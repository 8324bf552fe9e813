package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Time is a moment as the API writes it, in UTC. The zero Time stands for null, for an absent field, and for a form that
// ParseTime does not know: an unforeseen date must not make a whole group unreadable. Callers check IsZero.
type Time struct{ time.Time }

// UnmarshalJSON never fails.
func (t *Time) UnmarshalJSON(data []byte) error {
	var text string
	_ = json.Unmarshal(data, &text) // what is not a string stays "", which is no date
	t.Time, _ = ParseTime(text)
	return nil
}

// timeLayouts are the forms that the API uses: groups and rules have an offset without a colon, tasks and projects have
// none, the API's own examples also have RFC 3339. Go accepts a fraction after the seconds of each.
var timeLayouts = [...]string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05",
}

// ParseTime reads a date in any of the API's forms: RFC 3339, an offset without a colon, or no offset, which means UTC. A
// space may replace the T. The result is in UTC; with an error it is zero.
func ParseTime(text string) (time.Time, error) {
	const dateLength = len("2006-01-02")
	normal := text
	if len(text) > dateLength && text[dateLength] == ' ' {
		normal = text[:dateLength] + "T" + text[dateLength+1:]
	}
	for _, layout := range timeLayouts {
		parsed, err := time.Parse(layout, normal)
		// With its offset a date can leave the years that RFC 3339 can write.
		if year := parsed.UTC().Year(); err == nil && year >= 0 && year <= 9999 {
			return parsed.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("the date %q has none of the known forms, such as 2006-01-02T15:04:05+0000",
		excerpt(text, longestText))
}

// serverClock compares the server's time with this machine's, by the Date of recent answers. The lowest difference counts:
// a gateway whose clock is ahead of the service's would otherwise hide what was just created. One that is far from most of
// the others does not count: its gateway's clock is wrong.
type serverClock struct {
	mu     sync.Mutex
	recent []time.Duration // by how much the server was ahead, the newest last
}

// recentDates is how many answers the server's time is taken from. A single wrong Date must not count for long.
const recentDates = 8

func (s *serverClock) learn(header http.Header, received time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recent = append(s.recent, date.Sub(received))
	s.recent = s.recent[max(0, len(s.recent)-recentDates):]
}

// ServerTime is the earliest time that the server's clock can have shown at a moment of this machine's, in whole seconds
// as in the API's dates. Objects that the API creates after the moment have this date or a later one. known is false
// until an answer had a Date; the result is then the moment by this machine's clock.
func (c *Client) ServerTime(local time.Time) (earliest time.Time, known bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	if len(c.clock.recent) == 0 {
		return local.UTC().Truncate(time.Second), false
	}
	return local.Add(c.clock.lowest()).UTC().Truncate(time.Second), true
}

// farOff is how far a difference is from the middle one that does not count.
const farOff = 30 * time.Second

func (s *serverClock) lowest() time.Duration {
	sorted := slices.Sorted(slices.Values(s.recent))
	middle := sorted[(len(sorted)-1)/2]
	return sorted[slices.IndexFunc(sorted, func(d time.Duration) bool { return d >= middle-farOff })]
}
