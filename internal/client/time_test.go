package client_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	second := time.Date(2019, 6, 18, 11, 56, 16, 0, time.UTC)
	tests := map[string]time.Time{
		"2019-06-18T11:56:16+0000":         second,
		"2019-06-18T11:56:16Z":             second,
		"2019-06-18T11:56:16+00:00":        second,
		"2019-06-18T11:56:16":              second,
		"2019-06-18T11:56:16+00":           second,
		"2019-06-18 11:56:16":              second,
		"2019-06-18 11:56:16+0000":         second,
		"2019-06-18T13:56:16+0200":         second,
		"2019-06-18T13:26:16+01:30":        second,
		"2019-06-18T04:56:16-0700":         second,
		"2019-06-18T11:56:16.5Z":           second.Add(500 * time.Millisecond),
		"2019-06-18T11:56:16.123456":       second.Add(123456 * time.Microsecond),
		"2019-06-18T11:56:16.000001+0000":  second.Add(time.Microsecond),
		"2019-06-18T11:56:16.25+00:00":     second.Add(250 * time.Millisecond),
		"2019-06-18 11:56:16.123456+00:00": second.Add(123456 * time.Microsecond),
	}
	for text, want := range tests {
		got, err := client.ParseTime(text)
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "null", "2019-06-18", "11:56:16", "2019-06-18T11:56", "18.06.2019 11:56:16", "1560858976",
		"2019-02-30T11:56:16Z", "2019-06-18T25:00:00Z", "2019-06-18T11:56:16 UTC", "9999-12-31T23:59:59-01:00",
		"0000-01-01T00:00:00+01:00",
	} {
		if got, err := client.ParseTime(text); err == nil || !got.IsZero() {
			t.Errorf("%q: %v, %v, want an error", text, got, err)
		}
	}
}

func TestTimeFromJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]client.Time{
		`"2019-06-18T11:56:16+0000"`: moment(11, 56, 16),
		`null`:                       {},
		`""`:                         {},
		`"soon"`:                     {},
		`1560858976`:                 {},
		`{"a":1}`:                    {},
	} {
		// The value from before must not stay.
		got := struct{ At client.Time }{moment(1, 2, 3)}
		if err := json.Unmarshal([]byte(`{"At":`+text+`}`), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got.At); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// FuzzParseTime checks that dates are in UTC, and that their RFC 3339 form is read as the same date.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2019-06-18T11:56:16+0000", "2019-06-18T11:56:16Z", "2019-06-18 11:56:16.5", "0000-01-01T00:00:00Z",
		"9999-12-31T23:59:59-2359", "2019-06-18T11:56:16,5+00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := client.ParseTime(text)
		if err != nil {
			if !first.IsZero() {
				t.Errorf("%q: %v beside the error %v", text, first, err)
			}
			return
		}
		second, err := client.ParseTime(first.Format(time.RFC3339Nano))
		if err != nil || !second.Equal(first) || first.Location() != time.UTC {
			t.Errorf("%q: %v, then %v, %v", text, first, second, err)
		}
	})
}
