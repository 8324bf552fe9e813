package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const (
	// liveName is the prefix of every group that live tests and the probe
	// create.
	liveName = "tf-acc-"
	// sweptAge is longer than any run takes.
	sweptAge = time.Hour
)

// addSweeper makes `go test -sweep=<region id>` delete the orphans of live
// tests.
func addSweeper() {
	const name = "gcore_cloud_security_group"
	resource.AddTestSweepers(name, &resource.Sweeper{Name: name, F: func(region string) error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
		defer cancel()
		return sweep(ctx, os.Getenv, region, time.Now(), os.Stdout)
	}})
}

// sweep deletes the orphans in the environment's project and region and prints
// each one. The region must be given twice, so that a forgotten variable does
// not choose it.
func sweep(ctx context.Context, getenv func(string) string, region string, now time.Time, out io.Writer) error {
	a, err := readAccount(getenv)
	if err != nil {
		return err
	}
	if own := getenv("GCORE_CLOUD_REGION_ID"); region != own {
		return fmt.Errorf("-sweep=%s is not the region of GCORE_CLOUD_REGION_ID, %s: nothing is deleted", region, own)
	}
	api, err := client.New(client.Config{BaseURL: a.baseURL, APIKey: a.key})
	if err != nil {
		return err
	}
	var groups []client.SecurityGroup
	for g, err := range api.SecurityGroups(ctx, a.location, client.SecurityGroupFilter{}) {
		if err != nil {
			return err
		}
		groups = append(groups, g)
	}
	var problems []error
	for _, g := range findOrphans(groups, now) {
		if err := api.DeleteSecurityGroup(ctx, a.location, g.ID); err != nil && !errors.Is(err, client.ErrNotFound) {
			problems = append(problems, err)
			continue
		}
		// A closed terminal is no reason to stop.
		_, _ = fmt.Fprintf(out, "Deleted %s (%s) of %s\n", g.Name, g.ID, g.CreatedAt.Format(time.RFC3339))
	}
	return errors.Join(problems...)
}

// findOrphans returns the old groups of live tests. A group of unknown age is
// excluded.
func findOrphans(groups []client.SecurityGroup, now time.Time) []client.SecurityGroup {
	var old []client.SecurityGroup
	for _, g := range groups {
		if strings.HasPrefix(g.Name, liveName) && !g.CreatedAt.IsZero() && now.Sub(g.CreatedAt.Time) > sweptAge {
			old = append(old, g)
		}
	}
	return old
}

func TestFindOrphans(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		group string
		made  time.Time
		want  bool
	}{
		"of a live test":        {"tf-acc-0123456789-web", now.Add(-61 * time.Minute), true},
		"of the probe":          {"tf-acc-probe-0123456789-bench", now.AddDate(-1, 0, 0), true},
		"just an hour old":      {"tf-acc-0123456789-web", now.Add(-time.Hour), false},
		"of a run in progress":  {"tf-acc-0123456789-web", now.Add(-time.Minute), false},
		"of the future":         {"tf-acc-0123456789-web", now.Add(2 * time.Hour), false},
		"of no known age":       {"tf-acc-0123456789-web", time.Time{}, false},
		"somebody's":            {"web", now.AddDate(-1, 0, 0), false},
		"somebody's, similar":   {"my-tf-acc-web", now.AddDate(-1, 0, 0), false},
		"somebody's, upper":     {"TF-ACC-web", now.AddDate(-1, 0, 0), false},
		"somebody's, no hyphen": {"tf-acceptance", now.AddDate(-1, 0, 0), false},
		"the default group":     {"default", now.AddDate(-1, 0, 0), false},
	} {
		groups := []client.SecurityGroup{{ID: "1", Name: test.group, CreatedAt: client.Time{Time: test.made}}}
		if got := len(findOrphans(groups, now)) == 1; got != test.want {
			t.Errorf("%s: swept %t, want %t", name, got, test.want)
		}
	}
}

// The command of `make sweep`, against the fake.
func TestSweep(t *testing.T) {
	t.Parallel()
	const key = "4242$not-to-be-seen"
	longAgo := time.Now().Add(-25 * time.Hour)
	tests := map[string]struct {
		region      string // -sweep
		environment []string
		want        string // in the output
		fails       bool
		inUse       bool
		left        []string // in project 1, region 76
	}{
		"swept": {
			region: "76", want: "Deleted tf-acc-old-1 (",
			left: []string{"default", "tf-acc-young", "web"},
		},
		"in use": {
			region: "76", want: "SecurityGroupInUse", fails: true, inUse: true,
			left: []string{"default", "tf-acc-old-1", "tf-acc-young", "web"},
		},
		"another region": {
			region: "8", want: "not the region of GCORE_CLOUD_REGION_ID, 76", fails: true,
			left: []string{"default", "tf-acc-old-1", "tf-acc-old-2", "tf-acc-young", "web"},
		},
		"no project": {
			region: "76", environment: []string{"GCORE_CLOUD_PROJECT_ID="}, want: "GCORE_CLOUD_PROJECT_ID is not set", fails: true,
			left: []string{"default", "tf-acc-old-1", "tf-acc-old-2", "tf-acc-young", "web"},
		},
		"not live": {
			region: "76", environment: []string{"GCORE_TEST_LIVE=0"}, want: "is not set", fails: true,
			left: []string{"default", "tf-acc-old-1", "tf-acc-old-2", "tf-acc-young", "web"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{APIKey: key})
			c.AddDefaultGroup(testProject, testRegion)
			for _, g := range []gcoretest.Group{
				{Name: "tf-acc-old-1", CreatedAt: longAgo}, {Name: "tf-acc-old-2", CreatedAt: longAgo},
				{Name: "tf-acc-young"}, {Name: "web", CreatedAt: longAgo},
			} {
				g.ProjectID, g.RegionID = testProject, testRegion
				id := c.AddGroup(g)
				if test.inUse && g.Name == "tf-acc-old-1" {
					c.UseGroup(id, gcoretest.Instance{Name: "vm"})
				}
			}
			elsewhere := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: 8, Name: "tf-acc-old", CreatedAt: longAgo})

			printed, err := c.sweep(t, test.region, test.environment...)
			if (err != nil) != test.fails || !strings.Contains(printed, test.want) || strings.Contains(printed, key) {
				t.Errorf("it ends with %v, and should print %q:\n%s", err, test.want, printed)
			}
			var left []string
			for _, g := range c.Groups(testProject, testRegion) {
				left = append(left, g.Name)
			}
			if diff := cmp.Diff(test.left, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			if _, ok := c.Group(elsewhere); !ok {
				t.Error("a group of another region is gone")
			}
		})
	}
}

// sweep runs this test program with -sweep.
func (c cloud) sweep(t *testing.T, region string, environment ...string) (printed string, err error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, "-sweep="+region)
	command.Env = slices.Concat(os.Environ(), []string{
		"GCORE_TEST_LIVE=1", "GCORE_API_KEY=" + c.APIKey(), "GCORE_BASE_URL=" + c.URL(),
		"GCORE_CLOUD_PROJECT_ID=1", "GCORE_CLOUD_REGION_ID=76",
	}, environment)
	output, err := command.CombinedOutput()
	return string(output), err
}
