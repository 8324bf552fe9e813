package rule

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// The policies judge by the ports and the public addresses of this package.
func TestPolicyServices(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("# Written by `go test ./internal/rule -run TestPolicyServices -update`.\npackage gcore\n\nimport rego.v1\n\nadmin_services := {\n")
	for _, service := range adminServices {
		fmt.Fprintf(&text, "\t{\"name\": %q, \"protocol\": %q, \"port\": %d},\n", service, service.Protocol, service.Port)
	}
	text.WriteString("}\n\n# Whoever lets in all other addresses lets in everybody.\nnot_public := {\n")
	for i, whole := range []string{"0.0.0.0/0", "::/0"} {
		reserved, err := addresses(t, whole).Subtract(everybody[i])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "\t%q: {\n\t\t\"%s\",\n\t},\n", whole, strings.Join(reserved.CIDRs(), "\",\n\t\t\""))
	}
	text.WriteString("}\n")
	current(t, "policies/services.rego", text.String())
}

// policyCase are rules and what everybody can reach by them.
type policyCase struct {
	Rules map[string]map[string]any `json:"rules"`
	Open  []string                  `json:"open"`
}

// The policies are tested with rules and the judgement of this package on them.
func TestPolicyCases(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	cases := []policyCase{}
	for found := map[string]int{}; len(cases) < 60; {
		rules := randomRules(random)
		for _, key := range slices.Sorted(maps.Keys(rules)) {
			g := rules[key]
			if random.IntN(3) == 0 { // a whole address space, or half of one
				g.RemoteGroupID, g.Self, g.Ethertype = nil, nil, nil
				g.RemoteIPPrefix = new([]string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3", "::/0"}[random.IntN(5)])
			}
			if g.Protocol == nil && random.IntN(2) == 0 {
				g.Protocol = new("any")
			}
			rules[key] = g
		}
		open := []string{}
		for _, port := range OpenAdminPorts(rules) {
			open = append(open, port.String())
		}
		if same := strings.Join(open, ", "); found[same] < 15 {
			found[same]++
			cases = append(cases, policyCase{written(rules), open})
		}
	}
	lines := make([]string, len(cases))
	for i, one := range cases {
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = "  " + string(line)
	}
	current(t, "tools/policies/testdata/rules.json", "[\n"+strings.Join(lines, ",\n")+"\n]\n")
}

// written is a map of rules as a plan has it.
func written(rules map[string]Given) map[string]map[string]any {
	all := map[string]map[string]any{}
	for key, g := range rules {
		all[key] = map[string]any{
			"direction": g.Direction, "ethertype": g.Ethertype, "protocol": g.Protocol, "port_range_min": g.PortRangeMin, "port_range_max": g.PortRangeMax,
			"remote_ip_prefix": g.RemoteIPPrefix, "remote_group_id": g.RemoteGroupID, "self": g.Self,
		}
		maps.DeleteFunc(all[key], func(_ string, value any) bool { return fmt.Sprint(value) == "<nil>" })
	}
	return all
}

// current compares a file of the policies with what it has to be, or writes it with -update.
func current(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile("../../"+name, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("../../" + name)
	if err != nil || string(got) != want {
		t.Errorf("%s is not current: go test ./internal/rule -run %s -update writes it. %v", name, t.Name(), err)
	}
}
