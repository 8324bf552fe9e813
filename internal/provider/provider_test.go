package provider

import (
	"fmt"
	"regexp"
	"testing"

	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// The identity of each resource can change while it exists. Only Terraform 1.12 and
// later, and OpenTofu, store it and make the framework compare it.
func TestIdentitiesMayChange(t *testing.T) {
	t.Parallel()
	for _, create := range (&gcore{}).Resources(t.Context()) {
		var got frameworkresource.MetadataResponse
		create().Metadata(t.Context(), frameworkresource.MetadataRequest{}, &got)
		if !got.ResourceBehavior.MutableIdentity {
			t.Errorf("the identity of %s may not change", got.TypeName)
		}
	}
}

func TestProviderConfigurationErrors(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	tests := map[string]struct{ block, resource, want string }{
		"no key":                 {`provider "gcore" {}`, web(""), `(?s)Missing Gcore API key.*GCORE_API_KEY.*api_key`},
		"a project's name":       {`provider "gcore" { cloud_project_id = "prod" }`, web(""), `(?s)cloud_project_id.*number`},
		"http to a public host":  {"provider \"gcore\" {\n api_key = \"k\"\n base_url = \"http://api.example.com\"\n}", web(""), `(?s)Invalid provider configuration.*https`},
		"a base URL with a path": {"provider \"gcore\" {\n api_key = \"k\"\n base_url = \"https://api.gcore.com/cloud\"\n}", web(""), `(?s)Invalid provider configuration.*must not contain a path.*write\s+https://api.gcore.com\.`},
		"no project":             {c.block("cloud_region_id = 76"), web(""), `(?s)Missing project.*project_id here.*cloud_project_id.*GCORE_CLOUD_PROJECT_ID`},
		"no region for a rule": {
			c.block("cloud_project_id = 1"),
			"resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n group_id = \"" + otherGroup + "\"\n direction = \"ingress\"\n" + anyLines + "\n}",
			`(?s)Missing region.*region_id here`,
		},
		"a time beyond reason": {c.block(place1, "polling_timeout_seconds = 10000000000"), web(""), `(?s)polling_timeout_seconds.*86400`},
		"a wrong key":          {"provider \"gcore\" {\n api_key = \"wrong\"\n base_url = \"" + c.URL() + "\"\n" + place1 + "\n}", web(""), `(?s)Cannot list security groups.*did not accept the key`},
		"a reserved name":      {c.block(place1), `resource "gcore_cloud_security_group" "web" { name = "Default" }`, `(?s)Reserved security group name`},
		"a name too short":     {c.block(place1), `resource "gcore_cloud_security_group" "web" { name = "ab" }`, `(?s)Invalid security group name.*3 to 63`},
		"rules and defaults":   {c.block(place1), web("rules = {}\nkeep_default_rules = true"), `(?s)keep_default_rules contradicts rules`},
		"a tag with a space":   {c.block(place1), web(`tags = { "a b" = "1" }`), `(?s)white space`},
		"a tag of null":        {c.block(place1), web(`tags = { a = null }`), `(?s)[Nn]ull`},
		"a group by name":      {c.block(place1), "resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n group_id = \"web\"\n direction = \"ingress\"\n" + anyLines + "\n}", `(?s)id of a security group`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.run(t, resource.TestStep{Config: test.block + "\n" + test.resource, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// Each request names the provider, Terraform and what the environment appends.
func TestAppendedUserAgent(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.env = append(w.env, "TF_APPEND_USER_AGENT=pipeline/42\n(team net)")
	w = w.reattached(c)
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve")
	want := regexp.MustCompile(`^terraform-provider-gcore/test terraform/\d+\.\d+\.\d+\S* pipeline/42\(team net\)$`)
	requests := c.Requests()
	if len(requests) == 0 {
		t.Error("no request was sent")
	}
	for _, r := range requests {
		if !want.MatchString(r.UserAgent) {
			t.Errorf("%s is from %q", r.Operation, r.UserAgent)
		}
	}
}

// A project known only at apply replaces nothing.
func TestProviderProjectUnknownAtPlan(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	byData := "cloud_region_id = 76\n  cloud_project_id = terraform_data.project.output"
	step := func(trigger string) resource.TestStep {
		s := c.apply("", group{name: "web"})
		s.Config = c.block(byData) + "resource \"terraform_data\" \"project\" {\n  input = 1\n  triggers_replace = [" + trigger + "]\n}\n" + web("")
		return s
	}
	c.run(t,
		planned(step(`"a"`), plancheck.ExpectUnknownValue(webGroup, tfjsonpath.New("project_id"))),
		planned(step(`"b"`), action(webGroup, plancheck.ResourceActionNoop)),
	)
}

// The state contains project and region, so a changed default is detected.
func TestProviderDefaultChanges(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	elsewhere := resource.TestStep{Config: c.block("cloud_project_id = 1\n  cloud_region_id = 8") + web("")}
	own := c.apply("", group{name: "web"})
	own.Config = c.block() + web("project_id = 1\nregion_id = 76")
	none := c.apply("", group{name: "web"})
	none.Config = c.block() + web("")
	c.run(t,
		c.apply(web(""), group{name: "web"}),
		planned(own, plancheck.ExpectEmptyPlan()),
		planned(none, plancheck.ExpectEmptyPlan()),
		planned(elsewhere, action(webGroup, plancheck.ResourceActionReplace)),
	)
}

// While the key is unknown, nothing can be read: existing objects keep their
// state, and an import fails because its plan would be empty.
func TestProviderKeyUnknownAtPlan(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	provider := func(trigger string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"key\" {\n  input = %q\n  triggers_replace = [%q]\n}\nprovider \"gcore\" {\n  api_key = terraform_data.key.output\n}\n", c.APIKey(), trigger)
	}
	w.configure(provider("a") + web("rules = {"+httpsEntry+"}"))
	w.must(0, "apply", "-auto-approve")
	w.configure(provider("b") + web("rules = {"+httpsEntry+"}"))
	says(t, w.must(0, "plan"), `Security group "web" was not refreshed`, "0 to change")

	unplanned := c.AddGroup(portalGroup())
	for address, id := range map[string]string{
		"gcore_cloud_security_group.other": unplanned, sshRule: unplanned + "/" + c.ruleIDs(unplanned)[0],
	} {
		w.configure(provider("b") + web("rules = {"+httpsEntry+"}") + importing(address, id) +
			"resource \"gcore_cloud_security_group\" \"other\" {\n  name = \"other\"\n  rules = {}\n}\n" +
			"resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = " + fmt.Sprintf("%q", unplanned) + "\n  direction = \"ingress\"\n" + anyLines + "\n}\n")
		says(t, w.must(1, "plan"), "Cannot import", "api_key, base_url or")
	}
}

// The timeouts of the provider and of the resource limit an operation.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ block, lines string }{
		"the provider's": {"polling_timeout_seconds = 1", ""},
		"the resource's": {"", `timeouts = { update = "1s" }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			failing := resource.TestStep{
				Config:      c.block(place1, test.block) + web("description = \"x\"\n"+test.lines),
				ExpectError: regexp.MustCompile(`(?s)Cannot update security group "web".*Timed out after 1s`),
			}
			stall := func() {
				c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Times: 1, Effect: gcoretest.StallTask{}})
			}
			c.run(t, c.apply(web(test.lines), group{name: "web"}), after(stall, failing),
				after(c.EndTasks, c.apply(web("description = \"x\""), group{name: "web", description: "x"})))
		})
	}
}
