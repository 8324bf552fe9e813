package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// errNoRules is an answer that says nothing about the rules of a group, which
// the API's contract allows. It must not be taken for a group without rules.
var errNoRules = errors.New("the API's answer has no rules in it (field security_group_rules)")

// group reads a group as it is now: for who waits for something to show there,
// and before a PATCH, which must not undo what came meanwhile.
func (c *configured) group(ctx context.Context, at client.Location, groupID string) (client.SecurityGroup, error) {
	group, err := c.client.SecurityGroup(ctx, at, groupID)
	return aboutGroup(groupID, group, err)
}

// recentGroup is for a refresh, and to see what this process has done: what
// others did in the last seconds may be missing.
func (c *configured) recentGroup(ctx context.Context, at client.Location, groupID string) (client.SecurityGroup, error) {
	group, err := c.client.RecentSecurityGroup(ctx, at, groupID)
	return aboutGroup(groupID, group, err)
}

// aboutGroup makes an error of an answer about another group.
func aboutGroup(groupID string, group client.SecurityGroup, err error) (client.SecurityGroup, error) {
	if err == nil && !strings.EqualFold(group.ID, groupID) {
		return client.SecurityGroup{}, fmt.Errorf("the API was asked for security group %s and answered about %q", groupID, group.ID)
	}
	return group, err
}

// groupWithRules reads a group whose rules matter.
func (c *configured) groupWithRules(ctx context.Context, at client.Location, groupID string) (client.SecurityGroup, error) {
	return withRules(c.group(ctx, at, groupID))
}

func withRules(group client.SecurityGroup, err error) (client.SecurityGroup, error) {
	if err == nil && group.Rules == nil {
		err = errNoRules
	}
	return group, err
}

// change is what a PATCH is to bring about.
type change struct {
	// rules tells whether the full list of rules is sent, which wants to be
	// alone with the group.
	rules bool
	// build makes the request from what is there. It is asked again before each
	// repetition, so that what came meanwhile is not lost.
	build func(ctx context.Context) (client.UpdateSecurityGroupRequest, error)
	// differs says in what a group is not as wanted; empty if in nothing.
	differs func(group client.SecurityGroup) string
}

// patch changes a group and reads it back until it is as wanted. If the answer
// or the task is lost, the group tells whether the PATCH was carried out; only
// if not it is sent again.
func (c *configured) patch(ctx context.Context, at client.Location, groupID string, change change) error {
	lock := c.locks.shared
	if change.rules {
		lock = c.locks.exclusive
	}
	release, err := lock(ctx, at, groupID)
	if err != nil {
		return err
	}
	defer release()
	for {
		began := time.Now()
		err := c.patchOnce(ctx, at, groupID, change)
		lost := errors.Is(err, client.ErrAmbiguous)
		if wait, ok := errors.AsType[*client.WaitError](err); ok {
			lost = errors.Is(wait, client.ErrNotFound)
		}
		if err != nil && !lost {
			return err
		}
		if lost {
			if settled := c.settleUpdates(ctx, at, began); settled != nil {
				return errors.Join(err, settled)
			}
		}
		group, readErr := c.readUntil(ctx, at, groupID, func(group client.SecurityGroup) bool { return change.differs(group) == "" })
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		different := change.differs(group)
		if different == "" {
			return nil
		}
		if !lost {
			return fmt.Errorf("the API reports success, but this is not as asked for: %s", different)
		}
	}
}

// patchOnce builds and sends the PATCH, and waits for its tasks. An empty list
// of tasks is success too: nothing had to be changed, or only tags, which
// change at once. If the group changed between build's look at it and the
// PATCH, build looks again, and may find a reason to stop.
func (c *configured) patchOnce(ctx context.Context, at client.Location, groupID string, change change) error {
	var taskIDs []string
	var changed error
	_, err := c.client.Repeat(ctx, handover, func(ctx context.Context) (bool, error) {
		changed = nil
		err := c.pastConflicts(ctx, conflicts{}, func(ctx context.Context) error {
			request, err := change.build(ctx)
			if err != nil {
				return err
			}
			ctx, cancel := c.write(ctx)
			defer cancel()
			taskIDs, err = c.client.UpdateSecurityGroup(ctx, at, groupID, request)
			return err
		})
		if errors.Is(err, client.ErrChanged) {
			changed = err
			return false, nil
		}
		return err == nil, err
	})
	if err = errors.Join(err, changed); err != nil {
		return err
	}
	for _, taskID := range taskIDs {
		if _, err := c.client.WaitForTask(ctx, taskID); err != nil {
			return err
		}
	}
	return nil
}

// settleUpdates waits until no update of a group of that place is under way
// that began then or later.
func (c *configured) settleUpdates(ctx context.Context, at client.Location, began time.Time) error {
	since, known := c.client.ServerTime(began)
	if !known {
		since = time.Time{}
	}
	return c.settle(ctx, at, client.TaskUpdateSecurityGroup, since)
}

// readUntil reads a group until it is ready, or for as long as a finished
// change may take to show. A group that is not there yet is not an error
// before that time is over. All that this process has done has ended before the
// first read, which others may share; the further ones are to show more.
func (c *configured) readUntil(
	ctx context.Context, at client.Location, groupID string, ready func(client.SecurityGroup) bool,
) (client.SecurityGroup, error) {
	var group client.SecurityGroup
	var missing error
	read := c.recentGroup
	_, err := c.client.Repeat(ctx, visibility, func(ctx context.Context) (bool, error) {
		group, missing = read(ctx, at, groupID)
		read = c.group
		if errors.Is(missing, client.ErrNotFound) {
			return false, nil
		}
		return missing == nil && ready(group), missing
	})
	if err == nil {
		err = missing
	}
	return group, err
}

// rulesDiffer names the wanted rules that a group does not have, and the known
// ones that are not wanted and still there.
func rulesDiffer(group client.SecurityGroup, wanted, known []rule.Rule) string {
	if group.Rules == nil {
		return "the rules, of which the answer says nothing"
	}
	have := rulesFromAPI(group)
	var words []string
	if missing := missingFrom(have, wanted); len(missing) > 0 {
		words = append(words, "rules that are missing:\n\n"+bullets(missing))
	}
	unwanted := undeclared(known, wanted)
	var left []rule.Rule
	for _, r := range have {
		if len(undeclared([]rule.Rule{r}, unwanted)) == 0 {
			left = append(left, r)
		}
	}
	if len(left) > 0 {
		words = append(words, "rules that are still there:\n\n"+bullets(left))
	}
	return strings.Join(words, "\n\n")
}

// undeclared lists the rules that have no counterpart of the same identity.
// What is said about a rule does not make it another.
func undeclared(have, declared []rule.Rule) []rule.Rule {
	known := map[rule.Key]bool{}
	for _, r := range declared {
		known[r.Key()] = true
	}
	var foreign []rule.Rule
	for _, r := range have {
		if !known[r.Key()] {
			foreign = append(foreign, r)
		}
	}
	return foreign
}

// bullets lists rules by their readable names.
func bullets(rules []rule.Rule) string {
	lines := make([]string, len(rules))
	for i, r := range rules {
		lines[i] = "  - " + ruleLabel(r)
	}
	return strings.Join(lines, "\n")
}

// ruleLabel is a rule's readable name, with what is said about it.
func ruleLabel(r rule.Rule) string {
	if r.Description == "" {
		return r.Name()
	}
	return fmt.Sprintf("%s (%q)", r.Name(), r.Description)
}
