package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestReadSettings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		variable, value string // that is not as it should be
		want            string // in the error, "" for none
	}{
		"all":                 {"", "", ""},
		"http on loopback":    {"GCORE_BASE_URL", "http://localhost:8080/", ""},
		"http on IPv6":        {"GCORE_BASE_URL", "http://[::1]:8080", ""},
		"no key":              {"GCORE_API_KEY", "", "GCORE_API_KEY is not set"},
		"no address":          {"GCORE_BASE_URL", "", "GCORE_BASE_URL is not set"},
		"no project":          {"GCORE_CLOUD_PROJECT_ID", "", "GCORE_CLOUD_PROJECT_ID is not set"},
		"no region":           {"GCORE_CLOUD_REGION_ID", "", "GCORE_CLOUD_REGION_ID is not set"},
		"a key with its word": {"GCORE_API_KEY", "APIKey test-key", "bare key"},
		"a key with a line":   {"GCORE_API_KEY", "test-key\n", "bare key"},
		"a project's name":    {"GCORE_CLOUD_PROJECT_ID", "prod", "must be a number above 0"},
		"region 0":            {"GCORE_CLOUD_REGION_ID", "0", "must be a number above 0"},
		"http elsewhere":      {"GCORE_BASE_URL", "http://api.example.com", "https://"},
		"another scheme":      {"GCORE_BASE_URL", "ftp://127.0.0.1", "https://"},
		"a password":          {"GCORE_BASE_URL", "https://user:hunter2@api.example.com", "an address like"},
		"a query":             {"GCORE_BASE_URL", "https://api.example.com?a=b", "an address like"},
		"no host":             {"GCORE_BASE_URL", "api.example.com", "an address like"},
		"no URL":              {"GCORE_BASE_URL", "https://user:hunter2@%zz", "an address like"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			variables := map[string]string{
				"GCORE_API_KEY": "test-key", "GCORE_BASE_URL": "https://api.example.com",
				"GCORE_CLOUD_PROJECT_ID": "1", "GCORE_CLOUD_REGION_ID": "76",
			}
			variables[test.variable] = test.value
			getenv := func(name string) string { return variables[name] }
			_, err := readSettings(getenv)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			var out, log bytes.Buffer
			if code := (program{getenv, &out, &log, defaultBounds(), wait, table()}).run(t.Context()); code != exitFailed || out.Len() > 0 {
				t.Errorf("exit status %d, printed %s", code, &out)
			}
			if printed := log.String(); !strings.Contains(printed, test.want) || strings.Contains(printed, "test-key") ||
				strings.Contains(printed, "hunter2") {
				t.Errorf("logged %s", printed)
			}
		})
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	s := settings{key: "secret"}
	for text, want := range map[string]string{
		"a\r\n  b\x1b[0m":        "a b [0m",
		"the secret, secretly":   "the ***, ***ly",
		strings.Repeat("ä", 500): strings.Repeat("ä", 400) + "...",
	} {
		if got := s.clean(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{
		"2026-03-01T12:00:00", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00+0100", "2026-03-01T13:00:00+01:00", "2026-03-01T12:00:00.000000",
	} {
		if got, err := parseDate(text); err != nil || !got.Equal(want) {
			t.Errorf("%s is %s, %v", text, got, err)
		}
	}
	if got, err := parseDate("yesterday"); err == nil {
		t.Errorf("yesterday is %s", got)
	}
}
