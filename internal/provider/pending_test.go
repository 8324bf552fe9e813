package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// halfDone is an operation that ends with an error while the API still works on
// it.
type halfDone struct {
	address string
	before  placedConfig // applied first
	config  placedConfig // its apply ends half-way
	want    []group      // in the end, in place "web"
	warning string       // of the plan, until it is done
	// request is the one whose task goes on; empty: the old rule cannot be
	// deleted.
	request string
}

// placedConfig is a configuration with an object in place "web" or "other".
// Another trigger replaces the object.
type placedConfig func(place, trigger string) string

const halfDoneLines = `
	timeouts = { create = "30m", update = "30m", delete = "30m" }
	lifecycle {
		replace_triggered_by = [terraform_data.trigger]
	}
}
`

func placedTrigger(trigger string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger)
}

const otherRegion = 80

func placedGroup(place, trigger string) string {
	region := map[string]int{"web": testRegion, "other": otherRegion}[place]
	return placedTrigger(trigger) + fmt.Sprintf("resource \"gcore_cloud_security_group\" \"web\" {\n  name = \"web\"\n  region_id = %d\n%s", region, halfDoneLines)
}

func placedNothing(_, trigger string) string { return placedTrigger(trigger) }

func placedGroups(_, trigger string) string {
	return placedTrigger(trigger) + web("") + "resource \"gcore_cloud_security_group\" \"other\" {\n  name = \"other\"\n}\n"
}

func placedRule(port int) placedConfig {
	return func(place, trigger string) string {
		return placedGroups(place, trigger) + fmt.Sprintf(`resource "gcore_cloud_security_group_rule" "ssh" {
			group_id         = gcore_cloud_security_group.%s.id
			direction        = "ingress"
			protocol         = "tcp"
			port_range_min   = %[2]d
			port_range_max   = %[2]d
			remote_ip_prefix = "192.0.2.0/24"
			%[3]s`, place, port, halfDoneLines)
	}
}

// placedSet is the configuration of a rule set with one rule.
func placedSet(port int) placedConfig {
	return func(place, trigger string) string {
		return placedGroups(place, trigger) + fmt.Sprintf(`resource "gcore_cloud_security_group_rule_set" "web" {
			group_id   = gcore_cloud_security_group.%s.id
			on_destroy = "remove"
			rules = {
				ssh = { direction = "ingress", protocol = "tcp", port_range_min = %[2]d, port_range_max = %[2]d, remote_ip_prefix = "192.0.2.0/24" }
			}
			%[3]s`, place, port, halfDoneLines)
	}
}

// elsewhere is a configuration in the other place.
func elsewhere(config placedConfig) placedConfig {
	return func(place, trigger string) string {
		return config(map[string]string{"web": "other", "other": "web"}[place], trigger)
	}
}

// hold keeps the API from ending the operation. With effect its task succeeds
// once it is released.
func (o halfDone) hold(c cloud, effect bool) (release func()) {
	if o.request == "" {
		return c.Fail(gcoretest.Fault{Operation: gcoretest.OperationDeleteRule, Effect: gcoretest.Answer{Status: 503}}).Clear
	}
	outcome := gcoretest.Together{gcoretest.StallTask{}}
	if !effect {
		outcome = append(outcome, gcoretest.FailTask{Text: "no capacity"})
	}
	c.Fail(gcoretest.Fault{Operation: o.request, Times: 1, Effect: outcome})
	return c.EndTasks
}

var halfDoneOperations = map[string]halfDone{
	"create of a group": {
		address: webGroup, before: placedNothing, config: placedGroup, want: []group{{name: "web"}},
		warning: "is still being created", request: gcoretest.OperationCreateGroup,
	},
	"create of a rule": {
		address: sshRule, before: placedGroups, config: placedRule(22), want: groupsWithRule(22),
		warning: "is still being created", request: gcoretest.OperationCreateRule,
	},
	"update of a rule, new rule pending": {
		address: sshRule, before: placedRule(22), config: placedRule(2222), want: groupsWithRule(2222),
		warning: "is still being changed", request: gcoretest.OperationCreateRule,
	},
	"create of a rule set": {
		address: webSet, before: placedGroups, config: placedSet(22), want: groupsWithRule(22),
		warning: "A change of a rule set was interrupted", request: gcoretest.OperationUpdateGroup,
	},
	"update of a rule set": {
		address: webSet, before: placedSet(22), config: placedSet(2222), want: groupsWithRule(2222),
		warning: "A change of a rule set was interrupted", request: gcoretest.OperationUpdateGroup,
	},
	"move of a rule set": {
		address: webSet, before: elsewhere(placedSet(22)), config: placedSet(22), want: groupsWithRule(22),
		warning: "A change of a rule set was interrupted", request: gcoretest.OperationUpdateGroup,
	},
	"update of a rule, old rule stays": {
		address: sshRule, before: placedRule(22), config: placedRule(2222), want: groupsWithRule(2222),
		warning: "The update of a rule was interrupted",
	},
}

func groupsWithRule(port int) []group {
	return []group{{name: "other"}, {name: "web", rules: []string{fmt.Sprintf("ingress IPv4 tcp %[1]d-%[1]d from 192.0.2.0/24", port)}}}
}

// waysOn are what a user may do while the API still works on an operation.
var waysOn = map[string]func(w workspace, o halfDone){
	"applied twice": func(w workspace, _ halfDone) { w.fails(); w.fails() },
	"tainted":       func(w workspace, o halfDone) { w.must(0, "taint", o.address); w.fails() },
	"untainted": func(w workspace, o halfDone) {
		w.must(0, "taint", o.address)
		w.must(0, "untaint", o.address)
		w.fails()
	},
	"replaced": func(w workspace, o halfDone) { w.fails("-replace=" + o.address) },
	"replace_triggered_by": func(w workspace, o halfDone) {
		w.configure(o.config("web", "2"))
		w.fails()
	},
	wayMoved: func(w workspace, o halfDone) {
		w.configure(o.config("web", "1"))
		w.fails()
	},
	waySaved:     func(w workspace, _ halfDone) { w.must(0, "plan", "-out=saved") },
	wayDestroyed: func(w workspace, _ halfDone) { w.fails("-destroy") },
}

const (
	wayMoved     = "moved"
	waySaved     = "planned"
	wayDestroyed = "destroyed"
)

// fails expects an apply to fail.
func (w workspace) fails(arguments ...string) {
	w.t.Helper()
	w.must(1, append([]string{"apply", "-auto-approve", "-no-color"}, arguments...)...)
}

// What an operation that was cut off may have made is remembered through
// everything that the state survives. Once the API is done, plain applies or a
// destroy leave nothing behind. All in `make test-faults`, a sample in `make
// test`.
func TestHalfDone(t *testing.T) {
	t.Parallel()
	all := os.Getenv("TEST_FAULTS") == "all"
	for operationName, operation := range halfDoneOperations {
		for way := range waysOn {
			for _, effect := range []bool{true, false} {
				name := fmt.Sprintf("%s/%s/%s", operationName, way, map[bool]string{true: "with effect", false: "without effect"}[effect])
				if !all && !halfDoneSample[name] || !effect && operation.request == "" {
					continue
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					operation.survives(t, way, effect)
				})
			}
		}
	}
}

// halfDoneSample has each way once.
var halfDoneSample = map[string]bool{
	"create of a group/applied twice/with effect":               true,
	"create of a rule/replace_triggered_by/with effect":         true,
	"create of a rule set/untainted/without effect":             true,
	"update of a rule set/destroyed/with effect":                true,
	"move of a rule set/moved/with effect":                      true,
	"update of a rule, new rule pending/tainted/with effect":    true,
	"update of a rule, new rule pending/planned/without effect": true,
	"update of a rule, old rule stays/replaced/with effect":     true,
}

// survives goes on in one way while the API still works on the operation, and
// lets it end then.
func (o halfDone) survives(t *testing.T, way string, effect bool) {
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	place := "web"
	if way == wayMoved {
		place = "other"
	}
	w.configure(o.before(place, "1"))
	w.must(0, "apply", "-auto-approve")
	w.configure(o.config(place, "1"))
	release := o.hold(c, effect)
	w.fails()
	says(t, w.must(2, "plan", "-detailed-exitcode", "-no-color"), o.warning, "terraform state rm")
	waysOn[way](w, o)
	if w.attribute(o.address, "pending") == nil {
		t.Error("the state no longer holds what is pending")
	}
	release()
	switch way {
	case waySaved:
		w.must(0, "apply", "-no-color", "saved")
	case wayDestroyed:
		w.must(0, "destroy", "-auto-approve", "-no-color")
	}
	if way == wayDestroyed {
		if diff := c.differs(nil); diff != "" {
			t.Error(diff)
		}
	} else {
		w.converge(t, c, o.want)
	}
	if left := c.Groups(testProject, otherRegion); len(left) > 0 {
		t.Errorf("the other region still has %v", left)
	}
	if pending := w.attribute(o.address, "pending"); pending != nil {
		t.Errorf("the state still says that %v is pending", pending)
	}
}

// With create_before_destroy Terraform keeps a group whose create was cut off as
// a deposed object, beside its predecessor and its successor.
func TestHalfDoneDeposed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t).reattached(c)
	w.configure(strings.Replace(placedGroup("web", "1"), "lifecycle {", "lifecycle {\n    create_before_destroy = true", 1))
	w.must(0, "apply", "-auto-approve")
	operation := halfDoneOperations["create of a group"]
	release := operation.hold(c, true)
	w.fails("-replace=" + webGroup)
	w.fails()
	release()
	w.converge(t, c, operation.want)
}

// What the attribute holds is read back as it was. Anything else is an error,
// and never taken for nothing.
func TestRecall(t *testing.T) {
	t.Parallel()
	for _, want := range []memory{
		{},
		{Create: &secgroup.Pending{TaskID: thisGroup, Began: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}},
		{Replacement: &secgroup.Replacement{ID: otherGroup, Request: client.RuleRequest{Direction: "ingress", PortRangeMin: new(int64(0))}}},
	} {
		got, err := recall(want.pending())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v: %v\n%s", want.pending(), err, diff)
		}
	}
	for _, text := range []string{"", "null", "{}", `{"created": {}}`, "[]"} {
		if got, err := recall(types.StringValue(text)); err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

// attribute is a value in the state; nil if it is null or absent.
func (w workspace) attribute(address, name string) any {
	w.t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string
					Values  map[string]any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(w.must(0, "show", "-json")), &state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state.Values.RootModule.Resources {
		if r.Address == address {
			return r.Values[name]
		}
	}
	return nil
}
