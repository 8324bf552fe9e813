package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// requests counts all requests since the last reset.
func (c cloud) requests() int { return c.Count(func(gcoretest.Request) bool { return true }) }

// atMost fails the test if there were more requests than that, and names them.
func (c cloud) atMost(t *testing.T, most int, what string) {
	t.Helper()
	if got := c.requests(); got > most {
		t.Errorf("%s took %d requests, %d at most: %v", what, got, most, c.CountOperations())
	}
}

// Each rule is made by a request of its own; what it waits for and reads back
// it shares with those that are made at the same time.
func TestRequestsOfNewRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(ports("range(1, 101)"))
	w.must(0, "apply", "-auto-approve")
	c.atMost(t, 350, "making 100 rules")
	if counts := c.CountOperations(); counts[gcoretest.OperationCreateRule] != 100 {
		t.Errorf("requests %v", counts)
	}
}

// However many rules a group has, a refresh reads it once; or twice, on a
// machine so slow that the first answer is too old before the last rule is read.
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
		}`, strings.Join(ids, ", "), id))
	w.must(0, "apply", "-auto-approve")
	if counts := c.CountOperations(); c.writes() > 0 || counts[gcoretest.OperationReadGroup] == 0 {
		t.Errorf("the import took %v", counts)
	}
	c.ResetRequests()
	w.must(0, "plan", "-detailed-exitcode")
	c.atMost(t, 2, "a refresh of 250 rules")
}
