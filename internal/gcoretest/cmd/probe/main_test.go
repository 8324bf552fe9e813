package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// clock is the time of a fake and of the probe that asks it: a wait of the probe moves it and takes none.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// cloud is a fake API, with something in between if a test wants that, and its clock.
type cloud struct {
	*gcoretest.Server
	clock *clock
	url   string
}

// startCloud starts a fake whose tasks are seen in all their states.
func startCloud(t *testing.T, config gcoretest.Config) cloud {
	t.Helper()
	c := cloud{clock: newClock()}
	config.Now = c.clock.Now
	// Not gcoretest.New: the probe asks for what only a wrong program would, on purpose.
	server, err := gcoretest.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c.Server, c.url = server, server.URL()
	return c
}

func slowTasks() gcoretest.Config { return gcoretest.Config{TaskDuration: 4 * time.Second} }

// behind puts a handler between the probe and the fake.
func (c cloud) behind(t *testing.T, handler http.Handler) cloud {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c cloud) getenv(name string) string {
	return map[string]string{
		"GCORE_API_KEY": c.APIKey(), "GCORE_BASE_URL": c.url, "GCORE_CLOUD_PROJECT_ID": "1", "GCORE_CLOUD_REGION_ID": "76",
	}[name]
}

// probe runs the probe and returns what it says of each assumption, what it logs, and its exit status.
func (c cloud) probe(ctx context.Context, limits bounds) (lines map[string]string, log string, code int) {
	return c.check(ctx, limits, table())
}

func (c cloud) check(ctx context.Context, limits bounds, table []assumption) (lines map[string]string, log string, code int) {
	var out, logged bytes.Buffer
	code = program{c.getenv, &out, &logged, limits, c.clock.sleep, table}.run(ctx)
	lines = map[string]string{}
	for line := range strings.Lines(out.String()) {
		name, said, _ := strings.Cut(line, " ")
		lines[name] = strings.TrimSpace(said)
	}
	return lines, logged.String(), code
}

// wantNothingLeft fails if one of the probe's groups is left, or one that was there has gone.
func (c cloud) wantNothingLeft(t *testing.T, there ...string) {
	t.Helper()
	var names []string
	for _, g := range c.Groups(1, 76) {
		names = append(names, g.Name)
	}
	slices.Sort(there)
	if diff := cmp.Diff(there, names); diff != "" {
		t.Errorf("the groups in the end (-want +got):\n%s", diff)
	}
}

// allHold is what the probe says of an API that is as the fake assumes.
func allHold() map[string]string { return holding(table()) }

func holding(table []assumption) map[string]string {
	lines := map[string]string{}
	for _, a := range table {
		lines[a.name] = "holds"
		if a.check == nil {
			lines[a.name] = "not checked: " + a.why
		}
		if a.name == "patch-time" {
			lines[a.name] = "not checked: " + lockedMeanwhile
		}
	}
	return lines
}

func TestAllHoldsOfTheFake(t *testing.T) {
	t.Parallel()
	c := startCloud(t, slowTasks())
	lines, log, code := c.probe(t.Context(), defaultBounds())
	if diff := cmp.Diff(allHold(), lines); diff != "" || code != exitHolds {
		t.Errorf("exit status %d; -want +got:\n%s\n%s", code, diff, log)
	}
	c.wantNothingLeft(t)
	// What is asked for on purpose, and nothing else, breaks the API's contract.
	violations := c.Violations()
	for i, violation := range violations {
		violations[i] = idInPath.ReplaceAllString(violation, "/<id>")
	}
	want := []string{
		"PATCH /cloud/v2/security_groups/1/76/<id>: tf_acc_probe: Unknown field",
		"GET /cloud/v1/securitygroups/1/76: tf_acc_probe: Unknown field",
		"GET /cloud/v2/tf-acc-probe: the API has no such endpoint",
	}
	if diff := cmp.Diff(want, violations); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

var idInPath = regexp.MustCompile(`/[0-9a-f]{8}-[0-9a-f-]{27}`)

// With a task that has ended at its first poll some things cannot be seen; nothing differs.
func TestQuickTasks(t *testing.T) {
	t.Parallel()
	c := startCloud(t, gcoretest.Config{})
	lines, log, code := c.probe(t.Context(), defaultBounds())
	want := allHold()
	want["late-refusal"] = "not checked: the task of the rule creation had ended before the remote group was gone"
	want["locks"] = "not checked: the first task had ended before the second write could be accepted"
	want["patch-time"] = "not checked: the rule was there before the PATCH could be accepted"
	want["task-states"] = "not checked: no task was seen in the state NEW"
	if diff := cmp.Diff(want, lines); diff != "" || code != exitHolds {
		t.Errorf("exit status %d; -want +got:\n%s\n%s", code, diff, log)
	}
	c.wantNothingLeft(t)
}

// The fake names its assumptions, and the probe has each of them.
func TestNoAssumptionIsForgotten(t *testing.T) {
	t.Parallel()
	comment, err := os.ReadFile("../../doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, comment, found := bytes.Cut(comment, []byte("// # What the real API leaves open\n"))
	if !found {
		t.Fatal("the package comment has no such section")
	}
	comment, _, _ = bytes.Cut(comment, []byte("\n// # "))
	want, got := map[string]int{}, map[string]int{}
	for _, match := range regexp.MustCompile(`(?m)^//   - ([a-z0-9-]+): `).FindAllSubmatch(comment, -1) {
		want[string(match[1])]++
	}
	for _, a := range table() {
		if !a.published {
			got[a.name]++
		}
		if (a.check == nil) == (a.why == "") {
			t.Errorf("%s needs either a check or a reason why there is none", a.name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("names of the package comment and of the table (-want +got):\n%s", diff)
	}
}
