package client

import (
	"encoding/json"
	"fmt"
	"time"
)

// Time is a moment as the API writes it, in UTC. The zero Time stands for null, for an absent field, and for a form
// that ParseTime does not know: an unforeseen date must not make a whole group unreadable. Who needs the moment checks
// IsZero.
type Time struct{ time.Time }

// UnmarshalJSON never fails.
func (t *Time) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		text = ""
	}
	parsed, err := ParseTime(text)
	if err != nil {
		parsed = time.Time{}
	}
	*t = Time{parsed}
	return nil
}

// timeLayouts are the forms that the API uses: groups and rules have an offset without a colon, tasks and projects
// none at all, the API's own examples also RFC 3339. Go accepts a fraction after the seconds of each.
var timeLayouts = [...]string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05",
}

// ParseTime reads a date in any of the API's forms: RFC 3339, an offset without a colon, and no offset, which is taken
// for UTC. A space may stand in place of the T. The result is in UTC.
func ParseTime(text string) (time.Time, error) {
	const dateLength = len("2006-01-02")
	normal := text
	if len(text) > dateLength && text[dateLength] == ' ' {
		normal = text[:dateLength] + "T" + text[dateLength+1:]
	}
	for _, layout := range timeLayouts {
		parsed, err := time.Parse(layout, normal)
		if err != nil {
			continue
		}
		parsed = parsed.UTC()
		// An offset can carry a date out of the years that RFC 3339 can write.
		if parsed.Year() < 0 || parsed.Year() > 9999 {
			break
		}
		return parsed, nil
	}
	return time.Time{}, fmt.Errorf("the date %q has none of the known forms, such as 2006-01-02T15:04:05+0000",
		excerpt(text, longestText))
}
