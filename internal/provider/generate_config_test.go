package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// generates has Terraform write the configuration for the import blocks. The
// result is valid without edits, and no plan changes anything.
func (w workspace) generates(t *testing.T, c cloud, imports []string) (output string) {
	t.Helper()
	w.needsGeneration()
	w.configure(strings.Join(imports, ""))
	c.ResetRequests()
	output = w.must(0, "plan", "-no-color", "-generate-config-out=generated.tf")
	want := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", len(imports))
	if !strings.Contains(output, want) {
		t.Fatalf("not %q:\n%s", want, output)
	}
	if strings.Contains(w.read(filepath.Join(w.directory, "generated.tf")), " pending ") {
		t.Error("the generated configuration sets pending")
	}
	says(t, w.must(0, "apply", "-no-color", "-auto-approve"), fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", len(imports)))
	if n := c.writes(); n != 0 {
		t.Errorf("the import sent %d writes", n)
	}
	return output
}

// Existing objects can be imported with a configuration that Terraform
// generates, without edits.
func TestGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	block := func(n int, id string) string {
		return importing(fmt.Sprintf("gcore_cloud_security_group.g%d", n), id)
	}
	imports := []string{block(0, c.AddDefaultGroup(testProject, testRegion))}
	for _, g := range newRandom(t).groups(50) {
		imports = append(imports, block(len(imports), c.AddGroup(g)))
	}
	elsewhere := portalGroup()
	elsewhere.ProjectID, elsewhere.RegionID = 7, 8
	imports = append(imports, block(len(imports), "7/8/"+c.AddGroup(elsewhere)))

	output := w.generates(t, c, imports)
	if strings.Contains(output, "cannot be imported") {
		t.Errorf("something is left out:\n%s", output)
	}
	w.must(0, "plan", "-detailed-exitcode")
	if strings.Contains(w.read(filepath.Join(w.directory, "generated.tf")), "read-only") {
		t.Error("a read-only tag is in the generated configuration")
	}
}

// The same for standalone rules.
func TestGeneratedConfigurationOfRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	var groupID string
	for _, g := range newRandom(t).groups(3) {
		groupID = c.AddGroup(g)
	}
	var imports []string
	for _, ruleID := range c.ruleIDs(groupID)[:60] {
		imports = append(imports, importing(fmt.Sprintf("gcore_cloud_security_group_rule.r%d", len(imports)), groupID+"/"+ruleID))
	}
	w.generates(t, c, imports)
	w.must(0, "plan", "-detailed-exitcode")
}

// Before Terraform 1.10, a description that is a number in JSON was generated as
// jsonencode(...) too, which writes 1e3 as 1000.
func TestGeneratedConfigurationOfNumbers(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	if v := w.version(); v.terraformBelow(10, 0) {
		t.Skipf("%v writes numbers otherwise than they are", v)
	}
	var imports []string
	for _, number := range []string{"1e3", "0.10", "-0"} {
		id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: number, Description: number})
		imports = append(imports, importing(fmt.Sprintf("gcore_cloud_security_group.g%d", len(imports)), id))
	}
	w.generates(t, c, imports)
}

// The generated configuration omits rules that no configuration can declare,
// and is valid. The import warns about them, and the first plan shows their
// removal.
func TestImportOfWhatCannotBeDeclared(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	odd := gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("99"), Description: new("old")}
	twin := gcoretest.Rule{Direction: "egress", Ethertype: new("IPv6"), Description: new("twin"), CreatedAt: time.Now().Add(time.Hour)}
	mixed := portalGroup()
	mixed.Tags = append(mixed.Tags, gcoretest.Tag{Key: "padded", Value: " x "})
	mixed.Rules = append(mixed.Rules, odd, twin, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), RemoteIPPrefix: new("10.0.0.1/8")})
	only := gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "only odd", Rules: []gcoretest.Rule{odd}}
	large := gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "large"}
	for port := range 251 {
		large.Rules = append(large.Rules, gcoretest.Rule{
			Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(port + 1), PortRangeMax: new(port + 1),
		})
	}
	largeID, mixedID := c.AddGroup(large), c.AddGroup(mixed)
	output := w.generates(t, c, []string{
		importing("gcore_cloud_security_group.mixed", mixedID),
		importing("gcore_cloud_security_group.only", c.AddGroup(only)),
		importing("gcore_cloud_security_group.large", largeID),
	})
	says(t, output,
		"3 rules cannot be imported", `rules["ingress-ipv4-99"]: protocol is "99"`, `rules["egress-ipv4-all-to-10_0_0_1-8"]: remote_ip_prefix is "10.0.0.1/8"`,
		`rules["egress-ipv6-all"] and rules["egress-ipv6-all-2"] are the same rule`, "1 rule cannot be imported",
		"1 tag cannot be imported", `tags["padded"] is " x "`, `The rules of security group "large" are not imported`, "has 251 rules, and the API takes 250",
	)

	says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), "0 to add, 2 to change, 0 to destroy", `- "ingress-ipv4-99" = {`,
		`- "egress-ipv4-all-to-10_0_0_1-8" = {`, `- "egress-ipv6-all-2" = {`, `- "padded" = " x " -> null`, "2 rules cannot be kept", "1 rule cannot be kept")
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	kept, _ := c.Group(largeID)
	if got := len(kept.Rules); got != 251 {
		t.Errorf("of the rules that are not managed %d are left", got)
	}
	c.DeleteGroup(largeID)
	if diff := c.differs([]group{adoptedGroup, {name: "only odd"}}); diff != "" {
		t.Error(diff)
	}
}

// An import with changed rules removes only rules that its plan showed.
func TestImportWithChangeKeepsWhatCannotBeDeclared(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web", Rules: []gcoretest.Rule{
		{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("99")}, {Direction: "egress", Ethertype: new("IPv4")},
	}})
	w.configure(importing(webGroup, id) + web("rules = {"+httpsEntry+"}"))
	c.ResetRequests()
	says(t, w.must(1, "apply", "-auto-approve"), "1 rule cannot be imported", "rules that the plan did not show", "ingress-ipv4-99", "Nothing was sent")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	says(t, w.must(0, "plan", "-no-color", "-out=saved"), `- "ingress-ipv4-99" = {`, `- "egress-ipv4-all" = {`)
	w.must(0, "apply", "saved")
	if diff := c.differs([]group{{name: "web", rules: []string{httpsLine}}}); diff != "" {
		t.Error(diff)
	}
}

// A rule that no configuration can declare can be imported as a standalone
// rule, to be replaced.
func TestImportOfRuleThatCannotBeDeclared(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	groupID := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	ruleID := c.AddRule(groupID, gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), RemoteIPPrefix: new("10.0.0.1/8")})
	w.configure(importing(sshRule, groupID+"/"+ruleID) +
		"resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = \"" + groupID + "\"\n  direction = \"ingress\"\n  protocol = \"any\"\n  remote_ip_prefix = \"10.0.0.0/8\"\n}\n")
	says(t, w.must(0, "apply", "-auto-approve"), "The rule cannot be expressed in a configuration", `remote_ip_prefix is "10.0.0.1/8"`)
	if diff := c.differs([]group{{name: "web", rules: []string{"ingress IPv4 from 10.0.0.0/8"}}}); diff != "" {
		t.Error(diff)
	}
}
