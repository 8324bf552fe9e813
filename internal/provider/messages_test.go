package provider

import (
	"regexp"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// says fails the test unless the output contains all the words, ignoring
// Terraform's line breaks.
func says(t *testing.T, output string, words ...string) {
	t.Helper()
	text := plain(output)
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not said:\n%s", word, output)
		}
	}
}

// plain is Terraform's output on one line, without colours and frames.
func plain(output string) string {
	return strings.Join(strings.Fields(ornament.ReplaceAllString(output, " ")), " ")
}

var ornament = regexp.MustCompile("\x1b\\[[0-9;]*m|[│╷╵]")

// Warnings report what a plan cannot show.
func TestWarnings(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve")
	c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp"), Description: new("theirs")})

	w.configure(web("rules = {" + httpsEntry + "}"))
	says(t, w.must(0, "plan"), `The apply will remove 1 rule of security group "web"`, `egress-ipv4-udp ("theirs")`)
	w.must(0, "apply", "-auto-approve")

	// Rules that are still unknown cannot be named; the warning mentions them.
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve")
	w.configure("resource \"terraform_data\" \"ports\" {\n  input = { a = 443 }\n}\n" +
		web("rules = { for key, port in terraform_data.ports.output : key => { direction = \"ingress\", protocol = \"tcp\", port_range_min = port, port_range_max = port, remote_ip_prefix = \"0.0.0.0/0\" } }"))
	says(t, w.must(0, "plan"), `The apply may remove 1 rule of security group "web"`, "not all of it is known before the apply", "ingress-ipv4-tcp-443")
	w.configure(web("rules = {" + httpsEntry + "}"))
	w.must(0, "apply", "-auto-approve")

	c.ResetRequests()
	w.configure(web("rules = {" + strings.Replace(httpsEntry, "https", "tls", 1) + "}"))
	says(t, w.must(0, "plan"), "Only the keys of rules change", "keys of 1 rule", "nothing is sent")
	w.must(0, "apply", "-auto-approve")
	w.configure(web(""))
	says(t, w.must(0, "plan"), "The group no longer manages its rules", "rules = {}")
	w.must(0, "apply", "-auto-approve")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	c.DeleteGroup(c.only(t).ID)
	says(t, w.must(0, "plan"), `Security group "web" is gone`)
}

// An apply does not remove an unplanned rule that was added after the plan.
func TestGuard(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(web("rules = {" + httpsEntry + "}"))
	w.must(0, "apply", "-auto-approve")
	w.configure(web("rules = {}"))
	w.must(0, "plan", "-out=saved")
	c.AddRule(c.only(t).ID, gcoretest.Rule{Direction: "egress", Ethertype: new("IPv4"), Protocol: new("udp"), Description: new("theirs")})
	c.ResetRequests()
	says(t, w.must(1, "apply", "saved"), `Cannot update security group "web"`, "rules that the plan did not show", `egress-ipv4-udp ("theirs")`, "Nothing was sent")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	// The next plan shows the rule, and its apply removes it.
	says(t, w.must(0, "plan", "-out=saved"), "egress-ipv4-udp")
	w.must(0, "apply", "saved")
	if diff := c.differs([]group{{name: "web"}}); diff != "" {
		t.Error(diff)
	}
}

func TestDeleteOfGroupInUse(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(web(`timeouts = { delete = "1s" }`))
	w.must(0, "apply", "-auto-approve")
	id := c.only(t).ID
	c.UseGroup(id, gcoretest.Instance{ID: otherGroup, Name: "db-1"})
	says(t, w.must(1, "destroy", "-auto-approve"), `Cannot delete security group "web"`, `in use by instance "db-1" (`+otherGroup+`)`, "timeouts.delete")
	c.ReleaseGroup(id)
	w.must(0, "destroy", "-auto-approve")
	if diff := c.differs(nil); diff != "" {
		t.Error(diff)
	}
}

func TestDeleteOfDefaultGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	id := c.AddDefaultGroup(testProject, testRegion)
	block := "\nresource \"gcore_cloud_security_group\" \"web\" {\n  name = \"default\"\n  description = \"Default security group\"\n}\n"
	w.configure(importing(webGroup, id) + block)
	w.must(0, "apply", "-auto-approve")
	c.ResetRequests()
	w.configure(web(""))
	says(t, w.must(1, "plan"), `The security group "default" cannot be renamed`)
	// A name that is not known yet may be the same.
	w.configure("resource \"terraform_data\" \"name\" {\n  input = \"default\"\n}\n" + strings.Replace(block, `"default"`, "terraform_data.name.output", 1))
	w.must(0, "plan")
	// Its replacement would be a group of a reserved name.
	w.configure(strings.Replace(block, "description", "region_id = 8\n  description", 1))
	says(t, w.must(1, "plan"), "Reserved security group name")
	w.configure(block)
	says(t, w.must(1, "plan", "-replace="+webGroup), "Reserved security group name")
	says(t, w.must(1, "plan", "-destroy"), `The security group "default" cannot be deleted`, "removed {", "destroy = false")
	says(t, w.must(1, "destroy", "-auto-approve"), `The security group "default" cannot be deleted`, "removed {", "destroy = false")
	if n := c.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	// The advice works.
	w.configure("removed {\n  from = " + webGroup + "\n  lifecycle {\n    destroy = false\n  }\n}\n")
	w.must(0, "apply", "-auto-approve")
	if _, ok := c.Group(id); !ok {
		t.Error("the default group is gone")
	}
}

// Fifty groups that fail for one cause have one whole message and 49 lines that
// point to it.
func TestOneCauseOfManyErrors(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure("resource \"gcore_cloud_security_group\" \"web\" {\n  count = 50\n  name  = \"web-${count.index}\"\n}\n")
	w.must(0, "apply", "-auto-approve")
	w.env = append(w.env, "GCORE_API_KEY=wrong")
	output := plain(w.must(1, "plan", "-no-color"))
	for words, want := range map[string]int{
		"Error: Cannot read security group": 50, "Check api_key or GCORE_API_KEY": 1, "401 Unauthorized": 1,
		`The same error as for security group "web-`: 49,
	} {
		if got := strings.Count(output, words); got != want {
			t.Errorf("%q stands there %d times, want %d:\n%s", words, got, want, output)
		}
	}
}

// An error contains what stood in the way, and the setting that ended the wait.
func TestTimeoutDuringALock(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	w.configure(web(""))
	w.must(0, "apply", "-auto-approve")
	c.Fail(gcoretest.Fault{Operation: gcoretest.OperationUpdateGroup, Effect: gcoretest.Answer{
		Status: 409, Body: `{"exception_class": "ConflictError", "message": "SecurityGroup is already locked by another task"}`,
	}})
	w.configure(web("description = \"x\"\ntimeouts = { update = \"1s\" }"))
	output := w.must(1, "apply", "-auto-approve", "-no-color")
	says(t, output, "Timed out after 1s (timeouts.update). Apply again when the other task has finished", "already locked by another task.", "409 Conflict")
	if words := "context deadline exceeded"; strings.Contains(plain(output), words) {
		t.Errorf("%q is Go's, not a user's:\n%s", words, output)
	}
}
