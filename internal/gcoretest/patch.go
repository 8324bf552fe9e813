package gcoretest

import (
	"slices"
	"strings"
	"time"
)

// groupPatch is what a PATCH asks for.
type groupPatch struct {
	name, description *string
	rules             []plannedRule
	rulesGiven        bool
	tags              map[string]any // merge patch
	tagsGiven         bool           // with nil tags: all of the user's tags go
}

func (s *Server) updateGroup(c *call, now time.Time) (answer, *refusal) {
	g, refused := s.find(c)
	if refused != nil {
		return answer{}, refused
	}
	patch, refused := s.readPatch(c.body)
	if refused != nil {
		return answer{}, refused
	}
	if refused := s.checkPatch(g, patch, s.config.RefuseInTask); refused != nil {
		return answer{}, refused
	}
	if !s.needsTask(g, patch) {
		tags, _ := patch.newTags(g) // checked above
		s.setTags(g, tags, now)
		return taskAnswer(), nil
	}
	id := g.ID
	data := groupData(c.body, patch.rules)
	data["security_group_id"] = id
	return s.accept(c, "update_security_group", data, func(now time.Time) (createdResources, *refusal) {
		g, ok := s.groups[id]
		if !ok {
			return createdResources{}, groupDoesNotExist(id)
		}
		// All or nothing: the vendor says that a task in ERROR leaves nothing behind.
		if refused := s.checkPatch(g, patch, false); refused != nil {
			return createdResources{}, refused
		}
		s.applyPatch(g, patch, now)
		if s.config.EmptyTaskResources {
			return createdResources{}, nil
		}
		return createdResources{Groups: []string{id}}, nil
	}), nil
}

func (s *Server) readPatch(body map[string]any) (groupPatch, *refusal) {
	patch := groupPatch{name: textField(body, "name"), description: textField(body, "description")}
	if refused := checkDescription(patch.description); refused != nil {
		return groupPatch{}, refused
	}
	if list, ok := body["rules"].([]any); ok {
		patch.rulesGiven = true
		var refused *refusal
		if patch.rules, refused = s.readRules(list); refused != nil {
			return groupPatch{}, refused
		}
	}
	_, patch.tagsGiven = body["tags"]
	patch.tags, _ = body["tags"].(map[string]any)
	return patch, nil
}

// checkPatch makes the checks that depend on what there is. Without the later ones it leaves out those that may be made
// in the task.
func (s *Server) checkPatch(g *Group, patch groupPatch, withoutLater bool) *refusal {
	if patch.name != nil && *patch.name != g.Name {
		if g.isDefault() {
			return conflict("SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
		}
		if strings.EqualFold(*patch.name, "default") {
			return conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
		}
		if refused := s.checkName(*g, *patch.name); refused != nil {
			return refused
		}
	}
	if patch.rulesGiven && !withoutLater {
		if refused := s.checkRuleCount(*g, len(patch.rules)); refused != nil {
			return refused
		}
		if refused := s.checkPatchedRules(g, patch); refused != nil {
			return refused
		}
	}
	_, refused := patch.newTags(g)
	return refused
}

// checkPatchedRules refuses two rules of one key in the result, with the id of the one that is there already, if it
// is.
func (s *Server) checkPatchedRules(g *Group, patch groupPatch) *refusal {
	remove, add := s.diffRules(g, patch.rules)
	var wanted []Rule
	for _, p := range patch.rules {
		wanted = append(wanted, p.rule)
	}
	if refused := s.duplicateInList(wanted); refused != nil {
		for i, rule := range g.Rules {
			for _, added := range add {
				if !remove[i] && rule.key() == added.key() {
					return ruleExists(rule.ID)
				}
			}
		}
		return refused
	}
	return s.checkRemoteGroups(*g, add)
}

// needsTask: an update that changes nothing but tags is carried out at once.
func (s *Server) needsTask(g *Group, p groupPatch) bool {
	if p.name != nil && *p.name != g.Name {
		return true
	}
	if p.changesDescription(g) {
		return true
	}
	if !p.rulesGiven {
		return false
	}
	remove, add := s.diffRules(g, p.rules)
	return len(remove) > 0 || len(add) > 0
}

func (p groupPatch) changesDescription(g *Group) bool {
	return p.description != nil && (*p.description != g.Description || g.NullDescription)
}

// newTags are the group's tags after the patch.
func (p groupPatch) newTags(g *Group) ([]Tag, *refusal) {
	switch {
	case !p.tagsGiven:
		return g.Tags, nil
	case p.tags == nil:
		return readOnlyTags(g.Tags), nil
	default:
		return mergeTags(g.Tags, p.tags)
	}
}

// applyPatch carries a checked patch out: fields, then the rules that go, then those that come, then tags.
func (s *Server) applyPatch(g *Group, patch groupPatch, now time.Time) {
	changed := false
	if patch.name != nil && *patch.name != g.Name {
		g.Name, changed = *patch.name, true
	}
	if patch.changesDescription(g) {
		g.Description, g.NullDescription, changed = *patch.description, false, true
	}
	if changed {
		s.touch(g, now)
	}
	if patch.rulesGiven {
		remove, add := s.diffRules(g, patch.rules)
		for i := len(g.Rules) - 1; i >= 0; i-- {
			if remove[i] {
				s.removeRule(g, i, now)
			}
		}
		for _, rule := range add {
			s.addRule(g, rule, now)
		}
	}
	tags, _ := patch.newTags(g) // checked by the caller
	s.setTags(g, tags, now)
}

// diffRules compares the wanted rules with the stored ones by their text. It returns the indexes of the rules that
// go and the rules that come.
func (s *Server) diffRules(g *Group, wanted []plannedRule) (remove map[int]bool, add []Rule) {
	remove = map[int]bool{}
	for i := range g.Rules {
		remove[i] = true
	}
	for _, p := range wanted {
		kept := false
		for i, rule := range g.Rules {
			if remove[i] && p.request.matches(rule) {
				delete(remove, i)
				kept = true
				break
			}
		}
		if !kept {
			add = append(add, p.rule)
		}
	}
	if s.config.PatchKeepsTwins {
		for i := range g.Rules {
			if remove[i] && slices.ContainsFunc(wanted, func(p plannedRule) bool { return p.request.matches(g.Rules[i]) }) {
				delete(remove, i)
			}
		}
	}
	return remove, add
}

// matches tells whether a wanted rule is a stored one. The text decides, description included: 1-65535 is not null,
// 0.0.0.0/0 is not null. An omitted field matches null, its default and, for the protocol, "any".
func (r ruleRequest) matches(rule Rule) bool {
	return r.direction == rule.Direction &&
		matchesText(r.ethertype, rule.Ethertype, "IPv4") &&
		matchesText(r.protocol, rule.Protocol, "any") &&
		matchesText(r.description, rule.Description, "") &&
		equal(r.prefix, rule.RemoteIPPrefix) &&
		equal(r.remoteGroupID, rule.RemoteGroupID) &&
		equal(r.portRangeMin, rule.PortRangeMin) &&
		equal(r.portRangeMax, rule.PortRangeMax)
}

func matchesText(wanted, stored *string, omitted string) bool {
	if wanted == nil {
		return stored == nil || *stored == omitted
	}
	return equal(wanted, stored)
}

func equal[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
