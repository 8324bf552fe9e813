package gcoretest

import (
	"encoding/json"
	"errors"
	"regexp"
	"time"
)

// formats are the checks behind the contract's "format" words.
func formats(hostBits HostBits) map[string]func(string) error {
	uuid4 := regexp.MustCompile(
		`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`)
	return map[string]func(string) error{
		"uuid4": func(text string) error {
			if !uuid4.MatchString(text) {
				return errors.New("UUID version 4 expected")
			}
			return nil
		},
		"ipvanynetwork": func(text string) error {
			_, err := parseNetwork(text, hostBits)
			return err
		},
		"date-time": func(text string) error {
			_, err := parseTimestamp(text)
			return err
		},
		"json-string-map": func(text string) error {
			var pairs map[string]string
			if err := json.Unmarshal([]byte(text), &pairs); err != nil || pairs == nil {
				return errors.New("Input should be a JSON object of strings") //nolint:staticcheck // pydantic's style
			}
			return nil
		},
	}
}

// parseTimestamp reads an ISO date and time; without a zone it is UTC.
func parseTimestamp(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05Z0700"} {
		if parsed, err := time.Parse(layout, text); err == nil {
			return parsed, nil
		}
	}
	return time.Time{}, errors.New("Input should be a valid datetime") //nolint:staticcheck // pydantic's style
}
