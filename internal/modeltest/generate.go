package modeltest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Options say what sequences are made of.
type Options struct {
	Steps    int
	Readings []string // of which one is taken
	Faults   []string // scenarios, of which one hits half of the steps; none: no step
}

// Generate makes the sequence of a seed.
func Generate(seed uint64, options Options) Sequence {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), options: options}
	s := Sequence{Seed: seed, Reading: pick(g, options.Readings...)}
	var world World
	for len(s.Steps) < options.Steps {
		step := g.step(world)
		if world.Invalid(step) == "" && world.leftOut(step) == "" {
			s.Steps = append(s.Steps, step)
			world = world.After(step)
		}
	}
	return s
}

// generator makes one step after the other.
type generator struct {
	*rand.Rand
	options Options
}

func pick[T any](g *generator, choices ...T) T { return choices[g.IntN(len(choices))] }

// some picks one of a map's keys, "" if it has none.
func some[V any](g *generator, values map[string]V) string {
	if len(values) == 0 {
		return ""
	}
	return pick(g, slices.Sorted(maps.Keys(values))...)
}

// edit changes the configuration of a step, or says how it is reached.
type edit func(g *generator, step *Step)

// edits are what a step is made of.
var edits = map[string]edit{
	"add group":      (*generator).addGroup,
	"remove group":   (*generator).removeGroup,
	"edit group":     (*generator).editGroup,
	"change form":    (*generator).changeForm,
	"add rule":       (*generator).addRule,
	"remove rule":    (*generator).removeRule,
	"change rule":    (*generator).changeRule,
	"describe rule":  (*generator).describeRule,
	"swap rules":     (*generator).swapRules,
	"shift rules":    (*generator).shiftRules,
	"rename key":     (*generator).renameKey,
	"move rule":      (*generator).moveRule,
	"made by hand":   (*generator).madeByHand,
	"other group":    (*generator).otherGroup,
	"replace":        (*generator).replace,
	"create first":   (*generator).createFirst,
	"default tags":   (*generator).defaultTags,
	"forget, import": (*generator).forget,
}

func (g *generator) step(world World) Step {
	step := Step{Config: world.Config.clone(), Parallelism: pick(g, 1, 4, 10)}
	for range 2 - len(step.Config.Groups) {
		g.addGroup(&step)
	}
	names := slices.Sorted(maps.Keys(edits))
	for range 1 + g.IntN(3) {
		edits[pick(g, names...)](g, &step)
	}
	step.NoRefresh, step.Later = g.IntN(6) == 0, g.IntN(8) == 0
	if g.IntN(10) == 0 {
		g.twin(&step)
	} else if len(world.Groups) > 0 {
		g.disturb(world, &step)
	}
	world.completeImports(&step)
	if step.Twin != (Twin{}) {
		return step
	}
	if writes := world.writes(step); len(g.options.Faults) > 0 && len(writes) > 0 && g.IntN(2) == 0 {
		step.Fault = Fault{pick(g, g.options.Faults...), pick(g, append(writes, gcoretest.OperationReadGroup)...)}
	}
	return step
}

// disturb makes changes by others. Those after the plan are rarer.
func (g *generator) disturb(world World, step *Step) {
	if g.IntN(3) == 0 {
		step.Before = append(step.Before, g.change(world))
	}
	if g.IntN(6) == 0 {
		step.Between = append(step.Between, g.change(world))
	}
}

func (g *generator) change(world World) Change {
	label := some(g, world.Groups)
	change := Change{Group: label, Kind: pick(g, AddRule, AddRule, AddRule, ChangeRule, DeleteRule, SetTag, DeleteTag, Rename, Describe)}
	if g.IntN(20) == 0 {
		change.Kind = DeleteGroup
	}
	held := world.Groups[label]
	switch change.Kind {
	case AddRule:
		change.Rule = portOf(rule.Rule{Direction: rule.Ingress, RemoteIPPrefix: "198.51.100.0/24"}, "udp", 9000+g.Int64N(4))
	case ChangeRule, DeleteRule:
		if len(held.Rules) == 0 {
			return Change{Group: label, Kind: SetTag, Key: "theirs", Value: "1"}
		}
		change.Rule = pick(g, held.Rules...).Rule
		change.To = change.Rule
		if g.IntN(2) == 0 || change.Rule.RemoteIPPrefix == "" || change.Rule.Ethertype == rule.IPv6 {
			change.To.Description = "theirs"
		} else {
			change.To.RemoteIPPrefix = "203.0.113.0/24"
		}
	case SetTag:
		change.Key, change.Value = pick(g, "a", "theirs", oddKey), "9"
	case DeleteTag:
		change.Key = pick(g, "a", "d", oddKey)
	case Rename, Describe:
		change.Value = "theirs " + fmt.Sprint(g.IntN(10))
	}
	return change
}

// addGroup adds a group with rules in one of the forms.
func (g *generator) addGroup(step *Step) {
	label := pick(g, "a", "b", "c")
	if _, exists := step.Config.Groups[label]; exists {
		return
	}
	step.Config.Groups[label] = Group{Name: g.name(), Description: pick(g, "", "old"), Tags: g.tags()}
	var rules []rule.Rule
	for range g.IntN(4) {
		rules = append(rules, g.rule(step.Config))
	}
	g.giveForm(step, label, distinct(rules))
}

func (g *generator) removeGroup(step *Step) {
	if g.IntN(3) == 0 {
		step.Config = step.Config.without(some(g, step.Config.Groups))
	}
}

func (g *generator) editGroup(step *Step) {
	label := some(g, step.Config.Groups)
	group, exists := step.Config.Groups[label]
	if !exists {
		return
	}
	switch g.IntN(3) {
	case 0:
		group.Name = g.name()
	case 1:
		group.Description = pick(g, "", "old", "new")
	default:
		group.Tags = g.tags()
	}
	step.Config.Groups[label] = group
}

// name is one of a few: names need not be unique, and others have groups of the first.
func (g *generator) name() string { return pick(g, "web", "web", "data", "app") }

// oddKey is a tag's key with all that could be taken for something else.
const oddKey = `ключ.${a}/"b"\~1`

func (g *generator) tags() map[string]string {
	switch g.IntN(5) {
	case 0:
		return nil
	case 1:
		return map[string]string{"a": pick(g, "1", "2")}
	case 2:
		return map[string]string{"b": pick(g, "1", "2")}
	case 3:
		return map[string]string{oddKey: pick(g, "two words", "2")}
	}
	return map[string]string{"a": "1", "b": "2"}
}

// rule is one of ours, whose remote may be a group of the configuration.
func (g *generator) rule(c Config) rule.Rule {
	from := rule.Rule{Direction: rule.Ingress, RemoteIPPrefix: pick(g, "10.0.0.0/8", "192.0.2.0/24", "0.0.0.0/0")}
	from6 := rule.Rule{Direction: rule.Ingress, Ethertype: rule.IPv6, RemoteIPPrefix: pick(g, "2001:db8::/32", "::/0")}
	r := from
	switch g.IntN(12) {
	case 0: // all protocols
	case 1:
		r = from6
	case 2:
		r.Protocol, r.PortRangeMin = "icmp", new(int64(8))
	case 3:
		r = from6
		r.Protocol, r.PortRangeMin, r.PortRangeMax = "ipv6-icmp", new(int64(1)), new(pick(g, int64(0), 4))
	case 4:
		r = rule.Rule{Direction: rule.Egress, Protocol: "esp"}
	case 5:
		r = portOf(from6, "tcp", 443)
	case 6, 7:
		r.RemoteIPPrefix, r.RemoteGroupID = "", pick(g, append(slices.Sorted(maps.Keys(c.Groups)), rule.Self)...)
		if g.IntN(3) > 0 {
			r = portOf(r, "tcp", 6379)
		}
	default:
		r = portOf(r, pick(g, "tcp", "udp"), pick(g, int64(22), 53, 443, 8080))
	}
	r.Description = pick(g, "", "", "x", "y")
	return r
}

// portOf is a rule with a protocol and one port.
func portOf(r rule.Rule, protocol string, number int64) rule.Rule {
	r.Protocol, r.PortRangeMin, r.PortRangeMax = protocol, &number, &number
	return r
}

// distinct drops rules that are there already.
func distinct(rules []rule.Rule) []rule.Rule {
	seen := map[rule.Key]bool{}
	return slices.DeleteFunc(rules, func(r rule.Rule) bool {
		again := seen[r.Key()]
		seen[r.Key()] = true
		return again
	})
}

// changeForm writes the rules of a group in another form. Some of its single rules may move to another group in the same step.
func (g *generator) changeForm(step *Step) {
	label := some(g, step.Config.Groups)
	if label == "" {
		return
	}
	declared, _ := step.Config.declared(label)
	var rules []rule.Rule
	for _, key := range slices.Sorted(maps.Keys(declared)) {
		rules = append(rules, declared[key])
	}
	for _, single := range step.Config.singlesOf(label) {
		moving := step.Config.Rules[single]
		rules = append(rules, moving.Rule)
		delete(step.Config.Rules, single)
		if moving.Group = some(g, step.Config.Groups); moving.Group != label && g.IntN(2) == 0 {
			step.Config.Rules[single] = moving
		}
	}
	group := step.Config.Groups[label]
	group.Rules = nil
	step.Config.Groups[label] = group
	delete(step.Config.Sets, step.Config.setOf(label))
	g.giveForm(step, label, rules)
}

// giveForm writes the rules of a group as a map, as single rules or as a rule set; or it leaves them out.
func (g *generator) giveForm(step *Step, label string, rules []rule.Rule) {
	named := map[string]rule.Rule{}
	for i, r := range rules {
		named[fmt.Sprintf("k%d", i+1)] = r
	}
	switch g.IntN(7) {
	case 0:
	case 1, 2:
		group := step.Config.Groups[label]
		group.Rules = named
		step.Config.Groups[label] = group
	case 3, 4:
		step.Config.Sets[label] = Set{Group: label, Rules: named, Remove: g.IntN(3) == 0}
	default:
		for _, r := range rules {
			step.Config.Rules[g.freeLabel(step.Config)] = Single{Group: label, Rule: r}
		}
	}
}

func (g *generator) freeLabel(c Config) string {
	for {
		label := fmt.Sprintf("r%d", 1+g.IntN(20))
		if _, taken := c.Rules[label]; !taken {
			return label
		}
	}
}

// completeImports adds the imports without which the step would meet what is there already.
func (w World) completeImports(step *Step) {
	before := w.prepared(*step)
	for label, single := range step.Config.Rules {
		held := before.Groups[single.Group]
		i := held.find(single.Rule.Key())
		if address := rulePrefix + label; i >= 0 && held.Rules[i].Single == "" && held.ownedBy(label) < 0 && !slices.Contains(step.Import, address) {
			step.Import = append(step.Import, address)
		}
	}
	for label, set := range step.Config.Sets {
		was, had := before.Config.Sets[label]
		held, exists := before.Groups[set.Group]
		if address := setPrefix + label; exists && (!had || was.Group != set.Group) && held.hasMore(set) && !slices.Contains(step.Import, address) {
			step.Import = append(step.Import, address)
		}
	}
	slices.Sort(step.Import)
}
