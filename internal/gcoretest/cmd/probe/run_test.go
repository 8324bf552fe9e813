package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// somebody is what others have in the project and region.
func (c cloud) somebody() (names []string) {
	c.AddDefaultGroup(1, 76)
	c.AddGroup(gcoretest.Group{ProjectID: 1, RegionID: 76, Name: "tf-acc-probe-of-another-run"})
	c.AddGroup(gcoretest.Group{ProjectID: 1, RegionID: 76, Name: "web"})
	return []string{"default", "tf-acc-probe-of-another-run", "web"}
}

// Whatever request Ctrl-C meets, the groups go, and nobody else's.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for n := 1; n < 190; n += 9 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			var count atomic.Int64
			config := slowTasks()
			config.Log = func(gcoretest.Request) {
				if count.Add(1) == int64(n) {
					cancel(errors.New("ctrl-c"))
				}
			}
			c := startCloud(t, config)
			there := c.somebody()
			lines, log, code := c.probe(ctx, defaultBounds())
			if ctx.Err() == nil {
				t.Fatalf("it ended after %d requests", count.Load())
			}
			c.wantNothingLeft(t, there...)
			if code == exitHolds || strings.Contains(log, "may be left") {
				t.Errorf("exit status %d:\n%s", code, log)
			}
			said := slices.Collect(maps.Values(lines))
			if len(said) > 0 && !slices.Contains(said, "not checked: ctrl-c") {
				t.Errorf("no line says why: %v", lines)
			}
		})
	}
}

// A request whose answer is lost has made a group nevertheless: its name tells that it is the probe's.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for n := range 7 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			c := startCloud(t, slowTasks())
			there := c.somebody()
			lost := c.Fail(gcoretest.Fault{
				Operation: gcoretest.OperationCreateGroup, Skip: n, Times: 1, Effect: gcoretest.Reset{Processed: true},
			})
			lines, log, code := c.probe(t.Context(), defaultBounds())
			if code != exitFailed || lost.Hits() != 1 {
				t.Errorf("exit status %d after %d lost answers: %v\n%s", code, lost.Hits(), lines, log)
			}
			c.wantNothingLeft(t, there...)
		})
	}
}

// An API that fails is no API that differs.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	c := startCloud(t, slowTasks())
	c.Fail(gcoretest.Fault{
		Skip: 30, Match: func(r gcoretest.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodDelete },
		Effect: gcoretest.Answer{Status: http.StatusServiceUnavailable},
	})
	lines, log, code := c.probe(t.Context(), defaultBounds())
	if code != exitFailed {
		t.Errorf("exit status %d\n%s", code, log)
	}
	for name, said := range lines {
		if strings.HasPrefix(said, "differs") {
			t.Errorf("%s %s", name, said)
		}
	}
	if want := "not checked: "; !strings.HasPrefix(lines["revisions"], want) || !strings.Contains(lines["revisions"], "503") {
		t.Errorf("revisions %s", lines["revisions"])
	}
	c.wantNothingLeft(t)
}

// What is answered with 429, and a read that fails, is asked again.
func TestRepeats(t *testing.T) {
	t.Parallel()
	c := startCloud(t, slowTasks())
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Skip: 1, Times: 2, Effect: gcoretest.Answer{
		Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "7"},
	}})
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationReadGroup, Skip: 3, Times: 2, Effect: gcoretest.Reset{}})
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Skip: 3, Times: 1, Effect: gcoretest.Answer{Status: http.StatusBadGateway}})
	lines, log, code := c.probe(t.Context(), defaultBounds())
	if diff := cmp.Diff(allHold(), lines); diff != "" || code != exitHolds {
		t.Errorf("exit status %d; -want +got:\n%s\n%s", code, diff, log)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	usedUp := defaultBounds()
	usedUp.requests = 60
	slow := defaultBounds()
	slow.time = time.Nanosecond
	for name, test := range map[string]struct {
		limits bounds
		want   string
	}{
		"requests": {usedUp, "is used up"},
		"time":     {slow, "the probe ends after 1ns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startCloud(t, slowTasks())
			lines, log, code := c.probe(t.Context(), test.limits)
			if code != exitFailed || !strings.Contains(lines["revisions"]+log, test.want) {
				t.Errorf("exit status %d, revisions %s\n%s", code, lines["revisions"], log)
			}
			if sent, most := len(c.Requests()), test.limits.requests+test.limits.cleanUpRequests; sent > most {
				t.Errorf("%d requests, more than %d", sent, most)
			}
			c.wantNothingLeft(t)
		})
	}
	most := defaultBounds()
	if most.requests+most.cleanUpRequests > 300 || most.time+most.cleanUpTime > 10*time.Minute {
		t.Errorf("%+v is more than 300 requests or ten minutes", most)
	}
}

// What cannot be deleted is named.
func TestSomethingIsLeft(t *testing.T) {
	t.Parallel()
	c := startCloud(t, slowTasks())
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteGroup, Skip: 6, Effect: gcoretest.Answer{Status: http.StatusConflict}})
	_, log, code := c.probe(t.Context(), defaultBounds())
	if len(c.Groups(1, 76)) == 0 {
		t.Fatal("the fake deleted everything")
	}
	for _, want := range []string{"cleaning up: DELETE /cloud/v1/securitygroups/1/76/", "-... may be left", "make sweep"} {
		if code != exitFailed || !strings.Contains(log, want) {
			t.Errorf("exit status %d, and no %q in the log:\n%s", code, want, log)
		}
	}
}

func TestOthersGroupsAreNotDeleted(t *testing.T) {
	t.Parallel()
	c := startCloud(t, slowTasks())
	id := c.AddGroup(gcoretest.Group{ProjectID: 1, RegionID: 76, Name: "web"})
	s, err := readSettings(c.getenv)
	if err != nil {
		t.Fatal(err)
	}
	p := newProbe(s, newAPI(s, 100, c.clock.sleep), c.clock.sleep)
	if err := p.setUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.remove(t.Context(), id); err == nil {
		t.Error("a group that was there before is deleted")
	}
	if err := p.cleanUp(t.Context(), defaultBounds()); err != nil {
		t.Error(err)
	}
	c.wantNothingLeft(t, "web")
}

// A server that repeats the key gets it out to nobody.
func TestKeyIsNotPrinted(t *testing.T) {
	t.Parallel()
	const key = "4242$not-to-be-seen"
	config := slowTasks()
	config.APIKey = key
	c := startCloud(t, config)
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Effect: gcoretest.Answer{
		Status: http.StatusBadRequest, Body: `{"exception_class": "ValidationError", "message": "key ` + key + ` \u001b[31mmay not"}`,
	}})
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteGroup, Effect: gcoretest.Answer{
		Status: http.StatusConflict, Body: `{"exception_class": "ConflictError", "message": "key ` + key + ` may not"}`,
	}})
	lines, log, _ := c.probe(t.Context(), defaultBounds())
	printed := fmt.Sprint(lines, log)
	if strings.Contains(printed, key) || strings.Contains(printed, "\x1b") || !strings.Contains(printed, "key *** [31mmay not") {
		t.Errorf("printed:\n%s", printed)
	}
}

func TestKeyGoesToOneHostOnly(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(elsewhere.Close)
	c := startCloud(t, slowTasks())
	c = c.behind(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	_, log, code := c.probe(t.Context(), defaultBounds())
	if code != exitFailed || !strings.Contains(log, ": 307") || reached.Load() != 0 {
		t.Errorf("exit status %d, %d requests reached another host:\n%s", code, reached.Load(), log)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	conflict := &refusal{method: "POST", path: "/x?y=1", status: 409, class: "ConflictError", message: "No."}
	for name, test := range map[string]struct {
		err  error
		want verdict
	}{
		"nothing":         {nil, verdict{hold, ""}},
		"a difference":    {differs("%d", 1), verdict{differ, "1"}},
		"wrapped":         {fmt.Errorf("so: %w", differs("1")), verdict{differ, "so: 1"}},
		"not checked":     {notChecked("too %s", "soon"), verdict{unchecked, "too soon"}},
		"a refusal":       {conflict, verdict{differ, "POST /x: 409 ConflictError No."}},
		"a wrong key":     {&refusal{method: "GET", path: "/x", status: 401}, verdict{failure, "GET /x: 401"}},
		"a failed task":   {&taskFailed{makesRule, task{State: "ERROR"}}, verdict{differ, "the rule creation is accepted, and its task ends in ERROR: null"}},
		"in preparations": {preparing(conflict), verdict{failure, "preparing the check: POST /x: 409 ConflictError No."}},
		"anything else":   {errRequestsUsedUp, verdict{failure, errRequestsUsedUp.Error()}},
	} {
		a := assumption{name: name, check: func(context.Context, *probe) error { return test.err }}
		if got := a.verdict(t.Context(), nil); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// The end of the run hides nothing that a check has seen, and begins no other.
func TestVerdictsAtTheEnd(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancelCause(t.Context())
	checkThat := func(err error) assumption {
		return assumption{check: func(context.Context, *probe) error {
			end(errors.New("ctrl-c"))
			return err
		}}
	}
	if got := checkThat(differs("1")).verdict(ctx, nil); got != (verdict{differ, "1"}) {
		t.Errorf("what was seen becomes %+v", got)
	}
	if got := checkThat(nil).verdict(ctx, nil); got != (verdict{failure, "ctrl-c"}) {
		t.Errorf("a check after the end comes to %+v", got)
	}
}

// A task that never ends does not keep the probe from deleting the other groups.
func TestEndlessTask(t *testing.T) {
	t.Parallel()
	c := startCloud(t, slowTasks())
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationCreateGroup, Skip: 2, Times: 1, Effect: gcoretest.StallTask{}})
	lines, log, code := c.probe(t.Context(), defaultBounds())
	if want := "is RUNNING after 2m"; code != exitFailed || !strings.Contains(lines["group-deletion"], want) || !strings.Contains(log, want) {
		t.Errorf("exit status %d, group-deletion %s\n%s", code, lines["group-deletion"], log)
	}
	c.wantNothingLeft(t)
}
