package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// cluster is a controller that keeps its rules in a group, whatever happens to them: it opens and closes node ports, adds what
// it lacks, and deletes what it has closed.
type cluster struct {
	c       cloud
	groupID string
	// balancers is the group that half of its rules let in. Their descriptions are empty.
	balancers string
	open      []int
	rounds    int
}

// lets is the rule for a port.
func (k *cluster) lets(port int) gcoretest.Rule {
	r := gcoretest.Rule{Direction: "ingress", Ethertype: new("IPv4"), Protocol: new("tcp"), PortRangeMin: &port, PortRangeMax: &port}
	if port%2 == 0 {
		r.RemoteGroupID = &k.balancers
	} else {
		r.Description = new(fmt.Sprintf("k8s-%d", port))
	}
	return r
}

// round changes what is open, and repairs the group.
func (k *cluster) round() {
	k.rounds++
	k.open = append(k.open, 30000+k.rounds)
	if len(k.open) > 12 {
		k.open = slices.Delete(k.open, 4, 5)
	}
	k.repair()
}

func (k *cluster) repair() {
	held, _ := k.c.Group(k.groupID)
	missing := slices.Clone(k.open)
	for _, r := range held.Rules {
		if r.PortRangeMin == nil || *r.PortRangeMin < 30000 {
			continue
		}
		port := *r.PortRangeMin
		if !slices.Contains(k.open, port) {
			k.c.DeleteRule(r.ID)
		}
		missing = slices.DeleteFunc(missing, func(m int) bool { return m == port })
	}
	for _, port := range missing {
		k.c.AddRule(k.groupID, k.lets(port))
	}
}

// idOf is the id of the rule for a port.
func (k *cluster) idOf(port int) string {
	held, _ := k.c.Group(k.groupID)
	for _, r := range held.Rules {
		if r.PortRangeMin != nil && *r.PortRangeMin == port {
			return r.ID
		}
	}
	return ""
}

// The guide's example, with a controller that adds and removes rules at each request of the applies: these change the rules of
// the group as planned, its own rules that were there before keep their ids, and the plan is empty in the end.
func TestKubernetesExample(t *testing.T) {
	t.Parallel()
	requests := make(chan struct{}, 1)
	c := newCloud(t, gcoretest.Config{RefusePort25: true, Log: func(gcoretest.Request) {
		select {
		case requests <- struct{}{}:
		default:
		}
	}})
	w := c.workspace(t).reattached(c)
	example := w.read(exampleFile(t, "kubernetes/main.tf"))
	w.configure(example)
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	groups := c.Groups(testProject, testRegion)
	k := &cluster{c: c, balancers: groups[0].ID, groupID: groups[1].ID}
	var settled []string
	for range 4 {
		k.round()
	}
	for _, port := range k.open {
		settled = append(settled, k.idOf(port))
	}
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-requests:
				k.round()
			case <-done:
				return
			}
		}
	})
	// How many rules the controller gets round to add depends on the speed of the machine.
	for port := range 4 {
		changed := strings.ReplaceAll(example, "= 10250", fmt.Sprint("= ", 10251+port))
		w.configure(changed)
		w.must(0, "apply", "-auto-approve", "-no-color")
		w.must(0, "plan", "-detailed-exitcode")
		kubelet := func(r gcoretest.Rule) bool { return r.PortRangeMin != nil && *r.PortRangeMin/100 == 102 }
		held, _ := c.Group(k.groupID)
		held.Rules = slices.DeleteFunc(held.Rules, func(r gcoretest.Rule) bool { return !kubelet(r) })
		if len(held.Rules) != 1 || *held.Rules[0].PortRangeMin != 10251+port {
			t.Errorf("port %d: the group has %v", 10251+port, held.Rules)
		}
	}
	close(done)
	running.Wait()
	k.repair()
	for i, id := range settled {
		if now := k.idOf(k.open[i]); now != id {
			t.Errorf("the rule for port %d was %s and is %q", k.open[i], id, now)
		}
	}
	if held, _ := c.Group(k.groupID); len(held.Rules) != 2+len(k.open) || k.rounds < 20 {
		t.Errorf("after %d rounds the group has %d rules, want %d", k.rounds, len(held.Rules), 2+len(k.open))
	}
	w.unchanged()
	if shown := w.must(0, "show", "-no-color"); strings.Contains(shown, "30001") {
		t.Errorf("the state shows the controller's rules:\n%s", shown)
	}
}

// The other blocks of the guide can be applied.
func TestKubernetesGuide(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	c.AddGroup(gcoretest.Group{ProjectID: testProject, RegionID: testRegion, Name: "nodes", Tags: []gcoretest.Tag{{Key: "kubernetes.io/cluster", Value: "a"}}})
	w := c.workspace(t)
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(w.read("../../templates/guides/kubernetes.md.tmpl"), -1)
	for _, match := range blocks {
		w.write("block.tf", match[1])
		w.must(0, "fmt", "-check", "-diff", "block.tf")
	}
	must(os.Remove(filepath.Join(w.directory, "block.tf")))
	if len(blocks) != 3 {
		t.Fatalf("the guide has %d blocks", len(blocks))
	}
	var config strings.Builder
	for _, match := range blocks {
		config.WriteString(match[1])
	}
	w.configure(config.String())
	w.must(0, "apply", "-auto-approve")
	w.unchanged()
}
