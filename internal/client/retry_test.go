package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// operations has one call of each method.
var operations = []struct {
	method, answer string
	call           func(context.Context, *client.Client) error
}{
	{http.MethodGet, `{"id":"g"}`, func(ctx context.Context, c *client.Client) error {
		_, err := c.SecurityGroup(ctx, here, groupID)
		return err
	}},
	{http.MethodPost, `{"tasks":["t"]}`, func(ctx context.Context, c *client.Client) error {
		_, err := c.CreateSecurityGroup(ctx, here, client.CreateSecurityGroupRequest{Name: "web"})
		return err
	}},
	{http.MethodPatch, `{"tasks":["t"]}`, func(ctx context.Context, c *client.Client) error {
		_, err := c.UpdateSecurityGroup(ctx, here, groupID, client.UpdateSecurityGroupRequest{Name: new("db")})
		return err
	}},
	{http.MethodDelete, `{"tasks":["t"]}`, func(ctx context.Context, c *client.Client) error {
		_, err := c.DeleteSecurityGroupRule(ctx, here, groupID, ruleID)
		return err
	}},
}

// The outcome of a failure, for each of the four methods. A write is sent once, whatever comes of it.
const (
	never  = "never repeated"
	reads  = "repeated for GET, not processed for the others"
	doubts = "repeated for GET, ambiguous for the others"
)

func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	status := func(code int) step { return step{status: code, answer: apiError("Some", "words")} }
	tests := map[string]struct {
		failure step
		outcome string
	}{
		"302": {status(302), never}, "400": {status(400), never}, "401": {status(401), never}, "403": {status(403), never},
		"404": {status(404), never}, "405": {status(405), never}, "409": {status(409), never}, "412": {status(412), never}, "422": {status(422), never},
		"429": {status(429), reads},
		"408": {status(408), doubts}, "500": {status(500), doubts}, "502": {status(502), doubts},
		"503": {status(503), doubts}, "504": {status(504), doubts}, "599": {status(599), doubts},
		"HTML 502":          {step{status: 502, answer: "<html>Bad Gateway</html>"}, doubts},
		"truncated 502":     {step{act: truncated(502, `{"exception_class":`)}, doubts},
		"truncated 400":     {step{act: truncated(400, `{"exception_class":`)}, never},
		"truncated 429":     {step{act: truncated(429, "")}, reads},
		"connection lost":   {step{act: reset}, doubts},
		"truncated answer":  {step{act: truncated(200, `{"id":"g","tasks":["t"]}`)}, doubts},
		"half an answer":    {step{answer: `{"id":"g","tasks":["t`}, doubts},
		"HTML answer":       {step{answer: `<html>Welcome</html>`}, doubts},
		"empty answer":      {step{}, doubts},
		"answer of null":    {step{answer: "null"}, doubts},
		"answer of a text":  {step{answer: `"maintenance"`}, doubts},
		"other answer":      {step{answer: `{"message":"hello"}`}, doubts},
		"no content":        {step{status: 204}, doubts},
		"two answers":       {step{answer: `{"id":"g","tasks":["t"]}{}`}, doubts},
		"an informal reply": {step{act: func(w http.ResponseWriter, _ *http.Request) { write(w, "HELLO\r\n\r\n") }}, doubts},
	}
	for name, test := range tests {
		for _, operation := range operations {
			t.Run(name+"/"+operation.method, func(t *testing.T) {
				t.Parallel()
				steps := []step{test.failure}
				repeated := test.outcome != never && operation.method == http.MethodGet
				if repeated {
					steps = append(steps, step{answer: operation.answer})
				}
				err := operation.call(t.Context(), play(t, steps...).client())
				if repeated != (err == nil) {
					t.Errorf("error %v, want none: %t", err, repeated)
				}
				if got, want := errors.Is(err, client.ErrAmbiguous), test.outcome == doubts && !repeated; got != want {
					t.Errorf("ambiguous %t, want %t: %v", got, want, err)
				}
				if got, want := errors.Is(err, client.ErrNotProcessed), test.outcome == reads && !repeated; got != want {
					t.Errorf("not processed %t, want %t: %v", got, want, err)
				}
			})
		}
	}
}

// write answers with bytes that need not be HTTP.
func write(w http.ResponseWriter, text string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = connection.Write([]byte(text))
	_ = connection.Close()
}

func TestTriesWithoutDeadline(t *testing.T) {
	t.Parallel()
	words := step{status: http.StatusServiceUnavailable, answer: apiError("Unavailable", "come back later")}
	for _, operation := range operations {
		t.Run(operation.method, func(t *testing.T) {
			t.Parallel()
			tries, wantKinds := 5, []string(nil)
			if operation.method != http.MethodGet {
				tries, wantKinds = 1, []string{"ambiguous"}
			}
			var waited waits
			steps := make([]step, tries)
			for i := range steps {
				steps[i] = words
			}
			c := play(t, steps...).client(client.WithSleep(waited.sleep))
			c.FixJitter(0)
			err := operation.call(t.Context(), c)
			var answer *client.Error
			if !errors.As(err, &answer) || answer.Message != "come back later" {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(wantKinds, kinds(err)); diff != "" {
				t.Errorf("kinds of %v (-want +got):\n%s", err, diff)
			}
			want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}[:tries-1]
			if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(waited.all)); diff != "" {
				t.Errorf("waits differ (-want +got):\n%s", diff)
			}
			if tries > 1 && !strings.Contains(err.Error(), "tried 5 times") {
				t.Errorf("the tries are not told: %v", err)
			}
		})
	}
}

func TestDeadlineBoundsTheTries(t *testing.T) {
	t.Parallel()
	var steps []step
	for range 12 {
		steps = append(steps, step{status: http.StatusTooManyRequests})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if _, err := play(t, append(steps, step{answer: `{"id":"g"}`})...).client().SecurityGroup(ctx, here, groupID); err != nil {
		t.Error(err)
	}
}

// An answer that misses what it must have is asked for three times, however long there is.
func TestIncompleteAnswers(t *testing.T) {
	t.Parallel()
	group := func(ctx context.Context, c *client.Client) error {
		_, err := c.SecurityGroup(ctx, here, groupID)
		return err
	}
	wait := func(ctx context.Context, c *client.Client) error {
		_, err := c.WaitForTask(ctx, taskID)
		return err
	}
	list := func(ctx context.Context, c *client.Client) error {
		for _, err := range c.SecurityGroups(ctx, here, client.SecurityGroupFilter{}) {
			return err
		}
		return nil
	}
	tests := map[string]struct {
		answer, done string
		call         func(context.Context, *client.Client) error
	}{
		"null id":        {`{"id":null,"security_group_rules":[]}`, `{"id":"g"}`, group},
		"null rule":      {`{"id":"g","security_group_rules":[null]}`, `{"id":"g"}`, group},
		"null state":     {`{"id":"` + taskID + `","state":null}`, taskAnswer("FINISHED", ""), wait},
		"null task":      {`null`, taskAnswer("FINISHED", ""), wait},
		"null results":   {`{"count":1,"results":null}`, `{"count":0,"results":[]}`, list},
		"null in a list": {`{"count":1,"results":[null]}`, `{"count":0,"results":[]}`, list},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			odd := step{answer: test.answer}
			if err := test.call(ctx, play(t, odd, odd, odd).client()); err == nil {
				t.Error("no error")
			}
			if err := test.call(ctx, play(t, odd, odd, step{answer: test.done}).client()); err != nil {
				t.Error(err)
			}
		})
	}
}

// clock advances by the waits of the client.
type clock struct {
	waits
	time time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.time
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	err := c.waits.sleep(ctx, d)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.time = c.time.Add(d)
	return err
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	later := func(value string) step {
		return step{status: http.StatusTooManyRequests, header: map[string]string{
			"Retry-After": value, "Date": "Fri, 01 May 2026 12:00:00 GMT",
		}}
	}
	done := step{answer: `{"id":"g"}`}
	tests := map[string]struct {
		steps    []step
		jitter   float64
		deadline time.Duration // 0: none
		waits    []time.Duration
		kinds    []string
		fails    bool
	}{
		"seconds": {steps: []step{later("7"), done}, waits: []time.Duration{7 * time.Second}},
		"never sooner": {
			steps: []step{later("10"), done}, jitter: 0.5, waits: []time.Duration{10500 * time.Millisecond},
		},
		"a date": {
			steps: []step{later("Fri, 01 May 2026 12:00:09 GMT"), done}, waits: []time.Duration{9 * time.Second},
		},
		"zero is no reason to hurry": {steps: []step{later("0"), done}, waits: []time.Duration{500 * time.Millisecond}},
		"nonsense":                   {steps: []step{later("soon"), done}, waits: []time.Duration{500 * time.Millisecond}},
		"more than a minute":         {steps: []step{later("61")}, fails: true, kinds: []string{"deadline"}},
		"a minute in sum": {
			steps: []step{later("25"), later("25"), later("25")}, fails: true, kinds: []string{"deadline"},
			waits: []time.Duration{25 * time.Second, 25 * time.Second},
		},
		"within the deadline": {steps: []step{later("600"), done}, deadline: time.Hour, waits: []time.Duration{600 * time.Second}},
		"later than the deadline": {
			steps: []step{later("3600")}, deadline: 30 * time.Minute, fails: true, kinds: []string{"deadline"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if test.deadline != 0 {
				limited, cancel := context.WithTimeout(ctx, test.deadline)
				defer cancel()
				ctx = limited
			}
			clock := &clock{time: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
			c := play(t, test.steps...).client(client.WithSleep(clock.sleep), client.WithClock(clock.now))
			c.FixJitter(test.jitter)
			_, err := c.SecurityGroup(ctx, here, groupID)
			var answer *client.Error
			if (err != nil) != test.fails || test.fails && !errors.As(err, &answer) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(test.kinds, kinds(err)); diff != "" {
				t.Errorf("kinds of %v (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff(test.waits, clock.all); diff != "" {
				t.Errorf("waits differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCancelledCaller(t *testing.T) {
	t.Parallel()
	reason := errors.New("the user pressed a key")
	for _, operation := range operations {
		writes := operation.method != http.MethodGet
		wantKinds := []string{"canceled"}
		if writes {
			wantKinds = []string{"ambiguous", "canceled"}
		}
		t.Run("before/"+operation.method, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := operation.call(ctx, play(t).client())
			if diff := cmp.Diff([]string{"canceled"}, kinds(err)); diff != "" {
				t.Errorf("kinds of %v (-want +got):\n%s", err, diff)
			}
		})
		t.Run("while the API works/"+operation.method, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			s := play(t, step{act: func(w http.ResponseWriter, r *http.Request) {
				cancel(reason)
				hang(w, r)
			}})
			err := operation.call(ctx, s.client())
			if diff := cmp.Diff(wantKinds, kinds(err)); diff != "" || !errors.Is(err, reason) {
				t.Errorf("kinds of %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A pause ends with its caller, and the error keeps the answer that the pause followed.
func TestCancelledPause(t *testing.T) {
	t.Parallel()
	reason := errors.New("the user pressed a key")
	slow := step{status: http.StatusTooManyRequests, answer: apiError("Slow", "too fast")}
	for _, operation := range operations {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		c := play(t, slow).client(client.WithSleep(func(ctx context.Context, _ time.Duration) error {
			cancel(reason)
			return ctx.Err()
		}))
		err := operation.call(ctx, c)
		if operation.method != http.MethodGet {
			err = c.Backoff(ctx, 1, err)
		}
		if diff := cmp.Diff([]string{"canceled"}, kinds(err)); diff != "" || !errors.Is(err, reason) ||
			!strings.Contains(err.Error(), "too fast") {
			t.Errorf("%s: kinds of %v (-want +got):\n%s", operation.method, err, diff)
		}
	}
}

func TestDeadlineDuringARequest(t *testing.T) {
	t.Parallel()
	// These wait in real time: all at once, since only a few parallel tests run at a time.
	var together sync.WaitGroup
	for _, operation := range operations {
		c := play(t, step{act: hang}).client()
		together.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			want := []string{"ambiguous", "deadline"}
			if operation.method == http.MethodGet {
				want = want[1:]
			}
			err := operation.call(ctx, c)
			if diff := cmp.Diff(want, kinds(err)); diff != "" {
				t.Errorf("%s: kinds of %v (-want +got):\n%s", operation.method, err, diff)
			}
		})
	}
	together.Wait()
}

func TestLastWordsAreKept(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := play(t,
		step{status: http.StatusBadGateway, answer: "upstream is down"},
		step{act: func(w http.ResponseWriter, r *http.Request) {
			cancel()
			hang(w, r)
		}},
	)
	_, err := s.client().SecurityGroup(ctx, here, groupID)
	var answer *client.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &answer) || answer.Message != "upstream is down" {
		t.Errorf("error %v", err)
	}
}

// The answer would allow a retry, but the caller's context has ended meanwhile.
func TestContextEndedDuringTheAnswer(t *testing.T) {
	t.Parallel()
	for _, operation := range operations {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := play(t, step{status: http.StatusTooManyRequests, answer: apiError("Slow", "too fast")})
		err := operation.call(ctx, s.client(client.WithLogger(cancelAfterAnswer{cancel, 0})))
		var answer *client.Error
		read := operation.method == http.MethodGet
		if errors.Is(err, context.Canceled) != read || !errors.As(err, &answer) || errors.Is(err, client.ErrAmbiguous) {
			t.Errorf("%s: error %v", operation.method, err)
		}
	}
}

func TestSleepThatFails(t *testing.T) {
	t.Parallel()
	reason := errors.New("no sleep")
	c := play(t, step{status: http.StatusBadGateway}).client(
		client.WithSleep(func(context.Context, time.Duration) error { return reason }))
	_, err := c.SecurityGroup(t.Context(), here, groupID)
	var answer *client.Error
	if !errors.Is(err, reason) || !errors.As(err, &answer) {
		t.Errorf("error %v", err)
	}
}
