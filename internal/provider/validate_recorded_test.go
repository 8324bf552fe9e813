package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// recordedCase is a rule sent to a real Neutron server, and the response: a
// line of internal/rule/testdata/rule-cases.jsonl.
type recordedCase struct {
	ID     string
	Rule   map[string]any
	Status int
}

// stricter selects recorded cases that Neutron accepts and Gcore rejects, or
// accepts only by silently opening everything: CIDRs with host bits, ambiguous
// forms of addresses, and ports 1 to 65535 of protocols without ports.
func (c recordedCase) stricter() bool {
	prefix, _ := c.Rule["remote_ip_prefix"].(string)
	switch prefix {
	case "10.0.0.1/8", "2001:db8::1/32", "10.1", "10.0.0.0/8 ", "10.0.0.0/255.0.0.0":
		return true
	}
	protocol, _ := c.Rule["protocol"].(string)
	return c.Rule["port_range_min"] == float64(1) && c.Rule["port_range_max"] == float64(65535) && !hasPorts(protocol)
}

// refused reports whether the cloud would reject the rule. A 409 is excluded:
// it is about another existing rule.
func (c recordedCase) refused() bool {
	return c.Status != 201 && c.Status != 409 || c.stricter()
}

func recordedCases(t *testing.T) []recordedCase {
	t.Helper()
	data, err := os.ReadFile("../rule/testdata/rule-cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var cases []recordedCase
	for line := range bytes.Lines(data) {
		var c recordedCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		cases = append(cases, c)
	}
	return cases
}

// said is the rule with what ingress has to say here and the server takes for said.
func (c recordedCase) said() map[string]any {
	said := maps.Clone(c.Rule)
	if said["direction"] != "ingress" {
		return said
	}
	protocol, _ := said["protocol"].(string)
	if said["port_range_min"] == nil && said["port_range_max"] == nil {
		switch {
		case said["protocol"] == nil:
			said["protocol"] = "any"
		case hasPorts(protocol):
			said["port_range_min"], said["port_range_max"] = 1, 65535
		}
	}
	if said["remote_ip_prefix"] == nil && said["remote_group_id"] == nil {
		said["remote_ip_prefix"] = "0.0.0.0/0"
		if said["ethertype"] == "IPv6" || said["ethertype"] == nil && strings.HasPrefix(protocol, "ipv6-") {
			said["remote_ip_prefix"] = "::/0"
		}
	}
	if said["remote_ip_prefix"] == nil && said["ethertype"] == nil && !strings.HasPrefix(protocol, "ipv6-") {
		said["ethertype"] = "IPv4"
	}
	return said
}

func hasPorts(protocol string) bool {
	return slices.Contains([]string{"tcp", "udp", "udplite", "sctp", "dccp"}, protocol)
}

// lines are the rule's attributes as a configuration writes them. The group of
// the rule appears as the given line.
func (c recordedCase) lines(t *testing.T, self string) string {
	t.Helper()
	var lines strings.Builder
	for name, value := range c.said() {
		switch value {
		case "$SG":
			fmt.Fprintf(&lines, "    %s\n", self)
			continue
		case "$SG2":
			value = otherGroup
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		// HCL reads JSON strings, except template sequences.
		fmt.Fprintf(&lines, "    %s = %s\n", name, strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(text)))
	}
	return lines.String()
}

// One configuration with every recorded rule, as a resource and as an entry of
// a rules map: terraform validate rejects exactly those that the cloud would
// reject.
func TestValidateRecordedCases(t *testing.T) {
	t.Parallel()
	cases := recordedCases(t)
	w := newCloud(t, gcoretest.Config{}).workspace(t)
	w.configure("")
	want := map[string]bool{}
	for i, c := range cases {
		var config strings.Builder
		standalone, inline := fmt.Sprintf("gcore_cloud_security_group_rule.case-%d", i), fmt.Sprintf("gcore_cloud_security_group.case-%d", i)
		fmt.Fprintf(&config, "# %s\nresource \"gcore_cloud_security_group_rule\" \"case-%d\" {\n    group_id = %q\n%s}\n",
			c.ID, i, thisGroup, c.lines(t, fmt.Sprintf("remote_group_id = %q", thisGroup)))
		fmt.Fprintf(&config, "resource \"gcore_cloud_security_group\" \"case-%d\" {\n  name  = \"web\"\n  rules = { rule = {\n%s  } }\n}\n",
			i, c.lines(t, "self = true"))
		if c.refused() {
			want[standalone+" "+c.ID], want[inline+" "+c.ID] = true, true
		}
		// For each error Terraform scans the file from its beginning; one file
		// with all cases would take a minute.
		w.write(fmt.Sprintf("case-%d.tf", i), config.String())
	}
	got := map[string]bool{}
	for _, m := range w.messages("validate") {
		if m.Severity != "error" {
			continue
		}
		_, number, _ := strings.Cut(m.Address, ".case-")
		var i int
		if _, err := fmt.Sscan(number, &i); err != nil {
			t.Fatalf("%v: %s", err, m)
		}
		got[m.Address+" "+cases[i].ID] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other rules are refused (-want +got):\n%s", diff)
	}
	if len(cases) != 385 || len(want) == 0 || len(want) == 2*len(cases) {
		t.Errorf("%d of %d rules are to be refused", len(want), 2*len(cases))
	}
}
