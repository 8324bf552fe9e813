package modeltest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func sequence(seed uint64) Sequence {
	return Generate(seed, Options{Steps: 30, Readings: []string{"live"}, Faults: []string{"outage"}})
}

// A seed makes one sequence, each step of which can be expected to work, and hundreds of them make every edit.
func TestGenerate(t *testing.T) {
	t.Parallel()
	if !reflect.DeepEqual(sequence(7), sequence(7)) {
		t.Error("a seed makes two sequences")
	}
	var all strings.Builder
	for seed := range uint64(50) {
		s := sequence(seed)
		if !s.valid() {
			t.Errorf("not valid:\n%s", s)
		}
		all.WriteString(s.String())
	}
	for _, words := range []string{
		"moved from", "-replace=group", "-replace=rule", "-replace=set", "state rm group", "state rm rule", "import set", "import rule",
		"delete group", "add rule", "change rule", "self = true", "remote_group_id", "on_destroy", "rules = {\n  }", "outage",
		"-refresh=false", "an hour later", "by mistake", "create_before_destroy", "default_tags", "ipv6-icmp", `.$${a}`,
	} {
		if !strings.Contains(all.String(), words) {
			t.Errorf("no sequence has %q", words)
		}
	}
}

// What fails because of one single rule and one change behind its back shrinks to these.
func TestShrink(t *testing.T) {
	t.Parallel()
	fails := func(s Sequence) bool {
		added := false
		for _, step := range s.Steps {
			for _, change := range step.Before {
				added = added || change.Kind == AddRule
			}
			for _, single := range step.Config.Rules {
				if added && single.Rule.Direction == rule.Egress {
					return true
				}
			}
		}
		return false
	}
	seed := uint64(1)
	for ; !fails(sequence(seed)); seed++ {
	}
	s := Shrink(sequence(seed), 5000, fails)
	parts := 0
	for _, step := range s.Steps {
		parts += len(step.Config.Addresses()) + len(step.Before) + len(step.Between) + len(step.Import)
	}
	if !fails(s) || len(s.Steps) > 3 || parts > 6 {
		t.Errorf("it has shrunk to %d steps with %d parts:\n%s", len(s.Steps), parts, s)
	}
	if slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Fault != Fault{} }) {
		t.Error("a fault is left")
	}
}
