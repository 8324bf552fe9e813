package provider

import (
	"fmt"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// A rule of Gcore's provider without a location in its state is updated in the
// location that the plan shows, even without a refresh.
func TestChangeOfARuleWithoutAPlace(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	id := c.add("web", "", ruleOf("ingress", "IPv4", "tcp", portsOf(22, 22)))
	w := c.migration(t)
	w.inherit(stored{sshRule, fmt.Sprintf(`{"id": %q, "group_id": %q, "direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}`, c.ruleIDs(id)[0], id)})
	w.configure(fmt.Sprintf("resource \"gcore_cloud_security_group_rule\" \"ssh\" {\n  group_id = %q\n  direction = \"ingress\"\n%s\n}\n", id, udpLines))
	w.must(0, "apply", "-auto-approve", "-refresh=false")
	w.must(0, "plan", "-detailed-exitcode")
	if diff := c.differs([]group{{name: "web", tags: []string{"cost=x (read-only)"}, rules: []string{"ingress IPv4 udp"}}}); diff != "" {
		t.Error(diff)
	}
}
