package secgroup

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// DefaultGroup is the name of the group that the cloud creates in each region of each project by itself and never deletes.
const DefaultGroup = "default"

// GroupSpec is a new group.
type GroupSpec struct {
	Location          client.Location
	Name, Description string
	Tags              map[string]string
	// Rules are exactly the rules to have, where rule.Self stands for the group. Nil: they are not managed here.
	Rules []rule.Rule
	// Others match rules that somebody else may add meanwhile. They stay.
	Others rule.Matchers
	// IgnoredTags are tags that somebody else may set meanwhile.
	IgnoredTags IgnoredTags
	// KeepDefaultRules lets a group whose rules are not managed have those that the API adds. Otherwise it starts
	// empty.
	KeepDefaultRules bool
}

// CreateGroup creates a group, reads it back and completes its rules. The error is a *CreateError if the engine had to find
// out what the create made; a refused request or an expired context is returned as it is. The group is as it was read
// before its rules were completed.
func (s *Service) CreateGroup(ctx context.Context, spec GroupSpec, journal Journal) (client.SecurityGroup, error) {
	id, err := s.create(ctx, s.groupSpec(spec), journal.Pending)
	if err != nil {
		return client.SecurityGroup{}, withMailRules(err, spec.Rules...)
	}
	journal.Created(id)
	return s.complete(ctx, Ref{spec.Location, id}, spec)
}

// FindCreatedGroup finds out what came of a create that was cut off, and returns the id of its group. With wait it lets
// the task end first. The error is a *CreateError if there is no group, or not yet.
func (s *Service) FindCreatedGroup(ctx context.Context, spec GroupSpec, p *Pending, wait bool) (id string, err error) {
	return s.findCreated(ctx, s.groupSpec(spec), p, wait)
}

// request is the POST of a group. It has `rules` even if the list is empty, since without it the API adds its default
// rules; only KeepDefaultRules leaves it out. Rules that name the group itself have to wait for its id.
func (spec GroupSpec) request() client.CreateSecurityGroupRequest {
	request := client.CreateSecurityGroupRequest{Name: spec.Name, Description: spec.Description, Tags: spec.Tags}
	if spec.Rules == nil && spec.KeepDefaultRules {
		return request
	}
	rules := []client.RuleRequest{}
	for _, r := range spec.rulesOfPost() {
		rules = append(rules, createRequest(r, ""))
	}
	request.Rules = &rules
	return request
}

// rulesOfPost are the rules that the POST can carry.
func (spec GroupSpec) rulesOfPost() []rule.Rule {
	if overflowsWithDefaults(spec.Rules) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(spec.Rules), func(r rule.Rule) bool { return r.RemoteGroupID == rule.Self })
}

// overflowsWithDefaults reports whether the two default egress rules, which the API may add to a list without egress,
// would pass the limit of a group.
func overflowsWithDefaults(rules []rule.Rule) bool {
	egress := slices.ContainsFunc(rules, func(r rule.Rule) bool { return r.Direction == rule.Egress })
	return !egress && len(rules) > rule.GroupLimit-len(defaultEgress)
}

// defaultEgress are the rules that the API may add to a list without egress.
var defaultEgress = []rule.Rule{
	{Direction: rule.Egress, Ethertype: rule.IPv4},
	{Direction: rule.Egress, Ethertype: rule.IPv6},
}

func (s *Service) groupSpec(spec GroupSpec) createSpec {
	request, at := spec.request(), spec.Location
	return createSpec{
		group:    Ref{Location: at},
		taskType: client.TaskCreateSecurityGroup,
		lockName: "group named " + request.Name,
		patience: patience,
		repeats:  lostFor,
		post: func(ctx context.Context) (string, error) {
			return s.client.CreateSecurityGroup(ctx, at, request)
		},
		holder: func(ctx context.Context) (*CreateError, error) {
			for group, err := range s.groupsNamed(ctx, at, request.Name) {
				if err != nil {
					return nil, err
				}
				return &CreateError{
					Outcome: Exists, Group: Ref{Location: at}, Candidates: []string{group.ID},
					Holder: fmt.Sprintf("security group %q (%s)", group.Name, group.ID),
				}, nil
			}
			return nil, nil
		},
		created: func(task client.Task) []string { return task.CreatedSecurityGroups },
		shown: func(group client.SecurityGroup, _ string, since time.Time) (there bool, different string) {
			switch {
			case group.Name != request.Name:
				different = fmt.Sprintf("is named %q", group.Name)
			case !madeBetween(group.CreatedAt, since, time.Time{}):
				different = "was made before, at " + group.CreatedAt.Format(time.RFC3339)
			}
			return true, different
		},
		lookalikes: func(ctx context.Context) (alike []lookalike, err error) {
			for group, err := range s.groupsNamed(ctx, at, request.Name) {
				if err != nil {
					return nil, err
				}
				if spec.isAsked(spec.ours(group), request) {
					alike = append(alike, lookalike{group.ID, group.CreatedAt})
				}
			}
			return alike, nil
		},
		asked: func(sent client.TaskRequest) bool { return isSame(sent, request) },
	}
}

// groupsNamed lists the groups of exactly that name.
func (s *Service) groupsNamed(ctx context.Context, at client.Location, name string) iter.Seq2[client.SecurityGroup, error] {
	return func(yield func(client.SecurityGroup, error) bool) {
		for group, err := range s.ListGroups(ctx, at, client.SecurityGroupFilter{Name: name}) {
			if (err != nil || group.Name == name) && !yield(group, err) {
				return
			}
		}
	}
}

// isSame reports whether a request, as a task's data repeats it, is the same.
func isSame(sent client.TaskRequest, request client.CreateSecurityGroupRequest) bool {
	tags := map[string]string{}
	for key, value := range sent.Tags {
		tags[key] = text(value)
	}
	same := text(sent.Name) == request.Name && text(sent.Description) == request.Description && maps.Equal(tags, request.Tags)
	if sent.Rules == nil || request.Rules == nil {
		return same && sent.Rules == request.Rules
	}
	return same && rule.Same(RulesFromRequests(*sent.Rules), RulesFromRequests(*request.Rules))
}

// isAsked reports whether a group is in every respect what a request asked for. It may have the default egress rules
// beside a list of rules.
func (spec GroupSpec) isAsked(group client.SecurityGroup, request client.CreateSecurityGroupRequest) bool {
	if group.Description != request.Description || !maps.Equal(spec.IgnoredTags.Without(UserTags(group)), request.Tags) {
		return false
	}
	if request.Rules == nil {
		return true
	}
	asked := RulesFromRequests(*request.Rules)
	have := RulesFromAPI(group)
	extra := rule.Missing(asked, have)
	if len(extra) > 0 && (len(asked) == 0 || len(rule.Unplanned(extra, defaultEgress)) > 0) {
		return false
	}
	return len(rule.Missing(have, asked)) == 0
}

// complete reads a new group back. Then one PATCH adds the rules that the POST could not carry, and removes default egress
// rules that the API added.
func (s *Service) complete(ctx context.Context, ref Ref, spec GroupSpec) (client.SecurityGroup, error) {
	group, err := s.readUntil(begun(ctx), ref, func(group client.SecurityGroup) bool {
		return spec.Rules == nil || group.Rules != nil && !spec.sentRulesPending(RulesFromAPI(spec.ours(group)))
	})
	if err != nil || spec.Rules == nil {
		return group, err
	}
	if group, err = requireRules(group, nil); err != nil || rule.Same(spec.Rules, RulesFromAPI(spec.ours(group))) {
		return group, err
	}
	err = s.UpdateGroup(ctx, ref, GroupUpdate{
		Rules: &RulesDiff{Wanted: spec.Rules, Known: slices.Concat(spec.rulesOfPost(), defaultEgress), Others: spec.Others},
	})
	if unplanned, ok := errors.AsType[*UnplannedRulesError](err); ok {
		unplanned.Completing = true
	}
	if err != nil {
		err = fmt.Errorf("the group exists, its rules could not be completed: %w", err)
	}
	return group, err
}

// ours is a group without the rules of others.
func (spec GroupSpec) ours(group client.SecurityGroup) client.SecurityGroup {
	ours, _ := Ours(group, spec.Others, slices.Concat(spec.Rules, defaultEgress))
	return ours
}

// sentRulesPending reports whether the group differs only by rules that were sent with its create and do not show yet.
func (spec GroupSpec) sentRulesPending(have []rule.Rule) bool {
	missing := rule.Missing(have, spec.Rules)
	return len(missing) > 0 && len(rule.Missing(spec.Rules, have)) == 0 && len(rule.Missing(spec.rulesOfPost(), missing)) == 0
}

// DeleteGroup deletes a group and its rules. A group that no longer exists counts as deleted. While the group is in use, it
// tries again until ctx ends, since what uses it may be deleted in the same run; the error is then an *InUseError, whatever
// ended ctx.
func (s *Service) DeleteGroup(ctx context.Context, group Ref) error {
	release, err := s.locks.exclusive(ctx, group)
	if err != nil {
		return err
	}
	defer release()
	turn := s.turns.of(ctx, group)
	defer turn.end()
	var conflict error
	err = s.attempt(ctx, retriedWrite{
		turn: turn,
		send: func(ctx context.Context) error {
			err := s.clarify(ctx, group, s.client.DeleteSecurityGroup(ctx, group.Location, group.ID))
			if errors.Is(err, client.ErrNotFound) {
				return nil
			}
			return err
		},
		conflict: func(_ context.Context, answer error) error { conflict = answer; return nil },
		lost: func(ctx context.Context, _ error) (bool, error) {
			gone, _ := s.isGone(ctx, group, "")
			return gone, nil
		},
	})
	if conflict == nil || ctx.Err() == nil || errors.Is(err, client.ErrAmbiguous) {
		return err
	}
	return &InUseError{Instances: s.users(begun(ctx), group), Conflict: conflict, Ended: client.Ended(ctx)}
}

// users lists the instances that use a group, as far as the API lists them.
func (s *Service) users(ctx context.Context, group Ref) []client.Instance {
	instances, _, err := s.ListInstances(ctx, group)
	if err != nil {
		return nil
	}
	return instances
}
