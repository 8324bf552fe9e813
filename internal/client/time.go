package client

import (
	"encoding/json"
	"fmt"
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
