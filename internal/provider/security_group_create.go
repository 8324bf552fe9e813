package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroup) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(checkGroup(ctx, req.Config, types.StringNull()).Errors()...)
	entries, diags := decodeRules(ctx, plan.Rules)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()

	rules := rulesOf(entries, "")
	plan.ID = r.create(ctx, r.groupCreation(plan, rules), plan.subject(), req, resp, func(id types.String) any {
		plan.ID = id
		return plan.identity()
	})
	if plan.ID.IsNull() {
		return
	}
	if !plan.Rules.IsNull() {
		by := owner{resourceType: groupType, declares: keysOf(rules), config: req.Config.Raw}
		resp.Diagnostics.Append(ownership(attribute("rules"), r.owners.ownAll(plan.location(), plan.ID.ValueString(), by))...)
	}
	group, err := r.completed(ctx, plan, rules)
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	plan.fill(group)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// groupCreation is the create of a group. The model is a plan, or the state
// that a create left behind.
func (c *configured) groupCreation(model securityGroupModel, rules []rule.Rule) creation {
	request, at := createRequest(model, rules), model.location()
	named := func(ctx context.Context, visit func(client.SecurityGroup) bool) error {
		for group, err := range c.client.SecurityGroups(ctx, at, client.SecurityGroupFilter{Name: request.Name}) {
			if err != nil {
				return err
			}
			if group.Name == request.Name && !visit(group) {
				return nil
			}
		}
		return nil
	}
	return creation{
		taskType: client.TaskCreateSecurityGroup,
		at:       at,
		name:     "group named " + request.Name,
		send: func(ctx context.Context) (string, error) {
			return c.client.CreateSecurityGroup(ctx, at, request)
		},
		conflicts: conflicts{blocker: func(ctx context.Context) (inTheWay error, err error) {
			err = named(ctx, func(group client.SecurityGroup) bool {
				inTheWay = groupExists(at, group)
				return false
			})
			return inTheWay, err
		}},
		made: createdGroups,
		visible: func(ctx context.Context, id string) (bool, error) {
			_, err := c.group(ctx, at, id)
			if errors.Is(err, client.ErrNotFound) {
				return false, nil
			}
			return err == nil, err
		},
		resourceType: groupType,
		importID:     func(id string) string { return groupImportID(at, id) },
		lookalikes: func(ctx context.Context, since time.Time) (ids []string, err error) {
			err = named(ctx, func(group client.SecurityGroup) bool {
				if madeSince(group.CreatedAt, since) && isAsked(group, request) {
					ids = append(ids, group.ID)
				}
				return true
			})
			return ids, err
		},
	}
}

func createdGroups(task client.Task) []string { return task.CreatedSecurityGroups }

// madeSince tells whether something was made at that time or later. What has
// no time that could be read may have been.
func madeSince(made client.Time, since time.Time) bool { return made.IsZero() || !made.Before(since) }

// isAsked tells whether a group is in every respect what a request asked for.
// Beyond the rules that were asked for it may have the default egress rules,
// which the API may add to a list that has none.
func isAsked(group client.SecurityGroup, request client.CreateSecurityGroupRequest) bool {
	if group.Description != request.Description || !maps.Equal(userTags(group), request.Tags) {
		return false
	}
	if request.Rules == nil {
		return true
	}
	have := rulesFromAPI(group)
	asked := make([]rule.Rule, 0, len(*request.Rules))
	for _, r := range *request.Rules {
		asked = append(asked, ruleFromRequest(r))
	}
	for _, extra := range missingFrom(asked, have) {
		if extra.Key() != (rule.Rule{Direction: rule.Egress, Ethertype: extra.Ethertype}).Key() || len(asked) == 0 {
			return false
		}
	}
	return len(missingFrom(have, asked)) == 0
}

// completed reads the group that was just made, and brings its rules to what is
// wanted. The create cannot do that alone: a rule that names its own group
// needs the group's id, and the API may add default egress rules to a list that
// has none.
func (r *securityGroup) completed(ctx context.Context, plan securityGroupModel, wanted []rule.Rule) (client.SecurityGroup, error) {
	at, id := plan.location(), plan.ID.ValueString()
	group, err := r.readUntil(ctx, at, id, func(group client.SecurityGroup) bool {
		return plan.Rules.IsNull() || group.Rules != nil && !mayStillAppear(wanted, rulesFromAPI(group))
	})
	switch {
	case err != nil, plan.Rules.IsNull():
		return group, err
	case group.Rules == nil:
		return group, errNoRules
	case sameRules(wanted, rulesFromAPI(group)):
		return group, nil
	}
	err = r.patch(ctx, at, id, change{
		rules: true,
		build: func(ctx context.Context) (client.UpdateSecurityGroupRequest, error) {
			return client.UpdateSecurityGroupRequest{Rules: rulesRequest(wanted, group)}, nil
		},
		differs: func(group client.SecurityGroup) string { return rulesDiffer(group, wanted, rulesFromAPI(group)) },
	})
	if err != nil {
		return group, fmt.Errorf("the group exists, its rules could not be completed: %w", err)
	}
	return group, nil
}

// mayStillAppear tells whether all that differs is rules that were sent with
// the create and are not visible yet.
func mayStillAppear(wanted, have []rule.Rule) bool {
	missing := missingFrom(have, wanted)
	if len(missing) == 0 || len(missingFrom(wanted, have)) > 0 || overflowsWithDefaults(wanted) {
		return false
	}
	return !slices.ContainsFunc(missing, func(r rule.Rule) bool { return r.RemoteGroupID == rule.Self })
}
