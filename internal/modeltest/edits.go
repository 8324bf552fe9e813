package modeltest

import (
	"fmt"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// place is where a configuration has rules: the map of a group or a rule set, or the single rules of a group.
type place struct {
	keys []string
	get  func(key string) rule.Rule
	set  func(key string, r rule.Rule)
	drop func(key string)
	free func() string
}

// somePlace picks a group whose rules the configuration has, and returns where. ok is false if there is none.
func (g *generator) somePlace(step *Step) (_ place, ok bool) {
	c := step.Config
	label := some(g, c.Groups)
	if rules, all := c.declared(label); all {
		return mapOf(rules), true
	}
	if label == "" {
		return place{}, false
	}
	return place{
		keys: c.singlesOf(label),
		get:  func(key string) rule.Rule { return c.Rules[key].Rule },
		set: func(key string, r rule.Rule) {
			c.Rules[key] = Single{Group: label, Rule: r, CreateFirst: c.Rules[key].CreateFirst}
		},
		drop: func(key string) { delete(c.Rules, key) },
		free: func() string { return g.freeLabel(c) },
	}, true
}

func mapOf(rules map[string]rule.Rule) place {
	p := place{
		get:  func(key string) rule.Rule { return rules[key] },
		set:  func(key string, r rule.Rule) { rules[key] = r },
		drop: func(key string) { delete(rules, key) },
		free: func() string {
			n := 1
			for ; rules[fmt.Sprintf("k%d", n)].Direction != ""; n++ {
			}
			return fmt.Sprintf("k%d", n)
		},
	}
	for key := range rules {
		p.keys = append(p.keys, key)
	}
	slices.Sort(p.keys)
	return p
}

func (g *generator) addRule(step *Step) {
	if p, ok := g.somePlace(step); ok && len(p.keys) < 6 {
		p.set(p.free(), g.rule(step.Config))
	}
}

func (g *generator) removeRule(step *Step) {
	if p, ok := g.somePlace(step); ok && len(p.keys) > 0 {
		p.drop(pick(g, p.keys...))
	}
}

func (g *generator) changeRule(step *Step) {
	if p, ok := g.somePlace(step); ok && len(p.keys) > 0 {
		p.set(pick(g, p.keys...), g.rule(step.Config))
	}
}

func (g *generator) describeRule(step *Step) {
	if p, ok := g.somePlace(step); ok && len(p.keys) > 0 {
		key := pick(g, p.keys...)
		r := p.get(key)
		r.Description = pick(g, "", "x", "y", "z")
		p.set(key, r)
	}
}

// swapRules lets two rules exchange what they say.
func (g *generator) swapRules(step *Step) {
	if p, ok := g.somePlace(step); ok && len(p.keys) > 1 {
		i := g.IntN(len(p.keys) - 1)
		one, other := p.get(p.keys[i]), p.get(p.keys[i+1])
		p.set(p.keys[i], other)
		p.set(p.keys[i+1], one)
	}
}

// shiftRules lets each rule say what the next one said, as when a list with count loses its first element. Half of the
// time the last one starts again.
func (g *generator) shiftRules(step *Step) {
	p, ok := g.somePlace(step)
	if !ok || len(p.keys) < 2 {
		return
	}
	first := p.get(p.keys[0])
	for i := range len(p.keys) - 1 {
		p.set(p.keys[i], p.get(p.keys[i+1]))
	}
	last := p.keys[len(p.keys)-1]
	switch g.IntN(3) {
	case 0:
		p.set(last, first)
	case 1:
		p.set(last, g.rule(step.Config))
	default:
		p.drop(last)
	}
}

// renameKey gives a rule another key. A single rule that gets another label is deleted and made again.
func (g *generator) renameKey(step *Step) {
	if p, ok := g.somePlace(step); ok && len(p.keys) > 0 {
		old, key := pick(g, p.keys...), p.free()
		p.set(key, p.get(old))
		p.drop(old)
	}
}

// moveRule gives a single rule another label, and says so.
func (g *generator) moveRule(step *Step) {
	from := some(g, step.Config.Rules)
	if from == "" || step.Moved != nil {
		return
	}
	to := g.freeLabel(step.Config)
	step.Config.Rules[to] = step.Config.Rules[from]
	delete(step.Config.Rules, from)
	step.Moved = map[string]string{rulePrefix + from: rulePrefix + to}
}

// madeByHand lets a single rule become one that somebody has made meanwhile.
func (g *generator) madeByHand(step *Step) {
	label, r := some(g, step.Config.Rules), g.rule(Config{})
	if label == "" {
		return
	}
	group := step.Config.Rules[label].Group
	step.Config.Rules[label] = Single{Group: group, Rule: r}
	made := Change{Kind: AddRule, Group: group, Rule: r}
	made.Rule.Description = pick(g, r.Description, "theirs")
	if g.IntN(2) == 0 {
		step.Before = append(step.Before, made)
	} else {
		step.Between = append(step.Between, made)
	}
}

// otherGroup lets a single rule move to another group.
func (g *generator) otherGroup(step *Step) {
	label, group := some(g, step.Config.Rules), some(g, step.Config.Groups)
	if single, exists := step.Config.Rules[label]; exists {
		single.Group = group
		step.Config.Rules[label] = single
	}
}

// createFirst turns create_before_destroy on or off.
func (g *generator) createFirst(step *Step) {
	if label := some(g, step.Config.Rules); label != "" && g.IntN(2) == 0 {
		single := step.Config.Rules[label]
		single.CreateFirst = !single.CreateFirst
		step.Config.Rules[label] = single
	} else if label := some(g, step.Config.Groups); label != "" {
		group := step.Config.Groups[label]
		group.CreateFirst = !group.CreateFirst
		step.Config.Groups[label] = group
	}
}

func (g *generator) defaultTags(step *Step) {
	step.Config.DefaultTags = pick(g, nil, map[string]string{"a": "1", "d": "1"}, map[string]string{"d": "2", oddKey: "1"})
}

// twin lets a single rule say at first what another one says.
func (g *generator) twin(step *Step) {
	if len(step.Config.Rules) > 0 {
		step.Twin = Twin{Label: pick(g, some(g, step.Config.Rules), g.freeLabel(step.Config)), Of: some(g, step.Config.Rules)}
	}
}

func (g *generator) replace(step *Step) {
	if len(step.Config.Groups) > 0 {
		step.Replace = append(step.Replace, pick(g, step.Config.Addresses()...))
	}
}

// forget takes something out of the state and imports it again.
func (g *generator) forget(step *Step) {
	if len(step.Config.Groups) == 0 {
		return
	}
	address := pick(g, step.Config.Addresses()...)
	if !slices.Contains(step.Forget, address) {
		step.Forget, step.Import = append(step.Forget, address), append(step.Import, address)
	}
}
