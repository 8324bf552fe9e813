package client

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	for tries, longest := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 4: 4 * time.Second,
		5: 8 * time.Second, 6: 8 * time.Second, 1 << 30: 8 * time.Second,
	} {
		if got := backoff(tries, 0); got != longest {
			t.Errorf("after %d tries without jitter %s, want %s", tries, got, longest)
		}
		if got := backoff(tries, 0.5); got != longest*7/8 {
			t.Errorf("after %d tries with half the jitter %s, want %s", tries, got, longest*7/8)
		}
		if got := backoff(tries, 0.999); got < longest*3/4 || got >= longest {
			t.Errorf("after %d tries with all jitter %s, want no less than three quarters of %s", tries, got, longest)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	header := func(pairs ...string) http.Header {
		result := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			result.Set(pairs[i], pairs[i+1])
		}
		return result
	}
	tests := []struct {
		status int
		header http.Header
		want   time.Duration
	}{
		{429, header("Retry-After", "7"), 7 * time.Second},
		{503, header("Retry-After", "7"), 7 * time.Second},
		{500, header("Retry-After", "7"), 0},
		{200, header("Retry-After", "7"), 0},
		{429, header(), 0},
		{429, header("Retry-After", "0"), 0},
		{429, header("Retry-After", "-5"), 0},
		{429, header("Retry-After", "soon"), 0},
		{429, header("Retry-After", "1.5"), 0},
		{429, header("Retry-After", "9223372036854775807"), 24 * time.Hour},
		{429, header("Retry-After", "Fri, 01 May 2026 12:00:30 GMT"), 30 * time.Second},
		{429, header("Retry-After", "Friday, 01-May-26 12:00:30 GMT"), 30 * time.Second},
		{429, header("Retry-After", "Fri, 01 May 2026 11:00:00 GMT"), 0},
		{429, header("Retry-After", "Sun, 01 May 2044 12:00:00 GMT"), 24 * time.Hour},
		{429, header("Retry-After", "Fri, 01 May 2026 13:00:30 GMT", "Date", "Fri, 01 May 2026 13:00:00 GMT"), 30 * time.Second},
		{429, header("Retry-After", "Fri, 01 May 2026 12:00:30 GMT", "Date", "now"), 30 * time.Second},
	}
	for _, test := range tests {
		if got := retryAfter(test.status, test.header, now); got != test.want {
			t.Errorf("%d %v: %s, want %s", test.status, test.header, got, test.want)
		}
	}
}

// Errors that this package does not make are neither retried nor ambiguous.
func TestPolicyOnForeignErrors(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		err := fmt.Errorf("other")
		if retryable(method, err) || ambiguous(method, err) {
			t.Errorf("%s: retryable %t, ambiguous %t", method, retryable(method, err), ambiguous(method, err))
		}
	}
}

func TestMaskLeavesNoPartOfTheKey(t *testing.T) {
	t.Parallel()
	const key = `12$"secret/<key>`
	m := newMask(key)
	for _, form := range []string{key, `12$\"secret/\u003ckey\u003e`, `12%24%22secret%2F%3Ckey%3E`, `\u0031\u0032\u0024\u0022secret\/\u003Ckey\u003E`} {
		// The key may lie anywhere about the cut, and masked keys before it make the text shorter.
		for shift := 0; shift < 2*m.longest; shift += 5 {
			for _, before := range []string{"", form + form + form} {
				dots := strings.Repeat(".", loggedBodies-m.longest+shift-len(before))
				got := m.body([]byte(before + dots + strings.Repeat(form, 20)))
				if rest := strings.Trim(got, ".*"); rest != " (cut)" {
					t.Fatalf("shift %d: %q is left", shift, rest)
				}
				if len(got) > loggedBodies+m.longest+len("... (cut)") {
					t.Fatalf("shift %d: %d bytes", shift, len(got))
				}
			}
		}
	}
}
