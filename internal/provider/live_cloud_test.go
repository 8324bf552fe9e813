package provider

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// account is where live tests and the sweeper act.
type account struct {
	key, baseURL string
	location     client.Location
}

// accountVariables all have to be set, so that nobody acts on a place by
// default.
func accountVariables() []string {
	return []string{"GCORE_API_KEY", "GCORE_BASE_URL", "GCORE_CLOUD_PROJECT_ID", "GCORE_CLOUD_REGION_ID"}
}

func readAccount(getenv func(string) string) (account, error) {
	for _, name := range accountVariables() {
		if getenv(name) == "" {
			return account{}, fmt.Errorf("%s is not set: live tests and the sweeper act on a real account and need GCORE_TEST_LIVE=1 and %s",
				name, strings.Join(accountVariables(), ", "))
		}
	}
	a := account{key: getenv("GCORE_API_KEY"), baseURL: getenv("GCORE_BASE_URL")}
	for name, id := range map[string]*int64{"GCORE_CLOUD_PROJECT_ID": &a.location.ProjectID, "GCORE_CLOUD_REGION_ID": &a.location.RegionID} {
		number, err := strconv.ParseInt(getenv(name), 10, 64)
		if err != nil || number < 1 {
			return account{}, fmt.Errorf("%s is %q, but must be a number above 0", name, getenv(name))
		}
		*id = number
	}
	return a, nil
}

// live is an API that a live test runs against, and the provider that talks
// to it. The test sees it only through Terraform and the client.
type live struct {
	account
	api  *client.Client
	real bool
	// name begins the names of all groups of this test, and of nothing else.
	name string
}

// liveCloud is the account of the environment with GCORE_TEST_LIVE=1, else a
// fake that takes some time for a task and adds rules where the real one may.
// What a test leaves behind is deleted, and fails it.
func liveCloud(t *testing.T) live {
	t.Helper()
	random := make([]byte, 5)
	_, _ = rand.Read(random) // it never returns an error since Go 1.24
	c := live{name: liveName + hex.EncodeToString(random), real: os.Getenv("GCORE_TEST_LIVE") == "1"}
	var options []client.Option
	if c.real {
		var err error
		if c.account, err = readAccount(os.Getenv); err != nil {
			t.Fatal(err)
		}
	} else {
		fake := gcoretest.New(t, gcoretest.Config{TaskDuration: 20 * time.Millisecond, AddDefaultEgress: true})
		c.account = account{fake.APIKey(), fake.URL(), client.Location{ProjectID: testProject, RegionID: testRegion}}
		options = append(options, client.WithSleep(brisk))
	}
	var err error
	if c.api, err = client.New(client.Config{BaseURL: c.baseURL, APIKey: c.key}, options...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.deleteLeftovers(t) })
	return c
}

// deleteLeftovers is the net under Terraform's own destroy at the end of a test.
func (c live) deleteLeftovers(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	defer cancel()
	left, err := c.groups(ctx)
	if err != nil {
		t.Errorf("looking for what is left: %v", err)
	}
	for _, g := range left {
		err := c.api.DeleteSecurityGroup(ctx, c.location, g.ID)
		if !errors.Is(err, client.ErrNotFound) { // it can have gone since the list was made
			t.Errorf("%s (%s) was left; deleting it: %v", g.Name, g.ID, err)
		}
	}
}

// groups reads each group of this test. Lists need not have rules in them.
func (c live) groups(ctx context.Context) ([]client.SecurityGroup, error) {
	var groups []client.SecurityGroup
	for listed, err := range c.api.SecurityGroups(ctx, c.location, client.SecurityGroupFilter{}) {
		if err != nil {
			return groups, err
		}
		if !strings.HasPrefix(listed.Name, c.name+"-") {
			continue
		}
		g, err := c.api.SecurityGroup(ctx, c.location, listed.ID)
		if err != nil {
			return groups, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// named turns the names in a configuration, tf-acc-web, into those of this
// test, tf-acc-0a1b2c3d4e-web.
func (c live) named(text string) string { return strings.ReplaceAll(text, liveName, c.name+"-") }

// providers serves the provider in this process. Its settings are those of an
// environment, so that no configuration holds the key.
func (c live) providers() map[string]func() (tfprotov6.ProviderServer, error) {
	environment := map[string]string{
		"GCORE_API_KEY": c.key, "GCORE_BASE_URL": c.baseURL,
		"GCORE_CLOUD_PROJECT_ID": strconv.FormatInt(c.location.ProjectID, 10), "GCORE_CLOUD_REGION_ID": strconv.FormatInt(c.location.RegionID, 10),
	}
	p := New("test").(*gcore)
	p.getenv = func(name string) string { return environment[name] }
	if !c.real {
		p.clientOptions = append(p.clientOptions, client.WithSleep(brisk))
	}
	return map[string]func() (tfprotov6.ProviderServer, error){"gcore": providerserver.NewProtocol6WithError(p)}
}

// run runs the steps with real Terraform, which destroys everything at the end.
func (c live) run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: c.providers(), Steps: steps})
}

// apply is a step that applies a configuration. Afterwards the plan is empty,
// a refresh finds nothing changed, and the cloud holds just these groups of
// the test.
func (c live) apply(config string, want ...group) resource.TestStep {
	return resource.TestStep{
		Config: "provider \"gcore\" {}\n" + c.named(config),
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), noDrift{}},
		},
		ConfigStateChecks: []statecheck.StateCheck{liveHolds{c, want}},
	}
}

// liveHolds compares what the cloud holds with what is expected, in words.
type liveHolds struct {
	cloud live
	want  []group
}

func (h liveHolds) CheckState(ctx context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	groups, err := h.cloud.groups(ctx)
	if err != nil {
		resp.Error = err
		return
	}
	if diff := compareGroups(h.want, h.cloud.words(groups)); diff != "" {
		resp.Error = fmt.Errorf("the cloud does not hold what is configured (-want +got):\n%s", diff)
	}
}

func compareGroups(want, got []group) string {
	want = slices.Clone(want)
	for i := range want {
		want[i].rules = slices.Sorted(slices.Values(want[i].rules))
	}
	byName := func(a, b group) int { return strings.Compare(a.name, b.name) }
	slices.SortFunc(want, byName)
	slices.SortFunc(got, byName)
	return cmp.Diff(want, got, cmp.AllowUnexported(group{}), cmpopts.EquateEmpty())
}

// words says what groups hold, under the names of the configuration. The
// platform's own tags are left out.
func (c live) words(groups []client.SecurityGroup) []group {
	names := map[string]string{}
	for _, g := range groups {
		names[g.ID] = strings.Replace(g.Name, c.name+"-", liveName, 1)
	}
	var all []group
	for _, g := range groups {
		held := group{name: names[g.ID], description: g.Description}
		for _, tag := range g.Tags {
			if !tag.ReadOnly {
				held.tags = append(held.tags, tag.Key+"="+tag.Value)
			}
		}
		within := maps.Clone(names)
		within[g.ID] = "self"
		for _, r := range g.Rules {
			held.rules = append(held.rules, meaning(r, within))
		}
		slices.Sort(held.tags)
		slices.Sort(held.rules)
		all = append(all, held)
	}
	return all
}

// meaning is a rule in words, as ruleLine has them. Where the API has two ways
// to say the same, both are one here: no protocol and `any`, no prefix and
// 0.0.0.0/0 or ::/0, ipip and ipencap.
func meaning(r client.SecurityGroupRule, names map[string]string) string {
	words := []string{r.Direction}
	if r.Ethertype != nil {
		words = append(words, *r.Ethertype)
	}
	switch {
	case r.Protocol == nil || *r.Protocol == "any":
	case *r.Protocol == "ipencap":
		words = append(words, "ipip")
	default:
		words = append(words, *r.Protocol)
	}
	number := func(n *int64) string {
		if n == nil {
			return ""
		}
		return strconv.FormatInt(*n, 10)
	}
	if r.PortRangeMin != nil || r.PortRangeMax != nil {
		words = append(words, number(r.PortRangeMin)+"-"+number(r.PortRangeMax))
	}
	if r.RemoteIPPrefix != nil && *r.RemoteIPPrefix != "0.0.0.0/0" && *r.RemoteIPPrefix != "::/0" {
		words = append(words, "from "+*r.RemoteIPPrefix)
	}
	if r.RemoteGroupID != nil {
		words = append(words, "from group "+names[*r.RemoteGroupID])
	}
	if r.Description != nil && *r.Description != "" {
		words = append(words, fmt.Sprintf("%q", *r.Description))
	}
	return strings.Join(words, " ")
}
