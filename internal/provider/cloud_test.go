package provider

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/fastclock"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

const (
	webGroup = "gcore_cloud_security_group.web"
	sshRule  = "gcore_cloud_security_group_rule.ssh"
)

const (
	testProject = 1
	testRegion  = 76
)

// TestMain isolates the tests from the caller's environment and keeps Terraform
// off the network. Only live tests and the sweeper see an account and TF_LOG,
// which may be the only way to debug them.
func TestMain(m *testing.M) {
	live := os.Getenv("GCORE_TEST_LIVE") == "1"
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		ofLive := strings.HasPrefix(name, "GCORE_") || strings.HasPrefix(name, "TF_LOG")
		ofTerraform := strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "TF_LOG") && !strings.HasPrefix(name, "TF_ACC")
		if ofTerraform || ofLive && !live {
			must(os.Unsetenv(name))
		}
	}
	must(os.Setenv("CHECKPOINT_DISABLE", "1"))
	// Otherwise Terraform reads ~/.terraformrc.
	must(os.Setenv("TF_CLI_CONFIG_FILE", os.DevNull))
	addSweeper()
	resource.TestMain(builder{m})
}

// builder runs the tests and removes the provider binary that some of them
// build: resource.TestMain ends the process when Run returns.
type builder struct{ *testing.M }

func (b builder) Run() int {
	code := b.M.Run()
	must(os.RemoveAll(binaryDirectory))
	return code
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// cloud is a fake API and the provider configured for it.
type cloud struct {
	*gcoretest.Server
	// slow makes the provider's waits longer, for tests in which it waits for
	// Terraform itself.
	slow bool
}

// newCloud starts a fake API. Tasks take a few milliseconds unless the
// configuration sets a duration, so that a provider that does not wait fails.
func newCloud(t *testing.T, config gcoretest.Config) cloud {
	t.Helper()
	if config.TaskDuration == 0 {
		config.TaskDuration = 3 * time.Millisecond
	}
	return cloud{Server: gcoretest.New(t, config)}
}

// providers serves the provider in this process.
func (c cloud) providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"gcore": func() (tfprotov6.ProviderServer, error) { return c.serving(func(string) string { return "" }) },
	}
}

// serving is a provider whose waits are those of the fast clock, or of the slow one if the cloud is slow.
func (c cloud) serving(getenv func(string) string) (tfprotov6.ProviderServer, error) {
	clock := fast
	if c.slow {
		clock = slow
	}
	server, err := providerserver.NewProtocol6WithError(&gcore{
		version: "test", getenv: getenv, clientOptions: on(clock), grace: time.Second, requestTimeout: time.Second,
	})()
	return completed(server), err
}

const (
	fast = fastclock.Clock(1000)
	slow = fastclock.Clock(10)
)

func on(clock fastclock.Clock) []client.Option {
	return []client.Option{client.WithSleep(clock.Sleep), client.WithTimeout(clock.Timeout)}
}

// run runs the steps with real Terraform, in parallel with other tests, and
// destroys everything at the end.
func (c cloud) run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: c.providers(), Steps: steps})
}

// block is the provider block of a configuration, with additional lines.
func (c cloud) block(lines ...string) string {
	return fmt.Sprintf("provider \"gcore\" {\n  api_key = %q\n  base_url = %q\n  %s\n}\n", c.APIKey(), c.URL(), strings.Join(lines, "\n  "))
}

const place1 = "cloud_project_id = 1\n  cloud_region_id = 76"

// apply is a step that applies a configuration. Afterwards the plan must be
// empty, a refresh must find no drift, and the cloud must hold exactly the
// given groups.
func (c cloud) apply(config string, want ...group) resource.TestStep {
	return resource.TestStep{
		Config: c.block(place1) + config,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), noDrift{}},
		},
		ConfigStateChecks: []statecheck.StateCheck{holds{c, want}},
	}
}

// planned adds plan checks that run before the step's apply.
func planned(step resource.TestStep, checks ...plancheck.PlanCheck) resource.TestStep {
	step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply, checks...)
	return step
}

// after runs a function before the step, such as a change outside Terraform.
func after(change func(), step resource.TestStep) resource.TestStep {
	step.PreConfig = change
	return step
}

// with adds state checks that run after the apply.
func with(step resource.TestStep, checks ...statecheck.StateCheck) resource.TestStep {
	step.ConfigStateChecks = append(step.ConfigStateChecks, checks...)
	return step
}

func action(address string, action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(address, action)
}

// noDrift expects an empty refresh-only plan.
type noDrift struct{}

func (noDrift) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, drift := range req.Plan.ResourceDrift {
		resp.Error = fmt.Errorf("a refresh of %s finds a change: %s", drift.Address, cmp.Diff(drift.Change.Before, drift.Change.After))
	}
}

// group is the expected content of a group in the cloud, as readable text.
type group struct {
	name, description string
	tags              []string // key=value, read-only ones with (read-only)
	rules             []string // see ruleLine
}

// holds compares the cloud's groups with the expected ones, word by word and
// without the provider's code.
type holds struct {
	cloud cloud
	want  []group
}

func (h holds) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	if diff := h.cloud.differs(h.want); diff != "" {
		resp.Error = fmt.Errorf("the cloud does not hold what is configured (-want +got):\n%s", diff)
	}
}

func (c cloud) differs(want []group) string {
	var got []group
	for _, g := range c.Groups(testProject, testRegion) {
		held := group{name: g.Name, description: g.Description}
		for _, tag := range g.Tags {
			line := tag.Key + "=" + tag.Value
			if tag.ReadOnly {
				line += " (read-only)"
			}
			held.tags = append(held.tags, line)
		}
		for _, r := range g.Rules {
			held.rules = append(held.rules, c.ruleLine(g, r))
		}
		slices.Sort(held.tags)
		slices.Sort(held.rules)
		got = append(got, held)
	}
	byName := func(a, b group) int { return strings.Compare(a.name, b.name) }
	slices.SortFunc(got, byName)
	want = slices.SortedFunc(slices.Values(want), byName)
	for i := range want {
		want[i].rules = slices.Sorted(slices.Values(want[i].rules))
	}
	return cmp.Diff(want, got, cmp.AllowUnexported(group{}), cmp.Comparer(slices.Equal[[]string]))
}

// ruleLine is a rule as the cloud stores it: `ingress IPv4 tcp 443-443 from
// 10.0.0.0/8 "text"`. Null attributes are omitted; a remote group appears by
// name.
func (c cloud) ruleLine(in gcoretest.Group, r gcoretest.Rule) string {
	words := []string{r.Direction}
	for _, text := range []*string{r.Ethertype, r.Protocol} {
		if text != nil {
			words = append(words, *text)
		}
	}
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	if r.PortRangeMin != nil || r.PortRangeMax != nil {
		words = append(words, number(r.PortRangeMin)+"-"+number(r.PortRangeMax))
	}
	if r.RemoteIPPrefix != nil {
		words = append(words, "from "+*r.RemoteIPPrefix)
	}
	if r.RemoteGroupID != nil {
		name := "nobody"
		if remote, ok := c.Group(*r.RemoteGroupID); ok {
			name = remote.Name
		}
		if *r.RemoteGroupID == in.ID {
			name = "self"
		}
		words = append(words, "from group "+name)
	}
	if r.Description != nil && *r.Description != "" {
		words = append(words, fmt.Sprintf("%q", *r.Description))
	}
	return strings.Join(words, " ")
}

// only returns the cloud's only group.
func (c cloud) only(t *testing.T) gcoretest.Group {
	t.Helper()
	groups := c.Groups(testProject, testRegion)
	if len(groups) != 1 {
		t.Fatalf("the cloud has %d groups, not one", len(groups))
	}
	return groups[0]
}

func (c cloud) ruleIDs(groupID string) []string {
	held, _ := c.Group(groupID)
	var ids []string
	for _, r := range held.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// writes counts the write requests since the last reset.
func (c cloud) writes() int {
	return c.Count(func(r gcoretest.Request) bool { return r.Method != "GET" })
}

// awaitPoll returns once the provider has polled a task.
func (c cloud) awaitPoll(t *testing.T) {
	t.Helper()
	<-c.Fail(gcoretest.Fault{Operation: gcoretest.OperationPollTask, Times: 1}).FirstHit()
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	must(err)
	return n
}
