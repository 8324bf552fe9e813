package provider

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// cliVersion is what `version` prints first: "Terraform v1.11.4" or "OpenTofu v1.12.6".
type cliVersion struct {
	product      string
	minor, patch int
}

func (w workspace) version() (v cliVersion) {
	w.t.Helper()
	if _, err := fmt.Sscanf(w.must(0, "version"), "%s v1.%d.%d", &v.product, &v.minor, &v.patch); err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (v cliVersion) String() string { return fmt.Sprintf("%s 1.%d.%d", v.product, v.minor, v.patch) }

// terraformBelow reports whether this is Terraform before 1.minor.patch. It is false for every OpenTofu.
func (v cliVersion) terraformBelow(minor, patch int) bool {
	return v.product == "Terraform" && (v.minor < minor || v.minor == minor && v.patch < patch)
}

// queries reports whether the CLI has `query`: Terraform since 1.14, and no OpenTofu.
func (v cliVersion) queries() bool { return v.product == "Terraform" && !v.terraformBelow(14, 0) }

// needsGeneration skips the test on Terraform 1.16.0 to 1.16.2, where
// `plan -generate-config-out` ignores required_providers:
// https://github.com/hashicorp/terraform/issues/39144
func (w workspace) needsGeneration() {
	w.t.Helper()
	if v := w.version(); v.terraformBelow(16, 3) && !v.terraformBelow(16, 0) {
		w.t.Skipf("%v looks for this provider in the namespace hashicorp when it generates configuration", v)
	}
}

// Terraform and OpenTofu, of any versions, take over each other's state: the plan
// is empty, and a change works. `make matrix` names the other CLIs.
func TestStateOfAnotherCLI(t *testing.T) {
	t.Parallel()
	others := strings.Fields(os.Getenv("TEST_OTHER_CLIS"))
	if len(others) == 0 {
		t.Skip("TEST_OTHER_CLIS names no other CLI; make matrix does")
	}
	for _, path := range others {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			plainID := c.AddGroup(gcoretest.Group{
				ProjectID: testProject, RegionID: testRegion, Name: "plain", Rules: []gcoretest.Rule{{Direction: "egress", Ethertype: new("IPv4")}},
			})
			first := c.workspace(t)
			second := first
			second.t, second.terraform = t, path
			config := func(tag string) string {
				return web("tags = { a = \""+tag+"\" }\nrules = {"+httpsEntry+"}") + peerOfWeb +
					"resource \"gcore_cloud_security_group\" \"plain\" {\n  name = \"plain\"\n}\n"
			}
			first.configure(config("1") + importing("gcore_cloud_security_group.plain", plainID))
			first.must(0, "apply", "-auto-approve")
			for i, w := range []workspace{second, first} {
				c.ResetRequests()
				w.configure(config(fmt.Sprint(i + 1)))
				w.receive()
				w.expectNoChanges(c)
				w.configure(config(fmt.Sprint(i + 2)))
				says(t, w.must(0, "apply", "-auto-approve", "-no-color"), "0 added, 1 changed, 0 destroyed")
				w.must(0, "plan", "-detailed-exitcode")
			}
			if diff := c.differs([]group{
				{"web", "", []string{"a=3"}, []string{httpsLine}}, {name: "peer", rules: []string{"ingress IPv4 from group web"}},
				{name: "plain", rules: []string{"egress IPv4"}},
			}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// receive prepares a state that another CLI wrote. OpenTofu reads the address of
// Terraform's registry as its own. Terraform needs a command for the reverse.
func (w workspace) receive() {
	w.t.Helper()
	const source = "/gcore-community/gcore"
	if w.version().product == "Terraform" {
		w.must(0, "state", "replace-provider", "-auto-approve", "registry.opentofu.org"+source, "registry.terraform.io"+source)
	}
}
