package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// ofBilling leaves to others what a tool tags.
const ofBilling = "provider \"gcore\" {\n  default_tags = { by = \"terraform\" }\n  ignore_tags {\n    keys         = [\"cost\"]\n    key_prefixes = [\"billing/\"]\n  }\n}\n"

// Tags of others are in no state and no plan, and stay in every change of tags, whatever the case of their keys; not even a
// state that has them from before removes them.
func TestIgnoreTags(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	tagged := func(lines string, want ...string) {
		t.Helper()
		if diff := c.differs([]group{{name: "web", tags: want}}); diff != "" {
			t.Errorf("with %s: %s", lines, diff)
		}
	}
	apply := func(lines string, want ...string) {
		t.Helper()
		w.configure(ofBilling + web(lines))
		w.must(0, "apply", "-auto-approve")
		tagged(lines, want...)
		w.unchanged()
	}
	w.configure(web(`tags = { team = "web" }`))
	w.must(0, "apply", "-auto-approve")
	c.SetTag(c.only(t).ID, "Cost", "42", false)
	c.SetTag(c.only(t).ID, "billing/unit", "7", false)
	says(t, w.must(2, "plan", "-detailed-exitcode"), "billing/unit", "Cost")
	w.must(0, "apply", "-refresh-only", "-auto-approve")
	w.configure(ofBilling + web(`tags = { team = "net" }`))
	w.must(0, "apply", "-auto-approve", "-refresh=false")
	tagged("a state that has them", "Cost=42", "billing/unit=7", "by=terraform", "team=net")
	w.unchanged()
	apply(`tags = { team = "net", stage = "prod" }`, "Cost=42", "billing/unit=7", "by=terraform", "stage=prod", "team=net")
	apply("", "Cost=42", "billing/unit=7", "by=terraform")
	c.SetTag(c.only(t).ID, "billing/unit", "8", false)
	w.unchanged()
	if shown := w.must(0, "show", "-no-color"); strings.Contains(shown, "billing") {
		t.Errorf("the state shows them:\n%s", shown)
	}
	id := c.only(t).ID
	w.must(0, "state", "rm", webGroup)
	w.configure(ofBilling + web("") + importing(webGroup, "1/76/"+id))
	c.ResetRequests()
	w.must(0, "apply", "-auto-approve")
	w.unchanged()
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes after an import", n)
	}
}

// A data source has the tags of others in tags_v2 alone, and finds a group by them.
func TestIgnoreTagsInDataSources(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	c.AddGroup(gcoretest.Group{
		ProjectID: testProject, RegionID: testRegion, Name: "web", Tags: []gcoretest.Tag{{Key: "cost", Value: "42"}, {Key: "team", Value: "web"}},
	})
	own := knownvalue.MapExact(map[string]knownvalue.Check{"team": knownvalue.StringExact("web")})
	c.run(t, resource.TestStep{
		Config: strings.Replace(ofBilling, "\"gcore\" {\n", strings.TrimPrefix(strings.TrimSuffix(c.block(place1), "}\n"), "provider "), 1) +
			"data \"gcore_cloud_security_group\" \"web\" {\n  find_one_by = { tag_key = [\"cost\"] }\n}\n" +
			"data \"gcore_cloud_security_groups\" \"all\" {\n}\n",
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.gcore_cloud_security_group.web", tfjsonpath.New("tags"), own),
			statecheck.ExpectKnownValue("data.gcore_cloud_security_group.web", tfjsonpath.New("tags_v2"), knownvalue.ListSizeExact(2)),
			statecheck.ExpectKnownValue("data.gcore_cloud_security_groups.all", tfjsonpath.New("items").AtSliceIndex(0).AtMapKey("tags"), own),
		},
	})
}

// What validation and plan say of tags that contradict ignore_tags, and of mistakes in it.
func TestIgnoreTagsMistakes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	for lines, want := range map[string]string{
		"ignore_tags {}":                                                        "ignore_tags ignores nothing",
		"ignore_tags {\n keys = null\n}":                                        "ignore_tags ignores nothing",
		"ignore_tags {\n keys = [\"\"]\n}":                                      "Empty tag key",
		"ignore_tags {\n keys = [null]\n}":                                      "Empty tag key",
		"ignore_tags {\n key_prefixes = [\"\"]\n}":                              "Empty tag key",
		"ignore_tags {\n keys = [\"a b\"]\n}":                                   "Invalid tag key",
		"ignore_tags {\n kys = [\"a\"]\n}":                                      "Unsupported argument",
		"default_tags = { Cost = \"1\" }\nignore_tags {\n keys = [\"cost\"]\n}": `default_tags sets "Cost"`,
	} {
		w.configure(fmt.Sprintf("provider \"gcore\" {\n%s\n}\n", lines) + web(""))
		says(t, w.must(1, "validate"), want)
	}
	for _, key := range []string{"cost", "Cost", "BILLING/unit"} {
		w.configure(ofBilling + web(fmt.Sprintf("tags = { %q = \"1\" }", key)))
		says(t, w.must(1, "plan"), "Tag is in ignore_tags", fmt.Sprintf("tags sets %q", key), "Remove it from one of the two")
	}
	w.configure("resource \"terraform_data\" \"late\" {\n  input = [\"cost\"]\n}\n" +
		"provider \"gcore\" {\n  ignore_tags {\n    keys = terraform_data.late.output\n  }\n}\n" + web(""))
	says(t, w.must(1, "apply", "-auto-approve"), "ignore_tags is not known yet")
	w.configure(ofBilling + web(""))
	w.must(0, "apply", "-auto-approve")
	w.configure("resource \"terraform_data\" \"late\" {\n  input = \"1\"\n}\n" + ofBilling +
		web("tags = { for key in [\"cost\"] : key => terraform_data.late.output }"))
	says(t, w.must(1, "apply", "-auto-approve"), "Tag is in ignore_tags")
}
