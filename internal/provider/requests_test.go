package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

func (c cloud) requests() int { return c.Count(func(gcoretest.Request) bool { return true }) }

// atMost fails the test if more requests were sent, and lists them.
func (c cloud) atMost(t *testing.T, most int, what string) {
	t.Helper()
	if got := c.requests(); got > most {
		t.Errorf("%s took %d requests, %d at most: %v", what, got, most, c.CountOperations())
	}
}

// Each rule is created by its own request. Without the API's lock, waits and reads are shared with rules created at the
// same time. Under the lock only requests that were on their way before the first refusal are refused.
func TestRequestsOfNewRules(t *testing.T) {
	t.Parallel()
	const parallelism = 10
	for name, test := range map[string]struct {
		config        gcoretest.Config
		most, refused int
	}{
		"lock":    {gcoretest.Config{}, 600, parallelism - 1},
		"no lock": {gcoretest.Config{NoLock: true}, 350, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, test.config)
			w := c.workspace(t).reattached(c)
			w.configure(ports("range(1, 101)"))
			w.must(0, "apply", "-auto-approve")
			c.atMost(t, test.most, "making 100 rules")
			if counts := c.CountOperations(); counts[gcoretest.OperationCreateRule] > 100+test.refused {
				t.Errorf("requests %v", counts)
			}
		})
	}
}

// A refresh reads a group once, however many rules it has; or twice if a slow
// machine takes so long that the first response is too old for the last rule.
func TestRequestsOfARefresh(t *testing.T) {
	t.Parallel()
	const rules = 250
	c := newCloud(t, gcoretest.Config{})
	id := c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "web"})
	var ids []string
	for n := range rules {
		ids = append(ids, fmt.Sprintf("%q", c.AddRule(id, gcoretest.Rule{
			Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: new(n + 1), PortRangeMax: new(n + 1),
		})))
	}
	w := c.workspace(t).reattached(c)
	w.configure(fmt.Sprintf(`
		locals {
			rules = [%s]
		}
		import {
			for_each = local.rules
			to       = gcore_cloud_security_group_rule.all[each.key]
			id       = "1/76/%[2]s/${each.value}"
		}
		resource "gcore_cloud_security_group_rule" "all" {
			count          = length(local.rules)
			group_id       = %[2]q
			direction      = "ingress"
			protocol       = "tcp"
			port_range_min = count.index + 1
			port_range_max = count.index + 1
			remote_ip_prefix = "0.0.0.0/0"
		}`, strings.Join(ids, ", "), id))
	w.must(0, "apply", "-auto-approve")
	if counts := c.CountOperations(); c.writes() > 0 || counts[gcoretest.OperationReadGroup] == 0 {
		t.Errorf("the import took %v", counts)
	}
	c.ResetRequests()
	w.must(0, "plan", "-detailed-exitcode")
	c.atMost(t, 2, "a refresh of 250 rules")
}

// A new group costs its create, its share of the polls, and its read back. The look for orphans is one list in the plan,
// and one at most in the apply, however many groups are new.
func TestRequestsOfNewGroups(t *testing.T) {
	t.Parallel()
	const groups = 50
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(fmt.Sprintf("resource \"gcore_cloud_security_group\" \"all\" {\n  count = %d\n  name  = \"web-${count.index}\"\n  rules = {}\n}\n", groups))
	w.must(0, "plan", "-out=saved")
	c.atMost(t, 1, "planning 50 groups")
	w.must(0, "apply", "saved")
	c.atMost(t, 170, "making 50 groups")
	counts := c.CountOperations()
	if counts[gcoretest.OperationListGroups] > 2 || counts[gcoretest.OperationCreateGroup] != groups || counts[gcoretest.OperationReadGroup] != groups {
		t.Errorf("requests %v", counts)
	}
}
