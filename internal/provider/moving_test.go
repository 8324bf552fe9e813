package provider

import (
	"path/filepath"
	"strings"
	"testing"
)

// recipe is one of the guide's moves of the rules of a group from one form to another, and where it is tried.
type recipe struct {
	cloud
	workspace

	to     string
	config string
	ids    map[string]string // of the rules before, by their lines
}

// The guide's recipes move rules from one form to another, whatever else happens meanwhile.
func TestMovingExamples(t *testing.T) {
	t.Parallel()
	forms := map[string]string{"standalone": singleRules, "inline": inlineRules, "rule-set": ruleSet}
	files := exampleFiles(t, "moving/*.tf")
	if len(files) != len(forms)*(len(forms)-1) {
		t.Fatalf("not a recipe for each direction: %v", files)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".tf")
		from, to, _ := strings.Cut(name, "-to-")
		for what, test := range map[string]func(*testing.T, recipe, string){
			"alone":                           movesAlone,
			"beside somebody else":            movesBesideSomebodyElse,
			"changing":                        movesAndChanges,
			"changing, beside somebody else":  movesAndChangesBesideSomebodyElse,
			"changing, as if nothing changed": movesAndChangesWithoutImport,
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				c := strictCloud(t)
				w := c.workspace(t).reattached(c)
				w.configure(forms[from])
				w.must(0, "apply", "-auto-approve")
				r := recipe{cloud: c, workspace: w, to: to, config: w.read(file), ids: c.idsOf("web")}
				c.ResetRequests()
				test(t, r, forms[to])
			})
		}
	}
}

// kept fails the test unless these rules have the ids that they had before.
func (r recipe) kept(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if now := r.idsOf("web")[line]; now != r.ids[line] {
			t.Errorf("the rule %q was %s and is %q", line, r.ids[line], now)
		}
	}
}

// silent fails the test if anything was written.
func (r recipe) silent(t *testing.T) {
	t.Helper()
	if n := r.writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// movesAlone: the plan changes nothing in the cloud and the apply sends no writes, so every rule keeps its id. After the
// moving blocks are removed, the plan is empty.
func movesAlone(t *testing.T, r recipe, after string) {
	r.configure(r.config)
	r.must(0, "plan", "-out=saved")
	r.must(0, "apply", "saved")
	r.silent(t)
	r.holding(t, httpsLine, sshLine)
	r.kept(t, httpsLine, sshLine)
	r.must(0, "plan", "-detailed-exitcode")
	r.configure(after)
	r.must(0, "plan", "-detailed-exitcode")
}

// movesBesideSomebodyElse: a rule that somebody adds in the middle of a move stays. An owner of all rules stops and names
// it, standalone rules do not mind it. Once the new owner declares it, the move goes on, and nothing is sent in all.
func movesBesideSomebodyElse(t *testing.T, r recipe, _ string) {
	r.configure(r.config)
	r.must(0, "plan", "-out=saved")
	r.egress(t, "udp")
	if r.to == "standalone" {
		r.must(0, "apply", "saved")
	} else {
		words := map[string]string{"inline": "rules that the plan did not show", "rule-set": "rules that are not in the rule set"}
		says(t, r.must(1, "apply", "saved"), words[r.to], udpName, "Nothing was sent")
		r.configure(strings.Replace(r.config, "rules = {\n", "rules = {\n theirs = { direction = \"egress\", protocol = \"udp\" }\n", 1))
		r.must(0, "apply", "-auto-approve")
	}
	r.must(0, "plan", "-detailed-exitcode")
	r.silent(t)
	r.holding(t, httpsLine, sshLine, udpLine)
	r.kept(t, httpsLine, sshLine)
}

// otherPorts changes the ports of the rule ssh.
var otherPorts = strings.NewReplacer("= 22\n", "= 2222\n")

const otherSSHLine = `ingress IPv4 tcp 2222-2222 from 192.0.2.0/24 "admins"`

// changing is the recipe with other ports of the rule ssh. A rule set is imported for that, as the guide says.
func (r recipe) changing() string {
	config := otherPorts.Replace(r.config)
	if r.to == "rule-set" {
		config += importing(webSet, "${"+webGroup+".id}")
	}
	return config
}

// movesAndChanges: a rule may change in the apply that moves it. The plan shows that, the other rule is not touched, and
// one apply is enough.
func movesAndChanges(t *testing.T, r recipe, after string) {
	r.configure(r.changing())
	says(t, r.must(0, "plan", "-out=saved", "-no-color"), map[string]string{
		"standalone": "~ port_range_min = 22 -> 2222", "inline": "The apply will remove 1 rule", "rule-set": "- port_range_min = 22 -> null",
	}[r.to])
	r.must(0, "apply", "saved")
	r.holding(t, httpsLine, otherSSHLine)
	r.kept(t, httpsLine)
	r.configure(strings.ReplaceAll(strings.ReplaceAll(after, "= 22,", "= 2222,"), "= 22\n", "= 2222\n"))
	r.must(0, "plan", "-detailed-exitcode")
}

// movesAndChangesBesideSomebodyElse: while somebody adds a rule, an owner of all rules stops, and the next plan shows that
// rule too.
func movesAndChangesBesideSomebodyElse(t *testing.T, r recipe, _ string) {
	r.configure(r.changing())
	r.must(0, "plan", "-out=saved")
	r.egress(t, "udp")
	if r.to == "standalone" {
		r.must(0, "apply", "saved")
		r.holding(t, httpsLine, otherSSHLine, udpLine)
		return
	}
	says(t, r.must(1, "apply", "saved"), "rules that the plan did not show", udpName)
	r.silent(t)
	r.holding(t, httpsLine, sshLine, udpLine)
	r.kept(t, httpsLine, sshLine)
	says(t, r.must(0, "plan", "-no-color"), udpName)
}

// movesAndChangesWithoutImport: without its import a rule set stops at the rule that changes. Already the plan says so,
// and how to go on.
func movesAndChangesWithoutImport(t *testing.T, r recipe, _ string) {
	if r.to == "rule-set" {
		r.configure(otherPorts.Replace(r.config))
		says(t, r.must(0, "plan", "-no-color"), "The group has rules that are not in the rule set", "ingress-ipv4-tcp-22-from-192_0_2_0-24", "import {")
		says(t, r.must(1, "apply", "-auto-approve"), "rules that are not in the rule set", "import {")
		r.silent(t)
		r.kept(t, httpsLine, sshLine)
	}
	r.configure(r.changing())
	r.must(0, "apply", "-auto-approve")
	r.holding(t, httpsLine, otherSSHLine)
	r.kept(t, httpsLine)
}
