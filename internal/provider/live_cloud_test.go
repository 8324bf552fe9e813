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

// account is the account and location of live tests and the sweeper.
type account struct {
	key, baseURL string
	location     client.Location
}

// accountVariables must all be set, so that nothing runs against a default
// location.
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

const httpsOutLine = "egress IPv4 tcp 443-443"

// live is the API of a live test, and the provider configured for it. The test
// accesses it only through Terraform and the client.
type live struct {
	account
	api  *client.Client
	real bool
	// name is the prefix of all groups of this test, and of no others.
	name string
}

// liveCloud is the account in the environment if GCORE_TEST_LIVE=1, otherwise a
// fake with slow tasks, the additional rules that the real API may create, and
// egress to port 25 refused. Orphans are deleted, and fail the test.
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
		fake := gcoretest.New(t, gcoretest.Config{TaskDuration: 20 * time.Millisecond, AddDefaultEgress: true, RefusePort25: true})
		c.account = account{fake.APIKey(), fake.URL(), client.Location{ProjectID: testProject, RegionID: testRegion}}
		options = append(options, on(fast)...)
	}
	var err error
	if c.api, err = client.New(client.Config{BaseURL: c.baseURL, APIKey: c.key}, options...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.deleteOrphans(t) })
	return c
}

// deleteOrphans deletes groups that Terraform's destroy did not.
func (c live) deleteOrphans(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	defer cancel()
	left, err := c.groups(ctx)
	if err != nil {
		t.Errorf("looking for what is left: %v", err)
	}
	for _, g := range left {
		err := c.api.DeleteSecurityGroup(ctx, c.location, g.ID)
		if !errors.Is(err, client.ErrNotFound) { // it may have been deleted since the list
			t.Errorf("%s (%s) was left; deleting it: %v", g.Name, g.ID, err)
		}
	}
}

// groups reads each group of this test, because lists may omit rules.
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

// named replaces the names in a configuration, tf-acc-web, with those of this
// test, tf-acc-0a1b2c3d4e-web.
func (c live) named(text string) string { return strings.ReplaceAll(text, liveName, c.name+"-") }

// providers serves the provider in this process. Its settings come from
// environment variables, so that no configuration contains the key.
func (c live) providers() map[string]func() (tfprotov6.ProviderServer, error) {
	environment := map[string]string{
		"GCORE_API_KEY": c.key, "GCORE_BASE_URL": c.baseURL,
		"GCORE_CLOUD_PROJECT_ID": strconv.FormatInt(c.location.ProjectID, 10), "GCORE_CLOUD_REGION_ID": strconv.FormatInt(c.location.RegionID, 10),
	}
	p := New("test").(*gcore)
	p.getenv = func(name string) string { return environment[name] }
	if !c.real {
		p.clientOptions = append(p.clientOptions, on(fast)...)
	}
	return map[string]func() (tfprotov6.ProviderServer, error){"gcore": providerserver.NewProtocol6WithError(p)}
}

// run runs the steps with real Terraform, which destroys everything at the end.
func (c live) run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: c.providers(), Steps: steps})
}

// apply is a step that applies a configuration. Afterwards the plan must be
// empty, a refresh must find no drift, and the cloud must hold exactly these
// groups of the test.
func (c live) apply(config string, want ...group) resource.TestStep {
	return resource.TestStep{
		Config: "provider \"gcore\" {}\n" + c.named(config),
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), noDrift{}},
		},
		ConfigStateChecks: []statecheck.StateCheck{liveHolds{c, want}},
	}
}

// liveHolds compares the cloud's groups with the expected ones.
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

// words describes groups, with the names of the configuration and without the
// platform's own tags.
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

// meaning is a rule as in ruleLine, with synonyms of the API unified: no
// protocol and `any`, no prefix and 0.0.0.0/0 or ::/0, ipip and ipencap.
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
