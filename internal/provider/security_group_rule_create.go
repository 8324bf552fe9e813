package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

func (r *securityGroupRule) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var plan securityGroupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(checkStandaloneRule(ctx, req.Config).Errors()...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := r.operation(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	release, err := r.locks.shared(ctx, plan.location(), plan.GroupID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	defer release()

	wanted := plan.entry().rule("")
	creation := r.ruleCreation(plan.location(), plan.GroupID.ValueString(), wanted)
	plan.ID = r.create(ctx, creation, plan.subject(), req, resp, func(id types.String) any {
		plan.ID = id
		return plan.identity()
	})
	if plan.ID.IsNull() {
		return
	}
	if err := r.confirm(ctx, plan.location(), plan.GroupID.ValueString(), plan.ID.ValueString(), wanted); err != nil {
		resp.Diagnostics.Append(plan.subject().failed("create", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// ruleCreation is the create of a rule in a group.
func (c *configured) ruleCreation(at client.Location, groupID string, wanted rule.Rule) creation {
	request := ruleRequest(wanted, groupID)
	return creation{
		taskType: client.TaskCreateSecurityGroupRule,
		at:       at,
		name:     "rule " + wanted.Name() + " of " + groupID,
		send: func(ctx context.Context) (string, error) {
			return c.client.CreateSecurityGroupRule(ctx, at, groupID, request)
		},
		conflicts: conflicts{blocker: func(ctx context.Context) (inTheWay error, err error) {
			alike, err := c.rulesAlike(ctx, at, groupID, wanted.Key())
			if err != nil || len(alike) == 0 {
				return nil, err
			}
			return ruleExists(at, groupID, alike[0]), nil
		}},
		made: createdRules,
		visible: func(ctx context.Context, id string) (bool, error) {
			group, err := c.groupWithRules(ctx, at, groupID)
			_, there := findRule(group, id)
			if errors.Is(err, client.ErrNotFound) {
				return true, nil // with its group it is gone for good
			}
			return there, err
		},
		resourceType: ruleType,
		importID:     func(id string) string { return groupImportID(at, groupID) + "/" + id },
		lookalikes: func(ctx context.Context, since time.Time) (ids []string, err error) {
			alike, err := c.rulesAlike(ctx, at, groupID, wanted.Key())
			if errors.Is(err, client.ErrNotFound) {
				return nil, nil // what was made went with its group
			}
			for _, r := range alike {
				if text(r.Description) == wanted.Description && madeSince(r.CreatedAt, since) {
					ids = append(ids, r.ID)
				}
			}
			return ids, err
		},
	}
}

func createdRules(task client.Task) []string { return task.CreatedSecurityGroupRules }

// rulesAlike lists the rules of a group that have the given identity.
func (c *configured) rulesAlike(ctx context.Context, at client.Location, groupID string, key rule.Key) ([]client.SecurityGroupRule, error) {
	group, err := c.groupWithRules(ctx, at, groupID)
	var alike []client.SecurityGroupRule
	for _, r := range oldestFirst(group.Rules) {
		if ruleFromAPI("", r).Key() == key {
			alike = append(alike, r)
		}
	}
	return alike, err
}

func ruleExists(at client.Location, groupID string, r client.SecurityGroupRule) error {
	return &existsError{
		what:         fmt.Sprintf("rule %s (%s) of security group %s", ruleFromAPI("", r).Name(), r.ID, groupID),
		resourceType: ruleType, importID: groupImportID(at, groupID) + "/" + r.ID,
	}
}

// confirm reads a new rule back: it has to be there, and to say what was
// wanted.
func (c *configured) confirm(ctx context.Context, at client.Location, groupID, id string, wanted rule.Rule) error {
	var found client.SecurityGroupRule
	var there, told bool
	_, err := c.readUntil(ctx, at, groupID, func(group client.SecurityGroup) bool {
		told = group.Rules != nil
		found, there = findRule(group, id)
		return there
	})
	switch {
	case err != nil:
		return err
	case !told:
		return errNoRules
	case !there:
		return errors.New("the API reports success, but the rule is not in its group")
	}
	if made := ruleFromAPI("", found); made.Key() != wanted.Key() {
		return fmt.Errorf("the API made another rule than it was asked for: %s", made.Name())
	}
	return nil
}
