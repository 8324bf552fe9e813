package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// A number that no integer attribute can hold is the user's mistake: the message names the attribute, wherever it is, and
// Terraform shows its line.
func TestNumbersThatAreNotWhole(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	const entry = `rules = { ssh = { direction = "ingress", protocol = "tcp", port_range_min = %s, port_range_max = 23, remote_ip_prefix = "10.0.0.0/8" } }`
	set := func(lines string) string {
		return "resource \"gcore_cloud_security_group_rule_set\" \"web\" {\n group_id = \"" + otherGroup + "\"\n" + lines + "\n}\n"
	}
	const port = `rules["ssh"].port_range_min is `
	for name, test := range map[string]struct{ config, want string }{
		"inline":             {web(fmt.Sprintf(entry, "22.5")), port + "22.5. Write a whole number."},
		"inline, huge":       {web(fmt.Sprintf(entry, "1e30")), port + "1000000000000000000000000000000. It must fit into 64 bits."},
		"inline, below zero": {web(fmt.Sprintf(entry, "-1e400")), port + "-1e+400. It must fit into 64 bits."},
		"rule set":           {set(fmt.Sprintf(entry, "22.5")), port + "22.5. Write a whole number."},
		"block": {
			set("rules = {}\n ignore_rules {\n description_prefix = \"k8s-\"\n port_range_max = 0.5\n}"),
			"ignore_rules[0].port_range_max is 0.5. Write a whole number.",
		},
		"rule": {
			"resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n group_id = \"" + otherGroup + "\"\n direction = \"egress\"\n protocol = \"tcp\"\n port_range_min = 1\n port_range_max = 22.5\n}\n",
			"port_range_max is 22.5. Write a whole number.",
		},
		"project": {web("project_id = 1.5"), "project_id is 1.5. Write a whole number."},
		"region":  {web("region_id = 1e30"), "region_id is 1000000000000000000000000000000. It must fit into 64 bits."},
		"data source": {
			"data \"gcore_cloud_security_groups\" \"all\" {\n max_items = 2.5\n}\n", "max_items is 2.5. Write a whole number.",
		},
		"provider": {c.block("polling_timeout_seconds = 0.5") + web(""), "polling_timeout_seconds is 0.5. Write a whole number."},
		"set":      {c.block("allowed_project_ids = [1, 1.5]") + web(""), "allowed_project_ids contains 1.5. Write a whole number."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := c.workspace(t)
			w.configure(test.config)
			said := w.messages("validate")
			if len(said) != 1 || said[0].Summary != "Invalid number" || said[0].Detail != test.want {
				t.Fatalf("want %q, got %v", test.want, said)
			}
			line := strings.Split(w.read(filepath.Join(w.directory, "main.tf")), "\n")[said[0].Range.Start.Line-1]
			if names := strings.FieldsFunc(test.want, func(r rune) bool { return strings.ContainsRune(" [.", r) }); !strings.Contains(line, names[0]) && !strings.Contains(line, "port_range_max = 0.5") {
				t.Errorf("the message points to %q", line)
			}
		})
	}
}

// A list has no line on Terraform before 1.14, so it is asked by the protocol.
func TestNumbersThatAreNotWholeInLists(t *testing.T) {
	t.Parallel()
	server, err := newCloud(t, gcoretest.Config{}).providers()["gcore"]()
	must(err)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(err)
	of := schemas.ListResourceSchemas[ruleType].ValueType()
	values := map[string]tftypes.Value{
		"group_id": tftypes.NewValue(tftypes.String, nil), "project_id": tftypes.NewValue(tftypes.Number, nil), "region_id": tftypes.NewValue(tftypes.Number, 76.5),
	}
	config, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, values))
	must(err)
	resp, err := server.(frameworkServer).ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: ruleType, Config: &config})
	must(err)
	if want := "region_id is 76.5. Write a whole number."; len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Detail != want {
		t.Errorf("want %q, got %v", want, resp.Diagnostics)
	}
}
